"""`charlm rank`: candidates in the order of how likely they are."""
