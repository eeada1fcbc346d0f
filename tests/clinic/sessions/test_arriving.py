"""Here, without the desk: by the code of the own phone, at the kiosk, by the kiosk's code; and what the door refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.actor import stepwell_itself, the_public
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance, Kiosk
from stepwell.clinic.sessions.queries import arriving
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Seat
from tests.clinic.sessions.making import held_at
from tests.clinic.timetable.making import make_session as scheduled
from tests.making import NOW, actor, make_login, make_patient, make_room, make_site, make_staff

BORN = date(1990, 5, 4)
SEE_THE_DESK = r"^Please see the desk\.$"


@pytest.fixture
def kiosk(site, by):
    return actions.open_kiosk(by=by, at=NOW, site=site, place="Front door")[0]


@pytest.fixture
def ana(site):
    return make_patient(site, "Ana", "Reyes", phone="404-555-0142")


@pytest.fixture
def evening(site, counselor, ana):
    """Ana's session, in half an hour."""
    return make_session(site, counselor, [ana], starts=NOW + timedelta(minutes=30), title="Evening group")


def make_session(site, leader, patients, **facts):
    """In a room of the house, unless the facts say otherwise."""
    if "mode" not in facts:
        facts |= {"mode": "on_site", "room": make_room(site)}
    return scheduled(site, leader, patients, **facts)


def arrive(kiosk, at=NOW, **how):
    return actions.arrive_at_kiosk(by=actions.as_actor(kiosk), at=at, kiosk=kiosk, **how)


def what_is_written():
    return (
        list(
            Attendance.objects.values_list("patient_id", "outcome", "arrived_at", "minutes", "recorded_by_id")
        ),
        list(
            Entry.objects.filter(action="sessions.arrive").values_list(
                "patient_id", "actor_name", "subject", "detail"
            )
        ),
    )


def test_the_code_of_the_own_phone_checks_in_at_the_kiosk(kiosk, ana, evening):
    found = arrive(kiosk, code=arriving.code_of(ana.pk, NOW).lower())
    assert (found.room, found.starts) == (evening.room.name, evening.starts)
    assert what_is_written() == (
        [(ana.pk, "present", NOW, 60, None)],
        [(ana.pk, f"Kiosk {kiosk.pk}", f"Occurrence {evening.pk}", {"how": "code", "kiosk": kiosk.pk})],
    )


def test_date_of_birth_and_the_end_of_the_phone_number_do_as_well(kiosk, ana, evening):
    arrive(kiosk, born=BORN, last_four="0142")
    assert what_is_written()[1][0][3] == {"how": "birth_date", "kiosk": kiosk.pk}


def test_a_second_try_gets_the_same_answer_and_writes_nothing_more(kiosk, ana, evening, site, counselor):
    make_session(site, make_staff(site), [ana], starts=evening.ends)
    first = arrive(kiosk, code=arriving.code_of(ana.pk, NOW))
    written = what_is_written()
    again = arrive(kiosk, at=NOW + timedelta(minutes=5), code=arriving.code_of(ana.pk, NOW))
    assert (again.room, again.starts, again.at_door.already) == (first.room, first.starts, True)
    assert what_is_written() == written


def test_a_code_is_taken_one_span_after_it_was_shown_and_not_two(kiosk, ana, site):
    make_session(site, make_staff(site), [ana], starts=NOW + timedelta(minutes=30))
    code = arriving.code_of(ana.pk, NOW - timedelta(minutes=30))
    with pytest.raises(Refused, match=SEE_THE_DESK):
        arrive(kiosk, code=code)
    arrive(kiosk, code=arriving.code_of(ana.pk, NOW - timedelta(minutes=15)))
    assert Attendance.objects.count() == 1


