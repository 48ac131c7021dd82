"""What a model remembers, as one HTML file or as a part of another page."""
