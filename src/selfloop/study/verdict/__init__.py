"""From trials to what may be claimed, in numbers and in words."""
