"""Patients: the list that opens on what is due, the search, a new record after a look at those alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.chart.queries import Due, due_of
from stepwell.clinic.hours.queries import weeks_of
from stepwell.clinic.people import actions, queries
from stepwell.clinic.people.rules import PersonFacts, read_search
from stepwell.clinic.placement.queries import with_current
from stepwell.desk.chart.frame import route
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.people.forms import NewPatient
from stepwell.ui.filters import day, plural

PAGE = 40


@staff_page(P.PEOPLE_READ)
def patients(request: Request) -> HttpResponse:
    """Everybody in treatment, what is most pressing first; or who was found; or everybody on file."""
    by, today = request.actor, _today(request)
    asked = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    everybody = request.GET.get("show") == "everybody"
    if asked:
        chosen = queries.found(by, read_search(asked, today=today))
    elif everybody:
        chosen = queries.patients_for(by, P.PEOPLE_READ)
    else:
        chosen = queries.waiting(by)
    named = list(chosen.order_by("family_name", "given_name", "pk").values_list("pk", flat=True).distinct())
    due = due_of(by, named, at=request.at, today=today)
    if not asked and not everybody:
        place = {pk: n for n, pk in enumerate(named)}
        named.sort(key=lambda pk: (_pressing(due.get(pk, Due()), today), place[pk]))
    number = request.GET.get("page", "1")
    page = min(max(int(number), 1), 10_000) if number.isdecimal() and len(number) < 7 else 1
    shown = named[(page - 1) * PAGE : page * PAGE]
    rows = {p.pk: p for p in with_current(queries.patients_for(by, P.PEOPLE_READ).filter(pk__in=shown))}
    weeks = weeks_of(by=by, at=request.at, patient_ids=shown) if by.may(P.HOURS_READ) else {}
    people = [
        {
            "patient": rows[pk],
            "week": weeks.get(pk) if rows[pk].episode_id else None,
            "due": due_words(due.get(pk, Due()), rows[pk].code, today),
        }
        for pk in shown
        if pk in rows
    ]
    here = reverse("desk:patients")
    kept = {"q": asked} if asked else {"show": "everybody"} if everybody else {}
    return render(
        request,
        "desk/people/patients.html",
        {
            "people": people,
            "asked": asked,
            "everybody": everybody,
            "total": len(named),
            "pressing": sum(_pressing(one, today) < _CALM for one in due.values()),
            "sees_level": by.may(P.PLACEMENT_READ),
            "sees_hours": by.may(P.HOURS_READ),
            "may_register": by.may(P.PEOPLE_REGISTER),
            "older": f"{here}?{urlencode({**kept, 'page': page + 1})}" if len(named) > page * PAGE else None,
            "newer": f"{here}?{urlencode({**kept, 'page': page - 1})}" if page > 1 else None,
        },
    )


@staff_page(P.PEOPLE_REGISTER)
def new_patient(request: Request) -> HttpResponse:
    """A new record. Whoever is alike is shown first; "none of these" is a button of its own."""
    by = request.actor
    form = NewPatient(request.POST or None, initial={"phone": request.GET.get("phone", "")[:40]})
    alike: list[Any] = []
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        alike = queries.duplicates_of(by, PersonFacts(**facts))
        others = _ids(request.POST.getlist("others")) if "anyway" in request.POST else set()
        if not alike or others >= {p.pk for p, _ in alike}:
            with refusals_on(form):
                patient = actions.register_patient(
                    by=by,
                    at=request.at,
                    site=queries.site_of(by),
                    given_name=facts["given_name"],
                    family_name=facts["family_name"],
                    birth_date=facts["birth_date"],
                    facts={k: facts[k] for k in ("preferred_name", "phone", "email")},
                    others=others,
                )
                messages.success(
                    request, f"The record of {patient.full_name} is made. How is it safe to reach them?"
                )
                return redirect("desk:patient_details", patient.code)
            alike = queries.duplicates_of(by, PersonFacts(**facts))
    return render(request, "desk/people/new_patient.html", {"form": form, "alike": alike})


def due_words(due: Due, code: str, today: date) -> list[dict[str, str]]:
    """What is due as short words with the tab where it is mended, most pressing first."""
    words: list[dict[str, str]] = []

    def say(word: str, tone: str, tab: str) -> None:
        words.append({"word": word, "tone": tone, "href": route(tab, code) or route("desk:chart", code)})

    if due.alerts:
        say(plural(due.alerts, "alert"), "bad" if due.urgent else "warn", "desk:assessment")
    if due.no_plan:
        say("no plan", "bad", "desk:plan")
    if due.review_on is not None and due.review_on <= today + load_looking().review_soon:
        late = due.review_on < today
        say(f"review {'was' if late else 'by'} {day(due.review_on)}", "bad" if late else "warn", "desk:plan")
    if due.notes:
        say(f"{plural(due.notes, 'note')} to sign", "warn", "desk:chart_notes")
    if due.tests:
        say(plural(due.tests, "drug test"), "warn", "desk:chart_tests")
    if due.authorized_until is not None and _ends_soon(due.authorized_until, today):
        over = due.authorized_until < today
        say(
            f"authorization {'ended' if over else 'until'} {day(due.authorized_until)}",
            "bad" if over else "warn",
            "desk:coverage",
        )
    if due.homework:
        say("homework to read", "water", "desk:recovery")
    return words


_CALM = 4


def _pressing(due: Due, today: date) -> int:
    """0 most pressing, 4 nothing due."""
    if due.urgent:
        return 0
    if due.alerts or due.no_plan or (due.review_on is not None and due.review_on < today):
        return 1
    if due.notes or due.tests or _ends_soon(due.authorized_until, today):
        return 2
    return 3 if _ends_soon(due.review_on, today) or due.homework else _CALM


def _ends_soon(on: date | None, today: date) -> bool:
    looking = load_looking()
    return on is not None and today - looking.authorization_ended_shown <= on <= today + looking.review_soon


def _today(request: Request) -> date:
    home = request.actor.home
    return request.at.astimezone(ZoneInfo(home.zone if home else "UTC")).date()


def _ids(values: Iterable[str]) -> set[int]:
    """The numbers among the values of a form."""
    return {int(v) for v in values if v.isdecimal() and len(v) < 18}
