"""What an answer says for this program: each value with its segments, what contradicts or is missing unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.x12_samples import BORN, RICH, answer

from stepwell.clinic.coverage.eligibility import rules
from stepwell.edi.x12 import Line, read_file

ON = date(2026, 3, 18)


def told(*lines: Line, network: bool | None = True, on: date = ON) -> rules.Summary:
    one = read_file(answer(*lines).encode()).answers[0]
    return rules.summarize(one, network=network, on=on, reading=rules.load_reading())


def values(summary: rules.Summary) -> dict[str, object]:
    return {v.key: v.value for v in summary.values}


def unknown(summary: rules.Summary) -> dict[str, str]:
    return {u.key: u.because for u in summary.unknown}


def test_a_full_answer_in_network():
    assert values(told(*RICH)) == {
        "plan_name": "GOLD 80",
        "plan_begins": date(2026, 1, 1),
        "plan_ends": date(2026, 12, 31),
        "covered": True,
        "authorization_required": True,
        "deductible": Decimal(1500),
        "deductible_met": Decimal(900),
        "family_deductible": Decimal(3000),
        "family_deductible_met": Decimal(1250),
        "out_of_pocket_max": Decimal(6000),
        "out_of_pocket_met": Decimal(1350),
        "coinsurance": Decimal("0.2"),
        "day_limit": 52,
    }


def test_each_value_names_its_segments():
    found = {v.key: [s.text for s in v.sources] for v in told(*RICH).values}
    assert found["deductible_met"] == [
        "EB*C*IND*30***23*1500*****Y",
        "EB*C*IND*30***29*600*****Y",
    ]
    assert found["day_limit"] == ["EB*F*IND*CJ***29***VS*52**Y"]


def test_out_of_network_takes_the_other_amounts():
    found = values(told(*RICH, network=False))
    assert (found["deductible"], found["coinsurance"]) == (Decimal(4000), Decimal("0.4"))


def test_while_the_network_is_not_known_amounts_that_differ_stay_unknown():
    found = told(*RICH, network=None)
    assert "deductible" not in values(found)
    assert (
        unknown(found)["deductible"]
        == "Told in several ways: $1,500.00 in network, $4,000.00 out of network."
    )
    assert "Say so when asking" in unknown(found)["in_network"]


@pytest.mark.parametrize(
    ("lines", "covered", "because"),
    [
        ([("EB", "1", "", "30"), ("EB", "1", "", "AI")], True, None),
        ([("EB", "1", "", "30"), ("EB", "I", "", "AI")], False, None),
        ([("EB", "6", "", "30")], False, None),
        ([("EB", "1", "", "30")], None, "The plan is active; whether it covers this service was not told."),
        ([("EB", "1", "", "30"), ("EB", "6", "", "30")], None, "The answer calls the plan both active and inactive."),
        ([("EB", "1", "", "AI"), ("EB", "I", "", "AI")], None, "The answer says both yes and no for this service."),
        ([("EB", "D", "", "30")], None, "Whether the plan covers this service was not told."),
        ([("DTP", "347", "D8", "20260228"), ("EB", "1", "", "AI")], None, "The plan ends before the day that was asked about. Ask whether it goes on."),
    ],
)  # fmt: skip
def test_whether_it_is_covered(lines, covered, because):
    found = told(*lines)
    assert (found.get("covered"), unknown(found).get("covered")) == (covered, because)


def test_the_nearest_service_type_decides():
    found = told(
        ("EB", "1", "", "30^MH"),
        ("EB", "B", "IND", "98", "", "", "27", "40"),
        ("EB", "B", "IND", "MH", "", "", "27", "25"),
        ("EB", "B", "IND", "AI", "", "", "27", "15"),
    )
    assert found.get("copay_per_day") == Decimal(15)


@pytest.mark.parametrize(
    ("lines", "whole", "met"),
    [
        ([("23", "1500"), ("24", "900"), ("29", "600")], Decimal(1500), Decimal(900)),
        ([("23", "1500"), ("29", "0")], Decimal(1500), Decimal(1500)),
        ([("24", "900"), ("29", "600")], Decimal(1500), Decimal(900)),
        ([("23", "0")], Decimal(0), Decimal(0)),
        ([("23", "1500")], Decimal(1500), None),
        ([("29", "600")], None, None),
        ([("29", "0")], None, None),
        ([("23", "1500"), ("24", "900"), ("29", "700")], Decimal(1500), None),
        ([("23", "1500"), ("24", "1900")], None, None),
        ([("23", "1500"), ("29", "1900")], None, None),
        ([("23", "1500"), ("23", "2000")], None, None),
        ([], None, None),
    ],
)
def test_deductible_and_what_of_it_is_met(lines, whole, met):
    found = told(*[("EB", "C", "IND", "30", "", "", period, amount) for period, amount in lines])
    assert (found.get("deductible"), found.get("deductible_met")) == (whole, met)


def test_copay_and_coinsurance_at_once_are_a_question_for_a_person():
    found = told(
        ("EB", "B", "IND", "CJ", "", "", "27", "25"), ("EB", "A", "IND", "CJ", "", "", "27", "", "0.1")
    )
    assert (found.get("copay_per_day"), found.get("coinsurance")) == (None, None)
    assert (
        unknown(found)["copay_per_day"]
        == "Both a copay and coinsurance were told. Ask which one applies to a day."
    )


@pytest.mark.parametrize(
    ("nearer", "other"),
    [
        ([("B", "25", ""), ("B", "50", "")], ("A", "", "0.1")),
        ([("A", "", "0.1"), ("A", "", "0.3")], ("B", "25", "")),
    ],
)
@pytest.mark.parametrize("farther", ["CJ", "98"])
def test_while_what_is_nearest_is_open_the_other_is_not_taken_instead(nearer, other, farther):
    found = told(
        *[("EB", kind, "IND", "CJ", "", "", "27", amount, share) for kind, amount, share in nearer],
        ("EB", other[0], "IND", farther, "", "", "27", other[1], other[2]),
    )
    assert (found.get("copay_per_day"), found.get("coinsurance")) == (None, None)
    said = unknown(found)
    assert any(said[key].startswith("Told in several ways") for key in ("copay_per_day", "coinsurance"))


def test_a_farther_service_told_in_several_ways_leaves_the_nearest_as_it_is():
    found = told(
        ("EB", "A", "IND", "CJ", "", "", "27", "", "0.1"),
        ("EB", "B", "IND", "98", "", "", "27", "25"),
        ("EB", "B", "IND", "98", "", "", "27", "50"),
    )
    assert (found.get("copay_per_day"), found.get("coinsurance")) == (None, Decimal("0.1"))


def test_a_copay_for_an_admission_is_none_for_a_day():
    found = told(("EB", "B", "IND", "AI", "", "", "36", "250"))
    assert unknown(found)["copay_per_day"] == "Told for something else than a day. Ask what a day costs."


def test_a_statement_for_other_places_is_not_ours():
    found = told(("EB", "B", "IND", "AI", "", "", "27", "250"), ("III", "ZZ", "21"))
    assert found.get("copay_per_day") is None


def test_who_else_answers_for_this_service_is_named():
    found = told(
        ("EB", "1", "", "30"),
        ("EB", "U", "", "MH^AI"),
        ("LS", "2120"),
        ("NM1", "PR", "2", "SAMPLE BEHAVIORAL", "", "", "", "", "PI", "BH-9"),
        ("PER", "IC", "", "TE", "4045550188"),
        ("LE", "2120"),
    )
    assert found.get("carve_out") == "SAMPLE BEHAVIORAL, number BH-9, phone 4045550188"
    assert "Ask there" in unknown(found)["covered"]


@pytest.mark.parametrize(
    ("signs", "required"), [(["Y"], True), (["N"], False), (["U"], None), (["Y", "N"], None), ([], None)]
)
def test_authorization(signs, required):
    found = told(*[("EB", "D", "", "AI", "", "", "", "", "", "", "", sign) for sign in signs])
    assert found.get("authorization_required") == required


def test_a_limit_without_what_is_left_is_unknown():
    found = told(("EB", "F", "IND", "AI", "", "", "23", "", "", "DY", "60"))
    assert unknown(found)["day_limit"] == "A limit was told, not how much of it is left."


KINDS = st.sampled_from(["1", "6", "A", "B", "C", "F", "G", "I", "U", "X", ""])
EBS = st.tuples(
    KINDS, st.sampled_from(["IND", "FAM", ""]), st.sampled_from(["30", "AI", "CJ", "MH^AI", "98", ""]),
    st.sampled_from(["23", "24", "29", "27", "7", ""]), st.sampled_from(["", "0", "10", "1500", "99999999"]),
    st.sampled_from(["", "0", "0.2", "1"]), st.sampled_from(["", "5", "5.5", "70000"]),
    st.sampled_from(["Y", "N", "U", ""]), st.sampled_from(["Y", "N", "W", "U", ""]),
)  # fmt: skip


@given(st.lists(EBS, max_size=12), st.sampled_from([True, False, None]))
def test_no_answer_leads_to_benefits_that_the_database_would_refuse(lines, network):
    made = [
        ("EB", kind, level, types, "", "", period, amount, share, "VS", count, auth, side)
        for kind, level, types, period, amount, share, count, auth, side in lines
    ]
    found = told(*made, network=network)
    keys = [v.key for v in found.values]
    assert len(keys) == len(set(keys))
    assert not set(keys) & {u.key for u in found.unknown}
    for whole, met in (("deductible", "deductible_met"), ("out_of_pocket_max", "out_of_pocket_met")):
        for side in ("", "family_"):
            a, b = found.get(side + whole), found.get(side + met)
            assert a is None or b is None or 0 <= b <= a  # type: ignore[operator] # amounts both
    copay, part = found.get("copay_per_day"), found.get("coinsurance")
    assert not (copay and part)
    assert all(v.sources for v in found.values)


def asked(key: int, trace: str, born: date | None = BORN) -> rules.Asked:
    return rules.Asked(key=key, trace=trace, birth_date=born, given_name="Ana", family_name="Reyes")


@pytest.mark.parametrize(
    ("questions", "found", "key"),
    [
        ([asked(1, "SW000000001")], rules.Match.ONE, 1),
        ([asked(1, "SW000000002")], rules.Match.NONE, None),
        ([], rules.Match.NONE, None),
        ([asked(1, "SW000000001"), asked(2, "SW000000001")], rules.Match.SEVERAL, None),
        ([asked(1, "SW000000001", date(1990, 5, 5))], rules.Match.SOMEBODY_ELSE, None),
        ([asked(1, "SW000000001", None)], rules.Match.ONE, 1),
    ],
)
def test_an_answer_finds_its_question_by_the_trace_number(questions, found, key):
    one = read_file(answer(("EB", "1", "", "30")).encode()).answers[0]
    matched = rules.match(one, questions)
    assert (matched.match, matched.key) == (found, key)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (("Ana", "Reyes"), rules.Match.ONE),
        (
            ("ANA", "REYES-HALL"),
            rules.Match.ONE,
        ),  # married since: the first name and the trace number are hers
        (("Åna", "Réyes"), rules.Match.ONE),
        (("", ""), rules.Match.ONE),
        (("Lou", "Park"), rules.Match.SOMEBODY_ELSE),
    ],
)
def test_an_answer_without_a_birth_date_and_under_another_name_is_looked_at(name, found):
    text = answer(("EB", "1", "", "30"), subscriber=(*name, "M-1", None))
    one = read_file(text.encode()).answers[0]
    assert rules.match(one, [asked(1, "SW000000001")]).match == found
    with_birth_date = answer(("EB", "1", "", "30"), subscriber=(*name, "M-1", BORN))
    one = read_file(with_birth_date.encode()).answers[0]
    assert rules.match(one, [asked(1, "SW000000001")]).match == rules.Match.ONE


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zoë Åström", True),
        ("Øø", True),
        ("Łł", True),
        ("Işık", True),
        ("李", False),
        ("Иван", False),
        ("’-", False),
    ],
)
def test_what_payers_can_read_of_a_name(text, written):
    assert rules.can_be_written(text) is written


@pytest.mark.parametrize(
    ("verified", "rule", "due"),
    [
        (None, (30, True), date(2026, 2, 10)),
        (date(2026, 3, 1), (30, False), date(2026, 3, 31)),
        (date(2026, 3, 20), (30, True), date(2026, 4, 1)),
        (date(2026, 1, 31), (30, True), date(2026, 2, 1)),
        (date(2025, 12, 5), (None, True), date(2026, 1, 1)),
        (date(2026, 3, 1), (None, False), None),
    ],
)
def test_when_benefits_are_due_again(verified, rule, due):
    found = rules.next_verification(
        verified, date(2026, 2, 10), rules.Reverify(every_days=rule[0], at_month_start=rule[1])
    )
    assert (found.on if found else None) == due


def test_a_question_is_tried_again_four_times():
    waits = [rules.try_again_after(n, rules.load_asking().tries_after) for n in range(6)]
    assert [None if w is None else w.total_seconds() / 60 for w in waits] == [None, 1, 5, 15, 60, None]


def test_every_refusal_says_what_it_is_and_what_to_do():
    for code, then in [("72", "C"), ("75", "N"), ("42", "R"), ("ZZ", "?")]:
        said = rules.rejection_words(
            rules.Rejection(level="subscriber", code=code, then=then, source=rules.Source(1, ""))
        )
        assert all((said.about, said.what, said.do))
    assert (
        "ZZ"
        in rules.rejection_words(
            rules.Rejection(level="x", code="ZZ", then="", source=rules.Source(1, ""))
        ).what
    )
