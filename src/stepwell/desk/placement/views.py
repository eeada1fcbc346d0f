"""The Level of care tab and the moves made from it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request, stepwell_itself
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.aftercare.actions import plan_follow_ups
from stepwell.clinic.assessment import queries as assessment
from stepwell.clinic.assessment.rules import Dimension
from stepwell.clinic.chart.queries.lately import lately_of
from stepwell.clinic.placement import actions, queries
from stepwell.clinic.placement.rules import (
    Direction,
    GateState,
    Level,
    OverrideReason,
    Refused,
    discharge_reasons,
    level_from,
    level_name,
    may_admit,
    offered_levels,
    override_label,
    review_outcome,
    signals,
    step_down_criteria,
)
from stepwell.clinic.plan.queries import plan_in_force
from stepwell.clinic.timetable import actions as timetable
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.placement.authorized import authorized_level
from stepwell.desk.placement.forms import Admission, Discharge, Transfer
from stepwell.desk.placement.outside import outside_lines
from stepwell.desk.placement.progress import progress_of
from stepwell.ui.filters import date_full, day

_SAID = {
    "admit": "Admitted to",
    "step_up": "Stepped up to",
    "step_down": "Stepped down to",
    "transfer": "Transferred to",
    "discharge": "Discharged",
}
_TONE = {"admit": "water", "step_up": "warn", "step_down": "good", "transfer": "warn", "discharge": "quiet"}


@staff_page(P.PLACEMENT_READ)
def placement(request: Request, code: str) -> HttpResponse:
    """The recommendation with everything a clinician needs to disagree, then the moves so far."""
    chart = open_chart(request, code, "placement")
    by, patient = request.actor, chart.patient
    newest = queries.recommendations_of(by, patient).first()
    rating = assessment.ratings_of(by, patient).first()
    decision = queries.decision_of(newest) if newest else None
    moves = list(queries.placements_of(by, patient))
    current = [m for m in moves if m.episode_id == patient.episode_id]
    histories = assessment.histories(assessment.screenings_of(by, patient))
    plan = plan_in_force(by, patient) if by.may(P.PLAN_READ, patient.site_id) else None
    progress = progress_of(
        histories,
        lately_of(by, patient, at=request.at),
        level_since=_level_since(current),
        plan=plan,
        at=request.at,
    )
    in_treatment = bool(current)
    review = queries.reviews_of(by, patient).filter(episode__closed_at__isnull=True).first()
    # The level is for the office too; why it was chosen is for whoever may read the assessment.
    why = by.may(P.ASSESSMENT_READ, patient.site_id)
    context = {
        "newest": newest,
        "sees_why": why,
        "decision": decision if why else None,
        "stale": newest is not None and rating is not None and rating.pk != newest.rating_id,
        "unasked": newest is None and rating is not None,
        "rating": rating,
        "rated": [
            (d.label, getattr(rating, f"d{d.value}"), rating.reasons.get(f"d{d.value}", "")) for d in Dimension
        ] if rating and why else [],
        "recommended": _words(decision.level) if decision and decision.level else None,
        "alongside": _words(decision.alongside) if decision and decision.alongside else None,
        "ups": [c for c in decision.what_would_change_it if c.direction is Direction.UP] if decision else [],
        "downs": [c for c in decision.what_would_change_it if c.direction is Direction.DOWN] if decision else [],
        "closed_gates": _gates(decision, GateState.CLOSED),
        "unknown_gates": _gates(decision, GateState.UNKNOWN),
        "admit_refused": _admit_refused(decision) if not in_treatment else None,
        "clinical": current[-1] if current else None,
        "clinical_level": queries.level_words(patient.level),
        "authorized": authorized_level(by, patient, chart.today) if in_treatment else None,
        "moves": [_move(m, why) for m in reversed(current)],
        "earlier": [_move(m, why) for m in moves if m.episode_id != patient.episode_id],
        "stairs": _stairs(current),
        "confidence": decision.confidence if decision and why else None,
        "also_fired": [f for f in decision.fired if not f.decides] if decision and why else [],
        "review": review if why else None,
        "review_label": review_outcome(review.outcome).label if review else "",
        "review_level": queries.level_words(review.recommended_level) if review else "",
        "outside": outside_lines(queries.outside_of(by, patient), _ours(decision, patient)) if why else [],
        "criteria": step_down_criteria(progress) if in_treatment and why else (),
        "signs": signals(progress) if in_treatment and why else (),
        "in_treatment": in_treatment,
        "may_decide": by.may(P.PLACEMENT_DECIDE, patient.site_id),
        "may_rate": by.may(P.ASSESSMENT_RECORD, patient.site_id),
    }  # fmt: skip
    return chart_page(request, chart, "desk/placement/placement.html", context)


@require_POST
@staff_page(P.PLACEMENT_READ)
def recommendation(request: Request, code: str) -> HttpResponse:
    """Ask the rule about the newest ratings."""
    chart = open_chart(request, code, "placement")
    rating = assessment.ratings_of(request.actor, chart.patient).first()
    try:
        if rating is None:
            raise Refused("The six dimensions are not rated yet; rate them first.")
        actions.recommend(by=request.actor, at=request.at, patient=chart.patient, rating=rating)
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:placement", chart.patient.code)


@staff_page(P.PLACEMENT_DECIDE)
def admission(request: Request, code: str) -> HttpResponse:
    """Admit at the recommended level, or at another with a reason."""
    chart = open_chart(request, code, "placement")
    newest = queries.recommendations_of(request.actor, chart.patient).first()
    decision = queries.decision_of(newest) if newest else None
    first = {"level": decision.level.value if decision and decision.level else "2.1", "planned_weeks": 12}
    form = Admission(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            if newest is None:
                raise Refused("There is no recommendation yet; rate the six dimensions first.")
            actions.admit(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                recommendation=newest,
                **form.cleaned_data,
            )
            messages.success(request, "Admitted. The first plan is due within a week.")
            return redirect("desk:placement", chart.patient.code)
    context = {
        "form": form,
        "verb": "Admit",
        "recommended": _words(decision.level) if decision and decision.level else None,
        "refused": _admit_refused(decision) if not form.is_bound else None,
        "says": [
            "An episode opens today at this level, and the ordered hours can be set.",
            "The first plan is due within a week; it is signed by clinician and patient.",
        ],
    }
    return chart_page(request, chart, "desk/placement/move.html", context)


@staff_page(P.PLACEMENT_DECIDE)
def transfer(request: Request, code: str) -> HttpResponse:
    """To another program; the episode stays open until discharge."""
    chart = open_chart(request, code, "placement")
    form = Transfer(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.transfer(
                by=request.actor, at=request.at, episode=_episode(request, chart), **form.cleaned_data
            )
            messages.success(request, "The transfer is recorded. Discharge when the hand-over is done.")
            return redirect("desk:placement", chart.patient.code)
    says = [
        "Another program takes over. The episode stays open, so that the person can come back.",
        "Check the consent before anything is sent there; then discharge as transferred.",
    ]
    context = {"form": form, "verb": "Transfer", "recommended": None, "refused": None, "says": says}
    return chart_page(request, chart, "desk/placement/move.html", context)


@staff_page(P.PLACEMENT_DECIDE)
def discharge(request: Request, code: str) -> HttpResponse:
    """The end of the episode."""
    chart = open_chart(request, code, "placement")
    form = Discharge(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            timetable.discharge(
                by=request.actor, at=request.at, episode=_episode(request, chart), **form.cleaned_data
            )
            plan_follow_ups(by=stepwell_itself(), at=request.at)
            messages.success(request, "Discharged. Write the summary while it is fresh.")
            return redirect("desk:placement", chart.patient.code)
    says = [
        "The episode is closed: no plan, order or level can be changed in it afterwards.",
        "Every seat in a coming session is freed.",
        "The discharge summary and the follow-up calls are due next.",
    ]
    context = {"form": form, "verb": "Discharge", "recommended": None, "refused": None, "says": says}
    return chart_page(request, chart, "desk/placement/move.html", context)


def _episode(request: Request, chart: Any) -> Any:
    """The open episode. A patient without one has no such page: `DoesNotExist` becomes a 404."""
    return queries.episodes_of(request.actor, chart.patient).select_related("patient__site").get(
        closed_at__isnull=True
    )  # fmt: skip


def _gates(decision: Any, state: GateState) -> list[str]:
    """The sentences of the gates in this state."""
    return [gate.sentence for gate in decision.gates if gate.state is state] if decision else []


def _words(level: Level) -> str:
    return f"{level.value} {level_name(level)}"


def _admit_refused(decision: Any) -> str | None:
    """The sentence with which the rule would refuse admission to the recommended level, or None."""
    if decision is None:
        return "There is no recommendation yet; rate the six dimensions first."
    if decision.level is None:
        return str(decision.reasons[0].text)
    level = decision.level if decision.level in offered_levels() else Level.INTENSIVE_OUTPATIENT
    if not decision.admit:
        return str(decision.reasons[0].text)
    try:
        may_admit(decision, level)
    except Refused as no:
        return None if level is not decision.level and not decision.gates else no.sentence
    return None


def _ours(decision: Any, patient: Any) -> Level | None:
    """What other instruments are compared with: the rule's level, or the one in force."""
    if decision is not None and decision.level is not None:
        return decision.level  # type: ignore[no-any-return]  # of a Decision
    return level_from(patient.level) if patient.level else None


