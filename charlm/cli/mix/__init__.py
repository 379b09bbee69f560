"""`charlm mix`: a mixture, tuned on a text."""
