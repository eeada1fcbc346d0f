"""Every page in English and in Spanish: the same keys and shapes, the right address, date, money and mark."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from decimal import Decimal
from html import unescape
from importlib.resources import files
from typing import Any

import pytest
from django.urls import get_resolver, resolve

from stepwell.clinic.inquiry.rules import FitReason, load_day_parts, load_red_flags, load_screen
from stepwell.clinic.inquiry.rules.fit import Care, Factor, Standing
from stepwell.front.content import load
from stepwell.front.languages import LANGUAGES
from stepwell.front.saying import saying
from stepwell.front.urls import PAGES

CONTENT = files("stepwell.front.content")
PAGES_OF_TEXT = sorted(each.name.removesuffix(".toml") for each in CONTENT.joinpath("en").iterdir())


def shape(value: Any, path: str = "") -> dict[str, str]:
    """Path -> kind, and the names of what is filled in: 'steps[2].title' -> 'str {n}'."""
    if isinstance(value, dict):
        return {k: v for key, each in value.items() for k, v in shape(each, f"{path}.{key}").items()} or {
            path: "{}"
        }
    if isinstance(value, list):
        return {k: v for n, each in enumerate(value) for k, v in shape(each, f"{path}[{n}]").items()} or {
            path: "[]"
        }
    filled = sorted(set(re.findall(r"\{\w+\}", value))) if isinstance(value, str) else []
    return {path: f"{type(value).__name__} {' '.join(filled)}".strip()}


def test_both_languages_have_the_same_files():
    assert sorted(each.name for each in CONTENT.joinpath("es").iterdir()) == sorted(
        f"{p}.toml" for p in PAGES_OF_TEXT
    )


@pytest.mark.parametrize("page", PAGES_OF_TEXT)
def test_a_text_has_the_same_keys_shapes_and_blanks_in_both_languages(page):
    english, spanish = (shape(load(page, language)) for language in LANGUAGES)
    assert spanish == english


@pytest.mark.parametrize("page", PAGES_OF_TEXT)
def test_no_text_is_named_like_something_that_every_dictionary_can_do(page):
    """A template that reads `text.clear` would show Python's own `clear` in the place of the text."""

    def names(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(names, value))
        return set(value).union(*map(names, value.values())) if isinstance(value, dict) else set()

    assert names(load(page, "en")) & set(dir({})) == set()


@pytest.mark.parametrize("page", PAGES_OF_TEXT)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_dated_and_nowhere_empty(page, language):
    text = load(page, language)
    assert isinstance(text["changed"], date)
    raw = CONTENT.joinpath(f"{language}/{page}.toml").read_text("utf-8")
    empty = {key for key, value in tomllib.loads(raw).items() if value == ""}
    assert empty <= {"reviewed_by", "reviewed_on"}


