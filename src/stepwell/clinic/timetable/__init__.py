"""Timetable: programs, tracks and groups, and the occurrences that people are booked into.

Here a group is set up with facilitator, room or video, capacity and its wall times; its occurrences are made
as rows; patients are enrolled and booked into seats. The program director sets it up, the front desk books.
Overlaps of a room, a facilitator or a patient are refused by the database, and shown here before.

Hands on: occurrences with seats, which sessions, the hours ledger and the week on the wall are made of.
"""
