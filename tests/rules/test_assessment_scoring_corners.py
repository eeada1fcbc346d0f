"""Every corner of every instrument, made from its own data: what is declared is what is counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import (
    AnswerRefused,
    Band,
    Instrument,
    Item,
    MissingRule,
    Verdict,
    change,
    instruments,
    load_instrument,
    questionnaire,
    score,
)

EVERY = [load_instrument(slug) for slug in instruments()]
SUMMED = [i for i in EVERY if i.total_items and not i.weights and not i.levels]
CONFIDENCES = {"verified", "weak", "general", "own", "none"}


def named(instrument: Instrument) -> str:
    return instrument.slug


def values(item: Item) -> list[int]:
    return [option.value for option in item.options]


def lowest(instrument: Instrument) -> dict[str, int | None]:
    """Every question answered with what counts least."""
    return {i.link_id: max(values(i)) if i.reverse else min(values(i)) for i in instrument.items}


def highest(instrument: Instrument) -> dict[str, int | None]:
    return {i.link_id: min(values(i)) if i.reverse else max(values(i)) for i in instrument.items}


def reaching(instrument: Instrument, total: int) -> dict[str, int | None] | None:
    """Answers that come to this total, None where no answers do."""
    steps: list[dict[int, int]] = []  # points before the times, one dict for each item
    for link in instrument.total_items:
        item = instrument.item(link)
        steps.append({item.points(v): v for v in values(item)})
    wanted, odd = divmod(total, instrument.total_times)
    if odd:
        return None
    # ways[n]: the sums that the items from n on can make
    ways: list[set[int]] = [{0}]
    for step in reversed(steps):
        ways.append({points + rest for points in step for rest in ways[-1]})
    ways.reverse()
    if wanted not in ways[0]:
        return None
    answers = lowest(instrument)
    for place, (link, step) in enumerate(zip(instrument.total_items, steps, strict=True)):
        points = next(p for p in step if wanted - p in ways[place + 1])
        answers[link] = step[points]
        wanted -= points
    return answers


@pytest.mark.parametrize("instrument", SUMMED, ids=named)
def test_the_lowest_and_the_highest_answers_make_the_range(instrument: Instrument) -> None:
    low, high = score(instrument, lowest(instrument)), score(instrument, highest(instrument))
    assert (low.total, high.total) == instrument.total_range
    assert low.complete
    assert high.complete


@pytest.mark.parametrize("instrument", SUMMED, ids=named)
def test_each_single_answer_adds_its_own_points_and_no_others(instrument: Instrument) -> None:
    base = lowest(instrument)
    start = score(instrument, base).total
    assert start is not None
    for item in instrument.items:
        least = item.points(int(base[item.link_id] or 0))
        for value in values(item):
            worth = item.points(value) - least if item.link_id in instrument.total_items else 0
            found = score(instrument, base | {item.link_id: value})
            assert found.total == start + worth * instrument.total_times, (item.link_id, value)


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_each_single_answer_adds_to_its_own_subscales_and_no_others(instrument: Instrument) -> None:
    base = lowest(instrument)
    start = score(instrument, base)
    for item in instrument.items:
        least = item.points(int(base[item.link_id] or 0))
        for value in values(item):
            found = score(instrument, base | {item.link_id: value})
            for part in instrument.subscales:
                more = (item.points(value) - least) if item.link_id in part.items else 0
                expected = (start.of(part.code) or 0) + (more / len(part.items) if part.mean else more)
                assert found.of(part.code) == pytest.approx(expected, abs=0.006), (item.link_id, value)


@pytest.mark.parametrize("instrument", SUMMED, ids=named)
def test_bands_cover_every_total_once_and_hold_at_both_edges(instrument: Instrument) -> None:
    assert instrument.total_range is not None
    low, high = instrument.total_range
    for group in sorted({band.group for band in instrument.bands}, key=str):
        bands = [band for band in instrument.bands if band.group == group]
        covered = [total for band in bands for total in range(band.low, band.high + 1)]
        assert covered == list(range(low, high + 1))
        for band in bands:
            for edge in (band.low, band.high):
                total = nearest(instrument, band, edge)
                answers = reaching(instrument, total)
                assert answers is not None
                assert score(instrument, answers, group=group).band == band, (edge, total)


def nearest(instrument: Instrument, band: Band, edge: int) -> int:
    """The total in the band that is nearest to its edge and that answers can come to (WHO-5 goes by fours)."""
    inside = [t for t in range(band.low, band.high + 1) if reaching(instrument, t) is not None]
    return min(inside, key=lambda total: abs(total - edge))


@pytest.mark.parametrize("instrument", [i for i in EVERY if any(s.bands for s in i.subscales)], ids=named)
def test_bands_of_a_subscale_cover_all_that_its_items_can_sum_to(instrument: Instrument) -> None:
    for part in instrument.subscales:
        top = sum(max(values(instrument.item(link))) for link in part.items)
        covered = [points for band in part.bands for points in range(band.low, band.high + 1)]
        assert covered == list(range(top + 1)), part.code


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_a_value_between_above_or_below_those_offered_is_refused(instrument: Instrument) -> None:
    for item in instrument.items:
        offered = values(item)
        outside: list[Any] = [v for v in range(min(offered) - 1, max(offered) + 2) if v not in offered]
        for value in [*outside, 10**30, True, 1.0, float("nan"), "1", [1], {}]:
            with pytest.raises(AnswerRefused, match=f"Question {item.link_id} of "):
                score(instrument, lowest(instrument) | {item.link_id: value})


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_a_question_that_is_not_asked_is_refused_even_without_an_answer(instrument: Instrument) -> None:
    for value in (0, None):
        with pytest.raises(AnswerRefused, match="has no question 99"):
            score(instrument, {"99": value})


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_each_single_open_question_is_named_and_leaves_no_total(instrument: Instrument) -> None:
    for answers in (lowest(instrument), highest(instrument)):
        for item in instrument.items:
            if not item.required or not whole_block(instrument, item):
                continue
            found = score(instrument, answers | {item.link_id: None})
            assert (found.missing, found.complete) == ((item.link_id,), False)
            assert (found.total, found.band) == (None, None)
            assert (found.estimate is not None) == may_be_estimated(instrument, item), item.link_id


def whole_block(instrument: Instrument, item: Item) -> bool:
    """Whether other questions stand under the same condition, so that one alone cannot have been skipped."""
    return not item.asked_when or sum(i.asked_when == item.asked_when for i in instrument.items) > 1


def may_be_estimated(instrument: Instrument, item: Item) -> bool:
    return instrument.missing_rule is MissingRule.PRORATE and (
        not instrument.only_missing or item.link_id in instrument.only_missing
    )


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_under_flag_a_whole_subscale_is_scored_and_otherwise_none_is(instrument: Instrument) -> None:
    for gone in [item for item in instrument.items if item.required and whole_block(instrument, item)]:
        found = score(instrument, highest(instrument) | {gone.link_id: None})
        for part in instrument.subscales:
            whole = gone.link_id not in part.items
            scored = instrument.missing_rule is MissingRule.FLAG and whole
            assert (found.of(part.code) is not None) == scored, (gone.link_id, part.code)


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_no_answers_at_all_are_no_score(instrument: Instrument) -> None:
    found = score(instrument, {})
    assert (found.complete, found.total, found.band, found.estimate) == (False, None, None, None)
    assert found.missing == tuple(item.link_id for item in instrument.items if item.required)
    assert (found.flags, found.alerts) == ((), ())


@pytest.mark.parametrize("instrument", [i for i in EVERY if i.alerts], ids=named)
def test_each_alert_fires_by_its_own_answer_alone_whatever_else_is_answered(instrument: Instrument) -> None:
    for alert in instrument.alerts:
        for value in values(instrument.item(alert.item)):
            fires = value >= alert.at_least
            beside = score(instrument, lowest(instrument) | {alert.item: value})
            alone = score(instrument, {alert.item: value})
            expected = [(alert.code, alert.item, value)] if fires else []
            assert [(a.code, a.item, a.answer) for a in alone.alerts] == expected
            assert [(a.code, a.item, a.answer) for a in beside.alerts] == expected


@pytest.mark.parametrize("instrument", [i for i in EVERY if i.flags], ids=named)
def test_each_flag_begins_exactly_at_its_cut_off(instrument: Instrument) -> None:
    for rule in instrument.flags:
        if rule.of != "total" or rule.only_item:
            continue
        assert rule.at_least is not None
        for total in (rule.at_least - 1, rule.at_least):
            answers = reaching(instrument, total)
            assert answers is not None
            flags = [flag.code for flag in score(instrument, answers).flags]
            assert (rule.code in flags) == (total >= rule.at_least), total


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_the_smallest_change_is_judged_from_its_own_size_on(instrument: Instrument) -> None:
    for rule in instrument.changes:
        if rule.points is None or rule.of != "total":
            continue
        assert instrument.total_range is not None
        middle = sum(instrument.total_range) // 2 // instrument.total_times * instrument.total_times
        step = instrument.total_times
        smaller = (rule.points - 1) // step * step
        larger = -(-rule.points // step) * step
        for points, verdict in (
            (larger, Verdict.WORSE if rule.better == "lower" else Verdict.BETTER),
            (-larger, Verdict.BETTER if rule.better == "lower" else Verdict.WORSE),
            (smaller, Verdict.SAME),
        ):
            before, after = reaching(instrument, middle), reaching(instrument, middle + points)
            assert before is not None
            assert after is not None
            (found,) = change(score(instrument, before), score(instrument, after))
            assert (found.points, found.verdict) == (points, verdict)


# the data itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_every_number_has_a_source_and_says_how_well_it_is_known(instrument: Instrument) -> None:
    subscale_bands = [band for part in instrument.subscales for band in part.bands]
    told = (
        *instrument.bands,
        *subscale_bands,
        *instrument.flags,
        *instrument.alerts,
        *instrument.changes,
        *instrument.patterns,
    )
    assert told
    for one in told:
        assert len(one.source) > 10
        assert one.confidence in CONFIDENCES
    assert instrument.licence.confidence in CONFIDENCES
    assert instrument.edition
    assert instrument.effective >= "2026-01-01"


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_the_questionnaire_is_fhir_with_points_on_every_answer(instrument: Instrument) -> None:
    resource = questionnaire(instrument.slug)
    assert resource["resourceType"] == "Questionnaire"
    assert resource["url"] == f"urn:stepwell:questionnaire:{instrument.slug}"
    assert resource["status"] == "active"
    assert resource["name"].isidentifier()
    links: list[str] = []

    def look(items: list[dict[str, Any]]) -> None:
        for item in items:
            links.append(item["linkId"])
            assert item["text"].strip()
            if item["type"] == "group":
                look(item["item"])
                continue
            assert item["type"] == "choice"
            codes = [option["valueCoding"]["code"] for option in item["answerOption"]]
            assert len(set(codes)) == len(codes) > 1
            for condition in item.get("enableWhen", []):
                assert condition["operator"] == "="
                assert condition["question"] in links  # an earlier question
            assert len(item.get("enableWhen", [])) < 2 or item["enableBehavior"] == "any"

    look(resource["item"])
    assert len(set(links)) == len(links)


@pytest.mark.parametrize("instrument", EVERY, ids=named)
def test_scoring_names_only_items_that_exist(instrument: Instrument) -> None:
    links = {item.link_id for item in instrument.items}
    named_items = {
        *instrument.total_items,
        *instrument.only_missing,
        *(link for part in instrument.subscales for link in part.items),
        *(alert.item for alert in instrument.alerts),
        *(link for level in instrument.levels for link in level.items),
        *(link for p in instrument.patterns for need in p.needs for link in need.items),
    }
    assert named_items <= links
    parts = {part.code for part in instrument.subscales}
    assert {rule.of for rule in (*instrument.flags, *instrument.changes)} <= parts | {"total"}
    assert {code for code, _ in instrument.weights} <= parts
    headings = {section.link_id for section in instrument.sections}
    assert {link for order in instrument.lists for link in order} <= links | headings


# any answers at all --------------------------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_answers_are_scored_as_a_plain_reading_of_the_data_says(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from(EVERY))
    answers = {
        item.link_id: data.draw(st.none() | st.sampled_from(values(item))) for item in instrument.items
    }
    found = score(instrument, answers)
    open_ones = {i.link_id for i in instrument.items if i.required and answers[i.link_id] is None}
    assert set(found.missing) <= open_ones
    if not any(item.asked_when for item in instrument.items):
        assert set(found.missing) == open_ones
    assert found.complete == (not found.missing)
    assert (found.total is not None) == (found.complete and bool(instrument.total_items))
    if found.total is not None:
        assert found.band is not None
        if instrument in SUMMED:
            points = [
                instrument.item(link).points(answers[link] or 0) if answers[link] is not None else 0
                for link in instrument.total_items
            ]
            assert found.total == sum(points) * instrument.total_times
    raised = [a.code for a in instrument.alerts if (answers[a.item] or 0) >= a.at_least]
    assert [a.code for a in found.alerts] == raised


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_answers_never_matters(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from(EVERY))
    pairs = [(i.link_id, data.draw(st.none() | st.sampled_from(values(i)))) for i in instrument.items]
    shuffled = data.draw(st.permutations(pairs))
    assert score(instrument, dict(shuffled)) == score(instrument, dict(pairs))


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_scoring_again_gives_the_same_score_as_scoring_first(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from(EVERY))
    fresh = replace(instrument)
    answers = {i.link_id: data.draw(st.none() | st.sampled_from(values(i))) for i in instrument.items}
    for group in ("women", "men", None):
        assert score(instrument, answers, group=group) == score(fresh, answers, group=group)
