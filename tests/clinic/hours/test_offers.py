"""Make-up seats: offered, held, taken, declined, withdrawn, run out; never sold twice."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.hours import actions
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import MakeUpOffer, Seat
from tests.clinic.timetable.making import admitted, first_session, make_group, make_session
from tests.making import NOW, TODAY, actor, make_login, make_site, make_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def ana(site):
    found = admitted(site)
    make_login(found)
    return found


@pytest.fixture
def session(site):
    """Friday 6 pm, four seats."""
    return first_session(make_group(site, meets=((4, time(18)),)))


def herself(patient):
    return actor(patient)


def fill(by, site, session, seats):
    for number in range(seats):
        timetable.book_seat(by=by, at=NOW, patient=admitted(site, f"Taken{number}", "By"), occurrence=session)


def test_an_offer_holds_a_seat_and_is_in_the_trail(by, ana, session):
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    assert (offer.number, offer.answer, offer.held_until) == (1, "", NOW + 20 * HOUR)
    entry = Entry.objects.get(action="hours.offer_make_up")
    assert (entry.patient_id, entry.subject) == (ana.pk, f"MakeUpOffer {offer.pk}")


def test_a_held_seat_goes_to_nobody_else_until_the_offer_has_run_out(by, site, ana, session):
    fill(by, site, session, 3)
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    ben = admitted(site, "Ben", "Other")
    with pytest.raises(Refused, match=r"The last seat is held for somebody"):
        timetable.book_seat(by=by, at=NOW, patient=ben, occurrence=session)
    with pytest.raises(Refused, match=r"No seat is left in this session"):
        actions.offer_make_up(by=by, at=NOW, patient=ben, occurrence=session)
    with pytest.raises(Refused, match=r"is full on Fri 20 Mar"):
        timetable.enroll(by=by, at=NOW, patient=ben, group=session.group, starts_on=TODAY)
    seat = timetable.book_seat(by=by, at=offer.held_until, patient=ben, occurrence=session)
    assert seat.number == offer.number
    with pytest.raises(Refused, match=r"This place was held until 6:00 am"):
        actions.accept_offer(by=herself(ana), at=offer.held_until, offer=offer)


def test_the_database_itself_refuses_a_seat_that_is_held(by, site, ana, session):
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    ben = admitted(site, "Ben", "Other")
    seat = {"occurrence": session, "number": offer.number, "capacity": 4, "at": NOW}
    with pytest.raises(IntegrityError, match="held for somebody"), transaction.atomic():
        Seat.objects.create(patient=ben, **seat)
    Seat.objects.create(patient=ana, **seat)
    with pytest.raises(IntegrityError, match="The seat is taken"), transaction.atomic():
        MakeUpOffer.objects.create(
            patient=ben,
            occurrence=session,
            number=1,
            capacity=4,
            offered_at=NOW,
            held_until=NOW + HOUR,
        )


def test_accepting_books_the_seat(by, ana, session):
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    seat = actions.accept_offer(by=herself(ana), at=NOW + HOUR, offer=offer)
    offer.refresh_from_db()
    assert (seat.patient_id, seat.occurrence_id, seat.released_at) == (ana.pk, session.pk, None)
    assert (offer.answer, offer.answered_at) == ("accepted", NOW + HOUR)
    assert Entry.objects.filter(action="hours.accept_offer", patient_id=ana.pk).count() == 1
    with pytest.raises(Refused, match=r"You have this place already"):
        actions.accept_offer(by=herself(ana), at=NOW + HOUR, offer=offer)
    assert Seat.objects.filter(patient=ana).count() == 1


def test_declining_frees_the_seat_at_once(by, site, ana, session):
    fill(by, site, session, 3)
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    actions.decline_offer(by=herself(ana), at=NOW, offer=offer)
    timetable.book_seat(by=by, at=NOW, patient=admitted(site, "Ben", "Other"), occurrence=session)
    with pytest.raises(Refused, match=r"You said no to this place"):
        actions.accept_offer(by=herself(ana), at=NOW, offer=offer)


def test_what_the_team_withdrew_or_cancelled_cannot_be_accepted(by, ana, session):
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    actions.withdraw_offer(by=by, at=NOW, offer=offer)
    with pytest.raises(Refused, match=r"This place is not offered any more"):
        actions.accept_offer(by=herself(ana), at=NOW, offer=offer)
    with pytest.raises(Refused, match=r"not open any more: withdrawn"):
        actions.withdraw_offer(by=by, at=NOW, offer=offer)
    again = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    timetable.cancel_occurrence(by=by, at=NOW, occurrence=session, because="Snow")
    with pytest.raises(Refused, match=r"on Fri 20 Mar, 6:00 pm does not take place"):
        actions.accept_offer(by=herself(ana), at=NOW, offer=again)
    again.refresh_from_db()
    assert (again.answer, again.because) == ("withdrawn", "The session was cancelled.")


def test_a_closed_day_takes_its_offers_back(site, ana, session):
    director = actor(make_staff(site, Role.DIRECTOR))
    offer = actions.offer_make_up(by=director, at=NOW, patient=ana, occurrence=session)
    timetable.close_day(by=director, at=NOW, site=site, on=session.local_date, because="Snow", cancel=True)
    offer.refresh_from_db()
    assert (offer.answer, offer.because) == ("withdrawn", "Site closed: Snow")


def test_booking_the_seat_at_the_desk_answers_the_offer(by, site, ana, session):
    fill(by, site, session, 3)
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    timetable.book_seat(by=by, at=NOW, patient=ana, occurrence=session)
    offer.refresh_from_db()
    assert offer.answer == "accepted"


def test_whoever_leaves_the_program_has_no_offers(by, ana, session):
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    timetable.leave_all(by=by, at=NOW, patient=ana, because="Moved away")
    offer.refresh_from_db()
    assert (offer.answer, offer.because) == ("withdrawn", "Moved away")


def test_what_cannot_be_offered(by, site, counselor, ana, session):
    single = make_session(site, counselor, [ana], starts=NOW + 2 * HOUR)
    with pytest.raises(Refused, match=r"Only seats in groups are offered"):
        actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=single)
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    with pytest.raises(Refused, match=r"was already offered this session"):
        actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    timetable.book_seat(by=by, at=NOW, patient=ana, occurrence=session)
    with pytest.raises(Refused, match=r"already has a seat in this session"):
        actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    ben = admitted(site, "Ben", "Other")
    make_session(site, counselor, [ben], starts=session.starts)
    with pytest.raises(Refused, match=r"Ben O. is expected elsewhere on Fri 20 Mar, 6:00 pm"):
        actions.offer_make_up(by=by, at=NOW, patient=ben, occurrence=session)
    with pytest.raises(Refused, match=r"has begun"):
        actions.offer_make_up(by=by, at=session.starts, patient=ben, occurrence=session)
    assert offer.capacity == 4


def test_who_may_offer_and_who_may_answer(site, by, ana, session):
    biller = actor(make_staff(site, Role.BILLER))
    stranger = actor(make_staff(make_site("Elsewhere"), Role.DIRECTOR))
    with pytest.raises(Denied):
        actions.offer_make_up(by=biller, at=NOW, patient=ana, occurrence=session)
    with pytest.raises(Denied):
        actions.offer_make_up(by=stranger, at=NOW, patient=ana, occurrence=session)
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    for answer in (actions.accept_offer, actions.decline_offer):
        with pytest.raises(Denied, match=r"Only the patient can answer this"):
            answer(by=by, at=NOW, offer=offer)
    with pytest.raises(Denied, match=r"closed by Stepwell itself"):
        actions.close_lapsed_offers(by=by, at=NOW)


def test_offers_that_ran_out_are_written_down_once(by, ana, session):
    offer = actions.offer_make_up(by=by, at=NOW, patient=ana, occurrence=session)
    us = stepwell_itself()
    assert actions.close_lapsed_offers(by=us, at=NOW) == 0
    assert actions.close_lapsed_offers(by=us, at=offer.held_until) == 1
    assert actions.close_lapsed_offers(by=us, at=offer.held_until) == 0
    offer.refresh_from_db()
    assert offer.answer == "lapsed"
    assert actions.offer_make_up(by=by, at=offer.held_until, patient=ana, occurrence=session).number == 1


def test_giving_a_seat_back_offers_others_at_once_and_one_is_taken(by, site, ana, session):
    make_group(site, meets=((3, time(18)), (5, time(18))), name="Coping skills")
    seat = timetable.book_seat(by=by, at=NOW, patient=ana, occurrence=session)
    timetable.cannot_come(by=herself(ana), at=NOW, seat=seat, because="Work")
    assert actions.offer_at_once(by=herself(ana), at=NOW, patient=ana, instead_of=seat) == []
    make_session(site, make_staff(site, Role.COUNSELOR), [ana], starts=session.starts - timedelta(days=3))
    offers = actions.offer_at_once(by=herself(ana), at=NOW, patient=ana, instead_of=seat)
    assert [(o.occurrence.title, o.held_until) for o in offers] == [("Coping skills", NOW + HOUR)] * 2
    actions.accept_offer(by=herself(ana), at=NOW, offer=offers[1])
    assert sorted(MakeUpOffer.objects.values_list("answer", flat=True)) == ["accepted", "withdrawn"]
