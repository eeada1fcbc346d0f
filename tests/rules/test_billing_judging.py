"""The level of care of the day, the service and the payer's rules decide the code; a gap is said, never charged."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.billing.rules import (
    AuthorizationCover,
    Service,
    ServiceDay,
    Unit,
    at_level,
    judge_day,
    load_filing_limits,
    load_payer_rules,
    rule_on,
)
from stepwell.clinic.billing.rules.judging import KIND_WORDS
from stepwell.clinic.coverage.rules import Money

ON = date(2026, 5, 4)
NAMES = {"1": "1 Outpatient", "2.1": "2.1 Intensive outpatient", "2.5": "2.5 Partial hospitalization"}
PAYER = [
    "H0015-per-diem", "H2036-per-diem", "H0004-15-minutes", "H0005-per-session", "H0038-15-minutes",
    "medical-not-billed-here",
]  # fmt: skip
SELF_PAY = list(load_filing_limits().self_pay_rules)


def one(kind: str, minutes: int, number: int = 1) -> Service:
    return Service(
        session_id=number, kind=kind, minutes=minutes, note_id=10 + number, signed=True,
        credential="CPS" if kind == "peer" else "LPC", credential_valid=True,
    )  # fmt: skip


def judged(level, services, keys, payer="Blue Lake Health", charged=frozenset()):
    rules = [rule_on(key, ON) for key in keys]
    day = ServiceDay(patient_id=7, on=ON, services=tuple(services), rate=Money.of(10), charged_codes=charged)

    def terms(rule, codes):
        cover = AuthorizationCover(
            id=1,
            number="A-1",
            starts_on=ON,
            ends_on=ON,
            unit="day",
            left=Decimal(9),
            codes=frozenset({rule.code}),
        )
        return replace(day, authorization=cover, charged_codes=codes)

    return judge_day(day, rules, level=level, level_words=NAMES.get(level, level), payer=payer, terms=terms)


@pytest.mark.parametrize(
    ("level", "services", "keys", "charges", "reasons"),
    [
        ("2.1", [one("group", 120), one("individual", 60, 2)], PAYER, [("H0015", 1)], ()),
        ("2.1", [one("group", 179)], PAYER, [], ("179 minutes attended; H0015 needs 180, 1 are missing.",)),
        ("2.5", [one("group", 240)], PAYER, [("H2036", 1)], ()),
        ("2.5", [one("group", 239)], PAYER, [], ("239 minutes attended; H2036 needs 240, 1 are missing.",)),
        ("1", [one("individual", 53)], PAYER, [("H0004", 4)], ()),
        ("1", [one("group", 300)], PAYER, [("H0005", 1)], ()),
        ("1", [one("group", 45)], PAYER, [], ("No session reached the 60 minutes that H0005 needs.",)),
        ("1", [one("individual", 30), one("group", 60, 2)], PAYER, [("H0005", 1), ("H0004", 2)], ()),
        ("1", [one("peer", 30)], PAYER, [("H0038", 2)], ()),
        ("1", [one("medical", 20)], PAYER, [],
         ("Medical visits are not paid by Blue Lake Health at 1 Outpatient.",)),
        ("1", [one("family", 50)], PAYER, [],
         ("No rule for family sessions at 1 Outpatient by Blue Lake Health on Mon 4 May; set one under Payers' rules.",)),
        ("1", [one("individual", 30), one("family", 50, 2)], PAYER, [("H0004", 2)],
         ("No rule for family sessions at 1 Outpatient by Blue Lake Health on Mon 4 May; set one under Payers' rules.",)),
        ("1", [one("family", 50)], [*PAYER, "other-visits-not-paid"], [],
         ("Family sessions are not paid by Blue Lake Health at 1 Outpatient.",)),
        ("2.5", [one("group", 300)], ["H0015-per-diem"], [],
         ("No rule for a day at 2.5 Partial hospitalization by Blue Lake Health on Mon 4 May; "
          "set one under Payers' rules.",)),
        ("2.1", [one("individual", 60)], [*PAYER, "H0004-short-day"], [("H0004", 4)], ()),
        ("", [one("group", 180)], PAYER, [],
         ("No level of care was in force on Mon 4 May; place the person first.",)),
    ],
)  # fmt: skip
def test_level_service_and_payer_decide(level, services, keys, charges, reasons):
    answer = judged(level, services, keys)
    assert ([(c.code, c.units) for c in answer.charges], answer.reasons) == (charges, reasons)


@pytest.mark.parametrize(
    ("level", "services", "charges"),
    [
        ("2.1", [one("group", 180)], [("H0015", 1)]),
        ("2.5", [one("group", 240)], [("H2036", 1)]),
        ("2.1", [one("individual", 50)], [("H0004", 3)]),
        ("1", [one("individual", 50)], [("H0004", 3)]),
        ("1", [one("group", 90), one("family", 50, 2)], [("H0005", 1), ("T1006", 1)]),
        ("1", [one("medical", 15)], [("T1015", 1)]),
    ],
)
def test_who_pays_alone_is_charged_by_the_visit_where_there_is_no_whole_day(level, services, charges):
    answer = judged(level, services, SELF_PAY, payer="")
    assert (sorted((c.code, c.units) for c in answer.charges), answer.reasons) == (charges, ())


@pytest.mark.parametrize("level", ["1", "2.1", "2.5"])
def test_every_kind_of_session_has_a_self_pay_rule_at_every_level_offered(level):
    rules = at_level([rule_on(key, ON) for key in SELF_PAY], level)
    covered = {kind for rule in rules if rule.unit is not Unit.PER_DIEM for kind in rule.sessions}
    assert covered == set(KIND_WORDS)


def test_a_day_charged_as_a_whole_holds_a_session_signed_later():
    assert (
        judged(
            "2.1", [one("individual", 50)], [*PAYER, "H0004-short-day"], charged=frozenset({"H0015"})
        ).reasons
        == ()
    )


def test_a_whole_day_that_waits_for_a_signature_is_not_split():
    services = [one("group", 180), replace(one("individual", 50, 2), signed=False)]
    answer = judged("2.1", services, [*PAYER, "H0004-short-day"])
    assert (answer.charges, answer.reasons, answer.waiting) == ((), ("1 note is not signed.",), (1, 2))


@given(
    st.sampled_from(["1", "2.1", "2.5"]),
    st.lists(st.sampled_from(load_payer_rules()), max_size=8, unique=True),
    st.lists(st.tuples(st.sampled_from(sorted(KIND_WORDS)), st.integers(1, 300)), min_size=1, max_size=5),
)
def test_no_session_is_charged_twice_and_none_by_another_levels_rule(level, rules, attended):
    day = ServiceDay(
        patient_id=7, on=ON, rate=Money.of(10),
        services=tuple(one(kind, minutes, number) for number, (kind, minutes) in enumerate(attended)),
    )  # fmt: skip
    answer = judge_day(day, rules, level=level, level_words=NAMES[level], payer="P")
    sessions = [number for charge in answer.charges for number in charge.session_ids]
    assert len(sessions) == len(set(sessions))
    assert {c.rule_key for c in answer.charges} <= {rule.key for rule in rules if level in rule.levels}
    assert answer.charges or answer.reasons
