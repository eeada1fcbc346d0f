"""The instruments as data, and the scores of the first five: every published cut-off, from both sides."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import (
    AnswerRefused,
    Change,
    Instrument,
    MissingRule,
    SafetyAlert,
    Score,
    Verdict,
    change,
    days_to_code,
    instruments,
    load_instrument,
    questionnaire,
    score,
)
from stepwell.clinic.refusal import Refused

PHQ9, GAD7, AUDIT, DAST, BAM = (load_instrument(s) for s in ("phq-9", "gad-7", "audit", "dast-10", "bam"))


def answered(instrument: Instrument, *values: int) -> dict[str, int | None]:
    required = [item.link_id for item in instrument.items if item.required]
    return dict(zip(required, values, strict=True))


def scored(instrument: Instrument, *values: int) -> Score:
    return score(instrument, answered(instrument, *values))


def yes_no(text: str) -> list[int]:
    return [1 if letter == "Y" else 0 for letter in text]


def test_the_instruments_are_on_hand() -> None:
    assert instruments() == (
        "ace",
        "assist",
        "audit",
        "audit-c",
        "bam",
        "barc-10",
        "c-ssrs",
        "ces-d",
        "ciwa-ar",
        "cows",
        "craving",
        "dast-10",
        "fagerstrom",
        "gad-7",
        "pcl-5",
        "phq-2",
        "phq-9",
        "socrates-8a",
        "socrates-8d",
        "taps",
        "urica",
        "who-5",
        "wsas",
    )


@pytest.mark.parametrize(
    ("instrument", "values", "total", "band"),
    [
        (PHQ9, [0] * 9, 0, "minimal"),
        (PHQ9, [1] * 4 + [0] * 5, 4, "minimal"),
        (PHQ9, [1] * 5 + [0] * 4, 5, "mild"),
        (PHQ9, [1] * 9, 9, "mild"),
        (PHQ9, [2] * 5 + [0] * 4, 10, "moderate"),
        (PHQ9, [2] * 7 + [0, 0], 14, "moderate"),
        (PHQ9, [2] * 7 + [1, 0], 15, "moderately-severe"),
        (PHQ9, [3] * 6 + [1, 0, 0], 19, "moderately-severe"),
        (PHQ9, [3] * 6 + [2, 0, 0], 20, "severe"),
        (PHQ9, [3] * 9, 27, "severe"),
        (PHQ9, [0] * 8 + [1], 1, "minimal"),
        (GAD7, [1, 1, 1, 1, 0, 0, 0], 4, "minimal"),
        (GAD7, [2, 1, 1, 1, 0, 0, 0], 5, "mild"),
        (GAD7, [2, 2, 2, 2, 1, 0, 0], 9, "mild"),
        (GAD7, [2, 2, 2, 2, 2, 0, 0], 10, "moderate"),
        (GAD7, [2] * 7, 14, "moderate"),
        (GAD7, [3] + [2] * 6, 15, "severe"),
        (GAD7, [3] * 7, 21, "severe"),
        (AUDIT, [1, 1, 1] + [0] * 7, 3, "zone-1"),
        (AUDIT, [4, 2, 1] + [0] * 7, 7, "zone-1"),
        (AUDIT, [4, 2, 1, 0, 0, 0, 0, 0, 2, 0], 9, "zone-2"),
        (AUDIT, [4, 4, 4, 3] + [0] * 6, 15, "zone-2"),
        (AUDIT, [4, 4, 4, 4] + [0] * 6, 16, "zone-3"),
        (AUDIT, [4, 4, 4, 4, 3] + [0] * 5, 19, "zone-3"),
        (AUDIT, [4, 4, 4, 4, 4] + [0] * 5, 20, "zone-4"),
        (AUDIT, [4] * 10, 40, "zone-4"),
        (DAST, yes_no("NNYNNNNNNN"), 0, "none"),
        (DAST, yes_no("NNNNNNNNNN"), 1, "low"),
        (DAST, yes_no("YYYYNNNNNN"), 3, "moderate"),
        (DAST, yes_no("YYNYYYNNNN"), 6, "substantial"),
        (DAST, yes_no("YYNYYYYYYN"), 9, "severe"),
    ],
)
def test_a_total_falls_in_its_published_band(
    instrument: Instrument, values: list[int], total: int, band: str
) -> None:
    result = scored(instrument, *values)
    assert (result.complete, result.total, result.band and result.band.code) == (True, total, band)


@pytest.mark.parametrize("instrument", [PHQ9, GAD7, AUDIT, DAST])
def test_the_bands_cover_every_total_once(instrument: Instrument) -> None:
    items = [instrument.item(link) for link in instrument.total_items]
    highest = sum(max(option.value for option in item.options) for item in items)
    covered = [total for band in instrument.bands for total in range(band.low, band.high + 1)]
    assert covered == list(range(highest + 1))


@pytest.mark.parametrize(
    ("values", "alerting"), [([0] * 9, False), ([1] * 9, True), ([3] * 9, True), ([0] * 8 + [1], True)]
)
def test_item_nine_alerts_whatever_the_total(values: list[int], alerting: bool) -> None:
    assert bool(scored(PHQ9, *values).alerts) == alerting


def test_an_incomplete_phq9_has_no_total_but_still_its_alert() -> None:
    answers = answered(PHQ9, 0, 0, 0, 0, 0, 0, 0, 0, 1) | {"3": None}
    result = score(PHQ9, answers)
    assert (result.complete, result.total, result.band, result.estimate) == (False, None, None, 1)
    assert result.missing == ("3",)
    assert result.flags == ()
    assert [s.points for s in result.subscales] == [None]
    assert result.alerts == (SafetyAlert("suicidal-thoughts", "9", 1, PHQ9.alerts[0].text),)


def test_no_answers_at_all_are_all_missing_not_all_zero() -> None:
    result = score(GAD7, {})
    assert (result.total, result.missing) == (None, ("1", "2", "3", "4", "5", "6", "7"))


def test_the_difficulty_question_of_the_phq9_is_neither_scored_nor_required() -> None:
    without = scored(PHQ9, *[1] * 9)
    assert score(PHQ9, answered(PHQ9, *[1] * 9) | {"10": 3}) == without


@pytest.mark.parametrize(
    ("missing", "estimate"), [(["1"], 9), (["1", "2"], 9), (["1", "2", "3"], None), (list("123456789"), None)]
)
def test_prorating_gives_an_estimate_never_a_total(missing: list[str], estimate: int | None) -> None:
    lenient = replace(PHQ9, missing_rule=MissingRule.PRORATE, most_missing=2, only_missing=())
    result = score(lenient, answered(PHQ9, *[1] * 9) | dict.fromkeys(missing))
    assert (result.total, result.estimate) == (None, estimate)


@pytest.mark.parametrize(
    ("instrument", "link", "value"),
    [
        (AUDIT, "9", 1),
        (AUDIT, "9", 3),
        (PHQ9, "1", 4),
        (PHQ9, "1", -1),
        (DAST, "3", 2),
        (BAM, "14", 1),
        (PHQ9, "11", 0),
        (PHQ9, "1", True),
        (PHQ9, "1", 1.0),
        (PHQ9, "1", "1"),
    ],
)
def test_an_answer_that_is_not_offered_is_refused(instrument: Instrument, link: str, value: int) -> None:
    with pytest.raises(AnswerRefused, match=f"{instrument.title} "):
        score(instrument, {link: value})


def test_the_refusal_names_what_is_offered() -> None:
    with pytest.raises(
        AnswerRefused, match=r"^Question 9 of AUDIT cannot be answered 1; it offers 0, 2, 4\.$"
    ):
        score(AUDIT, {"9": 1})


def test_an_unknown_instrument_is_refused_with_the_list() -> None:
    with pytest.raises(Refused, match=r"no questionnaire called phq; choose one of ace, assist, audit"):
        load_instrument("phq")


@pytest.mark.parametrize(
    ("first_three", "points", "flags"),
    [
        ([1, 1, 1], 3, ["audit-c-positive-women"]),
        ([2, 1, 0], 3, ["audit-c-positive-women"]),
        ([4, 0, 0], 4, ["audit-c-positive-women", "audit-c-positive-men", "audit-c-first-item-only"]),
        ([0, 0, 0], 0, []),
    ],
)
def test_audit_c_is_read_by_sex_and_by_its_first_item(
    first_three: list[int], points: int, flags: list[str]
) -> None:
    result = scored(AUDIT, *first_three, *[0] * 7)
    assert (result.of("audit-c"), [flag.code for flag in result.flags]) == (points, flags)


def test_audit_c_is_scored_even_when_the_rest_of_audit_is_missing() -> None:
    result = score(AUDIT, {"1": 2, "2": 1, "3": 0})
    assert (result.total, result.of("audit-c"), result.of("harm")) == (None, 3, None)


@pytest.mark.parametrize(("first_two", "flags"), [([1, 1], []), ([2, 1], ["phq-2-positive"])])
def test_phq2_is_positive_from_three(first_two: list[int], flags: list[str]) -> None:
    assert [f.code for f in scored(PHQ9, *first_two, *[0] * 7).flags] == flags


# BAM -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "use_risk_protective", "flags"),
    [
        ([1, 2, 1, 0, 0, 0, 2, 4, 3, 1, 3, 4, 4, 0, 4, 4], (0, 7, 22), []),
        ([4, 4, 3, 2, 1, 1, 3, 1, 0, 2, 0, 0, 0, 3, 1, 1], (4, 19, 2), ["use", "risk", "protective"]),
        ([4, 4, 4, 0, 0, 0, 0, 4, 4, 0, 4, 0, 0, 0, 0, 0], (0, 12, 12), ["risk", "protective"]),
        ([4, 4, 3, 0, 0, 0, 0, 4, 4, 0, 4, 1, 0, 0, 0, 0], (0, 11, 13), []),
    ],
)
def test_bam_has_three_scores_their_flags_and_no_total(
    values: list[int], use_risk_protective: tuple[int, int, int], flags: list[str]
) -> None:
    result = scored(BAM, *values)
    assert (result.of("use"), result.of("risk"), result.of("protective")) == use_risk_protective
    assert [flag.code for flag in result.flags] == flags
    assert (result.complete, result.total, result.band) == (True, None, None)


def test_the_kinds_of_drug_and_the_last_question_of_bam_count_nowhere() -> None:
    base = answered(BAM, *[0] * 13, 0, 0, 0)
    more = base | {f"7{letter}": 4 for letter in "abcdefg"} | {"17": 4}
    assert score(BAM, more) == score(BAM, base)


def test_a_bam_with_one_gap_keeps_the_scores_that_are_whole() -> None:
    answers = answered(BAM, 1, 2, 1, 0, 0, 0, 2, 4, 3, 1, 3, 4, 4, 0, 4, 4) | {"16": None}
    result = score(BAM, answers)
    assert (result.of("use"), result.of("risk"), result.of("protective")) == (0, 7, None)
    assert (result.complete, result.missing, result.flags) == (False, ("16",), ())


@pytest.mark.parametrize(
    ("days", "code"), [(0, 0), (1, 1), (3, 1), (4, 2), (8, 2), (9, 3), (15, 3), (16, 4), (30, 4)]
)
def test_days_become_the_bam_code(days: int, code: int) -> None:
    assert days_to_code(BAM, days) == code


@pytest.mark.parametrize("days", [-1, 31])
def test_impossible_days_are_refused(days: int) -> None:
    with pytest.raises(AnswerRefused, match="give a number from 0 to 30"):
        days_to_code(BAM, days)


# change, licences, FHIR -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([2] * 5 + [0] * 4, [1] * 5 + [0] * 4, (-5, Verdict.BETTER)),
        ([2] * 5 + [0] * 4, [2, 1, 1, 1, 1, 0, 0, 0, 0], (-4, Verdict.SAME)),
        ([1] * 5 + [0] * 4, [2] * 5 + [0] * 4, (5, Verdict.WORSE)),
    ],
)
def test_five_points_of_phq9_are_a_meaningful_change(
    before: list[int], after: list[int], expected: tuple[int, Verdict]
) -> None:
    (one,) = change(scored(PHQ9, *before), scored(PHQ9, *after))
    assert (one.points, one.verdict) == expected


def test_more_protection_is_not_called_worse() -> None:
    low = scored(BAM, *[0] * 16)
    high = scored(BAM, 4, 4, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0)
    assert change(low, high) == (
        Change("use", 0, Verdict.SAME, "Use went from 0 to 0: no meaningful change."),
        Change("risk", 8, Verdict.WORSE, "Risk went from 0 to 8: worse."),
        Change("protective", 4, Verdict.UNJUDGED, "Protective went from 0 to 4: no agreed threshold."),
    )


def test_an_incomplete_score_is_not_compared() -> None:
    (one,) = change(score(PHQ9, {"1": 1}), scored(PHQ9, *[0] * 9))
    assert (one.points, one.verdict) == (None, Verdict.NOT_COMPARABLE)


def test_scores_by_different_rules_are_not_compared() -> None:
    now = scored(PHQ9, *[0] * 9)
    (one,) = change(replace(now, version="2019-01"), now)
    assert (one.points, one.verdict) == (None, Verdict.NOT_COMPARABLE)


def test_a_phq9_is_never_estimated_without_its_ninth_answer() -> None:
    assert score(PHQ9, answered(PHQ9, *[1] * 9) | {"8": None}).estimate == 9
    assert score(PHQ9, answered(PHQ9, *[1] * 9) | {"9": None}).estimate is None


def test_a_phq9_is_never_compared_with_a_gad7() -> None:
    with pytest.raises(Refused, match="score of gad-7 cannot be compared with one of PHQ-9"):
        change(scored(PHQ9, *[0] * 9), scored(GAD7, *[0] * 7))


def test_only_freely_licensed_wording_is_shipped() -> None:
    whole = {slug for slug in instruments() if load_instrument(slug).licence.text_shipped}
    assert whole == {
        "ace",
        "audit",
        "audit-c",
        "bam",
        "ces-d",
        "ciwa-ar",
        "cows",
        "craving",
        "gad-7",
        "pcl-5",
        "phq-2",
        "phq-9",
        "socrates-8a",
        "socrates-8d",
        "taps",
    }
    free = {"public-domain", "free", "attribution", "own"}
    for slug in instruments():
        assert load_instrument(slug).licence.text_shipped == (load_instrument(slug).licence.kind in free)
    for slug in instruments():
        licence = load_instrument(slug).licence
        assert licence.holder
        assert licence.terms
        assert licence.text_from.startswith("https://")


@pytest.mark.parametrize("slug", instruments())
def test_every_file_is_a_questionnaire_whose_scoring_names_only_its_own_items(slug: str) -> None:
    instrument, resource = load_instrument(slug), questionnaire(slug)
    links = {item.link_id for item in instrument.items}
    assert resource["resourceType"] == "Questionnaire"
    assert "scoring" not in resource
    assert len(links) == len(instrument.items)
    assert {link for s in instrument.subscales for link in s.items} | set(instrument.total_items) <= links
    assert {alert.item for alert in instrument.alerts} <= links
    assert {f.of for f in instrument.flags} <= {"total"} | {s.code for s in instrument.subscales}


def test_the_questionnaire_handed_out_is_a_copy() -> None:
    questionnaire("phq-9")["item"].clear()
    assert len(questionnaire("phq-9")["item"]) == 10


@given(st.data())
def test_a_total_exists_exactly_when_nothing_is_missing(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from([PHQ9, GAD7, AUDIT, DAST]))
    answers = {
        item.link_id: data.draw(st.none() | st.sampled_from([option.value for option in item.options]))
        for item in instrument.items
    }
    result = score(instrument, answers)
    gaps = tuple(i.link_id for i in instrument.items if i.required and answers[i.link_id] is None)
    assert set(result.missing) <= set(gaps)
    assert (
        bool(result.missing) == bool(gaps) or instrument is AUDIT
    )  # AUDIT has questions that may be skipped
    assert (result.total is None) == (result.band is None) == bool(result.missing)
