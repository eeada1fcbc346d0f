"""What is due: benefits to verify again, questions on their way, answers that found no question."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.coverage.eligibility import actions, queries, rules
from stepwell.clinic.coverage.queries import payers
from stepwell.clinic.people.queries import site_of
from stepwell.clinic.placement.queries import admitted_days
from stepwell.clinic.refusal import Refused
from stepwell.desk.coverage import eligibility_words as words
from stepwell.desk.coverage.eligibility_forms import PayerNumber, SetAside, SetRule
from stepwell.desk.pages import refusals_on, render, staff_page

_SOON = 7
"""Days ahead that the list shows."""
_LATELY = timedelta(days=14)


@staff_page(P.COVERAGE_RECORD)
def eligibility(request: Request) -> HttpResponse:
    """The list of verifications that are due, and everything else that waits for a person."""
    by, today = request.actor, localdate(request.at)
    due = queries.due_again(by, admitted_days(by), today=today, ahead=_SOON)
    context = {
        "due": [one for one in due if one.overdue_days >= 0],
        "soon": [one for one in due if one.overdue_days < 0],
        "waiting": queries.waiting_list(by),
        "open": queries.open_questions(by),
        "ended": queries.ended_badly(by, request.at - _LATELY),
        "rule": queries.verification_rules([by.home.site_id], today)[by.home.site_id],
        "may_set_rule": by.may(P.STAFF_MANAGE, by.home.site_id),
    }
    return render(request, "desk/coverage/eligibility.html", context)


@staff_page(P.STAFF_MANAGE)
def verification_rule(request: Request) -> HttpResponse:
    """When this site verifies benefits again."""
    site, today = site_of(request.actor), localdate(request.at)
    rule = queries.verification_rules([site.pk], today)[site.pk]
    form = SetRule(
        request.POST or None,
        initial={"starts_on": today, "every_days": rule.every_days, "at_month_start": rule.at_month_start},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.set_verification_rule(by=request.actor, at=request.at, site=site, **form.cleaned_data)
            messages.success(request, "The rule is set.")
            return redirect("desk:eligibility")
    return render(request, "desk/coverage/verification_rule.html", {"form": form, "rule": rule})


@staff_page(P.COVERAGE_RECORD)
def eligibility_answer(request: Request, answer_id: int) -> HttpResponse:
    """An answer that found no question: what it says, and the questions it may belong to."""
    return _answer_page(request, answer_id, SetAside())


@staff_page(P.COVERAGE_RECORD)
def eligibility_file(request: Request, answer_id: int) -> HttpResponse:
    """The file itself, as it came: for whoever asks the clearinghouse what it is."""
    row = queries.file_waiting(request.actor, answer_id)
    trail.record(
        by=request.actor,
        at=request.at,
        action="coverage.access",
        kind="access",
        subject=f"EligibilityFile {row.pk}",
    )
    answer = HttpResponse(bytes(row.content), content_type="application/octet-stream")
    name = "".join(sign for sign in row.name if sign.isascii() and (sign.isalnum() or sign in "-_."))
    answer["Content-Disposition"] = f'attachment; filename="{name.lstrip(".") or f"answer-{row.pk}.x12"}"'
    return answer


@staff_page(P.COVERAGE_RECORD)
@require_POST
def eligibility_match(request: Request, answer_id: int, question_id: int) -> HttpResponse:
    """A person says which question it belongs to."""
    row = queries.answer_waiting(request.actor, answer_id)
    asked = next((q for q in queries.candidates(request.actor, row) if q.pk == question_id), None)
    if asked is None:
        messages.error(
            request, "That question is answered already, or not yours to see. Nothing was changed."
        )
        return redirect("desk:eligibility_answer", row.pk)
    try:
        actions.match_answer(by=request.actor, at=request.at, answer=row, request=asked)
    except Refused as no:
        messages.error(request, no.sentence)
        return redirect("desk:eligibility_answer", row.pk)
    messages.success(request, "The answer belongs to that question now.")
    return redirect("desk:eligibility")


@staff_page(P.COVERAGE_RECORD)
@require_POST
def eligibility_aside(request: Request, answer_id: int) -> HttpResponse:
    """Kept, and out of the list."""
    row, form = queries.answer_waiting(request.actor, answer_id), SetAside(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.set_aside(
                by=request.actor, at=request.at, answer=row, because=form.cleaned_data["because"]
            )
            messages.success(request, "Set aside. The file itself is kept.")
            return redirect("desk:eligibility")
    return _answer_page(request, answer_id, form)


@staff_page(P.COVERAGE_RECORD)
def payer_number(request: Request, payer_id: int) -> HttpResponse:
    """The payer's number at the clearinghouse."""
    payer = next((p for p in payers() if p.pk == payer_id), None)
    if payer is None:
        raise Http404
    form = PayerNumber(request.POST or None, initial={"payer_code": payer.payer_code})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.set_payer_number(by=request.actor, at=request.at, payer=payer, **form.cleaned_data)
            messages.success(request, f"{payer.name} is asked under this number from now on.")
            return redirect("desk:new_payer")
    return render(request, "desk/coverage/payer_number.html", {"form": form, "payer": payer})


def _answer_page(request: Request, answer_id: int, form: SetAside) -> HttpResponse:
    row = queries.answer_waiting(request.actor, answer_id)
    told = rules.answer_from(row.reading["answer"]) if row.reading else None
    trail.record(
        by=request.actor,
        at=request.at,
        action="coverage.access",
        kind="access",
        subject=f"EligibilityAnswer {row.pk}",
    )
    context = {
        "form": form,
        "answer": row,
        "size": len(bytes(row.file.content)),
        "told": told,
        "facts": words.facts(told) if told is not None else [],
        "lines": words.lines(told) if told is not None else [],
        "refusals": [rules.rejection_words(r) for r in told.rejections] if told is not None else [],
        "candidates": queries.candidates(request.actor, row) if told is not None else [],
    }
    return render(request, "desk/coverage/eligibility_waiting.html", context)
