"""Asking a patient's payer electronically: the question, the answer with its segments, and what was on file."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.coverage.eligibility import actions, queries, rules
from stepwell.clinic.coverage.queries import policy_for
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.coverage import eligibility_words as words
from stepwell.desk.coverage.eligibility_forms import AskForPolicy
from stepwell.desk.live import fragment, live_for
from stepwell.desk.pages import refusals_on, staff_page


@staff_page(P.COVERAGE_RECORD)
def ask_eligibility(request: Request, code: str, policy_id: int) -> HttpResponse:
    """What is sent, to whom, and the one thing an answer does not say: whether the site has a contract."""
    chart = open_chart(request, code, "coverage")
    found = policy_for(request.actor, chart.patient, policy_id)
    policy = found.row
    known = found.benefits.in_network if found.benefits is not None else None
    given, _, family = policy.subscriber.strip().rpartition(" ")
    form = AskForPolicy(
        request.POST or None,
        own_plan=policy.relation == "self",
        initial={
            "once_key": secrets.token_urlsafe(24),
            "in_network": "" if known is None else str(known).lower(),
            "given": given,
            "family": family,
        },
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.ask_for_policy(
                by=request.actor,
                at=request.at,
                policy=policy,
                once_key=form.cleaned_data["once_key"],
                in_network=form.cleaned_data["in_network"],
                subscriber=form.subscriber(),
            )
            return redirect("desk:eligibility_question", chart.patient.code, row.pk)
    context = {
        "form": form,
        "policy": policy,
        "objection": queries.objection_to_asking(chart.patient.site, policy.payer),
        "services": rules.service_words(rules.load_asking().service_types),
    }
    return chart_page(request, chart, "desk/coverage/ask_eligibility.html", context)


@staff_page(P.COVERAGE_READ)
def eligibility_question(request: Request, code: str, question_id: int) -> HttpResponse:
    """Where the question stands; once answered, each value with the segment it was read from."""
    chart = open_chart(request, code, "coverage")
    row = queries.request_for(request.actor, question_id, patient=chart.patient)
    live = live_for(request, f"eligibility:{row.pk}")
    return chart_page(
        request, chart, "desk/coverage/eligibility_question.html", {**shown(request, row), "live": live}
    )


@staff_page(P.COVERAGE_READ)
def eligibility_news(request: Request, code: str, question_id: int) -> HttpResponse:
    """The same part of the page, fetched when there is news."""
    chart = open_chart(request, code, "coverage", record=False)
    row = queries.request_for(request.actor, question_id, patient=chart.patient)
    context = {**shown(request, row), "patient": chart.patient}
    return fragment(request, "desk/coverage/eligibility_answer.html", context)


@staff_page(P.COVERAGE_RECORD)
@require_POST
def adopt_answer(request: Request, code: str, policy_id: int) -> HttpResponse:
    """The newest answer that came while the patient was an inquiry becomes benefits of this policy."""
    chart = open_chart(request, code, "coverage")
    policy = policy_for(request.actor, chart.patient, policy_id).row
    answers = queries.answers_before_the_record(request.actor, chart.patient)
    fits = [a for a in answers if a.request is not None and a.request.payer_id == policy.payer_id]
    if not fits:
        messages.error(request, "There is no answer of this payer to take over. Nothing was changed.")
        return redirect("desk:coverage", chart.patient.code)
    try:
        actions.adopt_answer(by=request.actor, at=request.at, answer=fits[0], policy=policy)
    except Refused as no:
        messages.error(request, no.sentence)
    else:
        messages.success(request, "The benefits asked for during the inquiry are on file.")
    return redirect("desk:coverage", chart.patient.code)


def shown(request: Request, row: Any) -> dict[str, Any]:
    """The question, its answer in words, and whom it is shown to."""
    answer = queries.newest_answer(row)
    reading = answer.reading if answer is not None and answer.reading else {}
    told = rules.answer_from(reading["answer"]) if reading else None
    before = queries.benefits_before(answer) if answer is not None else None
    return {
        "question": row,
        "services": rules.service_words(row.service_types),
        "waiting": row.state in queries.OPEN,
        "answer": answer,
        "told": told,
        "facts": words.facts(told) if told is not None else [],
        "rows": words.rows(reading, before, row.in_network) if reading else [],
        "lines": words.lines(told) if told is not None else [],
        "refusals": reading.get("said", []),
        "before": before,
        "may_ask": request.actor.may(P.COVERAGE_RECORD, row.site_id),
    }


def coverage_context(request: Request, patient: Any) -> dict[str, Any]:
    """What the coverage page shows of questions: the newest of each policy, and answers not taken over yet."""
    asked: dict[int, Any] = {}
    for row in queries.requests_of(request.actor, patient):
        if row.policy_id is not None:
            asked.setdefault(row.policy_id, row)
    return {
        "questions": asked,
        "from_inquiry": {
            a.request.payer_id: a
            for a in reversed(queries.answers_before_the_record(request.actor, patient))
            if a.request is not None
        },
    }
