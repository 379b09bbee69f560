"""Arithmetic coding with a model: the proof that its bits are real."""
