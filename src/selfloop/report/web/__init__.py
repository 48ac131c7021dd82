"""What pages are made of: templates, styles, scripts, and what puts them together."""
