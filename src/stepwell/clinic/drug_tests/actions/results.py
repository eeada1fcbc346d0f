"""What a cup or a laboratory says, read against what is prescribed; and the look of a clinician at it."""

from __future__ import annotations

from collections.abc import Collection as CollectionOf
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.drug_tests import policies, rules
from stepwell.clinic.drug_tests.actions._entry import _locked, _taken, _write
from stepwell.clinic.drug_tests.models import Collection, PanelResult, TestOrder
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused


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
    amounts: Mapping[str, Decimal] | None = None,
    once_key: str = "",
) -> PanelResult:
    """What the cup or the laboratory says, read against what is prescribed. A later row corrects an earlier one.

    `results`: class code -> negative, positive, pending or invalid; classes of the panel left out are pending.
    `prescribed` and `taking` come from `medication.queries`. `measured`: creatinine, gravity, ph, oxidants;
    `amounts`: class code -> ng/mL. The same `once_key` again gives the result that is there: a double click.
    Something unexpected alerts, to confirm it first; nothing else follows from it. Raises `Refused` without a
    specimen, without any result, and for a class that the panel does not hold.
    """
    staff_id = policies.may_collect(by, order.patient)
    locked = _locked(order)
    if once_key:
        there = PanelResult.objects.filter(once_key=once_key[:64]).first()
        if there is not None:
            if there.order_id != locked.pk:
                raise Refused("This form was sent for another test; open the page again.")
            return there
    taken = _taken(locked)
    if taken is None or taken.refused:
        raise Refused("There is no specimen for this test, so there is no result to enter.")
    row = _keep(
        by=by,
        at=at,
        order=locked,
        taken=taken,
        read=_results(locked, results),
        how=_method(method),
        known=_known(measured or {}),
        amounts=_amounts(amounts or {}),
        prescribed=prescribed,
        taking=taking,
        staff_id=staff_id,
        once_key=once_key[:64] or None,
    )
    _write(
        by,
        at,
        "drug_tests.result",
        row,
        locked.patient_id,
        test=locked.pk,
        outcome=row.reading["outcome"],
        method=row.method,
    )
    return row


def _keep(
    *,
    by: Actor,
    at: datetime,
    order: TestOrder,
    taken: Collection | None,
    read: Mapping[str, rules.Result],
    how: rules.Method,
    known: Mapping[str, Decimal],
    amounts: Mapping[str, Decimal],
    prescribed: CollectionOf[str],
    taking: CollectionOf[str],
    staff_id: int | None,
    once_key: str | None = None,
    source: str = "staff",
    corrects: PanelResult | None = None,
    words: CollectionOf[str] = (),
) -> PanelResult:
    """One row with its reading, `words` being what stands beside it unread; an alert when something is unexpected. Within the caller's transaction."""
    validity = rules.check_specimen(
        rules.Specimen(
            temperature_f=taken.temperature_f if taken is not None else None,
            minutes_to_reading=taken.minutes_to_reading if taken is not None else None,
            creatinine=known.get("creatinine"),
            gravity=known.get("gravity"),
            ph=known.get("ph"),
            oxidants=known.get("oxidants"),
            tampered=taken.tampered if taken is not None else "",
        ),
        order.due_on,
    )
    reading = rules.interpret(read, prescribed=prescribed, method=how, validity=validity, taking=taking)
    row = PanelResult.objects.create(
        order=order,
        method=how.value,
        analytes={code: result.value for code, result in read.items()},
        reading={
            "outcome": reading.outcome.value,
            "sentence": _sentence(reading, words),
            "findings": [_finding(one) for one in reading.findings],
            "reasons": [*validity.reasons, *words],
            "words": list(words),
            "measured": {name: str(value) for name, value in sorted(known.items())},
            "amounts": {code: str(value) for code, value in sorted(amounts.items())},
            "prescribed": sorted(prescribed),
        },
        validity=validity.state.value,
        at=at,
        by_id=staff_id,
        once_key=once_key,
        source=source,
        corrects=corrects,
    )
    if reading.outcome is rules.Outcome.UNEXPECTED:
        raise_alert(
            by=by,
            at=at,
            patient=order.patient,
            kind="drug_test",
            sentence=_alert(reading, how),
            subject=f"PanelResult {row.pk}",
            urgent=False,
        )
    return row


def _sentence(reading: rules.Reading, words: CollectionOf[str]) -> str:
    """Nothing is called as expected while something stands beside it that was not read."""
    if not words or reading.outcome is not rules.Outcome.AS_EXPECTED:
        return reading.sentence
    lines = "One line" if len(words) == 1 else f"{len(words)} lines"
    return f"All that could be read is as expected. {lines} of the laboratory could not: read below."


@transaction.atomic
def review_result(*, by: Actor, at: datetime, result: PanelResult, note: str = "") -> PanelResult:
    """A clinician has looked at it, with a word on what comes next. Raises `Refused` the second time or while open."""
    staff_id = policies.may_review(by, result.order.patient)
    locked = _RESULT_LOCKED.one(PanelResult.DoesNotExist, result_id=result.pk)
    if PanelResult.objects.filter(corrects=locked).exists():
        raise Refused("The laboratory has corrected this result; review the corrected one.")
    if locked.reviewed_at is not None:
        raise Refused("This result was reviewed already; nothing was changed.")
    if locked.reading.get("outcome") == rules.Outcome.PENDING:
        raise Refused("Some results are still to come; review it when they are in.")
    locked.reviewed_at, locked.reviewed_by_id, locked.review_note = at, staff_id, note.strip()[:300]
    locked.save(update_fields=["reviewed_at", "reviewed_by", "review_note"])
    _write(by, at, "drug_tests.review", locked, locked.order.patient_id, test=locked.order_id)
    reviewed: PanelResult = locked
    return reviewed


_RESULT_LOCKED = Prepared(
    lambda *, result_id: (
        PanelResult.objects.select_for_update(of=["self"]).select_related("order").filter(pk=result_id)
    )
)


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
    limits = {"creatinine": 500, "gravity": 2, "ph": 14, "oxidants": 100_000}
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


def _amounts(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    for code, value in amounts.items():
        label = rules.drug_class(code).label
        if not value.is_finite() or not 0 <= value <= 10_000_000:
            raise Refused(f"{label}: {value} ng/mL cannot be measured; look again.")
    return dict(amounts)
