"""Placement: which level of care, and what happens to it over time?

Here: the recommended level with the facts that fired and what would change it, the safety gates before
admission, admission (which opens the episode), stepping up and down, transfer, discharge.
Who: the counselor recommends, the clinical supervisor or prescriber admits and overrides, the team reviews.
Hands on: the level on any given day and the weekly hours it asks for, to plan, timetable, hours and billing.
The table of rules here is Stepwell's own and not the ASAM Criteria; a site may load the one it has licensed.
"""
