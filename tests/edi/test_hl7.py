"""HL7 read byte by byte: dialects, escapes, batches, damage; nothing raises and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.drug_tests.rules import laboratory as lab
from stepwell.edi.hl7 import Broken, Frame, Frames, Outside, TooLong, acknowledge, content_key, cut, framed
from stepwell.edi.hl7.results import day, moment
from tests.laboratory_messages import DIALECTS, LOINC, Said, message

ANA = Said(
    "K7Q2RM",
    "Reyes",
    "Ana",
    "19900504",
    placer="SW00000012",
    results={"opiates": "positive", "thc": "negative"},
)
HEAD = b"MSH|^~\\&|LIS|LAB|SW|SITE|20260318||ORU^R01|C1|P|2.5.1\r"
AT = datetime(2026, 3, 18, tzinfo=UTC)


def only(content: bytes) -> lab.Message:
    (piece,) = cut(content)
    return piece.message


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.sender)
def test_every_dialect_says_the_same(dialect):
    (report,) = only(message(dialect, [ANA], control="C1")).reports
    assert report.person == lab.PersonTold(("K7Q2RM",), "Reyes", "Ana", "1990-05-04", "F")
    assert (report.placer, report.filler, report.status) == ("SW00000012", "F1", "F")
    assert {(lab.known(one).drug_class, lab.answer(one)) for one in report.observations} == {
        ("opiates", "positive"),
        ("thc", "negative"),
    }


def test_letters_beyond_ascii_are_read_by_the_character_set_that_is_named():
    said = Said("K7Q2RM", "Muñoz", "José", "19900504", results={"thc": "negative"})
    for dialect in (DIALECTS[3], DIALECTS[4]):
        person = only(message(dialect, [said], control="C1")).reports[0].person
        assert (person.family, person.given) == ("Muñoz", "José")


def test_nothing_promised_and_no_utf_8_is_read_as_latin_1():
    content = HEAD + "PID|1||K7Q2RM||Muñoz^José\rOBR|1\rOBX|1|ST|x^y||z\r".encode("latin-1")
    assert only(content).reports[0].person.family == "Muñoz"


def test_two_bytes_a_letter_are_read_too():
    content = message(DIALECTS[0], [ANA], control="C1").decode().encode("utf-16")
    assert only(content).control_id == "C1"
    assert only(content).reports[0].person.family == "Reyes"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (r"5\F\6", "5|6"),
        (r"a\S\b\T\c\R\d\E\e", r"a^b&c~d\e"),
        (r"\X41C3B1\ ok", "Añ ok"),
        (r"one\.br\two", "one\ntwo"),
        (r"\H\loud\N\ ", "loud "),
        (r"\Zunknown\ stays", r"\Zunknown\ stays"),
        ("lonely \\ stays", "lonely \\ stays"),
        ('""', ""),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_escapes_are_resolved(raw, read):
    content = HEAD + b"OBR|1\rOBX|1|ST|x^y||" + raw.encode() + b"\r"
    assert only(content).reports[0].observations[0].value == read


def test_repetitions_notes_and_a_field_broken_over_lines_are_kept():
    content = HEAD + (
        b"PID|1||1^^^LAB~K7Q2RM^^^SW||Reyes^Ana||19900504\rOBR|1|P|F\rNTE|1||of the order\rOBX|1|FT|x^y||one~two\n three\rNTE|1||first\rNTE|2||second\r"
    )
    (report,) = only(content).reports
    assert report.person.identifiers == ("1", "K7Q2RM")
    assert report.notes == ("of the order",)
    assert (report.observations[0].value, report.observations[0].notes) == (
        "one\ntwo\n three",
        ("first", "second"),
    )


def test_two_people_and_three_orders_in_one_message_stay_apart():
    other = Said("M3XABC", "Tran", "Ben", "19850101", filler="F2", results={"thc": "positive"})
    found = only(message(DIALECTS[0], [ANA, other, ANA], control="C1"))
    assert [(r.position, r.person.family, r.filler) for r in found.reports] == [
        (1, "Reyes", "F1"),
        (2, "Tran", "F2"),
        (3, "Reyes", "F1"),
    ]


def test_lines_before_any_order_make_a_group_of_their_own():
    (report,) = only(
        HEAD + b"PID|1||K7Q2RM||Reyes^Ana||19900504\rOBX|1|ST|3427-2^THC^LN||Negative||||||F\r"
    ).reports
    assert (report.filler, len(report.observations)) == ("", 1)


def test_the_second_triple_of_a_code_is_read_when_the_first_is_the_laboratorys_own():
    (report,) = only(HEAD + b"OBR|1\rOBX|1|ST|THCX^Pot^L^18282-4^Cannabinoids^LN||Positive||||||F\r").reports
    (line,) = report.observations
    assert (lab.verified(line).code, line.words) == ("18282-4", "Pot")


@pytest.mark.parametrize("code", [*LOINC.values(), "2093-3", "2161-8"])
def test_check_digits_of_real_codes_hold(code):
    assert lab.loinc_holds(code)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert not lab.loinc_holds(wrong)


def test_a_code_whose_check_digit_fails_is_unverified_and_means_nothing_here():
    (report,) = only(HEAD + b"OBR|1\rOBX|1|ST|18282-5^Cannabis^LN||Positive||||||F\r").reports
    (line,) = report.observations
    assert (lab.verified(line), lab.known(line), line.words) == (None, None, "Cannabis")
    assert [c.code for c in lab.unverified(line)] == ["18282-5"]


@pytest.mark.parametrize(
    ("value", "units", "flag", "read"),
    [
        ("Negative", "", "", "negative"), ("NONE DETECTED", "", "", "negative"), ("Pos.", "", "", "positive"),
        ("60", "ng/mL", "", "positive"), ("12", "ng/mL", "", "negative"), ("12", "ng/mL", "A", "positive"),
        ("<50", "ng/mL", "", "negative"), ("<60", "ng/mL", "", None), (">500", "ng/mL", "", "positive"),
        ("60", "mg/L", "", None), ("see comment", "", "A", None), ("QNS", "", "", "invalid"), ("", "", "", None),
        ("9" * 30, "ng/mL", "", None),
    ],
)  # fmt: skip
def test_a_value_is_read_by_words_flag_or_cut_off_and_never_guessed(value, units, flag, read):
    line = lab.Observation(
        1, (lab.Coded("18282-4", "THC", "LN"),), value, units=units, flags=(flag,) if flag else ()
    )
    assert lab.answer(line, of="thc") == read


# what is none ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Nothing was sent"),
        (b"\r\n\r\n", "Nothing was sent"),
        (b"GET / HTTP/1.1\r\n\r\n", "does not begin with MSH"),
        (b"\0\0\0\0\x1b", "does not begin with MSH"),
        (b"MSH", "does not begin with MSH"),
        (b"MSH|", "no order group|not a result|no readable header|This is"),
        (HEAD, "no order group"),
        (HEAD.replace(b"ORU^R01", b"ADT^A01") + b"PID|1\r", "This is ADT\\^A01"),
        (HEAD.replace(b"C1", b"") + b"OBR|1\r", "no control id"),
        (b"FHS|^~\\&|\rBHS|^~\\&|\rBTS|0\rFTS|1\r", "holds no message"),
    ],
)
def test_what_is_no_result_is_told_in_a_sentence(content, sentence):
    import re

    (piece,) = cut(content)
    assert re.search(sentence, piece.message.problem)
    assert content[piece.starts : piece.ends] == content


def test_a_batch_is_cut_into_its_messages_and_a_wrong_count_is_told():
    first, second = (message(DIALECTS[0], [ANA], control=name) for name in ("C1", "C2"))
    batch = b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r" + first + second + b"BTS|2\rFTS|1\r"
    pieces = cut(batch)
    assert [(p.message.control_id, batch[p.starts : p.ends]) for p in pieces] == [
        ("C1", first),
        ("C2", second),
    ]
    short = cut(batch.replace(b"BTS|2", b"BTS|3"))
    assert [p.message.problem for p in short] == ["", "", "The batch says it holds 3 messages; 2 came."]


def test_a_part_outside_of_every_message_is_kept_as_itself():
    junk = b"some words\r"
    pieces = cut(junk + message(DIALECTS[0], [ANA], control="C1"))
    assert [p.message.problem for p in pieces] == [
        "This part does not begin with MSH, so it is not an HL7 message.",
        "",
    ]


def test_line_ends_and_the_frame_do_not_make_another_message_but_a_control_id_does():
    content = message(DIALECTS[0], [ANA], control="C1")
    same = {
        content_key(c)
        for c in (content, framed(content), content.replace(b"\r", b"\r\n"), content.rstrip(b"\r"))
    }
    assert len(same) == 1
    assert content_key(message(DIALECTS[0], [ANA], control="C2")) not in same


@given(st.binary(max_size=400), st.integers(0, 400), st.sampled_from(DIALECTS))
@settings(deadline=None, max_examples=300)
def test_no_damage_makes_the_reader_fail_and_no_byte_is_lost(noise, place, dialect):
    whole = message(dialect, [ANA], control="C1")
    content = whole[:place] + noise + whole[place + len(noise) // 2 :]
    pieces = cut(content)
    assert pieces
    assert all(0 <= p.starts <= p.ends <= len(content) for p in pieces)
    for piece in pieces:
        assert lab.report_from(lab.plain(piece.message.reports[0])) == piece.message.reports[0] if piece.message.reports else piece.message.problem  # fmt: skip
        acknowledge(content[piece.starts : piece.ends], piece.message, at=AT, number="1", code="AA")


@given(st.text(max_size=30))
def test_no_time_makes_the_reader_fail(told):
    moment(told)
    day(told)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("20260318", "2026-03-18T00:00:00"),
        ("202603181015", "2026-03-18T10:15:00"),
        ("20260318101530.1234-0500", "2026-03-18T10:15:30-05:00"),
        ("20260231", ""),
        ("00000000", ""),
        ("yesterday", ""),
    ],
)
def test_times_are_read_or_left_empty(told, read):
    assert moment(told) == read


# acknowledgements --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.sender)
def test_the_answer_speaks_the_senders_dialect_and_echoes_its_control_id(dialect):
    content = message(dialect, [ANA], control="é7" if dialect.charset else "C-7")
    answer = acknowledge(content, only(content), at=AT, number="SW1", code="AE", because="No | way^.")
    head, status = answer.decode(dialect.encoding).rstrip("\r").split("\r")
    bar = dialect.marks[0]
    assert head.split(bar)[:6] == ["MSH", dialect.marks[1:], "STEPWELL", "PEACHTREE", "LIS", dialect.sender]
    assert head.split(bar)[9] == "SW1"
    assert status.split(bar)[:3] == ["MSA", "AE", "é7" if dialect.charset else "C-7"]
    assert len(status.split(bar)) == 4


# frames ------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.binary(max_size=60).filter(lambda b: b"\x0b" not in b and b"\x1c" not in b), max_size=6),
    st.data(),
)
def test_frames_come_out_whole_however_the_bytes_arrive(contents, data):
    stream = b"".join(framed(one) for one in contents)
    frames, events, at = Frames(1000), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, 40))
        events += frames.feed(stream[at : at + step])
        at += step
    assert events + frames.rest() == [Frame(one) for one in contents]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"\x0bhalf\x0bwhole\x1c\r", [Broken(b"half"), Frame(b"whole")]),
        (b"junk\x0bone\x1c\r\nmore", [Outside(b"junk"), Frame(b"one"), Outside(b"\nmore")]),
        (b"\x0bno last byte\x1c", [Frame(b"no last byte")]),
        (b"\x0bone\x1c\n\x0btwo\x1c\r\n", [Frame(b"one"), Frame(b"two")]),
        (b"\x0bone\x1c\x0btwo\x1c\r", [Frame(b"one"), Frame(b"two")]),
        (b"\x0b1C inside \x1c is content\x1c\r", [Frame(b"1C inside \x1c is content")]),
        (b"\x0bnever ends", [Broken(b"never ends")]),
        (b"\x0b" + b"x" * 101 + b"\x1c\r\x0bshort\x1c\r", [TooLong(101), Frame(b"short")]),
    ],
)
def test_damaged_frames_are_told_apart(stream, events):
    frames = Frames(100)
    assert frames.feed(stream) + frames.rest() == events
