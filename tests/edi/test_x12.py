"""X12 as text: whatever comes in, there are values or one sentence, never a crash and never half an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.coverage.eligibility import rules
from stepwell.edi.demo_payer import answer_to
from stepwell.edi.x12 import Envelope, NotX12, X12File, read_file, write_270
from tests.x12_samples import OTHERS, RICH, answer, real_file_or_skip, real_files

AT = datetime(2026, 3, 18, 14, 5, tzinfo=UTC)
ANA = rules.Insured(
    given_name="Ana", family_name="Reyes", birth_date=date(1990, 5, 4), sex="F", member_id="M-1"
)
QUESTION = rules.Question(
    control_number=42,
    trace="SW000000042",
    asked_at=AT,
    payer_name="Blue Lake Health",
    payer_code="SAMPLE1",
    provider_name="Peachtree",
    provider_npi="1234567893",
    subscriber=ANA,
    patient=None,
    group_number="",
    service_types=("30", "MH"),
    on=date(2026, 3, 18),
)

SAID_271 = answer(*RICH)
TEXTS = [SAID_271, answer(("AAA", "N", "", "72", "C")), write_270(QUESTION, Envelope()), *OTHERS.values()]


def read_or_told(raw: bytes) -> X12File | str:
    """The file, or the sentence; anything else fails the test."""
    try:
        return read_file(raw)
    except NotX12 as no:
        told = no.sentence
    assert told.endswith(".")
    assert len(told) < 300
    return told


def test_a_question_is_written_as_the_guide_wants_it():
    assert write_270(QUESTION, Envelope(test=True)).splitlines() == [
        "ISA*00*          *00*          *ZZ*STEPWELL       *ZZ*CLEARINGHOUSE  *260318*1405*^*00501*000000042*0*T*:~",
        "GS*HS*STEPWELL*CLEARINGHOUSE*20260318*1405*42*X*005010X279A1~",
        "ST*270*0001*005010X279A1~",
        "BHT*0022*13*SW000000042*20260318*1405~",
        "HL*1**20*1~",
        "NM1*PR*2*BLUE LAKE HEALTH*****PI*SAMPLE1~",
        "HL*2*1*21*1~",
        "NM1*1P*2*PEACHTREE*****XX*1234567893~",
        "HL*3*2*22*0~",
        "TRN*1*SW000000042*9STEPWELL0~",
        "NM1*IL*1*REYES*ANA****MI*M-1~",
        "DMG*D8*19900504*F~",
        "DTP*291*D8*20260318~",
        "EQ*30~",
        "EQ*MH~",
        "SE*14*0001~",
        "GE*1*42~",
        "IEA*1*000000042~",
    ]


def test_a_child_on_a_parents_plan_is_asked_for_as_a_dependent():
    child = rules.Insured(given_name="Zoë", family_name="Reyes-O’Hara", birth_date=date(2006, 2, 28))
    lines = write_270(replace(QUESTION, patient=child), Envelope()).splitlines()
    assert lines[8:18] == [
        "HL*3*2*22*1~",
        "NM1*IL*1*REYES*ANA****MI*M-1~",
        "DMG*D8*19900504*F~",
        "HL*4*3*23*0~",
        "TRN*1*SW000000042*9STEPWELL0~",
        "NM1*03*1*REYES-O'HARA*ZOE~",
        "DMG*D8*20060228~",
        "DTP*291*D8*20260318~",
        "EQ*30~",
        "EQ*MH~",
    ]


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=40))
def test_no_name_in_any_script_breaks_the_envelope(given_name, family_name, member):
    who = replace(ANA, given_name=given_name, family_name=family_name, member_id=member)
    text = write_270(replace(QUESTION, subscriber=who), Envelope())
    assert text.isascii()
    assert read_file(text.encode()).others == ("a question about eligibility (270)",)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Işık", "ISIK"),
        ("Kaʻiulani", "KA'IULANI"),
        ("Þór Œuvre", "THOR OEUVRE"),
        ("Nguyễn", "NGUYEN"),
        ("Müller", "MULLER"),
    ],
)
def test_a_name_is_written_in_the_letters_that_payers_read(name, written):
    text = write_270(replace(QUESTION, subscriber=replace(ANA, family_name=name)), Envelope())
    assert f"NM1*IL*1*{written}*ANA*" in text


@pytest.mark.parametrize("number", [0, -1, 1_000_000_000])
def test_an_envelope_has_a_number_of_nine_digits(number):
    with pytest.raises(ValueError, match="nine digits"):
        write_270(replace(QUESTION, control_number=number), Envelope())


def test_the_demos_payer_reads_our_question_and_we_read_its_answer():
    found = read_file(answer_to(write_270(QUESTION, Envelope()), at=AT).encode()).answers
    assert [(a.traces, a.reference, a.person and a.person.birth_date) for a in found] == [
        (("SW000000042",), "SW000000042", date(1990, 5, 4))
    ]


def test_everything_that_belongs_to_a_benefit_is_kept_with_it():
    told = read_file(SAID_271.encode()).answers[0]
    coinsurance = next(b for b in told.benefits if b.kind == "A")
    assert (coinsurance.service_types, coinsurance.share, coinsurance.authorization) == (
        ("CJ",),
        Decimal("0.2"),
        "Y",
    )
    assert coinsurance.messages == ("APPROVAL BEFORE THE FIRST DAY",)
    assert coinsurance.places == ("57",)
    assert coinsurance.deliveries == ("VS 3 WK",)
    assert [(d.kind, d.first, d.last) for d in coinsurance.dates] == [
        ("292", date(2026, 1, 1), date(2026, 12, 31))
    ]
    assert coinsurance.source == rules.Source(23, "EB*A*IND*CJ***27**0.2***Y*Y")
    other = next(b for b in told.benefits if b.kind == "U")
    assert [(e.name, e.id, e.contacts) for e in other.entities] == [
        ("SAMPLE BEHAVIORAL", "BH-9", ("DESK", "phone 4045550188"))
    ]


@pytest.mark.parametrize(
    ("level", "place"),
    [("payer", 4), ("provider", 6), ("subscriber", 9), ("benefit", 10)],
)
def test_a_refusal_is_read_at_every_level(level, place):
    lines = answer(("EB", "1", "", "30")).replace("~\n", "~").split("~")[:-1]
    refusal = "AAA*N**42*R" if level != "benefit" else "AAA*N**33*C"
    at = {"payer": 6, "provider": 8, "subscriber": 11, "benefit": 13}[level]
    lines.insert(at, refusal)
    end = next(i for i, s in enumerate(lines) if s.startswith("SE*"))
    lines[end] = f"SE*{end - 1}*0001"
    found = read_file(("~".join(lines) + "~").encode()).answers[0]
    assert [(r.level, r.source.text) for r in found.rejections] == [(level, refusal)], place


def test_separators_are_read_from_the_envelope():
    strange = SAID_271.replace("*", "|").replace("^", "!").replace(":", "<").replace("~\n", "'")
    assert rules.plain(read_file(strange.encode()).answers[0].benefits[1])["service_types"] == [
        "MH",
        "AI",
        "CJ",
    ]
    lines = SAID_271.replace("~\n", "\n")
    assert len(read_file(lines.encode()).answers[0].benefits) == len(
        read_file(SAID_271.encode()).answers[0].benefits
    )


def test_two_envelopes_in_one_file_are_two_answers():
    second = answer(("EB", "6", "", "30"), trace="SW000000002", number=2)
    assert [a.traces for a in read_file((SAID_271 + second).encode()).answers] == [
        ("SW000000001",),
        ("SW000000002",),
    ]


def test_receipts_name_the_envelope_that_was_refused():
    assert [
        (r.control_number, r.taken, r.codes)
        for name in ("TA1", "999")
        for r in read_file(OTHERS[name].encode()).receipts
    ] == [
        ("000000001", False, ("006",)),
        ("1", False, ("I5",)),
    ]


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("835", "a remittance (835)"),
        ("999", "a receipt"),
        ("TA1", "a receipt"),
        ("271 of 4010", "an answer about eligibility in the version 004010X092A1"),
    ],
)
def test_another_transaction_is_named_and_no_answer(name, held):
    found = read_file(OTHERS[name].encode())
    assert (found.answers, found.held) == ((), held)


@pytest.mark.parametrize("text", TEXTS, ids=lambda t: t[130:150].strip())
def test_a_file_that_is_cut_at_any_byte_is_refused_whole(text):
    raw = text.strip().encode()
    whole = read_file(raw)
    for end in range(len(raw)):
        found = read_or_told(raw[:end])
        if not isinstance(found, str):
            # Only the very last sign may be missing: nothing is lost then.
            assert end == len(raw) - 1
            assert found == whole


def test_real_files_are_read_and_their_pieces_refused():
    if not real_files():
        pytest.skip("the folder of real X12 files is absent (set STEPWELL_SHARED_DATA to have them)")
    for path in real_files():
        raw = path.read_bytes().strip()
        whole = read_file(raw)
        assert bool(whole.answers) == (path.suffix == ".271")
        for end in range(len(raw) - 1):
            assert isinstance(read_or_told(raw[:end]), str), (path.name, end)


def test_a_real_answer_about_a_child_is_read():
    found = read_file(real_file_or_skip("dependent-health-benefit-check.271")).answers
    assert [
        (a.traces, a.person and a.person.given_name, a.subscriber and a.subscriber.given_name) for a in found
    ] == [(("93175-012547",), "MARY", "JOHN")]
    assert [(b.network, b.amount) for b in found[0].benefits if b.kind == "B"] == [
        ("Y", Decimal("10.00")),
        ("N", Decimal("30.00")),
    ]


def test_a_real_refusal_says_who_is_meant_and_keeps_the_remark_about_its_numbers():
    found = read_file(real_file_or_skip("subscriber-health-benefit-check-error.271")).answers
    assert [rules.rejection_words(r).what for r in found[0].rejections] == [
        "The payer does not answer questions from this provider."
    ]
    assert found[0].remarks == ("The transaction begins as number 4321 and ends as number 4323.",)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_changed_bytes_give_values_or_one_sentence(text, data):
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    found = read_or_told(bytes(raw))
    if not isinstance(found, str):
        for one in found.answers:
            kept = rules.plain(one)
            assert rules.answer_from(kept) == one
            rules.summarize(one, network=None, on=date(2026, 3, 18), reading=rules.load_reading())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_noise_is_one_sentence(raw):
    assert isinstance(read_or_told(raw), str)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(SAID_271.splitlines()), max_size=60))
def test_segments_in_any_order_are_one_sentence_or_an_answer(lines):
    read_or_told("\n".join([SAID_271.splitlines()[0], *lines]).encode())


def test_a_file_that_is_too_large_is_not_read():
    assert "8 MB" in str(read_or_told(b"ISA*" + b" " * (8 * 1024 * 1024)))


@pytest.mark.parametrize(
    ("segment", "remark"),
    [
        (("EB", "C", "IND", "30", "", "", "23", "abc"), "The amount “abc” could not be read (segment 11)."),
        (("EB", "C", "IND", "30", "", "", "23", "-5"), "The amount “-5” could not be read (segment 11)."),
        (("EB", "C", "IND", "30", "", "", "23", "99999999999"), "The amount “99999999999” could not be read (segment 11)."),
        (("EB", "A", "IND", "30", "", "", "27", "", "20"), "The share “20” could not be read (segment 11)."),
        (("EB", "F", "IND", "30", "", "", "29", "", "", "VS", "x"), "The quantity “x” could not be read (segment 11)."),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_stays_unknown_and_is_remarked(segment, remark):
    told = read_file(answer(segment).encode()).answers[0]
    assert told.remarks == (remark,)
    assert (told.benefits[0].amount, told.benefits[0].share, told.benefits[0].quantity) == (None, None, None)
