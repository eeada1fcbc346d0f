"""Every write of drug tests: order, draw random days, collect, enter a result, review it."""

from __future__ import annotations

import secrets
from collections.abc import Collection as CollectionOf
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.drug_tests import policies, rules
from stepwell.clinic.drug_tests.models import Collection, PanelResult, RandomDraw, TestOrder
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused


@transaction.atomic
def order_test(
    *, by: Actor, at: datetime, patient: Patient, panel: str, due_on: date, reason: str = "clinical"
) -> TestOrder:
    """A test for one person on a day. `reason`: scheduled or clinical. Raises `Refused` for one that waits already."""
    staff_id = policies.may_order(by, patient.site_id)
    known = rules.panel(panel)
    if reason not in (TestOrder.Reason.SCHEDULED, TestOrder.Reason.CLINICAL):
        raise Refused("Random tests are drawn, not picked. Choose scheduled or clinical sign.")
    if due_on < _day(at, patient.site):
        raise Refused("The day of the test has passed; choose today or later.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    if (
        TestOrder.objects.filter(patient=patient, panel=panel, due_on=due_on, collection__isnull=True)
        .exclude(reason=TestOrder.Reason.RANDOM)
        .exists()
    ):
        raise Refused(f"{known.label} is ordered for that day already; nothing was added.")
    row = TestOrder.objects.create(
        patient=patient, panel=panel, reason=reason, due_on=due_on, at=at, by_id=staff_id
    )
    _write(by, at, "drug_tests.order", row, patient.pk, panel=panel, reason=reason)
    return row


@transaction.atomic
def order_random_tests(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    patients: Iterable[Patient],
    panel: str,
    days: Iterable[date],
    tests: int,
    seed: bytes | None = None,
) -> RandomDraw:
    """Draw `tests` random days among `days` for each patient; the seed is kept, so that the draw can be checked.

    Without a `seed` a fresh one of 32 bytes is used. Raises `Refused` when the tests do not fit into the days, for
    a day that has passed, or a patient of another site.
    """
    staff_id = policies.may_order(by, site.pk)
    rules.panel(panel)
    people = sorted(patients, key=lambda patient: patient.pk)
    open_days = tuple(sorted(set(days)))
    if not people or not open_days or tests < 1:
        raise Refused("Choose at least one person, one day and one test.")
    if open_days[0] < _day(at, site):
        raise Refused("A day of the draw has passed; choose days from today on.")
    if any(patient.site_id != site.pk for patient in people):
        raise Refused("One of the people belongs to another site; nothing was drawn.")
    seed = seed or secrets.token_bytes(32)
    gap = rules.least_gap_days()
    drawing = RandomDraw.objects.create(
        site=site,
        seed=seed.hex(),
        first_on=open_days[0],
        last_on=open_days[-1],
        tests=tests,
        least_gap=gap,
        at=at,
        by_id=staff_id,
    )
    orders = [
        TestOrder(
            patient=patient,
            panel=panel,
            reason=TestOrder.Reason.RANDOM,
            due_on=day,
            draw=drawing,
            at=at,
            by_id=staff_id,
        )
        for patient in people
        for day in rules.draw(rules.Window(open_days, tests), patient.code, seed, gap)
    ]
    TestOrder.objects.bulk_create(orders)
    trail.record_each(
        by=by,
        at=at,
        action="drug_tests.draw",
        of=[(patient.pk, f"RandomDraw {drawing.pk}", {"panel": panel, "tests": tests}) for patient in people],
    )
    return drawing


@transaction.atomic
def collect(
    *,
    by: Actor,
    at: datetime,
    order: TestOrder,
    refused: bool = False,
    specimen: str = "",
    observed: bool = False,
    temperature_f: Decimal | None = None,
) -> Collection:
    """A specimen was given, or the person gave none: that is kept as itself, and is not a positive.

    `specimen`: the number on the label. Raises `Refused` without it and when something is on file for this test.
    """
    staff_id = policies.may_collect(by, order.patient)
    locked = _ORDER_LOCKED.one(TestOrder.DoesNotExist, order_id=order.pk)
    if not refused and not specimen.strip():
        raise Refused("Write the number on the label of the specimen.")
    if temperature_f is not None and not 0 <= temperature_f <= 150:
        raise Refused("The temperature is not one of a specimen in degrees Fahrenheit; look again.")
    try:
        with transaction.atomic():
            row = Collection.objects.create(
                order=locked,
                refused=refused,
                observed=observed and not refused,
                temperature_f=None if refused else temperature_f,
                specimen="" if refused else specimen.strip(),
                at=at,
                by_id=staff_id,
            )
    except IntegrityError as twice:
        raise Refused(
            "This test has its specimen or its refusal on file already; nothing was changed."
        ) from twice
    _write(by, at, "drug_tests.collect", row, locked.patient_id, test=locked.pk, refused=refused)
    return row


