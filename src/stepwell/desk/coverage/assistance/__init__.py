"""Help with the price at the desk: what waits, a person's applications, funds, visits and plans."""
