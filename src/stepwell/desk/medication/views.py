"""The medication tab of the chart."""

from __future__ import annotations

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.medication import queries, rules
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import staff_page


@staff_page(P.MEDICATION_READ)
def chart_medication(request: Request, code: str) -> HttpResponse:
    """Orders, the list, allergies, what is watched, doses: everything about the medicines of one person."""
    chart = open_chart(request, code, "medication")
    by, patient = request.actor, chart.patient
    orders = queries.orders_of(by, patient, at=request.at)
    in_force = rules.DueState.NOT_IN_FORCE
    facts = {row.kind: row for row in queries.facts_of(by, patient)}
    waits = queries.to_ask(by, at=request.at, patient=patient)
    context = {
        "orders": [o for o in orders if o.due.state is not in_force],
        "past": [o for o in orders if o.due.state is in_force],
        "medications": queries.medications_of(by, patient),
        "handed_off": list(queries.unreconciled_items(patient, "medication", "allergy")),
        "allergies": queries.allergies_known(by, patient),
        "side_effects": queries.side_effects_of(by, patient),
        "doses": list(queries.doses_of(by, patient)),
        "facts": [(kind, facts.get(kind.code)) for kind in rules.fact_kinds()],
        "reconciled": queries.reconciliations_of(by, patient),
        "waits": waits[0] if waits else None,
        "naloxone": queries.offers_of(by, patient),
        "refills": {r.order.pk: r for r in queries.refills(by, at=request.at, patient=patient)},
        "may_order": by.may(P.MEDICATION_ORDER, patient.site_id),
        "may_give": by.may(P.MEDICATION_GIVE, patient.site_id),
        "may_record": by.may(P.ASSESSMENT_RECORD, patient.site_id),
    }
    return chart_page(request, chart, "desk/medication/medication.html", context)
