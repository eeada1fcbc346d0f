"""One version of a week: its board, who is short and why, what it changes, and publishing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.ahead import together
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.actions import planning as actions
from stepwell.clinic.timetable.queries import versions as queries
from stepwell.clinic.timetable.queries.broken import names_for
from stepwell.clinic.timetable.queries.listed import ask_listed
from stepwell.clinic.timetable.rules.comparing import Difference, What, difference
from stepwell.clinic.timetable.rules.telling import in_words
from stepwell.desk.pages import render, staff_page
from stepwell.desk.rail import ask_rail
from stepwell.desk.timetable.draft_view import context_of
from stepwell.desk.timetable.planning.forms import NameForm, PublishForm, SolveForm
from stepwell.desk.timetable.planning.weeks import quality_words
from stepwell.ui.filters import hours_short
from stepwell.ui.jinja import address

_KINDS = {kind.value: kind.label for kind in Kind}


@staff_page(P.TIMETABLE_READ)
def version(request: Request, version_id: int) -> HttpResponse:
    """The week as this version has it: the board, who is short, the list by day."""
    with together():
        return _version(request, version_id)


def _version(request: Request, version_id: int) -> HttpResponse:
    found = queries.version_by_id(request.actor, version_id)
    listed, stands = ask_listed(found), queries.ask_stood(found.week)
    rail = ask_rail(request.actor, request.path)
    plan = context_of(request, version_id, version=found)
    planned, now = listed(), stands()
    changes = queries.changes_by(found, planned, now)
    published = getattr(found, "publication", None)
    since = queries.changes_since(found, now) if published is None else None
    zone = ZoneInfo(found.week.site.zone)
    may = request.actor.may(P.TIMETABLE_MANAGE, found.week.site_id)
    short = _shortfalls(request, found)
    return render(
        request,
        "desk/timetable/planning/version.html",
        {
            "v": found,
            "week": found.week,
            "rail": rail(),
            "plan": plan,
            "days": _days(planned),
            "counted": _counted(planned),
            "quality": quality_words(found),
            "short": [row for row in short if row["reason"]],
            "unexplained": sum(not row["reason"] for row in short),
            "publication": published,
            "may": may,
            "stale": queries.said_changes(since, zone) if since else "",
            "changes": changes,
            "told": len(changes.people) + len(changes.leaders),
            "name_form": NameForm(initial={"note": found.note}),
            "solve_form": SolveForm(),
        },
    )


def _counted(planned: Iterable[Any]) -> dict[str, int]:
    planned = list(planned)
    return {
        "sessions": len(planned),
        "patients": len(frozenset().union(*(one.people for one in planned))),
        "leaders": len({one.facilitator_id for one in planned if one.facilitator_id}),
    }


def _days(planned: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    days: dict[Any, list[Any]] = {}
    for one in planned:
        days.setdefault(one.local_date, []).append(one)
    return sorted(days.items())


def _shortfalls(request: Request, found: Any) -> list[dict[str, Any]]:
    """Who is short, by how much and why, and what would mend it, in the clinic's words."""
    texts = [short["because"] for short in found.shortfalls]
    texts += [mend["sentence"] for short in found.shortfalls for mend in short["mends"]]
    texts += [short["patient"] for short in found.shortfalls]
    names = names_for(request.actor, texts)
    start = found.week.starts_on
    people = {
        f"p{one.pk}": one
        for one in patients_for(request.actor, P.TIMETABLE_READ).filter(
            pk__in=[int(short["patient"][1:]) for short in found.shortfalls]
        )
    }
    return [
        {
            "patient": people[short["patient"]],
            "reason": "Time was over" not in short["because"],
            "minutes": short["minutes"],
            "because": in_words(short["because"], names, _KINDS, start),
            "mends": [
                {
                    "sentence": in_words(mend["sentence"], names, _KINDS, start),
                    "minutes": mend["minutes"],
                    "also": len(mend["also"]),
                }
                for mend in short["mends"]
            ],
        }
        for short in sorted(found.shortfalls, key=lambda one: -one["minutes"])
        if short["patient"] in people
    ]


@staff_page(P.TIMETABLE_READ)
def comparison(request: Request, version_id: int) -> HttpResponse:
    """What this version changes, against the calendar or `?with=` another version's number."""
    by = request.actor
    found = queries.version_by_id(by, version_id)
    others = [one for one in queries.versions_of(by, found.week) if one.pk != found.pk]
    asked = request.GET.get("with", "")
    other = next((one for one in others if str(one.number) == asked), None)
    planned = queries.planned_of(found)
    if other is not None:
        before = queries.held_of_planned(queries.planned_of(other))
        changes = difference(before, queries.held_of_planned(planned))
    else:
        changes = queries.changes_by(found, planned)
    return render(
        request,
        "desk/timetable/planning/comparison.html",
        {
            "v": found,
            "week": found.week,
            "other": other,
            "others": others,
            **described(request, changes),
        },
    )


