"""The intake papers as rules: what is asked, what must be signed, when the address is good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.consent.rules import (
    Category,
    Consent,
    ConsentKind,
    Expiry,
    ExpiryKind,
    Purpose,
    Recipient,
    RecipientKind,
    missing_elements,
)
from stepwell.clinic.inquiry.rules import (
    AnswerTimes,
    Gap,
    GapKind,
    InquiryEvent,
    InquiryEventKind,
    PacketFacts,
    PacketState,
    ReferralOutcome,
    answer_rule_on,
    answer_times_fault,
    asked_again_on,
    consent_facts,
    danger_stands,
    follow_up_fault,
    gaps,
    load_answer_rule,
    load_follow_up_rule,
    load_papers,
    load_red_flags,
    may_be_signed,
    packet_state,
    read_answers,
    read_drawing,
    signature_fault,
)

AT = datetime(2026, 3, 18, 14, tzinfo=UTC)
RULE = load_papers()
ALL = [paper.key for paper in RULE.papers]
COMPLETE: dict[str, Any] = {
    "given_name": "Ana",
    "family_name": "Reyes",
    "phone": "404-555-0199",
    "ways": ["call"],
    "language": "en",
    "interpreter": "no",
    "transport": "bus",
    "insured": "no",
}


def facts(**changed: Any) -> PacketFacts:
    usual = dict.fromkeys(("opened_at", "sent_in_at", "accepted_at", "ended_at"))
    return PacketFacts(**{"expires_at": AT + timedelta(days=7), "wrong_tries": 0, **usual, **changed})


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, PacketState.WAITING),
        ({"opened_at": AT}, PacketState.OPENED),
        ({"wrong_tries": RULE.wrong_tries - 1}, PacketState.WAITING),
        ({"wrong_tries": RULE.wrong_tries}, PacketState.LOCKED),
        ({"opened_at": AT, "wrong_tries": RULE.wrong_tries}, PacketState.LOCKED),
        ({"expires_at": AT}, PacketState.EXPIRED),
        ({"expires_at": AT, "opened_at": AT}, PacketState.EXPIRED),
        ({"expires_at": AT, "sent_in_at": AT}, PacketState.SENT_IN),
        ({"sent_in_at": AT, "ended_at": AT}, PacketState.ENDED),
        ({"ended_at": AT}, PacketState.ENDED),
        ({"sent_in_at": AT, "accepted_at": AT}, PacketState.ACCEPTED),
    ],
)
def test_where_papers_stand(changed, state):
    assert packet_state(facts(**changed), AT, RULE) is state


def test_nothing_is_missing_when_everything_needed_is_there():
    assert gaps(COMPLETE, ["treatment", "notice", "tpo"], [], ALL, RULE) == ()


@pytest.mark.parametrize("key", sorted(COMPLETE))
def test_blank_papers_cannot_be_sent_in(key):
    where = next(p.key for p in RULE.parts if any(q.key == key for q in p.questions))
    for blank in ({k: v for k, v in COMPLETE.items() if k != key}, {**COMPLETE, key: ""}):
        assert gaps(blank, ALL, [], ALL, RULE) == (Gap(kind=GapKind.MISSING, where=where, question=key),)


@pytest.mark.parametrize("paper", ["treatment", "notice", "tpo"])
def test_an_unsigned_paper_holds_them_up(paper):
    signed = [key for key in ALL if key != paper]
    assert gaps(COMPLETE, signed, [], ALL, RULE) == (Gap(kind=GapKind.UNSIGNED, where=paper),)


def test_only_a_paper_that_may_wait_can_be_left_for_a_talk():
    assert gaps(COMPLETE, ["treatment", "notice"], ["tpo"], ALL, RULE) == ()
    assert gaps(COMPLETE, ["tpo", "notice"], ["treatment"], ALL, RULE) == (
        Gap(kind=GapKind.UNSIGNED, where="treatment"),
    )


@pytest.mark.parametrize(
    ("told", "needed"),
    [
        ({"emergency_name": "Luz"}, ["emergency_relation", "emergency_phone", "emergency_knows"]),
        ({"emergency_phone": "404-555-0100"}, ["emergency_name"]),
        ({"insured": "yes"}, ["payer", "member_id"]),
        ({"insured": "unsure"}, []),
        ({"language": "other"}, ["language_other"]),
    ],
)
def test_one_answer_asks_for_others(told, needed):
    missing = gaps({**COMPLETE, **told}, ALL, [], ALL, RULE)
    assert [gap.question for gap in missing] == needed


@pytest.mark.parametrize("flag", [f.key for f in load_red_flags().values()])
def test_danger_now_always_holds_the_papers_up_first(flag):
    found = gaps({"red_flags": [flag]}, [], [], ALL, RULE)
    now = load_red_flags()[flag].danger.name == "NOW"
    assert (found[0].kind is GapKind.DANGER) == now


@given(st.dictionaries(st.sampled_from([q.key for p in RULE.parts for q in p.questions]), st.none() | st.text(max_size=500) | st.integers() | st.booleans() | st.floats() | st.lists(st.text(max_size=20), max_size=5) | st.dictionaries(st.text(), st.text())))  # fmt: skip
def test_whatever_is_sent_only_readable_answers_are_kept(raw):
    kept = read_answers(raw, RULE)
    assert read_answers(kept, RULE) == kept
    for part in RULE.parts:
        for question in part.questions:
            value = kept.get(question.key, "")
            if isinstance(value, list):
                assert set(value) <= set(question.choices)
            elif isinstance(value, str):
                assert "\0" not in value
                assert len(value) <= max(question.most, 10)


def test_questions_nobody_asked_are_not_kept():
    assert read_answers(
        {"diagnosis": "x", "phone": "123", "household": "20", "ways": ["call", "pigeon"]}, RULE
    ) == {
        "household": 20,
        "ways": ["call"],
    }


@pytest.mark.parametrize("raw", ["0", "31", "-1", "1e3", "٣", "2.5", "10000000"])
def test_a_household_that_cannot_be_is_not_kept(raw):
    assert read_answers({"household": raw}, RULE) == {}


LINE = [[x, 100] for x in range(0, 80, 10)]


@pytest.mark.parametrize(
    ("name", "typed", "drawing", "fault"),
    [
        ("Ana Reyes", "", [LINE], ""),
        ("Ana Reyes", "Ana", [], ""),
        ("أنا", "أنا", [], ""),
        ("Ana Reyes", "", [], "signature"),
        ("Ana Reyes", " . ", [[[1, 1]]], "signature"),
        ("", "Ana", [LINE], "name"),
        ("12 34", "Ana", [], "name"),
        ("X", "X", [], "name"),
    ],
)
def test_a_signature_has_a_name_and_is_drawn_or_typed(name, typed, drawing, fault):
    assert signature_fault(name, typed, read_drawing(drawing)) == fault


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "x",
        {},
        [1],
        [[1]],
        [[[1]]],
        [[[1, "2"]]],
        [[[True, 2]]],
        [[[1.5, 2]]],
        [[[1, 2, 3]]],
        [[[1, 1]] * 6001],
    ],
)
def test_what_is_no_drawing_is_none(raw):
    assert read_drawing(raw) == []


def test_a_drawing_stays_in_its_field():
    assert read_drawing([[[-5, 900]], []]) == [[(0, 200)]]


@pytest.mark.parametrize("paper", [p for p in RULE.papers if p.terms is not None], ids=lambda p: p.key)
def test_every_signed_consent_has_every_element_of_the_law(paper):
    told = consent_facts(paper, {"emergency_name": "Luz Reyes"}, "Peachtree", date(2026, 3, 18))
    row = Consent(
        id=1,
        patient_id=1,
        kind=ConsentKind(told["kind"]),
        discloser=told["discloser"],
        information=frozenset(Category(one) for one in told["information"]),
        recipient=Recipient(
            kind=RecipientKind(told["recipient_kind"]),
            name=told["recipient_name"],
            key=told["recipient_key"] or "person:luz",
        ),
        purposes=frozenset(Purpose(one) for one in told["purposes"]),
        expiry=Expiry(
            kind=ExpiryKind(told["expiry"]),
            at=None if told["expires_on"] is None else AT + timedelta(days=365),
        ),
        right_to_revoke_stated=told["right_to_revoke_stated"],
        redisclosure_stated=told["redisclosure_stated"],
        consequences_stated=told["consequences_stated"],
        signed_by="Ana Reyes",
        signed_at=AT,
        effective_from=AT,
    )
    assert missing_elements(row) == ()


def test_a_consent_for_nobody_cannot_be_signed():
    emergency = RULE.paper("emergency")
    assert emergency is not None
    assert not may_be_signed(emergency, {})
    assert may_be_signed(emergency, {"emergency_name": "Luz"})
    with pytest.raises(ValueError, match="names nobody"):
        consent_facts(emergency, {}, "Peachtree", date(2026, 3, 18))


# -- danger, time to answer, follow-ups --


def events(*rows: tuple[InquiryEventKind, int]) -> list[InquiryEvent]:
    return [InquiryEvent(kind=kind, at=AT + timedelta(minutes=minute)) for kind, minute in rows]


SAFETY, DANGER, ANSWERED = InquiryEventKind.SAFETY, InquiryEventKind.DANGER, InquiryEventKind.ANSWERED


@pytest.mark.parametrize(
    ("now", "rows", "stands"),
    [
        (False, [], False),
        (True, [], True),
        (True, [(ANSWERED, 1)], True),
        (True, [(SAFETY, 1)], False),
        (True, [(SAFETY, 1), (DANGER, 2)], True),
        (True, [(SAFETY, 1), (DANGER, 2), (SAFETY, 3)], False),
        (False, [(DANGER, 2)], False),
    ],
)
def test_danger_stands_until_what_was_done_is_written_after_it_was_told(now, rows, stands):
    assert danger_stands(now, AT, events(*rows)) is stands


TODAY = date(2026, 3, 18)


def times(usual: int, on: date, minute: int = 0) -> AnswerTimes:
    return AnswerTimes(
        usual_minutes=usual, urgent_minutes=10, starts_on=on, set_at=AT + timedelta(minutes=minute)
    )


@pytest.mark.parametrize(
    ("rows", "usual"),
    [
        ([], 240),
        ([times(60, TODAY + timedelta(days=1))], 240),
        ([times(60, TODAY)], 60),
        ([times(60, TODAY), times(90, TODAY - timedelta(days=3), 5)], 60),
        ([times(60, TODAY, 5), times(90, TODAY, 9)], 90),
    ],
)
def test_the_time_that_was_set_last_of_those_begun_holds(rows, usual):
    assert answer_rule_on(TODAY, rows).usual_minutes == usual
    assert answer_rule_on(TODAY, []) == load_answer_rule()


@pytest.mark.parametrize(
    ("usual", "urgent", "on", "word"),
    [
        (240, 30, TODAY, ""),
        (4, 4, TODAY, "between 5 minutes and 7 days"),
        (10_081, 30, TODAY, "between 5 minutes and 7 days"),
        (300, 241, TODAY, "between 5 minutes and 4 hours"),
        (20, 30, TODAY, "Danger cannot wait longer"),
        (240, 30, TODAY - timedelta(days=1), "That day is over"),
    ],
)
def test_which_times_can_be_set(usual, urgent, on, word):
    fault = answer_times_fault(usual, urgent, on, TODAY)
    assert word in fault
    assert bool(fault) == bool(word)


@pytest.mark.parametrize(
    ("outcome", "tries", "again"),
    [
        (ReferralOutcome.ARRIVED, 1, None),
        (ReferralOutcome.NOT_GONE, 1, None),
        (ReferralOutcome.NOT_REACHED, 1, TODAY + timedelta(days=2)),
        (ReferralOutcome.NOT_REACHED, 3, None),
    ],
)
def test_who_is_not_reached_is_asked_again(outcome, tries, again):
    assert asked_again_on(outcome, tries, TODAY, load_follow_up_rule()) == again


def test_a_follow_up_is_not_in_the_past_nor_far_ahead():
    rule = replace(load_follow_up_rule(), latest_after_days=10)
    assert follow_up_fault(TODAY, TODAY, rule) == ""
    assert follow_up_fault(TODAY + timedelta(days=10), TODAY, rule) == ""
    assert "is over" in follow_up_fault(TODAY - timedelta(days=1), TODAY, rule)
    assert "more than 10 days ahead" in follow_up_fault(TODAY + timedelta(days=11), TODAY, rule)
