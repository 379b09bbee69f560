"""Sweeps: many trainings on the same texts, compared over seeds and over texts."""
