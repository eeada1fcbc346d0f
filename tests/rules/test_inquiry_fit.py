"""The self-screen: every answer, alone and together, says what the table says; danger stops everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.inquiry.rules import (
    Care,
    Danger,
    Factor,
    FitReason,
    Reason,
    Standing,
    Withdrawal,
    fit,
    load_red_flags,
    load_screen,
    tellable,
    told_words,
)
from stepwell.clinic.inquiry.rules.fit import Fit

SCREEN = load_screen()
OUT, IOP, PHP, RES = Care.OUTPATIENT, Care.IOP, Care.PHP, Care.RESIDENTIAL
NONE, ASK, FIRST = Withdrawal.NOT_SEEN, Withdrawal.ASK, Withdrawal.FIRST
MILD = {"use": "some", "harm": "some"}
"""Enough to go by, and by itself outpatient to intensive outpatient."""

# Beside MILD: (question, answer) -> (lowest, highest, withdrawal, for, against)
ALONE = {
    ("use", "never"): (OUT, IOP, NONE, "", "use_rare"),
    ("use", "some"): (OUT, IOP, NONE, "", ""),
    ("use", "most"): (IOP, IOP, NONE, "use_often", ""),
    ("use", "daily"): (IOP, PHP, NONE, "use_often", ""),
    ("harm", "little"): (OUT, IOP, NONE, "", "harm_little"),
    ("harm", "some"): (OUT, IOP, NONE, "", ""),
    ("harm", "much"): (IOP, PHP, NONE, "harm_much", ""),
    ("weekly_help", "not_tried"): (OUT, IOP, NONE, "", "weekly_not_tried"),
    ("weekly_help", "enough"): (OUT, IOP, NONE, "", "weekly_enough"),
    ("weekly_help", "not_enough"): (IOP, IOP, NONE, "weekly_not_enough", ""),
    ("alone", "yes"): (OUT, IOP, NONE, "alone_yes", ""),
    ("alone", "hard"): (IOP, IOP, NONE, "alone_hard", ""),
    ("alone", "no"): (IOP, RES, NONE, "", "alone_no"),
    ("stopping", "fine"): (OUT, IOP, NONE, "stopping_fine", ""),
    ("stopping", "unwell"): (OUT, IOP, ASK, "", "stopping_unwell"),
    ("stopping", "very_sick"): (OUT, IOP, FIRST, "", "stopping_very_sick"),
    ("stopping", "seizure"): (OUT, IOP, FIRST, "", "stopping_seizure"),
    ("stopping", "unknown"): (OUT, IOP, NONE, "", ""),
    ("daily_calming", "no"): (OUT, IOP, NONE, "", ""),
    ("daily_calming", "yes"): (OUT, IOP, ASK, "", "calming_daily"),
    ("body", "no"): (OUT, IOP, NONE, "", ""),
    ("body", "cared_for"): (OUT, IOP, NONE, "body_cared_for", ""),
    ("body", "not_cared_for"): (OUT, PHP, NONE, "", "body_not_cared_for"),
    ("mind", "no"): (OUT, IOP, NONE, "", ""),
    ("mind", "some"): (OUT, IOP, NONE, "mind_some", ""),
    ("mind", "hard"): (PHP, RES, NONE, "", "mind_hard"),
    ("home", "safe"): (OUT, IOP, NONE, "home_safe", ""),
    ("home", "shaky"): (OUT, PHP, NONE, "", "home_shaky"),
    ("home", "none"): (PHP, RES, NONE, "", "home_none"),
    ("support_strength", "some"): (OUT, IOP, NONE, "support_some", ""),
    ("support_strength", "one"): (OUT, IOP, NONE, "support_one", ""),
    ("support_strength", "nobody"): (OUT, PHP, NONE, "", "support_nobody"),
    ("support_there", "yes"): (OUT, IOP, NONE, "support_there", ""),
    ("support_there", "sometimes"): (OUT, IOP, NONE, "", ""),
    ("support_there", "no"): (OUT, PHP, NONE, "", "support_far"),
    ("support_helps", "help"): (OUT, IOP, NONE, "support_helps", ""),
    ("support_helps", "mixed"): (OUT, IOP, NONE, "", ""),
    ("support_helps", "push"): (OUT, PHP, NONE, "", "support_pushes"),
    ("group", "fine"): (OUT, IOP, NONE, "group_fine", ""),
    ("group", "nervous"): (OUT, IOP, NONE, "group_nervous", ""),
    ("group", "no"): (OUT, IOP, NONE, "", "group_no"),
    ("ready", "ready"): (OUT, IOP, NONE, "ready_yes", ""),
    ("ready", "unsure"): (OUT, IOP, NONE, "ready_unsure", ""),
    ("ready", "others"): (OUT, IOP, NONE, "", "ready_others"),
    ("hours", "under_9"): (OUT, IOP, NONE, "", "time_short"),
    ("hours", "from_9"): (OUT, IOP, NONE, "time_enough", ""),
    ("hours", "from_20"): (OUT, IOP, NONE, "time_much", ""),
    ("earlier", "none"): (OUT, IOP, NONE, "earlier_none", ""),
    ("earlier", "finished"): (OUT, IOP, NONE, "earlier_finished", ""),
    ("earlier", "left"): (OUT, PHP, NONE, "", "earlier_left"),
    ("coming_from", "nowhere"): (OUT, IOP, NONE, "", ""),
    ("coming_from", "inpatient"): (IOP, PHP, NONE, "step_down", ""),
    ("coming_from", "withdrawal_unit"): (IOP, PHP, NONE, "after_withdrawal", ""),
    ("work", "none"): (OUT, IOP, NONE, "", ""),
    ("work", "daytime"): (OUT, IOP, NONE, "work_daytime", ""),
    ("work", "evening"): (OUT, IOP, NONE, "work_evening", ""),
    ("work", "changing"): (OUT, IOP, NONE, "", "work_changing"),
}


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [each.code.value for each in reasons]


def test_the_table_has_a_line_for_every_answer():
    assert set(ALONE) == {(q.key, choice) for q in SCREEN.questions.values() for choice in q.choices}


@pytest.mark.parametrize(("question", "answer"), sorted(ALONE))
def test_an_answer_beside_two_mild_ones(question, answer):
    lowest, highest, withdrawal, speaks_for, speaks_against = ALONE[question, answer]
    base = {**MILD, "coming_from": "nowhere", question: answer}
    found = fit(base)
    assert (found.lowest, found.highest, found.withdrawal) == (lowest, highest, withdrawal)
    assert codes(found.speaks_for) == ([speaks_for] if speaks_for else [])
    assert codes(found.speaks_against) == ([speaks_against] if speaks_against else [])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # nothing, or one mild word, is not enough; one clear need is
        ({}, (Standing.TOO_LITTLE_TOLD, None, None, NONE)),
        ({"use": "some"}, (Standing.TOO_LITTLE_TOLD, None, None, NONE)),
        ({"home": "safe", "group": "fine", "hours": "from_9"}, (Standing.TOO_LITTLE_TOLD, None, None, NONE)),
        ({"use": "most"}, (Standing.IN_RANGE, IOP, IOP, NONE)),
        ({"home": "none"}, (Standing.MORE, PHP, RES, NONE)),
        # less
        ({"use": "never", "harm": "little"}, (Standing.LESS, OUT, OUT, NONE)),
        ({"use": "never", "weekly_help": "enough"}, (Standing.LESS, OUT, OUT, NONE)),
        ({"alone": "yes", "coming_from": "nowhere"}, (Standing.LESS, OUT, OUT, NONE)),
        # in range
        ({"use": "some", "weekly_help": "enough"}, (Standing.IN_RANGE, OUT, IOP, NONE)),
        ({"use": "daily", "harm": "much", "home": "safe"}, (Standing.IN_RANGE, IOP, PHP, NONE)),
        ({"coming_from": "inpatient"}, (Standing.IN_RANGE, IOP, PHP, NONE)),
        # more
        ({"use": "most", "mind": "hard"}, (Standing.MORE, PHP, RES, NONE)),
        ({"use": "daily", "home": "none"}, (Standing.MORE, PHP, RES, NONE)),
        # withdrawal first, whatever else; without needs no range is guessed
        ({"stopping": "seizure"}, (Standing.WITHDRAWAL_FIRST, None, None, FIRST)),
        ({"stopping": "very_sick", "use": "never", "harm": "little"}, (Standing.WITHDRAWAL_FIRST, OUT, OUT, FIRST)),
        ({"stopping": "very_sick", "use": "daily"}, (Standing.WITHDRAWAL_FIRST, IOP, PHP, FIRST)),
        # answers that mean more together
        ({"use": "most", "daily_calming": "yes"}, (Standing.IN_RANGE, IOP, IOP, ASK)),
        ({"use": "most", "daily_calming": "yes", "stopping": "unknown"}, (Standing.IN_RANGE, IOP, IOP, ASK)),
        ({"use": "most", "daily_calming": "yes", "stopping": "unwell"}, (Standing.IN_RANGE, IOP, IOP, ASK)),
        ({"use": "most", "daily_calming": "yes", "stopping": "fine"}, (Standing.IN_RANGE, IOP, IOP, NONE)),
        ({"use": "most", "daily_calming": "yes", "stopping": "seizure"}, (Standing.WITHDRAWAL_FIRST, IOP, IOP, FIRST)),
        ({"use": "most", "stopping": "unwell"}, (Standing.IN_RANGE, IOP, IOP, ASK)),
        ({"use": "most", "daily_calming": "no", "stopping": "unwell"}, (Standing.IN_RANGE, IOP, IOP, NONE)),
        ({"alone": "no", "home": "none"}, (Standing.MORE, RES, RES, NONE)),
        ({"use": "most", "home": "shaky", "support_helps": "push"}, (Standing.IN_RANGE, IOP, RES, NONE)),
        ({"alone": "no", "support_strength": "nobody"}, (Standing.MORE, PHP, RES, NONE)),
        # what moves nothing: time, groups, readiness, earlier tries, work
        ({"use": "daily", "hours": "under_9", "group": "no", "ready": "others"}, (Standing.IN_RANGE, IOP, PHP, NONE)),
    ],
)  # fmt: skip
def test_answers_together(answers, expected):
    found = fit(answers)
    assert (found.standing, found.lowest, found.highest, found.withdrawal) == expected


def test_a_whole_person_is_told_everything_with_numbers_and_what_was_left_open():
    found = fit(
        {
            "use": "daily", "harm": "much", "weekly_help": "not_enough", "alone": "hard", "stopping": "fine",
            "daily_calming": "no", "mind": "some", "home": "shaky", "support_strength": "one",
            "support_there": "yes", "support_helps": "mixed", "group": "no", "ready": "unsure",
            "hours": "under_9", "earlier": "left", "coming_from": "nowhere",
        },
        ["injecting"],
    )  # fmt: skip
    assert found == Fit(
        standing=Standing.IN_RANGE,
        call_today=("injecting",),
        lowest=IOP,
        highest=PHP,
        speaks_for=tuple(
            Reason(code=FitReason(code))
            for code in (
                "use_often", "harm_much", "weekly_not_enough", "alone_hard", "stopping_fine", "mind_some",
                "support_one", "support_there", "ready_unsure",
            )
        ),
        speaks_against=(
            Reason(code=FitReason.HOME_SHAKY),
            Reason(code=FitReason.GROUP_NO),
            Reason(code=FitReason.TIME_SHORT, numbers={"hours": 9}),
            Reason(code=FitReason.EARLIER_LEFT),
        ),
        unanswered=("body", "work"),
    )  # fmt: skip


@pytest.mark.parametrize("danger", SCREEN.stops)
def test_a_danger_sign_stops_and_nothing_else_is_looked_at(danger):
    assert fit({"use": "never", "harm": "little"}, [danger]) == Fit(standing=Standing.STOP, stops=(danger,))


@pytest.mark.parametrize("danger", SCREEN.call_today)
def test_what_is_urgent_today_is_said_and_stops_nothing(danger):
    found = fit(MILD, [danger])
    expected = Standing.MORE if danger == "no_safe_place_tonight" else Standing.IN_RANGE
    assert (found.standing, found.call_today) == (expected, (danger,))


def test_who_has_no_safe_place_tonight_is_not_told_to_live_at_home():
    """As with the answer that there is none; said once when both were told, and a milder answer takes nothing back."""
    for answers in (MILD, {**MILD, "home": "none"}, {**MILD, "home": "safe"}):
        found = fit(answers, ["no_safe_place_tonight"])
        assert (found.standing, found.lowest, found.highest) == (Standing.MORE, PHP, RES)
        assert codes(found.speaks_against) == ["home_none"]


def test_what_a_danger_of_today_says_is_about_one_that_can_be_ticked():
    assert set(SCREEN.ticked) <= set(SCREEN.call_today)


def test_opioid_withdrawal_brings_a_doctor_in():
    assert fit(MILD, ["withdrawal_opioid"]).withdrawal == ASK


def test_everything_that_means_danger_now_stops_the_screen():
    now = {key for key, flag in load_red_flags().items() if flag.danger == Danger.NOW}
    assert now <= set(SCREEN.stops)
    assert {*SCREEN.stops, *SCREEN.call_today} == set(load_red_flags())


@pytest.mark.parametrize(
    ("answers", "ticked", "sentence"),
    [
        ({"shoes": "big"}, [], "“shoes” is not asked."),
        ({"use": "thrice"}, [], "“thrice” is not an answer to “use”."),
        ({}, ["bored"], "“bored” is not a danger that can be ticked."),
    ],
)
def test_what_is_not_asked_is_refused(answers, ticked, sentence):
    with pytest.raises(ValueError, match=sentence):
        fit(answers, ticked)


def test_every_factor_of_the_fit_is_asked_and_support_is_three_questions():
    assert {question.factor for question in SCREEN.questions.values()} == set(Factor)
    assert [key for key in SCREEN.questions if key.startswith("support_")] == [
        "support_strength",
        "support_there",
        "support_helps",
    ]


def test_every_reason_can_come_out():
    said = [choice.says for q in SCREEN.questions.values() for choice in q.choices.values()]
    said += [each.says for each in SCREEN.together]
    found = {reason.code for says in said for reason in (says.speaks_for, says.speaks_against) if reason}
    assert found == set(FitReason)


def test_staff_read_what_was_sent_in_their_words():
    assert told_words(["range=iop-php", "use=most", "use=thrice", "shoes=big", "nonsense"]) == (
        (
            "Care worth asking about, as the self-screen found",
            "intensive outpatient to partial hospitalization",
        ),
        ("Drank or used more than wanted in the last 30 days", "most days"),
    )
    assert len(told_words(tellable())) == len(tellable())


ANSWERS = st.fixed_dictionaries(
    {}, optional={q.key: st.sampled_from(["", *q.choices]) for q in SCREEN.questions.values()}
)
TODAY = st.lists(st.sampled_from(SCREEN.call_today))


@given(ANSWERS, TODAY)
def test_the_range_is_in_order_and_the_standing_says_where_the_program_is(answers, ticked):
    found = fit(answers, ticked)
    if found.lowest is None or found.highest is None:
        assert found.lowest is found.highest is None
        assert found.standing in (Standing.TOO_LITTLE_TOLD, Standing.WITHDRAWAL_FIRST)
        return
    assert found.lowest <= found.highest
    if found.withdrawal == FIRST:
        assert found.standing == Standing.WITHDRAWAL_FIRST
    else:
        inside = found.lowest <= IOP <= found.highest
        assert found.standing == (
            Standing.IN_RANGE if inside else Standing.MORE if found.lowest > IOP else Standing.LESS
        )


@given(ANSWERS, TODAY, st.sampled_from(SCREEN.stops))
def test_danger_always_stops(answers, ticked, danger):
    assert fit(answers, [*ticked, danger]) == Fit(standing=Standing.STOP, stops=(danger,))


@given(ANSWERS, TODAY, st.randoms())
def test_the_order_of_answers_does_not_matter(answers, ticked, chance):
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    mixed = list(ticked)
    chance.shuffle(mixed)
    assert fit(dict(shuffled), mixed) == fit(answers, ticked)


@given(ANSWERS, st.sampled_from(sorted(ALONE)))
def test_a_further_answer_never_takes_a_need_back(answers, more):
    """What is safe enough for somebody does not become less by what else they tell."""
    question, answer = more
    if answers.get(question):
        return
    # An answer may show that the suspicion for which no answer stood was not needed: stopping goes well.
    before, after = fit(answers), fit({**answers, question: answer})
    if before.lowest is not None and before.highest is not None:
        assert after.lowest is not None
        assert after.highest is not None
        assert after.lowest >= before.lowest
        assert after.highest >= before.highest
    if question not in ("stopping", "daily_calming"):
        assert after.withdrawal >= before.withdrawal
