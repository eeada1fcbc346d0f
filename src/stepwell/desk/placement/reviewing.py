"""The weekly look at the level: who is due, and one form that is prepared from the chart."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import queries as assessment
from stepwell.clinic.chart.queries.lately import lately_of
from stepwell.clinic.hours.queries.days import days_of
from stepwell.clinic.placement import actions, queries
from stepwell.clinic.placement.rules import (
    Progress,
    ReviewDue,
    Suggestion,
    Way,
    as_findings,
    default_cadence,
    level_from,
    level_name,
    review_due,
    review_outcome,
    review_outcomes,
    signals,
    step_down_criteria,
    suggest,
)
from stepwell.clinic.plan.queries import plan_in_force
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.placement.forms import LevelReview
from stepwell.desk.placement.progress import progress_of

NEXT = {Way.STEP_DOWN: "desk:step_down", Way.STEP_UP: "desk:step_up", Way.DISCHARGE: "desk:discharge"}


@staff_page(P.PLACEMENT_DECIDE)
def level_reviews(request: Request) -> HttpResponse:
    """Everybody in treatment, whose review is due first in front. Three statements, whatever the number."""
    by = request.actor
    episodes = list(queries.to_review(by))
    today = request.at.astimezone(ZoneInfo(by.home.zone)).date()
    first = min((one.looked_at.date() for one in episodes), default=today)
    attended = days_of(
        by=by, at=request.at, patient_ids=[one.patient_id for one in episodes], first=first, last=today
    )
    found = [_line(one, attended, request) for one in episodes]
    found.sort(key=lambda line: (not line["due"].due, line["due"].on, line["row"].pk))
    context = {
        "lines": found[:100],
        "many": len(found),
        "due_count": sum(line["due"].due for line in found),
        "cadence": default_cadence(),
    }
    return render(request, "desk/placement/level_reviews.html", context)


def _line(row: Any, attended: Any, request: Request) -> dict[str, Any]:
    return {
        "row": row,
        "level": queries.level_words(row.level),
        "due": due_of(row, attended[row.patient_id].attended, request.at),
    }


def due_of(row: Any, attended: Any, at: Any) -> ReviewDue:
    """When the next review of an open episode is due, by days or by hours of treatment since the last."""
    zone = ZoneInfo(row.site.zone)
    last, today = row.looked_at.astimezone(zone).date(), at.astimezone(zone).date()
    since = sum(minutes for day, minutes in attended.items() if day > last)
    cadence = default_cadence()
    if row.next_due_on is not None:
        cadence = replace(cadence, every_days=max((row.next_due_on - last).days, 1))
    return review_due(last=last, treatment_hours_since=Decimal(since) / 60, today=today, cadence=cadence)


@staff_page(P.PLACEMENT_DECIDE)
def level_review(request: Request, code: str) -> HttpResponse:
    """Prepared from what is on file; whoever reviews looks, corrects and keeps it."""
    chart = open_chart(request, code, "placement")
    by, patient = request.actor, chart.patient
    episode = queries.to_review(by).get(patient_id=patient.pk)
    rating = assessment.ratings_of(by, patient).first()
    newest = queries.recommendations_of(by, patient).first()
    progress = _progress(request, patient, episode)
    indicated = level_from(newest.level) if newest and newest.level else None
    proposed = suggest(progress, level_from(episode.level), indicated)
    form = LevelReview(
        request.POST or None,
        rating=rating,
        initial=_first(proposed, rating, chart.today),
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.review_level(
                by=by,
                at=request.at,
                episode=episode,
                progress=_told(progress, form),
                changed=form.changed_ratings(),
                **form.review(),
            )
            way = review_outcome(row.outcome).way
            messages.success(
                request, f"The review is on file. The next one is due by {row.next_due_on:%-d %B}."
            )
            return redirect(NEXT.get(way, "desk:placement"), patient.code)
    context = {
        "form": form,
        "clinical": queries.level_words(episode.level),
        "proposed": proposed,
        "proposal": review_outcome(proposed.outcome).label,
        "proposed_level": f"{proposed.level.value} {level_name(proposed.level)}"
        if proposed.level
        else "Discharge",
        "findings": as_findings(progress, proposed),
        "criteria": step_down_criteria(progress),
        "signs": signals(progress),
        "rating": rating,
        "earlier": list(queries.reviews_of(by, patient)[:6]),
        "outcome_label": {one.code: one.label for one in review_outcomes()},
    }
    return chart_page(request, chart, "desk/placement/level_review.html", context)


def _progress(request: Request, patient: Any, episode: Any) -> Progress:
    by = request.actor
    placed = [m for m in queries.placements_of(by, patient) if m.episode_id == episode.pk]
    return progress_of(
        assessment.histories(assessment.screenings_of(by, patient)),
        lately_of(by, patient, at=request.at),
        level_since=placed[-1].starts_at,
        plan=plan_in_force(by, patient) if by.may(P.PLAN_READ, patient.site_id) else None,
        at=request.at,
    )


def _told(progress: Progress, form: LevelReview) -> Progress:
    """With what only a person can know."""
    return replace(
        progress,
        housing_lost=form.cleaned_data["housing_lost"] or None,
        overdose=form.cleaned_data["overdose"] or None,
    )


def _first(proposed: Suggestion, rating: Any, today: Any) -> dict[str, Any]:
    summary = " ".join(proposed.because)
    values = {f"d{n}": getattr(rating, f"d{n}") for n in range(1, 7)} if rating else {}
    return {
        "outcome": proposed.outcome,
        "recommended": proposed.level.value if proposed.level else "",
        "summary": summary,
        "next_due_on": today + timedelta(days=default_cadence().every_days),
        "once_key": secrets.token_urlsafe(24),
        **values,
    }
