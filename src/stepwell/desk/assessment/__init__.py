"""The Assessments tab: what is due, scores and their course, the interview, ratings, diagnoses, alerts."""
