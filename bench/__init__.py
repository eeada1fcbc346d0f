"""How fast Stepwell is, measured beside the bare floor in one run: `make bench`."""
