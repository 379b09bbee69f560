"""Networks in PyTorch: the same arrays, the same numbers."""
