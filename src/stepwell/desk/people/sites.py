"""Sites: zone and week, opening hours, rooms."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people import actions, queries
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.people.forms import DAYS, OpeningHours, RoomDetails, SiteDetails


@staff_page(P.STAFF_MANAGE)
def sites(request: Request) -> HttpResponse:
    """The sites with their rooms and hours."""
    return render(
        request,
        "desk/people/sites.html",
        {"sites": queries.sites_for(request.actor, P.STAFF_MANAGE), "days": DAYS},
    )


@staff_page(P.STAFF_MANAGE)
def new_site(request: Request) -> HttpResponse:
    """One more place; whoever opens it is its director."""
    form = SiteDetails(request.POST or None, initial={"zone": request.actor.home.zone})
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        name, zone = facts.pop("name"), facts.pop("zone")
        with refusals_on(form):
            place = actions.open_site(by=request.actor, at=request.at, name=name, zone=zone, facts=facts)
            messages.success(
                request,
                f"{place.name} is open and you are its director. Add rooms, hours and colleagues next.",
            )
            return redirect("desk:site", place.pk)
    return render(request, "desk/people/new_site.html", {"form": form})


@staff_page(P.STAFF_MANAGE)
def site(request: Request, number: int) -> HttpResponse:
    """One site; a POST changes name, zone, week and numbers."""
    place = _site(request, number)
    form = SiteDetails(request.POST, prefix="site") if request.method == "POST" else None
    if form is not None and form.is_valid():
        with refusals_on(form):
            actions.change_site(by=request.actor, at=request.at, site=place, facts=form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("desk:site", number)
    return _page(request, place, details=form)


@require_POST
@staff_page(P.STAFF_MANAGE)
def opening_hours(request: Request, number: int) -> HttpResponse:
    """The opening hours of the whole week."""
    place = _site(request, number)
    form = OpeningHours(request.POST, prefix="hours")
    if form.is_valid():
        with refusals_on(form):
            actions.set_opening_hours(by=request.actor, at=request.at, site=place, hours=form.spans())
            messages.success(
                request, "The opening hours hold from now on. Sessions already planned stay as they are."
            )
            return redirect("desk:site", number)
    return _page(request, place, hours=form)


@require_POST
@staff_page(P.STAFF_MANAGE)
def new_room(request: Request, number: int) -> HttpResponse:
    """One more room."""
    place = _site(request, number)
    form = RoomDetails(request.POST, prefix="room")
    if form.is_valid():
        with refusals_on(form):
            actions.add_room(by=request.actor, at=request.at, site=place, **form.cleaned_data)
            return redirect("desk:site", number)
    return _page(request, place, room=form)


@staff_page(P.STAFF_MANAGE)
def room(request: Request, number: int) -> HttpResponse:
    """One room: its name and how many it holds."""
    place = queries.room(request.actor, number)
    form = RoomDetails(request.POST or None, initial={"name": place.name, "capacity": place.capacity})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.change_room(by=request.actor, at=request.at, room=place, facts=form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("desk:site", place.site_id)
    return render(request, "desk/people/room.html", {"form": form, "room": place})


def _site(request: Request, number: int) -> Any:
    return queries.sites_for(request.actor, P.STAFF_MANAGE).get(pk=number)


def _page(
    request: Request,
    place: Any,
    *,
    details: SiteDetails | None = None,
    hours: OpeningHours | None = None,
    room: RoomDetails | None = None,
) -> HttpResponse:
    facts = {name: getattr(place, name) for name in SiteDetails.base_fields}
    first: dict[str, Any] = {}
    for span in place.hours.all():
        first.setdefault(f"opens_{span.weekday}", span.opens)
        first[f"closes_{span.weekday}"] = span.closes
    return render(
        request,
        "desk/people/site.html",
        {
            "place": place,
            "details": details or SiteDetails(initial=facts, prefix="site"),
            "hours": hours or OpeningHours(initial=first, prefix="hours"),
            "room_form": room or RoomDetails(prefix="room"),
            "form": details or hours or room,
        },
    )
