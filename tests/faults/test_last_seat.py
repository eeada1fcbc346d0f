"""Two receptionists and the last seat: one gets it, the other a sentence, and nobody is booked twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Reservation
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.timetable.making import admitted, make_group
from tests.making import actor, make_site, make_staff

pytestmark = pytest.mark.processes


def test_two_receptionists_and_the_last_seat(pages, cookie_of, all_at_once):
    now, site = datetime.now(UTC), make_site()
    rosa, lou = (cookie_of(make_staff(site, Role.ADMISSIONS, credential="")) for _ in range(2))
    group = make_group(site, capacity=3, made_at=now)
    session = Occurrence.objects.filter(group=group, starts__gt=now + timedelta(hours=1)).order_by("-starts")[
        0
    ]
    ana, ben, carla, dev = (admitted(site, name, f"Of{name}") for name in ("Ana", "Ben", "Carla", "Dev"))
    director = actor(make_staff(site, Role.DIRECTOR))
    for patient in (carla, dev):
        timetable.book_seat(by=director, at=now, patient=patient, occurrence=session)
    booked = Entry.objects.filter(action="timetable.book_seat").count()

    answers = all_at_once(
        lambda: pages.post(f"/patients/{ana.code}/schedule/seats/", rosa, {"occurrence": session.pk}),
        lambda: pages.post(f"/patients/{ben.code}/schedule/seats/", lou, {"occurrence": session.pk}),
    )

    assert [answer.status for answer in answers] == [302, 302]
    held = Seat.objects.filter(occurrence=session, released_at__isnull=True)
    assert sorted(held.values_list("number", flat=True)) == [1, 2, 3]
    lucky = held.get(patient__in=[ana, ben]).patient
    late, her_cookie = (ben, lou) if lucky == ana else (ana, rosa)
    assert Reservation.objects.filter(patient=late, released_at__isnull=True).count() == 0
    assert Entry.objects.filter(action="timetable.book_seat").count() == booked + 1
    assert "The last seat was just taken" in pages.get(f"/patients/{late.code}/schedule/", her_cookie).said