@transaction.atomic
def record_result(
    *,
    by: Actor,
    at: datetime,
    order: TestOrder,
    results: Mapping[str, str],
    method: str = "presumptive",
    prescribed: CollectionOf[str] = (),
    taking: CollectionOf[str] = (),
    measured: Mapping[str, Decimal | None] | None = None,
) -> PanelResult:
    """What the cup or the laboratory says, read against what is prescribed. A later row corrects an earlier one.

    `results`: class code -> negative, positive, pending or invalid; classes of the panel left out are pending.
    `prescribed` and `taking` come from `medication.queries`. `measured`: creatinine, gravity, ph.
    Something unexpected alerts, to confirm it first; nothing else follows from it. Raises `Refused` without a
    specimen, without any result, and for a class that the panel does not hold.
    """
    staff_id = policies.may_collect(by, order.patient)
    locked = _ORDER_LOCKED.one(TestOrder.DoesNotExist, order_id=order.pk)
    taken = next(iter(_COLLECTED.rows(order_id=order.pk)), None)
    if taken is None or taken.refused:
        raise Refused("There is no specimen for this test, so there is no result to enter.")
    read = _results(locked, results)
    how = _method(method)
    known = _known(measured or {})
    validity = rules.check_specimen(
        rules.Specimen(
            temperature_f=taken.temperature_f,
            creatinine=known.get("creatinine"),
            gravity=known.get("gravity"),
            ph=known.get("ph"),
        )
    )
    reading = rules.interpret(read, prescribed=prescribed, method=how, validity=validity, taking=taking)
    row = PanelResult.objects.create(
        order=locked,
        method=how.value,
        analytes={code: result.value for code, result in read.items()},
        reading={
            "outcome": reading.outcome.value,
            "sentence": reading.sentence,
            "findings": [_finding(one) for one in reading.findings],
            "reasons": list(validity.reasons),
            "measured": {name: str(value) for name, value in known.items()},
            "prescribed": sorted(prescribed),
        },
        validity=validity.state.value,
        at=at,
        by_id=staff_id,
    )
    if reading.outcome is rules.Outcome.UNEXPECTED:
        raise_alert(
            by=by,
            at=at,
            patient=locked.patient,
            kind="drug_test",
            sentence=_alert(reading, how),
            subject=f"PanelResult {row.pk}",
            urgent=False,
        )
    _write(
        by,
        at,
        "drug_tests.result",
        row,
        locked.patient_id,
        test=locked.pk,
        outcome=reading.outcome.value,
        method=how.value,
    )
    return row


@transaction.atomic
def review_result(*, by: Actor, at: datetime, result: PanelResult, note: str = "") -> PanelResult:
    """A clinician has looked at it, with a word on what comes next. Raises `Refused` the second time or while open."""
    staff_id = policies.may_review(by, result.order.patient)
    locked = _RESULT_LOCKED.one(PanelResult.DoesNotExist, result_id=result.pk)
    if locked.reviewed_at is not None:
        raise Refused("This result was reviewed already; nothing was changed.")
    if locked.reading.get("outcome") == rules.Outcome.PENDING:
        raise Refused("Some results are still to come; review it when they are in.")
    locked.reviewed_at, locked.reviewed_by_id, locked.review_note = at, staff_id, note.strip()[:300]
    locked.save(update_fields=["reviewed_at", "reviewed_by", "review_note"])
    _write(by, at, "drug_tests.review", locked, locked.order.patient_id, test=locked.order_id)
    reviewed: PanelResult = locked
    return reviewed


_ORDER_LOCKED = Prepared(
    lambda *, order_id: (
        TestOrder.objects.select_for_update(of=["self"]).select_related("patient").filter(pk=order_id)
    )
)
_COLLECTED = Prepared(lambda *, order_id: Collection.objects.filter(order_id=order_id))
_RESULT_LOCKED = Prepared(
    lambda *, result_id: (
        PanelResult.objects.select_for_update(of=["self"]).select_related("order").filter(pk=result_id)
    )
)


def weekdays_from(first: date, last: date, weekdays: CollectionOf[int]) -> tuple[date, ...]:
    """The days from first to last that fall on these weekdays (Monday 0): when the site can collect."""
    span = range((last - first).days + 1)
    return tuple(day for day in (first + timedelta(days=n) for n in span) if day.weekday() in weekdays)


def _results(order: TestOrder, results: Mapping[str, str]) -> dict[str, rules.Result]:
    codes = [one.code for one in rules.panel(order.panel).classes]
    unknown = set(results) - set(codes)
    if unknown:
        raise Refused(f"This panel does not test for {min(unknown)}; enter what is on the panel.")
    if all(results.get(code, "pending") == "pending" for code in codes):
        raise Refused("No result is entered yet; enter at least one.")
    try:
        return {code: rules.Result(results.get(code, "pending")) for code in codes}
    except ValueError as word:
        raise Refused("A result is negative, positive, pending or invalid; look again.") from word


def _method(word: str) -> rules.Method:
    try:
        return rules.Method(word)
    except ValueError as unknown:
        raise Refused("Say whether it is a screen or a confirmed result.") from unknown


def _known(measured: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    limits = {"creatinine": 500, "gravity": 2, "ph": 14}
    found = {name: value for name, value in measured.items() if value is not None}
    for name, value in found.items():
        if name not in limits or not 0 <= value <= limits[name]:
            raise Refused(f"{name.capitalize()} {value:f} cannot be measured in a specimen; look again.")
    return found


def _finding(one: rules.Finding) -> dict[str, Any]:
    facts = asdict(one)
    return {"class": facts.pop("drug_class"), **facts, "state": one.state.value}


def _alert(reading: rules.Reading, how: rules.Method) -> str:
    if how is rules.Method.PRESUMPTIVE:
        return "A drug screen was not as expected: confirm it first. Nothing follows from it until then."
    return "A confirmed drug test was not as expected: talk it over with the person, then with the team."


def _day(at: datetime, site: Site) -> date:
    return at.astimezone(ZoneInfo(site.zone)).date()


def _write(
    by: Actor, at: datetime, action: str, row: object, patient_id: int, **detail: str | int | bool
) -> None:
    subject = f"{type(row).__name__} {row.pk}"  # type: ignore[attr-defined] # every row here has a key
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient_id, detail=detail)
