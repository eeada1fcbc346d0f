"""The staff's side of the papers, the price on the call screen, danger first, follow-ups, the director's report."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage.models import Payer, Policy, ServiceRate
from stepwell.clinic.inquiry import actions
from stepwell.clinic.inquiry.models import AnswerTime, InquiryEvent, Packet, ReferralFollowUp
from stepwell.clinic.inquiry.queries import token_of
from stepwell.desk.inquiry.qr import picture_of
from tests.clinic.inquiry.making import make_inquiry, open_on_weekdays
from tests.clinic.inquiry.papers import BORN, answer, make_papers, open_papers, send_in
from tests.making import NOW, TODAY, actor, make_patient, make_room, make_site, make_staff


@pytest.fixture
def rosa(site):
    open_on_weekdays(site)
    return make_staff(site, Role.ADMISSIONS, name="Rosa Lim")


@pytest.fixture
def desk(signed_in, rosa) -> Client:
    return signed_in(rosa)


@pytest.fixture
def inquiry(site):
    return make_inquiry(site, may_text=True)


def at(inquiry, part: str = "") -> str:
    return f"/inquiries/{inquiry.code}/{part}"


def text(answer) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode())))


def test_papers_are_made_sent_looked_at_and_accepted(desk, rosa, inquiry):
    assert "Date of birth" in text(desk.get(at(inquiry)))
    made = desk.post(at(inquiry, "papers/"), {"birth_date": BORN.isoformat(), "language": "es"})
    packet = Packet.objects.get()
    assert (made.status_code, made["Location"]) == (302, at(inquiry, f"papers/{packet.pk}/"))
    page = desk.get(made["Location"]).content.decode()
    address = f"http://testserver/es/p/{token_of(packet)}/"
    assert address in page
    assert "sms:404-555-0199?body=Un%20mensaje" in page
    assert "<path d=" in page
    assert "Stepwell sends no text messages itself." in page
    sent = desk.post(at(inquiry, f"papers/{packet.pk}/sent/"), {"how": "text"})
    assert sent.status_code == 302
    assert "Sent by text Wed 18 Mar, 10:00 am, not opened yet" in text(desk.get(at(inquiry)))
    send_in(packet)
    assert "Papers to look at" in text(desk.get("/inquiries/"))
    page = text(desk.get(at(inquiry, f"papers/{packet.pk}/")))
    assert "Peach State" in page
    assert "Make the patient's record first" in page
    assert token_of(packet) not in page
    desk.post(
        at(inquiry, "patient/"),
        {"which": "new", "given_name": "Ana", "family_name": "Reyes", "birth_date": "1990-05-04"},
    )
    accepted = desk.post(at(inquiry, f"papers/{packet.pk}/acceptance/"), {"take": ["contact"]})
    assert (accepted.status_code, accepted["Location"]) == (302, at(inquiry))
    assert Packet.objects.get().accepted_at == NOW
    assert "Papers to look at" not in text(desk.get("/inquiries/"))


def test_what_is_refused_about_papers_is_told(desk, site, inquiry):
    none = desk.post(at(inquiry, "papers/"), {"birth_date": "", "language": "en"})
    assert (none.status_code, "date of birth is needed" in text(none)) == (422, True)
    young = desk.post(at(inquiry, "papers/"), {"birth_date": "2012-01-01", "language": "en"})
    assert (young.status_code, "younger than 18" in text(young)) == (422, True)
    packet = make_papers(actor(make_staff(site, Role.ADMISSIONS)), inquiry)
    for part, told, sentence in (
        ("sent", {"how": "pigeon"}, "Say how the papers were sent"),
        ("sent", {"how": "email"}, "E-mail is not a safe way"),
        ("acceptance", {}, "not sent in yet"),
        ("end", {"because": " "}, "This was not saved yet"),
    ):
        answer = desk.post(at(inquiry, f"papers/{packet.pk}/{part}/"), told)
        assert (answer.status_code, sentence in text(answer)) == (422, True)


def test_strangers_and_wrong_addresses_find_no_papers(signed_in, desk, site, rosa, inquiry):
    packet = make_papers(actor(rosa), inquiry)
    other = make_inquiry(site, name="Other One", phone="404-555-0002")
    stranger = signed_in(make_staff(make_site(), Role.ADMISSIONS))
    assert stranger.get(at(inquiry, f"papers/{packet.pk}/")).status_code == 404
    assert desk.get(at(other, f"papers/{packet.pk}/")).status_code == 404
    for part in ("sent", "acceptance", "end"):
        assert stranger.post(at(inquiry, f"papers/{packet.pk}/{part}/")).status_code == 404
        assert desk.post(at(other, f"papers/{packet.pk}/{part}/")).status_code == 404


def test_a_letter_goes_out_only_when_the_person_and_the_site_allow_it(desk, site, settings, rosa):
    row = make_inquiry(site, email="ana@example.org", may_email=True)
    packet = make_papers(actor(rosa), row)
    sent = at(row, f"papers/{packet.pk}/sent/")
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert "Send by e-mail" not in text(desk.get(at(row, f"papers/{packet.pk}/")))
    assert desk.post(sent, {"how": "email"}).status_code == 422
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "Send by e-mail" in text(desk.get(at(row, f"papers/{packet.pk}/")))
    assert desk.post(sent, {"how": "email"}).status_code == 302
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["ana@example.org"], "A message from your appointment office")
    assert token_of(packet) in letter.body
    assert not re.search(r"treat|program|Peachtree|Ana", letter.subject + letter.body.split("http")[0])
    assert Packet.objects.get().sent_how == "email"


def test_who_did_not_allow_texts_gets_none(desk, site, rosa):
    row = make_inquiry(site)
    packet = make_papers(actor(rosa), row)
    page = desk.get(at(row, f"papers/{packet.pk}/")).content.decode()
    assert "Texting was not allowed" in page
    assert "sms:" not in page


def test_the_picture_of_an_address_is_one_path_without_styles():
    picture = picture_of("https://example.org/p/abc/", 'A "label"')
    assert picture.count("<path") == 1
    assert "style" not in picture
    assert "A &#34;label&#34;" in picture


def test_danger_comes_before_every_other_button(desk, site):
    row = make_inquiry(site, red_flags=["suicide_plan"])
    page = text(desk.get(at(row)))
    assert "Nothing else is saved here until somebody has acted" in page
    for gone in ("Book the intake", "Spoken with", "Make the papers", "Refer elsewhere", "Make the record"):
        assert gone not in page
    assert "Tried, not reached" in page
    blank = desk.post(at(row, "danger/"), {"note": " "})
    assert (blank.status_code, InquiryEvent.objects.count()) == (422, 0)
    assert desk.post(at(row, "danger/"), {"note": "988 on the line."}).status_code == 302
    assert "Spoken with" in text(desk.get(at(row)))
    assert "may be in danger now" not in text(desk.get("/inquiries/"))


def test_what_was_ticked_in_the_papers_since_is_called_about_and_written_down(desk, rosa, inquiry):
    packet = make_papers(actor(rosa), inquiry)
    actions.answer_inquiry(by=actor(rosa), at=NOW, inquiry=inquiry)
    open_papers(packet)
    assert "Nobody waits for an answer." in text(desk.get("/inquiries/"))
    answer(packet, red_flags=["suicide_thoughts"])
    page = text(desk.get("/inquiries/"))
    assert "1 to answer" in page
    assert "Call today" in page
    page = text(desk.get(at(inquiry)))
    assert "It stays in the queue until somebody has called" in page
    assert "Book the intake" in page
    assert desk.post(at(inquiry, "danger/"), {"note": "Called; safe."}).status_code == 302
    assert "It stays in the queue" not in text(desk.get(at(inquiry)))
    assert "1 to book" in text(desk.get("/inquiries/"))


def test_a_referral_is_asked_about_from_the_queue(desk, rosa, inquiry):
    told = {
        "reason": "needs_higher_care", "referred_to": "Hill House", "contact": "Kim", "note": "",
        "follow_up_on": (TODAY + timedelta(days=1)).isoformat(), "follow_up_by": str(rosa.pk),
    }  # fmt: skip
    assert desk.post(at(inquiry, "referral/"), told).status_code == 302
    page = text(desk.get("/inquiries/"))
    assert "Referred on: did they arrive?" in page
    assert "Hill House, Kim" in page
    row = ReferralFollowUp.objects.get()
    assert (row.who, row.due_on) == (rosa, TODAY + timedelta(days=1))
    assert "Did they arrive at Hill House?" in text(desk.get(at(inquiry)))
    asked = at(inquiry, f"follow-ups/{row.pk}/")
    assert desk.post(asked, {"outcome": "", "note": ""}).status_code == 422
    assert desk.post(asked, {"outcome": "arrived", "note": "Kim says yes"}).status_code == 302
    assert "Referred on" not in text(desk.get("/inquiries/"))
    assert "Arrived there (Lim): Kim says yes" in text(desk.get(at(inquiry)))
    assert desk.post(asked, {"outcome": "arrived"}).status_code == 422
    assert desk.post(at(make_inquiry(inquiry.site), f"follow-ups/{row.pk}/"), {}).status_code == 404


@pytest.fixture
def priced(site):
    payer = Payer.objects.create(name="Peach State", kind="commercial")
    for who, amount in ((None, "400"), (payer, "310")):
        ServiceRate.objects.create(
            site=site, payer=who, code="H0015", amount=Decimal(amount), starts_on=date(2026, 1, 1), source="t"
        )
    return payer


def test_benefits_and_price_stand_side_by_side(desk, site, priced):
    patient = make_patient(site, birth_date=BORN)
    Policy.objects.create(
        patient=patient, payer=priced, member_id="PSX-1", starts_on=date(2026, 1, 1), recorded_at=NOW
    )
    row = make_inquiry(site)
    actions.make_patient_of(
        by=actor(make_staff(site, Role.ADMISSIONS)), at=NOW, inquiry=row, existing=patient
    )
    page = text(desk.get(at(row)))
    assert "member number PSX-1" in page
    assert "benefits not asked for" in page
    assert "To ask Peach State" in page
    assert "Without insurance" in page


def test_a_caller_hears_the_price_before_there_is_a_record_and_nothing_is_kept(desk, site, priced):
    row = make_inquiry(site, insurance="Peach State")
    assert "Peach State open" in text(desk.get(at(row)))
    asked = desk.post(
        at(row, "price/"), {"payer": str(priced.pk), "household": "3", "annual_income": "20000"}
    )
    page = text(asked)
    assert asked.status_code == 200
    assert "With the sliding fee" in page
    assert not Policy.objects.exists()
    for odd in (
        {"household": "0"},
        {"annual_income": "-1"},
        {"payer": "x"},
        {"household": "20", "annual_income": "9999999"},
    ):
        assert desk.post(at(row, "price/"), odd).status_code in (200, 422)


def test_without_a_charge_no_price_is_guessed(desk, inquiry):
    assert "The site has no charge on file" in text(desk.get(at(inquiry)))


def test_who_was_here_before_is_shown_with_what_was_then(desk, site, rosa):
    before = make_inquiry(site, at=NOW - timedelta(days=200))
    actions.answer_inquiry(by=actor(rosa), at=NOW - timedelta(days=199), inquiry=before)
    actions.close_inquiry(by=actor(rosa), at=NOW - timedelta(days=198), inquiry=before, reason="price")
    row = make_inquiry(site)
    page = text(desk.get(at(row)))
    assert "Asked before" in page
    assert "30 Aug 2025: Closed. Same name, same phone." in page
    assert "asked before" in text(desk.get("/inquiries/"))


def test_the_director_sets_the_time_to_answer(signed_in, site, desk):
    director = signed_in(make_staff(site, Role.DIRECTOR))
    assert desk.get("/inquiries/answer-times/").status_code == 403
    told = {"usual_minutes": "60", "urgent_minutes": "15", "starts_on": TODAY.isoformat()}
    assert director.post("/inquiries/answer-times/", told).status_code == 302
    assert "now 60 open minutes, with danger 15 by the clock" in text(
        director.get("/inquiries/answer-times/")
    )
    for odd in (
        {"usual_minutes": "1"},
        {"urgent_minutes": "90"},
        {"starts_on": "2026-03-17"},
        {"starts_on": "x"},
    ):
        assert director.post("/inquiries/answer-times/", {**told, **odd}).status_code == 422
    assert AnswerTime.objects.count() == 1


def test_the_report_counts_and_takes_as_many_queries_for_many_as_for_one(signed_in, site, desk, rosa):
    director = signed_in(make_staff(site, Role.DIRECTOR))
    assert desk.get("/inquiries/report/").status_code == 403
    assert "Nobody has asked in these months." in text(director.get("/inquiries/report/"))

    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert director.get("/inquiries/report/").status_code == 200
        return len(queries)

    row = make_inquiry(site, heard_from="court")
    one = counted()
    by = actor(rosa)
    room, nia = make_room(site), make_staff(site, name="Nia Okafor")
    for n in range(8):
        again = make_inquiry(
            site, name=f"Person {n}", phone=f"404-555-01{n}0", at=NOW - timedelta(days=20 * n)
        )
        actions.log_attempt(by=by, at=again.received_at + timedelta(hours=5), inquiry=again, how="call")
    actions.answer_inquiry(by=by, at=NOW + timedelta(hours=2), inquiry=row)
    actions.close_inquiry(by=by, at=NOW + timedelta(hours=3), inquiry=row, reason="price")
    booked = actions.book_intake(
        by=by, at=NOW, inquiry=again, staff=nia, room=room, starts=NOW + timedelta(hours=2), minutes=60
    )
    actions.arrive_intake(by=by, at=NOW + timedelta(hours=2), intake=booked)
    assert counted() == one
    page = text(director.get("/inquiries/report/"))
    assert "9 asked" in page
    assert "A court, probation or parole" in page
    assert "The price was too high 1" in page
    assert "5 h" in page
    assert "March 2026" in page
    ticks = re.findall(r'class="tick"[^>]*>([^<]+)<', director.get("/inquiries/report/").content.decode())
    assert ticks
    assert all(tick.isdigit() for tick in ticks), "people are counted whole"
