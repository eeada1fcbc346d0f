"""Titration, injections, doses at home, supplies, naloxone, withdrawal, and the lines of a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.medication.rules import (
    Dose,
    DoseDue,
    DoseOutcome,
    DueState,
    Escalation,
    Filled,
    Judgement,
    LineDecision,
    LineKind,
    NaloxoneOutcome,
    Order,
    Past,
    RunsOut,
    Severity,
    Step,
    ask_again_on,
    check_order,
    injection_sites,
    is_start,
    judge,
    look_again_on,
    may_decide,
    may_inject,
    may_offer,
    may_record_dose,
    may_take_home,
    most_take_home,
    next_dose_due,
    next_site,
    plausible,
    runs_out,
    scale,
    vitals,
)
from stepwell.clinic.refusal import Refused

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
STEPS = (Step(1, Decimal(4)), Step(2, Decimal(8)), Step(4, Decimal(16)))
BUP = Order("buprenorphine", Decimal(16), "mg", "sublingual", "daily", DAY, steps=STEPS)
PLAIN = replace(BUP, steps=())


def at(days: int) -> date:
    return DAY + timedelta(days=days)


@pytest.mark.parametrize(("day", "dose"), [(0, 4), (1, 8), (2, 8), (3, 16), (90, 16)])
def test_the_dose_of_a_day_goes_by_the_step_that_has_begun(day, dose):
    assert BUP.dose_on(at(day)) == dose


def test_the_dose_of_a_step_is_recorded_without_a_word_and_another_one_warns():
    assert may_record_dose(BUP, Dose(at(1), DoseOutcome.GIVEN, Decimal(8))) == ()
    assert may_record_dose(BUP, Dose(at(1), DoseOutcome.GIVEN, Decimal(4))) == (
        "4 mg is not the ordered 8 mg.",
    )


@pytest.mark.parametrize(
    "steps",
    [
        (Step(2, Decimal(4)),),
        (Step(1, Decimal(4)), Step(1, Decimal(8))),
        (Step(1, Decimal(0)),),
        (Step(0, Decimal(4)),),
    ],
)
def test_steps_that_cannot_be(steps):
    with pytest.raises(Refused):
        check_order(replace(BUP, steps=steps), site_is_otp=False)


# injections ----------------------------------------------------------------------------------------------


def test_an_injection_names_its_site_and_lot_and_nothing_else_does():
    may_inject("intramuscular", "left_gluteal", "L1")
    may_inject("oral", "", "")
    for route, site, lot in (
        ("intramuscular", "", "L1"), ("intramuscular", "left_gluteal", " "), ("intramuscular", "elbow", "L1"),
        ("oral", "left_gluteal", "L1"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            may_inject(route, site, lot)


def test_the_sites_take_turns():
    first = next_site("intramuscular", "")
    turns = [first]
    for _ in injection_sites("intramuscular"):
        turns.append(next_site("intramuscular", turns[-1]))
    assert turns[0] == turns[-1]
    assert len(set(turns)) == len(injection_sites("intramuscular"))
    assert next_site("oral", "") == ""


@pytest.mark.parametrize(
    ("given", "begins"), [([], True), ([DAY], False), ([at(-30)], False), ([at(-31)], True), ([at(1)], True)]
)
def test_a_treatment_begins_with_its_first_dose_and_again_after_a_gap(given, begins):
    assert is_start(given, DAY) is begins


# at home -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug", "day", "most"),
    [
        ("methadone", 1, 7),
        ("methadone", 14, 7),
        ("methadone", 15, 14),
        ("methadone", 31, 28),
        ("disulfiram", 1, 14),
    ],
)
def test_how_many_doses_go_home_by_the_day_of_treatment(drug, day, most):
    assert most_take_home(drug, day) == most


def test_doses_at_home_cover_days_and_the_next_is_due_after_them():
    last = may_take_home(PLAIN, doses=3, first_day=at(1), today=DAY, treatment_day=1)
    assert last == at(3)
    home = [(at(1), last)]
    assert next_dose_due(PLAIN, [], at(2), home) == DoseDue(DueState.DONE, at(4), 0)
    assert next_dose_due(PLAIN, [], at(4), home).state is DueState.DUE


@pytest.mark.parametrize(
    ("order", "doses", "first", "sentence"),
    [
        (PLAIN, 0, 1, "From 1 to 14"),
        (PLAIN, 15, 1, "From 1 to 14"),
        (PLAIN, 2, -1, "lies back"),
        (replace(PLAIN, ends_on=at(2)), 3, 1, "not in force on all"),
        (replace(PLAIN, frequency="weekly"), 1, 1, "one dose a day"),
    ],
)
def test_doses_that_do_not_go_home(order, doses, first, sentence):
    with pytest.raises(Refused, match=sentence):
        may_take_home(order, doses=doses, first_day=at(first), today=DAY, treatment_day=1)


# supply --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "fills", "last"),
    [
        (PLAIN, [Filled(DAY, Decimal(14), Decimal(8))], 6),
        (PLAIN, [Filled(DAY, Decimal(15), Decimal(8))], 6),  # half a dose is none
        (PLAIN, [Filled(at(-5), Decimal(14), Decimal(8))], 6),  # filled before its first day
        (BUP, [Filled(DAY, Decimal(6), Decimal(8))], 3),  # 4 + 8 + 8 + 16 of 48: 12 are not the fifth dose
        (replace(PLAIN, frequency="twice_a_day"), [Filled(DAY, Decimal(14), Decimal(8))], 2),
        (replace(PLAIN, ends_on=at(3)), [Filled(DAY, Decimal(14), Decimal(8))], 3),
        (PLAIN, [Filled(DAY, Decimal(14), Decimal(8)), Filled(at(5), Decimal(14), Decimal(8))], 13),
        (PLAIN, [Filled(DAY, Decimal(14), Decimal(8)), Filled(at(20), Decimal(14), Decimal(8))], 26),
        (PLAIN, [Filled(DAY, Decimal(1), Decimal(8))], -1),
    ],
)
def test_a_supply_runs_out_by_the_ordered_dose(order, fills, last):
    assert runs_out(order, fills) == RunsOut(at(last), at(last - 6), 0)


def test_without_a_supply_or_when_needed_nobody_can_tell():
    assert runs_out(PLAIN, []) is None
    assert runs_out(replace(PLAIN, frequency="as_needed"), [Filled(DAY, Decimal(9), Decimal(8))]) is None


@given(
    st.integers(1, 400),
    st.sampled_from(["daily", "twice_a_day", "three_a_week", "weekly"]),
    st.sampled_from(["2", "8", "16"]),
)
def test_more_pieces_never_run_out_sooner(pieces, frequency, strength):
    order = replace(PLAIN, frequency=frequency)
    fewer = runs_out(order, [Filled(DAY, Decimal(pieces), Decimal(strength))])
    more = runs_out(order, [Filled(DAY, Decimal(pieces + 1), Decimal(strength))])
    assert fewer is not None
    assert more is not None
    assert more.last_day >= fewer.last_day


# side effects, naloxone ----------------------------------------------------------------------------------


def test_the_worse_the_sooner_somebody_asks_again():
    days = [(look_again_on(s, DAY) - DAY).days for s in (Severity.SEVERE, Severity.MODERATE, Severity.MILD)]
    assert days == [1, 7, 14]


@pytest.mark.parametrize(
    ("outcome", "changed", "sentence"),
    [
        ("given", {"lot": ""}, "lot number"),
        ("given", {"kits": 0}, "1 to 10"),
        ("given", {"expires_on": DAY}, "out of date"),
        ("declined", {"because": ""}, "why it was declined"),
    ],
)
def test_naloxone_that_cannot_be_recorded(outcome, changed, sentence):
    facts = {"lot": "L1", "expires_on": at(400), "kits": 1, "because": "later", **changed}
    with pytest.raises(Refused, match=sentence):
        may_offer(NaloxoneOutcome(outcome), today=DAY, **facts)


@pytest.mark.parametrize(
    ("outcome", "expires", "again"), [("given", None, 365), ("given", 100, 100), ("has_one", None, 365), ("declined", None, 30)]
)  # fmt: skip
def test_when_naloxone_is_offered_again(outcome, expires, again):
    until = None if expires is None else at(expires)
    assert ask_again_on(NaloxoneOutcome(outcome), DAY, until) == at(again)


# withdrawal ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "total", "action", "hours"),
    [
        ("ciwa-ar", 0, "", 24), ("ciwa-ar", 7, "", 24), ("ciwa-ar", 8, "", 8), ("ciwa-ar", 9, "", 8),
        ("ciwa-ar", 10, "call", 2), ("ciwa-ar", 18, "call", 2), ("ciwa-ar", 19, "send_out", 2),
        ("ciwa-ar", 67, "send_out", 2), ("cows", 4, "", 24), ("cows", 5, "", 12), ("cows", 13, "", 4),
        ("cows", 24, "", 4), ("cows", 25, "call", 2), ("cows", 36, "call", 2), ("cows", 37, "send_out", 2),
    ],
)  # fmt: skip
def test_what_a_score_asks_for_and_when_to_look_again(instrument, total, action, hours):
    found = judge(instrument, total, {}, at=NOW)
    assert (found.action.value, found.next_at) == (action, NOW + timedelta(hours=hours))
    assert bool(found.sentences) == bool(action)


@pytest.mark.parametrize(
    ("sign", "value", "action"),
    [
        ("pulse", "110", ""), ("pulse", "111", "call"), ("pulse", "131", "send_out"), ("pulse", "49", "call"),
        ("systolic", "161", "call"), ("systolic", "89", "hold"), ("systolic", "201", "send_out"),
        ("diastolic", "101", "call"), ("temperature", "100.5", "call"), ("temperature", "103.1", "send_out"),
        ("respiration", "12", ""), ("respiration", "11", "hold"), ("respiration", "8", "send_out"),
        ("oxygen", "94", ""), ("oxygen", "93", "hold"), ("oxygen", "89", "send_out"),
    ],
)  # fmt: skip
def test_what_a_vital_sign_asks_for(sign, value, action):
    assert judge("cows", 0, {sign: Decimal(value)}, at=NOW).action.value == action


def test_the_gravest_counts_and_every_reason_is_told_the_gravest_first():
    found = judge("ciwa-ar", 11, {"oxygen": Decimal(88), "pulse": Decimal(112)}, at=NOW)
    assert found.action is Escalation.SEND_OUT
    assert [s.split()[0] for s in found.sentences] == ["Oxygen", "CIWA-Ar", "Pulse"]


def test_two_low_readings_a_day_apart_end_the_rhythm_by_rule():
    low = Past(3, NOW - timedelta(hours=24))
    assert judge("cows", 2, {}, at=NOW, earlier=[low]) == Judgement(Escalation.NONE, (), None)
    assert judge("cows", 2, {}, at=NOW, earlier=[Past(3, NOW - timedelta(hours=23))]).next_at is not None
    assert judge("cows", 2, {}, at=NOW, earlier=[Past(5, low.at)]).next_at is not None
    assert judge("cows", 2, {"oxygen": Decimal(93)}, at=NOW, earlier=[low]).next_at is not None


@pytest.mark.parametrize("sign", vitals(), ids=lambda v: v.code)
def test_a_vital_sign_that_cannot_be_is_refused(sign):
    assert plausible({sign.code: sign.low}) == {sign.code: sign.low}
    for wrong in (sign.low - 1, sign.high + 1, Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(Refused, match="cannot be"):
            plausible({sign.code: wrong})


def test_pressure_the_wrong_way_round_and_unknown_signs_are_refused():
    with pytest.raises(Refused, match="below the systolic"):
        plausible({"systolic": Decimal(80), "diastolic": Decimal(120)})
    with pytest.raises(Refused, match="no such vital sign"):
        plausible({"aura": Decimal(1)})
    assert plausible({"pulse": None}) == {}
    with pytest.raises(Refused, match="CIWA-Ar or COWS"):
        scale("phq-9")


@given(st.sampled_from(["cows", "ciwa-ar"]), st.integers(0, 66))
def test_a_higher_score_never_asks_for_less(instrument, total):
    lower, higher = (judge(instrument, t, {}, at=NOW) for t in (total, total + 1))
    assert higher.action.weight >= lower.action.weight
    assert higher.next_at <= lower.next_at


# the list ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "decision", "to", "because", "sentence"),
    [
        ("listed", "stop", "", "", "write why"),
        ("listed", "not_taking", "", " ", "write why"),
        ("listed", "change", "", "too strong", "how it is taken"),
        ("handed", "change", "5 mg", "", "write why"),
        ("ordered", "change", "5 mg", "x", "writes a new order"),
        ("allergy", "change", "x", "x", "whether it is an allergy"),
        ("allergy", "stop", "", "", "write why"),
    ],
)
def test_a_line_that_cannot_be_decided_so(kind, decision, to, because, sentence):
    with pytest.raises(Refused, match=sentence):
        may_decide(LineKind(kind), LineDecision(decision), name="Sertraline", to=to, because=because)


@pytest.mark.parametrize("kind", list(LineKind))
def test_a_line_that_goes_on_needs_no_reason(kind):
    may_decide(kind, LineDecision.CONTINUE, name="Sertraline", to="", because="")
