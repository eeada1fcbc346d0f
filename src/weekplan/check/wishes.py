"""What is wished: how often each wish is not met. One wish, one function; the price is the case's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from weekplan.check.week import Held, Json, Week, holds, start_of


def minutes_of(week: Week, patient: str) -> int:
    return sum(one.minutes for one in week.of_patient(patient))


def short_of(week: Week, patient: str) -> int:
    """Ordered minutes that the patient does not get; all her sessions count."""
    return max(0, int(week.patients[patient]["ordered"]) - minutes_of(week, patient))


def doses_short_of(week: Week, patient: str) -> dict[str, int]:
    """Minutes short by kind, where any are."""
    got: Counter[str] = Counter()
    for one in week.of_patient(patient):
        got[one.kind] += one.minutes
    doses = week.patients[patient]["doses"].items()
    return {kind: minutes - got[kind] for kind, minutes in doses if minutes > got[kind]}


def owed_missing_of(week: Week, patient: str) -> list[str]:
    held = {one.owed for one in week.sessions}
    return [one["id"] for one in week.patients[patient]["owed"] if one["id"] not in held]


def minutes_by_day(week: Week, patient: str) -> dict[int, int]:
    """Only days with a session."""
    by_day: Counter[int] = Counter()
    for one in week.of_patient(patient):
        by_day[one.day] += one.minutes
    return dict(by_day)


def countable_days_of(week: Week, patient: str) -> int:
    least = week.patients[patient]["countable"]
    return sum(minutes >= least for minutes in minutes_by_day(week, patient).values())


def days_missing_of(week: Week, patient: str) -> int:
    """Days short of `days.least`: of those that the payer counts, or of those with any session."""
    return max(0, int(week.patients[patient]["days"]["least"]) - countable_days_of(week, patient))


def short_minutes(week: Week) -> int:
    return sum(short_of(week, patient) for patient in week.patients)


def short_dose_minutes(week: Week) -> int:
    return sum(sum(doses_short_of(week, patient).values()) for patient in week.patients)


def owed_sessions_missing(week: Week) -> int:
    return sum(len(owed_missing_of(week, patient)) for patient in week.patients)


def countable_days_missing(week: Week) -> int:
    return sum(days_missing_of(week, name) for name, one in week.patients.items() if one["countable"] > 0)


def days_missing(week: Week) -> int:
    return sum(days_missing_of(week, name) for name, one in week.patients.items() if one["countable"] == 0)


def thin_days(week: Week) -> int:
    """Days of a patient with a session and fewer than `day.least` minutes."""
    return sum(
        minutes < patient["day"]["least"]
        for name, patient in week.patients.items()
        for minutes in minutes_by_day(week, name).values()
    )


def _groups(week: Week) -> list[Held]:
    return [one for one in week.sessions if one.offer is not None]


def offers_missing(week: Week) -> int:
    """Sessions short of `times.least`."""
    held = Counter(one.offer for one in _groups(week))
    return sum(max(0, offer["times"]["least"] - held[name]) for name, offer in week.offers.items())


def group_sessions(week: Week) -> int:
    return len(_groups(week))


def seats_below_good(week: Week) -> int:
    return sum(
        max(0, week.offers[one.offer or ""]["good"] - len(one.people) - one.others) for one in _groups(week)
    )


def overtime_minutes(week: Week) -> int:
    """Minutes of a facilitator above `week_usual`."""
    return sum(
        max(0, sum(one.minutes for one in week.of_leader(name)) - person["week_usual"])
        for name, person in week.facilitators.items()
    )


def idle_minutes(week: Week) -> int:
    """Of each wait between two sessions of a patient on one day, what is above `idle_free`."""
    return sum(
        max(0, later.start - earlier.end - week.weights["idle_free"])
        for patient in week.patients
        for earlier, later in pairwise(week.of_patient(patient))
        if earlier.day == later.day
    )


def trips(week: Week) -> int:
    """Days on which a patient has a session on site."""
    return sum(
        len({one.day for one in week.of_patient(patient) if one.mode == "on_site"})
        for patient in week.patients
    )


def seats_at_possible_times(week: Week) -> int:
    """Seats that do not lie within a preferred window allowing their mode."""
    return sum(
        not any(_liked(window, session) for window in week.patients[patient]["windows"])
        for session in week.sessions
        for patient in session.people
    )


def _liked(window: Json, session: Held) -> bool:
    return window["preferred"] and session.mode in window["modes"] and holds(window, session)


def unaccustomed_sessions(week: Week) -> int:
    """Sessions of `used_to` (same offer, same start) in which the patient does not sit."""
    return sum(
        not any(one.offer == habit["offer"] and one.start == start_of(habit) for one in week.of_patient(name))
        for name, patient in week.patients.items()
        for habit in patient["used_to"]
    )


def seats_moved(week: Week) -> int:
    """Seats of a standing session not fixed whose patient has none of the same offer, start and mode."""

    def same(one: Held, other: Held) -> bool:
        return (one.offer, one.owed, one.start, one.mode) == (
            other.offer,
            other.owed,
            other.start,
            other.mode,
        )

    return sum(
        not any(same(before, after) for after in week.of_patient(patient))
        for before in week.standing.values()
        if before.fixed == "no"
        for patient in before.people
    )


def sessions_changed(week: Week) -> int:
    """Standing group sessions not fixed that are missing, or have another room or other leaders."""
    now = {one.id: one for one in week.sessions}
    return sum(
        before.id not in now or (before.room, before.leaders) != (now[before.id].room, now[before.id].leaders)
        for before in week.standing.values()
        if before.fixed == "no" and before.offer is not None
    )


WISHES: Final[dict[str, Callable[[Week], int]]] = {
    "short_per_minute": short_minutes,
    "dose_short_per_minute": short_dose_minutes,
    "owed_missing": owed_sessions_missing,
    "countable_day_missing": countable_days_missing,
    "day_missing": days_missing,
    "thin_day": thin_days,
    "offer_missing": offers_missing,
    "session": group_sessions,
    "thin_group_per_seat": seats_below_good,
    "overtime_per_minute": overtime_minutes,
    "idle_per_minute": idle_minutes,
    "trip": trips,
    "possible_time": seats_at_possible_times,
    "unaccustomed": unaccustomed_sessions,
    "moved": seats_moved,
    "changed_session": sessions_changed,
}
