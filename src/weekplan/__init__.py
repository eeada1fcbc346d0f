"""The week optimiser: from orders, windows, rooms and leaders to a week that fits.

A package of its own: it imports neither Django nor `stepwell`. Only here OR-Tools and HiGHS are used.
Read `case.py` and `plan.py` first, then `docs/algorithms/week.md`.
"""
