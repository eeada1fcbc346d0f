"""The curricula of a site: look at them, download them, and take a file of the own in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people.queries import site_of
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable import queries as timetable
from stepwell.clinic.timetable.curriculum import actions, queries, rules
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.timetable.availability import today_of
from stepwell.desk.timetable.curriculum.forms import CurriculumFile, LookedAt
from stepwell.desk.timetable.programs import meets_of

_LEAST_WEEK = 540
"""Nine hours: what an intensive outpatient program gives a week at least (SAMHSA TIP 47)."""


@staff_page(P.TIMETABLE_READ)
def curricula(request: Request) -> HttpResponse:
    """All of them; who sets up programs adds one here."""
    return _list(request, CurriculumFile())


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def preview(request: Request) -> HttpResponse:
    """What is in the file, before it is taken: nothing is stored yet."""
    form = CurriculumFile(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form)
    try:
        found = rules.read(form.raw())
    except rules.CurriculumRefused as no:
        form.add_error("file", "This file cannot be taken. Mend it and send it again; nothing was saved.")
        return _list(request, form, no.faults)
    seen = queries.shelf_for(request.actor, request.actor.home.site_id).version(found.key)
    return _looked_at(request, found, LookedAt(initial={"content": rules.as_file(found), "seen": seen}))


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def taking(request: Request) -> HttpResponse:
    """The file that was looked at becomes the site's."""
    form = LookedAt(request.POST)
    if not form.is_valid():
        return _list(request, _nothing_sent())
    try:
        found = rules.read(form.cleaned_data["content"])
    except rules.CurriculumRefused as no:
        return _list(request, _nothing_sent(), no.faults)
    with refusals_on(form):
        actions.take_curriculum(
            by=request.actor,
            at=request.at,
            site=site_of(request.actor),
            curriculum=found,
            seen=form.cleaned_data["seen"],
        )
        messages.success(request, f"{found.title} is here. Groups can follow it from now on.")
        return redirect("desk:curriculum", found.key)
    return _looked_at(request, found, form)


@staff_page(P.TIMETABLE_READ)
def curriculum(request: Request, key: str) -> HttpResponse:
    """One with all its topics, its versions, and the groups that follow it."""
    by = request.actor
    versions = queries.shelf_for(by, by.home.site_id).on_file(key)
    if not versions:
        raise Http404
    following = [(g, meets_of(g)) for g in timetable.groups_for(by, today_of(request)) if g.curriculum == key]
    return render(
        request,
        "desk/timetable/curriculum/curriculum.html",
        {
            **_shown(versions[0].curriculum),
            "versions": versions,
            "groups": following,
            "manages": by.may(P.TIMETABLE_MANAGE, by.home.site_id),
        },
    )


@staff_page(P.TIMETABLE_READ)
def curriculum_file(request: Request, key: str) -> HttpResponse:
    """As a file, in the version in use or in that of `?version=`."""
    by = request.actor
    versions = queries.shelf_for(by, by.home.site_id).on_file(key)
    asked = request.GET.get("version", "")
    found = next((one for one in versions if asked in ("", str(one.version))), None)
    if found is None:
        raise Http404
    name = key if not found.version else f"{key}-{found.version}"
    return _as_download(rules.as_file(found.curriculum), f"{name}.json")


@staff_page(P.TIMETABLE_READ)
def schema(request: Request) -> HttpResponse:
    """The JSON Schema that a file keeps to."""
    return _as_download(rules.schema(), "curriculum.schema.json")


@staff_page(P.TIMETABLE_READ)
def handout(request: Request, key: str, topic: str) -> HttpResponse:
    """A hand-out on paper, for the room."""
    by = request.actor
    found = queries.shelf_for(by, by.home.site_id).newest(key)
    one = found.topic(topic) if found else None
    if found is None or one is None:
        raise Http404
    return render(
        request,
        "desk/timetable/curriculum/handout.html",
        {"topic": one, "curriculum": found, "site": by.home.name},
    )


def _nothing_sent() -> CurriculumFile:
    """The form as it answers when no file was sent."""
    return CurriculumFile({}, MultiValueDict())


def _list(request: Request, form: CurriculumFile, faults: tuple[rules.Fault, ...] = ()) -> HttpResponse:
    by = request.actor
    kinds = {kind.value: kind.label for kind in Kind}
    follow: dict[str, list[str]] = {}
    for group in timetable.groups_for(by, today_of(request)):
        follow.setdefault(group.curriculum, []).append(group.name)
    rows = [
        {
            "one": one,
            "kind": kinds[one.curriculum.kind],
            "groups": list(dict.fromkeys(follow.get(one.curriculum.key, ()))),
        }
        for one in queries.shelf_for(by, by.home.site_id).in_use()
    ]
    return render(
        request,
        "desk/timetable/curriculum/curricula.html",
        {
            "rows": rows,
            "form": form,
            "faults": faults,
            "manages": by.may(P.TIMETABLE_MANAGE, by.home.site_id),
        },
    )


def _looked_at(request: Request, found: rules.Curriculum, form: LookedAt) -> HttpResponse:
    by = request.actor
    before = queries.shelf_for(by, by.home.site_id).on_file(found.key)
    old = {topic.key for topic in before[0].curriculum.topics} if before else set()
    new = {topic.key for topic in found.topics}
    return render(
        request,
        "desk/timetable/curriculum/preview.html",
        {
            **_shown(found),
            "form": form,
            "before": before[0] if before else None,
            "added": [topic.title for topic in found.topics if topic.key not in old],
            "gone": [t.title for t in before[0].curriculum.topics if t.key not in new] if before else [],
            "groups": [g for g in timetable.groups_for(by, today_of(request)) if g.curriculum == found.key],
        },
    )


def _shown(found: rules.Curriculum) -> dict[str, Any]:
    return {
        "curriculum": found,
        "kind": Kind(found.kind).label,
        "kinds": {kind.value: kind.label for kind in Kind},
        "of_weeks": rules.said_of_the_weeks(found.weekly, _LEAST_WEEK),
    }


def _as_download(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
