"""Text from a model: drawing symbols, when to stop, and what of it is new."""
