"""`charlm sample`: texts from a model, coloured by surprise, new ones only."""
