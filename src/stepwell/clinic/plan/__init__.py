"""Plan: what is worked on, how, how much, and until when?

Here: problems, goals, objectives with a measure and a date, interventions with their kind and weekly minutes,
signatures, reviews, the care team.
Who: the counselor writes it with the patient, both sign it, the supervisor co-signs where the state asks.
Hands on: the weekly dose of each kind of treatment to timetable and hours, objectives to the notes of sessions.
"""
