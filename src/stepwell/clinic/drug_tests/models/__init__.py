"""The tables of drug tests: draws, tests and specimens, what laboratories send, and rewards."""

from stepwell.clinic.drug_tests.models.laboratory import LabFile, LabMessage, LabReport, LabReportState
from stepwell.clinic.drug_tests.models.rewards import RewardEntry, RewardKind, RewardPlan
from stepwell.clinic.drug_tests.models.tests import (
    Collection,
    CustodyStep,
    PanelResult,
    RandomDraw,
    SealedSeed,
    TestExcuse,
    TestNotice,
    TestOrder,
    TestOrderReason,
)

__all__ = [
    "Collection", "CustodyStep", "LabFile", "LabMessage", "LabReport", "LabReportState", "PanelResult", "RandomDraw",
    "RewardEntry", "RewardKind", "RewardPlan", "SealedSeed", "TestExcuse", "TestNotice", "TestOrder", "TestOrderReason",
]  # fmt: skip
