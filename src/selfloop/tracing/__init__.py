"""What happened inside recurrent layers: gates, states and their gradients at every step: `selfloop.trace`."""
