"""Notes that their author keeps apart from the record. For everybody else these pages are not there.

They are in no list, search, print or export, and other pages of the chart do not know of them.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.sessions.rules import load_kept_apart
from stepwell.clinic.timetable.queries import occurrence_for
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.sessions.forms import LONGEST


class KeptApartForm(forms.Form):
    """A new note kept apart."""

    kind = forms.ChoiceField(label="What it is", widget=forms.RadioSelect)
    text = forms.CharField(label="Your note", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}))
    session = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = load_kept_apart().kinds.values()
        choices = [(kind.key, f"{kind.title} ({kind.law})") for kind in kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


class RevisionForm(forms.Form):
    """The note written anew; earlier ones stay."""

    revision = forms.IntegerField(min_value=1, max_value=32_000, widget=forms.HiddenInput)
    text = forms.CharField(label="Your note", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}))


@staff_page(P.CHART_READ)
def kept_apart(request: Request, code: str) -> HttpResponse:
    """The author's own notes about a patient, and the form for a new one. `?session=` the one it is about."""
    chart = _open(request, code)
    by, patient = request.actor, chart.patient
    first = {"kind": "counseling", "session": request.GET.get("session", "")}
    form = KeptApartForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["session"]
        with refusals_on(form):
            note = actions.keep_apart_note(
                by=by,
                at=request.at,
                patient=patient,
                kind=form.cleaned_data["kind"],
                text=form.cleaned_data["text"],
                occurrence=None if number is None else occurrence_for(by, number),
            )
            messages.success(request, "Kept apart. Only you can read it.")
            return redirect("desk:kept_apart_note", patient.code, note.pk)
    law = load_kept_apart()
    notes = [{"row": note, "kind": law.kinds[note.kind]} for note in queries.notes_kept_apart(by, patient)]
    return chart_page(
        request, chart, "desk/sessions/kept_apart.html", {"form": form, "notes": notes, "law": law}
    )


@staff_page(P.CHART_READ)
def kept_apart_note(request: Request, code: str, kept_id: int) -> HttpResponse:
    """One of the author's own, with its revisions; a 404 for everybody else, whatever the role."""
    chart = _open(request, code)
    note: Any = queries.note_kept_apart(request.actor, chart.patient, kept_id)
    revisions = sorted(note.revisions.all(), key=lambda revision: -revision.number)
    newest = revisions[0]
    first = {"text": newest.text, "revision": newest.number}
    form = RevisionForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.revise_kept_apart(
                by=request.actor,
                at=request.at,
                note=note,
                text=form.cleaned_data["text"],
                revision=form.cleaned_data["revision"],
            )
            messages.success(request, f"Revision {row.number} is kept; the earlier ones stay.")
            return redirect("desk:kept_apart_note", chart.patient.code, kept_id)
    context = {"form": form, "note": note, "revisions": revisions, "kind": load_kept_apart().kinds[note.kind]}
    return chart_page(request, chart, "desk/sessions/kept_apart_note.html", context)


def _open(request: Request, code: str) -> Chart:
    """The chart for whoever may keep notes apart at the patient's site; for all others the page is not there.

    The look goes into the trail as one into the notes, which these roles read too: the trail of a patient does not
    tell that a note kept apart exists.
    """
    if not request.actor.may(P.NOTE_KEEP_APART):
        raise Http404
    chart = open_chart(request, code, "notes")
    if not request.actor.may(P.NOTE_KEEP_APART, chart.patient.site_id):
        raise Http404
    return chart
