from __future__ import annotations

import pytest

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.people.models import Reservation
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.models import Seat
from tests.clinic.consent.making import consent_for_family
from tests.clinic.timetable.making import admitted, first_session, make_group
from tests.making import NOW, actor, make_family_member, make_login, make_staff


@pytest.fixture
def ana(site):
    return admitted(site)


@pytest.fixture
def seat(site, ana) -> Seat:
    director = actor(make_staff(site, Role.DIRECTOR))
    group = make_group(site, least=1, capacity=1)
    return actions.book_seat(by=director, at=NOW, patient=ana, occurrence=first_session(group))


def test_the_seat_and_the_time_are_free_again_and_the_team_is_told(site, ana, seat):
    me = actor_of(make_login(ana), at=NOW)
    actions.cannot_come(by=me, at=NOW, seat=seat, because=" Work ")
    assert not Reservation.objects.filter(patient=ana, released_at__isnull=True).exists()
    assert list(Alert.objects.values_list("kind", "subject")) == [("cannot_come", f"Seat {seat.pk}")]
    assert Entry.objects.filter(action="timetable.cannot_come", patient_id=ana.pk).count() == 1
    director = actor(make_staff(site, Role.DIRECTOR))
    other = admitted(site, "Ben", "Tran")
    assert actions.book_seat(by=director, at=NOW, patient=other, occurrence=seat.occurrence).number == 1


def test_it_is_said_once_and_with_a_reason(ana, seat):
    me = actor_of(make_login(ana), at=NOW)
    with pytest.raises(Refused, match="Choose a reason"):
        actions.cannot_come(by=me, at=NOW, seat=seat, because=" ")
    actions.cannot_come(by=me, at=NOW, seat=seat, because="Work")
    with pytest.raises(Refused, match="told us already"):
        actions.cannot_come(by=me, at=NOW, seat=seat, because="Work")


def test_nobody_says_it_for_another(site, seat):
    stranger = actor_of(make_login(admitted(site, "Ben", "Tran")), at=NOW)
    for somebody in (stranger, actor(make_staff(site, Role.DIRECTOR))):
        with pytest.raises(Denied, match="Only the patient"):
            actions.cannot_come(by=somebody, at=NOW, seat=seat, because="Work")


def test_family_sees_the_schedule_only_while_a_consent_permits_it(ana, seat):
    member = make_family_member(ana)
    mother = actor_of(member.user, at=NOW)
    until = NOW.replace(day=25)
    assert list(queries.family_seats(mother, member, NOW, until=until)) == []
    consent_for_family(member, "homework")
    assert list(queries.family_seats(mother, member, NOW, until=until)) == []
    consent_for_family(member, "schedule")
    assert list(queries.family_seats(mother, member, NOW, until=until)) == [seat]
    stranger = make_family_member(ana, "Luis Reyes")
    assert list(queries.family_seats(actor_of(stranger.user, at=NOW), member, NOW, until=until)) == []
