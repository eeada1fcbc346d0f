from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.drug_tests import actions, queries
from stepwell.clinic.drug_tests.models import RewardEntry
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.drug_tests.making import make_test
from tests.making import NOW, TODAY, actor, make_patient, make_staff

NONE = dict.fromkeys(("cocaine", "amphetamine", "methamphetamine"), "negative")


@pytest.fixture
def plan(by, patient):
    return actions.begin_rewards(by=by, at=NOW, patient=patient, schedule="voucher", target="stimulants")


def given(by, patient, day: int, **said):
    """A test of a day with its result; without stimulants unless said."""
    at = NOW + timedelta(days=day)
    order = make_test(patient, by, panel="standard", due_on=TODAY + timedelta(days=day), at=at)
    actions.collect(by=by, at=at, order=order, specimen=f"S-{order.pk}")
    actions.record_result(by=by, at=at, order=order, results={**NONE, **said})
    return order


def reward(by, plan, order, *, day: int = 0):
    return actions.reward_test(by=by, at=NOW + timedelta(days=day), plan=plan, order=order)


def test_six_negatives_wait_as_82_50_and_a_positive_starts_again(by, patient, plan):
    for day in range(6):
        reward(by, plan, given(by, patient, day), day=day)
    assert RewardEntry.objects.get(number=6).waiting == Decimal("82.50")
    positive = reward(by, plan, given(by, patient, 6, cocaine="positive"), day=6)
    assert (positive.kind, positive.amount) == ("reset", 0)
    assert reward(by, plan, given(by, patient, 7), day=7).amount == 10
    ledger = queries.ledger_of(by, patient, today=TODAY + timedelta(days=7))
    assert (ledger.in_year, ledger.waiting, ledger.cap, ledger.open) == (
        Decimal("92.50"),
        Decimal("92.50"),
        750,
        (),
    )


def test_a_test_not_given_starts_again_and_an_excused_one_changes_nothing(by, patient, plan):
    reward(by, plan, given(by, patient, 0))
    excused = make_test(patient, by, panel="standard", due_on=TODAY + timedelta(days=1))
    actions.excuse_test(by=by, at=NOW + timedelta(days=1), order=excused, because="Ill.")
    assert reward(by, plan, excused, day=1).kind == "excused"
    assert reward(by, plan, given(by, patient, 2), day=2).amount == Decimal("11.50")
    missed = make_test(patient, by, panel="standard", due_on=TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="not in"):
        reward(by, plan, missed, day=3)
    assert reward(by, plan, missed, day=4).kind == "reset"
    assert reward(by, plan, given(by, patient, 5), day=5).amount == 10


def test_a_prescribed_stimulant_that_is_found_is_no_use(by, patient, plan):
    order = make_test(patient, by, panel="standard")
    actions.collect(by=by, at=NOW, order=order, specimen="S-1")
    actions.record_result(
        by=by, at=NOW, order=order, results={**NONE, "amphetamine": "positive"}, prescribed={"amphetamine"}
    )
    assert reward(by, plan, order).amount == 10


def test_a_confirmation_that_finds_nothing_counts_for_the_screen(by, patient, plan):
    order = given(by, patient, 0, cocaine="positive")
    actions.record_result(by=by, at=NOW + timedelta(hours=1), order=order, results=NONE, method="definitive")
    assert reward(by, plan, order).kind == "earned"


@pytest.mark.parametrize(
    ("screened", "confirmed", "kind"),
    [
        ({"cocaine": "positive", "amphetamine": "positive"}, {"amphetamine": "negative"}, "reset"),
        ({"cocaine": "negative", "amphetamine": "positive"}, {"amphetamine": "negative"}, "earned"),
    ],
)
def test_a_confirmation_takes_back_what_it_confirms_and_no_other_class(
    by, patient, plan, screened, confirmed, kind
):
    order = make_test(patient, by, panel="standard")
    actions.collect(by=by, at=NOW, order=order, specimen="S-1")
    none = dict.fromkeys(("cocaine", "amphetamine", "methamphetamine"), "negative")
    actions.record_result(by=by, at=NOW, order=order, results=none | screened)
    actions.record_result(by=by, at=NOW, order=order, results=confirmed, method="definitive")
    assert actions.reward_test(by=by, at=NOW, plan=plan, order=order).kind == kind


