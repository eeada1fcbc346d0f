"""Every write of medication: lists, orders and checks, doses, side effects, naloxone, withdrawal."""

from stepwell.clinic.medication.actions.doses import record_dose, send_home
from stepwell.clinic.medication.actions.lists import (
    Decided,
    end_allergy,
    end_medication,
    reconcile,
    record_allergy,
    record_medication,
    say_no_known_allergies,
)
from stepwell.clinic.medication.actions.orders import (
    PassedOver,
    order_medication,
    record_fact,
    record_supply,
    stop_order,
)
from stepwell.clinic.medication.actions.watching import (
    follow_up_side_effect,
    offer_naloxone,
    report_side_effect,
)
from stepwell.clinic.medication.actions.withdrawal import end_watch, record_reading

__all__ = [
    "Decided",
    "PassedOver",
    "end_allergy",
    "end_medication",
    "end_watch",
    "follow_up_side_effect",
    "offer_naloxone",
    "order_medication",
    "reconcile",
    "record_allergy",
    "record_dose",
    "record_fact",
    "record_medication",
    "record_reading",
    "record_supply",
    "report_side_effect",
    "say_no_known_allergies",
    "send_home",
    "stop_order",
]
