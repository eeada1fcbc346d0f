"""Every form of every page, filled with rubbish: a sentence or a page, never a broken one; and nothing a person
typed is ever taken for markup."""

from __future__ import annotations

import os
import random
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.db import Error, connection, transaction

from stepwell.accounts.permissions import TABLE
from tests.access.asking import address, ask, browser
from tests.access.routes import routes
from tests.access.table import ROUTES, Audience
from tests.access.world import P, World

EVIL = "\"'><i onerror=x>"

RUBBISH = {
    "markup": [EVIL, "{{ 7*7 }}", "<script>alert(1)</script>", "';--"],
    "extremes": [
        "9999999999999999999",
        "-1",
        "1e400",
        "NaN",
        "0001-01-01",
        "9999-12-31",
        "25:61",
        "\u202e",
        "🦘" * 50,
    ],
    "nul": ["\x00", "a\x00b"],
    "length": ["x" * 20_000],
    "numbers": ["0", "1", "2147483648", "32768", "3.14159265358979", "Infinity", "٣", "²", "1_0"],
}
ALL = [name for name in routes() if name in ROUTES]
PARTS = (0, 1, 2)
"""Each long test is cut in three by address, for processes that work side by side."""


EVERY_KIND = os.environ.get("STEPWELL_RUBBISH") == "all"
"""`make faults` sends every kind to each form; otherwise two of the five, another two to the next form."""


EVERY_VALUE = ("-1", "9999-12-31", "NaN")


def kinds_for(form: int) -> list[tuple[int, str]]:
    kinds = list(enumerate(RUBBISH))
    return kinds if EVERY_KIND else [kinds[form % len(kinds)], kinds[(form + 1) % len(kinds)]]


