"""Whose a report is, to which test it belongs, and what all reports of a test say together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.clinic.drug_tests import rules
from stepwell.clinic.drug_tests.actions._entry import _day, _taken
from stepwell.clinic.drug_tests.actions.results import _keep
from stepwell.clinic.drug_tests.models import LabReport, LabReportState, PanelResult, TestOrder
from stepwell.clinic.drug_tests.rules import laboratory as lab
from stepwell.clinic.people.models import Patient, Site


def _whose(report: lab.Report | None, receiver: str) -> tuple[Patient | None, Site | None, str]:
    """The patient, the site whose staff decides otherwise, and why it waits."""
    if report is None:
        return None, _site_called(receiver), ""
    numbers = _numbers(report)
    people = _candidates(report, numbers)
    found = lab.match(report.person, numbers, [_as_person(p, numbers) for p in people])
    patient = next((p for p in people if p.pk == found.person_id), None)
    if patient is not None:
        return patient, patient.site, ""
    named = {
        p.site_id: p.site
        for p in people
        if lab.agrees(report.person, _as_person(p, numbers)) or _named(p, report, numbers)
    }
    site = next(iter(named.values())) if len(named) == 1 else _site_called(receiver)
    return None, site, found.because


def _numbers(report: lab.Report) -> tuple[str, ...]:
    return tuple(n for n in (report.placer, report.filler, *report.specimens) if n.strip())


def _candidates(report: lab.Report, numbers: tuple[str, ...]) -> list[Patient]:
    """Patients whom a number names, and those of the same birth date."""
    codes = [n.strip().upper()[:8] for n in report.person.identifiers if n.strip() and len(n.strip()) <= 8]
    orders = [o for n in (*numbers, *report.person.identifiers) if (o := lab.order_of(n)) is not None]
    asked = (
        Q(code__in=codes) | Q(test_orders__pk__in=orders) | Q(test_orders__collection__specimen__in=numbers)
    )
    if report.person.birth_date:
        asked |= Q(birth_date=report.person.birth_date)
    rows: Any = Patient.objects.filter(asked).select_related("site").distinct().order_by("pk")[:200]
    return list(rows)


def _as_person(patient: Patient, numbers: tuple[str, ...]) -> lab.Person:
    named = [o for n in numbers if (o := lab.order_of(n)) is not None]
    own = TestOrder.objects.filter(patient=patient).filter(
        Q(pk__in=named) | Q(collection__specimen__in=numbers)
    )
    known = {patient.code}
    for pk, specimen in own.values_list("pk", "collection__specimen"):
        known |= {lab.order_number(pk), specimen or ""}
    return lab.Person(
        id=patient.pk, given=patient.given_name, preferred=patient.preferred_name, family=patient.family_name,
        birth_date=patient.birth_date.isoformat(), numbers=frozenset(known - {""}),
    )  # fmt: skip


def _named(patient: Patient, report: lab.Report, numbers: tuple[str, ...]) -> bool:
    said = {n.casefold() for n in (*numbers, *report.person.identifiers)}
    return bool(said & {n.casefold() for n in _as_person(patient, numbers).numbers})


def _site_called(receiver: str) -> Site | None:
    """The site that the message is addressed to by number or name; else the only one."""
    sites = list(Site.objects.order_by("pk"))
    said = receiver.casefold()
    named = [s for s in sites if said and ((s.npi and s.npi in said) or s.name.casefold() in said)]
    if len(named) == 1:
        return named[0]
    return sites[0] if len(sites) == 1 else None


def _order_for(report: lab.Report, patient: Patient, at: datetime) -> TestOrder | None:
    """The one test of the patient that its numbers name, else the only specimen of that day.

    A random test whose day is still to come is none of them: its number is a guess, and would tell the day.
    """
    numbers = _numbers(report)
    own = TestOrder.objects.filter(
        ~Q(reason=TestOrder.Reason.RANDOM) | Q(due_on__lte=_day(at, patient.site)), patient=patient
    )
    by_number = list(own.filter(pk__in=[o for n in numbers if (o := lab.order_of(n)) is not None])[:2])
    if len(by_number) == 1:
        return by_number[0]
    by_label = list(own.filter(collection__specimen__in=numbers)[:2])
    if len(by_label) == 1:
        return by_label[0]
    try:
        when = datetime.fromisoformat(report.collected_at)
    except ValueError:
        return None
    zone = ZoneInfo(patient.site.zone)
    local = when.astimezone(zone) if when.tzinfo else when.replace(tzinfo=zone)
    starts = local.replace(hour=0, minute=0, second=0, microsecond=0)
    ends = starts.replace(hour=23, minute=59, second=59, microsecond=999_999)
    that_day = list(own.filter(collection__at__range=(starts, ends), collection__refused=False)[:2])
    return that_day[0] if len(that_day) == 1 else None


def _settle(
    by: Actor, at: datetime, order: TestOrder, prescribed: Collection[str], taking: Collection[str]
) -> None:
    """What all reports of a test say together becomes its result, a new row whenever that has changed."""
    found = _all_together(order)
    read = {method: dict(by_class) for method, by_class in found.results.items()}
    if found.open:
        for method in list(read) or [rules.Method.PRESUMPTIVE]:
            told = read.setdefault(method, {})
            for one in rules.panel(order.panel).classes:
                told.setdefault(one.code, rules.Result.PENDING)
    for method in rules.Method:
        old = PanelResult.objects.filter(
            order=order, method=method.value, source="laboratory", corrected_by__isnull=True
        ).first()
        now = read.get(method, {})
        if not now:
            if old is None or set(old.analytes.values()) <= {rules.Result.INVALID.value}:
                continue
            # Taken back by the laboratory: what was said can no longer be read.
            now = dict.fromkeys(old.analytes, rules.Result.INVALID)
        if old is not None and _same(old, now, found):
            continue
        _keep(
            by=by, at=at, order=order, taken=_taken(order), read=dict(sorted(now.items())), how=method,
            known=found.measured, amounts={c: a for c, a in found.amounts.items() if c in now},
            prescribed=prescribed, taking=taking, staff_id=None, source="laboratory", corrects=old,
            words=found.unread,
        )  # fmt: skip


def _all_together(order: TestOrder) -> lab.Findings:
    """The lines that hold of every report of the test; what a report about the same thing took elsewhere is not here."""
    filed = LabReport.objects.filter(state=LabReportState.FILED).select_related("message")
    keys = set(filed.filter(order=order).values_list("same_thing", flat=True))
    lines: list[lab.Observation] = []
    for key in sorted(keys):
        rows = list(filed.filter(same_thing=key))
        kept = {
            row.pk: lab.Kept(lab.report_from(row.told or {}), row.message.content_key, row.message.sent_at)
            for row in rows
        }
        best = max(rows, key=lambda row: (lab.rank(kept[row.pk]), row.position))
        if best.order_id == order.pk:
            lines += lab.current([kept[row.pk] for row in rows if row.order_id == order.pk])
    found = lab.findings(lines)
    usable = {name: value for name, value in found.measured.items() if _usable(name, value)}
    return lab.Findings(found.results, found.amounts, usable, found.open, found.unread)


def _usable(name: str, value: Decimal) -> bool:
    """A measurement that a specimen can have; anything else stays in the laboratory's words alone."""
    most = {"creatinine": 1000, "gravity": 2, "ph": 14, "oxidants": 100_000}
    return 0 <= value <= most[name]


def _same(old: PanelResult, now: dict[str, rules.Result], found: lab.Findings) -> bool:
    return bool(
        old.analytes == {code: result.value for code, result in now.items()}
        and old.reading.get("words", []) == list(found.unread)
        and old.reading.get("measured", {}) == {name: str(value) for name, value in found.measured.items()}
        and old.reading.get("amounts", {}) == {c: str(a) for c, a in found.amounts.items() if c in now}
    )
