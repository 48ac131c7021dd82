"""The frozen dataclasses that packages exchange. No torch here."""
