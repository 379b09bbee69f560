"""Work side by side: threads, processes, and how many cores there are for them."""
