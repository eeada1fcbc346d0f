"""Staff: who works here in which role, whose credential ends next, and who may sign in."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.logins import send_password_link
from stepwell.accounts.permissions import Permission as P
from stepwell.accounts.roles import Role
from stepwell.clinic.people import actions, queries
from stepwell.clinic.people.rules import Credential, credential_valid
from stepwell.clinic.refusal import Refused
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.people.forms import CredentialPaper, NewStaff, Roles, StaffDetails


@staff_page(P.STAFF_MANAGE)
def staff(request: Request) -> HttpResponse:
    """Everybody who works here, whose credential ends first at the top."""
    today = _today(request)
    rows = [_row(member, today) for member in queries.staff_for(request.actor, today)]
    rows.sort(key=lambda row: (row["gone"], row["order"], row["member"].name))
    return render(
        request,
        "desk/people/staff.html",
        {"rows": rows, "pressing": [row for row in rows if row["order"] < 2 and not row["gone"]]},
    )


@staff_page(P.STAFF_MANAGE)
def new_staff(request: Request) -> HttpResponse:
    """A new colleague: the login is made and the link for a password is sent."""
    form = NewStaff(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {**form.cleaned_data, "roles": [Role(role) for role in form.cleaned_data["roles"]]}
        with refusals_on(form):
            member = actions.add_staff(
                by=request.actor, at=request.at, site=queries.site_of(request.actor), **facts
            )
            if member.user is not None:
                send_password_link(request, member.user)
            messages.success(
                request, f"The link for a password is on its way to {facts['email']}. Add a credential next."
            )
            return redirect("desk:staff_member", member.pk)
    return render(request, "desk/people/new_staff.html", {"form": form})


@staff_page(P.STAFF_MANAGE)
def staff_member(request: Request, number: int) -> HttpResponse:
    """One colleague; a POST changes name, phone or last day."""
    member = queries.staff_member(request.actor, number, _today(request))
    form = StaffDetails(request.POST, prefix="who") if request.method == "POST" else None
    if form is not None and form.is_valid():
        with refusals_on(form):
            actions.change_staff(by=request.actor, at=request.at, staff=member, facts=form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("desk:staff_member", number)
    return _page(request, member, who=form)


@require_POST
@staff_page(P.STAFF_MANAGE)
def roles(request: Request, number: int) -> HttpResponse:
    """The roles held from now on at the site of who asks."""
    member = queries.staff_member(request.actor, number, _today(request))
    form = Roles(request.POST, prefix="roles")
    if form.is_valid():
        with refusals_on(form):
            chosen = [Role(role) for role in form.cleaned_data["roles"]]
            actions.set_roles(by=request.actor, at=request.at, staff=member, site=member.site, roles=chosen)
            messages.success(request, "The roles hold from now on.")
            return redirect("desk:staff_member", number)
    return _page(request, member, roles=form)


@require_POST
@staff_page(P.STAFF_MANAGE)
def new_credential(request: Request, number: int) -> HttpResponse:
    """A license or its renewal."""
    by = request.actor
    member = queries.staff_member(by, number, _today(request))
    form = CredentialPaper(request.POST, prefix="paper", colleagues=queries.supervisors_for(by, member))
    if form.is_valid():
        facts = _with_supervisor(form.cleaned_data, queries.supervisors_for(by, member))
        with refusals_on(form):
            actions.add_credential(by=by, at=request.at, staff=member, **facts)
            messages.success(request, "The credential is on file.")
            return redirect("desk:staff_member", number)
    return _page(request, member, paper=form)


@staff_page(P.STAFF_MANAGE)
def credential(request: Request, number: int) -> HttpResponse:
    """Mending a credential that was typed wrong."""
    by = request.actor
    paper = queries.credential(by, number)
    colleagues = queries.supervisors_for(by, paper.staff)
    first = {name: getattr(paper, name) for name in ("kind", "number", "state", "issued_on", "expires_on")}
    first["supervisor"] = str(paper.supervisor_id or "")
    form = CredentialPaper(request.POST or None, initial=first, colleagues=colleagues)
    if request.method == "POST" and form.is_valid():
        facts = _with_supervisor(form.cleaned_data, colleagues)
        with refusals_on(form):
            actions.change_credential(by=by, at=request.at, credential=paper, facts=facts)
            messages.success(request, "Saved.")
            return redirect("desk:staff_member", paper.staff_id)
    return render(request, "desk/people/credential.html", {"form": form, "paper": paper})


@require_POST
@staff_page(P.STAFF_MANAGE)
def staff_invitation(request: Request, number: int) -> HttpResponse:
    """Sends the link for a password, again if need be."""
    member = queries.staff_member(request.actor, number, _today(request))
    try:
        email = request.POST.get("email", "")[:254].replace("\x00", "")
        user = actions.invite_staff(by=request.actor, at=request.at, staff=member, email=email)
    except Refused as no:
        messages.error(request, no.sentence)
    else:
        send_password_link(request, user)
        messages.success(request, f"The link for a password is on its way to {user.email}.")
    return redirect("desk:staff_member", number)


def _page(
    request: Request,
    member: Any,
    *,
    who: StaffDetails | None = None,
    roles: Roles | None = None,
    paper: CredentialPaper | None = None,
) -> HttpResponse:
    today = _today(request)
    here = [held.role for held in member.held if held.site_id == member.site_id]
    facts = {
        "name": member.name,
        "short_name": member.short_name,
        "phone": member.phone,
        "ends_on": member.ends_on,
    }
    colleagues = queries.supervisors_for(request.actor, member)
    return render(
        request,
        "desk/people/staff_member.html",
        {
            "member": member,
            "row": _row(member, today),
            "who_form": who or StaffDetails(initial=facts, prefix="who"),
            "roles_form": roles or Roles(initial={"roles": here}, prefix="roles"),
            "paper_form": paper or CredentialPaper(prefix="paper", colleagues=colleagues),
            "papers": [(p, _standing(p, today)) for p in member.papers],
            "form": who or roles or paper,
        },
    )


def _row(member: Any, today: date) -> dict[str, Any]:
    """A line of the list: the paper that ends next among those in force, or the one that ended last."""
    standings = [(p, _standing(p, today)) for p in member.papers]
    valid = [(p, s) for p, s in standings if s.valid]
    best = max(valid, key=lambda ps: ps[0].expires_on or date.max, default=None)
    shown = best or (standings[0] if standings else None)
    order, word, tone = 3, "", "quiet"
    if shown is None:
        word = "no credential"
    elif not shown[1].valid:
        order, word, tone = 0, "expired", "bad"
    elif shown[1].days_left is not None and shown[1].days_left <= load_looking().credential_warning.days:
        order, word, tone = 1, f"expires in {shown[1].days_left} days", "warn"
    else:
        order, word, tone = 2, "valid", "good"
    return {
        "member": member,
        "paper": shown[0] if shown else None,
        "sentence": shown[1].sentence if shown else "",
        "word": word,
        "tone": tone,
        "order": order,
        "gone": member.ends_on is not None and member.ends_on < today,
        "roles": ", ".join(Role(held.role).title for held in member.held),
    }


def _standing(paper: Any, today: date) -> Any:
    return credential_valid(
        Credential(
            kind=paper.kind,
            issued_on=paper.issued_on,
            expires_on=paper.expires_on,
            number=paper.number,
            state=paper.state,
        ),
        today,
    )


def _with_supervisor(data: dict[str, Any], colleagues: Any) -> dict[str, Any]:
    """The chosen colleague as a row; the form has checked that it is one of them."""
    chosen = data["supervisor"]
    return {**data, "supervisor": colleagues.get(pk=int(chosen)) if chosen else None}


def _today(request: Request) -> date:
    home = request.actor.home
    return request.at.astimezone(ZoneInfo(home.zone if home else "UTC")).date()
