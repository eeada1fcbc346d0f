"""The rules that count: how much, how often. What delivered and locked sessions pass by themselves is the limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from weekplan.check.week import Held, Week


def _minutes(sessions: Iterable[Held]) -> int:
    return sum(one.minutes for one in sessions)


def offers_are_held_at_most_so_often(week: Week) -> Iterator[str]:
    """`times.most` sessions of an offer."""
    for name, offer in week.offers.items():
        held = sum(one.offer == name for one in week.sessions)
        limit = max(offer["times"]["most"], sum(one.offer == name for one in week.spoken_for()))
        if held > limit:
            yield f"{name} is held {held} times; {limit} is the most."


def each_patient_sits_at_most_so_often(week: Week) -> Iterator[str]:
    """`each` sessions of an offer for one patient."""
    for patient in week.patients:
        before = Counter(one.offer for one in week.spoken_for() if patient in one.people)
        for name, held in Counter(one.offer for one in week.of_patient(patient)).items():
            limit = max(week.offers[name]["each"], before[name]) if name is not None else held
            if held > limit:
                yield f"{patient} sits in {name} {held} times; {limit} is the most."


def facilitators_keep_their_hours(week: Week) -> Iterator[str]:
    """`day_most` and `week_most` minutes of a facilitator."""
    for name, person in week.facilitators.items():
        sessions = week.of_leader(name)
        before = [one for one in week.spoken_for() if name in one.leaders]
        limit = max(person["week_most"], _minutes(before))
        if _minutes(sessions) > limit:
            yield f"{name} leads {_minutes(sessions)} minutes in the week; {limit} is the most."
        for day in sorted({one.day for one in sessions}):
            minutes = _minutes(one for one in sessions if one.day == day)
            limit = max(person["day_most"], _minutes(one for one in before if one.day == day))
            if minutes > limit:
                yield f"{name} leads {minutes} minutes on {week.day_name(day)}; {limit} is the most."


def patients_get_no_more_than_ordered(week: Week) -> Iterator[str]:
    """`most` minutes, `days.most` days, `day.most` minutes of a day, and `video_most` minutes by video."""
    for name, patient in week.patients.items():
        sessions = week.of_patient(name)
        before = [one for one in week.spoken_for() if name in one.people]
        limit = max(patient["most"], _minutes(before))
        if _minutes(sessions) > limit:
            yield f"{name} gets {_minutes(sessions)} minutes in the week; {limit} is the most."
        days = {one.day for one in sessions}
        limit = max(patient["days"]["most"], len({one.day for one in before}))
        if len(days) > limit:
            yield f"{name} comes on {len(days)} days; {limit} is the most."
        for day in sorted(days):
            minutes = _minutes(one for one in sessions if one.day == day)
            limit = max(patient["day"]["most"], _minutes(one for one in before if one.day == day))
            if minutes > limit:
                yield f"{name} gets {minutes} minutes on {week.day_name(day)}; {limit} is the most."
        video = _minutes(one for one in sessions if one.mode == "video")
        limit = max(patient["video_most"], _minutes(one for one in before if one.mode == "video"))
        if video > limit:
            yield f"{name} gets {video} minutes by video; {limit} is the most."


LIMITS: tuple[Callable[[Week], Iterator[str]], ...] = (
    offers_are_held_at_most_so_often,
    each_patient_sits_at_most_so_often,
    facilitators_keep_their_hours,
    patients_get_no_more_than_ordered,
)
