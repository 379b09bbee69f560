"""`charlm score`: bits by symbol, word or line, as a table, a page or a picture."""
