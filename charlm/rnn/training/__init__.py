"""Training a network: plan, batches, steps, optimisers, workers, checkpoints."""
