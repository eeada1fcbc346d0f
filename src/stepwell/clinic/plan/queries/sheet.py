"""The plan as plain data for a document, with the words of its frame in the patient's language.

What the patient and the team wrote stays as it was written; only the frame is put into a language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.plan import rules
from stepwell.clinic.plan.models import Plan
from stepwell.clinic.plan.queries.content import as_rules, conditions_of, given_up_ids, met_ids
from stepwell.clinic.plan.queries.plans import why_due

LANGUAGES = ("en", "es")
"""Languages in which the frame is written; a patient of another gets the first."""


@cache
def _words(language: str) -> dict[str, Any]:
    path = files("stepwell.clinic.plan").joinpath("data", f"sheet.{language}.json")
    words: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return words


def sheet_of(plan: Any, patient: Any) -> dict[str, Any]:
    """A signed version of `plans_of`, read `whole`, for its patient. No query of its own."""
    language = patient.language[:2] if patient.language[:2] in LANGUAGES else LANGUAGES[0]
    w = _words(language)
    zone = ZoneInfo(patient.site.zone)
    signed_on = plan.signed_at.astimezone(zone).date()
    dose = rules.weekly_dose(as_rules(plan))
    conditions = [
        c for c in rules.Condition if c in set(conditions_of(plan)) and c is not rules.Condition.LIFE
    ]
    return {
        "language": language,
        "title": w["title"],
        "date": [signed_on.year, signed_on.month, signed_on.day],
        "site": patient.site.name,
        "patient": patient.full_name,
        "line": w["line"].format(version=plan.version, signed=_day(w, signed_on)),
        "together": _together(w, conditions),
        "words": {
            name: w[name]
            for name in (
                "strengths", "goal", "target", "deferred", "dose", "kind", "hours", "total", "signatures", "day"
            )
        },
        "strengths": plan.strengths,
        "problems": _problems(w, plan),
        "deferred": [f"{d.diagnosis.code} {d.diagnosis.text}: {d.because}" for d in plan.deferred.all()],
        "dose": [[w["kinds"][kind.value], _amount(w, minutes)] for kind, minutes in dose.items()],
        "total": _amount(w, sum(dose.values())),
        **_signatures(w, plan, patient, zone),
        "review": "" if plan.superseded_at else w["review"].format(day=_day(w, why_due(plan).on)),
        "confidential": w["confidential"],
    }  # fmt: skip


def _together(w: Mapping[str, Any], conditions: Sequence[rules.Condition]) -> str:
    if len(conditions) < 2:
        return ""
    names = [w["conditions"][c.value].lower() for c in conditions]
    return str(w["together"].format(conditions=f"{', '.join(names[:-1])} {w['and']} {names[-1]}"))


def _problems(w: Mapping[str, Any], plan: Plan) -> list[dict[str, Any]]:
    met, given_up = met_ids(plan), given_up_ids(plan)
    return [
        {
            "number": str(p.number),
            "statement": p.statement,
            "belongs": ", ".join(
                filter(
                    None,
                    (
                        w["conditions"].get(p.condition, ""),
                        f"{p.diagnosis.code} {p.diagnosis.text}" if p.diagnosis else "",
                    ),
                )
            ),
            "goals": [
                {
                    "words": g.words,
                    "objectives": [
                        _objective(w, o, f"{p.number}.{g.number}.{o.number}", o.pk in met, o.pk in given_up)
                        for o in g.objectives.all()
                    ],
                }
                for g in p.goals.all()
            ],
        }
        for p in plan.problems.all()
    ]


def _objective(w: Mapping[str, Any], row: Any, number: str, met: bool, given_up: bool) -> dict[str, Any]:
    title = ""
    if row.instrument:
        known = row.instrument in instruments()
        title = load_instrument(row.instrument).title if known else row.instrument
    return {
        "number": number,
        "measure": row.measure,
        "target": row.target,
        "due": w["due"].format(day=_day(w, row.due_on)),
        "state": w["met"] if met else w["given_up"] if given_up else "",
        "measured": w["measured"].format(instrument=title) if title else "",
        "interventions": [
            {
                "kind": w["kinds"].get(i.kind, i.kind),
                "amount": w["amount"].format(hours=_amount(w, i.minutes_per_week)),
                "rest": ", ".join(filter(None, (i.text, i.who))),
            }
            for i in row.interventions.all()
        ],
    }


def _signatures(w: Mapping[str, Any], plan: Plan, patient: Any, zone: ZoneInfo) -> dict[str, Any]:
    found, roles = [], set()
    for s in plan.signatures.all():
        roles.add(s.role)
        on = s.signed_on or s.at.astimezone(zone).date()
        pattern = w["signed"]["paper" if s.method == "paper" else s.role]
        line = pattern.format(credential=s.credential or "", day=_day(w, on)).lstrip(", ")
        found.append({"name": s.name, "line": line.replace(", ,", ",")})
    lines = []
    if plan.cosigner is not None and "cosigner" not in roles:
        lines.append(w["to_sign"]["cosigner"].format(name=plan.cosigner.name))
    if "patient" not in roles:
        lines.append(w["to_sign"]["patient"].format(name=patient.full_name))
    return {"signatures": found, "lines": lines if plan.superseded_at is None else []}


def _day(w: Mapping[str, Any], on: date) -> str:
    return str(w["date"].format(day=on.day, month=w["months"][on.month - 1], year=on.year))


def _amount(w: Mapping[str, Any], minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    said = [w["hours_unit"].format(n=hours)] if hours else []
    said += [w["minutes_unit"].format(n=rest)] if rest or not hours else []
    return " ".join(said)
