"""What speaks for a rating comes from the answers, and the words to begin with are made of it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import (
    Dimension,
    Evidence,
    Leaning,
    ScoreSaid,
    Use,
    draft_reason,
    draft_summary,
    evidence,
    evidence_for,
    intake_fields,
    use_words,
)

ANSWERS = {
    "withdrawal": "Shaky for two days.",
    "withdrawal.seizures": "yes",
    "withdrawal.delirium": "no",
    "withdrawal.now": "none",
    "goals": "Be there for my son.",
}


def test_facts_of_a_dimension_come_with_those_that_raise_it_first() -> None:
    found = evidence_for(Dimension.WITHDRAWAL, evidence(ANSWERS))
    one = (Dimension.WITHDRAWAL,)
    fields = intake_fields()
    assert found == (
        Evidence("answer:withdrawal.seizures", fields["withdrawal.seizures"].ask, "has had a seizure in withdrawal", Leaning.RAISES, one),
        Evidence("answer:withdrawal.now", fields["withdrawal.now"].ask, "no sign of withdrawal now", Leaning.EASES, one),
        Evidence("answer:withdrawal", fields["withdrawal"].ask, "“Shaky for two days.”", Leaning.TOLD, one),
        Evidence("answer:withdrawal.delirium", fields["withdrawal.delirium"].ask, "no delirium in withdrawal", Leaning.TOLD, one),
    )  # fmt: skip


def test_a_reason_is_drafted_from_the_facts_cited() -> None:
    found = evidence_for(Dimension.WITHDRAWAL, evidence(ANSWERS))
    assert draft_reason(found) == (
        "Speaks for a higher rating: has had a seizure in withdrawal. "
        "Speaks against: no sign of withdrawal now. "
        "Told: “Shaky for two days.”; no delirium in withdrawal."
    )
    assert draft_reason(()) == ""


def test_a_high_score_raises_and_a_low_one_is_told() -> None:
    high = ScoreSaid(7, "phq-9", "PHQ-9", 19, "PHQ-9 19, moderately severe")
    low = ScoreSaid(8, "phq-9", "PHQ-9", 4, "PHQ-9 4, minimal")
    none = ScoreSaid(9, "unknown", "?", 99, "?")
    assert [(e.key, e.leaning) for e in evidence({}, (), [high, low, none])] == [
        ("score:7", Leaning.RAISES),
        ("score:8", Leaning.TOLD),
    ]


def test_daily_use_raises_withdrawal_and_relapse() -> None:
    use = Use("fentanyl", route="smoked", amount="half a gram", frequency="daily", last_used_on=date(2026, 3, 3), first_age=19)  # fmt: skip
    said = "Fentanyl, smoked, daily, half a gram; last used 3 Mar 2026; first at 19"
    assert use_words(use) == said
    assert evidence({}, [use]) == (
        Evidence("use:0", "Substance use", said, Leaning.RAISES, (Dimension.WITHDRAWAL, Dimension.RELAPSE)),
    )


def test_the_summary_quotes_the_goals_in_the_persons_own_words() -> None:
    assert draft_summary("Ana", ANSWERS, [Use("alcohol", frequency="daily")]) == (
        "Ana was interviewed.\n"
        "Substance use: Alcohol, daily.\n"
        "Withdrawal: Shaky for two days. No sign of withdrawal now. Has had a seizure in withdrawal. "
        "No delirium in withdrawal.\n"
        "Goals: “Be there for my son.”"
    )
    assert draft_summary("Ana", {}) == ""


@given(st.dictionaries(st.sampled_from(sorted(intake_fields())), st.text(max_size=40)))
def test_no_answers_break_the_drafts(answers: dict[str, str]) -> None:
    found = evidence(answers)
    for dimension in Dimension:
        draft_reason(evidence_for(dimension, found))
    draft_summary("Ana", answers)
