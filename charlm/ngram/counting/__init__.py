"""Counts of n-grams of every length, from one sort of windows."""
