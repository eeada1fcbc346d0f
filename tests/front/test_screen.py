"""'Is it right for me?': answers by POST, kept nowhere; danger stops at once; only what is chosen is sent."""

from __future__ import annotations

import logging
import re
from html import unescape

import pytest
from django.test import Client

from stepwell.audit.models import Entry
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.inquiry.rules import load_screen
from stepwell.front.content import load
from tests.making import make_site

ANSWERS = {
    "use": "daily", "harm": "much", "weekly_help": "not_enough", "home": "shaky", "hours": "under_9",
    "support_helps": "help", "daily_calming": "no", "stopping": "fine",
}  # fmt: skip


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def test_the_questions_say_that_nothing_is_kept_and_none_is_needed(client, site):
    answer = client.get("/questions/")
    page = words(answer)
    assert answer["Cache-Control"] == "no-store"
    assert "Nothing is stored, and nobody reads it but you." in page
    assert not re.search(r"<(?:input|textarea)[^>]*\brequired\b", page)
    assert not re.search(r'<input type="(?:checkbox|radio)"[^>]*\bchecked\b', page)
    for question in load("fit", "en")["questions"].values():
        assert question["ask"] in page
        for said in question["answers"].values():
            assert said in page


def test_danger_stands_before_the_questions_and_hides_them_when_ticked_without_a_script(client, site):
    page = client.get("/questions/").content.decode()
    assert page.index('name="danger"') < page.index('class="notice bad stop-now"') < page.index('name="use"')
    assert page.count('class="option stops"') == len(load_screen().stops)


def test_the_answer_names_care_reasons_for_and_against_and_that_it_decides_nothing(client, site):
    answer = client.post("/questions/", ANSWERS)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    page = words(answer)
    for said in (
        "Worth asking about: intensive outpatient (IOP) to partial hospitalization",
        "You drink or use more than you want on most days.",
        "Your people help you to stay away from it.",
        "You have fewer than 9 hours a week. An IOP needs 9 or more.",
        "You do not know how long you can stay where you live.",
        "This is no diagnosis and no decision.",
        "It is not medical advice",
        "Do you have an illness of the body?",
        "What you left open (10)",
    ):
        assert said in page
    assert "(18)" not in page


def test_the_same_in_spanish(client, site):
    page = words(client.post("/es/questions/", ANSWERS))
    for said in (
        "Vale la pena preguntar por: de ambulatorio intensivo (IOP) a hospitalización parcial",
        "Su gente le ayuda a no usar.",
        "Tiene menos de 9 horas por semana.",
        "Esto no es un diagnóstico ni una decisión.",
    ):
        assert said in page


def test_nothing_is_written_down_not_even_in_the_trail_or_the_log(
    client, site, caplog, django_assert_num_queries
):
    caplog.set_level(logging.DEBUG)
    entries = Entry.objects.count()
    with django_assert_num_queries(2):
        answer = client.post("/questions/", {**ANSWERS, "danger": ["injecting"]})
    assert answer.status_code == 200
    assert (Entry.objects.count(), Inquiry.objects.count()) == (entries, 0)
    assert "shaky" not in caplog.text
    assert "injecting" not in caplog.text
    assert dict(client.cookies) == {}


def test_answers_in_an_address_are_not_read(client, site):
    page = client.get("/questions/?use=daily&danger=suicide_plan").content.decode()
    assert "Worth asking about" not in page
    assert not re.search(r'<input type="(?:checkbox|radio)"[^>]*\bchecked\b', page)


@pytest.mark.parametrize("danger", load_screen().stops)
@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/es", "es")])
@pytest.mark.parametrize("more", [{}, ANSWERS, {"use": "\x00", "shoes": "big"}])
def test_danger_always_stops(client, site, danger, prefix, language, more):
    page = words(client.post(f"{prefix}/questions/", {**more, "danger": [danger, "bored"]}))
    text = load("fit", language)
    assert text["stop_title"] in page
    assert load("danger", language)["flags"][danger]["say"] in page
    assert text["result"]["kicker"] not in page
    assert 'name="use"' not in page
    for line in ("tel:911", "tel:988", "sms:988", 'href="tel:555-0100"'):
        assert line in page


def test_a_line_of_several_places_is_named_once(client, site):
    make_site("Decatur", crisis_line=site.crisis_line)
    make_site("Savannah", crisis_line="", phone="912-555-0170")
    page = client.post("/questions/", {"danger": ["suicide_plan"]}).content.decode()
    ours = unescape(re.sub(r"<[^>]+>", "", re.search(r'<p class="our-lines">.*?</p>', page, re.S)[0]))
    assert ours == f"You can also call us: Decatur, Peachtree: {site.crisis_line} · Savannah: 912-555-0170."


def test_what_must_happen_today_is_said_above_the_result(client, site):
    page = words(client.post("/questions/", {**ANSWERS, "danger": ["withdrawal_opioid"]}))
    assert page.index("Please call us today") < page.index("What speaks for an IOP")
    assert "There is medicine that helps" in page
    assert "Ask a doctor or nurse before you stop." in page


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "There is too little to go by."),
        ({"use": "never", "harm": "little"}, "Less than an intensive program may be enough."),
        (
            {"use": "most", "mind": "hard"},
            "More help than an intensive outpatient program gives may be safer",
        ),
        ({"stopping": "seizure"}, "First, care for withdrawal"),
        ({"stopping": "very_sick", "use": "daily"}, "After that, worth asking about: "),
    ],
)
def test_each_outcome_has_its_sentence(client, site, answers, said):
    assert said in words(client.post("/questions/", answers))


