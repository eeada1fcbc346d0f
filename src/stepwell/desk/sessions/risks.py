"""What a raised risk opens at once: what to do now, and the step of the chart that fits, for who may take it."""

from __future__ import annotations

from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.ui.jinja import address

# Risk -> (what the link says, its route, who may open it, what stands in the address after the patient's code).
_STEPS: dict[str, tuple[tuple[str, str, P, tuple[str, ...]], ...]] = {
    "intoxicated": (
        ("Order a drug test", "desk:new_test", P.DRUG_TEST_ORDER, ()),
        ("Medication", "desk:chart_medication", P.MEDICATION_READ, ()),
    ),
    "suicidal": (("Open the safety plan", "desk:recovery_plan", P.RECOVERY_WRITE, ("safety",)),),
    "threat": (
        ("Answer the alert", "desk:assessment", P.ALERT_ACKNOWLEDGE, ()),
        (
            "What the police may be told",
            "desk:disclosure_without_consent",
            P.DISCLOSURE_WITHOUT_CONSENT,
            ("crime_on_premises",),
        ),
    ),
}


def steps_of(by: Actor, patient: Any) -> list[dict[str, Any]]:
    """For each risk that can be raised of this person: its value, what to do now, and the links `by` may open."""
    return [
        {
            "value": value,
            "now": risk.say_now(patient.called),
            "links": [
                (label, address(route, patient.code, *more))
                for label, route, needed, more in _STEPS.get(value, ())
                if by.may(needed, patient.site_id)
            ],
        }
        for value, risk in load_room().raised.items()
    ]
