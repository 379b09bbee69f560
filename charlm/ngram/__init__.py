"""The count-based family: an order-n Markov chain with smoothed probabilities."""
