from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.consent.queries import permitted_to_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.people.queries import family_of
from stepwell.clinic.plan.queries import objectives_in_force
from stepwell.clinic.recovery import actions, queries, rules
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.recovery.forms import HomeworkReview, NewHomework, PlanText
from stepwell.ui.charts import Series, line

_SHOWN = 30


@staff_page(P.RECOVERY_READ)
def recovery(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "recovery")
    by, patient = request.actor, chart.patient
    check_ins = queries.check_ins_of(by, patient, since=request.at - load_looking().check_ins_drawn)
    plans = queries.plans_of(by, patient)
    context = {
        "check_ins": check_ins[:_SHOWN],
        "drawn": _drawn(check_ins[:_SHOWN], patient.site.zone),
        "plans": [_plan(plans, kind) for kind in rules.RecoveryPlanKind],
        "homework": queries.homework_of(by, patient, at=request.at),
        "may_write": by.may(P.RECOVERY_WRITE, patient.site_id),
        "days": load_looking().check_ins_drawn.days,
    }
    return chart_page(request, chart, "desk/recovery/recovery.html", context)


def _drawn(check_ins: Sequence[Any], zone: str) -> dict[str, Any] | None:
    """Mood, craving and sleep as lines, oldest first, with the numbers for the table."""
    told = [
        c for c in reversed(check_ins) if not (c.mood is None and c.craving is None and c.sleep_hours is None)
    ]
    if len(told) < 2:
        return None
    where = ZoneInfo(zone)
    names = [f"{c.at.astimezone(where):%-d %b}" for c in told]
    sleep = [None if c.sleep_hours is None else float(c.sleep_hours) for c in told]
    series = [
        Series("Mood", [c.mood for c in told]),
        Series("Craving", [c.craving for c in told]),
        Series("Sleep, hours", sleep),
    ]
    highest = max([10.0, *(value for value in sleep if value is not None)])
    top = None if highest > 10 else 10.0
    return {
        "svg": line(names, series, top=top, says="Mood, craving and sleep from the check-ins"),
        "rows": [
            [f"{c.at.astimezone(where):%a %-d %b, %H:%M}", c.mood, c.craving, c.sleep_hours] for c in told
        ],
    }


def _plan(plans: Sequence[Any], kind: rules.RecoveryPlanKind) -> dict[str, Any]:
    newest = queries.newest(plans, kind)
    form = rules.form(kind)
    return {
        "kind": kind.value.replace("_", "-"),
        "form": form,
        "row": newest,
        "blank": rules.completeness(kind, newest.sections).blank if newest else (),
        "versions": sum(p.kind == kind.value for p in plans),
    }


@staff_page(P.RECOVERY_WRITE)
def plan_text(request: Request, code: str, kind: str) -> HttpResponse:
    """Each save is a new version; somebody else's newer version is never overwritten unseen."""
    chart = open_chart(request, code, "recovery")
    which = plan_kind(kind)
    newest = queries.plan_of(request.actor, chart.patient, which)
    first: dict[str, Any] = {"based_on": newest.version if newest else 0}
    first |= {f"section_{key}": text for key, text in (newest.sections if newest else {}).items()}
    form = PlanText(request.POST if request.method == "POST" else None, plan=rules.form(which), initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.save_recovery_plan(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                kind=which,
                sections=form.sections(),
                based_on=form.cleaned_data["based_on"],
            )
            messages.success(request, f"{form.plan.title}, version {row.version}, is kept.")
            return redirect("desk:recovery", chart.patient.code)
    return chart_page(request, chart, "desk/recovery/plan_text.html", {"form": form, "kind": kind})


def plan_kind(word: str) -> rules.RecoveryPlanKind:
    """The kind of plan from its word in the address; a 404 for any other word."""
    try:
        return rules.RecoveryPlanKind(word.replace("-", "_"))
    except ValueError as unknown:
        raise Http404 from unknown


@staff_page(P.RECOVERY_WRITE)
def new_homework(request: Request, code: str) -> HttpResponse:
    """For the patient, or for a family member whom a live consent lets take part."""
    chart = open_chart(request, code, "recovery")
    by, patient = request.actor, chart.patient
    family = {
        str(member.pk): member
        for member in family_of(by, patient)
        if Category.HOMEWORK in permitted_to_family(member, at=request.at)
    }
    whom = [("patient", patient.called), *((pk, f"{m.name}, {m.relation}") for pk, m in family.items())]
    first = {"whom": "patient", "due_on": chart.today + load_looking().homework_due}
    objectives = objectives_in_force(by, [patient.pk]).get(patient.pk, [])
    if (asked := request.GET.get("objective", "")) in {str(one.pk) for one in objectives}:
        first["objective"] = asked
    form = NewHomework(
        request.POST if request.method == "POST" else None, whom=whom, objectives=objectives, initial=first
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        member = family.get(facts.pop("whom"))
        facts["objective"] = form.objectives.get(facts["objective"])
        with refusals_on(form):
            actions.give_homework(by=by, at=request.at, patient=patient, family_member=member, **facts)
            messages.success(request, f"Given to {member.name if member else patient.called}.")
            return redirect("desk:recovery", patient.code)
    return chart_page(request, chart, "desk/recovery/new_homework.html", {"form": form, "family": family})


@staff_page(P.RECOVERY_WRITE)
def homework_review(request: Request, code: str, homework_id: int) -> HttpResponse:
    chart = open_chart(request, code, "recovery")
    row = queries.homework_for(request.actor, chart.patient, homework_id)
    form = HomeworkReview(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.review_homework(by=request.actor, at=request.at, homework=row, **form.cleaned_data)
            messages.success(request, f"“{row.title}” is reviewed.")
            return redirect("desk:recovery", chart.patient.code)
    return chart_page(request, chart, "desk/recovery/homework_review.html", {"form": form, "row": row})
