"""What is told of a draft: how alike its parts are, what is missing, what a signature would stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stepwell.accounts.actor import Request
from stepwell.clinic.sessions import queries
from stepwell.clinic.sessions.rules import SignDecision, rule_of, what_is_signed


def limit_at(site: Any) -> int:
    """Per cent of likeness from which a sentence of the person's own is asked for at this site."""
    return int(rule_of(site).clone_likeness * 100)


def by_person(decision: SignDecision | None) -> dict[Any, list[Any]]:
    """Patient id (None: the shared part) -> what is missing there."""
    lacking: dict[Any, list[Any]] = {}
    for missing in decision.missing if decision else ():
        lacking.setdefault(missing.patient_id, []).append(missing)
    return lacking


def told(request: Request, room: Any, note: Any, form: Any) -> dict[str, Any]:
    """For the open page after a save: `room` with its roster read to be shown. Three statements.

    A text that the save wrote from the taps comes along with what the page had sent (`was`), so that the page can
    leave alone what somebody has typed since.
    """
    by, o = request.actor, room.occurrence
    parts = queries.parts_of(by, note)
    draft = queries.drafted(o, note, room.seats, parts)
    decision = queries.decided(by, request.at, o, draft)
    return {
        "told": {
            "people": list(_people(room.seats, parts, decision, form)),
            "lacking": by_person(decision),
            "decision": decision,
            "signs": what_is_signed(draft),
            "limit": limit_at(o.site),
        }
    }


def _people(seats: Iterable[Any], parts: Any, decision: SignDecision, form: Any) -> Iterable[dict[str, Any]]:
    for seat in seats:
        part = parts.get(seat.patient_id)
        came = getattr(seat, "attendance", None)
        was = form.data.get(f"{seat.patient.code}-text", "")
        text = part.text if part is not None else ""
        yield {
            "patient": seat.patient,
            "came": came,
            "absent": came is not None and came.outcome != "present",
            "alike": decision.alike.get(seat.patient_id),
            "text": text,
            "was": was,
            "follows": not form.chosen_format.sections and text != was.strip(),
        }
