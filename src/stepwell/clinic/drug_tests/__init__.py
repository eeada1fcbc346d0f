"""Drug tests: when is a test due, was the specimen good, and what does the result say?

Here: random selection nobody can foresee, collection and custody, results read against what is prescribed.
Who: the prescriber or the program's schedule orders, a trained staff member collects, a clinician reviews.
Hands on: readings to the counselor and the prescriber, counts to placement's signals and to outcomes.
A test is a clinical instrument. No reading here ever advises to end treatment.
"""
