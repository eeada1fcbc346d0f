"""The independent checker: does a plan keep every rule of its case, and does it cost what it says?

It works on the two JSON objects, with the standard library alone. It imports nothing of the rest of `weekplan`, so
that a mistake of the optimiser, or of how it reads a case, cannot hide here; a test holds that. What a key that was
left out means it takes from the published schema. `docs/algorithms/week.md` is what it follows, line by line.
"""

from weekplan.check.report import Report, check

__all__ = ["Report", "check"]
