"""What is due for one person now, each line with the place where it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.rules import due_instruments
from stepwell.clinic.chart.queries import Front
from stepwell.clinic.hours.rules import WeekState
from stepwell.clinic.sessions.rules import note_due_at, rule_of
from stepwell.desk.chart.frame import Chart, route
from stepwell.desk.chart.words import instrument_title, panel_title
from stepwell.desk.looking import load_looking
from stepwell.ui.filters import ago, date_full, day, plural


@dataclass(frozen=True)
class DueLine:
    """One thing to do: the sentence, the word and address of its mend, and how pressing it is."""

    sentence: str
    mend: str
    href: str
    tone: str = "warn"


def due_lines(by: Actor, chart: Chart, front: Front, *, at: datetime) -> list[DueLine]:
    """Most pressing first: alerts, the week, the plan, notes, tests, the payer, homework, papers, calls."""
    code, site = chart.patient.code, chart.patient.site_id
    lines = [
        *_alerts(chart, at),
        *_week(chart),
        *_plan(by, chart, front),
        *_instruments(by, chart, front),
        *_notes(front, chart.patient.site, code, at),
        *_tests(front, code),
        *_authorization(front, chart),
        *_homework(front, code),
        *(
            DueLine(f"The consent for {c['to'] or 'a class of recipients'} ends on {_day(c['expires_on'])}.",
                    "Renew it", route("desk:consent", code))
            for c in front.consents
        ),
        *(
            DueLine(f"The call {f['day']} days after discharge was due {_day(f['due_on'])}.",
                    "Log the call", route("desk:chart_aftercare", code))
            for f in front.follow_ups
        ),
    ]  # fmt: skip
    if not chart.head.in_treatment and chart.head.admitted_at is None and by.may(P.PLACEMENT_READ, site):
        if front.rated_at is None:
            lines.append(
                DueLine("The six dimensions are not rated yet.", "Rate them", route("desk:placement", code))
            )
        else:
            lines.append(
                DueLine("Rated, and not admitted yet.", "Decide the level", route("desk:placement", code))
            )
    order = {"bad": 0, "warn": 1, "water": 2}
    return sorted((line for line in lines if line.href), key=lambda line: order.get(line.tone, 3))


def _alerts(chart: Chart, at: datetime) -> list[DueLine]:
    where = route("desk:assessment", chart.patient.code)
    return [
        DueLine(f"{a.sentence} {ago(a.raised_at, at).capitalize()}.", "Look and answer", where, "bad")
        for a in chart.alerts
    ]


def _week(chart: Chart) -> list[DueLine]:
    week, where = chart.week.ledger, route("desk:schedule", chart.patient.code)
    if not chart.head.in_treatment or not where:
        return []
    if not week.ordered:
        return [
            DueLine(
                "No hours are ordered for this week.", "Order them", route("desk:plan", chart.patient.code)
            )
        ]
    if week.state in (WeekState.SHORT, WeekState.AT_RISK):
        tone = "bad" if week.state is WeekState.SHORT else "warn"
        return [DueLine(week.sentence, "Offer a session", where, tone)]
    return []


def _plan(by: Actor, chart: Chart, front: Front) -> list[DueLine]:
    where = route("desk:plan", chart.patient.code)
    if not chart.head.in_treatment or not by.may(P.PLAN_READ, chart.patient.site_id):
        return []
    signed = [p for p in front.plans if p["signed_at"]]
    drafts = [p for p in front.plans if not p["signed_at"]]
    lines = []
    if not front.plans:
        lines.append(DueLine("There is no plan yet.", "Write it", where, "bad"))
    if drafts:
        lines.append(DueLine(f"Plan {drafts[-1]['version']} is a draft.", "Finish and sign", where))
    if signed and not signed[-1]["by_patient"]:
        lines.append(DueLine(f"{chart.patient.called} has not signed the plan.", "Ask for it", where))
    due_on: date | None = chart.patient.review_due_on
    if signed and due_on is not None and due_on <= chart.today + load_looking().review_soon:
        late = due_on < chart.today
        said = f"The plan review {'was' if late else 'is'} due {day(due_on)}."
        lines.append(DueLine(said, "Review it", where, "bad" if late else "warn"))
    late_objectives = [o for o in front.objectives if date.fromisoformat(o["due_on"]) < chart.today]
    if late_objectives:
        lines.append(
            DueLine(f"{plural(len(late_objectives), 'objective')} past the date set.", "Review them", where)
        )
    return lines


def _instruments(by: Actor, chart: Chart, front: Front) -> list[DueLine]:
    if not by.may(P.ASSESSMENT_READ, chart.patient.site_id) or chart.head.closed_at is not None:
        return []
    zone = ZoneInfo(chart.patient.site.zone)
    filled = {
        s["instrument"]: datetime.fromisoformat(s["taken_at"]).astimezone(zone).date()
        for s in front.scores
        if s["n"] == 1
    }
    admitted = chart.head.admitted_at
    due = due_instruments(
        filled=filled, admitted=admitted.astimezone(zone).date() if admitted else None, today=chart.today
    )
    if not due:
        return []
    names = ", ".join(instrument_title(d.instrument) for d in due)
    late = any(d.late(chart.today) for d in due)
    said = f"To fill in: {names}."
    return [
        DueLine(said, "Fill in", route("desk:assessment", chart.patient.code), "warn" if late else "water")
    ]


def _notes(front: Front, site: Any, code: str, at: datetime) -> list[DueLine]:
    unsigned = [n for n in front.notes if not n["cosign"]]
    where = route("desk:chart_notes", code)
    lines = []
    if unsigned:
        oldest = unsigned[0]
        who = f", by {oldest['who']}" if oldest["who"] else ""
        said = f"{plural(len(unsigned), 'note')} to sign; the oldest is {oldest['title']}{who}, {ago(_at(oldest['ends']), at)}."
        late = at >= note_due_at(_at(oldest["ends"]), rule_of(site).due_hours)
        lines.append(DueLine(said, "Open notes", where, "bad" if late else "warn"))
    if waiting := len(front.notes) - len(unsigned):
        lines.append(DueLine(f"{plural(waiting, 'note')} to co-sign.", "Open notes", where))
    return lines


def _tests(front: Front, code: str) -> list[DueLine]:
    where = route("desk:chart_tests", code)
    return [
        DueLine(f"{panel_title(t['panel'])}: the result waits for review.", "Review it", where)
        if t["result_at"]
        else DueLine(f"{panel_title(t['panel'])} is due {_day(t['due_on'])}.", "Collect it", where)
        for t in front.tests
    ]


def _authorization(front: Front, chart: Chart) -> list[DueLine]:
    a, where = front.authorization, route("desk:authorizations")
    if a is None or not chart.head.in_treatment:
        return []
    ends = date.fromisoformat(a["ends_on"])
    used = a["days_used"] if a["unit"] == "day" else a["minutes_used"] / 60
    left = max(0, a["units"] - used)
    asked = f"; the next days were requested on {day(_at(a['asked_at']))}" if a["asked_at"] else ""
    if ends < chart.today:
        said = f"The authorization ended on {date_full(ends)}{asked}."
        return [_of_authorization(said, where, "Ask the payer", "bad", asked)]
    looking = load_looking()
    few = max(looking.authorization_low_units, a["units"] * float(looking.authorization_low_share))
    if left <= few or ends <= chart.today + looking.review_soon:
        said = f"{left:g} of {a['units']} authorized {a['unit']}s are left, until {date_full(ends)}{asked}."
        return [_of_authorization(said, where, "Ask for more", "bad" if not left else "warn", asked)]
    return []


def _of_authorization(said: str, where: str, mend: str, tone: str, asked: str) -> DueLine:
    """What was asked of the payer already warns nobody: it only waits for the answer."""
    return DueLine(said, "Enter the answer", where, "water") if asked else DueLine(said, mend, where, tone)


def _homework(front: Front, code: str) -> list[DueLine]:
    where = route("desk:recovery", code)
    return [
        DueLine(f"Homework handed in: {h['title']}.", "Read it", where, "water")
        if h["answered_at"]
        else DueLine(f"Homework was due {_day(h['due_on'])}: {h['title']}.", "Ask about it", where, "water")
        for h in front.homework
    ]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: Any) -> str:
    return day(date.fromisoformat(text)) if text else "soon"
