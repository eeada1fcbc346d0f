"""Who may do what, and who is signed in where."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from stepwell.accounts import logins as accounts
from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import EXPLAINED, TABLE, Permission
from stepwell.accounts.permissions import Permission as P
from stepwell.accounts.roles import Role
from stepwell.clinic.people import actions, queries
from stepwell.clinic.refusal import Refused
from stepwell.desk.pages import render, staff_page

_STEPS = {
    "inquiry": "Inquiries", "people": "People", "staff": "People", "consent": "Consent", "disclosure": "Consent",
    "coverage": "Coverage", "chart": "Chart", "assessment": "Assessment", "alert": "Assessment",
    "placement": "Level of care", "plan": "Plan", "authorization": "Authorization", "timetable": "Timetable",
    "seat": "Timetable", "session": "Sessions", "attendance": "Sessions", "note": "Notes", "hours": "Hours",
    "medication": "Medication", "drug_test": "Drug tests", "recovery": "Recovery", "billing": "Billing",
    "aftercare": "Aftercare", "outcomes": "Outcomes", "audit": "Watching over it", "accounts": "Watching over it",
    "own": "Patients and families", "family": "Patients and families",
}  # fmt: skip

OTHERS_ON_A_PAGE = 25
"""Logins of patients and families on one page."""


@staff_page(P.AUDIT_READ)
def permissions(request: Request) -> HttpResponse:
    """The one table that decides, as it stands in this version."""
    groups: list[dict[str, Any]] = []
    for step, rows in groupby(Permission, key=lambda p: _STEPS.get(p.value.partition(".")[0], "Other")):
        lines = [{"what": EXPLAINED[p], "held": [role in TABLE[p] for role in Role]} for p in rows]
        groups.append({"step": step, "lines": lines})
    return render(
        request, "desk/people/permissions.html", {"groups": groups, "roles": [role.title for role in Role]}
    )


@staff_page(P.ACCOUNTS_MANAGE)
def logins(request: Request) -> HttpResponse:
    """Every login that one looks after. Of patients and families only that there is one: no name, no address, no record."""
    mine = queries.logins_for(request.actor)
    staff = list(accounts.logins(of_staff=True, at=request.at).filter(pk__in=mine))
    names = queries.names_of_staff_logins(user.pk for user in staff)
    others = accounts.logins(of_staff=False, at=request.at).filter(pk__in=mine)
    pages = Paginator(others, OTHERS_ON_A_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    here = f"{reverse('desk:logins')}?page={{}}#patients-and-families"
    return render(
        request,
        "desk/people/logins.html",
        {
            "staff": [(user, names.get(user.pk, "")) for user in staff],
            "others": list(shown),
            "others_total": pages.count,
            "page": shown.number,
            "older": here.format(shown.next_page_number()) if shown.has_next() else None,
            "newer": here.format(shown.previous_page_number()) if shown.has_previous() else None,
            "without": sum(user.is_active and not user.second_factor for user in staff),
        },
    )


@staff_page(P.ACCOUNTS_MANAGE)
def login(request: Request, number: int) -> HttpResponse:
    """One login and where it is signed in."""
    user = queries.logins_for(request.actor).get(pk=number)
    return render(
        request,
        "desk/people/login.html",
        {
            "user_shown": user,
            "label": user.email if user.is_staff else f"Login {user.pk}",
            "sessions": accounts.sessions_of(user, at=request.at),
            "is_own": user.pk == request.actor.user_id,
        },
    )


@require_POST
@staff_page(P.ACCOUNTS_MANAGE)
def login_sessions_end(request: Request, number: int) -> HttpResponse:
    """A lost phone, a forgotten shared computer."""
    user = queries.logins_for(request.actor).get(pk=number)
    ended = actions.end_sessions(by=request.actor, at=request.at, user=user)
    if user.pk != request.actor.user_id:
        messages.success(request, f"Signed out everywhere: {ended}.")
        return redirect("desk:login", number)
    return redirect("account_login")


@require_POST
@staff_page(P.ACCOUNTS_MANAGE)
def login_closing(request: Request, number: int) -> HttpResponse:
    """Closes a login, or opens it again."""
    user = queries.logins_for(request.actor).get(pk=number)
    try:
        actions.set_login_open(
            by=request.actor, at=request.at, user=user, is_open=request.POST.get("open") == "1"
        )
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:login", number)
