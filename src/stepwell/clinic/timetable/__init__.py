"""Timetable: programs, tracks and groups, their meetings as rows, and who has a seat in which.
"""
