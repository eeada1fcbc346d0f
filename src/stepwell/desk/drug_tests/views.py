from __future__ import annotations

import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.drug_tests import actions, queries, rules
from stepwell.clinic.medication.queries import names_taken
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.drug_tests.forms import NewResult, NewTest, Review
from stepwell.desk.drug_tests.laboratory import expected_on
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.DRUG_TEST_READ)
def drug_tests(request: Request) -> HttpResponse:
    """Results to review, specimens to collect, results to enter, refusals of the week."""
    by = request.actor
    today = request.at.astimezone(ZoneInfo(by.home.zone)).date()
    context = {
        "today": today,
        "to_review": queries.to_review(by),
        "to_collect": queries.to_collect(by, today=today),
        "to_read": queries.to_read(by),
        "refused": queries.refused_since(by, since=request.at - timedelta(days=7)),
        "panels": {panel.code: panel.label for panel in rules.panels()},
        "from_laboratories": queries.reports_waiting(by).count(),
        "may_order": by.may(P.DRUG_TEST_ORDER),
        "may_collect": by.may(P.DRUG_TEST_COLLECT),
    }
    return render(request, "desk/drug_tests/drug_tests.html", context)


@staff_page(P.DRUG_TEST_READ)
def chart_tests(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "tests")
    return _tests_page(request, chart, _new_test(None, chart))


@staff_page(P.DRUG_TEST_READ)
def chart_tests_print(request: Request, code: str) -> HttpResponse:
    """The trend on paper."""
    chart = open_chart(request, code, "tests")
    by, patient = request.actor, chart.patient
    grid = queries.grid(queries.tests_of(by, patient, today=chart.today), today=chart.today, columns=7)
    context = {"patient": patient, "grid": grid, "today": chart.today}
    return render(request, "desk/drug_tests/trend_print.html", context)


@staff_page(P.DRUG_TEST_ORDER)
def new_test(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "tests")
    form = _new_test(request.POST if request.method == "POST" else None, chart)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            order = actions.order_test(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(request, f"{rules.panel(order.panel).label} is ordered.")
            return redirect("desk:chart_tests", chart.patient.code)
    return _tests_page(request, chart, form)


@staff_page(P.DRUG_TEST_COLLECT)
def result(request: Request, code: str, test_id: int) -> HttpResponse:
    chart = open_chart(request, code, "tests")
    by, patient = request.actor, chart.patient
    test = queries.test_for(by, patient, test_id, today=chart.today)
    panel = rules.panel(test.panel)
    form = NewResult(
        request.POST if request.method == "POST" else None,
        panel=panel,
        initial={"once_key": secrets.token_urlsafe(18)},
    )
    on = queries.day_of(test)
    prescribed = expected_on(by, patient, on)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        with refusals_on(form):
            row = actions.record_result(
                by=by,
                at=request.at,
                order=test,
                results=form.results(),
                method=facts["method"],
                prescribed=prescribed,
                taking=names_taken(by, patient, on),
                measured={name: facts[name] for name in ("creatinine", "gravity", "ph", "oxidants")},
                amounts=form.amounts(),
                once_key=facts["once_key"],
            )
            messages.info(request, row.reading["sentence"])
            return redirect("desk:chart_tests", patient.code)
    context = {
        "form": form,
        "test": test,
        "panel": panel,
        "expected": [one.label for one in panel.classes if one.code in prescribed],
    }
    return chart_page(request, chart, "desk/drug_tests/result.html", context)


@staff_page(P.DRUG_TEST_ORDER)
def review(request: Request, code: str, result_id: int) -> HttpResponse:
    chart = open_chart(request, code, "tests")
    row = queries.result_for(request.actor, chart.patient, result_id)
    form = Review(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form.is_valid() or not request.POST.get("note")):
        note = form.cleaned_data.get("note", "")
        try:
            actions.review_result(by=request.actor, at=request.at, result=row, note=note)
            messages.success(request, f"{chart.patient.full_name}: the result is reviewed.")
        except Refused as no:
            messages.error(request, no.sentence)
        if request.POST.get("back") == "list":
            return redirect("desk:drug_tests")
        return redirect("desk:chart_tests", chart.patient.code)
    context = {"form": form, "row": row}
    return chart_page(request, chart, "desk/drug_tests/review.html", context)


def _new_test(data: object, chart: Chart) -> NewTest:
    return NewTest(data, initial={"panel": "standard", "reason": "scheduled", "due_on": chart.today})  # type: ignore[arg-type] # a QueryDict or None


def _tests_page(request: Request, chart: Chart, form: NewTest) -> HttpResponse:
    by, patient = request.actor, chart.patient
    tests = queries.tests_of(by, patient, today=chart.today)
    waiting = [r for t in tests for r in t.results.all() if r.reviewed_at is None and queries.stands(r)]
    context = {
        "form": form,
        "tests": tests,
        "grid": queries.grid(tests, today=chart.today),
        "reports": [(row, queries.told(row)) for row in queries.reports_of(by, patient)],
        "to_review": [r for r in waiting if r.reading.get("outcome") != "pending"],
        "panels": {panel.code: panel.label for panel in rules.panels()},
        "may_order": by.may(P.DRUG_TEST_ORDER, patient.site_id),
        "may_collect": by.may(P.DRUG_TEST_COLLECT, patient.site_id),
    }
    return chart_page(request, chart, "desk/drug_tests/tests.html", context)
