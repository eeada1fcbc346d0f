"""Outcomes: who stayed, who came, what was delivered, and whether people got better.

Here retention, attendance, hours delivered against ordered, completion and the change in scores are counted
from what the earlier steps wrote, each with its interval and with small numbers held back. The program
director reads it; nobody enters anything.

Hands on: the pages and reports that compare the program with its own past and with published national figures.
"""
