"""What every page must be: answered, quiet in the console, no wider than the window, readable by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page, ViewportSize

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
_RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > room + 1)
    .slice(0, 4)
    .map((each) => `${each.tagName.toLowerCase()}.${each.className} reaches ${Math.round(
      each.getBoundingClientRect().right)} of ${room} px`)
    .concat(["the page scrolls sideways"]);
}"""


@contextmanager
def complaints_of(page: Page) -> Iterator[list[str]]:
    """What the browser complains about in between: errors of scripts, refusals of the content security
    policy, answers that are errors."""
    heard: list[str] = []

    def console(message: Any) -> None:
        if message.type == "error":
            heard.append(f"console: {message.text} {message.location.get('url', '')}".rstrip())

    def failed(error: Any) -> None:
        heard.append(f"script: {error}")

    def answered(answer: Any) -> None:
        if answer.status >= 400:
            heard.append(f"{answer.status}: {answer.url}")

    page.on("console", console)
    page.on("pageerror", failed)
    page.on("response", answered)
    try:
        yield heard
    finally:
        page.remove_listener("console", console)
        page.remove_listener("pageerror", failed)
        page.remove_listener("response", answered)


def loaded(page: Page) -> None:
    """Waits until the page that a click asked for is there whole. A click comes back when the server's answer
    begins; on a busy machine the browser has not read its first line by then, and there is no document."""
    page.wait_for_load_state("load")


def too_wide(page: Page) -> list[str]:
    """Why the page would scroll sideways; best empty."""
    loaded(page)
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def barriers(page: Page, *only: str) -> list[str]:
    """Serious and critical violations that axe finds, each with its first elements; `only` names single rules."""
    loaded(page)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE)  # by the browser's debugger, which no content security policy stops
    rules = {"resultTypes": ["violations"], "runOnly": list(only)} if only else _RULES
    result = page.evaluate("(rules) => axe.run(document, rules)", rules)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: "
        + "; ".join(f"{node['target']} {node['html'][:160]}" for node in each["nodes"][:4])
        for each in result["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def faults_of(page: Page, address: str, *, first: ViewportSize = DESK) -> list[str]:
    """Opens a page and looks at it on a desk and on a phone; axe looks in the size that is `first`."""
    with complaints_of(page) as faults:
        page.set_viewport_size(first)
        answer = page.goto(address)
        if answer is None or answer.status != 200:
            return [f"answered {answer.status if answer else 'nothing'}"]
        headings = page.locator("h1:visible").count()
        if headings != 1:
            faults.append(f"{headings} headings of the first level")
        if not page.title():
            faults.append("no title")
        faults += too_wide(page) + barriers(page)
        second = DESK if first is PHONE else PHONE
        page.set_viewport_size(second)
        faults += [f"{second['width']} px: {each}" for each in too_wide(page)]
    return faults
