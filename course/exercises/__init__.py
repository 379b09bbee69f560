"""One file an exercise. Fill the gaps, where it says `...`, and run `make exercise N=1`."""
