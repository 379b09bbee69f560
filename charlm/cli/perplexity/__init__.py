"""`charlm perplexity`: the one number, and the comparisons."""
