"""One test: telling the person, excusing her, the specimen, and the hands it goes through."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.drug_tests import actions, queries, rules
from stepwell.clinic.drug_tests.rules.laboratory import order_number
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.drug_tests.forms import Excuse, HandOver, NewCollection, Told
from stepwell.desk.pages import refusals_on, staff_page


@staff_page(P.DRUG_TEST_COLLECT)
def collection(request: Request, code: str, test_id: int) -> HttpResponse:
    chart = open_chart(request, code, "tests")
    test = queries.test_for(request.actor, chart.patient, test_id, today=chart.today)
    form = NewCollection(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            taken = actions.collect(by=request.actor, at=request.at, order=test, **form.cleaned_data)
            if taken.refused:
                messages.info(request, "On file as not given. It is not a positive. Ask why.")
                return redirect("desk:chart_tests", chart.patient.code)
            messages.success(request, "The specimen is on file.")
            return redirect("desk:test_result", chart.patient.code, test.pk)
    context = {
        "form": form,
        "told": Told(),
        "excuse": Excuse(),
        "test": test,
        "panel": rules.panel(test.panel),
        "number": order_number(test.pk),
    }
    return chart_page(request, chart, "desk/drug_tests/collection.html", context)


@staff_page(P.DRUG_TEST_COLLECT)
@require_POST
def notice(request: Request, code: str, test_id: int) -> HttpResponse:
    """The person was told of the test of the day, by a way that she allowed."""
    chart = open_chart(request, code, "tests")
    test = queries.test_for(request.actor, chart.patient, test_id, today=chart.today)
    form = Told(request.POST)
    if form.is_valid():
        try:
            actions.tell_of_test(by=request.actor, at=request.at, order=test, **form.cleaned_data)
            messages.success(request, "Written down.")
            return redirect("desk:drug_tests")
        except Refused as no:
            messages.error(request, no.sentence)
    else:
        messages.error(request, "Choose how the person was told.")
    return redirect("desk:test_collection", chart.patient.code, test.pk)


@staff_page(P.DRUG_TEST_ORDER)
@require_POST
def excuse(request: Request, code: str, test_id: int) -> HttpResponse:
    """The test is not held against the person; no other day is drawn instead."""
    chart = open_chart(request, code, "tests")
    test = queries.test_for(request.actor, chart.patient, test_id, today=chart.today)
    form = Excuse(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else ""
    try:
        actions.excuse_test(by=request.actor, at=request.at, order=test, because=because)
        messages.success(request, "Excused. The draw stays as it is; no other day is drawn instead.")
        return redirect("desk:chart_tests", chart.patient.code)
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:test_collection", chart.patient.code, test.pk)


@staff_page(P.DRUG_TEST_COLLECT)
def custody(request: Request, code: str, test_id: int) -> HttpResponse:
    """Who had the specimen, from whom, when and under which seal; and writing down the next hands."""
    chart = open_chart(request, code, "tests")
    test = queries.test_for(request.actor, chart.patient, test_id, today=chart.today)
    hands, chain = queries.custody_of(test)
    seal = hands[-1].seal if hands else ""
    form = HandOver(request.POST if request.method == "POST" else None, initial={"seal": seal})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            facts = form.cleaned_data
            actions.hand_over(
                by=request.actor, at=request.at, order=test, kind=facts["kind"], to=facts["to"],
                seal=facts["seal"], intact=not facts["broken"],
            )  # fmt: skip
            messages.success(request, f"{facts['to']} has the specimen now.")
            return redirect("desk:test_custody", chart.patient.code, test.pk)
    context = {
        "form": form,
        "test": test,
        "panel": rules.panel(test.panel),
        "number": order_number(test.pk),
        "hands": hands,
        "chain": chain,
        "kinds": actions.KINDS | {"taken": "taken from the person"},
    }
    return chart_page(request, chart, "desk/drug_tests/custody.html", context)
