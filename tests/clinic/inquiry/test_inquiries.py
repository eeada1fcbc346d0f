"""Somebody asks for help: taken in once, answered, referred on warmly, made a patient, closed with a reason."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from stepwell.accounts.actor import the_public
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.models import Inquiry, InquiryEvent
from stepwell.clinic.inquiry.rules import InquiryState
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.inquiry.making import make_inquiry, open_on_weekdays
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def rosa(site):
    """The admissions coordinator, acting."""
    return actor(make_staff(site, Role.ADMISSIONS, name="Rosa Lim"))


def state(inquiry: Inquiry) -> InquiryState:
    return queries.standing_of(Inquiry.objects.get(pk=inquiry.pk)).state


def last_entry() -> Entry:
    return Entry.objects.order_by("-seq").first()


def test_a_request_is_kept_as_it_was_told_and_the_trail_holds_none_of_it(site):
    inquiry = make_inquiry(
        site,
        about="I drink every day.",
        free_times=["mon-evening"],
        red_flags=["injecting"],
        insurance="Blue",
    )
    assert (inquiry.name, inquiry.about, inquiry.free_times, inquiry.received_at) == (
        "Ana Reyes",
        "I drink every day.",
        ["mon-evening"],
        NOW,
    )
    entry = last_entry()
    assert (entry.action, entry.actor_name, entry.subject) == (
        "inquiry.receive",
        "Public",
        f"Inquiry {inquiry.pk}",
    )
    assert entry.detail == {"source": "web", "site": site.pk, "red_flags": 1}


def test_a_form_sent_again_makes_one_inquiry_and_one_entry(site):
    first = make_inquiry(site, once_key="k1")
    before = Entry.objects.count()
    assert make_inquiry(site, once_key="k1", at=NOW + HOUR).pk == first.pk
    assert (Inquiry.objects.count(), Entry.objects.count()) == (1, before)
    assert make_inquiry(site, once_key="k2").pk != first.pk


@pytest.mark.parametrize(
    ("name", "facts", "sentence"),
    [
        ("  ", {}, "A name is missing"),
        ("Ana", {"phone": ""}, "no way to answer yet"),
        ("Ana", {"may_call": False}, "no way to answer yet"),
        ("Ana", {"may_call": False, "may_voicemail": True}, "no way to answer yet"),
        ("Ana", {"phone": "", "may_call": False, "may_email": True}, "no way to answer yet"),
        ("Ana", {"free_times": ["mon-midnight"]}, "not a time of the week"),
    ],
)
def test_a_request_that_cannot_be_answered_is_refused(site, name, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        make_inquiry(site, name=name, **facts)
    assert Inquiry.objects.count() == 0


def test_the_public_writes_no_phone_calls(site):
    with pytest.raises(Denied, match="Sign in"):
        actions.receive_inquiry(
            by=the_public(),
            at=NOW,
            site=site,
            name="Ana",
            source="phone",
            facts={"phone": "1", "may_call": True},
        )


@pytest.mark.parametrize("role", [Role.BILLER, Role.NURSE, Role.COMPLIANCE, Role.SYSTEM_ADMIN, Role.PEER])
def test_roles_without_inquiries_neither_answer_nor_see_them(site, role):
    inquiry, by = make_inquiry(site), actor(make_staff(site, role))
    with pytest.raises(Denied, match="answer an inquiry"):
        actions.answer_inquiry(by=by, at=NOW, inquiry=inquiry)
    assert list(queries.inquiries_for(by)) == []


def test_another_sites_inquiry_is_not_there(site, rosa):
    elsewhere = make_inquiry(make_site())
    with pytest.raises(Inquiry.DoesNotExist):
        queries.inquiry_for(rosa, elsewhere.code)
    with pytest.raises(Denied):
        actions.answer_inquiry(by=rosa, at=NOW, inquiry=elsewhere)


def test_tries_leave_the_person_waiting_and_an_answer_ends_it(site, rosa):
    inquiry = make_inquiry(site)
    actions.log_attempt(by=rosa, at=NOW + HOUR, inquiry=inquiry, how="voicemail")
    assert state(inquiry) is InquiryState.TRYING
    actions.answer_inquiry(by=rosa, at=NOW + 2 * HOUR, inquiry=inquiry, note="Wants evenings.")
    assert state(inquiry) is InquiryState.ANSWERED
    rows = InquiryEvent.objects.order_by("pk").values_list("kind", "reason", "note", "by__name")
    assert list(rows) == [
        ("attempted", "voicemail", "", "Rosa Lim"),
        ("answered", "", "Wants evenings.", "Rosa Lim"),
    ]
    assert last_entry().action == "inquiry.answer"
    with pytest.raises(Refused, match="Say how the person was tried"):
        actions.log_attempt(by=rosa, at=NOW, inquiry=inquiry, how="pigeon")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"reason": "guess", "referred_to": "X", "contact": "Y"}, "Choose why"),
        (
            {"reason": "needs_withdrawal_management", "referred_to": " ", "contact": "Y"},
            "nobody is sent away",
        ),
        (
            {"reason": "needs_withdrawal_management", "referred_to": "River", "contact": ""},
            "whom you spoke with",
        ),
    ],
)
def test_nobody_is_referred_without_a_place_and_a_person_there(site, rosa, facts, sentence):
    inquiry = make_inquiry(site)
    with pytest.raises(Refused, match=sentence):
        actions.screen_out(by=rosa, at=NOW, inquiry=inquiry, **facts)
    assert state(inquiry) is InquiryState.NEW


def test_a_warm_referral_keeps_why_where_and_who(site, rosa):
    inquiry = make_inquiry(site)
    event = actions.screen_out(
        by=rosa,
        at=NOW,
        inquiry=inquiry,
        reason="needs_withdrawal_management",
        referred_to="River Hospital, unit 4",
        contact="Dana at 555-0142",
    )
    assert (event.kind, event.reason, event.referred_to, event.referral_contact) == (
        "screened_out",
        "needs_withdrawal_management",
        "River Hospital, unit 4",
        "Dana at 555-0142",
    )
    with pytest.raises(Refused, match="open it again first"):
        actions.answer_inquiry(by=rosa, at=NOW, inquiry=inquiry)
    actions.reopen_inquiry(by=rosa, at=NOW + HOUR, inquiry=inquiry)
    assert state(inquiry) is InquiryState.NEW
    assert queries.queue(rosa, NOW + 2 * HOUR).to_answer[0].waiting.minutes == 60


def test_the_database_refuses_a_referral_to_nowhere(site):
    inquiry = make_inquiry(site)
    with pytest.raises(IntegrityError, match="screened_out_with_a_referral"), transaction.atomic():
        InquiryEvent.objects.create(inquiry=inquiry, kind="screened_out", at=NOW)
    with pytest.raises(IntegrityError, match="inquiry_event_kind_known"), transaction.atomic():
        InquiryEvent.objects.create(inquiry=inquiry, kind="lost", at=NOW)


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"name": "  "}, "inquiry_has_a_name"),
        ({"phone": "", "email": ""}, "inquiry_can_be_answered"),
        ({"source": "owl"}, "inquiry_source_known"),
    ],
)
def test_the_database_refuses_an_inquiry_nobody_can_answer(site, facts, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Inquiry.objects.create(
            **{
                "code": "ABC234",
                "site": site,
                "source": "web",
                "name": "Ana",
                "phone": "1",
                "received_at": NOW,
                **facts,
            }
        )


def test_it_is_not_closed_as_not_reached_before_three_tries(site, rosa):
    inquiry = make_inquiry(site)
    for n in range(3):
        with pytest.raises(Refused, match="before the inquiry is closed as not reached"):
            actions.close_inquiry(by=rosa, at=NOW, inquiry=inquiry, reason="not_reached")
        actions.log_attempt(by=rosa, at=NOW + n * HOUR, inquiry=inquiry, how="call")
    actions.close_inquiry(by=rosa, at=NOW + 4 * HOUR, inquiry=inquiry, reason="not_reached")
    assert state(inquiry) is InquiryState.CLOSED
    with pytest.raises(Refused, match="closed; open it again"):
        actions.close_inquiry(by=rosa, at=NOW + 4 * HOUR, inquiry=inquiry, reason="elsewhere")


def test_the_person_becomes_a_patient_with_the_ways_to_be_reached(site, rosa):
    inquiry = make_inquiry(site, may_voicemail=False, may_text=True, safe_times="mon-fri 12:00-13:00")
    patient = actions.make_patient_of(
        by=rosa,
        at=NOW,
        inquiry=inquiry,
        given_name="Ana",
        family_name="Reyes",
        birth_date=date(1990, 5, 4),
    )
    assert (patient.phone, patient.may_call, patient.may_voicemail, patient.may_text, patient.safe_times) == (
        "404-555-0199",
        True,
        False,
        True,
        "mon-fri 12:00-13:00",
    )
    assert Inquiry.objects.get().patient == patient
    assert last_entry().patient_id == patient.pk
    again = actions.make_patient_of(by=rosa, at=NOW, inquiry=inquiry, given_name="X", family_name="Y")
    assert (again, Patient.objects.count()) == (patient, 1)


def test_the_phone_of_a_mother_does_not_become_the_patients(site, rosa):
    inquiry = make_inquiry(site, name="Maria Reyes", asking_for="family")
    patient = actions.make_patient_of(
        by=rosa, at=NOW, inquiry=inquiry, given_name="Ana", family_name="Reyes", birth_date=date(1990, 5, 4)
    )
    assert (patient.phone, patient.may_call) == ("", False)
    assert queries.person_asked_for(inquiry).given_name == ""


def test_somebody_looks_before_a_second_record_of_one_person_is_made(site, rosa):
    on_file, inquiry = make_patient(site, phone="404-555-0199"), make_inquiry(site)
    facts = {"given_name": "Ana", "family_name": "Reyes", "birth_date": date(1990, 5, 4)}
    assert [found.patient for found in queries.patients_like(rosa, queries.person_asked_for(inquiry))] == [
        on_file
    ]
    with pytest.raises(Refused, match="looks like this person"):
        actions.make_patient_of(by=rosa, at=NOW, inquiry=inquiry, **facts)
    assert actions.make_patient_of(by=rosa, at=NOW, inquiry=inquiry, existing=on_file) == on_file
    other = make_inquiry(site)
    made = actions.make_patient_of(by=rosa, at=NOW, inquiry=other, another_person=True, **facts)
    assert made.pk != on_file.pk


def test_a_record_of_another_site_is_not_taken(site, rosa):
    stranger = make_patient(make_site())
    with pytest.raises(Refused, match="another site"):
        actions.make_patient_of(by=rosa, at=NOW, inquiry=make_inquiry(site), existing=stranger)


def test_danger_comes_first_then_what_is_overdue_then_what_is_due_next(site, rosa):
    open_on_weekdays(site)
    for name, hours, flags in [
        ("Fresh", 0, []),
        ("Half a day", 3, []),
        ("Three days", 72, []),
        ("Yesterday", 24, []),
        ("Danger", 0, ["suicide_plan"]),
        ("Soon", 0, ["injecting"]),
    ]:
        make_inquiry(site, name=name, at=NOW - hours * HOUR, red_flags=flags)
    answered = make_inquiry(site, name="Spoken with", at=NOW - 30 * HOUR)
    actions.answer_inquiry(by=rosa, at=NOW - HOUR, inquiry=answered)
    found = queries.queue(rosa, NOW)
    assert [line.row.name for line in found.to_answer] == [
        "Danger",
        "Three days",
        "Yesterday",
        "Soon",
        "Half a day",
        "Fresh",
    ]
    assert found.overdue == 2
    assert [line.row.name for line in found.to_book] == ["Spoken with"]
    assert queries.waiting(rosa).count() == 7


def test_the_queue_takes_as_many_queries_for_thirty_as_for_one(site, rosa, django_assert_num_queries):
    open_on_weekdays(site)
    make_inquiry(site)
    with django_assert_num_queries(5):
        assert len(queries.queue(rosa, NOW).to_answer) == 1
    for n in range(29):
        row = make_inquiry(site, name=f"Person {n}")
        actions.log_attempt(by=rosa, at=NOW, inquiry=row, how="call")
    with django_assert_num_queries(5):
        assert len(queries.queue(rosa, NOW).to_answer) == 30


def test_who_asked_before_from_the_same_phone_is_found(site, rosa):
    first = make_inquiry(site, phone="(404) 555-0199")
    second = make_inquiry(site, phone="+1 404 555 0199")
    make_inquiry(site, name="Someone Else", phone="404-555-0000")
    assert [(e.row, e.same) for e in queries.earlier_of(rosa, second)] == [
        (first, ("same name", "same phone"))
    ]


def test_who_asked_before_is_shown_with_what_came_of_it(site, rosa, django_assert_num_queries):
    born = date(1990, 5, 4)
    before = make_inquiry(site, phone="404-555-0001", birth_date=born, at=NOW - timedelta(days=300))
    actions.answer_inquiry(by=rosa, at=NOW - timedelta(days=299), inquiry=before)
    actions.close_inquiry(by=rosa, at=NOW - timedelta(days=298), inquiry=before, reason="price")
    now = make_inquiry(site, phone="404-555-0002", birth_date=born)
    make_inquiry(site, name="Twin Birthday", phone="404-555-0003", birth_date=born)
    for n in range(5):
        make_inquiry(site, phone="404-555-0002", name=f"Other {n}", at=NOW - timedelta(days=n + 1))
    with django_assert_num_queries(3):
        found = queries.earlier_of(rosa, now)
    assert [e.row.name for e in found] == [f"Other {n}" for n in range(5)] + ["Ana Reyes"]
    assert found[-1].same == ("same name", "same date of birth")
    assert found[-1].standing.sentence == "Closed."


def test_another_sites_earlier_inquiry_is_not_shown(site, rosa):
    make_inquiry(make_site())
    assert queries.earlier_of(rosa, make_inquiry(site)) == []


def test_the_queue_says_who_asked_before(site, rosa):
    make_inquiry(site, at=NOW - timedelta(days=3))
    make_inquiry(site)
    make_inquiry(site, name="New Face", phone="404-555-7777")
    assert [line.came_before for line in queries.queue(rosa, NOW).to_answer] == [False, True, False]


def test_danger_stops_every_next_step_until_what_was_done_is_written(site, rosa):
    row = make_inquiry(site, red_flags=["suicide_plan"])
    for act in (
        lambda: actions.answer_inquiry(by=rosa, at=NOW, inquiry=row),
        lambda: actions.close_inquiry(by=rosa, at=NOW, inquiry=row, reason="not_wanted"),
        lambda: actions.screen_out(
            by=rosa, at=NOW, inquiry=row, reason="other_service", referred_to="A place"
        ),
        lambda: actions.make_packet(by=rosa, at=NOW, inquiry=row, birth_date=date(1990, 5, 4)),
    ):
        with pytest.raises(Refused, match="Danger to life was told"):
            act()
    with pytest.raises(Refused, match="Write down what was done"):
        actions.act_on_danger(by=rosa, at=NOW, inquiry=row, note=" ")
    actions.log_attempt(by=rosa, at=NOW, inquiry=row, how="call")
    assert queries.queue(rosa, NOW).to_answer[0].danger
    actions.act_on_danger(by=rosa, at=NOW, inquiry=row, note="With 988 on the line; Okafor knows.")
    assert not queries.queue(rosa, NOW).to_answer[0].danger
    actions.answer_inquiry(by=rosa, at=NOW, inquiry=row)
    trailed = Entry.objects.filter(action="inquiry.act_on_danger").get()
    assert "988" not in str(trailed.detail)


def test_a_site_answers_within_its_own_time_from_the_day_it_was_set(site, rosa):
    director = actor(make_staff(site, Role.DIRECTOR))
    row = make_inquiry(site, at=NOW - timedelta(hours=1))
    assert not queries.queue(rosa, NOW).to_answer[0].waiting.overdue
    actions.set_answer_time(
        by=director, at=NOW, site=site, usual_minutes=45, urgent_minutes=10, starts_on=TODAY
    )
    assert queries.queue(rosa, NOW).to_answer[0].waiting.overdue
    # Typed wrong, and put right on the same day: the later holds.
    actions.set_answer_time(
        by=director, at=NOW + timedelta(minutes=1), site=site, usual_minutes=450, urgent_minutes=10,
        starts_on=TODAY,
    )  # fmt: skip
    assert not queries.queue(rosa, NOW).to_answer[0].waiting.overdue
    assert row.site.answer_times.count() == 2
    with pytest.raises(Denied, match="set up staff"):
        actions.set_answer_time(
            by=rosa, at=NOW, site=site, usual_minutes=45, urgent_minutes=10, starts_on=TODAY
        )
    with pytest.raises(Refused, match="That day is over"):
        actions.set_answer_time(
            by=director, at=NOW, site=site, usual_minutes=45, urgent_minutes=10,
            starts_on=TODAY - timedelta(days=1),
        )  # fmt: skip


def test_a_warm_referral_stays_in_the_queue_until_somebody_knows_that_they_arrived(site, rosa):
    row = make_inquiry(site)
    told = {"reason": "needs_higher_care", "referred_to": "Hill House", "contact": "Kim, 404-555-0123"}
    colleague = make_staff(site, name="Ida Boone")
    actions.screen_out(by=rosa, at=NOW, inquiry=row, follow_up_by=colleague, **told)
    (waiting,) = queries.follow_ups_open(rosa, NOW)
    assert (waiting.due_on, waiting.who, waiting.referral.referral_contact) == (
        TODAY + timedelta(days=2),
        colleague,
        "Kim, 404-555-0123",
    )
    assert list(queries.follow_ups_waiting(rosa, TODAY)) == []
    on = TODAY
    for n in (1, 2):
        on += timedelta(days=2)
        at = NOW + timedelta(days=2 * n)
        (due,) = queries.follow_ups_waiting(rosa, on)
        actions.record_follow_up(by=rosa, at=at, follow_up=due, outcome="not_reached")
        with pytest.raises(Refused, match="a moment ago"):
            actions.record_follow_up(by=rosa, at=at, follow_up=due, outcome="arrived")
    (last,) = queries.follow_ups_open(rosa, NOW)
    actions.record_follow_up(
        by=rosa, at=NOW + timedelta(days=6), follow_up=last, outcome="arrived", note="Kim"
    )
    assert queries.follow_ups_open(rosa, NOW) == []
    assert [f.outcome for f in queries.follow_ups_of(row)] == ["not_reached", "not_reached", "arrived"]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"follow_up_on": TODAY - timedelta(days=1)}, "is over"),
        ({"follow_up_on": TODAY + timedelta(days=31)}, "more than 30 days ahead"),
    ],
)
def test_a_follow_up_is_planned_for_a_day_that_can_be(site, rosa, facts, sentence):
    row = make_inquiry(site)
    with pytest.raises(Refused, match=sentence):
        actions.screen_out(
            by=rosa, at=NOW, inquiry=row, reason="other_service", referred_to="A place", **facts
        )
    assert not row.events.exists()


def test_somebody_of_another_site_does_not_follow_up(site, rosa):
    stranger = make_staff(make_site())
    with pytest.raises(Refused, match="works at another site"):
        actions.screen_out(
            by=rosa, at=NOW, inquiry=make_inquiry(site), reason="other_service", referred_to="A place",
            follow_up_on=TODAY, follow_up_by=stranger,
        )  # fmt: skip


def test_how_they_heard_of_us_is_one_of_the_list(site):
    assert make_inquiry(site, heard_from="court", heard_detail="Fulton drug court").heard_from == "court"
    with pytest.raises(Refused, match="how they heard of us"):
        make_inquiry(site, heard_from="rumor")


@pytest.mark.parametrize(
    "text", ["نص عربي", "😀" * 400, "<script>alert(1)</script>", "a" * 10_000, "日本語\n\t"]
)
def test_any_script_and_length_is_kept(site, text):
    assert make_inquiry(site, about=text).about == text


def test_two_clicks_at_the_same_moment_make_one_inquiry(committed_database):
    site = make_site()
    barrier, made, faults = threading.Barrier(4), [], []

    def send() -> None:
        try:
            barrier.wait(10)
            made.append(make_inquiry(site, once_key="same").pk)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert (len(made), len(set(made)), Inquiry.objects.count()) == (4, 1, 1)
    assert Entry.objects.filter(action="inquiry.receive").count() == 1
