"""The weekly look at the level, a result of another instrument, and the packets of those who moved."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from stepwell.cli.demo.world import Clinic, Life, dice
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.placement.queries import latest_placement
from stepwell.clinic.placement.rules import Progress
from stepwell.clinic.transition import actions as transition

_WEEKS = (2, 1, 0)
_OUTSIDE = {3: ("continuum", "2.1"), 11: ("locus", "4"), 19: ("locus", "3")}


def foresee(clinic: Clinic) -> None:
    """Reviews of the last weeks; a third of the people is due again, so that there is work to do."""
    for week in _WEEKS:
        day = clinic.diary.monday(week) + timedelta(days=2)
        clinic.diary.note(clinic.diary.moment(day, "16:10"), lambda at, week=week: _look(clinic, week, at))
    clinic.diary.note(
        clinic.diary.moment(clinic.diary.monday(1) + timedelta(days=3), "16:40"),
        lambda at: _others_and_packets(clinic, at),
    )


def _look(clinic: Clinic, week: int, at: datetime) -> None:
    for life in clinic.lives:
        if life.in_treatment and life.number % 3 != week % 3:
            _review(clinic, life, at)


def _review(clinic: Clinic, life: Life, at: datetime) -> None:
    last = latest_placement(life.episode)
    if last.starts_at > at - timedelta(days=3):
        return
    throw = dice("review", life.number, clinic.diary.day_of(at))
    outcome = "continue-progress" if throw.random() < 0.75 else "continue-working"
    words = {
        "continue-progress": "Comes to the groups, uses the skills at home; the goals are not met yet.",
        "continue-working": "Little has changed since the last look; works on it and wants to go on.",
    }
    placement.review_level(
        by=clinic.actors[clinic.counselor_of(life)],
        at=at,
        episode=life.episode,
        outcome=outcome,
        recommended=last.level,
        progress=Progress(weeks_at_level=(at - last.starts_at).days // 7),
        summary=words[outcome],
        once_key=f"demo-{life.number}-{clinic.diary.day_of(at)}",
    )


def _others_and_packets(clinic: Clinic, at: datetime) -> None:
    for life in clinic.lives:
        if not life.in_treatment:
            continue
        by = clinic.actors[clinic.counselor_of(life)]
        if life.number in _OUTSIDE:
            instrument, level = _OUTSIDE[life.number]
            placement.record_outside_placement(
                by=by,
                at=at,
                patient=life.patient,
                instrument=instrument,
                level=level,
                on=_weeks_before(clinic.diary.day_of(at), 3),
                rater="R. Delgado, LCSW, county assessment center",
                document=f"Fax 2207-{life.number}, binder 3",
            )
        if life.facts["track"] == "step-up":
            transition.make_packet(
                by=by,
                at=at,
                episode=life.episode,
                once_key=f"demo-packet-{life.number}",
                contact="Day team, front desk",
                appointment_on=clinic.diary.day_of(at) + timedelta(days=1),
            )


def _weeks_before(day: date, weeks: int) -> date:
    return day - timedelta(weeks=weeks)
