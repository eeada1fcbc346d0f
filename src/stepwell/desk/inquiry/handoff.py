"""Hand-offs of hospitals: the list, a new file, and the page on which a person decides about each fact."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.handoff.reading import HandoffRefused, read_handoff
from stepwell.clinic.people.queries import patient_for, site_of
from stepwell.desk.inquiry.handoff_forms import Decision, HandoffFile, WhoItIs
from stepwell.desk.inquiry.record_forms import ANOTHER, NEW
from stepwell.desk.pages import refusals_on, render, staff_page

_KINDS = (
    ("problem", "Problems"),
    ("allergy", "Allergies"),
    ("medication", "Medication"),
    ("coverage", "Insurance"),
    ("contact", "Contacts"),
    ("encounter", "Visits and stays"),
)


@staff_page(P.INQUIRY_READ)
def handoffs(request: Request) -> HttpResponse:
    """Hand-offs with something left to decide first, then the others, newest first."""
    found: list[Any] = list(
        queries.handoffs_for(request.actor).select_related("inquiry").order_by("-imported_at")[:100]
    )
    context = {
        "open": [h for h in found if h.to_decide],
        "settled": [h for h in found if not h.to_decide],
        "may_work": request.actor.may(P.INQUIRY_WORK),
    }
    return render(request, "desk/inquiry/handoff_list.html", context)


@staff_page(P.INQUIRY_WORK)
def new_handoff(request: Request) -> HttpResponse:
    """A file is read and becomes an inquiry; a file that cannot be is refused with the place in it."""
    form = HandoffFile(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            read = read_handoff(form.raw(), latest=request.at.date() + timedelta(days=1))
        except HandoffRefused as no:
            form.add_error("file", no.sentence)
        else:
            with refusals_on(form):
                result = actions.import_handoff(
                    by=request.actor, at=request.at, site=site_of(request.actor), handoff=read
                )
                if result.inquiry.site_id not in request.actor.sites_with(P.INQUIRY_READ):
                    form.add_error(
                        "file", "This hand-off was taken in at another site already. Nothing was changed."
                    )
                    return render(request, "desk/inquiry/handoff_new.html", {"form": form})
                said = "The hand-off is here; decide what of it is taken up."
                messages.success(
                    request,
                    said if result.created else "This hand-off was here already. Nothing was changed.",
                )
                return redirect("desk:handoff", result.inquiry.code)
    return render(request, "desk/inquiry/handoff_new.html", {"form": form})


@staff_page(P.INQUIRY_READ)
def handoff(request: Request, code: str) -> HttpResponse:
    """One hand-off: the person, each fact with its place in the file, and what was not taken."""
    row = queries.handoff_for(request.actor, code)
    trail.record(
        by=request.actor,
        at=request.at,
        action="inquiry.access",
        kind="access",
        subject=f"Handoff {row.pk}",
        patient_id=row.inquiry.patient_id,
    )
    return _page(request, row)


@staff_page(P.INQUIRY_WORK)
@require_POST
def handoff_decisions(request: Request, code: str) -> HttpResponse:
    """Accept or reject the chosen facts; the button `accept:problem` takes all that wait of one kind."""
    row = queries.handoff_for(request.actor, code)
    items = [item for item in queries.items_of(row) if item.kind != "person"]
    sent = request.POST.copy()
    verb, _, kind = sent.get("decide", "").partition(":")
    if kind:
        sent["decide"] = verb
        sent.setlist("items", [str(i.pk) for i in items if i.kind == kind and i.decision == "pending"])
    form = Decision(sent, ids=[item.pk for item in items])
    if form.is_valid():
        with refusals_on(form):
            actions.decide_items(
                by=request.actor,
                at=request.at,
                handoff=row,
                items=[int(pk) for pk in form.cleaned_data["items"]],
                accept=form.cleaned_data["decide"] == "accept",
                because=form.cleaned_data["because"],
            )
            return redirect("desk:handoff", row.inquiry.code)
    return _page(request, row, decision=form, bad=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def handoff_person(request: Request, code: str) -> HttpResponse:
    """Tie the hand-off to a record on file, or make one."""
    row = queries.handoff_for(request.actor, code)
    form = WhoItIs(request.POST, alike=queries.alike(request.actor, row))
    if form.is_valid():
        which = form.cleaned_data["which"]
        existing = None if which in (NEW, ANOTHER) else patient_for(request.actor, which, P.PEOPLE_READ)
        with refusals_on(form):
            patient = actions.accept_person(
                by=request.actor,
                at=request.at,
                handoff=row,
                existing=existing,
                another_person=which == ANOTHER,
            )
            messages.success(request, f"The hand-off belongs to {patient.full_name}.")
            return redirect("desk:handoff", row.inquiry.code)
    return _page(request, row, who=form, bad=form)


def _page(
    request: Request,
    row: Any,
    *,
    decision: BaseForm | None = None,
    who: BaseForm | None = None,
    bad: BaseForm | None = None,
) -> HttpResponse:
    items = [item for item in queries.items_of(row) if item.kind != "person"]
    alike = [] if row.inquiry.patient_id else queries.alike(request.actor, row)
    chosen = set(decision.data.getlist("items")) if decision is not None else set()  # type: ignore[attr-defined] # it is posted data
    groups = [
        {
            "kind": kind,
            "title": title,
            "rows": [
                (item, _lines(item.detail), _span(item.starts, item.ends))
                for item in items
                if item.kind == kind
            ],
            "chosen": any(item.kind == kind and str(item.pk) in chosen for item in items),
            "waiting": sum(item.kind == kind and item.decision == "pending" for item in items),
        }
        for kind, title in _KINDS
    ]
    context = {
        "handoff": row,
        "inquiry": row.inquiry,
        "person": row.person,
        "born": _said(row.person.get("birth_date", "")),
        "sent": _said(row.person["sender"]["when"]),
        "groups": [g for g in groups if g["rows"]],
        "waiting": sum(item.decision == "pending" for item in items),
        "labelled": sum(item.part2 for item in items),
        "alike": alike,
        "who_form": who or WhoItIs(alike=alike),
        "decision": decision or Decision(ids=[item.pk for item in items]),
        "chosen": chosen,
        "may_work": request.actor.may(P.INQUIRY_WORK, row.inquiry.site_id),
        "form": bad,
    }
    return render(request, "desk/inquiry/handoff_page.html", context)


def _lines(detail: dict[str, Any]) -> list[str]:
    """What a person needs to know of a fact before deciding, in a few short lines."""
    told = [*detail.get("dose", [])]
    for reaction in detail.get("reactions", []):
        told.append(
            ", ".join(
                [*reaction.get("signs", []), reaction.get("severity", ""), reaction.get("words", "")]
            ).strip(", ")
        )
    named = (
        ("reasons", "For"),
        ("diagnoses", "Diagnoses:"),
        ("payers", "Paid by"),
        ("phones", "Phone"),
        ("emails", "E-mail"),
    )
    told += [f"{word} {', '.join(detail[key])}" for key, word in named if detail.get(key)]
    single = (
        ("severity", "Severity:"),
        ("criticality", "Risk:"),
        ("prescriber", "Prescribed by"),
        ("said_by", "Said by"),
        ("provider", "At"),
        ("discharged_to", "Discharged to"),
        ("member_number", "Member number"),
        ("onset", "Began:"),
        ("over", "Over:"),
    )
    told += [f"{word} {detail[key]}" for key, word in single if detail.get(key)]
    if detail.get("verification", "confirmed") != "confirmed":
        told.append(f"The sender calls it {detail['verification']}")
    return [*told, *detail.get("notes", [])]


def _span(starts: str, ends: str) -> str:
    return " to ".join(dict.fromkeys(_said(text) for text in (starts, ends) if text))


def _said(text: str) -> str:
    """A date of the file in words; a year or a month alone stays what it is."""
    return f"{date.fromisoformat(text[:10]):%-d %b %Y}" if len(text) >= 10 else text
