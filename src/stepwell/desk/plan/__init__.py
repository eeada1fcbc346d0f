"""The Plan tab: the plan as a page one would frame, its draft, signatures, reviews, order and care team."""
