"""A laboratory that sends results, a specimen with its hands, rewards under way, and the seed of the next draw."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import stepwell_itself
from stepwell.cli.demo import caring
from stepwell.cli.demo.one_piece import unless_refused
from stepwell.cli.demo.world import Clinic, Life, dice
from stepwell.clinic.drug_tests import actions, queries
from stepwell.clinic.drug_tests.rules.laboratory import order_number
from stepwell.clinic.medication.queries import names_taken, prescribed_classes
from stepwell.edi.hl7 import cut

_OPIOIDS = (
    ("19295-5", "Opiates"), ("59673-4", "Fentanyl"), ("19550-3", "Methadone"), ("19642-8", "Oxycodone"),
    ("3414-0", "Buprenorphine"),
)  # fmt: skip
_REWARDED = "stimulants"
_REWARDED_DAYS = 34
_WEEKDAYS = (1, 4)
"""Tuesday and Friday: days of the tests that rewards are for."""


def foresee(clinic: Clinic) -> None:
    """Notes in the diary what a laboratory sent lately, and who has rewards."""
    diary = clinic.diary
    diary.note(diary.now - timedelta(days=3, hours=5), lambda at: _sent_out(clinic, at))
    diary.note(diary.now - timedelta(hours=4), lambda at: _somebody_like_her(clinic, at))
    diary.note(diary.now - timedelta(days=_REWARDED_DAYS), lambda at: _begin_rewards(clinic, at))
    diary.note(diary.now - timedelta(hours=1), lambda at: _seal(clinic, at))


def _sent_out(clinic: Clinic, at: datetime) -> None:
    """A specimen goes to the laboratory; what is prescribed is found two days later, and expected."""
    nurse = clinic.actors["nurse"]
    life = next((one for one in clinic.lives if one.in_treatment and "buprenorphine" in one.orders), None)
    if life is None:
        return
    order = actions.order_test(
        by=nurse,
        at=at,
        patient=life.patient,
        panel="opioid",
        due_on=clinic.diary.day_of(at),
        reason="scheduled",
    )
    order.patient = life.patient
    number = order_number(order.pk)
    actions.collect(
        by=nurse, at=at + timedelta(minutes=5), order=order, specimen=f"SENT-{at:%m%d}", seal="1047",
        temperature_f=Decimal("95.2"), minutes_to_reading=2,
    )  # fmt: skip
    for minutes, kind, to in (
        (9, "stored", "Locked fridge 1"),
        (95, "sent", "Courier of Northside Laboratory"),
    ):
        actions.hand_over(
            by=nurse, at=at + timedelta(minutes=minutes), order=order, kind=kind, to=to, seal="1047"
        )
    found = {"Buprenorphine": "Positive"}
    text = _message(
        life.patient, number, at, [(code, name, found.get(name, "Negative")) for code, name in _OPIOIDS]
    )
    clinic.diary.note(at + timedelta(days=2, hours=20), lambda then: _take_in(clinic, text, then))


def _somebody_like_her(clinic: Clinic, at: datetime) -> None:
    """The number is a patient's, the name is written otherwise: a person says whose it is."""
    life = clinic.life("Ana Reyes")
    given = life.patient.given_name
    life.patient.given_name = "Anne"
    text = _message(
        life.patient, "", at, [("19295-5", "Opiates", "Negative"), ("18282-5", "Cannabinoids", "Negative")]
    )
    life.patient.given_name = given
    _take_in(clinic, text, at)


def _message(patient: Any, number: str, at: datetime, lines: list[tuple[str, str, str]]) -> bytes:
    """One result as Northside writes them."""
    when = f"{at:%Y%m%d%H%M%S}+0000"
    filler = f"NL-{dice('laboratory', number, at).randrange(10**6):06}"
    parts = [
        f"MSH|^~\\&|LIS|Northside Laboratory|STEPWELL|{patient.site.name}|{when}||ORU^R01^ORU_R01|{filler}|P|2.5.1",
        f"PID|1||{patient.code}^^^STEPWELL||{patient.family_name}^{patient.given_name}||{patient.birth_date:%Y%m%d}",
        f"ORC|RE|{number}|{filler}",
        f"OBR|1|{number}|{filler}|UDS^Urine drug screen^L|||{when}|||||||||||||||{when}|||F",
    ]
    parts += [f"OBX|{n}|ST|{c}^{w}^LN||{v}||Negative|||||F" for n, (c, w, v) in enumerate(lines, 1)]
    return ("\r".join(parts) + "\r").encode()


