from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_sheet

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.aftercare import actions, queries
from stepwell.clinic.aftercare.rules import (
    FollowUpState,
    load_care_sections,
    load_questions,
    load_summary_sections,
)
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.placement.rules import discharge_reasons
from stepwell.desk.aftercare.forms import Attempt, CarePlan, Summary
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.pages import refusals_on, render, staff_page

TONES = {
    FollowUpState.UPCOMING: "quiet",
    FollowUpState.DUE: "warn",
    FollowUpState.TRYING: "warn",
    FollowUpState.REACHED: "good",
    FollowUpState.REFUSED: "quiet",
    FollowUpState.UNREACHABLE: "quiet",
    FollowUpState.DECEASED: "quiet",
}


@staff_page(P.AFTERCARE_READ)
def aftercare(request: Request) -> HttpResponse:
    """Calls to make today, and summaries that nobody has signed."""
    by = request.actor
    today = request.at.astimezone(ZoneInfo(by.home.zone)).date()
    context = {
        "calls": queries.due_calls(by, at=request.at, on=today),
        "summaries": queries.summaries_missing(by),
        "reasons": _reasons(),
        "may_write": by.may(P.AFTERCARE_WRITE),
    }
    return render(request, "desk/aftercare/aftercare.html", context)


@staff_page(P.AFTERCARE_READ)
def follow_up(request: Request, number: int) -> HttpResponse:
    """One call: what to say, whether it is safe now, what was tried, and the form."""
    call = queries.call(request.actor, number, at=request.at)
    trail.record_access(
        by=request.actor, at=request.at, patient_id=call.patient.pk, subject=f"FollowUp {call.row.pk}"
    )
    return _call_page(request, call, Attempt())


@staff_page(P.AFTERCARE_WRITE)
def log_attempt(request: Request, number: int) -> HttpResponse:
    call = queries.call(request.actor, number, at=request.at)
    if request.method != "POST":
        return redirect("desk:follow_up", call.row.pk)
    form = Attempt(request.POST)
    if form.is_valid():
        with refusals_on(form):
            row = actions.log_attempt(
                by=request.actor,
                at=request.at,
                follow_up=call.row,
                outcome=form.cleaned_data["outcome"],
                answers=form.answers(),
                note=form.cleaned_data["note"],
            )
            messages.success(request, f"Logged: {row.get_outcome_display()}.")
            return redirect("desk:aftercare")
    return _call_page(request, call, form)


@staff_page(P.AFTERCARE_READ)
def chart_aftercare(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "aftercare")
    by = request.actor
    episodes = queries.episodes_of(by, chart.patient)
    current = episodes[0] if episodes else None
    context = {
        "episode": current,
        "earlier": episodes[1:],
        "plan": current.care_plans[0] if current and current.care_plans else None,
        "appointment": queries.appointment_after(current) if current else None,
        "calls": queries.calls_of(by, chart.patient, at=request.at),
        "may_write": by.may(P.AFTERCARE_WRITE, chart.patient.site_id),
        "tones": TONES,
        **_words(),
    }
    return chart_page(request, chart, "desk/aftercare/chart_aftercare.html", context)


@staff_page(P.AFTERCARE_WRITE)
def discharge_summary(request: Request, code: str, episode_id: int) -> HttpResponse:
    """Write the summary; “keep and sign” keeps it even when the rule refuses the signature."""
    chart = open_chart(request, code, "aftercare")
    episode = queries.episode(request.actor, chart.patient, episode_id)
    kept = episode.summary.sections if episode.summary else {}
    form = Summary(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.write_summary(
                by=request.actor, at=request.at, episode=episode, sections=form.cleaned_data
            )
            if request.POST.get("then") == "sign":
                actions.sign_summary(by=request.actor, at=request.at, summary=row)
                messages.success(request, "The summary is signed. It is never changed from now on.")
            else:
                messages.success(request, "The draft is kept.")
            return redirect("desk:chart_aftercare", chart.patient.code)
    return _form_page(request, chart, episode, form, "desk/aftercare/discharge_summary.html")


@staff_page(P.AFTERCARE_WRITE)
def continuing_care(request: Request, code: str, episode_id: int) -> HttpResponse:
    """A new version of the plan for continuing care, begun from the newest one."""
    chart = open_chart(request, code, "aftercare")
    episode = queries.episode(request.actor, chart.patient, episode_id)
    last = episode.care_plans[0] if episode.care_plans else None
    initial = {
        **last.sections,
        "next_level": last.next_level,
        "next_provider": last.next_provider,
        "next_appointment_on": last.next_appointment_on,
    } if last else {}  # fmt: skip
    form = CarePlan(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.save_continuing_care(
                by=request.actor,
                at=request.at,
                episode=episode,
                sections=form.sections(),
                next_level=form.cleaned_data["next_level"],
                next_provider=form.cleaned_data["next_provider"],
                next_appointment_on=form.cleaned_data["next_appointment_on"],
            )
            messages.success(request, f"Version {row.version} of the plan is on file.")
            return redirect("desk:chart_aftercare", chart.patient.code)
    return _form_page(request, chart, episode, form, "desk/aftercare/continuing_care.html")


@staff_page(P.AFTERCARE_READ)
def aftercare_print(request: Request, code: str, episode_id: int) -> HttpResponse:
    """The sheet to hand over: plan for continuing care, then the summary if it is signed."""
    chart = open_chart(request, code, "aftercare")
    episode = queries.episode(request.actor, chart.patient, episode_id)
    context = {
        "patient": chart.patient,
        "episode": episode,
        "plan": episode.care_plans[0] if episode.care_plans else None,
        "now": request.at,
        **_words(),
    }
    return render_sheet(request, "desk/aftercare/aftercare_print.html", context, using="jinja2")


def _call_page(request: Request, call: queries.Call, form: Attempt) -> HttpResponse:
    questions = {q.key: q for q in load_questions()}
    context = {
        "call": call,
        "patient": call.patient,
        "form": form,
        "questions": [form[f"q_{key}"] for key in questions],
        "attempts": [
            (
                a,
                [
                    (questions[k].title, questions[k].answers.get(v, v))
                    for k, v in a.answers.items()
                    if k in questions
                ],
            )
            for a in call.row.attempts.all()
        ],
        "may_write": request.actor.may(P.AFTERCARE_WRITE, call.patient.site_id),
    }
    return render(request, "desk/aftercare/follow_up.html", context)


def _form_page(request: Request, chart: Chart, episode: Any, form: Any, template: str) -> HttpResponse:
    return chart_page(request, chart, template, {"episode": episode, "form": form})


def _reasons() -> dict[str, str]:
    return {reason.slug: reason.label for reason in discharge_reasons()}


def _words() -> dict[str, Any]:
    return {
        "summary_sections": load_summary_sections(),
        "care_sections": load_care_sections(),
        "level_words": level_words,
        "reasons": _reasons(),
    }
