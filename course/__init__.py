"""Exercises of the course: files with gaps, and what checks them (`make exercise N=1`)."""