def _take_in(clinic: Clinic, content: bytes, at: datetime) -> None:
    nurse = clinic.actors["nurse"]

    def explained(patient: Any, on: date) -> tuple[Collection[str], Collection[str]]:
        return prescribed_classes(nurse, patient, on), names_taken(nurse, patient, on)

    actions.receive_results(
        by=stepwell_itself(), at=at, content=content, via="mllp", pieces=cut(content), explained=explained
    )


def _rewarded(clinic: Clinic) -> Life | None:
    """The first person who has been here for some weeks for cocaine or another stimulant."""
    return next(
        (
            one
            for one in clinic.lives
            if one.in_treatment and one.substance in ("F14", "F15") and one.facts["admitted_weeks_ago"] > 5
        ),
        None,
    )


def _begin_rewards(clinic: Clinic, at: datetime) -> None:
    """Vouchers for twelve weeks, and a test twice a week from the next day on."""
    life, diary = _rewarded(clinic), clinic.diary
    if life is None:
        return
    actions.begin_rewards(
        by=clinic.actors["nurse"], at=at, patient=life.patient, schedule="voucher", target=_REWARDED,
        seed=dice("rewards").randbytes(32),
    )  # fmt: skip
    days = [diary.day_of(at) + timedelta(days=number) for number in range(1, _REWARDED_DAYS)]
    tests = [diary.moment(day, "12:40") for day in days if day.weekday() in _WEEKDAYS]
    for test in tests:
        diary.note(test, lambda then: _test_for_rewards(clinic, life, then))
    for test in tests[:-1]:
        diary.note(test + timedelta(minutes=30), lambda then: _enter_rewards(clinic, life, then))
    diary.note(tests[-2] + timedelta(minutes=40), lambda then: _hand_a_voucher(clinic, life, then))


def _test_for_rewards(clinic: Clinic, life: Life, at: datetime) -> None:
    """Ordered, given and read; its line is entered half an hour later, that of the newest not yet."""
    order = actions.order_test(
        by=clinic.actors["nurse"], at=at, patient=life.patient, panel="standard",
        due_on=clinic.diary.day_of(at), reason="scheduled",
    )  # fmt: skip
    order.patient = life.patient
    caring.take_test(clinic, life, order, at)


def _enter_rewards(clinic: Clinic, life: Life, at: datetime) -> None:
    """A line for each test so far, also one that was drawn; a result that is not in yet has to wait."""
    nurse = clinic.actors["nurse"]
    ledger = queries.ledger_of(nurse, life.patient, today=clinic.diary.day_of(at))
    if ledger.plan is None:
        return
    for order in ledger.open:
        order.patient = life.patient
        with unless_refused():
            actions.reward_test(by=nurse, at=at, plan=ledger.plan, order=order)


def _hand_a_voucher(clinic: Clinic, life: Life, at: datetime) -> None:
    """Something of what was earned is handed over."""
    nurse = clinic.actors["nurse"]
    ledger = queries.ledger_of(nurse, life.patient, today=clinic.diary.day_of(at))
    if ledger.plan is None:
        return
    with unless_refused():
        actions.hand_reward(
            by=nurse, at=at, plan=ledger.plan, amount=Decimal(10), what="Grocery voucher",
            once_key="demo-voucher",
        )  # fmt: skip


def _seal(clinic: Clinic, at: datetime) -> None:
    actions.seal_seed(
        by=clinic.actors["nurse"],
        at=at,
        site=clinic.site,
        seed=dice("sealed", clinic.diary.today).randbytes(32),
    )
