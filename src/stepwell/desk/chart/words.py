"""The timeline in words: one short line for each kind of event, and the tab where the whole of it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.chart.queries import Event
from stepwell.clinic.drug_tests.rules import panel, panels
from stepwell.desk.chart.frame import TABS, route
from stepwell.ui.filters import date_full, moment

Facts = Mapping[str, Any]
Line = tuple[str, str, str]
"""Title, further text, tone (quiet, water, good, warn, bad)."""

_TAB = {
    "screening": "desk:assessment",
    "interview": "desk:assessment",
    "alert": "desk:assessment",
    "rating": "desk:placement",
    "placement": "desk:placement",
    "plan_signature": "desk:plan",
    "plan_review": "desk:plan",
    "consent": "desk:consent",
    "consent_revoked": "desk:consent",
    "note": "desk:chart_notes",
    "absence": "desk:schedule",
    "medication_order": "desk:chart_medication",
    "dose": "desk:chart_medication",
    "side_effect": "desk:chart_medication",
    "test_result": "desk:chart_tests",
    "test_refused": "desk:chart_tests",
    "check_in": "desk:recovery",
    "recovery_plan": "desk:recovery",
    "homework": "desk:recovery",
    "authorization": "desk:authorizations",
    "follow_up": "desk:chart_aftercare",
}


class TimelineItem(NamedTuple):
    """One line of `ui.timeline`."""

    at: str
    title: str
    text: str
    tone: str
    href: str
    by: str = ""


def lines_of(events: Iterable[Event], code: str, zone: str) -> list[TimelineItem]:
    """Items for `ui.timeline`. A kind that is not worded here is a mistake and raises KeyError."""
    events = list(events)
    tabs = {_TAB[event.kind] for event in events}
    where = {tab: route(tab) if tab == "desk:authorizations" else route(tab, code) for tab in tabs}
    return [_line(event, zone, where[_TAB[event.kind]]) for event in events]


def _line(event: Event, zone: str, href: str) -> TimelineItem:
    title, text, tone = _WORDS[event.kind](event.facts)
    return TimelineItem(moment(event.at, zone), title, text, tone, href)


_SEEN = {f"Chart {tab}": label.lower() for tab, label, _, _ in TABS} | {"Chart seen": "who saw this chart"}
_OWN = {"Pocket": "own", "Family": "family"}


def looks(subjects: Iterable[str]) -> list[str]:
    """What was looked at, as the pages are called: 'Chart assessment' is 'assessments', 'Pocket week' 'own week'."""
    return [_SEEN.get(subject) or _look(subject) for subject in subjects]


def changes(actions: Iterable[str]) -> str:
    """What was written, step by step: 'sessions: attendance, sign note; billing: charge'."""
    steps: dict[str, list[str]] = {}
    for action in actions:
        step, _, verb = action.replace("_", " ").rpartition(".")
        steps.setdefault(step.split(".")[0], []).append(verb)
    return "; ".join(
        f"{step}: {', '.join(verbs)}" if step else ", ".join(verbs) for step, verbs in steps.items()
    )


def _look(subject: str) -> str:
    first, _, rest = subject.replace("_", " ").partition(" ")
    if first not in _OWN:
        return subject.replace("_", " ")
    rest = rest.removeprefix("family").strip()
    return f"{_OWN[first]} {rest or 'page'}"


def instrument_title(slug: str) -> str:
    """'PHQ-9'; the slug itself for an instrument that is no longer on hand."""
    return load_instrument(slug).title if slug in instruments() else slug


def panel_title(key: str) -> str:
    """The panel's label, or its key."""
    return panel(key).label if any(p.code == key for p in panels()) else key


def amount(value: object) -> str:
    """A figure without idle zeros: '8', '0.5'."""
    return f"{Decimal(str(value)):f}".rstrip("0").rstrip(".") if "." in str(value) else str(value)


def _screening(f: Facts) -> Line:
    name = instrument_title(f["instrument"])
    if not f["complete"]:
        return f"{name} begun, not complete", "", "quiet"
    score = f"{name} {amount(f['total'])}" if f["total"] is not None else name
    return (
        score + (f", {f['band'][0].lower()}{f['band'][1:]}" if f["band"] else ""),
        "",
        "warn" if f["flags"] else "water",
    )


def _alert(f: Facts) -> Line:
    return f["sentence"], "Acknowledged." if f["done"] else "Open.", "quiet" if f["done"] else "bad"


def _rating(f: Facts) -> Line:
    figures = " · ".join("–" if r is None else str(r) for r in f["ratings"])
    return "Six dimensions rated", figures, "quiet"


def _placement(f: Facts) -> Line:
    said = {
        "admit": "Admitted to {}",
        "step_up": "Stepped up to {}",
        "step_down": "Stepped down to {}",
        "transfer": "Transferred to {}",
        "discharge": "Discharged",
    }[f["kind"]]
    return said.format(f["level"]), "", "water"


