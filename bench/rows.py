"""What is measured: each page and write, its floor, its goal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.crypto import get_random_string

from bench import program
from bench.measuring import Ask, Times, at_once, in_turn, measure
from bench.report import Row
from bench.rush import rush
from stepwell.accounts.models import User
from stepwell.clinic.sessions.models import Attendance, Note, NotePart
from stepwell.clinic.timetable.models import Occurrence, Seat

GROUPS = 4
"""Notes of twelve people that are signed during the rush."""
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_FLOORS_BACKEND = "django.contrib.auth.backends.ModelBackend"


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
    facts: dict[str, Any], pages: int, floor: int, many_pages: int, many_floor: int, extent: Extent
) -> list[Row]:
    """All figures, in the order of the table."""
    cookie, bare_cookie = _login(facts), _login(facts, _FLOORS_BACKEND)
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
    ):
        page = Ask("GET", path)
        ours, bare = beside(page, empty)
        sql, queries = _plain_sql(facts, page.path, extent.warm)
        found += [
            Row(f"{name}, p95, beside an empty view", ours.p95, bare.p95, "ms", "<= 200 ms", ours.p95 <= 200),
            Row(f"{name}, p50, beside its SQL by psycopg ({queries} queries)", ours.p50, sql, "ms", "", True),
        ]
    found += _room(facts, beside, empty)
    found += _writes(facts, cookie, pages, bare_cookie, floor, extent.writes)
    found += _rush(facts, cookie, many_pages, extent.arrivals)
    found += _under_load(cookie, bare_cookie, chart, five, many_pages, many_floor, seconds=extent.seconds)
    return found


def _room(facts: dict[str, Any], beside: Callable[[Ask, Ask], tuple[Times, Times]], empty: Ask) -> list[Row]:
    """The session room of twelve people, with a draft of everybody's part."""
    note = Note.objects.filter(occurrence_id__in=facts["to_sign"], signed_at__isnull=True).latest("pk")
    _give_to_counselor(facts, [note])
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


def _rush(facts: dict[str, Any], cookie: str, pages: int, people: int) -> list[Row]:
    """Two check-ins a second at two workers, while four groups of twelve are signed: how long, and is all there?"""
    opens = list(
        Seat.objects.filter(
            occurrence__starts__gte=_now(),
            occurrence__starts__lt=_now() + timedelta(minutes=100),
            attendance__isnull=True,
            released_at__isnull=True,
        ).order_by("-occurrence__starts", "-pk")[:people]
    )
    notes = list(Note.objects.filter(occurrence_id__in=facts["to_sign"], signed_at__isnull=True)[:GROUPS])
    _give_to_counselor(facts, notes)
    checks = [Ask("POST", reverse("desk:check_in", args=[s.pk]), status=302) for s in opens]
    signs = [
        Ask("POST", reverse("desk:signature", args=[n.occurrence_id]), _the_form(n), status=302)
        for n in notes
    ]
    came, signed = rush(pages, cookie, checks, signs, seconds=len(checks) / 2)
    there = Attendance.objects.filter(seat__in=opens, outcome="present").count()
    locked = Note.objects.filter(pk__in=[n.pk for n in notes], signed_at__isnull=False).count()
    slowest = max(signed.each, default=0.0)
    whole = there == len(opens) == people and locked == len(notes) == GROUPS
    return [
        Row(
            f"{people} check-ins in {people // 2} s while {GROUPS} groups sign, p95",
            came.p95,
            None,
            "ms",
            "<= 500 ms",
            came.p95 <= 500,
        ),
        Row(
            "signatures meanwhile, the slowest",
            slowest,
            None,
            "ms",
            "<= 500 ms",
            slowest <= 500,
        ),
        Row("of them lost", float(people - there + GROUPS - locked), None, "", "0", whole),
    ]


