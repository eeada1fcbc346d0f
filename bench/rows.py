"""What is measured: each page and write, its floor, its goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import program
from bench.counselor import BACKEND, FLOORS_BACKEND, counselor, give_to_counselor, login
from bench.eligibility import eligibility_rows
from bench.estimates import estimate_rows
from bench.measuring import Ask, Times, at_once, in_turn, measure
from bench.public import public_rows
from bench.report import Row
from bench.scores import RESPONSES, score_rows
from bench.writes import heard_rows, rush_rows, write_rows
from stepwell.clinic.sessions.models import Note


@dataclass(frozen=True)
class Extent:
    """How much is measured: after `warm` requests `a_round` in each of `rounds` rounds, `writes` writes of each
    kind, `seconds` under load in each of three turns; `arrivals` people come in half as many seconds."""

    warm: int = 10
    rounds: int = 10
    a_round: int = 20
    writes: int = 60
    seconds: float = 6
    arrivals: int = 120


def rows(
    facts: dict[str, Any],
    pages: int,
    floor: int,
    many_pages: int,
    many_floor: int,
    lives: Sequence[int],
    extent: Extent,
) -> list[Row]:
    """All figures, in the order of the table."""
    cookie, bare_cookie = login(facts), login(facts, FLOORS_BACKEND)
    chart = reverse("desk:chart", args=[program.LONG_CHART])
    five = f"/five/{program.LONG_CHART}/"
    found: list[Row] = []

    def beside(ask: Ask, floor_ask: Ask) -> tuple[Times, Times]:
        """The page and its floor in turn; the first of each are warming up."""
        measure(pages, cookie, [ask] * extent.warm)
        measure(floor, bare_cookie, [floor_ask] * extent.warm)
        ours, bare = in_turn(
            [
                lambda: measure(pages, cookie, [ask] * extent.a_round),
                lambda: measure(floor, bare_cookie, [floor_ask] * extent.a_round),
            ],
            extent.rounds,
        )
        return ours, bare

    ours, bare = beside(Ask("GET", chart), Ask("GET", five))
    sql, queries = _plain_sql(facts, chart, extent.warm)
    found += [
        Row("chart page, p95", ours.p95, bare.p95, "ms", "<= 200 ms", ours.p95 <= 200),
        Row(
            "chart page, p50, beside a five-query page",
            ours.p50,
            bare.p50,
            "ms",
            "<= 1.00",
            ours.p50 <= bare.p50,
        ),
        Row("chart page, p50, beside its SQL by psycopg", ours.p50, sql, "ms", "", True),
        Row("chart page, queries", queries, None, "", "<= 9", queries <= 9),
    ]
    empty = Ask("GET", "/empty/")
    draft, first = facts["version"], facts["planned_from"]
    for name, path in (
        ("today", reverse("desk:today")),
        ("week", reverse("desk:week")),
        ("patients", reverse("desk:patients")),
        ("week of 60 sessions", f"{reverse('desk:week')}?on={first}"),
        ("draft of 60 sessions", reverse("desk:week-version", args=[draft])),
        ("draft by facilitator", f"{reverse('desk:week-version', args=[draft])}?by=leader"),
        (f"trend of {RESPONSES} PHQ-9", reverse("desk:trend", args=[program.LONG_TREND, "phq-9"])),
    ):
        page = Ask("GET", path)
        ours, bare = beside(page, empty)
        sql, queries = _plain_sql(facts, page.path, extent.warm)
        found += [
            Row(f"{name}, p95, beside an empty view", ours.p95, bare.p95, "ms", "<= 200 ms", ours.p95 <= 200),
            Row(f"{name}, p50, beside its SQL by psycopg ({queries} queries)", ours.p50, sql, "ms", "", True),
        ]
    found += _room(facts, beside, empty)
    found += public_rows(beside)
    found += write_rows(facts, cookie, pages, bare_cookie, floor, extent.writes)
    found += rush_rows(facts, cookie, many_pages, extent.arrivals)
    found += heard_rows(facts, cookie, many_pages, lives, extent.writes // 2)
    found += estimate_rows(extent.a_round * 10)
    found += eligibility_rows(extent.a_round * 10)
    found += score_rows(extent.a_round * 500)
    found += _under_load(cookie, bare_cookie, chart, five, many_pages, many_floor, seconds=extent.seconds)
    return found


def _room(facts: dict[str, Any], beside: Callable[[Ask, Ask], tuple[Times, Times]], empty: Ask) -> list[Row]:
    """The session room of twelve people, with a draft of everybody's part."""
    note = Note.objects.filter(occurrence_id__in=facts["to_sign"], signed_at__isnull=True).latest("pk")
    give_to_counselor(facts, [note])
    ours, bare = beside(Ask("GET", reverse("desk:session", args=[note.occurrence_id])), empty)
    return [
        Row(
            "session room of 12 opens, p95, beside an empty view",
            ours.p95,
            bare.p95,
            "ms",
            "<= 200 ms",
            ours.p95 <= 200,
        )
    ]


def _under_load(
    cookie: str, bare_cookie: str, chart: str, five: str, pages: int, floor: int, *, seconds: float
) -> list[Row]:
    """Eight connections on two workers each, in turn."""
    at_once(pages, cookie, Ask("GET", chart), connections=8, seconds=1)
    at_once(floor, bare_cookie, Ask("GET", five), connections=8, seconds=1)
    ours, bare = in_turn(
        [
            lambda: at_once(pages, cookie, Ask("GET", chart), connections=8, seconds=seconds),
            lambda: at_once(floor, bare_cookie, Ask("GET", five), connections=8, seconds=seconds),
        ],
        3,
    )
    ratio = ours.per_second / bare.per_second
    return [
        Row("chart under 8 connections", ours.per_second, bare.per_second, "/s", ">= 0.60", ratio >= 0.6),
        Row(
            "chart under 8 connections, p99 over p50",
            ours.p99 / ours.p50,
            None,
            "x",
            "<= 4",
            ours.p99 <= 4 * ours.p50,
        ),
    ]


def _plain_sql(facts: dict[str, Any], path: str, times: int) -> tuple[float, int]:
    """Median milliseconds of the page's own statements fetched by plain psycopg, and how many they are."""
    import time
    from statistics import median

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(counselor(facts), backend=BACKEND)
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        client.get(path)
    bracket = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    statements = [s for q in caught.captured_queries if not (s := q["sql"].strip()).startswith(bracket)]
    reads = [s for s in statements if not s.startswith(("INSERT", "UPDATE", "DELETE"))]
    settings = connection.settings_dict
    took = []
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        dbname=settings["NAME"],
        user=settings["USER"],
        autocommit=True,
    ) as plain:
        for _ in range(times):
            begun = time.perf_counter()
            for statement in reads:
                plain.execute(statement.encode()).fetchall()
            took.append((time.perf_counter() - begun) * 1000)
    return median(took), len(statements)
