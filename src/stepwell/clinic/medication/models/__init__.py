"""The tables of medication: the list, orders, doses, and what is watched."""

from stepwell.clinic.medication.models.doses import Dose, DoseOutcome, TakeHome
from stepwell.clinic.medication.models.lists import (
    Allergy,
    Medication,
    NoKnownAllergies,
    Reconciliation,
    ReconciliationLine,
    ReconciliationOccasion,
)
from stepwell.clinic.medication.models.orders import (
    CheckFound,
    MedicationOrder,
    SafetyFact,
    StartCheck,
    Supply,
    TitrationStep,
)
from stepwell.clinic.medication.models.watching import (
    NaloxoneCameOf,
    NaloxoneOffer,
    SideEffect,
    SideEffectFollowUp,
    WithdrawalReading,
    WithdrawalWatch,
)

__all__ = [
    "Allergy",
    "CheckFound",
    "Dose",
    "DoseOutcome",
    "Medication",
    "MedicationOrder",
    "NaloxoneCameOf",
    "NaloxoneOffer",
    "NoKnownAllergies",
    "Reconciliation",
    "ReconciliationLine",
    "ReconciliationOccasion",
    "SafetyFact",
    "SideEffect",
    "SideEffectFollowUp",
    "StartCheck",
    "Supply",
    "TakeHome",
    "TitrationStep",
    "WithdrawalReading",
    "WithdrawalWatch",
]
