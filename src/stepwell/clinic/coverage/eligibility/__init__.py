"""Asking payers electronically what they pay: questions, answers as they came, benefits read out of them, what is due again.

Admissions, billers and utilization review ask; `stepwell.edi` carries questions and answers as X12. What could be read
becomes a row of `coverage.Benefits`; what could not waits for a person.
"""
