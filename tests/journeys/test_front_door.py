"""The public's pages in a real browser: light, fast from the first moment, without JavaScript, and quickly left."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from stepwell.front.content import load
from tests.journeys.looking import DESK, PHONE, barriers, complaints_of, too_wide
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

LIGHT = 150_000
"""Bytes of one page with everything it loads, as they come over the line to an empty cache."""

SECOND = 1_000
"""Milliseconds."""

ADDRESSES = (
    "/",
    "/about/",
    "/questions/",
    "/find/",
    "/find/?track=evening",
    "/find/{program}/",
    "/cost/",
    "/ask/",
)
EVERY = [f"{prefix}{address}" for prefix in ("", "/es") for address in ADDRESSES]


@pytest.fixture
def program(clinic: Clinic) -> object:
    return clinic.query("SELECT program_id FROM clinic_programlisting WHERE published ORDER BY id LIMIT 1")[
        0
    ][0]


@pytest.mark.parametrize("address", ["/", "/es/"])
def test_the_first_page_is_painted_within_a_second_of_the_start(clinic, window, address):
    """The very first request after the start, by a browser that has never been here; the best of three starts."""
    if os.getloadavg()[0] > (os.cpu_count() or 1) + 1:
        pytest.skip("this machine is busy with other things: the time would be theirs")
    took = []
    while len(took) < 3 and min(took, default=SECOND) >= SECOND:
        clinic.stop()
        clinic.start()
        page = window(viewport=PHONE).new_page()
        page.goto(address)
        took.append(painted(page))
    assert min(took) < SECOND, took


def painted(page: Page) -> float:
    """Milliseconds from the click to the first words on the screen."""
    return page.evaluate(
        """() => new Promise((done) => new PerformanceObserver((list) => {
          const first = list.getEntriesByName("first-contentful-paint")[0];
          if (first) done(first.startTime);
        }).observe({type: "paint", buffered: true}))"""
    )


@pytest.mark.parametrize("address", EVERY)
def test_a_page_weighs_little_and_asks_nobody_else(clinic, window, program, address):
    page = window(viewport=PHONE).new_page()
    weight, hosts = weighed(page)
    page.goto(address.format(program=program), wait_until="networkidle")
    assert sum(weight.values()) < LIGHT, weight
    assert hosts == {f"127.0.0.1:{clinic.port}"}


def weighed(page: Page) -> tuple[dict[str, int], set[str]]:
    """Address -> bytes over the line, headers and all, and every host that is asked; both fill as the page loads."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    names: dict[str, str] = {}
    weight: dict[str, int] = {}
    hosts: set[str] = set()

    def asked(event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        if not url.startswith("data:"):
            names[event["requestId"]] = re.sub(r"^\w+://[^/]*", "", url)
            hosts.add(url.split("/")[2])

    def came(event: dict[str, Any]) -> None:
        if event["requestId"] in names:
            name = names[event["requestId"]]
            weight[name] = weight.get(name, 0) + int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", came)
    return weight, hosts


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
@pytest.mark.parametrize("address", EVERY)
def test_every_page_can_be_read_by_everybody(window, program, address, size):
    page = window(**held(size)).new_page()
    with complaints_of(page) as faults:
        page.goto(address.format(program=program))
        faults += too_wide(page) + barriers(page) + small_targets(page, size)
    assert not faults, "\n".join(faults)


def held(size: Any) -> dict[str, Any]:
    """A window of that size; the small one is touched."""
    return {"viewport": size, "has_touch": size == PHONE, "is_mobile": size == PHONE}


def small_targets(page: Page, size: Any) -> list[str]:
    """On a phone whatever is pressed is 44 px high; links inside a sentence are as high as its line."""
    if size != PHONE:
        return []
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, nav a, .option, .chip span, .other-language, .crisis a")]
          .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
          .map((each) => `${each.outerHTML.slice(0, 90)} is ${Math.round(each.getBoundingClientRect().height)} px high`)"""
    )
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_questions_work_without_a_script_and_danger_hides_them(window, language):
    prefix, text = ("" if language == "en" else "/es"), load("fit", language)
    page = window(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(f"{prefix}/questions/")
    show = page.get_by_role("button", name=text["show"])
    stop = page.get_by_text(text["stop_title"])
    danger = page.get_by_label(load("danger", language)["flags"]["suicide_thoughts"]["words"], exact=True)
    expect(stop).to_be_hidden()
    danger.check()
    expect(stop).to_be_visible()
    expect(show).to_be_hidden()
    danger.uncheck()
    for key, answer in (("use", "daily"), ("harm", "much"), ("home", "safe"), ("hours", "under_9")):
        asked = text["questions"][key]
        page.get_by_role("group", name=asked["ask"]).get_by_label(
            asked["answers"][answer], exact=True
        ).check()
    show.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(text["result"]["kicker"])
    expect(page.get_by_text(text["reasons"]["time_short"].format(hours=9))).to_be_visible()
    boxes = page.locator('[name="told_from_screen"]')
    assert [boxes.nth(n).is_checked() for n in range(boxes.count())] == [False] * 5
    boxes.nth(0).check()
    page.get_by_role("button", name=text["tell"]["button"]).click()
    words = load("ask", language)
    expect(page.get_by_role("heading", level=1)).to_have_text(words["title"])
    assert page.locator('[name="told_from_screen"]').count() == 1
    page.get_by_label(words["fields"]["name"]["label"]).fill("Ana")
    page.get_by_label(words["fields"]["phone"]["label"]).fill("404-555-0199")
    page.get_by_label(words["fields"]["ways"]["choices"]["may_call"], exact=True).check()
    page.get_by_role("group", name=words["fields"]["site"]["label"]).get_by_role("radio").first.check()
    page.get_by_role("button", name=words["send"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["sent"]["title"])


def test_the_result_is_readable_by_everybody_and_prints_without_the_form(window):
    for size in (PHONE, DESK):
        for prefix, language in (("", "en"), ("/es", "es")):
            page = window(**held(size)).new_page()
            with complaints_of(page) as faults:
                answered(page, prefix, language)
                faults += too_wide(page) + barriers(page) + small_targets(page, size)
            assert not faults, "\n".join(faults)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name=load("fit", "es")["tell"]["button"])).to_be_hidden()
    expect(page.get_by_text(load("fit", "es")["result"]["no_decision"])).to_be_visible()
    expect(page.get_by_role("link", name="988, oprima 2")).to_be_visible()


def answered(page: Page, prefix: str, language: str) -> None:
    text = load("fit", language)
    page.goto(f"{prefix}/questions/")
    for key, answer in (("use", "daily"), ("home", "shaky"), ("stopping", "unwell"), ("group", "no")):
        page.locator(f'[name="{key}"][value="{answer}"]').check()
    page.get_by_role("button", name=text["show"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(text["result"]["kicker"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_comes_out_of_a_form_is_as_light(window, language):
    prefix = "" if language == "en" else "/es"
    page = window(viewport=PHONE).new_page()
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    weight, _ = weighed(page)

    def weigh(press: Callable[[], Any]) -> None:
        page.wait_for_load_state("networkidle")
        weight.clear()
        press()
        page.wait_for_load_state("networkidle")
        assert weight, "nothing was loaded"
        assert sum(weight.values()) < LIGHT, weight

    page.goto(f"{prefix}/questions/")
    for key in load("fit", language)["questions"]:
        page.locator(f'[name="{key}"]').first.check()
    weigh(page.get_by_role("button", name=load("fit", language)["show"]).click)
    page.goto(f"{prefix}/find/")
    page.get_by_label(load("find", language)["zip"]).fill("30303")
    weigh(page.get_by_role("button", name=load("find", language)["show"]).click)
    page.goto(f"{prefix}/cost/")
    page.locator('[name="program"]').first.check()
    page.locator('[name="paying"][value="self"]').check()
    for name, value in (
        ("weeks", "52"),
        ("days", "5"),
        ("household", "3"),
        ("income", "40,980"),
        ("grant", "500"),
    ):
        page.locator(f'[name="{name}"]').fill(value)
    weigh(page.locator(".costs button.primary").click)


def test_neither_back_nor_loading_again_sends_private_answers_once_more(window):
    page = window(viewport=PHONE).new_page()
    answered(page, "", "en")
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.url) if each.method == "POST" else None)
    page.reload()
    assert_empty_questions(page)
    answered(page, "", "en")
    sent.clear()
    page.get_by_role("main").get_by_role("link", name="Find a program").click()
    page.get_by_label("Your ZIP code").fill("30303")
    page.get_by_role("button", name="Show programs").click()
    page.get_by_role("heading", level=3).first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Where it is")).to_be_visible()
    sent.clear()
    for _ in range(3):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).not_to_have_count(0)
        if "questions" in page.url:
            break
    assert_empty_questions(page)
    assert sent == []


def assert_empty_questions(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(load("fit", "en")["title"])
    assert page.locator(".screen :checked").count() == 0


@pytest.mark.parametrize("how", ["button", "keys"])
def test_leaving_quickly_leaves_nothing_in_the_browser(window, how):
    context: BrowserContext = window(viewport=PHONE)
    context.route(
        "https://www.weather.gov/**", lambda route: route.fulfill(body="<title>Weather</title>sunny")
    )
    page = context.new_page()
    page.goto("/")
    answered(page, "", "en")
    if how == "button":
        page.get_by_role("link", name="Leave quickly").click()
    else:
        for _ in range(6):  # twice within a second: a busy machine may need more
            if "questions" in page.url:
                page.keyboard.press("Escape")
    page.wait_for_url("https://www.weather.gov/**")
    said = load("fit", "en")["result"]["kicker"]
    kept = page.context.storage_state()
    assert [origin for origin in kept["origins"] if origin["localStorage"]] == []
    assert [cookie["name"] for cookie in kept["cookies"]] == []
    for _ in range(4):  # all the way back: no answer and no result is there any more
        page.go_back(wait_until="load")
        if page.url == "about:blank":
            break
        assert "questions" not in page.url or not page.evaluate(
            "() => document.querySelectorAll(':checked').length"
        )
        assert said not in page.content()
    stored = page.evaluate(
        "async () => [sessionStorage.length, localStorage.length, (await indexedDB.databases()).length]"
    ) if page.url != "about:blank" else [0, 0, 0]  # fmt: skip
    assert stored == [0, 0, 0]


def test_every_page_is_left_without_a_script(window):
    page = window(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto("/es/questions/")
    way: Callable[[], Any] = page.get_by_role("link", name="Salir rápido").get_attribute("href").__str__
    assert way() == "https://www.weather.gov/"
