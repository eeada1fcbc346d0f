"""The public's pages: true, light, printable, cacheable only where nobody is in them."""

from __future__ import annotations

import re
from datetime import time
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from stepwell.clinic.people.models import SiteHours
from stepwell.front.content import load
from stepwell.front.hours import hours_said
from tests.clinic.timetable.test_listings import make_program, place, publish
from tests.making import make_site

PAGES = ("/", "/about/", "/questions/", "/ask/")
PAGES += tuple(f"/es{address}" for address in PAGES)


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_the_crisis_lines_and_a_way_out(client, site, address):
    page = words(client.get(address))
    leave = "Salir rápido" if address.startswith("/es/") else "Leave quickly"
    own = "sms:988?&body=AYUDA" if address.startswith("/es/") else "sms:741741"
    for line in ("tel:911", "tel:988", "+18006624357", own, "555-0100", leave):
        assert line in page


@pytest.mark.parametrize("address", PAGES)
def test_a_window_title_gives_nobody_away(client, site, address):
    title = re.search(r"<title>(.*?)</title>", client.get(address).content.decode(), re.S)[1]
    assert not re.search(
        r"(?i)help|treatment|addict|recovery|drug|alcohol|outpatient|ayuda|tratamiento|adicci", title
    )


@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_inline_script_or_style_and_the_policy_forbids_them(client, site, address):
    answer = client.get(address)
    page = answer.content.decode()
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=", page)
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_light(client, site, address, django_assert_num_queries):
    with django_assert_num_queries(7 if "about" in address else 2):  # with what is offered
        answer = client.get(address)
    assert len(answer.content) < 40_000


def test_texts_are_cached_and_forms_are_not(client, site):
    kept = [Client().get(address)["Cache-Control"] for address in PAGES]
    assert kept == ["public, max-age=300", "public, max-age=300", "no-store", "no-store"] * 2
    client.get("/ask/")
    assert "csrftoken" in client.cookies
    client.cookies["theme"] = "dark"
    assert client.get("/")["Cache-Control"] == "no-store"


def test_a_cached_page_sets_no_cookie(client, site):
    client.get("/")
    client.get("/about/")
    assert dict(client.cookies) == {}


def test_home_says_when_and_how_to_reach_every_place(client, site):
    make_site("Riverside", phone="404-555-0222")
    page = words(client.get("/"))
    for said in ("Peachtree", "404-555-0111", "12 Peachtree St", "Monday to Friday", "8:00 am to 5:00 pm"):
        assert said in page
    assert "404-555-0222" in page


def test_the_information_names_levels_danger_date_and_that_it_is_no_advice(client, site):
    page = words(client.get("/about/"))
    for said in (
        "Get help now, do not wait for us",
        "It is not medical advice",
        "Outpatient",
        "Intensive outpatient (IOP)",
        "Partial hospitalization",
        "Residential or inpatient",
        "Withdrawal care (detox)",
        "Aftercare",
        "20 or more",
        "Last changed November 22, 2026.",
        "No clinician of this program has approved this text yet.",
    ):
        assert said in page


def said_in(value: Any, skip: tuple[str, ...] = ()) -> list[str]:
    """Every sentence of a text, but not its keys, dates and addresses."""
    if isinstance(value, dict):
        return [each for key, v in value.items() if key not in skip for each in said_in(v)]
    if isinstance(value, list):
        return [each for v in value for each in said_in(v)]
    return [value] if isinstance(value, str) and " " in value else []


READ = ("home", "about", "fit", "find", "cost", "ask", "danger", "frame", "crisis", "errors")


@pytest.mark.parametrize("name", READ)
def test_words_are_short_enough_for_a_child_of_eleven(name):
    """Flesch-Kincaid grade of all that is written for the public: sixth grade, with the field's own long names."""
    sentences = [s for line in said_in(load(name, "en")) for s in re.split(r"[.!?]", line) if s.strip()]
    found = [w for s in sentences for w in re.findall(r"[A-Za-z']+", s)]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", w.lower())))) for w in found)
    grade = 0.39 * len(found) / len(sentences) + 11.8 * syllables / len(found) - 15.59
    assert grade < 6.5


