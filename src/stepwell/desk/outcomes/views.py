from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.outcomes import policies, queries
from stepwell.clinic.outcomes.rules import EndReason, Rate, load_measures
from stepwell.clinic.placement.queries import level_words
from stepwell.desk.pages import render, staff_page
from stepwell.ui.charts import Series, bars, line

ENDINGS = {
    EndReason.COMPLETED: "Completed",
    EndReason.LEFT: "Left",
    EndReason.TERMINATED: "Ended by the program",
    EndReason.TRANSFERRED_HIGHER: "Transferred to more care",
    EndReason.TRANSFERRED: "Transferred",
    EndReason.INCARCERATED: "Incarcerated",
    EndReason.DECEASED: "Died",
    EndReason.OTHER: "Other",
}


@staff_page(P.OUTCOMES_READ)
def outcomes(request: Request) -> HttpResponse:
    """Census, hours, attendance, retention, completion, change in scores: today's, never yesterday's."""
    by = request.actor
    found = queries.outcomes(by, at=request.at)
    smallest = queries.suppression_for(by).smallest_shown
    weeks = [f"{week.starts_on:%-d %b}" for week in found.hours]
    context = {
        "found": found,
        "people": sum(found.census.values()),
        "census": [
            (level, level_words(level), f"level-{level.replace('.', '-')}", n)
            for level, n in found.census.items()
        ],
        "hours": _hours(found.hours, weeks),
        "attendance": _attendance(found.attendance, weeks),
        "retention": _retention(found.retention),
        "changes": _changes(found.changes),
        "endings": [
            (
                ENDINGS[EndReason(reason)],
                f"ended-{reason}",
                count if count >= smallest else f"fewer than {smallest}",
            )
            for reason, count in sorted(found.endings.items(), key=lambda item: -item[1])
        ],
        "published": {one.measure: one for one in load_measures().published},
        "may_drill": by.may(P.CHART_READ),
    }
    return render(request, "desk/outcomes/outcomes.html", context)


@staff_page(P.OUTCOMES_READ)
def names(request: Request, measure: str) -> HttpResponse:
    """The people behind one figure, for those who may open their charts."""
    policies.may_see_names(request.actor)
    people = queries.names(request.actor, measure, at=request.at)
    trail.record(
        by=request.actor,
        at=request.at,
        action="outcomes.names",
        subject=f"Figure {measure}",
        detail={"people": len(people)},
        kind="access",
    )
    return render(request, "desk/outcomes/names.html", {"people": people, "title": _title(measure)})


def _title(measure: str) -> str:
    kind, _, rest = measure.partition("-")
    if kind == "level":
        return f"In treatment at {level_words(rest.replace('-', '.'))}"
    if kind == "ended":
        return f"Episodes that ended: {ENDINGS[EndReason(rest)].lower()}"
    return f"{'In care' if kind == 'stayed' else 'No longer in care'} {rest} days after admission"


def _hours(weeks: Sequence[queries.HoursWeek], labels: list[str]) -> dict[str, Any]:
    ordered = [round(week.ordered / 60, 1) for week in weeks]
    delivered = [round(week.delivered / 60, 1) for week in weeks]
    rows = [
        (
            label,
            week.patients,
            o,
            d,
            f"{week.delivered / week.ordered:.0%}" if week.ordered else None,
            week.met,
        )
        for label, week, o, d in zip(labels, weeks, ordered, delivered, strict=True)
    ]
    total = sum(week.ordered for week in weeks)
    share = sum(week.delivered for week in weeks) / total if total else None
    says = f"Hours ordered and delivered in {len(weeks)} weeks."
    drawn = bars(labels, [Series("ordered", ordered), Series("delivered", delivered)], says=says)
    return {"svg": drawn, "rows": rows, "share": share}


def _attendance(weeks: Sequence[queries.AttendanceWeek], labels: list[str]) -> dict[str, Any]:
    def share(week: queries.AttendanceWeek) -> float | None:
        all_of_them = week.present + week.excused + week.unexcused
        return round(100 * week.present / all_of_them, 1) if all_of_them else None

    shares = [share(week) for week in weeks]
    rows = [
        (label, week.present, week.excused, week.unexcused, None if s is None else f"{s:.0f}%")
        for label, week, s in zip(labels, weeks, shares, strict=True)
    ]
    says = f"Share of bookings attended in {len(weeks)} weeks, in percent."
    return {"svg": line(labels, [Series("attended, %", shares)], top=100, says=says), "rows": rows}


def _retention(found: Sequence[Any]) -> dict[str, Any]:
    labels = [f"{one.day} days" for one in found]
    raw = Series("everybody", [_percent(one.raw.share) for one in found])
    adjusted = Series("without transfers to more care", [_percent(one.adjusted.share) for one in found])
    rows = [(f"{one.day} days", *_told(one.raw), *_told(one.adjusted)[:1], one.not_yet) for one in found]
    says = "Share still in care after so many days, in percent."
    return {
        "svg": bars(labels, [raw, adjusted], top=100, says=says),
        "rows": rows,
        "any": any(one.raw.share is not None for one in found),
        "says": [(one.day, one.raw.sentence) for one in found],
    }


def _changes(found: Sequence[Any]) -> dict[str, Any]:
    labels = [instrument.label for instrument, _ in found]
    first = Series("first", [_rounded(change.mean_first) for _, change in found])
    last = Series("last", [_rounded(change.mean_last) for _, change in found])
    rows = [
        (
            instrument.label,
            change.pairs if change.mean_first is not None else None,
            _rounded(change.mean_first),
            _rounded(change.mean_last),
            _rounded(change.mean_change),
            _told(change.improved)[0],
        )
        for instrument, change in found
    ]
    says = "Mean of the first and the last score of each person; lower is better."
    return {
        "svg": bars(labels, [first, last], says=says),
        "rows": rows,
        "any": any(change.mean_first is not None for _, change in found),
    }


def _told(rate: Rate) -> tuple[str | None, str | None]:
    """The share and its interval in words; a suppressed one says so."""
    if rate.suppressed:
        return "too few to show", None
    if rate.share is None or rate.low is None or rate.high is None:
        return None, None
    return f"{rate.share:.0%} ({rate.count} of {rate.total})", f"{rate.low:.0%} to {rate.high:.0%}"


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
