"""`charlm demo`: both families and their mixture, in half a minute."""
