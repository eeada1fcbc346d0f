from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.models import Alert, Screening
from stepwell.clinic.refusal import Refused
from tests.clinic.assessment.making import answers, make_screening
from tests.making import NOW

LATER = NOW + timedelta(hours=2)


def corrected(by, row, values=(2, 2, 0), because="Typed into the wrong line.", at=LATER):
    return actions.correct_screening(
        by=by, at=at, screening=row, answers=answers("phq-9", *values), because=because
    )


def test_a_correction_is_a_further_row_and_the_former_one_counts_no_more(by, patient):
    former = make_screening(by, patient)
    new = corrected(by, former)
    assert (new.supersedes, new.taken_at, new.recorded_at, int(new.total)) == (former, NOW, LATER, 4)
    (history,) = queries.histories(queries.screenings_of(by, patient))
    assert history.fillings == (new,)
    assert Screening.objects.get(pk=former.pk).answers == former.answers
    assert queries.newest_fillings(by, [patient.pk])[patient.pk] == {"phq-9": NOW}


def test_a_safety_answer_that_comes_with_a_correction_raises_its_alert_once(by, patient):
    former = make_screening(by, patient)
    new = corrected(by, former, (0, 0, 0, 0, 0, 0, 0, 0, 2, 0))
    assert Alert.objects.get().subject == f"Screening {new.pk}"
    corrected(by, new, (0, 0, 0, 0, 0, 0, 0, 0, 3, 0))
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "because", "sentence"),
    [
        ((1, 1, 0), "Same.", "Nothing is different"),
        ((2, 2, 0), " ", "Say why"),
        ((None,), "All wrong.", "mark it as entered in error instead"),
        ((9, 0), "x", "cannot be answered 9"),
    ],
)
def test_what_is_no_correction_is_refused(by, patient, values, because, sentence):
    row = make_screening(by, patient)
    with pytest.raises(Refused, match=sentence):
        corrected(by, row, values, because)
    assert Screening.objects.count() == 1


def test_nothing_is_corrected_twice_or_after_it_was_struck(by, patient):
    former = make_screening(by, patient)
    new = corrected(by, former)
    with pytest.raises(Refused, match="corrected already"):
        corrected(by, former, (3, 3, 0))
    with pytest.raises(Refused, match="mark the newer ones"):
        actions.mark_in_error(by=by, at=LATER, screening=former, because="x")
    actions.mark_in_error(by=by, at=LATER, screening=new, because="Wrong person")
    with pytest.raises(Refused, match="entered in error"):
        corrected(by, new, (3, 3, 0))
    assert queries.histories(queries.screenings_of(by, patient)) == []


def test_a_button_pressed_twice_makes_one_row(by, patient):
    one = {"patient": patient, "instrument": "phq-9", "answers": answers("phq-9", 1), "once_key": "k"}
    first = actions.record_screening(by=by, at=NOW, **one)
    assert actions.record_screening(by=by, at=LATER, **one) == first
    assert Screening.objects.count() == 1
