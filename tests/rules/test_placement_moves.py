"""Admission, steps, discharge and reviews: what is refused, and the sentence."""

from datetime import date
from decimal import Decimal

import pytest

from stepwell.clinic.assessment.rules import rate
from stepwell.clinic.placement.rules import (
    Admission,
    Decision,
    Direction,
    DischargeReason,
    Facts,
    Level,
    Override,
    OverrideReason,
    Progress,
    ReviewDue,
    Signal,
    Step,
    StepKind,
    discharge_reasons,
    may_admit,
    may_discharge,
    may_step,
    override_label,
    recommend,
    review_due,
    review_outcomes,
    signals,
    step_down_criteria,
)
from stepwell.clinic.refusal import Refused

IOP, PHP, OP = Level("2.1"), Level("2.5"), Level("1")
SAFE = {
    "severe_withdrawal_risk": False,
    "acute_medical_instability": False,
    "psychosis_or_mania_preventing_groups": False,
    "cssrs_high_without_safety_plan": False,
    "needs_24h_supervision": False,
}
CHOICE = Override(OverrideReason.PATIENT_CHOICE, "Sister stays with her; crisis plan agreed.")


def decision(*values: int, **facts: bool | None) -> Decision:
    ratings = rate({n: (v, "Because.") for n, v in enumerate(values, start=1)})
    return recommend(ratings, Facts(**{**SAFE, **facts}))


def iop(**facts: bool | None) -> Decision:
    return decision(0, 0, 1, 1, 3, 1, **facts)


def test_the_recommended_level_needs_no_reason() -> None:
    assert may_admit(iop(), IOP) == Admission(IOP, IOP, None)


def test_a_reason_given_for_nothing_is_not_recorded() -> None:
    assert may_admit(iop(), IOP, CHOICE) == Admission(IOP, IOP, None)


@pytest.mark.parametrize("value", [True, None])
@pytest.mark.parametrize("gate", sorted(SAFE))
def test_every_gate_holds_an_admission_up_while_closed_or_unknown(gate: str, value: bool | None) -> None:
    blocked = iop(**{gate: value})
    with pytest.raises(Refused) as refusal:
        may_admit(blocked, IOP)
    assert str(refusal.value) == blocked.gates[0].sentence


def test_no_reason_opens_a_gate() -> None:
    with pytest.raises(Refused, match="needs someone there day and night"):
        may_admit(iop(needs_24h_supervision=True), OP, CHOICE)


def test_trouble_with_groups_does_not_bar_single_sessions() -> None:
    override = Override(OverrideReason.CLINICAL_JUDGMENT, "Single sessions until stable.")
    assert may_admit(iop(psychosis_or_mania_preventing_groups=True), OP, override) == Admission(
        OP, IOP, override
    )


def test_another_level_needs_a_reason() -> None:
    with pytest.raises(
        Refused, match=r"^Level 2\.1 is recommended; choose a reason to admit to level 2\.5 instead\.$"
    ):
        may_admit(iop(), PHP)


def test_less_care_than_recommended_needs_a_sentence_too() -> None:
    with pytest.raises(Refused, match="write in a sentence why it is safe"):
        may_admit(iop(), OP, Override(OverrideReason.WAITING_LIST, " "))
    assert may_admit(iop(), OP, CHOICE) == Admission(OP, IOP, CHOICE)


def test_more_care_than_recommended_needs_only_the_code() -> None:
    override = Override(OverrideReason.LEGAL_MANDATE, "")
    assert may_admit(iop(), PHP, override) == Admission(PHP, IOP, override)


def test_a_level_not_offered_here_is_refused() -> None:
    with pytest.raises(Refused, match=r"Level 3\.5, high-intensity residential, is not offered here"):
        may_admit(decision(0, 0, 0, 0, 0, 4), Level("3.5"))
    with pytest.raises(Refused, match=r"this program has 2\.1 \(intensive outpatient\)\."):
        may_admit(iop(), PHP, CHOICE, offered={IOP})


def test_an_emergency_admits_to_nothing() -> None:
    with pytest.raises(Refused, match="call 911"):
        may_admit(decision(4, 0, 0, 0, 0, 0), IOP, CHOICE)


def test_an_open_level_admits_to_nothing() -> None:
    undecided = recommend(rate({1: (0, "Because.")}), Facts(**SAFE))
    with pytest.raises(Refused, match="not decided yet: rate Physical health, Emotions"):
        may_admit(undecided, IOP, CHOICE)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (StepKind.STEP_UP, IOP, PHP),
        (StepKind.STEP_DOWN, IOP, OP),
        (StepKind.TRANSFER, IOP, IOP),
        (StepKind.TRANSFER, IOP, Level("3.7")),
    ],
)
def test_steps_that_can_be_made(kind: StepKind, before: Level, after: Level) -> None:
    assert may_step(before, after, kind) == Step(kind, before, after)


