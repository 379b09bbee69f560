"""`charlm info`: what a model file holds, and what a model knows."""
