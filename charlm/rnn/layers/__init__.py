"""What networks are made of, but for their cells: embedding, output, loss, dropout, parameters."""
