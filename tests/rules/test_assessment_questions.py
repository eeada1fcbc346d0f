"""The questions of an instrument as they are shown, wherever they are answered."""

from __future__ import annotations

import pytest

from stepwell.clinic.assessment.rules import instruments, load_instrument, questions_of


@pytest.mark.parametrize("slug", instruments())
def test_every_question_stands_there_with_every_answer(slug):
    instrument = load_instrument(slug)
    assert [(q.number, [int(value) for value, _ in q.options]) for q in questions_of(instrument)] == [
        (item.link_id, [option.value for option in item.options]) for item in instrument.items
    ]


def test_where_some_answers_are_numbers_alone_every_answer_has_its_number():
    first = questions_of(load_instrument("ciwa-ar"))[0]
    assert [words.split()[0] for _, words in first.options] == [value for value, _ in first.options]
    assert questions_of(load_instrument("phq-9"))[0].options[0] == ("0", "Not at all")


def test_what_hangs_on_an_earlier_answer_says_when_it_is_left_out():
    audit = questions_of(load_instrument("audit"))
    assert [q.skip for q in audit[:2]] == ["", "Leave out when question 1 is answered “Never”."]
