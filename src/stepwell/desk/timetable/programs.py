"""Programs: levels of care as this site offers them, their tracks, the groups and when they meet."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people.queries import site_of
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable import actions, queries
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.timetable.forms import (
    EndMeetingForm,
    GroupForm,
    GroupWeekForm,
    MeetingForm,
    ProgramForm,
    TrackForm,
)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _today(request: Request) -> Any:
    home = request.actor.home
    return request.at.astimezone(ZoneInfo(home.zone if home else "UTC")).date()


@staff_page(P.TIMETABLE_MANAGE)
def programs(request: Request) -> HttpResponse:
    by = request.actor
    kinds = {kind.value: kind.label for kind in Kind}
    groups = [
        {"g": group, "kind": kinds.get(group.kind, group.kind), "meets": meets_of(group)}
        for group in queries.groups_for(by, _today(request))
    ]
    return render(
        request,
        "desk/timetable/programs.html",
        {
            "programs": [(p, level_words(p.level)) for p in queries.programs_for(by)],
            "groups": groups,
            "silent": [row for row in groups if not row["meets"]],
        },
    )


def meets_of(group: Any) -> str:
    """'Mon, Wed 6:00 pm, 90 min'; meetings at one time are said together."""
    times: dict[tuple[Any, int, int], list[str]] = {}
    for m in group.meetings.all():
        times.setdefault((m.starts_at, m.minutes, m.every_weeks), []).append(_DAYS[m.weekday])
    return "; ".join(
        f"{', '.join(days)} {starts:%-I:%M} {'am' if starts.hour < 12 else 'pm'}, {minutes} min"
        + (f", every {every} weeks" if every > 1 else "")
        for (starts, minutes, every), days in times.items()
    )


@staff_page(P.TIMETABLE_MANAGE)
def new_program(request: Request) -> HttpResponse:
    form = ProgramForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        with refusals_on(form):
            actions.set_up_program(
                by=request.actor,
                at=request.at,
                site=site_of(request.actor),
                name=got["name"],
                level=got["level"],
                minutes_least=int(got["hours_least"] * 60),
                minutes_most=int(got["hours_most"] * 60),
                facts={"planned_weeks": got["planned_weeks"]},
            )
            return redirect("desk:programs")
    return render(
        request, "desk/timetable/set_up.html", {"form": form, "title": "New program", "go": "Set it up"}
    )


@staff_page(P.TIMETABLE_MANAGE)
def new_track(request: Request, program_id: int) -> HttpResponse:
    program = queries.programs_for(request.actor).get(pk=program_id)
    form = TrackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.set_up_track(by=request.actor, at=request.at, program=program, **form.cleaned_data)
            return redirect("desk:programs")
    return render(
        request,
        "desk/timetable/set_up.html",
        {"form": form, "title": f"New track of {program.name}", "go": "Set it up"},
    )


@staff_page(P.TIMETABLE_MANAGE)
def new_group(request: Request) -> HttpResponse:
    """A group with its meetings; its coming sessions stand at once."""
    by, at, today = request.actor, request.at, _today(request)
    form = GroupForm(
        request.POST or None,
        staff=queries.staff_here(by, today),
        rooms=queries.rooms_here(by),
        tracks=queries.tracks_for(by),
        initial={"first_on": today},
    )
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        with refusals_on(form):
            site = site_of(by)
            with transaction.atomic():
                group = actions.set_up_group(
                    by=by,
                    at=at,
                    site=site,
                    name=got["name"],
                    kind=got["kind"],
                    facilitator=got["facilitator"],
                    capacity=got["capacity"],
                    starts_on=got["first_on"],
                    room=got["room"] if got["mode"] != "video" else None,
                    tracks=got["tracks"],
                    facts={
                        "cofacilitator": got["cofacilitator"],
                        "mode": got["mode"],
                        "topics": form.topic_list(),
                        **form.facts(),
                    },
                )
                _meet(request, group, got)
            return redirect("desk:group", group.pk)
    return render(
        request, "desk/timetable/set_up.html", {"form": form, "title": "New group", "go": "Set up the group"}
    )


def _meet(request: Request, group: Any, got: dict[str, Any]) -> None:
    for weekday in got["weekdays"]:
        actions.add_meeting(
            by=request.actor,
            at=request.at,
            group=group,
            weekday=weekday,
            starts_at=got["starts_at"],
            minutes=got["minutes"],
            first_on=got["first_on"],
            every_weeks=got["every_weeks"],
        )
    made = actions.extend_horizon(by=request.actor, at=request.at, site=group.site)
    messages.success(request, f"{group.name} meets. {made} coming sessions stand on the board.")


@staff_page(P.TIMETABLE_MANAGE)
def group(request: Request, group_id: int) -> HttpResponse:
    """One group with its meetings; another meeting time is added here."""
    found = queries.groups_for(request.actor, _today(request)).get(pk=group_id)
    form = MeetingForm(request.POST or None, initial={"first_on": _today(request)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            with transaction.atomic():
                _meet(request, found, form.cleaned_data)
            return redirect("desk:group", group_id)
    return _group_page(request, found, form, week_form(found))


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def group_week(request: Request, group_id: int) -> HttpResponse:
    """What the week is planned by."""
    found = queries.groups_for(request.actor, _today(request)).get(pk=group_id)
    form = GroupWeekForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.change_group(by=request.actor, at=request.at, group=found, facts=form.facts())
            messages.success(request, f"{found.name} is planned this way from now on.")
            return redirect("desk:group", group_id)
    return _group_page(request, found, form, form)


def week_form(group: Any) -> GroupWeekForm:
    """The form as the group stands."""
    initial = {name: getattr(group, name) for name in GroupWeekForm.base_fields}
    return GroupWeekForm(
        initial={**initial, "needs": ", ".join(group.needs), "features": ", ".join(group.features)}
    )


def _group_page(request: Request, found: Any, form: Any, planned: GroupWeekForm) -> HttpResponse:
    """`form` is the one that was sent, or the empty one for another meeting time."""
    kinds = {kind.value: kind.label for kind in Kind}
    meeting = form if isinstance(form, MeetingForm) else MeetingForm(initial={"first_on": _today(request)})
    return render(
        request,
        "desk/timetable/group.html",
        {
            "g": found,
            "form": form,
            "meeting": meeting,
            "planned": planned,
            "kind": kinds.get(found.kind, found.kind),
            "days": _DAYS,
            "coming": list(
                queries.sessions_between(
                    request.actor, _today(request), _today(request).replace(year=9999)
                ).filter(group=found.pk)[:8]
            ),
        },
    )


@staff_page(P.TIMETABLE_MANAGE)
def end_meeting(request: Request, group_id: int, meeting_id: int) -> HttpResponse:
    """The group stops meeting at this time."""
    found = queries.groups_for(request.actor, _today(request)).get(pk=group_id)
    meeting = next((m for m in found.meetings.all() if m.pk == meeting_id), None)
    if meeting is None:
        return redirect("desk:group", group_id)
    form = EndMeetingForm(request.POST or None, initial={"last_on": _today(request)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.end_meeting(
                by=request.actor, at=request.at, meeting=meeting, last_on=form.cleaned_data["last_on"]
            )
            return redirect("desk:group", group_id)
    return render(
        request,
        "desk/timetable/set_up.html",
        {
            "form": form,
            "title": f"{found.name} stops on {_DAYS[meeting.weekday]} {meeting.starts_at:%H:%M}",
            "go": "End these meetings",
        },
    )
