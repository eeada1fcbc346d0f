"""The rules of medication: drugs and products, orders and their checks, doses, side effects, withdrawal."""

from stepwell.clinic.medication.rules.checks import (
    CheckState,
    Circumstances,
    Fact,
    FactKind,
    Finding,
    Phase,
    check_start,
    fact_kind,
    fact_kinds,
    facts_asked_for,
    may_pass_over,
    may_record_fact,
    override_reasons,
    unmet,
)
from stepwell.clinic.medication.rules.doses import (
    Dose,
    DoseDue,
    DoseOutcome,
    DueState,
    injection_sites,
    is_start,
    may_inject,
    may_record_dose,
    next_dose_due,
    next_site,
)
from stepwell.clinic.medication.rules.drugs import (
    DoseRange,
    Drug,
    Frequency,
    Product,
    drug,
    drugs,
    find_products,
    frequencies,
    frequency,
    product,
    products,
)
from stepwell.clinic.medication.rules.lists import LineDecision, LineKind, may_decide, occasions
from stepwell.clinic.medication.rules.naloxone import (
    NaloxoneOutcome,
    ask_again_on,
    declined_because,
    may_offer,
    whom_to_ask,
)
from stepwell.clinic.medication.rules.orders import (
    Order,
    OrderCheck,
    Step,
    active_on,
    check_order,
    prescribed_classes,
)
from stepwell.clinic.medication.rules.side_effects import (
    Severity,
    SideEffectAdvice,
    look_again_on,
    side_effect,
    side_effects,
)
from stepwell.clinic.medication.rules.supply import Filled, RunsOut, may_take_home, most_take_home, runs_out
from stepwell.clinic.medication.rules.withdrawal import (
    Escalation,
    Judgement,
    Past,
    Vital,
    action_label,
    judge,
    plausible,
    scale,
    scales,
    vitals,
)

__all__ = [
    "CheckState", "Circumstances", "Dose", "DoseDue", "DoseOutcome", "DoseRange", "Drug", "DueState", "Escalation",
    "Fact", "FactKind", "Filled", "Finding", "Frequency", "Judgement", "LineDecision", "LineKind",
    "NaloxoneOutcome", "Order", "OrderCheck", "Past", "Phase", "Product", "RunsOut", "Severity",
    "SideEffectAdvice", "Step", "Vital", "action_label", "active_on", "ask_again_on", "check_order", "check_start",
    "declined_because", "drug", "drugs", "fact_kind", "fact_kinds", "facts_asked_for", "find_products",
    "frequencies", "frequency", "injection_sites", "is_start", "judge", "look_again_on", "may_decide",
    "may_inject", "may_offer", "may_pass_over", "may_record_dose", "may_record_fact", "may_take_home",
    "most_take_home", "next_dose_due", "next_site", "occasions", "override_reasons", "plausible",
    "prescribed_classes", "product", "products", "runs_out", "scale", "scales", "side_effect", "side_effects",
    "unmet", "vitals", "whom_to_ask",
]  # fmt: skip
