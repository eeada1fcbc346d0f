"""How the program does: charts with their numbers beneath, one click to the names."""
