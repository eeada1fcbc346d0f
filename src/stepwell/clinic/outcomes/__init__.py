"""Outcomes: census, attendance, hours, retention and change in scores, counted on the day they are asked for.
"""
