"""The recurrent family: networks, their gradients and their training, in NumPy."""
