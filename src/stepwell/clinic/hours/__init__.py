"""Hours: ordered, delivered, booked and at risk, for each patient and each week of the site.

Here the ledger says whether a week will hold what was ordered, until when it can still be saved, how much of
each kind of treatment was given, and who is short of a day the payer will pay for. Case managers and counselors
work on it: seats that would mend a week are offered, held for a time, and taken or declined on the patient's phone.

Hands on: the well that is drawn wherever a patient is listed, the list of hours to save, and the weekly report.
"""