@pytest.mark.parametrize(
    "body", [{"use": "thrice"}, {"danger": ["bored"]}, {"use": "\x00"}, {"use": "x" * 9_000}]
)
def test_garbage_gets_a_sentence_and_keeps_the_rest(client, site, body):
    answer = client.post("/questions/", {"home": "safe", **body})
    assert answer.status_code == 422
    page = words(answer)
    assert "Tick only what is shown." in page
    assert re.search(r'name="home" value="safe"[^>]*checked', page)


def test_answers_can_be_changed_without_losing_any(client, site):
    page = client.post("/questions/", {**ANSWERS, "again": "1"}).content.decode()
    for key, value in ANSWERS.items():
        assert re.search(rf'name="{key}" value="{value}"[^>]*checked', page), key


def test_what_must_happen_today_is_not_lost_when_answers_are_changed(client, site):
    ticked = ["withdrawal_opioid", "injecting"]
    page = client.post("/questions/", {**ANSWERS, "danger": ticked}).content.decode()
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    assert [value for name, value in kept if name == "danger"] == ticked
    body: dict[str, list[str]] = {}
    for name, value in kept:
        body.setdefault(name, []).append(value)
    page = client.post("/questions/", {**body, "again": "1"}).content.decode()
    assert [
        key for key in load_screen().call_today if re.search(rf'value="{key}"[^>]*checked', page)
    ] == ticked


@pytest.mark.parametrize(
    "body", [ANSWERS, {**ANSWERS, "again": "1"}, {"use": "thrice"}, {"danger": ["suicide_plan"]}]
)
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_the_history_keeps_the_questions_and_not_what_was_sent(client, site, body, prefix):
    """<sw-leave> puts that address into the history; the journey tries it in a browser."""
    assert f'data-kept-as="{prefix}/questions/"' in client.post(f"{prefix}/questions/", body).content.decode()
    assert "data-kept-as" not in client.get(f"{prefix}/questions/").content.decode()
    told = client.post(f"{prefix}/ask/answers/", {"told_from_screen": ["use=daily"]})
    assert f'data-kept-as="{prefix}/ask/"' in told.content.decode()


def test_the_page_between_questions_and_request_opened_again_leads_to_the_request(client, site):
    answer = client.get("/es/ask/answers/")
    assert (answer.status_code, answer["Location"]) == (302, "/es/ask/")


def test_nothing_is_ticked_to_be_sent(client, site):
    page = client.post("/questions/", ANSWERS).content.decode()
    boxes = re.findall(r'<input type="checkbox" name="told_from_screen"[^>]*>', page)
    assert len(boxes) == 1 + len(ANSWERS)
    assert not any("checked" in box for box in boxes)


def test_only_what_was_chosen_reaches_the_request_and_the_inquiry(client, site):
    chosen = ["range=iop-php", "home=shaky"]
    asked = client.post("/ask/answers/", {"told_from_screen": chosen})
    assert asked.status_code == 200
    assert asked["Cache-Control"] == "no-store"
    page = words(asked)
    assert "What came out: intensive outpatient (IOP) to partial hospitalization" in page
    assert "Do you have a safe place to live? Yes, but I do not know how long" in page
    assert "Tell us a name." not in page
    assert page.count('name="told_from_screen"') == 2
    assert 'href="/es/ask/" lang="es"' in page
    client.post(
        "/ask/",
        {"asking_for": "self", "name": "Ana", "phone": "404-555-0199", "ways": ["may_call"],
         "site": site.pk, "once_key": "k1", "told_from_screen": chosen},
    )  # fmt: skip
    assert Inquiry.objects.get().told_from_screen == chosen


def test_without_a_choice_nothing_of_the_answers_is_there(client, site):
    page = words(client.post("/ask/answers/", {}))
    assert "told_from_screen" not in page


def test_what_was_not_shown_cannot_be_sent(client, site):
    body = {
        "asking_for": "self",
        "name": "Ana",
        "phone": "404-555-0199",
        "ways": ["may_call"],
        "site": site.pk,
    }
    answer = client.post("/ask/", {**body, "told_from_screen": ["use=daily", "name=<b>"]})
    assert answer.status_code == 422
    page = words(answer)
    assert "Send only answers that were shown." in page
    assert 'value="use=daily"' in page
    assert "<b>" not in page


def test_the_private_pages_need_no_cookie_and_the_request_still_its_token(site):
    strict = Client(enforce_csrf_checks=True)
    for prefix in ("", "/es"):
        assert strict.get(f"{prefix}/questions/").status_code == 200
        assert strict.post(f"{prefix}/questions/", ANSWERS).status_code == 200
        assert dict(strict.cookies) == {}
    asked = strict.post("/ask/answers/", {"told_from_screen": ["use=daily"]})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', asked.content.decode())[1]
    body = {
        "asking_for": "self",
        "name": "Ana",
        "phone": "404-555-0199",
        "ways": ["may_call"],
        "site": site.pk,
    }
    assert strict.post("/ask/", body).status_code == 403
    assert strict.post("/ask/", {**body, "csrfmiddlewaretoken": token}).status_code == 302
