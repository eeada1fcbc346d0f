"""The rules of medication: the drug content pack, orders, doses, side effects."""

from stepwell.clinic.medication.rules.doses import (
    Dose,
    DoseDue,
    DoseOutcome,
    DueState,
    Severity,
    SideEffectAdvice,
    may_record_dose,
    next_dose_due,
    side_effect,
    side_effects,
)
from stepwell.clinic.medication.rules.drugs import (
    DoseRange,
    Drug,
    Frequency,
    Product,
    drug,
    drugs,
    frequencies,
    frequency,
)
from stepwell.clinic.medication.rules.orders import (
    Order,
    OrderCheck,
    active_on,
    check_order,
    prescribed_classes,
)

__all__ = [
    "Dose",
    "DoseDue",
    "DoseOutcome",
    "DoseRange",
    "Drug",
    "DueState",
    "Frequency",
    "Order",
    "OrderCheck",
    "Product",
    "Severity",
    "SideEffectAdvice",
    "active_on",
    "check_order",
    "drug",
    "drugs",
    "frequencies",
    "frequency",
    "may_record_dose",
    "next_dose_due",
    "prescribed_classes",
    "side_effect",
    "side_effects",
]
