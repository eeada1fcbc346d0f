"""Medication: what is taken, what is ordered, what was given, and how it is borne?

Here: the medication list, orders with their warnings, doses given, refused or held, side effects.
Who: the prescriber orders and stops, the nurse gives and records, the patient reports what they feel.
Hands on: prescribed drug classes to drug tests, the active list to hand-overs, refusals and severe side effects
to the prescriber.
The drug facts are a content pack with its sources; the prescriber decides, and a dose outside it only warns.
"""
