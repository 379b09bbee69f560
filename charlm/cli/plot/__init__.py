"""`charlm plot`: how networks learnt, as a picture."""
