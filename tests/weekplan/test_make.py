"""Made cases: the hidden week works, the same numbers give the same case, and odd cases know all of the format."""

from collections.abc import Callable

import pytest

from weekplan.case import DAY, Case, Fixed, Mode
from weekplan.check import check
from weekplan.costing import costs, met
from weekplan.make import make, make_with_week, rough
from weekplan.plan import Plan, Session, Shortfall, Status
from weekplan.reading import case_from_json
from weekplan.writing import case_to_json, plan_to_json

ROUGH = 200


def plan_of(case: Case, week: tuple[Session, ...]) -> Plan:
    points, got = costs(case, week), met(case, week)
    short = tuple(
        Shortfall(one.patient, one.short, one.doses_short, one.owed_missing, "Not judged here.", ())
        for one in got
        if one.short or one.doses_short or one.owed_missing
    )
    return Plan(case.name, Status.FEASIBLE, week, sum(points.values()), points, None, 0.0, 1, got, short)


@pytest.mark.parametrize("standing", [False, True])
@pytest.mark.parametrize(("patients", "seed"), [(5, 1), (9, 2), (15, 3), (30, 4), (60, 5), (120, 6)])
def test_the_hidden_week_keeps_every_rule_and_costs_what_is_said(patients, seed, standing):
    case, week = make_with_week(patients, seed, standing=standing)
    report = check(case_to_json(case), plan_to_json(plan_of(case, week)))
    assert (report.breaches, report.disagreements) == ((), ())


@pytest.mark.parametrize("patients", [5, 15, 30, 60, 120])
def test_in_the_hidden_week_nobody_is_short(patients):
    case, week = make_with_week(patients, 1)
    assert [one for one in met(case, week) if one.short or one.doses_short or one.owed_missing] == []


def test_the_same_numbers_give_the_same_case():
    assert make(30, 7) == make(30, 7)
    assert make(30, 7) != make(30, 8)
    assert rough(7) == rough(7)


def test_fewer_than_five_patients_are_refused():
    with pytest.raises(ValueError, match="5 patients or more"):
        make(4, 1)


def test_a_large_case_has_the_size_of_a_large_clinic():
    case, week = make_with_week(120, 1)
    assert 10 <= len(case.facilitators) <= 20
    assert 4 <= len(case.rooms) <= 9
    assert len({start for offer in case.offers for start in offer.starts}) == 32
    several = [case, make(120, 2), make(120, 3)]
    needs = {tag for each in several for offer in each.offers for tag in offer.needs}
    assert needs == {"women", "trauma", "spanish"}
    assert {session.mode for session in week if session.offer} == set(Mode)
    assert any(offer.members for offer in case.offers)
    assert any(patient.apart for patient in case.patients)
    assert any(patient.countable for patient in case.patients)


def test_a_standing_week_has_monday_behind_it():
    case = make(30, 1, standing=True)
    assert case.now == DAY + 420
    assert {one.fixed for one in case.standing if one.span.day == 0} == {Fixed.DELIVERED}
    assert {one.fixed for one in case.standing if one.span.day > 0} == {Fixed.NO}


FEATURES: dict[str, Callable[[Case], bool]] = {
    "grid of 5": lambda case: case.grid == 5,
    "uneven lengths": lambda case: len({offer.minutes for offer in case.offers}) > 2,
    "holiday": lambda case: bool(case.closed),
    "delivered": lambda case: any(one.fixed == Fixed.DELIVERED for one in case.standing),
    "locked": lambda case: any(one.fixed == Fixed.LOCKED for one in case.standing),
    "published": lambda case: any(one.fixed == Fixed.NO for one in case.standing),
    "standing owed": lambda case: any(one.owed for one in case.standing),
    "seats of others": lambda case: any(one.others for one in case.standing),
    "apart clique": lambda case: any(len(patient.apart) >= 3 for patient in case.patients),
    "two leaders": lambda case: any(offer.leaders == 2 for offer in case.offers),
    "by video only": lambda case: any(offer.modes == {Mode.VIDEO} for offer in case.offers),
    "video limit": lambda case: any(patient.video_most == 90 for patient in case.patients),
    "closed series": lambda case: any(offer.members is not None for offer in case.offers),
    "topic": lambda case: any(offer.topic for offer in case.offers),
    "tracks": lambda case: any(offer.tracks for offer in case.offers),
    "credentials": lambda case: any(offer.credentials for offer in case.offers),
    "room features": lambda case: any(offer.features for offer in case.offers),
    "owed with a room": lambda case: any(o.room is not None for p in case.patients for o in p.owed),
    "owed with two leaders": lambda case: any(len(o.leaders) == 2 for p in case.patients for o in p.owed),
    "countable": lambda case: any(patient.countable for patient in case.patients),
    "possible windows": lambda case: any(not w.preferred for p in case.patients for w in p.windows),
    "used to": lambda case: any(patient.used_to for patient in case.patients),
    "rest and travel": lambda case: any(who.travel > who.rest > 0 for who in case.facilitators),
    "other weights": lambda case: case.weights.trip == 300,
    "more was held than may be": lambda case: any(
        sum(one.span.minutes for one in case.standing if patient.id in one.people and one.fixed != Fixed.NO)
        > patient.most
        for patient in case.patients
    ),
}


def test_odd_cases_are_well_formed_and_know_all_of_the_format():
    cases = [rough(seed) for seed in range(ROUGH)]
    assert [name for name, has in FEATURES.items() if not any(has(case) for case in cases)] == []
    assert all(case_from_json(case_to_json(case)) == case for case in cases)
    assert {len(case.patients) for case in cases} <= set(range(5, 41))
