"""A tour as one HTML file."""
