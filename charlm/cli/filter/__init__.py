"""`charlm filter`: the documents of a corpus that a model finds likely."""