class Forms(HTMLParser):
    """(address, {field: value}) of every form of a page that is sent by POST."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, list[str]]]] = []
        self._open: dict[str, list[str]] | None = None
        self._select = ""
        self.feed(body)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "form":
            self._open = {}
            if (facts.get("method") or "").lower() == "post":
                self.found.append((facts.get("action") or "", self._open))
        elif (
            self._open is not None and facts.get("name") and tag in ("input", "textarea", "select", "button")
        ):
            self._open.setdefault(facts["name"], [])
            self._select = facts["name"] if tag == "select" else ""
            if facts.get("type") in ("hidden", "radio", "checkbox", None) or tag == "button":
                self._open[facts["name"]].append(facts.get("value") or "")
        elif tag == "option" and self._open is not None and self._select:
            self._open[self._select].append(facts.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


@pytest.mark.parametrize(
    ("who", "part", "parts"),
    [
        *((who, part, len(PARTS)) for who in ("director", "prescriber", "biller") for part in PARTS),
        ("patient P", 0, 1),
        ("family F1", 0, 1),
    ],
)
def test_no_form_breaks_on_rubbish(world, who, part, parts):
    """Each form with kinds of rubbish, in turn everywhere and only where nothing was to be chosen."""
    client, chance, broken, sent = browser(world, who), random.Random(f"{who} {part}"), [], 0
    seen: set[tuple[str, ...]] = set()
    for url in pages(world, who)[part::parts]:
        for action, fields in Forms(ask(client, "get", url).body).found:
            target = urljoin(url, action)
            mark = (target, *sorted(fields))
            if mark in seen or target.startswith("/accounts/"):
                continue
            seen.add(mark)
            for turn, kind in kinds_for(len(seen)):
                data = {}
                for name, values in fields.items():
                    keep = name == "csrfmiddlewaretoken" or (turn % 2 == 0 and values and values[-1])
                    data[name] = values[-1] if keep else chance.choice(RUBBISH[kind])
                answer = ask(client, "post", target, data)
                sent += 1
                if answer.status >= 500:
                    broken.append(f"{target} {data!r:.300}: {answer.status}")
                if EVIL in answer.body:
                    broken.append(f"{target}: takes what was typed for markup")
    assert sent, "no form was found"
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("who", ["director", "prescriber", "biller"])
def test_no_address_that_is_only_sent_to_breaks_on_rubbish(world, who, part):
    """Field names of all forms at once: also those that only a script would send."""
    names = [
        "because",
        "occurrence",
        "group",
        "seat",
        "note",
        "reason",
        "kind",
        "text",
        "day",
        "starts_at",
        "minutes",
        "open",
        "accept",
        "decision",
        "item",
        "items",
        "existing",
        "patient",
        "staff",
        "room",
        "to",
        "revision",
        "page",
        "shared",
        "topic",
        "arrived",
        "left",
        "outcome",
        "number",
        "units",
        "amount",
        "level",
        "ends_on",
        "starts_on",
        "answers",
        "once_key",
        "code",
        "name",
        "role",
        "roles",
        "expires_on",
        "issued_on",
        "weekday",
        "opens",
        "closes",
        "capacity",
        "existing_id",
        "referred_to",
    ]
    client, broken, found = browser(world, who), [], routes()
    for name in ALL[part :: len(PARTS)]:
        route, line = found[name], ROUTES[name]
        held = TABLE[line.permission] if line.permission else ()
        if line.audience is not Audience.STAFF or who not in held or line.get == (200,):
            continue
        for value in ("\x00", "9999999999999999999", "0001-01-01", "٣", *(EVERY_VALUE if EVERY_KIND else ())):
            answer = ask(client, "post", address(world, route, line, P), dict.fromkeys(names, value))
            if answer.status >= 500:
                broken.append(f"{name} {value!r:.30}: {answer.status}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("who", ["director", "prescriber", "biller", "patient P", "family F1"])
def test_what_people_typed_is_never_taken_for_markup(world, who):
    """Whatever stands in the database about P carries markup now; every page shows it as text."""
    changed = lay_markup()
    assert changed > 80
    client, holes, shown = browser(world, who), [], 0
    for url in pages(world, who):
        answer = ask(client, "get", url)
        if not answer.kind.startswith("text/html"):
            continue  # a file, which no browser reads as a page: never sniffed, named by its kind
        body = answer.body
        shown += "&lt;i onerror" in body
        holes += [url] if EVIL in body or "<i onerror" in body else []
    assert shown
    assert holes == []


def pages(world: World, who: str) -> list[str]:
    """Every page of P's, as far as this audience has one."""
    wanted = {"patient P": Audience.PATIENT, "family F1": Audience.FAMILY}.get(who, Audience.STAFF)
    found, known = [], routes()
    for name in ALL:
        route, line = known[name], ROUTES[name]
        if line.audience is wanted and 200 in line.get:
            found.append(address(world, route, line, P))
    return found


def lay_markup() -> int:
    """Appends markup to every text of the clinic that carries a canary; triggers that guard signed rows stand aside."""
    done = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type, coalesce(character_maximum_length, 5000) FROM"
            " information_schema.columns WHERE table_name LIKE 'clinic\\_%%' AND is_generated = 'NEVER'"
            " AND data_type IN ('text', 'character varying', 'jsonb')"
        )
        columns = cursor.fetchall()
        for table in sorted({row[0] for row in columns}):
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for table, column, kind, most in columns:
            if column in ("code", "email", "once_key", "recipient_key", "content_hash", "content_key"):
                continue
            value = f'left("{column}" || %s, {most})'
            if kind == "jsonb":
                value = f"replace(\"{column}\"::text, 'quokkap-', %s || 'quokkap-')::jsonb"
            try:
                with transaction.atomic():
                    cursor.execute(
                        f'UPDATE "{table}" SET "{column}" = {value} WHERE "{column}"::text LIKE %s',  # noqa: S608 - names from the catalog
                        [EVIL.replace('"', '\\"') if kind == "jsonb" else EVIL, "%quokkap%"],
                    )
                    done += cursor.rowcount
            except Error:
                continue  # a column with a shape of its own
    return done
