"""The intake interview: a page that saves itself, a signature, and versions after it."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.rules import (
    Kind,
    blank_sections,
    intake_fields,
    intake_sections,
    safety_questions,
    told_already,
    use_words,
)
from stepwell.desk.assessment.forms import Because, safety_initial
from stepwell.desk.assessment.interview_forms import Interview, field_name
from stepwell.desk.assessment.prefilling import offered_to
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.live import fragment
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.sessions.keeping import keep_for

_SAID = {True: "yes", False: "no", None: "not known"}


@staff_page(P.ASSESSMENT_RECORD)
def interview(request: Request, code: str) -> HttpResponse:
    """The draft as a form; the signed version as a document. POST saves; by htmx only the line "Saved" comes back."""
    chart = open_chart(request, code, "assessment")
    held = queries.interview_of(request.actor, chart.patient)
    if request.method != "POST":
        if held is not None and held.signed_at is not None:
            return _document(request, chart, held)
        return _page(request, chart, held, _fresh(request, chart, held))
    form, saved = _save(request, chart, held)
    if request.headers.get("HX-Request"):
        said = " ".join(str(each) for found in form.errors.values() for each in found)
        answer = fragment(
            request, "desk/assessment/interview_saved.html", {"held": saved or held, "said": said}
        )
        if saved is not None:
            answer["X-Saved-Revision"] = str(saved.revision)
        return answer
    if saved is None:
        return _page(request, chart, held, form)
    messages.success(request, f"The interview is saved. {_left(saved)}")
    return redirect(
        f"{reverse('desk:interview', args=[code])}{'#substances' if 'row' in request.POST else ''}"
    )


@require_POST
@staff_page(P.ASSESSMENT_RECORD)
def interview_summary(request: Request, code: str) -> HttpResponse:
    """Saves what stands in the form and drafts the summary from it."""
    chart = open_chart(request, code, "assessment")
    held = queries.interview_of(request.actor, chart.patient)
    form, saved = _save(request, chart, held)
    if saved is not None:
        with refusals_on(form):
            actions.draft_interview_summary(by=request.actor, at=request.at, patient=chart.patient)
            messages.success(request, "A summary is drafted from the answers; change it until it is yours.")
            return redirect(f"{reverse('desk:interview', args=[code])}#summary")
    return _page(request, chart, held, form)


@require_POST
@staff_page(P.ASSESSMENT_RECORD)
def interview_signature(request: Request, code: str) -> HttpResponse:
    """Saves what stands in the form and signs this version."""
    chart = open_chart(request, code, "assessment")
    held = queries.interview_of(request.actor, chart.patient)
    form, saved = _save(request, chart, held)
    if saved is not None:
        with refusals_on(form):
            actions.sign_interview(
                by=request.actor, at=request.at, patient=chart.patient, revision=saved.revision
            )
            messages.success(request, "The interview is signed. A change after this is a new version.")
            return redirect("desk:interview", code)
    return _page(request, chart, saved or held, form)


@require_POST
@staff_page(P.ASSESSMENT_RECORD)
def interview_change(request: Request, code: str) -> HttpResponse:
    """Begins the next version of a signed interview."""
    chart = open_chart(request, code, "assessment")
    form = Because(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.revise_interview(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            return redirect("desk:interview", code)
    held = queries.interview_of(request.actor, chart.patient)
    if held is None or held.signed_at is None:
        messages.warning(request, "There is no signed interview to change; this is the open one.")
        return redirect("desk:interview", code)
    return _document(request, chart, held, form)


@staff_page(P.ASSESSMENT_READ)
def interview_version(request: Request, code: str, number: int) -> HttpResponse:
    """One version to be read, an open draft too."""
    chart = open_chart(request, code, "assessment")
    return _document(request, chart, queries.interview_version(request.actor, chart.patient, number))


def _fresh(request: Request, chart: Chart, held: Any) -> Interview:
    """The form with what is on file; what nobody answered yet begins with what is known already."""
    offered = _offered(request, chart, held)
    answers = {key: one.answer for key, one in offered.items()} | (held.answers if held else {})
    first: dict[str, Any] = {field_name(key): answer for key, answer in answers.items()}
    told = told_already(answers)
    first |= safety_initial(held.gates if held else {}, told)
    first |= {"revision": held.revision if held else 0, "page": token_hex(12)}
    uses = queries.uses_of(held)
    form = Interview(initial=first, uses=uses, offered=offered, sources=held.sources if held else {})
    form.told = told
    return form


def _offered(request: Request, chart: Chart, held: Any) -> dict[str, Any]:
    found = offered_to(request.actor, chart.patient)
    return {key: one for key, one in found.items() if held is None or key not in held.answers}


def _save(request: Request, chart: Chart, held: Any) -> tuple[Interview, Any]:
    """The form, and the saved row or None with the refusal on the form."""
    offered = _offered(request, chart, held)
    form = Interview(request.POST, offered=offered, sources=held.sources if held else {})
    if form.is_valid():
        with refusals_on(form):
            return form, actions.save_interview(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                sections=form.answers(),
                substances=form.uses() if any("use-" in name for name in request.POST) else None,
                gates=form.gates(),
                offered=offered,
                revision=form.cleaned_data["revision"] or 0,
                page=form.cleaned_data["page"],
            )
    return form, None


def _page(request: Request, chart: Chart, held: Any, form: Interview) -> HttpResponse:
    revision = held.revision if held else 0
    unlike = []
    if form.is_bound and held is not None and str(form.data.get("revision", "")) != str(revision):
        fields = intake_fields()
        unlike = [
            (fields[key].ask, fields[key].shown(stored))
            for key, stored in held.answers.items()
            if key in fields and form.data.get(field_name(key), "").strip() != stored.strip()
        ]
    context = {
        "form": form,
        "parts": form.parts(),
        "held": held,
        "revision": revision,
        "page": form["page"].value() or token_hex(12),
        "unlike": unlike,
        "blank": {s.key for s in blank_sections(held.answers if held else {})},
        "keep": keep_for(request, f"interview-{chart.patient.pk}"),
    }
    return chart_page(request, chart, "desk/assessment/interview.html", context)


def _document(request: Request, chart: Chart, held: Any, form: Because | None = None) -> HttpResponse:
    versions = list(queries.versions_of(request.actor, chart.patient))
    context = {
        "form": form or Because(),
        "held": held,
        "versions": versions,
        "newest": versions[0].number == held.number,
        "written": written(held),
        "uses": [use_words(use) for use in queries.uses_of(held)],
        "gates": [(q.title, _SAID[held.gates.get(q.key)]) for q in safety_questions()],
        "may_record": request.actor.may(P.ASSESSMENT_RECORD, chart.patient.site_id),
    }
    return chart_page(request, chart, "desk/assessment/interview_document.html", context)


def written(held: Any) -> list[dict[str, Any]]:
    """The sections in which something is written: title, texts and short answers, each with its source."""
    found = []
    for section in intake_sections():
        told = [
            {"field": f, "answer": f.shown(held.answers[f.key]), "source": held.sources.get(f.key, "")}
            for f in section.fields
            if held.answers.get(f.key)
        ]
        if told or section.rows:
            found.append(
                {
                    "section": section,
                    "texts": [t for t in told if t["field"].kind is Kind.WORDS],
                    "short": [t for t in told if t["field"].kind is not Kind.WORDS],
                }
            )
    return found


def _left(saved: Any) -> str:
    left = blank_sections(saved.answers)
    if not left:
        return "Nothing that must be answered is blank; it can be signed."
    return f"Still blank: {', '.join(s.title for s in left)}."
