"""What is measured of writing: signing, checking in, both at once, and how soon open pages hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from bench.counselor import counselor, give_to_counselor, note_form
from bench.floor_tables import floor_tables
from bench.heard import hearing
from bench.measuring import Ask, Times, measure
from bench.report import Row
from bench.rush import rush
from stepwell.accounts.live_topics import sign_topics
from stepwell.clinic.sessions.models import Attendance, Note
from stepwell.clinic.timetable.models import Seat

GROUPS = 4
"""Notes of twelve people that are signed during the rush."""


def rush_rows(facts: dict[str, Any], cookie: str, pages: int, people: int) -> list[Row]:
    """Two check-ins a second at two workers, while four groups of twelve are signed: how long, and is all there?"""
    opens = list(
        Seat.objects.filter(
            occurrence__starts__gte=timezone.now(),
            occurrence__starts__lt=timezone.now() + timedelta(minutes=100),
            attendance__isnull=True,
            released_at__isnull=True,
        ).order_by("-occurrence__starts", "-pk")[:people]
    )
    notes = list(Note.objects.filter(occurrence_id__in=facts["to_sign"], signed_at__isnull=True)[:GROUPS])
    give_to_counselor(facts, notes)
    checks = [Ask("POST", reverse("desk:check_in", args=[s.pk]), status=302) for s in opens]
    signs = [
        Ask("POST", reverse("desk:signature", args=[n.occurrence_id]), note_form(n), status=302)
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


def write_rows(
    facts: dict[str, Any], cookie: str, pages: int, bare_cookie: str, floor: int, most: int
) -> list[Row]:
    """Signing 12-person group notes and checking in, beside small views that write as many rows."""
    floor_tables()
    notes = list(Note.objects.filter(occurrence_id__in=facts["to_sign"], signed_at__isnull=True)[:most])
    give_to_counselor(facts, notes)
    signs = [
        Ask("POST", reverse("desk:signature", args=[note.occurrence_id]), note_form(note), 302)
        for note in notes
    ]
    twelve = [Ask("POST", f"/twelve/{n.occurrence_id}/", note_form(n), 302) for n in notes]
    ours, bare = _turns(cookie, pages, signs, bare_cookie, floor, twelve)
    seats = list(
        Seat.objects.filter(occurrence__starts__gte=timezone.now(), attendance__isnull=True).order_by(
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


def heard_rows(facts: dict[str, Any], cookie: str, pages: int, lives: Sequence[int], most: int) -> list[Row]:
    """People checked in at two page processes; every open page, of whichever live process, hears of each."""
    seats = list(
        Seat.objects.filter(
            occurrence__starts__gte=timezone.now(), attendance__isnull=True, released_at__isnull=True
        ).order_by("occurrence__starts", "pk")[:most]
    )
    topics = [f"occurrence:{seat.occurrence_id}" for seat in seats]
    key = cookie.removeprefix("sessionid=").partition(";")[0]
    token = sign_topics(user_id=counselor(facts).pk, session_key=key, topics=topics)
    checks = [Ask("POST", reverse("desk:check_in", args=[s.pk]), status=302) for s in seats]
    heard = hearing(pages, lives, cookie, token, list(zip(checks, topics, strict=True)))
    return [
        Row(
            "check in, until open pages of two live processes heard, p95",
            heard.p95,
            None,
            "ms",
            "<= 1000 ms",
            heard.p95 <= 1000,
        )
    ]


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
