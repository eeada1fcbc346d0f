"""Inquiry: somebody asks for help, and is answered, referred on or booked for an intake.
"""
