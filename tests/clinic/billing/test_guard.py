"""Whose day will be too short for the payer, read for everybody at once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from stepwell.clinic.billing.queries.guard import TodaySession, ask_in_the_room, day_rules, guarded_days
from stepwell.clinic.billing.rules import guarded_sentence
from stepwell.clinic.hours.queries import ask_hours
from stepwell.clinic.sessions import actions
from stepwell.clinic.timetable import queries as timetable
from tests.clinic.billing.making import follow
from tests.clinic.coverage.making import make_payer, make_policy
from tests.clinic.sessions.making import held_at
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, TODAY, actor, make_site, make_staff

ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def insured(site):
    def make(name="Ana", rule="H0015-per-diem", payer="Blue Lake Health"):
        patient = admitted(site, name, f"Of{name}")
        follow(make_payer(payer), rule)
        make_policy(patient, make_payer(payer))
        return patient

    return make


def guarded(by, at=NOW):
    found = ask_hours(by=by, at=at, site_id=by.home.site_id, for_short_days=True)()
    in_the_room = ask_in_the_room(by, at, TODAY)()
    sessions = {
        o.pk: TodaySession(o.kind, o.title, o.ends)
        for o in timetable.board_between(by, TODAY, TODAY)
        if o.cancelled_at is None
    }
    return guarded_days(at=at, zone=ZONE, found=found, sessions=sessions, in_the_room=in_the_room)


def told(days):
    return [
        (one.person.given_name, one.day.stands.value, one.day.attended, one.day.booked, one.day.short)
        for one in days
    ]


def test_somebody_who_came_twenty_minutes_late_is_twenty_minutes_short(site, by, counselor, insured):
    ana, ben = insured("Ana"), insured("Ben")
    block = held_at(site, counselor, [ana, ben], starts=NOW - timedelta(minutes=60), minutes=180)
    assert guarded(by) == []
    for patient, late in ((ana, 20), (ben, 0)):
        actions.record_attendance(
            by=by, at=NOW, occurrence=block,
            entries=[actions.Entry(patient_id=patient.pk, outcome="present", arrived=block.starts + timedelta(minutes=late))],
        )  # fmt: skip
    held_at(site, make_staff(site), [admitted(site, "Lou")], starts=NOW + timedelta(hours=5), capacity=1)
    days = guarded(by)
    assert told(one for one in days if one.person.given_name != "Lou") == [("Ana", "short", 0, 160, 20)]
    assert days[0].day.ways[-1].sentence == "20 min alone with somebody after 12:00 pm"


def test_a_group_of_the_afternoon_with_a_seat_that_fits_is_named(site, by, counselor, insured):
    ana = insured()
    held_at(site, counselor, [ana], starts=NOW, minutes=120)
    group = make_group(site, name="Urge surfing")  # Wednesdays at 6 pm
    days = guarded(by)
    assert told(days) == [("Ana", "short", 0, 120, 60)]
    assert [way.sentence for way in days[0].day.ways] == ["A seat in Urge surfing at 6:00 pm"]
    assert days[0].day.ways[0].seat == group.occurrences.get(local_date=TODAY).pk
    assert guarded_sentence([one.day for one in days]) == "One person is 60 minutes short of 3 hours today."


def test_each_payers_own_rule_counts(site, by, counselor, insured):
    own, psychiatric = admitted(site, "Own"), insured("Psy", "S9480-per-diem", "Other Health")
    insured("Idle")
    nobody = insured("Nobody", "H0005-per-session", "Third Health")
    rules = day_rules([own.pk, psychiatric.pk, nobody.pk], TODAY)
    assert {pk: rule.key for pk, rule in rules.items()} == {
        own.pk: "self-pay-day",
        psychiatric.pk: "S9480-per-diem",
    }
    # Peer support counts for whoever pays alone, and not for the other payer.
    held_at(site, counselor, [own, psychiatric], starts=NOW, minutes=180, kind="peer")
    held_at(site, make_staff(site), [psychiatric], starts=NOW + timedelta(hours=4))
    assert told(guarded(by)) == [("Psy", "short", 0, 60, 120)]


def test_a_day_that_is_over_is_lost_and_an_absence_counts_for_nothing(site, by, counselor, insured):
    ana = insured()
    early = held_at(site, counselor, [ana], starts=NOW - timedelta(hours=3), minutes=180)
    actions.record_attendance(
        by=by, at=NOW, occurrence=early,
        entries=[actions.Entry(patient_id=ana.pk, outcome="present", left=NOW - timedelta(minutes=30))],
    )  # fmt: skip
    assert told(guarded(by)) == [("Ana", "lost", 150, 0, 30)]


def test_whose_hours_one_may_not_see_is_not_told(site, by, insured, counselor):
    held_at(site, counselor, [insured()], starts=NOW)
    held_at(site, make_staff(site), [], starts=NOW + timedelta(hours=4))
    other = make_site()
    assert guarded(actor(make_staff(other))) == []
    assert len(guarded(by)) == 1


@pytest.mark.parametrize("people", [1, 12])
def test_one_statement_beside_the_ledger_whatever_the_number(
    site, by, counselor, insured, people, django_assert_num_queries
):
    held_at(site, counselor, [insured(f"P{n}") for n in range(people)], starts=NOW)
    held_at(site, make_staff(site), [], starts=NOW + timedelta(hours=4))
    found = ask_hours(by=by, at=NOW, site_id=site.pk)()
    sessions = {
        o.pk: TodaySession(o.kind, o.title, o.ends) for o in timetable.board_between(by, TODAY, TODAY)
    }
    with django_assert_num_queries(1):
        in_the_room = ask_in_the_room(by, NOW, TODAY)()
    with django_assert_num_queries(1):
        days = guarded_days(at=NOW, zone=ZONE, found=found, sessions=sessions, in_the_room=in_the_room)
    assert len(days) == people
