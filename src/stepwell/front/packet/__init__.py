"""The intake papers on one's own phone: a secret address, the date of birth, questions, papers to sign. No account.

Before the date of birth is right, nothing on these pages tells whose they are or what they are about.
"""
