"""The intake: free times within the site's hours, booked once, cancelled, and the person arrives."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.models import Inquiry, InquiryEvent, IntakeAppointment
from stepwell.clinic.inquiry.rules import InquiryState, Out
from stepwell.clinic.people.models import Reservation
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.inquiry.making import TOMORROW_AT_TEN, make_inquiry, open_on_weekdays
from tests.making import NOW, actor, make_patient, make_room, make_site, make_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def rosa(site):
    open_on_weekdays(site)
    return actor(make_staff(site, Role.ADMISSIONS, name="Rosa Lim"))


@pytest.fixture
def room(site):
    return make_room(site, name="Room 2", capacity=2)


def book(by, inquiry, staff, room, **facts):
    facts = {"at": NOW, "starts": TOMORROW_AT_TEN, "minutes": 60, **facts}
    return actions.book_intake(by=by, inquiry=inquiry, staff=staff, room=room, **facts)


def state(inquiry: Inquiry) -> InquiryState:
    return queries.standing_of(Inquiry.objects.get(pk=inquiry.pk)).state


def held() -> list[tuple[int | None, int | None, int | None]]:
    return list(
        Reservation.objects.filter(released_at=None)
        .order_by("pk")
        .values_list("room_id", "staff_id", "patient_id")
    )


def test_a_booked_intake_holds_the_room_and_the_counselor(site, rosa, counselor, room):
    inquiry = make_inquiry(site)
    intake = book(rosa, inquiry, counselor, room)
    assert (intake.starts, intake.ends) == (TOMORROW_AT_TEN, TOMORROW_AT_TEN + HOUR)
    assert held() == [(room.pk, None, None), (None, counselor.pk, None)]
    assert state(inquiry) is InquiryState.BOOKED
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.action, entry.subject) == ("inquiry.book_intake", f"IntakeAppointment {intake.pk}")


def test_what_clashes_is_named(site, rosa, counselor, room):
    book(rosa, make_inquiry(site), counselor, room)
    with pytest.raises(
        Refused, match=r"Room 2 is taken by an intake, Thu 19 Mar, 10:00 am to 11:00 am.*nothing was booked"
    ):
        book(rosa, make_inquiry(site), make_staff(site), room, starts=TOMORROW_AT_TEN + HOUR / 2)
    with pytest.raises(Refused, match=r"Okafor already has an intake, Thu 19 Mar, 10:00 am"):
        book(rosa, make_inquiry(site), counselor, make_room(site))
    assert IntakeAppointment.objects.count() == 1
    assert InquiryEvent.objects.filter(kind="booked").count() == 1
    book(rosa, make_inquiry(site), counselor, room, starts=TOMORROW_AT_TEN + HOUR)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"starts": NOW - HOUR}, "time is over"),
        ({"starts": datetime(2026, 3, 19, 23, 0, tzinfo=UTC)}, "open from 8:00 am to 5:00 pm"),
        ({"starts": datetime(2026, 3, 19, 20, 30, tzinfo=UTC)}, "open from 8:00 am to 5:00 pm"),
        ({"starts": datetime(2026, 3, 21, 14, 0, tzinfo=UTC)}, "closed on Saturdays"),
        ({"starts": NOW + timedelta(days=4000)}, "more than 366 days ahead"),
        ({"minutes": 5}, "between 15 and 240 minutes"),
        ({"minutes": 100_000}, "between 15 and 240 minutes"),
        ({"mode": "carrier"}, "on site or by video"),
        ({"mode": "video"}, "takes no room"),
    ],
)
def test_an_intake_that_cannot_be_is_refused(site, rosa, counselor, room, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        book(rosa, make_inquiry(site), counselor, room, **facts)
    assert IntakeAppointment.objects.count() == 0


def test_a_room_is_needed_on_site_and_it_is_one_of_the_site(site, rosa, counselor):
    with pytest.raises(Refused, match="Choose a room"):
        book(rosa, make_inquiry(site), counselor, None)
    with pytest.raises(Refused, match="another site"):
        book(rosa, make_inquiry(site), counselor, make_room(make_site()))
    assert book(rosa, make_inquiry(site), counselor, None, mode="video").room is None


def test_who_records_no_assessments_takes_no_intake(site, rosa, room):
    with pytest.raises(Refused, match="Lim does not take intakes"):
        book(rosa, make_inquiry(site), make_staff(site, Role.BILLER, name="Sam Lim"), room)


def test_only_one_intake_stands_for_an_inquiry(site, rosa, counselor, room):
    inquiry = make_inquiry(site)
    book(rosa, inquiry, counselor, room)
    with pytest.raises(Refused, match="already booked"):
        book(rosa, inquiry, counselor, room, starts=TOMORROW_AT_TEN + 3 * HOUR)
    with pytest.raises(IntegrityError, match="one_live_intake_an_inquiry"), transaction.atomic():
        IntakeAppointment.objects.create(
            inquiry=inquiry, site=site, staff=counselor, starts=NOW, ends=NOW + HOUR, booked_at=NOW
        )
    with pytest.raises(IntegrityError, match="intake_ends_after_start"), transaction.atomic():
        IntakeAppointment.objects.create(
            site=site, staff=counselor, starts=NOW, ends=NOW, booked_at=NOW, cancelled_at=NOW
        )


def test_a_cancelled_intake_frees_the_time_and_the_person_waits_again(site, rosa, counselor, room):
    inquiry = make_inquiry(site)
    intake = book(rosa, inquiry, counselor, room)
    for _ in range(2):
        actions.cancel_intake(by=rosa, at=NOW + HOUR, intake=intake)
    assert held() == []
    assert Reservation.objects.count() == 2
    assert state(inquiry) is InquiryState.NEW
    assert Entry.objects.filter(action="inquiry.cancel_intake").count() == 1
    book(rosa, inquiry, counselor, room, at=NOW + HOUR)


def test_a_referral_elsewhere_frees_the_intake(site, rosa, counselor, room):
    inquiry = make_inquiry(site)
    book(rosa, inquiry, counselor, room)
    actions.screen_out(
        by=rosa, at=NOW, inquiry=inquiry, reason="needs_higher_care", referred_to="River", contact="Dana"
    )
    assert held() == []


def test_the_person_arrives_on_the_day_and_once(site, rosa, counselor, room):
    inquiry = make_inquiry(site)
    intake = book(rosa, inquiry, counselor, room)
    with pytest.raises(Refused, match=r"This intake is on Thu 19 Mar, 10:00 am"):
        actions.arrive_intake(by=rosa, at=NOW, intake=intake)
    for minutes in (-5, 5):
        here = actions.arrive_intake(by=rosa, at=TOMORROW_AT_TEN + timedelta(minutes=minutes), intake=intake)
    assert here.arrived_at == TOMORROW_AT_TEN - timedelta(minutes=5)
    assert Entry.objects.filter(action="inquiry.arrive_intake").count() == 1
    with pytest.raises(Refused, match="has arrived"):
        actions.cancel_intake(by=rosa, at=TOMORROW_AT_TEN, intake=intake)


def test_an_intake_to_which_nobody_came_is_not_forgotten(site, rosa, counselor, room):
    inquiry = make_inquiry(site)
    intake = book(rosa, inquiry, counselor, room)
    day = TOMORROW_AT_TEN.date()
    assert queries.missed_intakes(rosa, day) == []
    after = TOMORROW_AT_TEN + timedelta(days=1)
    assert queries.missed_intakes(rosa, day + timedelta(days=1)) == [intake]
    stranger = actor(make_staff(make_site(), Role.ADMISSIONS))
    assert queries.missed_intakes(stranger, day + timedelta(days=1)) == []
    actions.cancel_intake(by=rosa, at=after, intake=intake)
    assert queries.missed_intakes(rosa, day + timedelta(days=1)) == []
    assert state(inquiry) is InquiryState.NEW
    assert InquiryEvent.objects.filter(inquiry=inquiry).latest("pk").reason == "did_not_come"


def test_who_came_and_was_not_checked_in_is_written_down_later(site, rosa, counselor, room):
    intake = book(rosa, make_inquiry(site), counselor, room)
    after = TOMORROW_AT_TEN + timedelta(days=1)
    assert actions.arrive_intake(by=rosa, at=after, intake=intake).arrived_at == TOMORROW_AT_TEN
    assert queries.missed_intakes(rosa, after.date()) == []
    assert Entry.objects.get(action="inquiry.arrive_intake").detail["later"] is True


def test_somebody_answered_in_the_meantime_keeps_the_intake_that_is_booked(site, rosa, counselor, room):
    """Two at the desk: one books while the other still has the page open on which it was not."""
    inquiry = make_inquiry(site)
    book(rosa, inquiry, counselor, room)
    with pytest.raises(Refused, match="booked in the meantime"):
        actions.answer_inquiry(by=rosa, at=NOW, inquiry=inquiry)
    with pytest.raises(Refused, match="already booked"):
        book(rosa, inquiry, counselor, room, starts=TOMORROW_AT_TEN + 2 * HOUR)
    assert state(inquiry) is InquiryState.BOOKED


def test_who_is_away_what_is_out_of_use_and_a_closed_day_are_neither_offered_nor_booked(
    site, rosa, counselor, room
):
    inquiry, day = make_inquiry(site), TOMORROW_AT_TEN.date()
    span = [(TOMORROW_AT_TEN - 6 * HOUR, TOMORROW_AT_TEN + 12 * HOUR)]
    for out, sentence in (
        (Out(staff={counselor.pk: span}), "is away at that time. Choose another time; nothing was booked."),
        (Out(rooms={room.pk: span}), r"Room 2 cannot be used at that time\. Choose another time"),
        (Out(closed={site.pk: {day: "Snow"}}), r"The site is closed on Thu 19 Mar \(Snow\)\. Choose"),
    ):
        assert day not in {o.time.starts.date() for o in offers(inquiry, out=out)}
        with pytest.raises(Refused, match=sentence):
            book(rosa, inquiry, counselor, room, out=out)
    assert held() == []


def test_the_new_patient_is_held_for_the_intake_too(site, rosa, counselor, room):
    inquiry = make_inquiry(site)
    intake = book(rosa, inquiry, counselor, room)
    facts = {"given_name": "Ana", "family_name": "Reyes", "birth_date": date(1990, 5, 4)}
    patient = actions.make_patient_of(by=rosa, at=NOW, inquiry=inquiry, **facts)
    assert (None, None, patient.pk) in held()
    assert IntakeAppointment.objects.get(pk=intake.pk).patient == patient


def test_a_patient_who_is_elsewhere_at_that_time_is_not_tied_to_the_intake(site, rosa, counselor, room):
    patient, first, second = make_patient(site), make_inquiry(site), make_inquiry(site)
    for inquiry, staff, where in ((first, counselor, room), (second, make_staff(site), make_room(site))):
        book(rosa, inquiry, staff, where)
    actions.make_patient_of(by=rosa, at=NOW, inquiry=first, existing=patient)
    with pytest.raises(Refused, match=r"Ana R\. already has an appointment"):
        actions.make_patient_of(by=rosa, at=NOW, inquiry=second, existing=patient)
    assert Inquiry.objects.get(pk=second.pk).patient is None


def test_front_desk_of_another_site_books_nothing(site, counselor, room):
    stranger = actor(make_staff(make_site(), Role.ADMISSIONS))
    with pytest.raises(Denied):
        book(stranger, make_inquiry(site), counselor, room)


def offers(inquiry, **facts):
    site = inquiry.site
    facts = {"minutes": 60, "by_video": False, "rooms": queries.rooms_of(site), **facts}
    staff = queries.intake_staff(site, NOW.date())
    return queries.offers_for(inquiry, NOW, staff=staff, **facts)


def test_offered_times_fit_the_persons_week_and_can_be_booked(site, rosa, counselor, room):
    inquiry = make_inquiry(site, free_times=["thu-morning", "fri-morning"])
    found = offers(inquiry)
    assert [f"{o.time.starts:%a %H:%M}" for o in found if o.time.fits][:4] == [
        "Thu 12:00",
        "Thu 13:00",
        "Thu 14:00",
        "Fri 12:00",
    ]
    assert found[0].time.starts == NOW + HOUR, "the soonest time is offered whatever the week"
    assert not found[0].time.fits
    for offer in found:
        intake = book(rosa, make_inquiry(site), offer.staff, offer.room, starts=offer.time.starts)
        assert intake.pk


def test_what_is_taken_is_not_offered(site, rosa, counselor, room):
    book(rosa, make_inquiry(site), counselor, room, starts=NOW + HOUR, minutes=240)
    starts = [o.time.starts for o in offers(make_inquiry(site))]
    assert min(starts) == NOW + 5 * HOUR


def test_free_times_take_one_query_however_much_is_booked(
    site, rosa, counselor, room, django_assert_num_queries
):
    inquiry = queries.inquiry_for(rosa, make_inquiry(site).code)
    staff, rooms = queries.intake_staff(site, NOW.date()), queries.rooms_of(site)

    def look():
        with django_assert_num_queries(1):
            queries.offers_for(inquiry, NOW, minutes=60, by_video=False, staff=staff, rooms=rooms)

    look()
    for n in range(30):
        starts = TOMORROW_AT_TEN + timedelta(days=(n // 5) + (2 if n >= 10 else 0), hours=n % 5)
        if starts.weekday() < 5:
            book(rosa, make_inquiry(site), counselor, room, starts=starts)
    look()


def test_two_receptionists_and_one_time_make_one_intake(committed_database):
    site = make_site()
    open_on_weekdays(site)
    staff, room = make_staff(site), make_room(site)
    desks = [actor(make_staff(site, Role.ADMISSIONS)) for _ in range(4)]
    inquiries = [make_inquiry(site, name=f"Person {n}") for n in range(4)]
    barrier, booked, refused, faults = threading.Barrier(4), [], [], []

    def click(n: int) -> None:
        try:
            barrier.wait(10)
            booked.append(book(desks[n], inquiries[n], staff, room).pk)
        except Refused as no:
            refused.append(no.sentence)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert (len(booked), len(refused)) == (1, 3)
    assert all("is taken by an intake" in sentence for sentence in refused)
    assert Reservation.objects.count() == 2
    assert Entry.objects.filter(action="inquiry.book_intake").count() == 1
