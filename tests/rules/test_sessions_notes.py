"""Signing, co-signing, sealing and the meter that shows clones."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.people.rules import Credential, SessionKind
from stepwell.clinic.sessions.rules import (
    Clone,
    MissingPart,
    NoteDraft,
    PersonPart,
    SignDecision,
    clones,
    content_hash,
    duration_sentence,
    formats_of,
    load_durations,
    load_note_formats,
    load_note_rule,
    may_cosign,
    may_sign,
    text_likeness,
    what_is_signed,
)
from stepwell.clinic.sessions.rules.room import load_room

STARTS = datetime(2026, 5, 4, 22, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=3)
ON = date(2026, 5, 4)
LPC = Credential(kind="LPC", issued_on=date(2024, 1, 1))
INTERN = Credential(kind="INTERN", issued_on=date(2024, 1, 1))
ANA = PersonPart(
    patient_id="A",
    called="Ana",
    full_name="Ana Ruiz",
    outcome="present",
    minutes=180,
    text="Named two triggers at work.",
    participation="active",
    response="open",
    risk="none",
)
BEN = replace(ANA, patient_id="B", called="Ben", full_name="Ben Cole", text="Practiced refusing a drink.")
NOTE = NoteDraft(
    kind=SessionKind.GROUP,
    format="GROUP",
    topic="Triggers",
    shared="The group mapped triggers and practiced two ways to leave a situation.",
    service_starts=STARTS,
    service_ends=ENDS,
    parts=(ANA, BEN),
)


def judged(note: NoteDraft, credentials=(LPC,), at: datetime = ENDS) -> SignDecision:
    return may_sign(note, credentials, at, ON, rule=load_note_rule())


def test_a_complete_note_can_be_signed():
    assert judged(NOTE) == SignDecision(
        allowed=True, missing=(), late=False, needs_cosignature=False, sentence="This note can be signed."
    )


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"topic": " "}, (None, "topic", "Say what the session was about.")),
        ({"shared": ""}, (None, "shared", "Write what was done, in the shared part.")),
        ({"parts": ()}, (None, "people", "Record who was expected before signing.")),
        ({"format": "XYZ"}, (None, "format", "“XYZ” is not a note format this program knows; choose one.")),
        (
            {"signed_at": ENDS},
            (None, "signature", "This note is already signed; write an addendum instead."),
        ),
        (
            {"shared": "Ana  Ruiz led the opening round."},
            (None, "shared", "The shared part names Ana; take the name out."),
        ),
        (
            {"parts": (replace(ANA, risk=""), BEN)},
            ("A", "risk", "Mark the risk screen for Ana."),
        ),
        (
            {"parts": (replace(ANA, outcome=""), BEN)},
            ("A", "attendance", "Record whether Ana came."),
        ),
        (
            {"parts": (replace(ANA, minutes=None), BEN)},
            ("A", "minutes", "Record when Ana arrived and left."),
        ),
        (
            {"parts": (replace(ANA, response=""), BEN)},
            ("A", "participation", "Say how Ana took part and responded."),
        ),
        (
            {"parts": (replace(ANA, text=""), BEN)},
            ("A", "text", "Write a line of Ana's own, or link an objective."),
        ),
        (
            {"parts": (replace(ANA, text="Argued with Ben Cole."), BEN)},
            ("A", "names", "Ana's part names another patient; take the name out."),
        ),
    ],
)
def test_what_is_missing_is_named_with_its_mend(change, missing):
    patient_id, part, mend = missing
    decision = judged(replace(NOTE, **change))
    assert decision.missing == (MissingPart(patient_id=patient_id, part=part, mend=mend),)
    assert decision.sentence == f"This note cannot be signed yet. {mend}"


def test_an_absent_person_needs_no_part():
    absent = PersonPart(patient_id="B", called="Ben", outcome="excused", minutes=0)
    assert judged(replace(NOTE, parts=(ANA, absent))).allowed


def test_an_objective_can_stand_for_a_line_of_text():
    assert judged(replace(NOTE, parts=(replace(ANA, text="", objective_id=7), BEN))).allowed


@pytest.mark.parametrize("key", ["DAP", "SOAP", "BIRP", "GIRP"])
def test_a_format_asks_for_each_of_its_sections(key):
    sections = load_note_formats()[key].sections
    filled = {section: "Said." for section, _, _ in sections}
    note = replace(NOTE, kind=SessionKind.INDIVIDUAL, format=key, parts=(replace(ANA, sections=filled),))
    assert judged(note).allowed
    blank = replace(note, parts=(replace(ANA, sections=filled | {sections[0][0]: " "}),))
    assert judged(blank).missing == (
        MissingPart(patient_id="A", part=sections[0][0], mend=f"Fill in “{sections[0][1]}” for Ana."),
    )


def test_a_running_session_is_not_signed():
    assert judged(NOTE, at=ENDS - timedelta(seconds=1)).missing[0].part == "time"


def test_a_late_note_is_signed_and_flagged():
    assert not judged(NOTE, at=ENDS + timedelta(hours=72, seconds=-1)).late
    late = judged(NOTE, at=ENDS + timedelta(hours=72))
    assert (late.allowed, late.late) == (True, True)
    assert late.sentence == "This note is signed as a late entry, more than 72 hours after the session."


@pytest.mark.parametrize(
    ("credentials", "allowed", "cosignature"),
    [
        ((LPC,), True, False),
        ((INTERN,), True, True),
        ((INTERN, LPC), True, False),
        ((replace(LPC, expires_on=date(2026, 5, 3)),), False, True),
        ((Credential(kind="LPN", issued_on=date(2024, 1, 1)),), False, True),
        ((), False, True),
    ],
)
def test_the_credential_decides_who_signs_and_who_needs_a_cosignature(credentials, allowed, cosignature):
    decision = judged(NOTE, credentials)
    assert (decision.allowed, decision.needs_cosignature) == (allowed, cosignature)


@pytest.mark.parametrize(
    ("credentials", "signed", "same", "expected"),
    [
        ((LPC,), True, False, (True, "This note can be co-signed.")),
        ((LPC,), False, False, (False, "This note is not signed by its author yet.")),
        ((LPC,), True, True, (False, "Nobody co-signs their own note; ask a supervisor.")),
        (
            (INTERN,),
            True,
            False,
            (False, "Co-signing needs a valid independent license; ask a supervisor who has one."),
        ),
    ],
)
def test_who_may_cosign(credentials, signed, same, expected):
    assert may_cosign(credentials, ON, signed=signed, same_person=same) == expected


def test_the_seal_does_not_depend_on_order_or_on_how_accents_are_encoded():
    sealed = content_hash({"b": ["Núñez", 1], "a": {"x": None, "y": True}})
    assert sealed == content_hash({"a": {"y": True, "x": None}, "b": ("Nu\u0301n\u0303ez", 1)})
    assert sealed != content_hash({"a": {"y": True, "x": None}, "b": ("Nunez", 1)})
    assert content_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_a_float_has_no_one_written_form_and_is_not_sealed():
    with pytest.raises(TypeError, match="A float cannot be sealed in a note"):
        content_hash({"minutes": 1.5})


@pytest.mark.parametrize(
    ("a", "b", "likeness"),
    [
        ("He shared his fear of weekends.", "he shared his fear of weekends", "1.00"),
        ("one two three four", "one two three five", "0.33"),
        ("good", "Good!", "1.00"),
        ("", "", "0.00"),
        ("good work", "quiet today", "0.00"),
    ],
)
def test_how_alike_two_texts_are(a, b, likeness):
    assert text_likeness(a, b) == Decimal(likeness)


def test_cloned_parts_are_shown_and_the_shared_part_is_no_clone():
    shared = "The group mapped triggers."
    parts = {
        "A": f"{shared} Participated well and will keep practicing.",
        "B": f"{shared} Participated well and will keep practicing.",
        "C": f"{shared} Cried about the custody hearing; will call her sponsor tonight.",
    }
    assert clones(parts, load_note_rule().clone_likeness, ignoring=[shared]) == (
        Clone(
            first="A",
            second="B",
            likeness=Decimal("1.00"),
            sentence="These two parts are 100 % the same; say what was different for each.",
        ),
    )


@given(st.text(), st.text())
def test_likeness_is_the_same_both_ways_and_between_0_and_1(a, b):
    assert text_likeness(a, b) == text_likeness(b, a)
    assert 0 <= text_likeness(a, b) <= 1


@pytest.mark.parametrize("risk", ["intoxicated", "suicidal", "threat"])
def test_a_raised_risk_is_not_signed_before_it_is_said_what_was_done(risk):
    raised = load_room().raised[risk]
    asked = judged(replace(NOTE, parts=(replace(ANA, risk=risk), BEN)))
    assert [(m.patient_id, m.part, m.mend) for m in asked.missing] == [
        ("A", "what was done", raised.say_ask("Ana"))
    ]
    assert judged(
        replace(NOTE, parts=(replace(ANA, risk=risk, done="Her sister took her home."), BEN))
    ).allowed


def test_what_was_done_names_no_other_patient():
    asked = judged(replace(NOTE, parts=(replace(ANA, risk="threat", done="Ben Cole left the room."), BEN)))
    assert [m.part for m in asked.missing] == ["names"]


def test_what_was_written_before_an_absence_was_known_names_no_other_patient():
    absent = replace(ANA, outcome="excused", minutes=0, text="Left with Ben Cole before the group.")
    assert [m.part for m in judged(replace(NOTE, parts=(absent, BEN))).missing] == ["names"]


@pytest.mark.parametrize(
    ("kind", "minutes", "sentence"),
    [
        ("individual", 50, ""),
        ("individual", 15, "An individual session of 15 minutes is short; 16 are usual at least. A payer may not pay it."),
        ("family", 25, "A family session of 25 minutes is short; 26 are usual at least. A payer may not pay it."),
        ("crisis", 105, "A crisis session of 105 minutes is long; 104 are usual at most. Check the times."),
        ("case_management", 7, "A case-management session of 7 minutes is short; 8 are usual at least. A payer may not pay it."),
        ("medical", 3, ""),
        ("peer", 8, ""),
    ],
)  # fmt: skip
def test_an_unusual_length_gets_a_sentence_and_no_refusal(kind, minutes, sentence):
    assert duration_sentence(SessionKind(kind), minutes) == sentence


def test_a_short_session_is_signed_with_its_warning():
    sections = {key: "Said." for key, _, _ in load_note_formats()["DAP"].sections}
    short = replace(ANA, minutes=10, sections=sections)
    found = judged(replace(NOTE, kind=SessionKind.INDIVIDUAL, format="DAP", parts=(short,)))
    assert (found.allowed, len(found.warnings)) == (True, 1)


@pytest.mark.parametrize("kind", [kind.value for kind in SessionKind])
def test_every_kind_of_session_has_its_formats_and_usual_length(kind):
    assert [one.key for one in formats_of(kind)]
    assert kind in load_durations()
    assert (kind == "group") == (formats_of(kind)[0].key == "GROUP")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((), ""),
        ((replace(ANA, outcome=""),), ""),
        ((ANA, BEN), "2 charts, 180 minutes"),
        ((ANA, replace(BEN, minutes=40)), "2 charts, 40 to 180 minutes"),
        ((ANA, replace(BEN, outcome="excused", minutes=0)), "2 charts, 180 minutes, 1 absent"),
        ((replace(ANA, outcome="unexcused", minutes=0),), "1 chart, 1 absent"),
    ],
)
def test_what_one_signature_stands_for(parts, said):
    assert what_is_signed(replace(NOTE, parts=parts)) == said
