"""Gradients looked at: checked against differences, and followed back through time."""
