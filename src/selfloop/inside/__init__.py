"""From a trained model and a user's sequences to what is shown of it."""