def described(request: Request, changes: Difference) -> dict[str, Any]:
    """A difference with names: counts first, then people, then sessions."""
    people = patients_for(request.actor, P.TIMETABLE_READ).in_bulk(changes.patients)
    staff, rooms = queries.names_in(request.actor, changes)
    gains = [one for one in changes.people if one.minutes > 0]
    loses = [one for one in changes.people if one.minutes < 0]
    return {
        "counts": [
            ("sessions added", changes.count(What.ADDED)),
            ("dropped", changes.count(What.DROPPED)),
            ("moved", changes.count(What.MOVED)),
            ("patients affected", len(changes.people)),
            ("gain hours", len(gains)),
            ("lose hours", len(loses)),
        ],
        "people": sorted(
            (
                {"patient": people[one.patient], "turn": one, "minutes": _signed(one.minutes)}
                for one in changes.people
                if one.patient in people
            ),
            key=lambda row: (row["turn"].minutes, row["patient"].board_name),
        ),
        "leaders": [{"name": staff.get(pk, ""), "changes": mine} for pk, mine in changes.leaders.items()],
        "sessions": [
            {"c": one, "said": _said(one, staff, rooms), "what": sorted(what.value for what in one.what)}
            for one in changes.sessions
        ],
    }


def _signed(minutes: int) -> str:
    if not minutes:
        return "as many"
    return f"{'+' if minutes > 0 else '−'}{hours_short(abs(minutes))}"


def _said(one: Any, staff: dict[int, str], rooms: dict[int, str]) -> dict[str, str]:
    """What differs, in words; times are said by the page."""
    was, will = one.before, one.after
    said = {"leads": "", "place": ""}
    if was and will and What.LEADER in one.what:
        said["leads"] = f"{_names(will.leaders, staff)} instead of {_names(was.leaders, staff)}"
    if was and will and What.PLACE in one.what:
        said["place"] = f"{_place(will, rooms)} instead of {_place(was, rooms)}"
    if (was is None or will is None) and one.session.leaders:
        said["leads"] = _names(one.session.leaders, staff)
    return said


def _names(ids: Iterable[int], staff: dict[int, str]) -> str:
    return " and ".join(staff.get(pk, "somebody") for pk in ids) or "nobody"


def _place(held: Any, rooms: dict[int, str]) -> str:
    return rooms.get(held.room or 0, "no room") if held.mode != "video" else "video"


@staff_page(P.TIMETABLE_MANAGE)
def publication(request: Request, version_id: int) -> HttpResponse:
    """What publishing changes and who is told; POST publishes."""
    found = queries.version_by_id(request.actor, version_id)
    form = PublishForm(request.POST if request.method == "POST" else None, initial={"because": found.because})
    wrong = ""
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.publish_week(
                by=request.actor, at=request.at, version=found, because=form.cleaned_data["because"]
            )
        except Refused as no:
            wrong = no.sentence
        else:
            told = done.notices.count()
            messages.success(
                request, f"Published. {told} {'person is' if told == 1 else 'people are'} told of it."
            )
            return redirect(address("desk:week-version", version_id))
    planned = queries.planned_of(found)
    now = queries.stood_of(found.week)
    changes = queries.changes_by(found, planned, now)
    since = queries.changes_since(found, now)
    answer = render(
        request,
        "desk/timetable/planning/publication.html",
        {
            "v": found,
            "week": found.week,
            "publish_form": form,
            "wrong": wrong,
            "stale": queries.said_changes(since, ZoneInfo(found.week.site.zone)) if since else "",
            "drops": changes.count(What.DROPPED),
            "told": len(changes.people) + len(changes.leaders),
            "publication": getattr(found, "publication", None),
            **described(request, changes),
        },
    )
    if wrong or form.errors:
        answer.status_code = 422
    return answer


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def copy(request: Request, version_id: int) -> HttpResponse:
    """A draft of one's own from this one."""
    found = queries.version_by_id(request.actor, version_id)
    made = actions.copy_version(by=request.actor, at=request.at, version=found)
    return redirect(address("desk:week-version", made.pk))


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def name(request: Request, version_id: int) -> HttpResponse:
    """Gives the draft a name."""
    found = queries.version_by_id(request.actor, version_id)
    form = NameForm(request.POST)
    try:
        if form.is_valid():
            actions.rename_version(
                by=request.actor, at=request.at, version=found, note=form.cleaned_data["note"]
            )
        else:
            messages.error(request, "A name has at most 200 letters. Nothing was changed.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect(address("desk:week-version", version_id))


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def drop(request: Request, version_id: int) -> HttpResponse:
    """Puts the draft aside."""
    found = queries.version_by_id(request.actor, version_id)
    try:
        actions.drop_version(by=request.actor, at=request.at, version=found)
        messages.success(request, f"Draft {found.number} is put aside.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:plan_week", found.week_id)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def update(request: Request, version_id: int) -> HttpResponse:
    """Carries the draft over to the calendar as it stands."""
    found = queries.version_by_id(request.actor, version_id)
    try:
        made = actions.bring_up_to_date(by=request.actor, at=request.at, version=found)
    except Refused as no:
        messages.info(request, no.sentence)
        return redirect(address("desk:week-version", version_id))
    messages.success(
        request, f"Draft {made.number} is draft {found.number} on the calendar as it stands now."
    )
    return redirect(address("desk:week-version", made.pk))


@require_POST
@staff_page(P.TIMETABLE_READ)
def notice_seen(request: Request, notice_id: int) -> HttpResponse:
    """A facilitator has read how the week changed for them."""
    notice = queries.notice_for(request.actor, notice_id)
    actions.see_notice(by=request.actor, at=request.at, notice=notice)
    return redirect("desk:today")
