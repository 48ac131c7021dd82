"""What comes next: the next symbol of a text or of events, or the next frame of channels that are on or off."""
