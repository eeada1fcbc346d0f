"""Rewards for tests: a plan by a schedule, a ledger with receipts, and never more in a year than the cap.

All writes of one patient's ledger wait for each other at the patient's row; the database refuses a second line for a
test, a receipt number twice, and a sum above the cap.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.drug_tests import policies, rules
from stepwell.clinic.drug_tests.actions._entry import _day, _write
from stepwell.clinic.drug_tests.models import (
    Collection,
    PanelResult,
    RewardEntry,
    RewardKind,
    RewardPlan,
    TestExcuse,
    TestOrder,
)
from stepwell.clinic.drug_tests.rules import rewards
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@transaction.atomic
def begin_rewards(
    *, by: Actor, at: datetime, patient: Patient, schedule: str, target: str, seed: bytes | None = None
) -> RewardPlan:
    """Rewards for this patient from today, for the weeks of the schedule. `seed` is for tests; no page gives one."""
    staff_id = policies.may_order(by, patient.site_id)
    chosen = rewards.schedule(schedule)
    rewards.target(target)
    Patient.objects.select_for_update().get(pk=patient.pk)
    if RewardPlan.objects.filter(patient=patient, ended_at__isnull=True).exists():
        raise Refused("Rewards are under way already; end them first.")
    today = _day(at, patient.site)
    seed = seed or secrets.token_bytes(rules.SEED_BYTES)
    row = RewardPlan.objects.create(
        patient=patient, schedule=schedule, target=target, starts_on=today,
        ends_on=today + timedelta(weeks=chosen.weeks), seed=seed.hex(), commitment=rules.commitment(seed),
        at=at, by_id=staff_id,
    )  # fmt: skip
    _write(by, at, "drug_tests.begin_rewards", row, patient.pk, schedule=schedule, target=target)
    return row


@transaction.atomic
def end_rewards(*, by: Actor, at: datetime, plan: RewardPlan) -> RewardPlan:
    """No more is earned; what waits is still handed over."""
    policies.may_order(by, plan.patient.site_id)
    row = RewardPlan.objects.select_for_update().get(pk=plan.pk)
    if row.ended_at is not None:
        raise Refused("These rewards have ended already; nothing was changed.")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    _write(by, at, "drug_tests.end_rewards", row, row.patient_id)
    return row


@transaction.atomic
def reward_test(*, by: Actor, at: datetime, plan: RewardPlan, order: TestOrder) -> RewardEntry:
    """The line of the ledger for one test; a second click gives the line that is there.

    Raises `Refused` for a test outside of the plan, one whose result is open or cannot be read, and one that an
    earlier line has passed by: tests are rewarded in their order.
    """
    staff_id = policies.may_collect(by, order.patient)
    patient = Patient.objects.select_for_update().select_related("site").get(pk=plan.patient_id)
    there = RewardEntry.objects.filter(order=order).first()
    if there is not None:
        return there
    row = RewardPlan.objects.get(pk=plan.pk)
    if order.patient_id != patient.pk or not row.starts_on <= order.due_on <= row.ends_on:
        raise Refused("This test is not one of these rewards.")
    if row.ended_at is not None:
        raise Refused("These rewards have ended; nothing more is earned.")
    earlier = list(
        RewardEntry.objects.filter(plan=row, order__isnull=False).select_related("order").order_by("number")
    )
    if any(one.order.due_on > order.due_on for one in earlier if one.order is not None):
        raise Refused("A later test has its line already; tests are rewarded in their order.")
    target = rewards.target(row.target)
    event = _event(order, target, _day(at, patient.site))
    if event is None:
        raise Refused("The result of this test is not in, or cannot be read, so it earns nothing yet.")
    schedule = rewards.schedule(row.schedule)
    height = rewards.height_after(schedule, [_told(one) for one in earlier])
    year = rewards.year_of(order.due_on)
    cap, in_year = rewards.cap_of(year), _in_year(patient, year)
    earned = rewards.earn(
        schedule,
        height,
        event,
        in_year=in_year,
        cap=cap,
        seed=bytes.fromhex(row.seed),
        label=f"test {order.pk}",
    )
    entry = _enter(
        row, patient, by=staff_id, at=at, order=order, amount=earned.amount, year=year, cap=cap,
        in_year=in_year + earned.amount, sentence=earned.sentence,
        kind={rewards.Event.NEGATIVE: RewardKind.EARNED, rewards.Event.EXCUSED: RewardKind.EXCUSED}.get(
            event, RewardKind.RESET
        ),
    )  # fmt: skip
    _write(by, at, "drug_tests.reward", entry, patient.pk, test=order.pk, amount=str(earned.amount))
    return entry


@transaction.atomic
def hand_reward(
    *, by: Actor, at: datetime, plan: RewardPlan, amount: Decimal, what: str, once_key: str
) -> RewardEntry:
    """A voucher or an item is handed over, with a receipt; the same form again gives the receipt that is there.

    Raises `Refused` for more than waits, for cash, and without a word on what it is.
    """
    staff_id = policies.may_collect(by, plan.patient)
    patient = Patient.objects.select_for_update().select_related("site").get(pk=plan.patient_id)
    there = RewardEntry.objects.filter(once_key=once_key[:64]).first()
    if there is not None:
        if there.patient_id != patient.pk:
            raise Refused("This form was sent for somebody else; open the page again.")
        return there
    if not what.strip():
        raise Refused("Write what was handed over, such as a grocery voucher.")
    if "cash" in what.casefold().split():
        raise Refused("Rewards are never cash; hand over a voucher or an item.")
    waiting = _waiting(patient)
    if not amount.is_finite() or not 0 < amount <= waiting or amount != amount.quantize(Decimal("0.01")):
        raise Refused(f"Hand over more than nothing and at most what waits, ${waiting:.2f}.")
    year = _day(at, patient.site).year
    entry = _enter(
        plan, patient, by=staff_id, at=at, order=None, amount=amount, year=year, cap=rewards.cap_of(year),
        in_year=_in_year(patient, year), sentence=what.strip()[:300], kind=RewardKind.HANDED, once_key=once_key[:64],
    )  # fmt: skip
    _write(by, at, "drug_tests.hand_reward", entry, patient.pk, amount=str(amount))
    return entry


def _event(order: TestOrder, target: rewards.Target, today: date) -> rewards.Event | None:
    if TestExcuse.objects.filter(order=order).exists():
        return rewards.Event.EXCUSED
    taken = Collection.objects.filter(order=order).first()
    if taken is None:
        return rewards.Event.MISSED if order.due_on < today else None
    if taken.refused:
        return rewards.Event.MISSED
    words: dict[str, str] = {}
    for row in PanelResult.objects.filter(order=order, corrected_by__isnull=True).order_by("at", "pk"):
        for one in row.reading.get("findings", ()):
            word = _word(one["state"])
            # The newest answer of each class counts: a confirmation takes the screen back, for what it confirms.
            if word in ("positive", "negative") or one["class"] not in words:
                words[one["class"]] = word
    return rewards.event_of(words, target)


def _word(state: str) -> str:
    """A prescribed drug that was found is no use: it does not stand against the target."""
    return {"negative": "negative", "expected": "negative", "unexpected negative": "negative"}.get(
        state, "positive" if state == "unexpected positive" else state
    )


def _told(entry: RewardEntry) -> rewards.Event:
    return {
        RewardKind.EARNED.value: rewards.Event.NEGATIVE,
        RewardKind.EXCUSED.value: rewards.Event.EXCUSED,
    }.get(entry.kind, rewards.Event.POSITIVE)


def _last(patient: Patient) -> RewardEntry | None:
    return RewardEntry.objects.filter(patient=patient).order_by("-number").first()


def _in_year(patient: Patient, year: int) -> Decimal:
    last = RewardEntry.objects.filter(patient=patient, year=year).order_by("-number").first()
    return last.in_year if last is not None else Decimal(0)


def _waiting(patient: Patient) -> Decimal:
    last = _last(patient)
    return last.waiting if last is not None else Decimal(0)


def _enter(
    plan: RewardPlan,
    patient: Patient,
    *,
    by: int,
    at: datetime,
    order: TestOrder | None,
    amount: Decimal,
    year: int,
    cap: Decimal,
    in_year: Decimal,
    sentence: str,
    kind: RewardKind,
    once_key: str | None = None,
) -> RewardEntry:
    last = _last(patient)
    waiting = last.waiting if last is not None else Decimal(0)
    return RewardEntry.objects.create(
        plan=plan, patient=patient, order=order, number=last.number + 1 if last is not None else 1, kind=kind,
        amount=amount, year=year, cap=cap, in_year=in_year, sentence=sentence, once_key=once_key, at=at, by_id=by,
        waiting=waiting - amount if kind is RewardKind.HANDED else waiting + amount,
    )  # fmt: skip
