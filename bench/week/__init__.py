"""`make bench-week`: the optimiser beside other ways to make the same week, on the same cores in the same seconds."""
