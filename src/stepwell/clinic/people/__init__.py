"""People: patients and those around them, staff and what they may do, sites and rooms.

Here a person gets one record and no second one, says how and when it is safe to be reached, and names who is
told in an emergency; staff have credentials that decide which sessions they may lead and what they may sign
alone. The front desk and admissions write; everybody else reads.

Hands on: the person everything else belongs to, neutral wording for every message, and the credential that
sessions and billing ask for.
"""