@pytest.mark.parametrize(
    ("moved", "how"),
    [
        pytest.param({}, {"code": "WRONGX"}, id="a wrong code"),
        pytest.param({}, {"code": ""}, id="nothing at all"),
        pytest.param({}, {"code": "\x00" * 40}, id="garbage"),
        pytest.param({}, {"born": BORN, "last_four": "0000"}, id="another phone"),
        pytest.param({}, {"born": date(1990, 5, 5), "last_four": "0142"}, id="another day"),
        pytest.param({}, {"born": BORN, "last_four": "142"}, id="three digits"),
        pytest.param({}, {"born": BORN, "last_four": ""}, id="no digits"),
        pytest.param({}, {"born": None, "last_four": "0142"}, id="no date"),
        pytest.param({"hours": 3}, {"own": True}, id="too early"),
        pytest.param({"hours": -3}, {"own": True}, id="over"),
        pytest.param({"absent": True}, {"own": True}, id="recorded as absent"),
        pytest.param({"released": True}, {"own": True}, id="the seat was given back"),
        pytest.param({"cancelled": True}, {"own": True}, id="cancelled"),
        pytest.param({"twin": True}, {"born": BORN, "last_four": "0142"}, id="two of the same"),
        pytest.param({"elsewhere": True}, {"own": True}, id="of another site"),
    ],
)
def test_the_door_never_says_why(site, by, counselor, kiosk, ana, moved, how, django_assert_num_queries):
    where = make_site() if moved.get("elsewhere") else site
    who = make_patient(where, phone="404-555-0142") if moved.get("elsewhere") else ana
    leader = make_staff(where) if moved.get("elsewhere") else counselor
    session = make_session(
        where, leader, [who], starts=NOW + timedelta(hours=moved.get("hours", 0), minutes=5)
    )
    if moved.get("twin"):
        make_session(
            site, make_staff(site), [make_patient(site, "Al", "Rey", phone="303-555-0142")], starts=NOW
        )
    if moved.get("absent"):
        actions.record_attendance(
            by=by,
            at=NOW,
            occurrence=session,
            entries=[actions.Entry(patient_id=who.pk, outcome="excused", reason="ill")],
        )
    if moved.get("released"):
        timetable.release_seat(by=by, at=NOW, seat=Seat.objects.get(patient=who), because="moved")
    if moved.get("cancelled"):
        type(session).objects.filter(pk=session.pk).update(cancelled_at=NOW, cancelled_because="snow")
    if how.pop("own", False):
        how["code"] = arriving.code_of(who.pk, NOW)
    before, asked = what_is_written(), actions.as_actor(kiosk)
    # The same statements, whatever the reason: a savepoint, who may be at the door, and back.
    with django_assert_num_queries(4), pytest.raises(Refused, match=SEE_THE_DESK):
        actions.arrive_at_kiosk(by=asked, at=NOW, kiosk=kiosk, **how)
    assert what_is_written() == before


def test_a_closed_kiosk_and_whoever_is_no_kiosk_check_nobody_in(kiosk, by, site, ana, evening):
    code = arriving.code_of(ana.pk, NOW)
    other = actions.open_kiosk(by=by, at=NOW, site=site, place="Back door")[0]
    for who in (
        by,
        the_public(),
        stepwell_itself(),
        actions.as_actor(other),
        actor_of(make_login(ana), at=NOW),
    ):
        with pytest.raises(Denied, match="no kiosk any more"):
            actions.arrive_at_kiosk(by=who, at=NOW, kiosk=kiosk, code=code)
    closed = actions.close_kiosk(by=by, at=NOW, kiosk=kiosk)
    with pytest.raises(Denied, match="no kiosk any more"):
        arrive(closed, code=code)
    assert Attendance.objects.count() == 0


def test_the_key_of_a_kiosk_is_in_its_cookie_alone_and_ends_with_it(by, site):
    kiosk, key = actions.open_kiosk(by=by, at=NOW, site=site, place="  Front   door ")
    assert (kiosk.place, key in str(Kiosk.objects.values().get())) == ("Front door", False)
    assert arriving.kiosk_for(kiosk.pk, key) == kiosk
    assert arriving.kiosk_for(kiosk.pk, key[:-1]) is None
    assert arriving.kiosk_for(kiosk.pk + 1, key) is None
    assert Entry.objects.get(action="sessions.open_kiosk").detail == {"site": site.pk}
    actions.close_kiosk(by=by, at=NOW, kiosk=kiosk)
    assert arriving.kiosk_for(kiosk.pk, key) is None
    with pytest.raises(Refused, match="“Front door” is closed already"):
        actions.close_kiosk(by=by, at=NOW, kiosk=kiosk)
    assert Entry.objects.filter(action="sessions.close_kiosk").count() == 1


def test_a_kiosk_says_where_it_stands(by, site):
    with pytest.raises(Refused, match="Say where the kiosk stands"):
        actions.open_kiosk(by=by, at=NOW, site=site, place=" ")


@pytest.mark.parametrize("role", [Role.BILLER, Role.COMPLIANCE, Role.UTILIZATION])
def test_who_checks_nobody_in_opens_no_kiosk(site, kiosk, role, ana, evening):
    by = actor(make_staff(site, role))
    with pytest.raises(Denied):
        actions.open_kiosk(by=by, at=NOW, site=site, place="Door")
    with pytest.raises(Denied):
        actions.close_kiosk(by=by, at=NOW, kiosk=kiosk)
    with pytest.raises(Denied):
        actions.check_in_by_code(by=by, at=NOW, site_id=site.pk, code=arriving.code_of(ana.pk, NOW))


def test_a_kiosk_of_another_site_is_not_closed_from_here(kiosk):
    elsewhere = actor(make_staff(make_site(), Role.DIRECTOR))
    assert list(arriving.kiosks(elsewhere)) == []
    with pytest.raises(Denied):
        actions.close_kiosk(by=elsewhere, at=NOW, kiosk=kiosk)


