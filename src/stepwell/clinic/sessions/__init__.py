"""Sessions: who came, for how many minutes, and the note that says what happened.

Here the front desk and the facilitator record arrivals, absences and minutes; the facilitator writes one group
note with a part for each person and signs it; a supervisor co-signs where the credential asks for it. Nothing
signed ever changes: what is to be added or corrected is an addendum.

Hands on: minutes attended to the hours ledger, and signed notes to billing.
"""
