"""Networks that learn to remember: `selfloop tour`."""
