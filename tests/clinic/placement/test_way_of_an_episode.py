"""The drawing in docs/journey/placement.md is what the actions allow: every move is tried in every state."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.db import transaction

from stepwell.clinic.placement import actions
from stepwell.clinic.placement.models import Episode, PlacementKind
from stepwell.clinic.refusal import Refused
from tests.clinic.placement.making import make_recommendation
from tests.making import NOW, make_patient

PAGE = Path(__file__).resolve().parents[3] / "docs" / "journey" / "placement.md"
STATES = ("in_treatment", "transferred", "discharged")
HOUR = timedelta(hours=1)


def state_after(kind: str) -> str:
    return {"discharge": "discharged", "transfer": "transferred"}.get(kind, "in_treatment")


def move(by, patient, kind: PlacementKind, at) -> None:
    """One move, as a page would make it."""
    if kind is PlacementKind.ADMIT:
        row = make_recommendation(by, patient, at=at)
        actions.admit(by=by, at=at, patient=patient, recommendation=row, level="2.1", because="x")
        return
    episode = Episode.objects.filter(patient=patient).order_by("-admitted_at").first()
    if episode is None:
        raise Refused("no episode")
    common = {"by": by, "at": at, "episode": episode, "because": "x"}
    match kind:
        case PlacementKind.STEP_UP:
            actions.step_up(**common, to="2.5")
        case PlacementKind.STEP_DOWN:
            actions.step_down(**common, to="1")
        case PlacementKind.TRANSFER:
            actions.transfer(**common, to="2.1", receiving="Harbor")
        case PlacementKind.DISCHARGE:
            actions.discharge(**common, reason="transferred", receiving="Harbor")


def allowed(by, patient, kind: PlacementKind, at) -> bool:
    try:
        with transaction.atomic():
            move(by, patient, kind, at)
            transaction.set_rollback(True)
    except Refused:
        return False
    return True


WAY = {"in_treatment": ("admit",), "transferred": ("admit", "transfer"), "discharged": ("admit", "discharge")}


def test_the_drawing_on_the_page_is_what_the_actions_allow(by, site):
    lines = ["stateDiagram-v2"]
    newcomer = make_patient(site)
    lines += [
        f"    [*] --> {state_after(kind)}: {kind.label}"
        for kind in PlacementKind
        if allowed(by, newcomer, kind, NOW)
    ]
    for state in STATES:
        patient = make_patient(site, "In", state)
        for n, kind in enumerate(WAY[state]):
            move(by, patient, PlacementKind(kind), NOW + n * HOUR)
        after = [k for k in PlacementKind if allowed(by, patient, k, NOW + 5 * HOUR)]
        if state == "discharged":
            assert after == [PlacementKind.ADMIT], "coming back opens another episode"
            lines.append("    discharged --> [*]")
        else:
            lines += [f"    {state} --> {state_after(kind)}: {kind.label}" for kind in after]
    drawn = PAGE.read_text("utf-8").split("```mermaid\n")[1].split("\n```")[0]
    assert drawn == "\n".join(lines)
