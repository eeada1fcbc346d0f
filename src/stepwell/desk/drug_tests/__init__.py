"""Drug tests for staff: what to collect, enter and review, the random draw, and the grid of one chart."""
