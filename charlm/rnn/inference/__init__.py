"""What a trained network says: scores, draws, and what it learns while it reads."""
