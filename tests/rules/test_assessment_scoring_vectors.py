"""Scores worked out by hand, instrument by instrument, and read as they come from outside."""

from typing import Any

import pytest

from stepwell.clinic.assessment.rules import (
    AnswerRefused,
    Score,
    find_instrument,
    read_answers,
    score,
)


def scored(name: str, document: object, group: str | None = None) -> Score:
    instrument = find_instrument(name)
    return score(instrument, read_answers(instrument, document), group=group)


def band(found: Score) -> str | None:
    return found.band.label if found.band else None


def letters(text: str) -> list[bool | None]:
    return [{"Y": True, "N": False, "-": None}[letter] for letter in text]


@pytest.mark.parametrize(
    ("name", "answers", "total", "label"),
    [
        ("PHQ-2", [1, 1], 2, "negative"),
        ("PHQ-2", [2, 1], 3, "positive"),
        ("COWS", [0] * 11, 0, "none"),
        ("COWS", [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], 4, "none"),
        ("COWS", [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], 5, "mild"),
        ("COWS", [2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 0], 12, "mild"),
        ("COWS", [2, 2, 1, 2, 1, 1, 1, 1, 1, 1, 0], 13, "moderate"),
        ("COWS", [4, 4, 5, 5, 4, 2, 0, 0, 0, 0, 0], 24, "moderate"),
        ("COWS", [4, 4, 5, 5, 4, 2, 1, 0, 0, 0, 0], 25, "moderately severe"),
        ("COWS", [4, 4, 5, 5, 4, 4, 5, 4, 1, 0, 0], 36, "moderately severe"),
        ("COWS", [4, 4, 5, 5, 4, 4, 5, 4, 2, 0, 0], 37, "severe"),
        ("COWS", [4, 4, 5, 5, 4, 4, 5, 4, 4, 4, 5], 48, "severe"),
        ("CIWA-Ar", [7, 2, 0, 0, 0, 0, 0, 0, 0, 0], 9, "mild"),
        ("CIWA-Ar", [7, 3, 0, 0, 0, 0, 0, 0, 0, 0], 10, "moderate"),
        ("CIWA-Ar", [7, 7, 0, 0, 0, 0, 0, 0, 0, 4], 18, "moderate"),
        ("CIWA-Ar", [7, 7, 1, 0, 0, 0, 0, 0, 0, 4], 19, "severe"),
        ("CIWA-Ar", [7] * 9 + [4], 67, "severe"),
        ("WHO-5", [2, 2, 3, 3, 2], 48, "poor wellbeing"),
        ("WHO-5", [3, 3, 3, 2, 2], 52, "ok"),
        ("WHO-5", [1, 1, 2, 2, 1], 28, "likely depression"),
        ("WHO-5", [2, 1, 2, 2, 1], 32, "poor wellbeing"),
        ("WHO-5", [5] * 5, 100, "ok"),
        ("BARC-10", [5] * 10, 50, "at cut-off or above"),
        ("BARC-10", [5] * 7 + [4] * 3, 47, "at cut-off or above"),
        ("BARC-10", [5] * 6 + [4] * 4, 46, "below the cut-off"),
        ("WSAS", [2] * 5, 10, "significant"),
        ("WSAS", [2, 2, 2, 2, 1], 9, "subclinical"),
        ("WSAS", [4] * 5, 20, "significant"),
        ("WSAS", [5, 4, 4, 4, 4], 21, "moderately severe or worse"),
        ("ACE", letters("NNNNNNNNNN"), 0, "none"),
        ("ACE", letters("YYYNNNNNNN"), 3, "some"),
        ("ACE", letters("YYYYNNNNNN"), 4, "high"),
        ("CES-D", [0] * 20, 12, "below the cut-off"),
        ("CES-D", [0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0], 0, "below the cut-off"),
        ("CES-D", [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 15, "below the cut-off"),
        ("CES-D", [3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16, "at cut-off or above"),
        ("FTND", [3, 1, 1, 3, 1, 1], 10, "very high"),
        ("Fagerström", [1, 0, 1, 1, 1, 0], 4, "low"),
        ("fagerstrom", [2, True, 1, 1, "no", "yes"], 6, "high"),
        ("craving", [7], 7, "strong"),
        ("craving", [0], 0, "none"),
        ("PCL-5", [2] * 20, 40, "above the cut-off"),
        ("DAST-10", letters("NNYNNNNNNN"), 0, "none"),
        ("DAST-10", [False] * 10, 1, "low"),
        ("DAST-10", letters("YYYYNNNNNN"), 3, "moderate"),
        ("DAST-10", letters("YYNYYYNNNN"), 6, "substantial"),
        ("DAST-10", letters("YYNYYYYYYN"), 9, "severe"),
    ],
)
def test_a_list_of_answers_comes_to(name: str, answers: list[Any], total: int, label: str) -> None:
    found = scored(name, answers)
    assert (found.total, band(found), found.missing) == (total, label, ())


@pytest.mark.parametrize(
    ("name", "answers", "sentence"),
    [
        ("COWS", [3] + [0] * 10, "Question 1 of COWS cannot be answered 3; it offers 0, 1, 2, 4."),
        ("CIWA", [0] * 9 + [5], "Question 10 of CIWA-Ar cannot be answered 5; it offers 0, 1, 2, 3, 4."),
        ("AUDIT", [0] * 8 + [1, 0], "Question 9 of AUDIT cannot be answered 1; it offers 0, 2, 4."),
    ],
)
def test_a_value_outside_the_list_of_its_own_item_is_refused(
    name: str, answers: list[int], sentence: str
) -> None:
    with pytest.raises(AnswerRefused) as no:
        scored(name, answers)
    assert no.value.sentence == sentence


@pytest.mark.parametrize(
    ("answers", "group", "label"),
    [
        ([1, 1, 1], "men", "negative"),
        ([1, 1, 1], "women", "positive"),
        ([1, 1, 1], None, "positive for a woman, negative for a man"),
        ([2, 1, 0], "men", "negative"),
        ([2, 1, 0], "women", "positive"),
        ([4, 0, 0], "men", "positive"),
        ([4, 0, 0], None, "positive"),
        ([1, 1, 0], "women", "negative"),
        ([1, 1, 0], None, "negative"),
        ([4, 4, 4], "men", "positive"),
    ],
)
def test_audit_c_is_read_by_sex(answers: list[int], group: str | None, label: str) -> None:
    assert band(scored("AUDIT-C", answers, group)) == label


def test_points_from_the_first_item_alone_are_told_beside_a_positive_audit_c() -> None:
    found = scored("auditc", [4, 0, 0], "men")
    assert [flag.code for flag in found.flags] == ["positive-men", "first-item-only"]


def test_a_cut_off_of_the_other_sex_is_not_told_where_the_sex_is_known() -> None:
    both = [1, 1, 1] + [0] * 7
    assert [f.group for f in scored("AUDIT", both, "women").flags] == ["women"]
    assert [f.group for f in scored("AUDIT", both, "men").flags] == []


# AUDIT's skips -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "total", "missing"),
    [
        ([0, *[None] * 7, 2, 0], 2, ()),
        ([0, *[None] * 7, None, 0], None, ("9",)),
        ([1, 0, 0, *[None] * 5, 0, 0], 1, ()),
        ([1, 1, 0, *[None] * 5, 0, 0], None, ("4", "5", "6", "7", "8")),
        ([0, None, 0, *[0] * 7], None, ("2",)),
        ([0, 0, 0, 0, None, 0, 0, 0, 0, 0], None, ("5",)),
        ([None, *[0] * 9], None, ("1",)),
        ([0, 0, 0, 4, 0, 0, 0, 0, 0, 0], 4, ()),
    ],
)
def test_audit_believes_a_skip_only_of_a_whole_block(
    answers: list[int | None], total: int | None, missing: tuple[str, ...]
) -> None:
    found = scored("AUDIT", answers)
    assert (found.total, found.missing) == (total, missing)


# C-SSRS --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "level", "label", "alerts"),
    [
        ("NNNNNNN", 0, "none", []),
        ("NN---N-", 0, "none", []),
        ("YN---N-", 1, "low", ["1"]),
        ("YN---N", 1, "low", ["1"]),
        ("NYNNNN-", 1, "low", ["2"]),
        ("YYYNNN-", 2, "moderate", ["1", "2", "3"]),
        ("NN---YN", 2, "moderate", ["6"]),
        ("NYNYNN-", 3, "high", ["2", "4"]),
        ("NYNNYN-", 3, "high", ["2", "5"]),
        ("NN---YY", 3, "high", ["6", "6a"]),
    ],
)
def test_the_c_ssrs_screener_triages(answers: str, level: int, label: str, alerts: list[str]) -> None:
    found = scored("C-SSRS", letters(answers))
    assert (found.total, band(found), [a.item for a in found.alerts]) == (level, label, alerts)


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ("YY--NN-", ("3", "4")),
        ("NN---Y-", ("6a",)),
        ("NN---Y", ("6a",)),
        ("NN-----", ("6", "6a")),
        ("YN-Y-N-", ("3", "5")),
    ],
)
def test_an_unfinished_c_ssrs_has_no_level_but_all_its_alerts(answers: str, missing: tuple[str, ...]) -> None:
    found = scored("cssrs", letters(answers))
    assert (found.total, found.band, found.missing) == (None, None, missing)
    assert len(found.alerts) == answers.count("Y")


