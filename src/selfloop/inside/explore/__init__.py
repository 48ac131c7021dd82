"""One sequence through a trained model, number by number: `selfloop.explore`."""
