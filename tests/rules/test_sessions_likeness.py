"""How alike a part is to the others and to the person's own last ones, and when a sentence of one's own is asked for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.people.rules import Credential, SessionKind
from stepwell.clinic.sessions.rules import (
    Likeness,
    NoteDraft,
    PersonPart,
    Written,
    likeness_of,
    likenesses,
    load_note_rule,
    may_sign,
    too_alike,
)

SAME = "Spoke of the weekend and named two people to call."
ANAS = Written(key="A", called="Ana", text=SAME)
BENS = Written(key="B", called="Ben", text=SAME)


@pytest.mark.parametrize(
    ("text", "others", "last", "value", "whom", "own"),
    [
        (SAME, [BENS], [], "1.00", "B", False),
        (SAME, [], [SAME], "1.00", None, False),
        (SAME, [replace(BENS, text="Quiet today.")], [], "0.00", None, True),
        ("", [replace(BENS, text="")], [""], "0.00", None, True),
        (f"{SAME} She cried about the hearing.", [BENS], [], "0.62", "B", True),
        (f"{SAME} She cried.", [BENS], [], "0.80", "B", False),  # two words are no sentence of one's own
        ("Ana listened to the others today.", [Written(key="B", called="Ben", text="Ben listened to the others today.")],
         [], "1.00", "B", False),  # a name makes nothing different
    ],
)  # fmt: skip
def test_the_part_most_like_it_counts(text, others, last, value, whom, own):
    found = likeness_of(replace(ANAS, text=text), others, last)
    assert (found.value, found.with_whom, found.own_sentence) == (Decimal(value), whom, own)


def test_it_is_said_with_whom_and_how_much():
    assert likeness_of(ANAS, [BENS], []) == Likeness(
        value=Decimal("1.00"), with_whom="B", own_sentence=False, sentence="100 % of Ana's part as in Ben's."
    )
    assert likeness_of(ANAS, [], [SAME]).sentence == "100 % of Ana's part as in an earlier session."
    assert likeness_of(ANAS, [], []).sentence == "Nothing of Ana's part stands in another one."


def test_the_shared_part_is_no_likeness():
    assert likeness_of(ANAS, [BENS], [], ignoring=[SAME]).value == 0


words = st.lists(st.sampled_from(["ab", "c", "de.", "f"]), max_size=8).map(" ".join)


@given(words, words, st.lists(words, max_size=2))
def test_it_lies_between_0_and_1_and_two_people_are_as_like_to_each_other(a, b, last):
    first, second = Written(key=1, called="Xu", text=a), Written(key=2, called="Yu", text=b)
    both = likenesses([first, second], {})
    assert both[1].value == both[2].value
    found = likeness_of(first, [second], last)
    assert both[1].value <= found.value <= 1


@given(words, st.lists(words, max_size=3))
def test_a_part_that_is_not_alike_is_never_asked_for_more(a, last):
    found = likeness_of(Written(key=1, called="Xu", text=a), [], last)
    assert too_alike(found, load_note_rule()) <= (found.value >= load_note_rule().clone_likeness)


ENDS = datetime(2026, 5, 4, 23, tzinfo=UTC)
ANA = PersonPart(
    patient_id="A", called="Ana", outcome="present", minutes=60, participation="active", response="open",
    risk="none", text="Named two triggers at work.",
)  # fmt: skip
BEN = replace(ANA, patient_id="B", called="Ben", text="Practiced refusing a drink.")


def signed(*parts):
    note = NoteDraft(
        kind=SessionKind.GROUP, format="GROUP", topic="Triggers", shared="The group mapped triggers.",
        service_starts=ENDS - timedelta(hours=1), service_ends=ENDS, parts=parts,
    )  # fmt: skip
    lpc = Credential(kind="LPC", issued_on=date(2024, 1, 1))
    return may_sign(note, [lpc], ENDS, date(2026, 5, 4), rule=load_note_rule())


def test_a_clone_is_asked_for_one_sentence_and_one_is_enough():
    asked = signed(replace(ANA, text=SAME), replace(BEN, text=SAME))
    assert [(m.patient_id, m.part, m.mend) for m in asked.missing] == [
        ("A", "own sentence", "Add one sentence that is only about Ana's session."),
        ("B", "own sentence", "Add one sentence that is only about Ben's session."),
    ]
    mended = signed(replace(ANA, text=f"{SAME} She called her brother from here."), replace(BEN, text=SAME))
    assert mended.allowed  # what is now Ana's own makes Ben's likeness fall too
    assert mended.alike["A"].own_sentence


def test_a_part_copied_from_the_last_session_is_asked_for_one():
    asked = signed(replace(ANA, text=SAME, own_last=("Other words altogether.", SAME)), BEN)
    assert [m.part for m in asked.missing] == ["own sentence"]


def test_the_part_of_somebody_absent_is_not_measured():
    absent = replace(BEN, outcome="excused", minutes=0, text=SAME)
    assert signed(replace(ANA, text=SAME), absent).allowed