# BAM, PCL-5, SOCRATES, URICA -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "use", "risk", "protective", "flags"),
    [
        ([1, 2, 1, 0, 0, 0, 0, 2, 4, 3, 1, 3, 4, 4, 0, 4, 4], 0, 7, 22, []),
        ([4, 4, 3, 2, 1, 1, None, 3, 1, 0, 2, 0, 0, 0, 3, 1, 1], 4, 19, 2, ["use", "risk", "protective"]),
        ([4, 4, 3, 2, 1, 1, 3, 1, 0, 2, 0, 0, 0, 3, 1, 1], 4, 19, 2, ["use", "risk", "protective"]),
    ],
)
def test_bam_is_read_with_its_seventh_question_and_without(
    answers: list[int | None], use: int, risk: int, protective: int, flags: list[str]
) -> None:
    found = scored("BAM", answers)
    assert [(s.code, s.points) for s in found.subscales] == [
        ("use", use),
        ("risk", risk),
        ("protective", protective),
    ]
    assert (found.total, [f.code for f in found.flags]) == (None, flags)


@pytest.mark.parametrize(
    ("answers", "total", "met"),
    [
        ({1: 2, 6: 2, 8: 2, 9: 2, 15: 2, 16: 2}, 12, True),
        (dict.fromkeys(range(1, 8), 4) | dict.fromkeys(range(8, 21), 1), 41, False),
        (dict.fromkeys(range(1, 21), 2), 40, True),
        ({1: 1, 6: 2, 8: 2, 9: 2, 15: 2, 16: 2}, 11, False),
        ({1: 2, 8: 2, 9: 2, 15: 2, 16: 2}, 10, False),
        ({1: 2, 6: 2, 8: 4, 15: 2, 16: 2}, 12, False),
        ({1: 2, 6: 2, 8: 2, 9: 2, 15: 4}, 12, False),
    ],
)
def test_the_cluster_rule_of_the_pcl5_stands_beside_its_total(
    answers: dict[int, int], total: int, met: bool
) -> None:
    found = scored("pcl5", {str(n): answers.get(n, 0) for n in range(1, 21)})
    assert (found.total, "cluster-rule" in [f.code for f in found.flags]) == (total, met)


