"""What an n-gram model says: scores, distributions, draws, and what it learns while it reads."""
