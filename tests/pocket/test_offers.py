"""Places held for a patient, on the phone."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.hours import actions
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import MakeUpOffer, Seat
from tests.clinic.timetable.making import MONDAY, admitted, first_session, make_group
from tests.making import NOW, actor, make_login, make_staff


@pytest.fixture
def director(site):
    return actor(make_staff(site, Role.DIRECTOR))


@pytest.fixture
def offer(site, director, patient):
    session = first_session(make_group(site, meets=((4, time(18)),), name="Coping skills"))
    return actions.offer_make_up(by=director, at=NOW, patient=patient, occurrence=session)


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_held_place_stands_on_top_with_two_buttons(phone, offer):
    for address in ("/my/", "/my/week/"):
        shown = text(phone.get(address))
        assert "A free place for you: Fri 20 Mar, 6:00 pm" in shown
        assert "Held until Thu 19 Mar, 6:00 am." in shown
        assert "Take this place" in shown
        assert "Not for me" in shown


def test_one_tap_takes_it(phone, patient, offer):
    shown = text(phone.post(f"/my/offers/{offer.pk}/acceptance/", follow=True))
    assert "See you Fri 20 Mar, 6:00 pm. Your place is booked." in shown
    assert "A free place for you" not in shown
    assert Seat.objects.get(patient=patient).occurrence_id == offer.occurrence_id
    again = text(phone.post(f"/my/offers/{offer.pk}/acceptance/", follow=True))
    assert "You have this place already: Coping skills on Fri 20 Mar, 6:00 pm." in again


def test_no_thank_you_is_fine(phone, patient, offer):
    shown = text(phone.post(f"/my/offers/{offer.pk}/refusal/", follow=True))
    assert "That is fine. Your team looks for another time with you." in shown
    assert not Seat.objects.filter(patient=patient).exists()


def test_a_place_that_was_withdrawn_or_ran_out_is_told(phone, director, offer):
    actions.withdraw_offer(by=director, at=NOW, offer=offer)
    assert "A free place for you" not in text(phone.get("/my/"))
    shown = text(phone.post(f"/my/offers/{offer.pk}/acceptance/", follow=True))
    assert "This place is not offered any more. Your team will find another time." in shown
    offer = actions.offer_make_up(by=director, at=NOW, patient=offer.patient, occurrence=offer.occurrence)
    MakeUpOffer.objects.filter(pk=offer.pk).update(
        offered_at=NOW - timedelta(days=1), held_until=NOW - timedelta(minutes=1)
    )
    shown = text(phone.post(f"/my/offers/{offer.pk}/acceptance/", follow=True))
    assert "This place was held until 9:59 am. Ask your team whether it is still free." in shown


def test_nobody_answers_for_somebody_else(phone_of, site, mothers_phone, offer):
    ben = admitted(site, "Ben", "Other")
    make_login(ben)
    for client in (phone_of(ben.user), mothers_phone, phone_of(make_staff(site, Role.DIRECTOR).user)):
        assert client.post(f"/my/offers/{offer.pk}/acceptance/").status_code == 404
    assert not Seat.objects.exists()


def test_who_cannot_make_it_sees_at_once_what_is_free(phone, site, director, patient):
    group = make_group(site, name="CBT for cravings")
    timetable.enroll(by=director, at=NOW, patient=patient, group=group, starts_on=MONDAY)
    make_group(site, meets=((3, time(18)),), name="Coping skills")
    seat = Seat.objects.filter(patient=patient).order_by("occurrence__starts")[0]
    shown = text(phone.post(f"/my/sessions/{seat.pk}/absence/", {"reason": "Work"}, follow=True))
    assert "Below is what is free instead; one tap books it." in shown
    assert "A free place for you: Thu 19 Mar, 6:00 pm" in shown
    assert "Held until 11:00 am." in shown
