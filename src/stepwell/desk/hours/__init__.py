"""Hours on the staff's pages: who is short this week, and how it can be mended."""