@pytest.mark.parametrize("page", PAGES_OF_TEXT)
def test_spanish_is_not_english_left_standing(page):
    """Sentences of four words and more differ; names, numbers and addresses may be the same."""

    def sentences(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set().union(*map(sentences, value.values())) if value else set()
        if isinstance(value, list):
            return set().union(*map(sentences, value)) if value else set()
        return {value} if isinstance(value, str) and len(re.findall(r"[^\W\d_]+", value)) > 3 else set()

    assert sentences(load(page, "en")) & sentences(load(page, "es")) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_asked_or_come_out_has_words(language):
    text, flags, ask = load("fit", language), load("danger", language)["flags"], load("ask", language)
    assert {key: list(each["answers"]) for key, each in text["questions"].items()} == {
        key: list(question.choices) for key, question in load_screen().questions.items()
    }
    assert set(text["reasons"]) == set(FitReason)
    assert list(text["factors"]) == list(Factor)
    assert list(text["care"]) == list(text["care_is"]) == [care.name.lower() for care in Care]
    assert {each.value for each in Standing if each != Standing.STOP} <= set(text["result"])
    assert set(flags) == set(load_red_flags())
    assert list(ask["parts"]) == list(load_day_parts())


def test_the_numbers_of_a_reason_fill_its_sentence_in_both_languages():
    screen = load_screen()
    says = [choice.says for q in screen.questions.values() for choice in q.choices.values()]
    says += [each.says for each in screen.together]
    for reason in (each for one in says for each in (one.speaks_for, one.speaks_against) if each):
        for language in LANGUAGES:
            blanks = set(re.findall(r"\{(\w+)\}", load("fit", language)["reasons"][reason.code]))
            assert blanks == set(reason.numbers), (language, reason.code)


def test_english_says_of_danger_what_the_desk_reads():
    flags = load("danger", "en")["flags"]
    assert {key: (each["words"], each["say"]) for key, each in flags.items()} == {
        key: (flag.words, flag.say) for key, flag in load_red_flags().items()
    }


def test_every_page_has_an_address_in_both_languages():
    names = {pattern.name for pattern in PAGES}
    front = next(each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "front")
    spanish = next(each for each in front.url_patterns if getattr(each, "namespace", "") == "es")
    assert {pattern.name for pattern in spanish.url_patterns} == names
    assert resolve("/es/ask/").view_name == "front:es:ask"
    assert resolve("/ask/").view_name == "front:ask"


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


@pytest.mark.parametrize(
    ("english", "spanish", "said"),
    [
        ("/", "/es/", "Mucha ayuda, y usted duerme en su casa"),
        ("/about/", "/es/about/", "Los tipos de ayuda, uno junto a otro"),
        ("/questions/", "/es/questions/", "¿Es para mí?"),
        ("/ask/", "/es/ask/", "¿Cómo es seguro hablarle?"),
    ],
)
def test_a_page_says_its_language_and_leads_to_the_other(client, site, english, spanish, said):
    there = client.get(spanish)
    assert there["Content-Language"] == "es"
    page = words(there)
    assert said in page
    assert '<html lang="es">' in page
    assert f'<a class="other-language" href="{english}" lang="en" hreflang="en">English</a>' in page
    for line in ("988, oprima 2", "AYUDA al 988", "Salir rápido", "Ir a la página", "Colores: {choice}"):
        assert line in page
    for line in ("Skip to", "Leave quickly", "optional)", "Call 9"):
        assert line not in page
    page = words(client.get(english))
    assert '<html lang="en">' in page
    assert f'href="{spanish}" lang="es" hreflang="es">Español</a>' in page


def test_spanish_pages_lead_to_spanish_pages(client, site):
    page = client.get("/es/").content.decode()
    own = {"/es/", "/accounts/login/", "/"}
    for href in re.findall(r'href="(/[^"]*)"', page):
        assert href.startswith(("/es/", "/static/")) or href in own, href


def test_what_was_asked_stays_asked_in_the_other_language(client, site):
    assert 'href="/es/ask/?site=7"' in client.get("/ask/?site=7").content.decode()


def test_what_a_page_does_not_ask_for_is_not_repeated(client, site):
    assert "40980" not in client.get("/ask/?income=40980").content.decode()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Wednesday, November 25", "November 25, 2026", "6:05 pm", "12:00 am to 12:30 pm", "$1,234.50",
                "−$0.50", "less than 1 mile", "1 mile", "1,200 miles", "3 weeks", "a, b and c", "9.5",
            ],
        ),
        (
            "es",
            [
                "miércoles 25 de noviembre", "25 de noviembre de 2026", "6:05 p. m.", "12:00 a. m. a 12:30 p. m.",
                "$1,234.50", "−$0.50", "menos de 1 milla", "1 milla", "1,200 millas", "3 weeks", "a, b y c", "9.5",
            ],
        ),
    ],
)  # fmt: skip
def test_days_times_money_and_distances_are_said_in_the_language(language, expected):
    say = saying(language)
    on = datetime.fromisoformat("2026-11-25T18:05-05:00")
    assert [
        say.day(on, "America/New_York"), say.date(on.date()), say.clock(on, "America/New_York"),
        say.span(time(0), time(12, 30)), say.money("1234.5"), say.money(Decimal("-0.5")), say.miles(0.4),
        say.miles(1.2), say.miles(1200), say.count(3, "week", "weeks"), say.listed("abc"),
        say.number(Decimal("9.50")),
    ] == expected  # fmt: skip


def test_spanish_joins_before_the_sound_of_i():
    say = saying("es")
    assert say.listed(["padres", "hijos"]) == "padres e hijos"
    assert say.listed(["agua", "hielo"]) == "agua y hielo"
    assert say.listed(["uno"]) == "uno"
    assert say.listed([]) == ""
