"""One patient on one page: the head that every tab shares, the overview, and who saw this."""
