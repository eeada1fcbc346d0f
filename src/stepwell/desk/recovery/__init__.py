"""Recovery in the chart: check-ins with their line, the two plans, homework."""
