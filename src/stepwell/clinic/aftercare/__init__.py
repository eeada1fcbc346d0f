"""Aftercare: the discharge summary, continuing care, and the follow-up calls that are due.
"""