def test_the_clusters_of_the_pcl5_are_its_subscales() -> None:
    found = scored("PCL-5", [2] * 20)
    assert {s.code: s.points for s in found.subscales} == {"B": 10, "C": 4, "D": 14, "E": 12}


@pytest.mark.parametrize(
    ("total", "label"),
    [
        (30, "below the cut-off"),
        (31, "at the cut-off (31 to 33)"),
        (33, "at the cut-off (31 to 33)"),
        (34, "above the cut-off"),
    ],
)
def test_the_pcl5_has_a_range_of_cut_offs(total: int, label: str) -> None:
    whole, rest = divmod(total, 4)
    answers = [4] * whole + [rest] + [0] * (19 - whole)
    assert band(scored("PCL-5", answers)) == label


def test_socrates_has_three_sums_and_no_total() -> None:
    found = scored("SOCRATES", [3] * 19)
    assert {s.code: s.points for s in found.subscales} == {
        "recognition": 21,
        "ambivalence": 12,
        "taking-steps": 24,
    }
    assert (found.total, found.band, found.complete) == (None, None, True)


def urica(precontemplation: int, contemplation: int, action: int, maintenance: int) -> Score:
    """Answers whose seven items of each scale sum to so much."""
    instrument = find_instrument("URICA")
    wanted = dict(
        zip(
            ("precontemplation", "contemplation", "action", "maintenance"),
            (precontemplation, contemplation, action, maintenance),
            strict=True,
        )
    )
    answers: dict[str, int | None] = dict.fromkeys(("4", "9", "20", "31"), 5)
    for part in instrument.subscales:
        each, more = divmod(wanted[part.code], 7)
        answers |= {link: each + (place < more) for place, link in enumerate(part.items)}
    return score(instrument, answers)