@pytest.mark.parametrize(
    ("kind", "after", "sentence"),
    [
        (StepKind.STEP_UP, OP, r"Level 1 is not more care than level 2\.1"),
        (StepKind.STEP_UP, IOP, r"Level 2\.1 is not more care"),
        (StepKind.STEP_DOWN, PHP, r"Level 2\.5 is not less care"),
        (StepKind.STEP_DOWN, IOP, r"Level 2\.1 is not less care"),
        (StepKind.STEP_UP, Level("3.5"), "is not offered here"),
    ],
)
def test_steps_that_are_refused(kind: StepKind, after: Level, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        may_step(IOP, after, kind)


def test_discharge_reasons_are_the_national_list() -> None:
    assert [(r.code, r.slug, r.positive) for r in discharge_reasons()] == [
        (1, "completed", True),
        (2, "dropped-out", False),
        (3, "terminated", False),
        (4, "transferred", True),
        (5, "incarcerated", False),
        (6, "died", False),
        (7, "other", False),
    ]
    assert may_discharge(1) == DischargeReason(1, "completed", "Treatment completed", True)
    assert may_discharge("dropped-out").code == 2
    with pytest.raises(Refused, match="no discharge reason 8"):
        may_discharge(8)


def test_every_override_reason_has_words() -> None:
    assert all(override_label(reason) for reason in OverrideReason)


@pytest.mark.parametrize(
    ("hours", "today", "expected"),
    [
        ("0", date(2026, 3, 8), ReviewDue(date(2026, 3, 9), False, "Next review by 9 Mar 2026.")),
        ("8.75", date(2026, 3, 9), ReviewDue(date(2026, 3, 9), True, "7 days since the last review.")),
        (
            "9",
            date(2026, 3, 5),
            ReviewDue(date(2026, 3, 5), True, "9 hours of treatment since the last review."),
        ),
        (
            "12",
            date(2026, 3, 20),
            ReviewDue(date(2026, 3, 9), True, "12 hours of treatment since the last review."),
        ),
    ],
)
def test_a_review_is_due_after_seven_days_or_nine_hours(hours: str, today: date, expected: ReviewDue) -> None:
    assert review_due(last=date(2026, 3, 2), treatment_hours_since=Decimal(hours), today=today) == expected


def test_a_review_ends_in_one_of_eight_ways() -> None:
    assert [outcome.stays for outcome in review_outcomes()] == [True] * 3 + [False] * 5


READY = Progress(
    weeks_at_level=8,
    attendance_four_weeks=0.85,
    days_without_use=30,
    bam_use=0,
    bam_risk=8,
    phq9=9,
    goals_met=0.75,
)


def test_stepping_down_when_every_condition_is_met() -> None:
    assert [s.code for s in signals(READY)] == ["ready-to-step-down"]
    assert {c.met for c in step_down_criteria(READY)} == {True}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weeks_at_level", 7),
        ("attendance_four_weeks", 0.84),
        ("days_without_use", 29),
        ("bam_use", 1),
        ("bam_risk", 9),
        ("phq9", 10),
        ("goals_met", 0.74),
        ("phq9", None),
    ],
)
def test_one_condition_short_or_unknown_is_no_signal(field: str, value: float | None) -> None:
    progress = Progress(**{**READY.__dict__, field: value})
    assert signals(progress) == ()
    assert [c.met for c in step_down_criteria(progress) if not c.met] == [None if value is None else False]


@pytest.mark.parametrize(
    ("progress", "codes"),
    [
        (Progress(), []),
        (Progress(positive_or_refused_tests_14_days=2), []),
        (Progress(positive_or_refused_tests_14_days=2, craving_rising=False), []),
        (Progress(positive_or_refused_tests_14_days=2, craving_rising=True), ["tests-and-craving"]),
        (Progress(missed_sessions_14_days_without_contact=3), ["lost-contact"]),
        (Progress(bam_risk_change=5), ["bam-risk-rise"]),
        (Progress(phq9=20, phq9_change=5), ["phq-9-severe", "phq-9-rise"]),
        (Progress(cssrs="moderate"), ["suicide-risk"]),
        (Progress(cssrs="low"), []),
        (Progress(housing_lost=True, overdose=True), ["overdose", "housing-lost"]),
        (Progress(ciwa=10, cows=13), ["alcohol-withdrawal", "opioid-withdrawal"]),
        (Progress(ciwa=9, cows=12), []),
    ],
)
def test_signs_that_point_up(progress: Progress, codes: list[str]) -> None:
    assert [signal.code for signal in signals(progress)] == codes


def test_nobody_is_stepped_down_on_the_day_they_need_more() -> None:
    progress = Progress(**{**READY.__dict__, "housing_lost": True})
    assert signals(progress) == (
        Signal(Direction.UP, "housing-lost", "The person has lost their housing.", False),
    )