def _plan_signature(f: Facts) -> Line:
    return f"Plan {f['version']} signed by {f['name']}", "", "good"


def _plan_review(f: Facts) -> Line:
    return f"Plan reviewed: {f['outcome'].replace('_', ' ')}", f"Next by {_day(f['next'])}.", "quiet"


def _consent(f: Facts) -> Line:
    return f"Consent signed for {f['to'] or 'a class of recipients'}", "", "good"


def _consent_revoked(f: Facts) -> Line:
    return f"Consent taken back for {f['to'] or 'a class of recipients'}", "", "warn"


def _note(f: Facts) -> Line:
    late = " Signed late." if f["late"] else ""
    present = f"{f['minutes']} minutes" if f["minutes"] else "Not present"
    return f"{f['title']}: note signed", f"{present} on {_day(f['day'])}.{late}", "quiet"


def _absence(f: Facts) -> Line:
    excused = f["outcome"] == "excused"
    return f"Missed {f['title']}", "Excused." if excused else "Not excused.", "quiet" if excused else "warn"


def _medication_order(f: Facts) -> Line:
    return f"{f['name']} {amount(f['dose'])} {f['unit']} ordered", f"{f['frequency']}.", "water"


def _dose(f: Facts) -> Line:
    if f["outcome"] == "given":
        return f"{f['name']} {amount(f['amount'])} {f['unit']} given", "", "quiet"
    return f"{f['name']} {f['outcome']}", "", "warn"


def _side_effect(f: Facts) -> Line:
    return (
        f"Side effect: {f['effect']}",
        f"{f['severity'].capitalize()}.",
        "bad" if f["severity"] == "severe" else "warn",
    )


def _test_result(f: Facts) -> Line:
    readings = f["reading"].values() if isinstance(f["reading"], Mapping) else ()
    odd = sum("unexpected" in str(state) for state in readings)
    text = (
        "Specimen not valid." if f["validity"] != "valid" else f"{odd} unexpected." if odd else "As expected."
    )
    if not f["reviewed"]:
        text += " Not reviewed yet."
    return (
        f"{panel_title(f['panel'])}, {f['method']}",
        text,
        "warn" if odd or f["validity"] != "valid" else "quiet",
    )


def _test_refused(f: Facts) -> Line:
    return f"{panel_title(f['panel'])}: specimen refused", "", "warn"


def _check_in(f: Facts) -> Line:
    said = [
        f"mood {f['mood']}" if f["mood"] is not None else "",
        f"craving {f['craving']}" if f["craving"] is not None else "",
        f"slept {amount(f['sleep'])} h" if f["sleep"] is not None else "",
    ]
    used = f["used"] is True
    text = ", ".join(part for part in said if part)
    return (
        "Check-in: used" if used else "Check-in",
        f"{text.capitalize()}." if text else "",
        "bad" if used else "quiet",
    )


def _recovery_plan(f: Facts) -> Line:
    name = {"safety": "Safety plan", "relapse_prevention": "Relapse-prevention plan"}.get(
        f["kind"], f["kind"]
    )
    return f"{name}, version {f['version']}", "", "water"


def _homework(f: Facts) -> Line:
    return f"Homework handed in: {f['title']}", "", "quiet"


def _authorization(f: Facts) -> Line:
    if f["outcome"] in ("approved", "partly"):
        said = "approved" if f["outcome"] == "approved" else "approved in part"
        return f"Payer {said}: {f['units']} {f['unit']}s", f"Until {_day(f['until'])}.", "good"
    return f"Payer {f['outcome']}", "", "bad" if f["outcome"] == "denied" else "warn"


def _follow_up(f: Facts) -> Line:
    return f"Call {f['day']} days after discharge: {f['outcome'].replace('_', ' ')}", "", "quiet"


_WORDS: dict[str, Callable[[Facts], Line]] = {
    "screening": _screening,
    "interview": lambda _: ("Intake interview recorded", "", "quiet"),
    "alert": _alert,
    "rating": _rating,
    "placement": _placement,
    "plan_signature": _plan_signature,
    "plan_review": _plan_review,
    "consent": _consent,
    "consent_revoked": _consent_revoked,
    "note": _note,
    "absence": _absence,
    "medication_order": _medication_order,
    "dose": _dose,
    "side_effect": _side_effect,
    "test_result": _test_result,
    "test_refused": _test_refused,
    "check_in": _check_in,
    "recovery_plan": _recovery_plan,
    "homework": _homework,
    "authorization": _authorization,
    "follow_up": _follow_up,
}


def _day(text: str | None) -> str:
    return date_full(date.fromisoformat(text)) if text else "no date"
