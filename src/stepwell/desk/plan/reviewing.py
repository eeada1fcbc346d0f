"""The review of the plan, prepared from what happened since the last look: hours, scores, notes, tests, alerts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import alerts_of
from stepwell.clinic.chart.queries import strands_of
from stepwell.clinic.coverage.queries import policies_of
from stepwell.clinic.drug_tests.queries import tests_of
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.saying import day_words
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.hours.doses import lines_since
from stepwell.desk.hours.doses import said as dose_facts
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.plan.forms import Review
from stepwell.desk.plan.views import objectives_in

_FOLLOWS = {
    "continue": "The review is on file; the plan goes on.",
    "revise": "The review is on file. Change the plan next.",
    "step_down": "The review is on file. Step down under Level of care next.",
    "step_up": "The review is on file. Step up under Level of care next.",
    "discharge": "The review is on file. Discharge under Level of care next.",
}


@staff_page(P.PLAN_WRITE)
def plan_review(request: Request, code: str) -> HttpResponse:
    """The team has looked: each objective goes on, is changed, met or given up; what follows, when next."""
    chart = open_chart(request, code, "plan")
    held = queries.plan_in_force(request.actor, chart.patient)
    if held is None:
        messages.info(request, "No plan is in force yet; there is nothing to review.")
        return redirect("desk:plan", chart.patient.code)
    zone = ZoneInfo(chart.patient.site.zone)
    looked_at = max([review.at for review in held.reviews.all()], default=held.signed_at or request.at)
    since = looked_at.astimezone(zone).date()
    closed = queries.met_ids(held) | queries.given_up_ids(held)
    objectives = [(_number(o), o) for o in objectives_in(held) if o.pk not in closed]
    strands = strands_of(request.actor, chart.patient, [o for _, o in objectives], since=looked_at)
    doses = (
        lines_since(request.actor, chart.patient, since, chart.today, at=request.at)
        if chart.sees_hours
        else []
    )
    facts = _facts(request, chart, looked_at, zone, doses)
    facts_said = dose_facts(doses)
    summary = f"Since {day_words(since)}: {facts_said[:1].lower()}{facts_said[1:]}\n" if facts_said else ""
    first = {"next_due_on": _next(request, chart), "summary": summary}
    form = Review(request.POST or None, objectives=objectives, facts=summary, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        found = form.found()
        with refusals_on(form):
            review = actions.review_plan(
                by=request.actor,
                at=request.at,
                plan=held,
                outcome=given["outcome"],
                summary=given["summary"],
                found=found,
                facts=[sentence for _, sentence in facts],
                next_due_on=given["next_due_on"],
                begin_next=given["outcome"] == "revise" or rules.asks_for_a_version(found),
            )
            return _after(request, chart, review, found)
    context = {
        "form": form,
        "plan": held,
        "team": list(queries.care_team_of(request.actor, chart.patient)),
        "doses": doses,
        "since": since,
        "facts": facts,
        "objectives": [
            {"number": n, "row": o, "strand": strands.get(queries.line_of(o)), "fields": form.of(o.pk)}
            for n, o in objectives
        ],
    }
    return chart_page(request, chart, "desk/plan/review.html", context)


def _after(request: Request, chart: Chart, review: Any, found: list[rules.Found]) -> HttpResponse:
    messages.success(request, _FOLLOWS[review.outcome])
    if review.outcome == "revise" or rules.asks_for_a_version(found):
        messages.info(
            request, "A new version is begun without what is met or given up; change it and sign it."
        )
        return redirect("desk:plan_draft", chart.patient.code)
    return redirect("desk:plan", chart.patient.code)


def _number(o: Any) -> str:
    return f"{o.goal.problem.number}.{o.goal.number}.{o.number}"


def _next(request: Request, chart: Chart) -> date:
    """By the rule for the level and, where the role may see them, the payers of today."""
    by, patient = request.actor, chart.patient
    payers = (
        [one.row.payer.kind for one in policies_of(by, patient, on=chart.today)]
        if by.may(P.COVERAGE_READ, patient.site_id)
        else []
    )
    return rules.review_due(chart.today, patient.level or "", payers)


def _facts(
    request: Request, chart: Chart, since: datetime, zone: ZoneInfo, doses: list[Any]
) -> list[tuple[str, str]]:
    """What happened since the last look, each with its name: only what the role sees in the tabs."""
    by, patient = request.actor, chart.patient
    found = [("Hours", said)] if (said := dose_facts(doses)) else []
    if by.may(P.DRUG_TEST_READ, patient.site_id):
        found.append(("Drug tests", _tests(by, patient, since, chart.today)))
    if by.may(P.ASSESSMENT_READ, patient.site_id):
        told = [a for a in alerts_of(by, patient) if a.raised_at > since]
        words = [f"{day_words(a.raised_at.astimezone(zone).date())}: {a.sentence}" for a in told[:6]]
        more = f" And {len(told) - 6} more." if len(told) > 6 else ""
        found.append(("Incidents and alerts", (" ".join(words) + more) or "None."))
    return found


def _tests(by: Any, patient: Any, since: datetime, today: date) -> str:
    """'3 results, 1 unexpected; 1 refused.'"""
    results, odd, refused = 0, 0, 0
    for test in tests_of(by, patient, today=today):
        taken = getattr(test, "collection", None)
        if taken is not None and taken.refused and taken.at > since:
            refused += 1
        newest = [row for row in test.results.all() if row.at > since]
        results += bool(newest)
        odd += any(row.reading.get("outcome") == "unexpected" for row in newest)
    said = f"{results} result{'' if results == 1 else 's'}"
    said += f", {odd} unexpected" if odd else ", none unexpected" if results else ""
    return f"{said}; {refused} refused." if refused else f"{said}."
