"""Every write about good-faith estimates: who asked, what was given, what is not needed, who the program is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.coverage import queries as coverage
from stepwell.clinic.coverage import rules
from stepwell.clinic.coverage.good_faith import queries
from stepwell.clinic.coverage.good_faith.models import (
    EstimateAsked,
    EstimateNotNeeded,
    GoodFaithEstimate,
    ProviderIdentity,
)
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.people.policies import need
from stepwell.clinic.people.rules import birth_date_fault
from stepwell.clinic.refusal import Refused

_DIAGNOSIS = re.compile(r"^[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$")


@transaction.atomic
def record_asking(
    *,
    by: Actor,
    at: datetime,
    occasion: str,
    asked_on: date,
    service_on: date | None,
    patient: Patient | None = None,
    inquiry: Inquiry | None = None,
) -> EstimateAsked:
    """Write down that a good-faith estimate is due to a patient, or to somebody who asked for help, and by when.

    Raises `Refused` when the dates make no sense, when none is due, or when the same one is waiting already.
    """
    site = _site(patient, inquiry)
    _may_record(by, site.pk, inquiry)
    if asked_on > at.astimezone(ZoneInfo(site.zone)).date():
        raise Refused("The day of asking is in the future. Check the date; nothing was saved.")
    try:
        found = rules.estimate_due(rules.Occasion(occasion), asked_on, service_on, rules.load_good_faith())
    except ValueError as wrong:
        raise Refused(str(wrong)) from wrong
    if found.due_on is None:
        raise Refused(f"{found.reason} Nothing was saved.")
    waiting = EstimateAsked.objects.filter(
        patient=patient, inquiry=inquiry, given__isnull=True, not_needed__isnull=True
    )
    if waiting.exists():
        raise Refused("An estimate is waiting for this person already. Give that one first.")
    row = EstimateAsked.objects.create(
        site=site,
        patient=patient,
        inquiry=inquiry,
        occasion=occasion,
        asked_on=asked_on,
        service_on=service_on,
        due_on=found.due_on,
        because=found.reason,
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    _entry(by, at, "coverage.estimate_asked", row, f"EstimateAsked {row.pk}")
    return row


@transaction.atomic
def give_estimate(
    *,
    by: Actor,
    at: datetime,
    asked: EstimateAsked,
    name: str,
    birth_date: date,
    weeks: int,
    orders: Sequence[rules.Ordered],
    starts_on: date,
    scheduled: bool,
    diagnoses: Sequence[str],
    separate: Sequence[str],
    how: str,
    language: str = "en",
) -> GoodFaithEstimate:
    """Make the document from the site's rates and the sliding fee in force, and keep it as it is given.

    `separate` is what will be scheduled apart. Raises `Refused` when a part that the law lists is missing.
    """
    _may_record(by, asked.site_id, asked.inquiry)
    law = rules.load_good_faith()
    identity = queries.identity_of(asked.site_id)
    if identity is None:
        raise Refused(
            "The program's legal name, NPI, tax number and address are not on file yet. Enter them first."
        )
    if fault := birth_date_fault(birth_date, at.astimezone(ZoneInfo(asked.site.zone)).date()):
        raise Refused(f"The date of birth {fault}. Check the year; nothing was saved.")
    wrong = [code for code in diagnoses if not _DIAGNOSIS.match(code)]
    if wrong:
        raise Refused(f"“{wrong[0]}” is not a diagnosis code such as F10.20. Correct it, or leave it empty.")
    if not rules.can_be_planned(starts_on):
        raise Refused("The first visit is too far away. Check the year; nothing was saved.")
    visits = rules.planned_visits(orders, starts_on, weeks, rules.load_planning())
    if not visits:
        raise Refused("An estimate lists at least one visit. Check weeks and days a week.")
    if visits[-1].on > _months_later(starts_on, law.recurring_months):
        raise Refused(
            f"One estimate covers {law.recurring_months} months at most. Make another one for what follows."
        )
    words = law.words[language]
    zone = ZoneInfo(asked.site.zone)
    fee = coverage.fee_determination_on(asked.patient, at.astimezone(zone).date()) if asked.patient else None
    charges = coverage.dated_rates(asked.site_id, starts_on, visits[-1].on)
    priced = rules.price(
        rules.Episode(
            visits=visits,
            charges=charges,
            sliding_fee=coverage.determination_as_rule(fee, zone) if fee else None,
        )
    )
    if priced.parts is None:
        lacking = priced.unknown[0]
        raise Refused(f"The site has no charge for {lacking.word} on that day. Add the rate first.")
    labels = queries.service_labels(language)
    items = rules.expected_items(priced.lines, labels)
    document = {
        "language": language,
        "patient": {"name": name.strip(), "born": birth_date.isoformat()},
        "made_on": at.astimezone(zone).date().isoformat(),
        "primary": {
            "service": labels.get(orders[0].code, orders[0].code),
            "code": orders[0].code,
            "first_visit": starts_on.isoformat() if scheduled else words["not_scheduled"],
        },
        "scope": _scope(orders, weeks, visits, labels, language),
        "items": [
            {
                "code": item.code,
                "label": item.label,
                "number": item.number,
                "usual": str(item.usual.amount),
                "expected": str(item.expected.amount),
                "sum": str((item.expected * item.number).amount),
            }
            for item in items
        ],
        "weeks": [
            {
                "starts_on": week.starts_on.isoformat(),
                "visits": week.visits,
                "expected": str((week.parts.charge - week.parts.sliding_fee).amount),
            }
            for week in rules.by_weeks(priced.lines, asked.site.week_starts_on)
        ],
        "diagnosis": list(diagnoses) or [words["no_diagnosis"]],
        "provider": {
            "name": identity.legal_name,
            "npi": identity.npi,
            "tin": identity.tin,
            "state": identity.state,
            "address": identity.address,
        },
        "separate": [one.strip() for one in separate if one.strip()] or [words["nothing_separate"]],
        "disclaimers": list(words["disclaimers"]),
    }
    lacks = rules.missing_items(document, law)
    if lacks:
        raise Refused(f"The law also asks for this: {lacks[0]} Nothing was saved.")
    total = rules.expected_total(items)
    if total > _MOST:
        raise Refused("This comes to more than 99 million dollars. Check weeks, days and rates.")
    try:
        with transaction.atomic():
            row = GoodFaithEstimate.objects.create(
                asked=asked,
                language=language,
                document=document,
                inputs={
                    "orders": [[order.code, order.days_a_week, order.weeks] for order in orders],
                    "weeks": weeks,
                    "rates": [
                        [rate.code, str(rate.amount.amount), rate.starts_on.isoformat()] for rate in charges
                    ],
                    "fee_determination": fee.pk if fee else None,
                    "identity": identity.pk,
                },
                total=total.amount,
                first_on=visits[0].on,
                last_on=visits[-1].on,
                how=how,
                given_at=at,
                given_by_id=by.staff_id,
            )
    except IntegrityError as twice:
        raise Refused(
            "This estimate was given already. Record that the plan changed to make a new one."
        ) from twice
    _entry(by, at, "coverage.estimate_given", asked, f"GoodFaithEstimate {row.pk}")
    return row


@transaction.atomic
def not_needed(*, by: Actor, at: datetime, asked: EstimateAsked, because: str) -> EstimateNotNeeded:
    """Nobody waits for it any more; the reason is kept. Raises `Refused` when it was given or ended already."""
    _may_record(by, asked.site_id, asked.inquiry)
    if not because.strip():
        raise Refused("Say why the estimate is not needed any more.")
    if GoodFaithEstimate.objects.filter(asked=asked).exists():
        raise Refused("This estimate was given already; it stays as it is.")
    try:
        with transaction.atomic():
            row = EstimateNotNeeded.objects.create(
                asked=asked, because=because.strip(), at=at, by_id=by.staff_id
            )
    except IntegrityError as twice:
        raise Refused("This was settled already.") from twice
    _entry(by, at, "coverage.estimate_not_needed", asked, f"EstimateAsked {asked.pk}")
    return row


@transaction.atomic
def set_identity(
    *, by: Actor, at: datetime, site: Site, legal_name: str, npi: str, tin: str, state: str, address: str
) -> ProviderIdentity:
    """How the program is named on estimates from now on; what was given before stays as it was given."""
    need(by, Permission.STAFF_MANAGE, site_id=site.pk)
    row = ProviderIdentity.objects.create(
        site=site,
        legal_name=legal_name.strip(),
        npi=npi,
        tin=tin,
        state=state.upper(),
        address=address.strip(),
        at=at,
        by_id=by.staff_id,
    )
    trail.record(by=by, at=at, action="coverage.identity", subject=f"ProviderIdentity {row.pk}")
    return row


_MOST = rules.Money.of("99999999.99")


def _may_record(by: Actor, site_id: int, inquiry: Inquiry | None) -> None:
    need(by, Permission.COVERAGE_RECORD, site_id=site_id)
    if inquiry is not None:
        need(by, Permission.INQUIRY_READ, site_id=site_id)


def _site(patient: Patient | None, inquiry: Inquiry | None) -> Site:
    if (patient is None) == (inquiry is None):
        raise Refused("An estimate is for one person: a patient, or somebody who asked for help.")
    person: Any = patient or inquiry
    site: Site = person.site
    return site


def _scope(
    orders: Sequence[rules.Ordered],
    weeks: int,
    visits: Sequence[rules.Visit],
    labels: dict[str, str],
    language: str,
) -> str:
    """How often, how many and over which time, in a sentence for each service."""
    said = []
    for order in orders:
        name = labels.get(order.code, order.code)
        number = sum(visit.code == order.code for visit in visits)
        over = weeks if order.weeks is None else min(weeks, order.weeks)
        if language == "es":
            said.append(
                f"{name}: {order.days_a_week} por semana durante {over} "
                f"{'semana' if over == 1 else 'semanas'}, {number} en total."
            )
        else:
            said.append(
                f"{name}: {order.days_a_week} a week for {over} {'week' if over == 1 else 'weeks'}, {number} in all."
            )
    return " ".join(said)


def _months_later(day: date, months: int) -> date:
    return day + timedelta(days=366 * months // 12)


def _entry(by: Actor, at: datetime, action: str, asked: EstimateAsked, subject: str) -> None:
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=asked.patient_id)
