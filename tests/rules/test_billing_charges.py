"""A signed day becomes a charge, or says everything that keeps it from being one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.billing.rules import (
    AuthorizationCover,
    Charge,
    Entry,
    EntryKind,
    NotBillable,
    Service,
    ServiceDay,
    StatementLine,
    charge_for,
    excluded_same_day,
    load_payer_rules,
    rule_on,
    statement,
    units_for_minutes,
)
from stepwell.clinic.coverage.rules import ZERO, Money

ON = date(2026, 5, 4)
PER_DIEM = rule_on("H0015-per-diem", ON)
GROUP = Service(
    session_id=1, kind="group", minutes=120, note_id=11, signed=True, credential="LPC", credential_valid=True
)
SKILLS = replace(GROUP, session_id=2, minutes=60, note_id=12)
COVER = AuthorizationCover(
    id=5,
    number="AU-77",
    starts_on=date(2026, 5, 1),
    ends_on=date(2026, 5, 31),
    unit="day",
    left=Decimal(3),
    codes=frozenset({"H0015"}),
)
DAY = ServiceDay(patient_id="K7", on=ON, services=(GROUP, SKILLS), rate=Money.of(250), authorization=COVER)


def test_a_full_signed_and_authorized_day_is_one_unit():
    assert charge_for(DAY, PER_DIEM) == Charge(
        patient_id="K7",
        on=ON,
        code="H0015",
        units=1,
        minutes=180,
        amount=Money.of(250),
        session_ids=(1, 2),
        note_ids=(11, 12),
        rule_key="H0015-per-diem",
        rule_edition="2024",
        authorization_id=5,
        authorization_number="AU-77",
        revenue_code="0906",
        modifiers=("HF",),
        reasons=(
            "180 minutes attended under signed notes: 1 unit of H0015, $250.00.",
            "Covered by authorization AU-77.",
        ),
    )


@pytest.mark.parametrize(
    ("change", "reasons", "mendable"),
    [
        (
            {"services": (GROUP, replace(SKILLS, minutes=40))},
            ("160 minutes attended; H0015 needs 180, 20 are missing.",),
            False,
        ),
        ({"services": ()}, ("No session that H0015 pays for was attended.",), False),
        (
            {"services": (replace(GROUP, minutes=0),)},
            ("No session that H0015 pays for was attended.",),
            False,
        ),
        ({"services": (GROUP, replace(SKILLS, signed=False))}, ("1 note is not signed.",), True),
        (
            {"services": (GROUP, replace(SKILLS, cosignature_pending=True))},
            ("1 note is not co-signed.",),
            True,
        ),
        (
            {"services": (GROUP, replace(SKILLS, credential_valid=False))},
            ("The facilitator's LPC was not valid on this day.",),
            True,
        ),
        ({"rate": None}, ("There is no fee for H0015 on this day; enter one in the fee schedule.",), True),
        ({"authorization": None}, ("No authorization for H0015 covers this day; ask the payer.",), True),
        (
            {"authorization": replace(COVER, ends_on=date(2026, 5, 3))},
            ("Authorization AU-77 does not cover this day; ask the payer to extend it.",),
            True,
        ),
        (
            {"authorization": replace(COVER, codes=frozenset({"S9480"}))},
            ("Authorization AU-77 is not for H0015; ask the payer.",),
            True,
        ),
        (
            {"authorization": replace(COVER, left=Decimal(0))},
            ("Authorization AU-77 has nothing left for this day; ask the payer for more.",),
            True,
        ),
        (
            {"authorization": replace(COVER, unit="hour", left=Decimal("2.99"))},
            ("Authorization AU-77 has nothing left for this day; ask the payer for more.",),
            True,
        ),
        ({"charged_codes": frozenset({"H0015"})}, ("H0015 is already charged for this day.",), False),
        (
            {"charged_codes": frozenset({"H0005"})},
            ("H0005 is charged for this day; H0015 may not be added to it.",),
            False,
        ),
        (
            {"services": (replace(GROUP, minutes=10, signed=False),), "rate": None},
            (
                "10 minutes attended; H0015 needs 180, 170 are missing.",
                "1 note is not signed.",
                "There is no fee for H0015 on this day; enter one in the fee schedule.",
            ),
            False,
        ),
    ],
)
def test_a_day_that_cannot_be_billed_gives_every_reason(change, reasons, mendable):
    assert charge_for(replace(DAY, **change), PER_DIEM) == NotBillable(
        patient_id="K7", on=ON, code="H0015", reasons=reasons, mendable=mendable
    )


def test_a_payer_that_wants_a_group_every_day_says_so():
    alone = replace(DAY, services=(replace(GROUP, kind="individual", minutes=180),))
    assert charge_for(alone, rule_on("H0015-group-every-day", ON)).reasons == (
        "No group was attended; H0015 wants one on every day.",
    )


def test_a_payer_takes_a_code_only_from_its_credentials():
    by_peer = replace(DAY, services=(replace(GROUP, credential="CPS"),), authorization=None)
    assert charge_for(by_peer, rule_on("H0005-per-session", ON)).reasons == (
        "The payer does not take H0005 from a facilitator CPS.",
    )


def test_a_group_is_paid_once_a_day_where_the_rule_says_so():
    charged = charge_for(
        replace(DAY, services=(GROUP, SKILLS), authorization=None), rule_on("H0005-per-session", ON)
    )
    assert (charged.units, charged.amount, charged.authorization_number) == (1, Money.of(250), "")


def test_individual_counseling_is_counted_in_units_of_fifteen_minutes():
    talks = tuple(replace(GROUP, session_id=n, kind="individual", minutes=m) for n, m in ((1, 23), (2, 20)))
    charged = charge_for(
        replace(DAY, services=talks, rate=Money.of("20.50"), authorization=None),
        rule_on("H0004-15-minutes", ON),
    )
    assert (charged.units, charged.minutes, charged.amount) == (3, 43, Money.of("61.50"))


@pytest.mark.parametrize(
    ("minutes", "units"), [(0, 0), (7, 0), (8, 1), (22, 1), (23, 2), (37, 2), (38, 3), (60, 4)]
)
def test_the_eight_minute_rule(minutes, units):
    assert units_for_minutes(minutes) == units


def test_exclusions_hold_from_either_side():
    assert excluded_same_day("H0005", ["H0015", "H0038"], load_payer_rules()) == {"H0015"}
    assert excluded_same_day("H0015", ["H0005", "H0038"], load_payer_rules()) == {"H0005"}


def test_every_rule_names_its_source_and_an_unknown_one_is_said():
    assert all(rule.source for rule in load_payer_rules())
    with pytest.raises(LookupError, match="No payer rule “H0015-per-diem” is on file for 1 Jan 2020"):
        rule_on("H0015-per-diem", date(2020, 1, 1))


@given(
    st.lists(
        st.builds(
            Service,
            session_id=st.integers(),
            kind=st.sampled_from(["group", "individual", "medical"]),
            minutes=st.integers(0, 240),
            note_id=st.integers(),
            signed=st.booleans(),
            cosignature_pending=st.booleans(),
            credential=st.sampled_from(["LPC", "CPS", ""]),
            credential_valid=st.booleans(),
        ),
        max_size=5,
    ),
    st.sampled_from(load_payer_rules()),
)
def test_no_charge_ever_rests_on_an_unsigned_note(services, rule):
    answer = charge_for(replace(DAY, services=tuple(services)), rule)
    if isinstance(answer, Charge):
        billed = [
            s
            for s in services
            if s.session_id in answer.session_ids and s.minutes and s.kind in rule.sessions
        ]
        assert all(s.signed and not s.cosignature_pending and s.credential_valid for s in billed)
        assert answer.minutes >= rule.minimum_minutes
    else:
        assert answer.reasons


def test_a_statement_runs_from_the_opening_balance():
    made = statement(
        [
            Entry(on=date(2026, 4, 20), kind=EntryKind.CHARGE, amount=Money.of(40)),
            Entry(on=ON, kind=EntryKind.PATIENT, amount=Money.of(30), label="Card"),
            Entry(on=ON, kind=EntryKind.CHARGE, amount=Money.of(250), label="H0015"),
            Entry(on=date(2026, 5, 20), kind=EntryKind.PAYER, amount=Money.of(180), label="Acme Health"),
            Entry(on=date(2026, 5, 20), kind=EntryKind.ADJUSTMENT, amount=Money.of(20), label="Contract"),
            Entry(on=date(2026, 6, 1), kind=EntryKind.PATIENT, amount=Money.of(60)),
        ],
        date(2026, 5, 1),
        date(2026, 5, 31),
    )
    assert [(line.label, str(line.balance)) for line in made.lines] == [
        ("H0015", "$290.00"),
        ("Card", "$260.00"),
        ("Acme Health", "$80.00"),
        ("Contract", "$60.00"),
    ]
    assert made.lines[0] == StatementLine(
        on=ON, kind=EntryKind.CHARGE, label="H0015", amount=Money.of(250), balance=Money.of(290)
    )
    sums = (made.opening, made.charges, made.payer, made.adjustments, made.payments, made.balance)
    assert sums == tuple(Money.of(n) for n in (40, 250, 180, 20, 30, 60))
    assert made.sentence == "You owe $60.00."


def test_overpaying_is_a_credit():
    paid = [Entry(on=ON, kind=EntryKind.PATIENT, amount=Money.of(10))]
    assert statement(paid, ON, ON).sentence == "You have a credit of $10.00."
    assert statement([], ON, ON).sentence == "Nothing is owed."


@given(
    st.lists(
        st.builds(
            Entry,
            on=st.dates(date(2026, 4, 1), date(2026, 6, 30)),
            kind=st.sampled_from(EntryKind),
            amount=st.integers(-50000, 50000).map(lambda c: Money(Decimal(c).scaleb(-2))),
        )
    )
)
def test_the_balance_is_the_arithmetic_and_the_last_line(entries):
    made = statement(entries, date(2026, 5, 1), date(2026, 5, 31))
    assert made.balance == made.opening + made.charges - made.payer - made.adjustments - made.payments
    assert made.balance == (made.lines[-1].balance if made.lines else made.opening)
    assert statement([], date(2026, 5, 1), date(2026, 5, 31)).balance == ZERO