@pytest.mark.parametrize(
    ("sums", "means", "readiness", "label"),
    [
        # (25 + 28 + 27 - 14) / 7
        ((14, 25, 28, 27), (2.0, 3.57, 4.0, 3.86), 9.43, "contemplation"),
        ((7, 21, 21, 21), (1.0, 3.0, 3.0, 3.0), 8.0, "precontemplation"),
        ((7, 21, 21, 22), (1.0, 3.0, 3.0, 3.14), 8.14, "contemplation"),
        ((7, 28, 28, 28), (1.0, 4.0, 4.0, 4.0), 11.0, "contemplation"),
        ((7, 28, 28, 29), (1.0, 4.0, 4.0, 4.14), 11.14, "preparation or action"),
        ((7, 35, 35, 35), (1.0, 5.0, 5.0, 5.0), 14.0, "preparation or action"),
        ((35, 7, 7, 7), (5.0, 1.0, 1.0, 1.0), -2.0, "precontemplation"),
    ],
)
def test_readiness_is_three_means_less_one(
    sums: tuple[int, int, int, int], means: tuple[float, ...], readiness: float, label: str
) -> None:
    found = urica(*sums)
    assert tuple(s.points for s in found.subscales) == means
    assert (found.total, band(found)) == (readiness, label)


def test_the_four_statements_that_urica_leaves_out_count_nowhere() -> None:
    instrument = find_instrument("URICA")
    answers = dict.fromkeys([i.link_id for i in instrument.items], 3)
    other = answers | dict.fromkeys(("4", "9", "20", "31"), 1)
    assert score(instrument, other) == score(instrument, answers)
    assert score(instrument, answers).total == 6.0


# ASSIST and TAPS, by substance ---------------------------------------------------------------------------


def assist(**answers: int) -> Score:
    instrument = find_instrument("ASSIST")
    never = {f"1{letter}": 0 for letter in "abcdefghij"}
    return score(instrument, never | {link.removeprefix("q"): value for link, value in answers.items()})


def test_assist_alcohol_of_eleven_is_moderate() -> None:
    found = assist(q1b=3, q2b=4, q3b=4, q4b=0, q5b=0, q6b=3, q7b=0)
    part = next(s for s in found.subscales if s.code == "alcohol")
    assert (part.points, part.band and part.band.label, band(found)) == (11, "moderate", "moderate")
    assert {s.points for s in found.subscales if s.code != "alcohol"} == {0}


