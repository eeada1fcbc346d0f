"""Money received, what is owed, and statements that stay as printed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.billing import actions, queries
from stepwell.clinic.billing.models import Payment, Statement
from stepwell.clinic.coverage.rules import Money
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.billing.making import YESTERDAY, attend, charged, insured
from tests.making import NOW, actor, make_login, make_patient, make_site, make_staff


@pytest.fixture
def biller(site):
    return actor(make_staff(site, Role.BILLER))


@pytest.fixture
def ana(site):
    return insured(site, deductible=Decimal(100))


def pay(by, patient, amount, *, key="k1", source="patient", at=NOW, **facts):
    return actions.post_payment(
        by=by, at=at, patient=patient, source=source, amount=Decimal(amount), once_key=key, **facts
    )


def test_the_patient_owes_the_share_less_what_was_paid(biller, ana):
    attend(ana)
    charged(ana)
    pay(biller, ana, "30")
    pay(biller, ana, "10.50", key="k2", source="adjustment")
    account = queries.account_of(biller, ana)
    assert account.balance == Money.of("89.50")  # 100 + 20 % of 150, less 40.50
    assert account.payers_owe == Money.of(120)
    assert [(p.pk, p.owes) for p in queries.balances(biller)] == [(ana.pk, Decimal("89.50"))]
    assert Entry.objects.filter(action="billing.post_payment", patient_id=ana.pk).count() == 2


def test_the_same_form_sent_twice_posts_once(biller, ana):
    first = pay(biller, ana, "30")
    assert pay(biller, ana, "30") == first
    assert Payment.objects.count() == 1
    assert Entry.objects.filter(action="billing.post_payment").count() == 1
    with pytest.raises(Refused, match="has posted another payment"):
        pay(biller, ana, "31")


@pytest.mark.parametrize(
    ("amount", "source", "sentence"),
    [
        ("0", "patient", "not zero"),
        ("1.005", "patient", "dollars and cents"),
        ("9999999", "patient", "dollars and cents"),
        ("-5", "patient", "above zero"),
        ("5", "bank", "Say who paid"),
    ],
)
def test_an_amount_that_makes_no_sense_is_refused(biller, ana, amount, source, sentence):
    with pytest.raises(Refused, match=sentence):
        pay(biller, ana, amount, source=source)
    assert Payment.objects.count() == 0


def test_a_charge_of_somebody_else_or_voided_takes_no_money(site, biller, ana):
    attend(ana)
    (row,) = charged(ana).charges
    with pytest.raises(Refused, match="somebody else"):
        pay(biller, make_patient(site, "Ben"), "5", charge=row)
    row = actions.void_charge(by=biller, at=NOW, charge=row, because="Wrong day")
    with pytest.raises(Refused, match="was voided"):
        pay(biller, ana, "5", charge=row)


def test_the_database_refuses_a_payment_of_nothing(biller, ana):
    pay(biller, ana, "30")
    with pytest.raises(IntegrityError, match="payment_not_zero"), transaction.atomic():
        Payment.objects.update(amount=0)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.UTILIZATION, Role.COUNSELOR])
def test_only_the_biller_posts_and_states(site, ana, role):
    by = actor(make_staff(site, role))
    with pytest.raises(Denied):
        pay(by, ana, "5")
    with pytest.raises(Denied):
        actions.make_statement(by=by, at=NOW, patient=ana)


def test_a_statement_begins_with_the_last_balance_and_lists_what_came_since(biller, ana):
    attend(ana, starts=YESTERDAY - timedelta(days=1))
    charged(ana)
    first = actions.make_statement(by=biller, at=NOW, patient=ana)
    assert (first.number, first.balance) == (f"{ana.site_id}-000001", 130)
    attend(ana)
    charged(ana)  # on the same day as the first statement
    pay(biller, ana, "100")
    second = actions.make_statement(by=biller, at=NOW, patient=ana)
    assert second.number == f"{ana.site_id}-000002"
    assert [(line["kind"], line["amount"], line["balance"]) for line in second.lines] == [
        ("opening", "130.00", "130.00"),
        ("charge", "50.00", "180.00"),
        ("patient", "100.00", "80.00"),
    ]
    assert second.balance == 80
    with pytest.raises(Refused, match="stated today already"):
        actions.make_statement(by=biller, at=NOW, patient=ana)


def test_a_voided_charge_is_taken_back_on_the_next_statement(biller, ana):
    attend(ana)
    (row,) = charged(ana).charges
    actions.make_statement(by=biller, at=NOW, patient=ana)
    actions.void_charge(by=biller, at=NOW + timedelta(days=1), charge=row, because="Wrong payer")
    told = actions.make_statement(by=biller, at=NOW + timedelta(days=1), patient=ana)
    assert (told.lines[0]["amount"], told.lines[1]["amount"], told.balance) == ("130.00", "-130.00", 0)


def test_a_statement_says_nothing_of_program_or_illness(biller, ana):
    attend(ana)
    charged(ana)
    told = actions.make_statement(by=biller, at=NOW, patient=ana)
    assert told.lines[1]["label"] == "Day of care of 17 Mar 2026, H0015; charge $250.00"


def test_nothing_to_state_is_refused(biller, ana):
    with pytest.raises(Refused, match="nothing to state"):
        actions.make_statement(by=biller, at=NOW, patient=ana)


def test_a_statement_is_never_changed(biller, ana):
    attend(ana)
    charged(ana)
    actions.make_statement(by=biller, at=NOW, patient=ana)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Statement.objects.update(balance=0)


def test_the_patient_reads_own_statements_and_a_stranger_none(biller, ana):
    attend(ana)
    charged(ana)
    row = actions.make_statement(by=biller, at=NOW, patient=ana)
    own = actor_of(make_login(ana), at=NOW)
    assert queries.statements_of(own, ana) == [row]
    stranger = actor(make_staff(make_site(), Role.BILLER))
    assert queries.statements_of(stranger, ana) == []
    with pytest.raises(Statement.DoesNotExist):
        queries.statement(stranger, row.number)


@pytest.mark.parametrize("people", [1, 30])
def test_balances_take_one_query_and_an_account_three(site, biller, django_assert_num_queries, people):
    for number in range(people):
        patient = make_patient(site, f"Ana{number}")
        pay(biller, patient, "5", key=f"k{number}")
    with django_assert_num_queries(1):
        assert len([p.full_name for p in queries.balances(biller)]) == people
    for number in range(people):
        pay(biller, patient, "5", key=f"more{number}")
    with django_assert_num_queries(3):
        assert len([p.by.name for p in queries.account_of(biller, patient).payments]) == people + 1
