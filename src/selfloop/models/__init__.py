"""A trained model as data: its description, its file, and what it is asked. No torch here."""
