"""Character language models: n-gram and recurrent, in NumPy, compared by one honest number."""

__version__ = "0.1.0"