@pytest.mark.parametrize(
    ("answers", "code", "points", "label"),
    [
        ({"q1i": 3, "q2i": 6, "q3i": 6, "q4i": 7, "q5i": 8, "q6i": 6, "q7i": 6}, "opioids", 39, "high"),
        ({"q1c": 3, "q2c": 3, "q3c": 0, "q4c": 0, "q5c": 0, "q6c": 0, "q7c": 0}, "cannabis", 3, "low"),
        ({"q1c": 3, "q2c": 4, "q3c": 0, "q4c": 0, "q5c": 0, "q6c": 0, "q7c": 0}, "cannabis", 4, "moderate"),
        ({"q1a": 3, "q2a": 6, "q3a": 6, "q4a": 7, "q6a": 6, "q7a": 6}, "tobacco", 31, "high"),
        ({"q1b": 3, "q2b": 4, "q3b": 3, "q4b": 0, "q5b": 0, "q6b": 3, "q7b": 0}, "alcohol", 10, "low"),
        ({"q1d": 3, "q2d": 0, "q6d": 3, "q7d": 0}, "cocaine", 3, "low"),
    ],
)
def test_assist_is_scored_by_substance(answers: dict[str, int], code: str, points: int, label: str) -> None:
    found = assist(**answers)
    part = next(s for s in found.subscales if s.code == code)
    assert (found.complete, part.points, part.band and part.band.label) == (True, points, label)


def test_an_open_question_about_one_substance_leaves_the_others_scored() -> None:
    found = assist(q1b=3, q2b=4, q3b=4, q4b=0, q5b=0, q6b=3)
    assert (found.missing, found.band) == (("7b",), None)
    assert (found.of("alcohol"), found.of("cannabis")) == (None, 0)


def test_injecting_in_the_last_three_months_is_told() -> None:
    assert [f.code for f in assist(q8=2).flags] == ["injecting"]
    assert [f.code for f in assist(q8=1).flags] == []


def test_taps_asks_on_only_for_what_was_used() -> None:
    nobody = scored("TAPS", [0, 0, 0, 0])
    assert (nobody.complete, band(nobody), nobody.flags) == (True, "none", ())
    assert {s.points for s in nobody.subscales} == {0}
    drinker = scored("TAPS", [0, 2, 0, 0])
    assert (drinker.complete, drinker.missing) == (False, ("2", "2a", "2b", "2c"))
    assert [f.code for f in drinker.flags] == ["taps-1-alcohol"]


@pytest.mark.parametrize(
    ("block", "points", "label"),
    [
        ({"2": 0}, 0, "none"),
        ({"2": 1, "2a": 0, "2b": 0, "2c": 0}, 1, "problem use"),
        ({"2": 1, "2a": 1, "2b": 0, "2c": 0}, 2, "higher risk"),
        ({"2": 1, "2a": 1, "2b": 1, "2c": 1}, 4, "higher risk"),
    ],
)
def test_taps_counts_the_yeses_about_a_substance(block: dict[str, int], points: int, label: str) -> None:
    found = scored("TAPS", {"t1": 0, "t2": 3, "t3": 0, "t4": 0, **block})
    assert (found.complete, found.of("alcohol"), band(found)) == (True, points, label)


# what is missing -----------------------------------------------------------------------------------------


def test_only_work_may_be_left_out_of_the_wsas() -> None:
    assert scored("WSAS", [None, 4, 4, 4, 4]).estimate == 20
    assert scored("WSAS", [4, None, 4, 4, 4]).estimate is None


def test_four_of_the_ces_d_may_be_missing_and_five_may_not() -> None:
    assert scored("CES-D", [None] * 4 + [1] * 16).estimate == 24  # (13 + 3 * 2) * 20 / 16 = 23.75
    assert scored("CES-D", [None] * 5 + [1] * 15).estimate is None


def test_strong_craving_alerts() -> None:
    assert [a.item for a in scored("craving", [7]).alerts] == ["1"]
    assert scored("craving", [6]).alerts == ()
