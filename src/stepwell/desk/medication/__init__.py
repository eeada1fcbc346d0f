"""Medication for staff: the round with the doses due, and the tab of one chart."""
