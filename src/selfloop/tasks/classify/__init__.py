"""Classification: one label for a whole sequence."""
