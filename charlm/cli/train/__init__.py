"""`charlm train`: both families, from texts to a model file."""
