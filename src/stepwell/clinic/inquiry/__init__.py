"""Inquiry: somebody asks for help, and is answered, referred on warmly or booked for an intake.

Here every request lands in a queue with its age and the time by which it should be answered: from the public
page, by phone, from a referral or as an inpatient hand-off. The admissions coordinator answers, tries again,
refers elsewhere with a reason and a person to call, or books the intake. Danger ticked by the person is shown
before anything else.

Hands on: a booked intake with a person's record behind it, and the reasons why others went elsewhere.
"""
