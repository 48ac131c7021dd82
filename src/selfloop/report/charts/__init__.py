"""One module a picture; each takes a result and returns a `Picture`, or None where there is nothing to draw."""
