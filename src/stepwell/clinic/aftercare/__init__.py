"""Aftercare: the discharge summary, the plan for what comes next, and the calls that show how people are.

Here a discharge is written up until nothing is missing, the next appointment is checked to be near, and calls
30, 60, 90, 180 and 365 days later become due work with a rule for how often to try. Counselors write the
summary, case managers the plan, peer specialists call.

Hands on: how people are a year later to outcomes, and somebody in trouble back to inquiry without waiting.
"""
