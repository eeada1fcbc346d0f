"""Changing a draft week by hand: moving a session on the board or by a form, seats, locks, undo. Every write is one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.ahead import together
from stepwell.clinic.people.queries import patient_for
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.actions import board as actions
from stepwell.clinic.timetable.queries.draft_board import (
    DraftBoard,
    draft_board,
    group_of,
    leader_of,
    planned_session_for,
    room_of,
    versions_for,
)
from stepwell.clinic.timetable.rules.changes import Add, Drop, Move, Reseat
from stepwell.clinic.timetable.rules.mending import verdict
from stepwell.clinic.timetable.rules.planned import NEW, Planned
from stepwell.clinic.timetable.rules.told import Verdict
from stepwell.desk.pages import render, staff_page
from stepwell.desk.timetable.draft_view import context_of, look_of
from stepwell.desk.timetable.moving_forms import AddForm, MoveForm, fields_of
from stepwell.ui.jinja import address

NOT_UNDERSTOOD = "This change could not be read. Nothing was changed; choose it again on the board."


@staff_page(P.TIMETABLE_READ)
def board(request: Request, version_id: int) -> HttpResponse:
    """The board alone, for htmx; by an address typed in it leads to the page of the version. `?by=` week, day,
    room, leader or patient, `?of=` which one, `?notices=all` everything that is wrong."""
    if not request.htmx:  # type: ignore[attr-defined] # set by its middleware
        version = versions_for(request.actor).get(pk=version_id)
        return redirect(address("desk:week-version", version.pk) + look_of(request).query)
    return _parts(request, version_id)


def _parts(request: Request, version_id: int, *, said: str = "", wrong: str = "") -> HttpResponse:
    """What changes of the page when something is moved. 422 when something was refused."""
    with together():
        plan = context_of(request, version_id, said=said, wrong=wrong)
        answer = render(request, "desk/timetable/board_of_version.html", {"plan": plan})
    if wrong:
        answer.status_code = 422
    return answer


def _done(request: Request, version_id: int, change: Callable[[], str]) -> HttpResponse:
    """Makes the change and shows the board: by htmx its parts, else by a redirect. A refusal is its notice."""
    said = wrong = ""
    try:
        said = change()
    except Refused as no:
        wrong = no.sentence
    except (KeyError, ValueError):
        wrong = NOT_UNDERSTOOD
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        return _parts(request, version_id, said=said, wrong=wrong)
    if wrong:
        messages.error(request, wrong)
    else:
        messages.success(request, said)
    return redirect(address("desk:week-version", version_id) + look_of(request).query)


# -- the check -----------------------------------------------------------------------------------


@staff_page(P.TIMETABLE_MANAGE)
def check(request: Request, version_id: int) -> HttpResponse:
    """What a move would break and who would fall short, as JSON, before it is made. Nothing is written."""
    draft = draft_board(request.actor, version_id, request.at)
    try:
        change = _move_asked(draft, request.GET)
    except (KeyError, ValueError):
        return JsonResponse({"ok": False, "said": NOT_UNDERSTOOD}, status=400)
    found = verdict(draft.board, change)
    board = draft.board
    where = f"{board.sessions[change.session].title}, {board.moment(change.start)}."
    if change.start != board.sessions[change.session].start and change.start < board.now:
        return JsonResponse({"ok": False, "said": f"{where} That time has passed."})
    return JsonResponse(
        {
            "ok": not found.breaks and not found.lose,
            "said": f"{where} {found.sentence}",
            "breaks": [
                {"sentence": one.sentence, "mend": one.mend.words if one.mend else None}
                for one in found.breaks
            ],
            "lose": [
                {"name": turn.name, "minutes": -turn.minutes, "short": turn.short} for turn in found.lose
            ],
            "gain": [
                {"name": turn.name, "minutes": turn.minutes, "short": turn.short} for turn in found.gain
            ],
        }
    )


def _move_asked(draft: DraftBoard, asked: QueryDict) -> Move:
    """The move in a query or a form: what is not said stays as it is. With `whole`, what is not said is nobody
    and no room. Raises KeyError or ValueError for what is not in the draft."""
    was = draft.board.sessions[int(str(asked["session"]))]
    whole = bool(asked.get("whole"))

    def number(name: str, stays: int | None) -> int | None:
        if not asked.get(name):
            return None if whole else stays
        return int(str(asked[name]))

    move = Move(
        session=was.id,
        start=int(str(asked["start"])) if asked.get("start") else was.start,
        mode=str(asked.get("mode") or was.mode),
        room=number("room", was.room),
        leader=number("leader", was.leader),
        coleader=number("coleader", was.coleader),
    )
    if not 0 <= move.start < 7 * 1440 or move.mode not in ("on_site", "video"):
        raise ValueError("Not a time or a mode of the week.")
    if move.mode == "video":
        move = Move(
            session=move.session,
            start=move.start,
            mode="video",
            room=None,
            leader=move.leader,
            coleader=move.coleader,
        )
    return move


# -- changes by one POST ----------------------------------------------------------------------


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def moves(request: Request, version_id: int) -> HttpResponse:
    """`session`, and what is changed of `start` (minute of the week), `room`, `mode`, `leader`, `coleader`."""

    def move() -> str:
        draft = draft_board(request.actor, version_id, request.at)
        asked = _move_asked(draft, request.POST)
        found = verdict(draft.board, asked, mends=False)
        _make_move(request, draft, asked)
        return f"{draft.board.sessions[asked.session].title}: {draft.board.moment(asked.start)}. {found.made}"

    return _done(request, version_id, move)


def _make_move(request: Request, draft: DraftBoard, asked: Move) -> None:
    session = planned_session_for(request.actor, asked.session)
    was = draft.board.sessions[asked.session]
    actions.move_planned(
        by=request.actor,
        at=request.at,
        session=session,
        starts=session.starts if asked.start == was.start else draft.instant_of(asked.start),
        mode=session.mode if asked.mode == was.mode else asked.mode,
        room=room_of(draft, asked.room),
        leader=leader_of(draft, asked.leader),
        coleader=leader_of(draft, asked.coleader),
        seen=_seen(request),
    )


def _seen(request: Request) -> int | None:
    """The revision that the page showed."""
    asked = request.POST.get("revision", "")
    return int(asked) if asked else None


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def seats(request: Request, version_id: int) -> HttpResponse:
    """`person` (number of the patient) leaves the session `leaves`, joins the session `joins`, or both."""

    def change() -> str:
        draft = draft_board(request.actor, version_id, request.at)
        person = int(request.POST["person"])
        leaves, joins = (
            int(request.POST[name]) if request.POST.get(name) else None for name in ("leaves", "joins")
        )
        asked = Reseat(person=person, leaves=leaves, joins=joins)
        found = verdict(draft.board, asked, mends=False)
        patient = patient_for(request.actor, draft.codes[person], P.HOURS_READ)
        actions.reseat(
            by=request.actor,
            at=request.at,
            version=draft.version,
            patient=patient,
            leaves=planned_session_for(request.actor, leaves) if leaves else None,
            joins=planned_session_for(request.actor, joins) if joins else None,
            seen=_seen(request),
        )
        return f"{draft.board.people[person].name}: done. {found.made}"

    return _done(request, version_id, change)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def drops(request: Request, version_id: int) -> HttpResponse:
    """The session is not held in this draft."""

    def drop() -> str:
        draft = draft_board(request.actor, version_id, request.at)
        number = int(request.POST["session"])
        found = verdict(draft.board, Drop(session=number), mends=False)
        session = planned_session_for(request.actor, number)
        actions.drop_planned(by=request.actor, at=request.at, session=session, seen=_seen(request))
        return f"{session.title} is dropped. {found.made}"

    return _done(request, version_id, drop)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def locks(request: Request, version_id: int) -> HttpResponse:
    """Locks a session (`locked` 1) or unlocks it (0)."""
    version = versions_for(request.actor).get(pk=version_id)

    def lock() -> str:
        session = planned_session_for(request.actor, int(request.POST["session"]))
        if session.version_id != version.pk:
            raise ValueError("Of another draft.")
        locked = request.POST["locked"] == "1"
        actions.lock_planned(
            by=request.actor, at=request.at, session=session, locked=locked, seen=_seen(request)
        )
        return f"{session.title} is {'locked' if locked else 'unlocked'}."

    return _done(request, version_id, lock)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def undo(request: Request, version_id: int) -> HttpResponse:
    """Takes the last change back."""
    return _done(request, version_id, lambda: _back_and_forth(request, version_id, actions.undo, "Undone"))


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def redo(request: Request, version_id: int) -> HttpResponse:
    """Makes the change that was taken back once more."""
    return _done(
        request, version_id, lambda: _back_and_forth(request, version_id, actions.redo, "Made again")
    )


def _back_and_forth(request: Request, version_id: int, action: Callable[..., Any], word: str) -> str:
    version = versions_for(request.actor).get(pk=version_id)
    change = action(by=request.actor, at=request.at, version=version, seen=_seen(request))
    return f"{word}: {change.title}."


# -- one session: without JavaScript, and for all that is not time ------------------------------------


@staff_page(P.TIMETABLE_MANAGE)
def session(request: Request, version_id: int, session_id: int) -> HttpResponse:
    """One planned session: when, where, who leads and who sits in it. GET with answers shows what a move would do."""
    draft = draft_board(request.actor, version_id, request.at)
    one = draft.board.sessions.get(session_id)
    if one is None:
        raise planned_session_for(request.actor, session_id).DoesNotExist
    asked = request.POST if request.method == "POST" else request.GET
    looked = "day" in asked
    form = MoveForm(asked if looked else None, draft=draft, one=one)
    found: Verdict | None = None
    if looked and form.is_valid():
        change = form.move()
        found = verdict(draft.board, change)
        if request.method == "POST":
            try:
                _make_move(request, draft, change)
                messages.success(request, f"{one.title}: {draft.board.moment(change.start)}.")
                return redirect(address("desk:week-version", version_id) + look_of(request).query)
            except (Refused, ValueError) as no:
                form.add_error(None, no.sentence if isinstance(no, Refused) else NOT_UNDERSTOOD)
    return render(
        request,
        "desk/timetable/planned_session.html",
        {
            "draft": draft,
            "one": one,
            "form": form,
            "found": found,
            "hidden": fields_of(form) if found is not None else {},
            "look": look_of(request),
            "when": draft.board.moment(one.start),
            "people": _people_of(draft, one),
            "others": _others(draft, one) if one.group is not None and not one.fixed else [],
            "home": address("desk:week-version", version_id) + look_of(request).query,
        },
    )


def _people_of(draft: DraftBoard, one: Planned) -> list[dict[str, Any]]:
    """Who sits in it, with what is wrong for them; people whom the reader may not see are only counted."""
    board = draft.board
    return [
        {
            "id": who.id,
            "name": who.name,
            "short": board.short_of(who.id),
            "able": who.can_come(one.start, one.end, one.mode),
        }
        for who in board.people.values()
        if who.id in one.people
    ]


def _others(draft: DraftBoard, one: Planned) -> list[dict[str, Any]]:
    """Who else could sit in it without breaking anything, the shortest first."""
    board = draft.board
    found = []
    for who in board.people.values():
        if who.id in one.people or not who.can_come(one.start, one.end, one.mode):
            continue
        if not verdict(board, Reseat(person=who.id, joins=one.id), mends=False).breaks:
            found.append({"id": who.id, "name": who.name, "short": board.short_of(who.id)})
    return sorted(found, key=lambda each: (-each["short"], each["name"]))


@staff_page(P.TIMETABLE_MANAGE)
def new(request: Request, version_id: int) -> HttpResponse:
    """One more session of a group. GET with answers shows what it would do."""
    draft = draft_board(request.actor, version_id, request.at)
    asked = request.POST if request.method == "POST" else request.GET
    looked = "group" in asked
    form = AddForm(asked if looked else None, draft=draft)
    found: Verdict | None = None
    joining: list[str] = []
    if looked and form.is_valid():
        change: Add = form.added()
        found = verdict(draft.board, change)
        after = draft.board.after(change)
        joining = [
            who.name
            for who in after.people.values()
            if after.short_of(who.id)
            and not verdict(after, Reseat(person=who.id, joins=NEW), mends=False).breaks
        ]
        if request.method == "POST":
            try:
                _make_add(request, draft, change)
                messages.success(request, f"{draft.board.groups[change.group].name} is added.")
                return redirect(address("desk:week-version", version_id) + look_of(request).query)
            except (Refused, ValueError) as no:
                form.add_error(None, no.sentence if isinstance(no, Refused) else NOT_UNDERSTOOD)
    return render(
        request,
        "desk/timetable/planned_new.html",
        {
            "draft": draft,
            "form": form,
            "found": found,
            "joining": joining,
            "hidden": fields_of(form) if found is not None else {},
            "look": look_of(request),
            "home": address("desk:week-version", version_id) + look_of(request).query,
        },
    )


def _make_add(request: Request, draft: DraftBoard, change: Add) -> None:
    by = request.actor
    actions.add_planned(
        by=by,
        at=request.at,
        version=draft.version,
        group=group_of(draft, change.group),
        starts=draft.instant_of(change.start),
        minutes=change.minutes,
        mode=change.mode,
        room=room_of(draft, change.room),
        leader=leader_of(draft, change.leader),
        coleader=leader_of(draft, change.coleader),
    )
