"""The rail of work at the left: only what the role may open, with what waits, in one query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, reduce
from operator import add
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from stepwell.accounts.actor import Actor
from stepwell.accounts.models import User
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.prepared import Prepared
from stepwell.desk.waiting import WAITING


@dataclass(frozen=True)
class RailItem:
    label: str
    url: str
    current: bool = False
    count: int | None = None
    tone: str | None = None


_ITEMS: tuple[tuple[str, str, P, str], ...] = (
    ("Today", "desk:today", P.TIMETABLE_READ, ""),
    ("Week", "desk:week", P.TIMETABLE_READ, ""),
    ("Plan the week", "desk:planning", P.TIMETABLE_MANAGE, "planning"),
    ("My time", "desk:my_time", P.TIMETABLE_READ, ""),
    ("Hours to save", "desk:hours_to_save", P.HOURS_READ, ""),
    ("Patients", "desk:patients", P.PEOPLE_READ, "patients"),
    ("Inquiries", "desk:inquiries", P.INQUIRY_READ, "inquiries"),
    ("Hand-offs", "desk:handoffs", P.INQUIRY_READ, "handoffs"),
    ("Notes to sign", "desk:notes", P.NOTE_WRITE, "notes"),
    ("Level reviews", "desk:level_reviews", P.PLACEMENT_DECIDE, ""),
    ("Medication", "desk:medication", P.MEDICATION_READ, "medication"),
    ("Drug tests", "desk:drug_tests", P.DRUG_TEST_READ, "drug_tests"),
    ("Eligibility", "desk:eligibility", P.COVERAGE_RECORD, "eligibility"),
    ("Authorizations", "desk:authorizations", P.AUTHORIZATION_READ, "authorizations"),
    ("Good-faith estimates", "desk:good_faith", P.COVERAGE_READ, ""),
    ("Assistance", "desk:assistance", P.COVERAGE_READ, ""),
    ("Billing", "desk:billing", P.BILLING_READ, ""),
    ("Aftercare", "desk:aftercare", P.AFTERCARE_READ, "follow_ups"),
    ("Outcomes", "desk:outcomes", P.OUTCOMES_READ, ""),
    ("Programs", "desk:programs", P.TIMETABLE_MANAGE, ""),
    ("Availability", "desk:availability", P.TIMETABLE_MANAGE, ""),
    ("Rates", "desk:rates", P.STAFF_MANAGE, ""),
    ("People and roles", "desk:staff", P.STAFF_MANAGE, ""),
    ("Logins", "desk:logins", P.ACCOUNTS_MANAGE, ""),
    ("Public listing", "desk:listings", P.LISTING_MANAGE, ""),
    ("Permissions", "desk:permissions", P.AUDIT_READ, ""),
    ("Disclosures", "desk:disclosures", P.DISCLOSURE_READ, ""),
)


def rail_for(by: Actor, path: str) -> list[RailItem]:
    """Items of the role, the one that holds `path` marked; counts from one statement."""
    return ask_rail(by, path)()


def ask_rail(by: Actor, path: str) -> Callable[[], list[RailItem]]:
    """Sends the statement of `rail_for` (`clinic.ahead`)."""
    shown = [
        (label, _url(name), key)
        for label, name, permission, key in _ITEMS
        if by.may(permission) and _url(name)
    ]
    inside = [url for _, url, _ in shown if path.startswith(url)]
    here = max(inside, key=len, default="")
    asked = tuple(key for _, _, key in shown if key in WAITING)
    found: Callable[[], list[Any]] = _COUNTED.ahead(by, asked, timezone.localdate()) if asked else list

    def rail() -> list[RailItem]:
        counts: dict[str, int] = next(iter(found()), {})
        return [RailItem(label, url, url == here, counts.get(key) or None) for label, url, key in shown]

    return rail


def _counted(by: Actor, keys: tuple[str, ...], today: date) -> Any:
    """One row: for each key how many rows of `WAITING` there are for `by`; `today` is the day in their zone."""
    asked = {key: _sum(WAITING[key](by, today)) for key in keys}
    return User.objects.filter(pk=by.user_id or 0).values(**asked)


_COUNTED = Prepared(_counted)


def _sum(rows: QuerySet[Any] | tuple[QuerySet[Any], ...]) -> Any:
    """What waits in one list, or in several together."""
    lists = rows if isinstance(rows, tuple) else (rows,)
    return reduce(add, (_count(each) for each in lists))


def _count(rows: QuerySet[Any]) -> Coalesce:
    """The number of `rows` as a scalar subquery."""
    counted = rows.order_by().annotate(_one=Value(1)).values("_one").annotate(_n=Count("pk")).values("_n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


@cache
def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
