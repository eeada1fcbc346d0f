"""Good-faith estimates for people who pay themselves: who is due one, by when, and what was given.

Whoever has no insurance or does not use it gets an estimate in writing before the visits (45 CFR 149.610). Here
the asking is written down with its deadline, the document is made from the site's rates, and kept as it was given.

Hands on: what is still due, with the days that are left.
"""
