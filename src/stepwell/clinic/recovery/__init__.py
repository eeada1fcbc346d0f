"""Recovery: what happens between the sessions.

Here: check-ins, cravings, days of sobriety, homework, the relapse-prevention plan, the safety plan, messages.
Who: the patient first of all, family members with their homework, the peer specialist who answers alerts.
Hands on: alerts that want an answer today to the team, cravings and use to placement's signals, plans to aftercare.
"""
