"""`charlm identify`: which model explains each line of a text best."""
