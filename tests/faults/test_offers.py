"""A seat that was offered is sold once, whoever presses what at the same moment, on real servers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.hours import actions as hours
from stepwell.clinic.people.models import Reservation
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import MakeUpOffer, Occurrence, Seat
from tests.clinic.timetable.making import admitted, make_group
from tests.making import actor, make_login, make_site, make_staff

pytestmark = pytest.mark.processes

FIFTY = 50
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def phone_cookie(patient):
    make_login(patient)
    client = Client()
    client.force_login(patient.user, backend=_BACKEND)
    return f"sessionid={client.cookies['sessionid'].value}"


def coming_session(site, now, capacity=3):
    group = make_group(site, capacity=capacity, made_at=now)
    coming = Occurrence.objects.filter(group=group, starts__gt=now + timedelta(hours=1))
    return coming.order_by("-starts")[0]


def test_fifty_people_race_for_the_last_seat(pages, cookie_of, all_at_once):
    now, site = datetime.now(UTC), make_site()
    session = coming_session(site, now, capacity=3)
    director = actor(make_staff(site, Role.DIRECTOR))
    for name in ("Carla", "Dev"):
        timetable.book_seat(by=director, at=now, patient=admitted(site, name, "First"), occurrence=session)
    # The seat that is left is offered to nobody yet: half of the fifty are booked by the desk, half are offered it.
    cookies = [cookie_of(make_staff(site, Role.COUNSELOR)) for _ in range(5)]
    people = [admitted(site, f"P{n}", f"Of{n}") for n in range(FIFTY)]

    def press(number, patient):
        where = "schedule/seats" if number % 2 else "hours/offers"
        return lambda: pages.post(
            f"/patients/{patient.code}/{where}/", cookies[number % 5], {"occurrence": session.pk}
        )

    answers = all_at_once(*(press(number, patient) for number, patient in enumerate(people)))

    assert {answer.status for answer in answers} == {302}
    taken = Seat.objects.filter(occurrence=session, released_at__isnull=True)
    held = MakeUpOffer.objects.filter(occurrence=session, answered_at__isnull=True)
    assert taken.count() + held.count() == 3
    numbers = [*taken.values_list("number", flat=True), *held.values_list("number", flat=True)]
    assert sorted(numbers) == [1, 2, 3]
    assert (
        Reservation.objects.filter(patient__in=people, released_at__isnull=True).count() == taken.count() - 2
    )


def test_those_who_were_offered_six_places_one_after_the_other_tap_at_once(pages, all_at_once):
    """Six places, held one after the other as earlier offers ran out: whoever comes late gets a sentence."""
    now, site = datetime.now(UTC), make_site()
    session = coming_session(site, now, capacity=6)
    director = actor(make_staff(site, Role.DIRECTOR))
    long_ago = now - timedelta(days=2)
    people = [admitted(site, f"P{n}", f"Of{n}") for n in range(12)]
    offers = []
    for wave, at in ((people[:6], long_ago), (people[6:], now)):
        for patient in wave:
            offers.append(hours.offer_make_up(by=director, at=at, patient=patient, occurrence=session))
    cookies = [phone_cookie(patient) for patient in people]
    taps = [
        (lambda c=cookies[n], o=offers[n]: pages.post(f"/my/offers/{o.pk}/acceptance/", c)) for n in range(12)
    ]
    answers = all_at_once(*taps, *taps[6:])  # and each of the second wave taps twice
    assert {answer.status for answer in answers} == {302}
    seats = Seat.objects.filter(occurrence=session, released_at__isnull=True)
    assert sorted(seats.values_list("patient_id", flat=True)) == sorted(p.pk for p in people[6:])
    assert sorted(seats.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert sorted(MakeUpOffer.objects.values_list("answer", flat=True)) == ["accepted"] * 6 + ["lapsed"] * 6
    assert "Ask your team whether it is still free." in pages.get("/my/", cookies[0]).said


@pytest.mark.parametrize("head_start", [0, 0.004, 0.02])
def test_a_make_up_is_accepted_while_the_desk_cancels_the_session(pages, cookie_of, all_at_once, head_start):
    now, site = datetime.now(UTC), make_site()
    session = coming_session(site, now)
    lead = make_staff(site, Role.DIRECTOR)
    ana = admitted(site)
    offer = hours.offer_make_up(by=actor(lead), at=now, patient=ana, occurrence=session)
    phone, desk = phone_cookie(ana), cookie_of(lead)

    def accept():
        time.sleep(head_start)
        return pages.post(f"/my/offers/{offer.pk}/acceptance/", phone)

    answers = all_at_once(
        accept,
        lambda: pages.post(f"/sessions/{session.pk}/cancellation/", desk, {"because": "Snow"}),
    )

    assert [answer.status for answer in answers] == [302, 302]
    session.refresh_from_db()
    offer.refresh_from_db()
    assert session.cancelled_at is not None
    # Either she was in before and lost the seat with everybody, or she was told that it does not take place.
    assert not Seat.objects.filter(patient=ana, released_at__isnull=True).exists()
    assert not Reservation.objects.filter(patient=ana, released_at__isnull=True).exists()
    accepted = Entry.objects.filter(action="hours.accept_offer").count()
    assert (offer.answer, accepted, Seat.objects.filter(patient=ana).count()) in (
        ("accepted", 1, 1),
        ("withdrawn", 0, 0),
    )
    said = pages.get("/my/", phone).said
    assert ("does not take place" in said) is (offer.answer == "withdrawn")


def test_two_taps_on_two_places_instead_of_one_take_one(pages, all_at_once):
    now, site = datetime.now(UTC), make_site()
    first, second = coming_session(site, now), coming_session(site, now)
    ana = admitted(site)
    instead = timetable.book_seat(
        by=actor(make_staff(site, Role.DIRECTOR)), at=now, patient=ana, occurrence=first
    )
    timetable.release_seat(
        by=actor(make_staff(site, Role.DIRECTOR)), at=now, seat=instead, because="Cannot come"
    )
    offers = [
        MakeUpOffer.objects.create(
            patient=ana,
            occurrence=session,
            number=1,
            capacity=3,
            instead_of=instead,
            offered_at=now,
            held_until=now + timedelta(hours=1),
        )
        for session in (first, second)
    ]
    phone = phone_cookie(ana)
    answers = all_at_once(
        *((lambda o=offer: pages.post(f"/my/offers/{o.pk}/acceptance/", phone)) for offer in offers)
    )
    assert [answer.status for answer in answers] == [302, 302]
    assert Seat.objects.filter(patient=ana, released_at__isnull=True).count() == 1
    assert sorted(MakeUpOffer.objects.values_list("answer", flat=True)) == ["accepted", "withdrawn"]
