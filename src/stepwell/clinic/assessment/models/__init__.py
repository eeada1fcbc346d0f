"""The tables of assessment: questionnaires and alerts, the interview, diagnoses, ratings, turns at the tablet."""

from stepwell.clinic.assessment.models.diagnoses import Diagnosis, DiagnosisEvent, DiagnosisEventKind
from stepwell.clinic.assessment.models.interviews import IntakeInterview, SubstanceUse
from stepwell.clinic.assessment.models.lobby import LobbyTurn
from stepwell.clinic.assessment.models.ratings import DimensionalRating
from stepwell.clinic.assessment.models.screenings import (
    Alert,
    AlertAcknowledgement,
    AlertSeverity,
    AlertTold,
    Screening,
    ScreeningWay,
)
from stepwell.clinic.assessment.models.wordings import InstrumentText

__all__ = [
    "Alert",
    "AlertAcknowledgement",
    "AlertSeverity",
    "AlertTold",
    "Diagnosis",
    "DiagnosisEvent",
    "DiagnosisEventKind",
    "DimensionalRating",
    "InstrumentText",
    "IntakeInterview",
    "LobbyTurn",
    "Screening",
    "ScreeningWay",
    "SubstanceUse",
]
