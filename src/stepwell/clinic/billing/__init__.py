"""Billing: a signed day of attendance becomes a charge, a charge becomes money received or owed.

Here signed sessions that were not billed yet are pulled, judged by the payer's dated rule, and charged; what
payers and patients paid is posted; the patient gets a statement. The biller works the list of days that are
ready and of those that are not, each with its reason. A charge made by mistake is voided, never erased.

Hands on: the balance of a patient, and claims to the payer.
"""
