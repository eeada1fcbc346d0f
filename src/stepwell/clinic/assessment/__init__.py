"""Assessment: what is the matter, and how serious is it?

Here: the intake interview, the questionnaires with their scores, and the six dimensional ratings.
Who: the intake counselor and the patient; a nurse for withdrawal; every counselor again at each review.
Hands on: complete scores, safety alerts that want an answer today, and ratings with their reasons, to
placement (which level of care), plan (which problems) and outcomes (what changed).
"""