def _level_since(moves: list[Any]) -> Any:
    return moves[-1].starts_at if moves else None


def _move(row: Any, why: bool) -> dict[str, Any]:
    """A line of the timeline; the clinical reason only for whom it is."""
    level = queries.level_words(row.level)
    reason = next((r.label for r in discharge_reasons() if r.slug == row.discharge_reason), "")
    parts = [row.because] if why else []
    if row.override and why:
        parts.append(
            f"Level {row.indicated_level} was recommended. {override_label(OverrideReason(row.override))}."
        )
    if row.receiving:
        parts.append(f"Taken over by {row.receiving}.")
    return {
        "at": date_full(row.starts_at),
        "title": f"{_SAID[row.kind]} {level}".strip() + (f": {reason.lower()}" if reason else ""),
        "text": " ".join(parts),
        "by": row.by.name,
        "tone": _TONE[row.kind],
    }


def _stairs(moves: list[Any]) -> list[dict[str, Any]]:
    """The levels of this episode as steps, each as high as its level; the last one is now."""
    rows = [m for m in moves if m.kind != "discharge"]
    return [
        {
            "label": queries.level_words(m.level),
            "note": f"{_SAID[m.kind].removesuffix(' to').lower()} {day(m.starts_at)}",
            "state": "now" if m is rows[-1] else "done",
            "rank": level_from(m.level).rank,
        }
        for m in rows[-6:]
    ]
