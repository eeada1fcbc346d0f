"""Hours: ordered, delivered, booked and at risk, for each patient and each week of the site.

Here the ledger says whether a week will hold what was ordered, until when it can still be saved, how much of
each kind of treatment was given, and who is minutes short of a day the payer will pay for. Case managers and
counselors work on it; make-up sessions that fit are offered from it.

Hands on: the well that is drawn wherever a patient is listed, and the list of who is short.
"""
