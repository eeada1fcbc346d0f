"""Every write of assessment: questionnaires, alerts, the interview, diagnoses, ratings, turns at the tablet."""

from stepwell.clinic.assessment.actions.alerts import acknowledge_alert, escalate_alerts, raise_alert
from stepwell.clinic.assessment.actions.diagnosing import end_diagnosis, make_primary, record_diagnosis
from stepwell.clinic.assessment.actions.interviewing import (
    draft_interview_summary,
    revise_interview,
    save_interview,
    sign_interview,
)
from stepwell.clinic.assessment.actions.lobby import end_lobby_turn, hand_over_tablet, open_lobby_turn
from stepwell.clinic.assessment.actions.rating import Cited, rate_dimensions, rate_fourth_edition
from stepwell.clinic.assessment.actions.screenings import correct_screening, mark_in_error, record_screening
from stepwell.clinic.assessment.actions.wordings import load_wording

__all__ = [
    "Cited",
    "acknowledge_alert",
    "correct_screening",
    "draft_interview_summary",
    "end_diagnosis",
    "end_lobby_turn",
    "escalate_alerts",
    "hand_over_tablet",
    "load_wording",
    "make_primary",
    "mark_in_error",
    "open_lobby_turn",
    "raise_alert",
    "rate_dimensions",
    "rate_fourth_edition",
    "record_diagnosis",
    "record_screening",
    "revise_interview",
    "save_interview",
    "sign_interview",
]
