"""Coverage: who pays, what the plan said, and what the whole episode will cost before the first visit.

Here payers and policies are put on file, benefits are checked and written down with day and channel, the
sliding fee is determined from income and household, and the price of the planned episode is estimated.
The admissions coordinator does it on the phone; the biller keeps it up to date.

Hands on: an estimate with its arithmetic for the patient, benefits and determinations that billing asks for.
"""
