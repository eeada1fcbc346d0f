"""The intake papers at their secret address, through middleware and template, in both languages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.models import Inquiry, Packet
from stepwell.clinic.inquiry.rules import load_papers
from stepwell.front.content import load
from stepwell.front.packet.words import words_of
from tests.clinic.inquiry.making import make_inquiry
from tests.clinic.inquiry.papers import BORN, COMPLETE, address_of, answer, make_papers, send_in, sign
from tests.making import NOW, actor, make_staff

GONE = "This link does not work any more"
NEUTRAL = re.compile(
    r"treat|therap|recover|addict|alcohol|drug|substance|counsel|clinic|program|Peachtree|Ana|Reyes|intake|"
    r"tratamiento|terapia|adicci|droga|consejer|cl[íi]nica|programa",
    re.IGNORECASE,
)


@pytest.fixture
def rosa(site):
    cache.clear()
    return actor(make_staff(site, Role.ADMISSIONS, name="Rosa Lim"))


@pytest.fixture
def inquiry(site):
    return make_inquiry(site, may_text=True)


@pytest.fixture
def packet(rosa, inquiry) -> Packet:
    return make_papers(rosa, inquiry)


def text(answer_) -> str:
    return unescape(re.sub(r"\s+", " ", answer_.content.decode()))


def opened(packet: Packet, client: Client | None = None) -> Client:
    """A device on which the date of birth was told."""
    client = client or Client()
    told = client.post(address_of(packet), {"birth_date": BORN.isoformat()})
    assert (told.status_code, told["Location"]) == (302, address_of(packet))
    return client


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_door_tells_nothing_of_what_is_behind_it(rosa, inquiry, client, language):
    packet = make_papers(rosa, inquiry, language=language)
    page = client.get(address_of(packet))
    assert page.status_code == 200
    shown = re.sub(r"https?://\S+|/static/\S+", "", page.content.decode())
    assert NEUTRAL.findall(re.sub(r"<[^>]*>", " ", shown)) == []
    assert NEUTRAL.findall(address_of(packet).rsplit("/", 2)[0]) == []
    head = shown.split("</head>")[0]
    assert NEUTRAL.findall(head) == []
    assert "og:" not in head
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert "noindex" in page["X-Robots-Tag"]
    assert f'lang="{language}"' in shown
    assert "papers-en" not in client.cookies


def test_the_other_language_is_one_tap_away(packet, client):
    page = client.get(address_of(packet)).content.decode()
    assert f'href="/es{address_of(packet)}"' in page


@pytest.mark.parametrize("typed", ["1990-05-04", "05/04/1990", "5/4/1990"])
def test_the_date_of_birth_opens_the_papers_in_both_languages(packet, typed):
    client = Client()
    assert client.post(address_of(packet), {"birth_date": typed}).status_code == 302
    for address, title in ((address_of(packet), "Your papers"), (f"/es{address_of(packet)}", "Sus papeles")):
        assert title in text(client.get(address))
    cookie = client.cookies["papers-en"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", address_of(packet))


@pytest.mark.parametrize("typed", ["", "x", "1990-13-01", "2999-01-01", "1990-05-05", "\0", "0001-01-01"])
def test_another_date_opens_nothing_and_is_told_neutrally(packet, client, typed):
    answered = client.post(address_of(packet), {"birth_date": typed})
    assert answered.status_code == 422
    assert "Ana" not in text(answered)
    assert "papers-en" not in client.cookies
    assert client.get(address_of(packet) + "questions/contact/").status_code == 302


def test_after_five_wrong_dates_the_link_is_as_one_that_never_was(packet):
    for n in range(5):
        last = Client().post(address_of(packet), {"birth_date": f"1971-01-0{n + 1}"})
    assert (last.status_code, GONE in text(last)) == (404, True)
    right = Client().post(address_of(packet), {"birth_date": BORN.isoformat()})
    never = Client().get("/p/never-was/")
    assert (right.status_code, text(right)) == (
        404,
        text(never).replace("/es/p/never-was/", f"/es{address_of(packet)}"),
    )


def test_one_network_does_not_try_forever(rosa, site):
    statuses = []
    for n in range(22):
        statuses.append(Client().get(f"/p/guess-{n}/").status_code)
    assert statuses == [404] * 20 + [429] * 2
    packet = make_papers(rosa, make_inquiry(site))
    late = Client().post(address_of(packet), {"birth_date": BORN.isoformat()})
    assert (late.status_code, "Too many tries" in text(late)) == (429, True)
    assert Packet.objects.get().opened_at is None


@pytest.mark.parametrize("part", ["questions/contact/", "paper/tpo/", "copy/"])
def test_an_address_behind_the_door_is_not_guessed_forever_either(rosa, part):
    statuses = [Client().get(f"/p/guess-{n}/{part}").status_code for n in range(22)]
    assert statuses == [404] * 20 + [429] * 2


def test_no_answer_of_a_secret_address_is_kept_by_a_browser_or_told_to_another_page(packet):
    client, at = opened(packet), address_of(packet)
    stranger = Client()
    for answered in (
        stranger.get(f"{at}questions/contact/"),
        stranger.get(f"{at}copy/"),
        client.get(f"{at}questions/contact/"),
        client.post(f"{at}questions/household/", {"household": "2"}),
        client.post(f"{at}paper/tpo/", {"later": "yes"}),
        client.post(f"{at}sending/"),
        client.get("/p/never-was/"),
    ):
        assert (answered["Cache-Control"], answered["Referrer-Policy"]) == ("no-store", "same-origin")


def test_the_token_of_one_person_never_opens_anothers(rosa, site, packet):
    client = opened(packet)
    other = make_papers(
        rosa, make_inquiry(site, name="Ben Other", phone="404-555-0002"), birth_date=date(1970, 1, 1)
    )
    # The cookie of the one, sent to the other by hand.
    for name in ("papers-en", "papers-es"):
        client.cookies[name]["path"] = "/"
    for part in ("", "questions/contact/", "paper/tpo/", "copy/"):
        answered = client.get(address_of(other) + part)
        assert answered.status_code in (200, 302)
        assert "Ben" not in text(answered)
    assert "Tell us your date" not in text(client.get(address_of(packet)))
    client.post(address_of(other) + "questions/contact/", {"phone": "404-555-9999"})
    other.refresh_from_db()
    assert other.answers["phone"] == "404-555-0002"


def test_a_forged_cookie_opens_nothing(packet):
    client = Client()
    for forged in (str(packet.pk), f"{packet.pk}:x:y", ""):
        client.cookies["papers-en"] = forged
        assert client.get(address_of(packet) + "questions/contact/").status_code == 302


def test_after_an_hour_the_date_of_birth_is_asked_again(packet):
    client = opened(packet)
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        page = text(client.get(address_of(packet)))
        assert "Date of birth" in page
        assert client.get(address_of(packet) + "questions/contact/").status_code == 302


@pytest.mark.parametrize("part", ["", "questions/contact/", "paper/tpo/", "copy/"])
def test_expired_ended_and_used_links_say_one_neutral_sentence(rosa, inquiry, packet, part):
    client = opened(packet)
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        expired = client.get(address_of(packet) + part)
    actions.end_packet(by=rosa, at=NOW, packet=packet, because="New ones")
    ended = client.get(address_of(packet) + part)
    for answered in (expired, ended):
        assert (answered.status_code, GONE in text(answered)) == (404, True)
        assert "Ana" not in text(answered)


def test_the_whole_way_without_javascript(packet, inquiry):
    client = opened(packet)
    at = address_of(packet)
    assert "Still missing" in text(client.get(at))
    parts = load_papers().parts
    for n, part in enumerate(parts):
        page = client.get(f"{at}questions/{part.key}/")
        assert page.status_code == 200
        told = {q.key: COMPLETE[q.key] for q in part.questions if q.key in COMPLETE}
        answered = client.post(f"{at}questions/{part.key}/", told)
        after = f"{at}questions/{parts[n + 1].key}/" if n + 1 < len(parts) else at
        assert (answered.status_code, answered["Location"]) == (302, after)
    for paper in ("treatment", "notice", "emergency"):
        assert "Peachtree" in text(client.get(f"{at}paper/{paper}/")) or paper == "notice"
        told = {"name": "Ana Reyes", "typed": "Ana Reyes"}
        assert client.post(f"{at}paper/{paper}/", told)["Location"] == at
    assert "Still missing" in text(client.get(at))
    assert client.post(f"{at}sending/")["Location"] == at
    assert Packet.objects.get().sent_in_at is None
    client.post(f"{at}paper/tpo/", {"later": "yes"})
    assert "we talk about it first" in text(client.get(at))
    client.post(f"{at}sending/")
    assert "Thank you. We have your papers." in text(client.get(at))
    row = Packet.objects.get()
    assert (row.sent_in_at, row.later, sorted(row.signatures.values_list("paper", flat=True))) == (
        NOW, ["tpo"], ["emergency", "notice", "treatment"],
    )  # fmt: skip
    signature = row.signatures.get(paper="emergency")
    assert signature.words["title"] == "Consent to speak with Luz Reyes"
    assert "March 18, 2027" in str(signature.words)


def test_what_is_wrong_is_marked_and_everything_right_is_kept(packet):
    client = opened(packet)
    answered = client.post(
        f"{address_of(packet)}questions/contact/",
        {"given_name": "Ana", "family_name": "", "phone": "12", "email": "not-one", "address": "12 Elm St"},
    )
    page = text(answered)
    assert answered.status_code == 422
    assert "Everything else is saved" in page
    assert "12 Elm St" in page
    assert Packet.objects.get().answers["address"] == "12 Elm St"
    assert Packet.objects.get().answers["phone"] == "404-555-0199"


def test_an_answer_is_saved_as_soon_as_it_is_given(packet):
    client = opened(packet)
    kept = client.post(
        f"{address_of(packet)}questions/household/", {"household": "4"}, headers={"X-Keep": "1"}
    )
    assert (kept.status_code, kept.content) == (204, b"")
    assert Packet.objects.get().answers["household"] == 4


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"name": "", "typed": "Ana"}, "Write your full name."),
        ({"name": "Ana Reyes", "typed": ""}, "Draw your signature, or type it."),
        ({"name": "Ana Reyes", "typed": "", "drawing": "[[[1,1]]]"}, "Draw your signature, or type it."),
        ({"name": "Ana Reyes", "typed": "", "drawing": "{" * 9}, "Draw your signature, or type it."),
        ({"name": "Ana Reyes", "drawing": "[" * 100_000}, "Draw your signature, or type it."),
        ({}, "Write your full name."),
    ],
)
def test_a_paper_is_not_signed_blank(packet, told, sentence):
    client = opened(packet)
    answered = client.post(f"{address_of(packet)}paper/notice/", told)
    assert answered.status_code == 422
    assert sentence in text(answered)
    assert not Packet.objects.get().signatures.exists()


def test_a_drawn_signature_is_shown_as_it_was_drawn(packet):
    client = opened(packet)
    drawing = str([[[x * 10, 50] for x in range(12)]])
    client.post(f"{address_of(packet)}paper/notice/", {"name": "Ana Reyes", "drawing": drawing})
    page = client.get(f"{address_of(packet)}paper/notice/").content.decode()
    assert "<polyline" in page
    assert "Signed by Ana Reyes on March 18, 2026." in text(client.get(f"{address_of(packet)}paper/notice/"))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "flag", ["overdose_now", "suicide_plan", "withdrawal_alcohol_or_benzo", "violence_now"]
)
def test_danger_signs_stop_every_page_and_reach_the_queue(rosa, site, inquiry, packet, language, flag):
    space = "" if language == "en" else "/es"
    client, at = opened(packet), address_of(packet)
    client.post(f"{space}{at}questions/safety/", {"red_flags": [flag]})
    stop = load("papers", language)["stop"]["title"]
    for part in ("", "questions/contact/", "paper/tpo/"):
        page = text(client.get(f"{space}{at}{part}"))
        assert stop in page
        assert 'href="tel:911"' in page
        assert f"tel:{site.crisis_line}" in page
    assert client.post(f"{at}sending/").status_code == 200
    assert Packet.objects.get().sent_in_at is None
    assert queries.queue(rosa, NOW).to_answer[0].danger
    # The way to say that it is over stays open; what was told is not taken away from staff.
    assert stop not in text(client.get(f"{space}{at}questions/safety/"))
    client.post(f"{at}questions/safety/", {})
    assert stop not in text(client.get(f"{space}{at}"))
    assert queries.queue(rosa, NOW).to_answer[0].danger
    assert Inquiry.objects.get().red_flags == [flag]


def test_what_was_sent_in_can_be_copied_on_this_device_and_seen_on_no_other(packet):
    client = opened(packet)
    send_in(packet)
    copy = text(client.get(f"{address_of(packet)}copy/"))
    assert "PSX-7781" in copy
    assert "Signed by Ana Reyes" in copy
    stranger = Client()
    for part in ("", "copy/", "questions/insurance/"):
        answered = stranger.get(address_of(packet) + part)
        assert (answered.status_code, GONE in text(answered)) == (404, True)
    right = stranger.post(address_of(packet), {"birth_date": BORN.isoformat()})
    assert (right.status_code, GONE in text(right)) == (404, True)


def test_after_the_papers_are_accepted_nothing_can_be_read_by_the_link(rosa, inquiry, packet):
    client = opened(packet)
    send_in(packet)
    actions.make_patient_of(
        by=rosa, at=NOW, inquiry=inquiry, given_name="Ana", family_name="Reyes", birth_date=BORN
    )
    actions.accept_packet(by=rosa, at=NOW, packet=packet)
    parts = ["", "copy/", "sending/", *(f"questions/{p.key}/" for p in load_papers().parts)]
    for part in [*parts, *(f"paper/{p.key}/" for p in load_papers().papers)]:
        for answered in (client.get(address_of(packet) + part), client.post(address_of(packet) + part, {})):
            assert answered.status_code in (404, 405)
            for word in ("Ana", "Reyes", "PSX", "Luz", "Peachtree"):
                assert word not in text(answered)


def test_pages_that_are_none_are_told_neutrally(packet):
    client = opened(packet)
    for part in ("questions/made-up/", "paper/made-up/"):
        answered = client.get(address_of(packet) + part)
        assert (answered.status_code, GONE in text(answered)) == (404, True)


def test_a_form_without_its_key_is_refused(packet):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address_of(packet), {"birth_date": BORN.isoformat()}).status_code == 403
    assert Packet.objects.get().opened_at is None


def test_pages_take_a_fixed_number_of_queries(packet, django_assert_max_num_queries):
    client = opened(packet)
    answer(packet, **COMPLETE)
    for paper in ("treatment", "notice", "tpo", "emergency"):
        sign(packet, paper)
    for part in ("", "questions/contact/", "paper/tpo/"):
        with django_assert_max_num_queries(2):
            assert client.get(address_of(packet) + part).status_code == 200
    assert mail.outbox == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_consent_says_in_its_words_what_the_law_asks(packet, language):
    """42 CFR 2.31: who tells whom what, what for, until when, how to take it back, passing on, what if not signed."""
    packet.answers = COMPLETE
    for paper in load_papers().papers:
        words = words_of(paper, packet, NOW, language)
        said = {s["key"]: s["text"] for s in words["sections"]}
        assert all(said.values())
        assert not re.findall(
            r"[{}]", str(words["sections"][0]["text"]) + words["statement"] + words["title"]
        )
        if paper.terms is not None:
            wanted = [
                "who_tells",
                "who_is_told",
                "what",
                "what_for",
                "until",
                "take_back",
                "passed_on",
                "if_not_signed",
            ]
            assert list(said) == wanted
            assert "Peachtree" in said["who_tells"]
    assert "Luz Reyes" in words["title"]


def test_every_question_and_choice_has_its_words():
    for language in ("en", "es"):
        asked = load("papers", language)
        for part in load_papers().parts:
            assert asked["parts"][part.key]["title"]
            for question in part.questions:
                words = asked["questions"][question.key]
                assert words["label"]
                if question.choices and question.key != "red_flags":
                    assert list(words["choices"]) == list(question.choices)
