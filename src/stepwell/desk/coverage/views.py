from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.billing.queries import day_code
from stepwell.clinic.coverage import actions, queries
from stepwell.clinic.coverage.assistance.queries import grants_of
from stepwell.clinic.coverage.good_faith.queries import of_patient
from stepwell.clinic.coverage.rules import load_planning
from stepwell.clinic.inquiry.queries import accepted_items
from stepwell.clinic.people.queries import site_of
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.coverage.assistance.views import visits_left
from stepwell.desk.coverage.eligibility import coverage_context
from stepwell.desk.coverage.forms import NewBenefits, NewPayer, NewPolicy, NewRate, PlannedEpisode
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.COVERAGE_READ)
def coverage(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "coverage")
    policies = queries.policies_of(request.actor, chart.patient)
    estimates = queries.estimates_of(request.actor, chart.patient)
    context = {
        "policies": policies,
        "unheard": [p for p in policies if p.benefits is None],
        "estimates": estimates,
        "handed_off": list(accepted_items(chart.patient, "coverage")),
        "asked": of_patient(request.actor, chart.patient),
        "fee": queries.fee_determination_on(chart.patient, localdate(request.at)),
        "may_record": request.actor.may(P.COVERAGE_RECORD, chart.patient.site_id),
        **coverage_context(request, chart.patient),
    }
    return chart_page(request, chart, "desk/coverage/coverage.html", context)


@staff_page(P.COVERAGE_RECORD)
def new_policy(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "coverage")
    payers = queries.payers()
    form = NewPolicy(request.POST or None, payers=payers, initial={"relation": "self"})
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        payer = next(p for p in payers if str(p.pk) == facts.pop("payer"))
        with refusals_on(form):
            actions.record_policy(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                payer=payer,
                member_id=facts.pop("member_id"),
                starts_on=facts.pop("starts_on"),
                facts=facts,
            )
            messages.success(request, "The policy is on file. Ask for the benefits next.")
            return redirect("desk:coverage", chart.patient.code)
    return chart_page(request, chart, "desk/coverage/new_policy.html", {"form": form})


@staff_page(P.COVERAGE_RECORD)
def new_benefits(request: Request, code: str, policy_id: int) -> HttpResponse:
    chart = open_chart(request, code, "coverage")
    policy = queries.policy_for(request.actor, chart.patient, policy_id)
    form = NewBenefits(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_benefits(by=request.actor, at=request.at, policy=policy.row, facts=form.facts())
            messages.success(request, "The benefits are on file. An estimate can be made from them.")
            return redirect("desk:coverage", chart.patient.code)
    return chart_page(request, chart, "desk/coverage/new_benefits.html", {"form": form, "policy": policy})


@staff_page(P.COVERAGE_RECORD)
def new_estimate(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "coverage")
    policies = queries.policies_of(request.actor, chart.patient, on=localdate(request.at))
    form = PlannedEpisode(
        request.POST or None,
        policies=policies,
        initial={
            "starts_on": localdate(request.at),
            "code": _usual_code(request, chart, policies),
            "eap_visits": visits_left(request, chart.patient),
        },
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        of_key = {str(p.row.pk): p.row for p in policies}
        with refusals_on(form):
            row = actions.make_estimate(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                weeks=facts["weeks"],
                days_per_week=facts["days_per_week"],
                starts_on=facts["starts_on"],
                code=facts["code"],
                policy=of_key.get(facts["policy"]),
                second=of_key.get(facts.get("second", "")),
                also=form.orders(),
                eap=form.eap(),
                grants=grants_of(chart.patient),
            )
            return redirect("desk:estimate", chart.patient.code, row.pk)
    return chart_page(request, chart, "desk/coverage/new_estimate.html", {"form": form})


def _usual_code(request: Request, chart: Chart, policies: list[queries.PolicyOnFile]) -> str:
    """A whole day's code at the level in force, by the rules that the first payer follows."""
    usual, level = load_planning().code, chart.patient.level
    if not policies or not level:
        return usual
    return day_code(policies[0].row.payer_id, level, localdate(request.at)) or usual


_HELPS = (
    ("Insurance pays", "payer_pays"),
    ("Second plan pays", "second_pays"),
    ("Assistance program pays", "eap_pays"),
    ("Taken off by the sliding fee", "discount"),
    ("Grants pay", "grants_pay"),
    ("Written off by contract", "written_off"),
)
"""What takes something off the charge: its label, and its name on the estimate and on every week of it."""


@staff_page(P.COVERAGE_READ)
def estimate(request: Request, code: str, estimate_id: int) -> HttpResponse:
    """One estimate, week by week, as it is printed and handed over."""
    chart = open_chart(request, code, "coverage")
    row = queries.estimate_for(request.actor, chart.patient, estimate_id)
    weeks = [
        {
            "starts_on": date.fromisoformat(line["starts_on"]),
            "units": line["units"],
            **{
                name: Decimal(line.get(name, 0))
                for name in ("charge", "patient_pays", "so_far", *(name for _, name in _HELPS))
            },
        }
        for line in row.lines
    ]
    helps = [
        (label, name, getattr(row, name))
        for label, name in _HELPS
        if getattr(row, name) or (name == "payer_pays" and row.policy)
    ]
    columns = ["Week from", *({"label": label, "num": True} for label in ("Visits", "Charge"))]
    columns += [{"label": label, "num": True} for label, _, _ in helps]
    columns += [{"label": label, "num": True} for label in ("You pay", "You have paid by then")]
    context = {"estimate": row, "weeks": weeks, "helps": helps, "columns": columns}
    return chart_page(request, chart, "desk/coverage/estimate.html", context)


@staff_page(P.COVERAGE_RECORD)
def new_payer(request: Request) -> HttpResponse:
    form = NewPayer(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_payer(by=request.actor, at=request.at, **form.cleaned_data)
            messages.success(request, "The payer is on the list.")
            return redirect("desk:new_payer")
    return render(request, "desk/coverage/new_payer.html", {"form": form, "payers": queries.payers()})


@staff_page(P.STAFF_MANAGE)
def rates(request: Request) -> HttpResponse:
    """What the program charges and what payers allow, each from a day on."""
    payers = queries.payers()
    form = NewRate(request.POST or None, payers=payers, initial={"starts_on": localdate(request.at)})
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        chosen = facts.pop("payer")
        payer = next((p for p in payers if str(p.pk) == chosen), None)
        with refusals_on(form):
            actions.set_rate(
                by=request.actor, at=request.at, site=site_of(request.actor), payer=payer, **facts
            )
            messages.success(request, "The rate is set; the one before ends the day before.")
            return redirect("desk:rates")
    return render(
        request, "desk/coverage/rates.html", {"form": form, "rates": queries.rates_of(request.actor)}
    )
