"""The topics of one group: when they were held, who had them, what each person needs, what comes next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import queries as timetable
from stepwell.clinic.timetable.curriculum import actions, queries
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.timetable.availability import today_of
from stepwell.desk.timetable.curriculum.forms import GroupCurriculum, SessionTopic


@staff_page(P.PLAN_READ)
def group_topics(request: Request, group_id: int) -> HttpResponse:
    group = timetable.groups_for(request.actor, today_of(request)).get(pk=group_id)
    return _page(request, group)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def group_curriculum(request: Request, group_id: int) -> HttpResponse:
    """The group follows another curriculum from now on."""
    by = request.actor
    group = timetable.groups_for(by, today_of(request)).get(pk=group_id)
    form = GroupCurriculum(request.POST, choices=queries.shelf_for(by, group.site_id).in_use())
    if form.is_valid():
        with refusals_on(form):
            actions.give_curriculum(by=by, at=request.at, group=group, key=form.cleaned_data["curriculum"])
            messages.success(request, f"{group.name} follows it from now on.")
            return redirect("desk:group_topics", group.pk)
    return _page(request, group, form)


@require_POST
@staff_page(P.TIMETABLE_READ)
def session_topic(request: Request, session_id: int) -> HttpResponse:
    """A coming session gets another topic of its curriculum."""
    by = request.actor
    occurrence = timetable.occurrence_for(by, session_id)
    form = SessionTopic(request.POST)
    if not form.is_valid():
        messages.warning(request, "Choose one of the topics; nothing was changed.")
    else:
        try:
            row = actions.choose_topic(
                by=by, at=request.at, occurrence=occurrence, topic=form.cleaned_data["topic"]
            )
            messages.success(request, f"{row.title} is about “{row.topic}” then.")
        except Refused as no:
            messages.warning(request, no.sentence)
    if occurrence.group_id is None or not by.may(P.PLAN_READ):
        return redirect("desk:session", occurrence.pk)
    return redirect("desk:group_topics", occurrence.group_id)


def _page(request: Request, group: Any, form: GroupCurriculum | None = None) -> HttpResponse:
    by = request.actor
    found = queries.topics_of_group(by, request.at, group, today_of(request))
    manages = by.may(P.TIMETABLE_MANAGE, group.site_id)
    remarks = []
    if found.curriculum is not None:
        if found.curriculum.kind != group.kind:
            kinds = {kind.value: kind.label.lower() for kind in Kind}
            remarks.append(
                f"The curriculum is made for {kinds[found.curriculum.kind]}, and this group counts as"
                f" {kinds.get(group.kind, group.kind)}."
            )
        lengths = sorted({m.minutes for m in group.meetings.all()})
        if lengths and lengths != [found.curriculum.minutes]:
            said = " and ".join(map(str, lengths))
            remarks.append(
                f"Its sessions are made for {found.curriculum.minutes} minutes; the group meets for {said}."
            )
    choosing = [
        {
            "o": o,
            "may": o.begun is None
            and (manages or (by.staff_id in (o.facilitator_id, o.cofacilitator_id) and by.may(P.NOTE_WRITE))),
        }
        for o in found.coming
    ]
    first = next((row["o"] for row in choosing if row["may"]), None)
    return render(
        request,
        "desk/timetable/curriculum/group.html",
        {
            "g": group,
            "found": found,
            "coming": choosing,
            "next_session": first,
            "remarks": remarks,
            "manages": manages,
            "form": form
            or (
                GroupCurriculum(initial={"curriculum": group.curriculum}, choices=found.choices)
                if manages
                else None
            ),
        },
    )
