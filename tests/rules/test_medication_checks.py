"""What must be known before a medicine: missing, unsafe, met, and what may be passed over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.medication.rules import (
    CheckState,
    Circumstances,
    Fact,
    Phase,
    check_start,
    drugs,
    fact_kind,
    fact_kinds,
    facts_asked_for,
    find_products,
    may_pass_over,
    may_record_fact,
    override_reasons,
    product,
    products,
    unmet,
)
from stepwell.clinic.medication.rules.drugs import data
from stepwell.clinic.refusal import Refused

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


def known(**changed: Any) -> Circumstances:
    return Circumstances(NOW, **changed)


def fact(code: str, value: str = "", hours: float = 1, number: str | None = None) -> Fact:
    return Fact(code, NOW - timedelta(hours=hours), value, None if number is None else Decimal(number))


def found(drug: str, code: str, circumstances: Circumstances) -> tuple[CheckState, bool]:
    one = next(f for f in check_start(drug, circumstances) if f.code == code)
    return one.state, one.overridable


OK, MISSING, UNSAFE = CheckState.OK, CheckState.MISSING, CheckState.UNSAFE


@pytest.mark.parametrize(
    ("score", "hours", "state"),
    [(None, 0, MISSING), (7, 1, UNSAFE), (8, 1, OK), (8, 4, OK), (13, 4.1, MISSING), (0, 0, UNSAFE)],
)
def test_buprenorphine_begins_in_withdrawal_rated_within_hours(score, hours, state):
    scores = {} if score is None else {"cows": (score, NOW - timedelta(hours=hours))}
    assert found("buprenorphine", "cows", known(scores=scores)) == (
        state,
        True,
    )


@pytest.mark.parametrize(
    ("drug", "code", "kind", "hours", "state"),
    [
        ("buprenorphine", "opioid_window", "short", 11.9, UNSAFE),
        ("buprenorphine", "opioid_window", "short", 12, OK),
        ("buprenorphine", "opioid_window", "extended", 23, UNSAFE),
        ("buprenorphine", "opioid_window", "fentanyl", 24, OK),
        ("buprenorphine", "opioid_window", "methadone", 71, UNSAFE),
        ("buprenorphine", "opioid_window", "methadone", 72, OK),
        ("buprenorphine", "opioid_window", "buprenorphine", 1, OK),
        ("naltrexone", "naltrexone_window", "short", 7 * 24 - 1, UNSAFE),
        ("naltrexone", "naltrexone_window", "short", 7 * 24, OK),
        ("naltrexone-xr", "naltrexone_window", "methadone", 10 * 24 - 1, UNSAFE),
        ("naltrexone-xr", "naltrexone_window", "buprenorphine", 10 * 24, OK),
        ("naltrexone", "naltrexone_window", "none", 0, OK),
    ],
)
def test_the_window_without_opioids_goes_by_their_kind(drug, code, kind, hours, state):
    assert found(drug, code, known(facts=(fact("last_opioid", kind, hours),)))[0] is state


def test_naltrexone_within_the_window_cannot_be_passed_over_but_a_challenge_passed_since_opens_it():
    used = fact("last_opioid", "short", 48)
    assert found("naltrexone", "naltrexone_window", known(facts=(used,))) == (UNSAFE, False)
    passed = fact("opioid_free_proof", "challenge_passed", 2)
    assert found("naltrexone", "naltrexone_window", known(facts=(used, passed)))[0] is OK
    before = fact("opioid_free_proof", "challenge_passed", 72)
    assert found("naltrexone", "naltrexone_window", known(facts=(used, before)))[0] is UNSAFE
    assert found("naltrexone", "naltrexone_window", known()) == (MISSING, True)


@pytest.mark.parametrize(
    ("drug", "code", "facts", "state", "overridable"),
    [
        ("naltrexone", "liver", (), MISSING, True),
        ("naltrexone", "liver", (fact("liver", number="2.9"),), OK, True),
        ("naltrexone", "liver", (fact("liver", number="3"),), UNSAFE, True),
        ("naltrexone", "liver", (fact("liver", number="5.01"),), UNSAFE, False),
        ("naltrexone", "liver", (fact("liver", number="1", hours=24 * 181),), MISSING, True),
        ("acamprosate", "kidneys", (fact("creatinine_clearance", number="50"),), OK, True),
        ("acamprosate", "kidneys", (fact("creatinine_clearance", number="40"),), UNSAFE, True),
        ("acamprosate", "kidneys", (fact("creatinine_clearance", number="30"),), UNSAFE, False),
        ("buprenorphine", "pregnancy", (), MISSING, True),
        ("buprenorphine", "pregnancy", (fact("pregnancy", "pregnant"),), UNSAFE, True),
        ("buprenorphine", "pregnancy", (fact("pregnancy", "not_pregnant", 24 * 31),), MISSING, True),
        ("buprenorphine", "pregnancy", (fact("pregnancy", "not_possible", 24 * 3000),), OK, True),
        ("disulfiram", "alcohol_window", (fact("last_alcohol", "drink", 11),), UNSAFE, False),
        ("disulfiram", "alcohol_window", (fact("last_alcohol", "drink", 12),), OK, False),
        ("buprenorphine-xr-monthly", "settled", (), MISSING, True),
        (
            "naltrexone-xr",
            "naltrexone_proof",
            (fact("opioid_free_proof", "challenge_failed"),),
            UNSAFE,
            False,
        ),
        ("methadone", "otp", (), UNSAFE, False),
    ],
)
def test_what_each_check_finds(drug, code, facts, state, overridable):
    assert found(drug, code, known(facts=facts)) == (state, overridable)


@pytest.mark.parametrize(
    ("days", "begun", "state"), [(7, False, OK), (8, False, MISSING), (89, True, OK), (91, True, MISSING)]
)
def test_the_monitoring_program_is_asked_at_the_start_and_then_every_three_months(days, begun, state):
    asked = known(facts=(fact("pdmp", "expected", days * 24),), begun_before=begun)
    assert found("buprenorphine", "pdmp", asked)[0] is state


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Clonazepam 0.5 mg", {"pdmp"}),
        ("oxycodone/acetaminophen", {"pdmp"}),
        ("sertraline", set()),
        ("Codeinette", set()),
    ],
)
def test_the_monitoring_program_is_asked_before_controlled_medicines_outside_of_the_drug_list(name, asked):
    assert {one.code for one in check_start(name, known())} == asked
    assert set(facts_asked_for(name)) == asked


def test_methadone_and_monthly_buprenorphine_where_they_may_be():
    assert found("methadone", "otp", known(site_is_otp=True))[0] is OK
    settled = known(taken=frozenset({"buprenorphine"}))
    assert found("buprenorphine-xr-monthly", "settled", settled)[0] is OK


def test_the_newest_fact_holds():
    facts = (fact("pregnancy", "pregnant", 5), fact("pregnancy", "not_pregnant", 1))
    assert found("buprenorphine", "pregnancy", known(facts=facts))[0] is OK


@pytest.mark.parametrize("row", data("checks")["checks"], ids=lambda row: row["code"])
def test_every_check_has_a_source_and_names_only_drugs_of_the_pack(row):
    assert row["mark"]
    assert set(row["drugs"]) <= {d.key for d in drugs()}


@pytest.mark.parametrize("drug", [d.key for d in drugs()])
def test_with_nothing_known_every_check_says_in_a_sentence_what_to_do(drug):
    for one in check_start(drug, known()):
        assert one.state is not OK
        assert one.sentence[0].isupper()
        assert one.sentence.endswith(".")
        assert "{" not in one.sentence


@given(
    st.sampled_from([d.key for d in drugs()]),
    st.lists(
        st.builds(
            Fact,
            st.sampled_from([k.code for k in fact_kinds()]),
            st.integers(0, 9000).map(lambda hours: NOW - timedelta(hours=hours)),
            st.sampled_from([v for k in fact_kinds() for v, _ in k.choices]),
            st.none() | st.decimals(0, 300, places=2),
        ),
        max_size=8,
    ),
)
def test_any_facts_get_an_answer_to_every_check(drug, facts):
    found = check_start(drug, known(facts=tuple(facts)))
    assert [f.code for f in found] == [r["code"] for r in data("checks")["checks"] if drug in r["drugs"]]


def test_a_check_is_passed_over_only_where_it_may_be_and_with_a_reason():
    cows = next(f for f in check_start("buprenorphine", known()) if f.code == "cows")
    may_pass_over(cows, "low_dose", "")
    for reason in ("", "because"):
        with pytest.raises(Refused, match="Choose why it is passed over"):
            may_pass_over(cows, reason, "")
    otp = next(f for f in check_start("methadone", known()) if f.code == "otp")
    with pytest.raises(Refused, match="cannot be passed over"):
        may_pass_over(otp, override_reasons()[0][0], "")


def test_unmet_is_what_is_not_met_in_a_phase():
    found = check_start("buprenorphine", known())
    assert {f.code for f in unmet(found, Phase.START)} == {"cows", "opioid_window"}
    assert {f.code for f in unmet(found)} == {f.code for f in found}


@pytest.mark.parametrize(
    ("kind", "value", "number", "right"),
    [
        ("pdmp", "expected", None, True),
        ("pdmp", "odd", None, False),
        ("pdmp", "", Decimal(1), False),
        ("liver", "", Decimal("1.2"), True),
        ("liver", "", Decimal("0"), False),
        ("liver", "", Decimal("NaN"), False),
        ("liver", "", None, False),
    ],
)
def test_a_fact_is_one_that_its_kind_offers(kind, value, number, right):
    if right:
        may_record_fact(fact_kind(kind), value, number)
    else:
        with pytest.raises(Refused):
            may_record_fact(fact_kind(kind), value, number)


def test_an_unknown_kind_of_fact_is_refused():
    with pytest.raises(Refused, match="no such safety fact"):
        fact_kind("horoscope")


def test_the_facts_a_drug_asks_for():
    assert facts_asked_for("disulfiram") == ("last_alcohol", "liver", "pregnancy")
    assert facts_asked_for("naloxone") == ()


# products ------------------------------------------------------------------------------------------------


def test_a_product_is_found_by_words_strength_and_code():
    assert [p.rxnorm for p in find_products("film 8")] == ["1010604"]
    assert [p.rxnorm for p in find_products("637213")] == ["637213"]
    assert find_products("  ") == ()
    assert find_products("aspirin") == ()
    assert product("1010600").label == "buprenorphine 2 mg / naloxone 0.5 mg SL film"
    assert product("352364") is None  # labelled in ways that disagree: not carried


def test_every_product_belongs_to_a_drug_and_no_code_stands_twice():
    assert {p.drug for p in products()} <= {d.key for d in drugs()}
    assert len({p.rxnorm for p in products()}) == len(products()) == 24
