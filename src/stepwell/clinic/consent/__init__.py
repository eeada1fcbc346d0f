"""Consent: what a patient allowed, in writing, to be told to whom, about what and why (42 CFR Part 2).

Here a consent is written, signed, revoked in whole or for one party, and superseded; and every question
"may this be shown or sent?" is answered. Front desk and counselors record, patients sign and revoke, the
compliance officer reads what was disclosed. Nothing recorded here is ever overwritten.

Hands on: `rules.permits`, which every screen, export, letter and API of the house asks before it shows a
patient's record to anybody outside the treating team, and the notice that must travel with a disclosure.
"""
