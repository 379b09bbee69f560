"""Models judged: bits, comparisons, intervals, which model a line is of, a look inside."""
