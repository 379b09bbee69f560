"""`charlm continue`: a text that grows in turns."""
