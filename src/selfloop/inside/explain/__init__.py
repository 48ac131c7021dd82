"""What a trained model remembers, over many sequences: `selfloop.explain`."""
