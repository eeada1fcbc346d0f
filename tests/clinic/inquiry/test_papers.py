"""The intake papers: made, opened with the date of birth, answered, signed, sent in, accepted into the record."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from stepwell.accounts.actor import the_public
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent.models import Consent
from stepwell.clinic.consent.queries import permits
from stepwell.clinic.consent.rules import Category, Purpose
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.models import InquiryEvent, Packet, PacketSignature
from stepwell.clinic.inquiry.rules import InquiryState, PacketState
from stepwell.clinic.people.models import EmergencyContact
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.inquiry.making import make_inquiry
from tests.clinic.inquiry.papers import (
    BORN,
    COMPLETE,
    WORDS,
    answer,
    make_papers,
    open_papers,
    send_in,
    sign,
)
from tests.making import NOW, actor, make_patient, make_room, make_site, make_staff

WEEK = timedelta(days=7)


@pytest.fixture
def rosa(site):
    """The admissions coordinator, acting."""
    return actor(make_staff(site, Role.ADMISSIONS, name="Rosa Lim"))


@pytest.fixture
def inquiry(site):
    return make_inquiry(site, may_text=True)


@pytest.fixture
def packet(rosa, inquiry):
    return make_papers(rosa, inquiry)


def shown(packet, at=NOW):
    return queries.packet_at(queries.token_of(packet), at)


def state(packet, at=NOW):
    return shown(packet, at).state


def test_the_address_is_not_kept_and_the_date_of_birth_is(rosa, inquiry, packet):
    token = queries.token_of(packet)
    columns = str(vars(Packet.objects.get(pk=packet.pk)))
    assert token not in columns
    assert len(token) == 32
    inquiry.refresh_from_db()
    assert inquiry.birth_date == BORN
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.action, token in str(entry.detail)) == ("inquiry.papers_make", False)


def test_what_was_told_with_the_request_stands_in_the_papers(packet):
    assert packet.answers == {
        "given_name": "Ana", "family_name": "Reyes", "phone": "404-555-0199", "email": "",
        "ways": ["call", "text"], "safe_times": "", "language": "en",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("born", "sentence"),
    [
        (None, "date of birth is needed"),
        (date(2026, 3, 19), "is in the future"),
        (date(1899, 12, 31), "is before 1900"),
        (date(2008, 3, 19), "younger than 18"),
    ],
)
def test_papers_need_a_date_of_birth_of_a_grown_person(rosa, inquiry, born, sentence):
    with pytest.raises(Refused, match=sentence):
        make_papers(rosa, inquiry, birth_date=born)
    assert not Packet.objects.exists()


def test_on_the_eighteenth_birthday_they_can_be_made(rosa, inquiry):
    assert make_papers(rosa, inquiry, birth_date=date(2008, 3, 18)).pk


def test_who_asks_for_somebody_else_gets_no_papers(rosa, site):
    row = make_inquiry(site, asking_for="family")
    with pytest.raises(Refused, match="not the person's own"):
        make_papers(rosa, row)


def test_papers_of_a_closed_inquiry_end(rosa, inquiry, packet):
    actions.answer_inquiry(by=rosa, at=NOW, inquiry=inquiry)
    actions.close_inquiry(by=rosa, at=NOW, inquiry=inquiry, reason="not_wanted")
    assert state(packet) is PacketState.ENDED
    with pytest.raises(Refused, match="open it again first"):
        make_papers(rosa, inquiry)


def test_staff_of_another_site_make_and_see_no_papers(inquiry, packet):
    stranger = actor(make_staff(make_site(), Role.ADMISSIONS))
    with pytest.raises(Denied):
        make_papers(stranger, inquiry)
    with pytest.raises(Packet.DoesNotExist):
        queries.packet_for(stranger, inquiry.code, packet.pk, NOW)


def test_only_the_right_date_of_birth_opens_and_five_wrong_ones_lock_for_good(packet):
    for _ in range(4):
        assert not open_papers(packet, born=date(1990, 5, 5))
    assert open_papers(packet)
    assert state(packet) is PacketState.OPENED
    for _ in range(5):
        assert not open_papers(packet, born=date(1990, 5, 5))
    assert state(packet) is PacketState.LOCKED
    assert not open_papers(packet)
    with pytest.raises(Refused, match="can be changed no more"):
        answer(packet, phone="404-555-0000")


def test_after_a_week_nothing_opens(packet):
    assert state(packet, NOW + WEEK - timedelta(seconds=1)) is PacketState.WAITING
    assert state(packet, NOW + WEEK) is PacketState.EXPIRED
    assert not open_papers(packet, at=NOW + WEEK)


@pytest.mark.parametrize("token", ["", "x", "a" * 65, "ñ", "../..", "\0"])
def test_an_address_that_never_was_is_none(packet, token):
    with pytest.raises(Packet.DoesNotExist):
        queries.packet_at(token, NOW)


def test_answers_are_kept_one_by_one_and_nonsense_leaves_what_was(packet):
    open_papers(packet)
    answer(packet, payer="Peach State", household="3", made_up="x")
    kept = answer(packet, household="2000", phone="1", ways="call")
    assert (kept.answers["payer"], kept.answers["household"], "made_up" in kept.answers) == (
        "Peach State", 3, False,
    )  # fmt: skip
    assert (kept.answers["phone"], kept.answers["ways"]) == ("404-555-0199", ["call", "text"])


def test_nothing_can_be_answered_before_the_date_of_birth(packet):
    with pytest.raises(Refused):
        answer(packet, payer="x")
    with pytest.raises(Refused):
        sign(packet, "notice")


def test_danger_told_in_the_papers_stands_in_the_queue_at_once_and_stops_the_papers(
    rosa, site, inquiry, packet
):
    actions.answer_inquiry(by=rosa, at=NOW, inquiry=inquiry)
    open_papers(packet)
    answer(packet, **COMPLETE)
    for paper in ("treatment", "notice", "tpo"):
        sign(packet, paper)
    later = NOW + timedelta(hours=1)
    answer(packet, at=later, red_flags=["suicide_plan"])
    with pytest.raises(Refused, match="still missing"):
        actions.send_in_packet(by=the_public(), at=later, packet=packet)
    (line,) = queries.queue(rosa, later).to_answer
    assert (line.row, line.danger) == (inquiry, True)
    # Taken back on the phone: staff still act on it.
    answer(packet, at=later, red_flags=[])
    assert queries.queue(rosa, later).to_answer[0].danger
    with pytest.raises(Refused, match="Danger to life was told"):
        make_papers(rosa, inquiry, at=later)
    actions.act_on_danger(by=rosa, at=later, inquiry=inquiry, note="Called; safe with her sister.")
    assert actions.send_in_packet(by=the_public(), at=later, packet=packet).sent_in_at == later
    assert list(InquiryEvent.objects.filter(inquiry=inquiry).values_list("kind", flat=True)) == [
        "answered", "danger", "safety",
    ]  # fmt: skip


def test_what_is_to_be_called_about_today_stands_in_the_queue_though_an_intake_is_booked(
    rosa, site, inquiry, packet, counselor
):
    actions.book_intake(
        by=rosa, at=NOW, inquiry=inquiry, staff=counselor, room=make_room(site),
        starts=NOW + timedelta(days=1), minutes=60,
    )  # fmt: skip
    open_papers(packet)
    assert queries.queue(rosa, NOW).to_answer == []
    answer(packet, **COMPLETE, red_flags=["suicide_thoughts"])
    (line,) = queries.queue(rosa, NOW).to_answer
    assert (line.row, line.danger, line.told_since) == (inquiry, False, True)
    assert line.waiting.due_at == NOW + timedelta(minutes=30)
    assert queries.waiting(rosa).count() == 1
    actions.act_on_danger(by=rosa, at=NOW, inquiry=inquiry, note="Called; has a plan for the night.")
    assert queries.queue(rosa, NOW).to_answer == []
    assert queries.standing_of(queries.inquiry_for(rosa, inquiry.code)).state is InquiryState.BOOKED


def test_blank_papers_are_never_taken(packet):
    open_papers(packet)
    with pytest.raises(Refused, match="still missing"):
        actions.send_in_packet(by=the_public(), at=NOW, packet=packet)
    answer(packet, **COMPLETE)
    with pytest.raises(Refused, match="still missing"):
        actions.send_in_packet(by=the_public(), at=NOW, packet=packet)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": " "}, "full name"),
        ({"typed": ""}, "Draw your signature or type it"),
        ({"typed": "", "drawing": [[[1, 1]]]}, "Draw your signature or type it"),
        ({"words": {}}, "not among those"),
        ({"words": {"title": "As read"}}, "not among those"),
        ({"words": {**WORDS, "statement": ""}}, "not among those"),
    ],
)
def test_no_paper_is_signed_blank(packet, facts, sentence):
    open_papers(packet)
    with pytest.raises(Refused, match=sentence):
        sign(packet, "notice", **facts)
    assert not PacketSignature.objects.exists()


def test_a_paper_is_signed_once_with_the_words_as_they_were_read(packet):
    open_papers(packet)
    as_read = {**WORDS, "title": "As read"}
    first = sign(packet, "notice", words=as_read, drawing=[[[x, 9] for x in range(9)]], typed="")
    assert sign(packet, "notice", name="Somebody Else") == first
    row = PacketSignature.objects.get()
    assert (row.words, row.signed_name, len(row.drawing[0])) == (as_read, "Ana Reyes", 9)
    with pytest.raises(Refused, match="not among those"):
        sign(packet, "made-up")


def test_whom_to_tell_comes_before_the_consent_to_tell_them(packet):
    open_papers(packet)
    with pytest.raises(Refused, match="emergency contact"):
        sign(packet, "emergency")


def test_a_consent_can_be_left_for_a_talk_but_treatment_cannot(packet):
    open_papers(packet)
    answer(packet, **COMPLETE)
    with pytest.raises(Refused, match="cannot be left"):
        actions.put_off_paper(by=the_public(), at=NOW, packet=packet, paper="treatment")
    actions.put_off_paper(by=the_public(), at=NOW, packet=packet, paper="tpo")
    actions.put_off_paper(by=the_public(), at=NOW, packet=packet, paper="tpo")
    sign(packet, "treatment")
    sign(packet, "notice")
    sent = actions.send_in_packet(by=the_public(), at=NOW, packet=packet)
    assert (sent.later, state(packet)) == (["tpo"], PacketState.SENT_IN)


def test_what_was_sent_in_is_changed_by_nobody(packet):
    send_in(packet)
    for act in (lambda: answer(packet, phone="404-555-0000"), lambda: sign(packet, "notice")):
        with pytest.raises(Refused, match="can be changed no more"):
            act()
    assert not open_papers(packet)


def register(rosa, inquiry, **facts):
    return actions.make_patient_of(
        by=rosa, at=NOW, inquiry=inquiry,
        **{"given_name": "Ana", "family_name": "Reyes", "birth_date": BORN, **facts},
    )  # fmt: skip


def test_accepted_papers_become_consents_in_force_since_they_were_signed(rosa, inquiry, packet):
    send_in(packet)
    patient = register(rosa, inquiry)
    later = NOW + timedelta(hours=2)
    actions.accept_packet(by=rosa, at=later, packet=packet)
    rows = {row.kind: row for row in Consent.objects.filter(patient=patient)}
    assert sorted(rows) == ["specific", "tpo"]
    tpo, emergency = rows["tpo"], rows["specific"]
    assert (tpo.signed_by, tpo.signed_at, tpo.effective_from, tpo.signature_method) == (
        "Ana Reyes", NOW, NOW, "electronic",
    )  # fmt: skip
    assert (emergency.recipient_name, emergency.expires_on) == ("Luz Reyes", date(2027, 3, 18))
    assert permits(
        patient,
        recipient_key="payer:1",
        recipient_class="health_plans",
        purpose=Purpose.PAYMENT,
        category=Category.BILLING,
        at=later,
    ).permitted
    assert not permits(
        patient,
        recipient_key=emergency.recipient_key,
        purpose=Purpose.FAMILY_SUPPORT,
        category=Category.DIAGNOSIS,
        at=later,
    ).permitted
    assert {s.paper for s in PacketSignature.objects.filter(consent__isnull=False)} == {"tpo", "emergency"}


def test_accepted_answers_stand_in_the_record(rosa, inquiry, packet):
    send_in(packet)
    patient = register(rosa, inquiry)
    actions.accept_packet(by=rosa, at=NOW, packet=packet)
    patient.refresh_from_db()
    assert (patient.preferred_name, patient.language, patient.interpreter) == ("Anita", "es", True)
    assert (patient.may_call, patient.may_voicemail, patient.may_text, patient.safe_times) == (
        True, False, True, "mon-fri 17:00-20:00",
    )  # fmt: skip
    contact = EmergencyContact.objects.get(patient=patient)
    assert (contact.name, contact.relation, contact.knows_of_treatment) == ("Luz Reyes", "sister", True)
    assert actions.accept_packet(by=rosa, at=NOW, packet=packet).accepted_at == NOW
    assert Consent.objects.count() == 2


def test_only_what_staff_choose_is_taken_over(rosa, inquiry, packet):
    send_in(packet)
    patient = register(rosa, inquiry)
    actions.accept_packet(by=rosa, at=NOW, packet=packet, take=())
    patient.refresh_from_db()
    assert (patient.preferred_name, patient.language) == ("", "en")
    assert not EmergencyContact.objects.exists()


def test_papers_wait_for_the_record_and_for_the_same_date_of_birth(rosa, inquiry, packet):
    with pytest.raises(Refused, match="not sent in yet"):
        actions.accept_packet(by=rosa, at=NOW, packet=packet)
    send_in(packet)
    with pytest.raises(Refused, match="Make the patient's record first"):
        actions.accept_packet(by=rosa, at=NOW, packet=packet)
    register(rosa, inquiry, birth_date=date(1991, 5, 4))
    with pytest.raises(Refused, match="another date of birth"):
        actions.accept_packet(by=rosa, at=NOW, packet=packet)
    assert not Consent.objects.exists()


def test_a_consent_signed_again_takes_the_place_of_the_one_before(rosa, site):
    patient = make_patient(site, birth_date=BORN)
    for n in range(2):
        row = make_inquiry(site, phone=f"404-555-020{n}", at=NOW + timedelta(days=n))
        actions.make_patient_of(by=rosa, at=NOW, inquiry=row, existing=patient)
        packet = make_papers(rosa, row, at=NOW + timedelta(days=n))
        send_in(packet, at=NOW + timedelta(days=n))
        actions.accept_packet(by=rosa, at=NOW + timedelta(days=n), packet=packet)
    in_force = Consent.objects.filter(patient=patient, superseded_at=None)
    assert (in_force.count(), Consent.objects.filter(patient=patient).count()) == (2, 4)


def test_who_may_not_record_consents_may_not_accept(site, rosa, inquiry, packet):
    send_in(packet)
    register(rosa, inquiry)
    nurse = actor(make_staff(site, Role.NURSE))
    with pytest.raises(Denied):
        actions.accept_packet(by=nurse, at=NOW, packet=packet)


def test_sent_back_papers_open_nothing_and_new_ones_have_the_answers(rosa, inquiry, packet):
    send_in(packet)
    with pytest.raises(Refused, match="came back already"):
        make_papers(rosa, inquiry)
    with pytest.raises(Refused, match="Say why"):
        actions.end_packet(by=rosa, at=NOW, packet=packet, because=" ")
    actions.end_packet(by=rosa, at=NOW, packet=packet, because="The card number is missing a digit")
    again = make_papers(rosa, inquiry)
    assert (again.answers["member_id"], again.signatures.count()) == ("PSX-7781", 0)
    assert (state(packet), state(again)) == (PacketState.ENDED, PacketState.WAITING)
    assert queries.token_of(packet) != queries.token_of(again)


def test_new_papers_end_the_ones_before(rosa, inquiry, packet):
    make_papers(rosa, inquiry)
    assert state(packet) is PacketState.ENDED
    assert not open_papers(packet)


def test_that_they_were_sent_is_written_down_while_they_are_on_their_way(rosa, packet):
    with pytest.raises(Refused, match="Say how"):
        actions.mark_packet_sent(by=rosa, at=NOW, packet=packet, how="pigeon")
    assert actions.mark_packet_sent(by=rosa, at=NOW, packet=packet, how="text").sent_how == "text"
    send_in(packet)
    with pytest.raises(Refused, match="not on their way"):
        actions.mark_packet_sent(by=rosa, at=NOW, packet=packet, how="text")


def test_what_came_back_waits_for_somebody(rosa, site, inquiry, packet):
    assert queries.packets_to_review(rosa) == []
    send_in(packet)
    assert queries.packets_to_review(rosa) == [packet]
    assert queries.packets_to_review(actor(make_staff(make_site(), Role.ADMISSIONS))) == []
    register(rosa, inquiry)
    actions.accept_packet(by=rosa, at=NOW, packet=packet)
    assert not queries.packets_waiting(rosa).exists()


def test_two_live_packets_of_one_inquiry_are_refused_by_the_database(packet):
    with pytest.raises(IntegrityError, match="one_live_packet_an_inquiry"), transaction.atomic():
        Packet.objects.create(
            inquiry=packet.inquiry, nonce="n", token_digest="d", birth_date=BORN, papers=["tpo"], made_at=NOW,
            expires_at=NOW + WEEK,
        )  # fmt: skip


def test_the_trail_holds_no_word_of_the_papers(packet):
    send_in(packet)
    trailed = " ".join(str(e.detail) + e.subject + e.action for e in Entry.objects.all())
    for word in ("Luz", "PSX-7781", "404-555-0123", "Anita"):
        assert word not in trailed


def test_two_who_guess_at_once_share_the_tries(committed_database):
    """Two threads with wrong dates of birth: every wrong try is counted."""
    site = make_site()
    packet = make_papers(actor(make_staff(site, Role.ADMISSIONS)), make_inquiry(site))
    gate = threading.Barrier(2)

    def guess() -> None:
        try:
            gate.wait(timeout=20)
            for _ in range(2):
                open_papers(packet, born=date(1970, 1, 1))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=40)
    assert Packet.objects.get(pk=packet.pk).wrong_tries == 4
