"""The public's pages: true, light, printable, cacheable only where nobody is in them."""

from __future__ import annotations

import re
from datetime import date, time
from html import unescape

import pytest

from stepwell.clinic.inquiry.rules import load_red_flags
from stepwell.clinic.people.models import SiteHours
from stepwell.front.content import load
from stepwell.front.hours import hours_said
from tests.making import make_site

PAGES = ("/", "/about/", "/ask/")


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_the_crisis_lines_and_a_way_out(client, site, address):
    page = words(client.get(address))
    for line in ("tel:911", "tel:988", "+18006624357", "sms:741741", "555-0100", "Leave quickly"):
        assert line in page


@pytest.mark.parametrize("address", PAGES)
def test_a_window_title_gives_nobody_away(client, site, address):
    title = re.search(r"<title>(.*?)</title>", client.get(address).content.decode(), re.S)[1]
    assert not re.search(r"(?i)help|treatment|addict|recovery|drug|alcohol|outpatient", title)


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
    with django_assert_num_queries(2):
        answer = client.get(address)
    assert len(answer.content) < 40_000


def test_texts_are_cached_and_forms_are_not(client, site):
    kept = [client.get(address)["Cache-Control"] for address in PAGES]
    assert kept == ["public, max-age=300", "public, max-age=300", "no-store"]
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


def test_the_information_names_danger_levels_date_and_that_it_is_no_advice(client, site):
    page = words(client.get("/about/"))
    for said in (
        "Get help now, do not wait for us",
        "It is not medical advice",
        "Partial hospitalization",
        "20 or more",
        "Last changed 21 Nov 2026.",
        "No clinician of this program has approved this text yet.",
        "cannot decide for you",
    ):
        assert said in page


@pytest.mark.parametrize("name", ["home", "is-it-right-for-me", "crisis"])
def test_every_text_carries_its_date(name):
    assert isinstance(load(name)["changed"], date)


def test_words_are_short_enough_for_a_child_of_eleven():
    """Flesch-Kincaid grade of all that is written for the public: sixth grade, with the field's own long names."""
    text = load("is-it-right-for-me")
    lines = [text["lead"], *text["danger"], text["danger_more"], load("home")["lead"]]
    for section in text["sections"]:
        lines += section.get("paragraphs", []) + section.get("points", []) + [section.get("after", "")]
    for part in (*load("home")["cards"], *load("home")["steps"]):
        lines.append(part["text"])
    lines += [flag.say for flag in load_red_flags().values()]
    sentences = [s for line in lines for s in re.split(r"[.!?]", line) if s.strip()]
    found = [w for s in sentences for w in re.findall(r"[A-Za-z']+", s)]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", w.lower())))) for w in found)
    grade = 0.39 * len(found) / len(sentences) + 11.8 * syllables / len(found) - 15.59
    assert grade < 6.5


@pytest.mark.parametrize(("method", "address"), [("post", "/"), ("put", "/ask/"), ("delete", "/about/")])
def test_other_verbs_are_not_taken(client, site, method, address):
    assert getattr(client, method)(address).status_code == 405


def test_opening_hours_are_said_in_runs():
    def row(day: int, opens: int, closes: int) -> SiteHours:
        return SiteHours(weekday=day, opens=time(opens), closes=time(closes))

    rows = [*(row(day, 8, 17) for day in range(4)), row(4, 8, 12), row(4, 13, 15), row(6, 10, 14)]
    assert hours_said(rows) == [
        ("Monday to Thursday", "8:00 am to 5:00 pm"),
        ("Friday", "8:00 am to 12:00 pm and 1:00 pm to 3:00 pm"),
        ("Sunday", "10:00 am to 2:00 pm"),
    ]