def test_a_second_click_enters_no_second_line_and_hands_over_once(by, patient, plan):
    order = given(by, patient, 0)
    assert reward(by, plan, order) == reward(by, plan, order)
    facts = {
        "by": by,
        "at": NOW,
        "plan": plan,
        "amount": Decimal(5),
        "what": "Grocery voucher",
        "once_key": "k1",
    }
    assert actions.hand_reward(**facts) == actions.hand_reward(**facts)
    assert list(RewardEntry.objects.order_by("number").values_list("number", "kind", "waiting")) == [
        (1, "earned", 10),
        (2, "handed", 5),
    ]
    assert list(Entry.objects.filter(action__contains="reward").order_by("pk").values_list("action", flat=True)) == [
        "drug_tests.begin_rewards", "drug_tests.reward", "drug_tests.hand_reward",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "what", "sentence"),
    [
        ("10.01", "Voucher", "at most what waits"),
        ("0", "Voucher", "more than nothing"),
        ("-1", "Voucher", "more than nothing"),
        ("NaN", "Voucher", "more than nothing"),
        ("5.001", "Voucher", "more than nothing"),
        ("5", " ", "what was handed over"),
        ("5", "In cash", "never cash"),
    ],
)
def test_nothing_but_what_waits_is_handed_over(by, patient, plan, amount, what, sentence):
    reward(by, plan, given(by, patient, 0))
    with pytest.raises(Refused, match=sentence):
        actions.hand_reward(by=by, at=NOW, plan=plan, amount=Decimal(amount), what=what, once_key="k")


def test_tests_are_rewarded_in_their_order_and_within_the_plan(by, site, patient, plan):
    early, late = given(by, patient, 0), given(by, patient, 1)
    reward(by, plan, late, day=1)
    with pytest.raises(Refused, match="later test"):
        reward(by, plan, early, day=1)
    other = make_patient(site, "Ben", "Tran")
    with pytest.raises(Refused, match="not one of these"):
        reward(by, plan, given(by, other, 0))
    actions.end_rewards(by=by, at=NOW, plan=plan)
    with pytest.raises(Refused, match="have ended"):
        reward(by, plan, given(by, patient, 2), day=2)
    with pytest.raises(Refused, match="ended already"):
        actions.end_rewards(by=by, at=NOW, plan=plan)


def test_one_plan_at_a_time_and_not_by_everybody(by, site, patient, plan):
    with pytest.raises(Refused, match="under way already"):
        actions.begin_rewards(by=by, at=NOW, patient=patient, schedule="fishbowl", target="alcohol")
    with pytest.raises(Denied):
        actions.end_rewards(by=actor(make_staff(site, Role.BILLER)), at=NOW, plan=plan)


def test_the_database_refuses_more_than_the_cap_a_second_receipt_number_and_any_change(by, patient, plan):
    row = reward(by, plan, given(by, patient, 0))
    facts = {
        "plan": plan, "patient": patient, "kind": "handed", "amount": 1, "year": 2026, "cap": 750, "waiting": 9,
        "sentence": "Voucher", "at": NOW, "by_id": by.staff_id,
    }  # fmt: skip
    for wrong in (
        {"number": 2, "in_year": 751},
        {"number": 1, "in_year": 10},
        {"number": 2, "in_year": 10, "waiting": -1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RewardEntry.objects.create(**{**facts, **wrong})
    with pytest.raises(DatabaseError), transaction.atomic():
        RewardEntry.objects.filter(pk=row.pk).update(amount=99)
