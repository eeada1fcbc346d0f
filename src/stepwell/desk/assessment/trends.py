"""The course of one instrument: every filling, the change that means something, and the numbers beneath."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import queries
from stepwell.clinic.assessment.rules import Verdict, change, instruments, load_instrument
from stepwell.desk.assessment.score_cards import figures_of, trend_chart
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import staff_page
from stepwell.ui.filters import date_full

DRAWN, LISTED = 60, 100
_WORDS = {Verdict.BETTER: "better", Verdict.WORSE: "worse", Verdict.SAME: "no meaningful change"}


@staff_page(P.ASSESSMENT_READ)
def trend(request: Request, code: str, slug: str) -> HttpResponse:
    """The newest `DRAWN` complete fillings as a line, the newest `LISTED` of all as a table. One statement of its own."""
    if slug not in instruments():
        raise Http404
    chart = open_chart(request, code, "assessment")
    instrument = load_instrument(slug)
    rows = list(queries.screenings_with(request.actor, chart.patient, slug)[: LISTED + 1])
    found = queries.histories(rows)
    complete = found[0].complete if found else ()
    context = {
        "instrument": instrument,
        "chart_svg": trend_chart(instrument, complete[-DRAWN:]) if len(complete) > 1 else None,
        "smallest": [f"{rule.points} points" for rule in instrument.changes if rule.points is not None],
        "columns": [
            "Day",
            *(label for _, label in figures_of(instrument)),
            "Band",
            "Against the one before",
            "",
        ],
        "rows": _lines(rows[:LISTED], instrument),
        "more": len(rows) > LISTED,
        "may_record": request.actor.may(P.ASSESSMENT_RECORD, chart.patient.site_id),
    }
    return chart_page(request, chart, "desk/assessment/trend.html", context)


def _lines(rows: list[Any], instrument: Any) -> list[dict[str, Any]]:
    """Each filling, newest first: figures, and what changed since the complete one before it."""
    lines: list[dict[str, Any]] = []
    former: Any = None
    for row in reversed(rows):
        score = queries.score_of(row)
        counts = row.entered_in_error_at is None and not row.corrected
        said = ""
        if not counts:
            said = "entered in error" if row.entered_in_error_at else "corrected since"
        elif not row.complete:
            said = "not complete, not scored"
        elif former is not None:
            said = "; ".join(
                f"{c.points:+g}: {_WORDS[c.verdict]}"
                if c.points is not None and c.verdict in _WORDS
                else c.sentence
                for c in change(former, score, instrument)
                if c.verdict is not Verdict.UNJUDGED
            )
        if counts and row.complete:
            former = score
        lines.append(
            {
                "number": row.pk,
                "day": date_full(row.taken_at),
                "figures": [score.of(code) for code, _ in figures_of(instrument)],
                "band": row.band,
                "said": said,
                "counts": counts,
            }
        )
    return lines[::-1]