def _writes(
    facts: dict[str, Any], cookie: str, pages: int, bare_cookie: str, floor: int, most: int
) -> list[Row]:
    """Signing 12-person group notes and checking in, beside small views that write as many rows."""
    _floor_tables()
    notes = list(Note.objects.filter(occurrence_id__in=facts["to_sign"], signed_at__isnull=True)[:most])
    _give_to_counselor(facts, notes)
    signs = [
        Ask("POST", reverse("desk:signature", args=[note.occurrence_id]), _the_form(note), 302)
        for note in notes
    ]
    twelve = [Ask("POST", f"/twelve/{n.occurrence_id}/", _the_form(n), 302) for n in notes]
    ours, bare = _turns(cookie, pages, signs, bare_cookie, floor, twelve)
    seats = list(
        Seat.objects.filter(occurrence__starts__gte=_now(), attendance__isnull=True).order_by(
            "occurrence__starts"
        )[:most]
    )
    checks = [Ask("POST", reverse("desk:check_in", args=[s.pk]), status=302) for s in seats]
    one = [Ask("POST", f"/one-row/{s.pk}/", status=302) for s in seats]
    check, single = _turns(cookie, pages, checks, bare_cookie, floor, one)
    return [
        Row("sign a 12-person group note, p95", ours.p95, bare.p95, "ms", "<= 100 ms", ours.p95 <= 100),
        Row(
            "sign a 12-person group note, p50",
            ours.p50,
            bare.p50,
            "ms",
            "<= 1.50",
            ours.p50 <= 1.5 * bare.p50,
        ),
        Row("check in, p95", check.p95, single.p95, "ms", "<= 100 ms", check.p95 <= 100),
    ]


def _the_form(note: Note) -> str:
    """What the session room sends with the button Sign."""
    fields: dict[str, Any] = {"revision": note.revision, "shared": note.shared, "topic": note.topic}
    for part in NotePart.objects.filter(note=note).select_related("patient"):
        for name in ("participation", "affect", "response", "skill", "risk", "text"):
            fields[f"{part.patient.code}-{name}"] = getattr(part, name)
        fields[f"{part.patient.code}-objective"] = part.objective_id or ""
    return urlencode(fields)


def _turns(
    cookie: str, pages: int, asks: list[Ask], bare_cookie: str, floor: int, floor_asks: list[Ask]
) -> tuple[Times, Times]:
    """Five of each in turn; the first five of each are not counted."""
    ours: list[float] = []
    bare: list[float] = []
    for start in range(0, len(asks), 5):
        mine = measure(pages, cookie, asks[start : start + 5])
        its = measure(floor, bare_cookie, floor_asks[start : start + 5])
        if start:
            ours += mine.each
            bare += its.each
    return Times(tuple(ours), 0), Times(tuple(bare), 0)


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


def _login(facts: dict[str, Any], backend: str = _BACKEND) -> str:
    """A session of the counselor, as a Cookie header with its CSRF token."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(_counselor(facts), backend=backend)
    session = client.cookies["sessionid"].value
    if backend != _BACKEND:
        return f"sessionid={session}; csrftoken={get_random_string(32)}"
    client.get(reverse("desk:new_patient"))
    return f"sessionid={session}; csrftoken={client.cookies['csrftoken'].value}"


def _counselor(facts: dict[str, Any]) -> User:
    return User.objects.get(staff_record=facts["counselor"])


def _plain_sql(facts: dict[str, Any], path: str, times: int) -> tuple[float, int]:
    """Median milliseconds of the page's own statements fetched by plain psycopg, and how many they are."""
    import time
    from statistics import median

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(_counselor(facts), backend=_BACKEND)
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


def _give_to_counselor(facts: dict[str, Any], notes: list[Note]) -> None:
    Occurrence.objects.filter(pk__in=[n.occurrence_id for n in notes]).update(facilitator=facts["counselor"])
    Note.objects.filter(pk__in=[n.pk for n in notes]).update(author=facts["counselor"])


def _floor_tables() -> None:
    """As Django would make them for the floor's two models: keys checked at the commit, an index for each."""
    with connection.cursor() as cursor:
        for table, columns, keys in _FLOOR_TABLES:
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, {columns})"
            )
            for column, other in keys.items():
                cursor.execute(
                    f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} bigint NOT NULL"
                    f" REFERENCES {other} DEFERRABLE INITIALLY DEFERRED"
                )
                cursor.execute(f"CREATE INDEX IF NOT EXISTS {table}_{column} ON {table} ({column})")


_FLOOR_TABLES = [
    (
        "bench_note",
        "text text NOT NULL, signed_at timestamptz NOT NULL",
        {
            "occurrence_id": "clinic_occurrence",
            "patient_id": "clinic_patient",
            "author_id": "accounts_user",
        },
    ),
    (
        "bench_audit",
        "at timestamptz NOT NULL, what varchar(30) NOT NULL",
        {"who_id": "accounts_user", "whose_id": "clinic_patient"},
    ),
]


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()
