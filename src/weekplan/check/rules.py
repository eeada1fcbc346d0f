"""What is never broken: one rule, one function, one sentence for each breach.

The order is that of `docs/algorithms/week.md`. A delivered session is never a breach: it is the past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from weekplan.check.limits import LIMITS
from weekplan.check.week import Held, Json, Week, holds, open_throughout, start_of

Rule = Callable[[Week], Iterator[str]]


def unknown_names(case: Json, plan: Json) -> list[str]:
    """Names in the plan that the case does not know."""
    owed = {one["id"] for patient in case["patients"] for one in patient["owed"]}
    known = {
        what: {one["id"] for one in case[what]} for what in ("offers", "rooms", "facilitators", "patients")
    }
    found = []
    for session in plan["sessions"]:
        named = [
            ("offer", session["offer"], known["offers"]),
            ("owed session", session["owed"], owed),
            ("room", session["room"], known["rooms"]),
            *(("facilitator", name, known["facilitators"]) for name in session["leaders"]),
            *(("patient", name, known["patients"]) for name in session["people"]),
        ]
        for what, name, names in named:
            if name is not None and name not in names:
                found.append(
                    f"Session “{session['id']}” names the {what} “{name}”, which the case does not have."
                )
    return found


def _judged(week: Week) -> list[Held]:
    return [one for one in week.sessions if not week.delivered(one)]


def _pairs(week: Week, sessions: list[Held]) -> Iterator[tuple[Held, Held]]:
    for one, other in combinations(sessions, 2):
        if not (week.delivered(one) and week.delivered(other)):
            yield one, other


def patients_are_in_one_place(week: Week) -> Iterator[str]:
    """Two sessions of one patient do not overlap, and nobody has two seats in one."""
    for patient in week.patients:
        for one, other in _pairs(week, week.of_patient(patient)):
            if one.overlaps(other):
                yield f"{patient} sits in {week.told(one)} and in {week.told(other)} at the same time."
    for session in _judged(week):
        for patient in sorted(set(session.people)):
            if session.people.count(patient) > 1:
                yield f"{patient} has two seats in {week.told(session)}."


def facilitators_are_in_one_place(week: Week) -> Iterator[str]:
    """Two sessions of one facilitator lie `rest` apart, or `travel` between on site and video if longer."""
    for name, person in week.facilitators.items():
        for one, other in _pairs(week, week.of_leader(name)):
            pause = person["rest"] if one.mode == other.mode else max(person["rest"], person["travel"])
            if one.overlaps(other):
                yield f"{name} leads {week.told(one)} and {week.told(other)} at the same time."
            elif max(one.start, other.start) - min(one.end, other.end) < pause:
                yield f"{name} needs {pause} minutes between {week.told(one)} and {week.told(other)}."


def rooms_hold_one_session(week: Week) -> Iterator[str]:
    """Two sessions in one room do not overlap."""
    for room in week.rooms:
        for one, other in _pairs(week, [s for s in week.sessions if s.room == room]):
            if one.overlaps(other):
                yield f"{room} is used by {week.told(one)} and {week.told(other)} at the same time."


def patients_come_when_they_can(week: Week) -> Iterator[str]:
    """A session lies within one window of the patient that allows its mode."""
    for session in _judged(week):
        for patient in session.people:
            windows = week.patients[patient]["windows"]
            if not any(session.mode in window["modes"] and holds(window, session) for window in windows):
                yield f"{patient} cannot come to {week.told(session)}, {_how(session)}."


def _how(session: Held) -> str:
    return "by video" if session.mode == "video" else "on site"


def sessions_are_what_was_offered(week: Week) -> Iterator[str]:
    """Kind, minutes, start and mode are those of the offer or of the owed session."""
    for session in _judged(week):
        offer = _subject(week, session)
        if session.kind != offer["kind"]:
            yield f"{week.told(session)} is of the kind {offer['kind']}."
        if session.minutes != offer["minutes"]:
            yield f"{week.told(session)} has {session.minutes} minutes and should have {offer['minutes']}."
        if session.mode not in offer["modes"]:
            yield f"{week.told(session)} is not offered {_how(session)}."
        if not may_start(week, session, offer):
            yield f"{week.told(session)} may not begin then."


def _subject(week: Week, session: Held) -> Json:
    if session.offer is not None:
        return week.offers[session.offer]
    return week.owed[session.owed or ""]


def may_start(week: Week, session: Held, offer: Json) -> bool:
    """Whether the start is among those given or, where none are given, on the grid within hours that fit."""
    if "starts" in offer:
        return session.start in {start_of(start) for start in offer["starts"]}
    end = session.start + int(offer["minutes"])
    if session.start % week.grid:
        return False
    if session.offer is None:
        there = any(
            open_throughout(week.facilitators[name]["available"], session.start, end)
            for name in offer["leaders"]
        )
        room_bound = offer["room"] is not None and "video" not in offer["modes"]
        return there and (
            not room_bound
            or any(
                set(offer["room"]) <= set(room["features"])
                and open_throughout(room["hours"], session.start, end)
                for room in week.rooms.values()
            )
        )
    in_a_room = "on_site" in offer["modes"] and any(
        set(offer["features"]) <= set(room["features"])
        and room["capacity"] >= offer["least"]
        and open_throughout(room["hours"], session.start, end)
        for room in week.rooms.values()
    )
    by_video = "video" in offer["modes"] and any(
        _may_lead(person, offer) and open_throughout(person["available"], session.start, end)
        for person in week.facilitators.values()
    )
    return in_a_room or by_video


def _may_lead(person: Json, offer: Json) -> bool:
    return offer["kind"] in person["leads"] and set(offer["credentials"]) <= set(person["credentials"])


def groups_have_their_size(week: Week) -> Iterator[str]:
    """At least `least` people (unless locked), at most `most` and the seats of the room; others count."""
    for session in _judged(week):
        if session.offer is None:
            continue
        offer, size = week.offers[session.offer], len(session.people) + session.others
        if size < offer["least"] and not week.locked(session):
            yield f"{week.told(session)} has {size} people and needs {offer['least']}."
        if size > offer["most"]:
            yield f"{week.told(session)} has {size} people and takes {offer['most']}."
        if session.room is not None and size > week.rooms[session.room]["capacity"]:
            seats = week.rooms[session.room]["capacity"]
            yield f"{week.told(session)} has {size} people, and {session.room} seats {seats}."


def groups_are_for_those_who_sit_in_them(week: Week) -> Iterator[str]:
    """Tags, track, closed series, and topics already had."""
    for session in _judged(week):
        if session.offer is None:
            continue
        offer = week.offers[session.offer]
        for name in session.people:
            patient = week.patients[name]
            lacking = sorted(set(offer["needs"]) - set(patient["tags"]))
            if lacking:
                yield f"{name} may not sit in {week.told(session)}, which is for {' and '.join(lacking)}."
            if offer["tracks"] and patient["track"] is not None and patient["track"] not in offer["tracks"]:
                yield f"{name} is on the {patient['track']} track, for which {week.told(session)} is not."
            if offer["members"] is not None and name not in offer["members"]:
                yield f"{name} does not belong to the closed series of {week.told(session)}."
            if offer["topic"] is not None and offer["topic"] in patient["had"]:
                yield f"{name} has had the topic {offer['topic']} of {week.told(session)}."


def owed_sessions_are_held_once_with_their_patient(week: Week) -> Iterator[str]:
    """One session for each owed one, with the patient to whom it is owed and nobody else."""
    seen: dict[str, Held] = {}
    for session in week.sessions:
        if session.owed is None:
            continue
        whose = week.owed_by[session.owed]
        if session.people != (whose,) and not week.delivered(session):
            yield f"{week.told(session)} is owed to {whose} and to nobody else."
        if session.owed in seen:
            earlier = seen[session.owed]
            if not (week.delivered(session) and week.delivered(earlier)):
                yield f"{week.told(session)} is held twice for {whose}: also as {week.told(earlier)}."
        seen[session.owed] = session


def leaders_may_lead(week: Week) -> Iterator[str]:
    """The first leads the kind and holds the credentials, the second leads or co-leads it; all are available."""
    for session in _judged(week):
        wanted = week.offers[session.offer]["leaders"] if session.offer is not None else 1
        if len(session.leaders) != wanted or len(set(session.leaders)) != wanted:
            yield f"{week.told(session)} needs {wanted} to lead it and has {len(set(session.leaders))}."
        for place, name in enumerate(session.leaders):
            if not _leads(week, session, place, name):
                yield f"{name} may not {'co-lead' if place else 'lead'} {week.told(session)}."
            if not open_throughout(week.facilitators[name]["available"], session.start, session.end):
                yield f"{name} is not available for {week.told(session)}."


def _leads(week: Week, session: Held, place: int, name: str) -> bool:
    person = week.facilitators[name]
    if session.offer is None:
        return name in week.owed[session.owed or ""]["leaders"]
    offer = week.offers[session.offer]
    if place == 0:
        return _may_lead(person, offer)
    return offer["kind"] in person["leads"] or offer["kind"] in person["coleads"]


def rooms_fit(week: Week) -> Iterator[str]:
    """On site a room with the features and the hours, by video none; owed sessions only where they need one."""
    for session in _judged(week):
        needed: list[str] | None
        if session.offer is not None:
            needed = week.offers[session.offer]["features"]
        else:
            needed = week.owed[session.owed or ""]["room"]
        if session.mode == "video":
            needed = None
        if needed is None:
            if session.room is not None:
                yield f"{week.told(session)} needs no room and has {session.room}."
            continue
        if session.room is None:
            yield f"{week.told(session)} has no room."
            continue
        room = week.rooms[session.room]
        lacking = sorted(set(needed) - set(room["features"]))
        if lacking:
            yield f"{session.room} lacks what {week.told(session)} needs: {' and '.join(lacking)}."
        if not open_throughout(room["hours"], session.start, session.end):
            yield f"{session.room} is not open for {week.told(session)}."


def apart_stays_apart(week: Week) -> Iterator[str]:
    """Two people who are kept apart never sit in one session."""
    for session in _judged(week):
        for one, other in combinations(sorted(set(session.people)), 2):
            if other in week.patients[one]["apart"] or one in week.patients[other]["apart"]:
                yield f"{one} and {other} are kept apart and both sit in {week.told(session)}."


def closed_is_closed(week: Week) -> Iterator[str]:
    """Nothing on a closed day, and nothing new before now."""
    for session in _judged(week):
        if session.day in week.closed:
            yield f"{week.told(session)} is on a day on which the site is closed."
        if session.start < week.now and session.id not in week.standing:
            yield f"{week.told(session)} is new and begins before now ({week.when(week.now)})."


def what_stands_stays(week: Week) -> Iterator[str]:
    """Delivered sessions exactly; locked ones with time, mode, room, leaders and people; an id keeps its session."""
    held: dict[str, Held] = {}
    for session in week.sessions:
        if session.id in held:
            yield f"Two sessions have the id “{session.id}”."
        held[session.id] = session
        before = week.standing.get(session.id)
        if before is None:
            if session.fixed != "no" or session.others:
                yield f"{week.told(session)} is new, and neither locked nor delivered nor with others in it."
            continue
        same = (before.offer, before.owed, before.kind, before.start, before.mode)
        if same != (session.offer, session.owed, session.kind, session.start, session.mode):
            yield f"{week.told(session)} has the id of {week.told(before)}, which is another session."
        if (before.fixed, before.others) != (session.fixed, session.others):
            yield f"{week.told(session)} is {before.fixed} with {before.others} others, and the plan says otherwise."
    for before in week.spoken_for():
        yield from _stays(week, before, held.get(before.id))


def _stays(week: Week, before: Held, after: Held | None) -> Iterator[str]:
    word = before.fixed
    if after is None:
        yield f"{week.told(before)} is {word} and missing from the plan."
        return
    if (before.minutes, before.room, before.leaders) != (after.minutes, after.room, after.leaders):
        yield f"{week.told(before)} is {word}, and its length, room or leaders were changed."
    gone = sorted(set(before.people) - set(after.people))
    if gone:
        yield f"{week.told(before)} is {word}, and {' and '.join(gone)} lost the seat."
    come = sorted(set(after.people) - set(before.people))
    if come and word == "delivered":
        yield f"{week.told(before)} is delivered, and {' and '.join(come)} did not sit in it."


RULES: tuple[Rule, ...] = (
    patients_are_in_one_place,
    facilitators_are_in_one_place,
    rooms_hold_one_session,
    patients_come_when_they_can,
    sessions_are_what_was_offered,
    groups_have_their_size,
    groups_are_for_those_who_sit_in_them,
    owed_sessions_are_held_once_with_their_patient,
    leaders_may_lead,
    rooms_fit,
    apart_stays_apart,
    *LIMITS,
    closed_is_closed,
    what_stands_stays,
)