def test_the_desk_types_the_code_of_a_phone(site, by, ana, evening, counselor):
    code = arriving.code_of(ana.pk, NOW)
    assert actions.check_in_by_code(by=by, at=NOW, site_id=site.pk, code=code).patient_id == ana.pk
    assert what_is_written() == (
        [(ana.pk, "present", NOW, 60, counselor.pk)],
        [(ana.pk, by.name, f"Occurrence {evening.pk}", {"how": "code"})],
    )
    with pytest.raises(Refused, match="already checked in"):
        actions.check_in_by_code(by=by, at=NOW, site_id=site.pk, code=code)
    with pytest.raises(Refused, match="Nobody who is expected now has that code"):
        actions.check_in_by_code(by=by, at=NOW, site_id=site.pk, code="ABCDEF")


def test_a_patient_confirms_on_the_phone_what_the_kiosk_shows(kiosk, ana, evening):
    own = actor_of(make_login(ana), at=NOW)
    with pytest.raises(Refused, match="not the code on the screen at the door"):
        actions.arrive_by_phone(by=own, at=NOW, place_code="ZZZZ")
    shown = arriving.place_code_of(kiosk, NOW)
    actions.arrive_by_phone(by=own, at=NOW + timedelta(minutes=4), place_code=shown)
    assert what_is_written()[1] == [
        (ana.pk, "Ana Reyes", f"Occurrence {evening.pk}", {"how": "place_code", "kiosk": kiosk.pk})
    ]


def test_the_code_of_a_place_is_soon_old_and_no_use_at_another_site(kiosk, ana, evening, by):
    own, shown = actor_of(make_login(ana), at=NOW), arriving.place_code_of(kiosk, NOW)
    with pytest.raises(Refused, match="not the code"):
        actions.arrive_by_phone(by=own, at=NOW + timedelta(minutes=11), place_code=shown)
    other = make_site()
    stranger = make_patient(other)
    make_session(other, make_staff(other), [stranger], starts=NOW)
    with pytest.raises(Refused, match="not the code"):
        actions.arrive_by_phone(by=actor_of(make_login(stranger), at=NOW), at=NOW, place_code=shown)
    with pytest.raises(Denied, match="Only a patient"):
        actions.arrive_by_phone(by=by, at=NOW, place_code=shown)
    actions.close_kiosk(by=by, at=NOW, kiosk=kiosk)
    with pytest.raises(Refused, match="not the code"):
        actions.arrive_by_phone(by=own, at=NOW, place_code=shown)


def test_without_an_open_session_the_phone_says_to_tell_the_desk(kiosk, ana):
    with pytest.raises(Refused, match="no session that has opened"):
        actions.arrive_by_phone(
            by=actor_of(make_login(ana), at=NOW), at=NOW, place_code=arriving.place_code_of(kiosk, NOW)
        )


def test_the_own_phone_shows_a_code_once_the_session_has_opened(ana, evening, by):
    own = actor_of(make_login(ana), at=NOW)
    assert arriving.own_code(own, evening.starts - timedelta(minutes=121)) is None
    shown = arriving.own_code(own, NOW)
    assert (shown.code, shown.title, shown.starts, shown.already) == (
        arriving.code_of(ana.pk, NOW),
        "Evening group",
        evening.starts,
        False,
    )
    assert NOW + timedelta(minutes=15) < shown.until <= NOW + timedelta(minutes=30)
    assert arriving.own_code(by, NOW) is None


@pytest.mark.parametrize("people", [1, 30])
def test_a_check_in_at_the_kiosk_costs_the_same_whoever_is_expected(
    site, kiosk, counselor, ana, people, django_assert_num_queries
):
    others = [make_patient(site, f"Bo{n}", f"Fox{n}") for n in range(people)]
    held_at(site, counselor, [ana, *others], starts=NOW, mode="both")
    with django_assert_num_queries(8):
        arrive(kiosk, code=arriving.code_of(ana.pk, NOW))


def test_for_a_session_by_video_nobody_is_checked_in_at_the_door(kiosk, ana, site):
    make_session(site, make_staff(site), [ana], starts=NOW, mode="video")
    with pytest.raises(Refused, match=SEE_THE_DESK):
        arrive(kiosk, code=arriving.code_of(ana.pk, NOW))
    assert arriving.own_code(actor_of(make_login(ana), at=NOW), NOW) is None


def test_who_stands_at_the_door_is_on_site_even_with_a_seat_by_video(kiosk, ana, site, counselor):
    session = held_at(site, counselor, [ana], starts=NOW, mode="both")
    Seat.objects.filter(occurrence=session).update(mode="video")
    arrive(kiosk, code=arriving.code_of(ana.pk, NOW))
    assert Attendance.objects.get().mode == "on_site"


def test_nobody_has_the_code_of_another(site):
    codes = {arriving.code_of(n, NOW) for n in range(500)}
    assert len(codes) == 500


def test_no_two_kiosks_have_one_key(kiosk):
    kiosk.pk = None
    with pytest.raises(IntegrityError, match="kiosk_key_once"), transaction.atomic():
        kiosk.save(force_insert=True)