@pytest.mark.parametrize("name", READ)
def test_spanish_is_as_easy(name):
    """Fernández Huerta's ease of reading: 70 and more is what a child of eleven to twelve reads."""
    sentences = [s for line in said_in(load(name, "es")) for s in re.split(r"[.!?]", line) if s.strip()]
    found = [w for s in sentences for w in re.findall(r"[^\W\d_]+", s)]
    vowels = re.compile(r"[aeiouáéíóúü]+", re.IGNORECASE)
    syllables = sum(max(1, len(vowels.findall(w))) for w in found)
    ease = 206.84 - 60 * syllables / len(found) - 1.02 * len(found) / len(sentences)
    assert ease > 70


@pytest.mark.parametrize("address", [*PAGES, "/find/", "/cost/", "/es/find/", "/es/cost/"])
def test_whoever_watches_may_ask_for_the_head_alone(client, site, address):
    answer = client.head(address)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("address", ["/ask/", "/questions/", "/find/", "/cost/"])
def test_a_large_thing_is_refused_before_it_is_read(client, site, address):
    large = SimpleUploadedFile("film.mp4", b"0" * (5 * 1024 * 1024 + 1))
    answer = client.post(address, {"name": "Ana", "film": large})
    assert (answer.status_code, answer["Cache-Control"]) == (400, "no-store")
    assert "We could not read that" in words(answer)


@pytest.mark.parametrize("address", ["/ask/", "/questions/", "/find/"])
def test_a_form_of_thousands_of_fields_is_not_read(client, site, address):
    assert client.post(address, {f"f{n}": "x" for n in range(2_001)}).status_code == 400


@pytest.mark.parametrize(("method", "address"), [("post", "/"), ("put", "/ask/"), ("delete", "/about/")])
def test_other_verbs_are_not_taken(client, site, method, address):
    assert getattr(client, method)(address).status_code == 405


def test_opening_hours_are_said_in_runs():
    def row(day: int, opens: int, closes: int) -> SiteHours:
        return SiteHours(weekday=day, opens=time(opens), closes=time(closes))

    rows = [*(row(day, 8, 17) for day in range(4)), row(4, 8, 12), row(4, 13, 15), row(6, 10, 14)]
    assert hours_said(rows, "en") == [
        ("Monday to Thursday", "8:00 am to 5:00 pm"),
        ("Friday", "8:00 am to 12:00 pm and 1:00 pm to 3:00 pm"),
        ("Sunday", "10:00 am to 2:00 pm"),
    ]
    assert hours_said(rows, "es")[:2] == [
        ("Lunes a jueves", "8:00 a. m. a 5:00 p. m."),
        ("Viernes", "8:00 a. m. a 12:00 p. m. y 1:00 p. m. a 3:00 p. m."),
    ]


def test_half_hours_are_said_and_not_cut_off(client, site):
    program = publish(make_program(place(site))).program
    program.minutes_least, program.minutes_most = 570, 720
    program.save()
    assert "9.5 to 12 hours a week" in words(client.get("/about/"))
    assert "9.5 to 12 hours a week" in words(client.get(f"/find/{program.pk}/"))


def test_what_is_offered_comes_from_the_published_programs_and_their_groups(
    client, site, django_assert_num_queries
):
    publish(make_program(place(site)))
    make_program(site, name="Hidden IOP")
    for language, address in (("en", "/about/"), ("es", "/es/about/")):
        with django_assert_num_queries(7):
            page = words(client.get(address))
        therapies = load("find", language)["therapies"]
        assert therapies["skills"] in page
        assert therapies["holistic"] not in page
        assert '/">Evening IOP</a>' in page
        assert "Hidden IOP" not in page
