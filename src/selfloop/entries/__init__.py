"""The user's own candidates: what they may be, and estimators among them fitted and asked."""
