"""Where trials run: here and now, or in processes."""
