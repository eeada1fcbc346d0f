"""Homework in the session: what was given to the patient and the family, how it went, and the next.

The session is an earlier step than recovery, so this page puts the two together.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.consent.queries import permitted_to_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.people.queries import family_of
from stepwell.clinic.plan.queries import objectives_in_force
from stepwell.clinic.recovery import actions, queries
from stepwell.clinic.refusal import Refused
from stepwell.desk.looking import load_looking

KINDS = ("family", "individual")
"""Sessions in which homework is talked about."""
OUTCOMES = (("done", "Done"), ("partly", "Partly"), ("not_done", "Not done"))
_MOST = 6


def homework_here(request: Request, room: Any, form: Any = None) -> dict[str, Any] | None:
    """What stands in the room: the homework not reviewed yet, newest first, and to whom the next may be given.

    None for a group, without a patient, and for who may not see homework. What was typed and refused is kept.
    """
    by, o = request.actor, room.occurrence
    if o.kind not in KINDS or not room.seats or not by.may(P.RECOVERY_WRITE, o.site_id):
        return None
    typed = form.data if form is not None else {}
    people: list[dict[str, Any]] = []
    objectives = objectives_in_force(by, [seat.patient_id for seat in room.seats])
    for seat in room.seats:
        patient = seat.patient
        open_ones = [
            h for h in queries.homework_of(by, patient, at=request.at) if not hasattr(h.row, "review")
        ]
        people.append(
            {
                "patient": patient,
                "homework": [
                    {
                        "row": h.row,
                        "state": h.state,
                        "whose": h.row.family_member.name if h.row.family_member else patient.called,
                        "outcome": typed.get(f"hw-{h.row.pk}-outcome", ""),
                        "text": typed.get(f"hw-{h.row.pk}-text", ""),
                    }
                    for h in sorted(open_ones, key=lambda h: (h.row.at, h.row.pk), reverse=True)[:_MOST]
                ],
                "whom": _whom(request, patient),
                "objectives": objectives.get(patient.pk, []),
            }
        )
    due = request.at.astimezone(room.zone).date() + load_looking().homework_due
    return {
        "people": people,
        "outcomes": OUTCOMES,
        "next": {
            "whom": typed.get("next-whom", ""),
            "title": typed.get("next-title", ""),
            "instructions": typed.get("next-instructions", ""),
            "due": typed.get("next-due", due.isoformat()),
            "objective": typed.get("next-objective", ""),
        },
    }


def _whom(request: Request, patient: Any) -> list[tuple[str, str]]:
    """The patient, and family members whom a live consent lets take part; everybody of them at once."""
    family = [
        member
        for member in family_of(request.actor, patient)
        if Category.HOMEWORK in permitted_to_family(member, at=request.at)
    ]
    found = [(f"{patient.pk}-patient", patient.called)]
    found += [(f"{patient.pk}-{member.pk}", f"{member.name}, {member.relation}") for member in family]
    return [*found, (f"{patient.pk}-all", "All of them")] if family else found


class NextForm(forms.Form):
    """The next homework; nothing at all in it is fine."""

    title = forms.CharField(max_length=120, required=False)
    instructions = forms.CharField(max_length=4000, required=False)
    due = forms.DateField(required=False)
    whom = forms.CharField(max_length=60, required=False)
    objective = forms.CharField(max_length=20, required=False)


def review(request: Request, room: Any) -> int:
    """Keeps what was said of each homework; returns how many. `Refused` as `recovery.actions` says."""
    done = 0
    for seat in room.seats:
        for one in queries.homework_of(request.actor, seat.patient, at=request.at):
            outcome = request.POST.get(f"hw-{one.row.pk}-outcome", "")
            if not outcome or hasattr(one.row, "review"):
                continue
            actions.review_homework(
                by=request.actor,
                at=request.at,
                homework=one.row,
                outcome=outcome,
                text=request.POST.get(f"hw-{one.row.pk}-text", "").replace("\x00", "")[:4000],
                occurrence=room.occurrence,
            )
            done += 1
    return done


def give(request: Request, room: Any, facts: dict[str, Any]) -> int:
    """To the one chosen, or to all that a consent lets take part. Nothing written is nothing given."""
    if not (facts["title"].strip() or facts["instructions"].strip()):
        return 0
    patients = {str(seat.patient_id): seat.patient for seat in room.seats}
    who, _, member = (facts["whom"] or f"{next(iter(patients))}-patient").partition("-")
    patient = patients[who] if who in patients else next(iter(patients.values()))
    family = {str(one.pk): one for one in family_of(request.actor, patient)}
    allowed = [key.partition("-")[2] for key, _ in _whom(request, patient)]
    if member not in allowed:
        raise Refused("Choose for whom the next homework is; it was not handed out.")
    serves = {str(o.pk): o for o in objectives_in_force(request.actor, [patient.pk]).get(patient.pk, [])}
    if facts["objective"] and facts["objective"] not in serves:
        raise Refused("Choose an objective of this person's plan in force; the homework was not handed out.")
    chosen = [key for key in allowed if key != "all"] if member == "all" else [member]
    for key in chosen:
        actions.give_homework(
            by=request.actor,
            at=request.at,
            patient=patient,
            family_member=family.get(key),
            title=facts["title"],
            instructions=facts["instructions"],
            due_on=facts["due"] or _default_due(request, room.zone),
            occurrence=room.occurrence,
            objective=serves.get(facts["objective"]),
        )
    return len(chosen)


def _default_due(request: Request, zone: ZoneInfo) -> date:
    length: timedelta = load_looking().homework_due
    return request.at.astimezone(zone).date() + length


def said_of(reviewed: int, given: int) -> str:
    """What was done, in a line."""
    said = [f"{reviewed} reviewed"] if reviewed else []
    said += [f"{given} handed out"] if given else []
    return f"Homework: {', '.join(said)}."
