from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.models import Alert, Diagnosis, DimensionalRating, Screening
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.assessment.making import SAFE, answers, make_rating, make_screening
from tests.making import NOW, actor, make_login, make_patient, make_site, make_staff


def last_entry() -> Entry:
    return Entry.objects.order_by("-seq")[0]


def test_a_complete_questionnaire_is_kept_with_its_score_and_one_entry(by, patient):
    row = make_screening(by, patient, "phq-9", (2, 2, 2, 2, 2, 0))
    assert (row.complete, int(row.total), row.band, row.missing) == (True, 10, "moderate", [])
    assert row.recorded_by_id == by.staff_id
    entry = last_entry()
    assert (entry.action, entry.patient_id, entry.subject) == (
        "assessment.record_screening", patient.pk, f"Screening {row.pk}",
    )  # fmt: skip
    assert entry.detail == {"instrument": "phq-9", "complete": True, "alerts": []}


def test_an_incomplete_questionnaire_is_kept_as_such_and_never_scored(by, patient):
    row = make_screening(by, patient, "phq-9", (1, 1, 1, 1, 1, 1, 1, 0, None))
    assert (row.complete, row.total, row.band, row.missing) == (False, None, "", ["9"])


@pytest.mark.parametrize(
    ("values", "total"),
    [((0, 0, 0, 0, 0, 0, 0, 0, 1, 0), 1), ((None, None, None, None, None, None, None, None, 2, None), None)],
)
def test_a_safety_answer_raises_an_alert_whatever_the_total(by, patient, values, total):
    row = make_screening(by, patient, "phq-9", values)
    assert (None if row.total is None else int(row.total)) == total
    alert = Alert.objects.get(patient=patient)
    assert (alert.kind, alert.severity, alert.subject) == (
        "suicidal-thoughts",
        "urgent",
        f"Screening {row.pk}",
    )
    assert list(queries.open_alerts(by)) == [alert]
    assert last_entry().detail["alerts"] == [alert.pk]


def test_a_patient_may_fill_in_a_questionnaire_about_themselves_only(by, patient, site):
    own = actor_of(make_login(patient), at=NOW)
    row = make_screening(own, patient)
    assert row.recorded_by_id is None
    other = make_patient(site, "Ben", "Ito")
    with pytest.raises(Denied, match="Your role does not include"):
        make_screening(own, other)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"1": None}, "No question of PHQ-9 is answered"),
        ({"1": 9}, "cannot be answered 9"),
        ({"99": 1}, "has no question 99"),
    ],
)
def test_what_a_questionnaire_does_not_offer_is_refused_and_leaves_no_row(by, patient, given, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.record_screening(by=by, at=NOW, patient=patient, instrument="phq-9", answers=given)
    assert not Screening.objects.exists()


def test_a_questionnaire_from_tomorrow_is_refused(by, patient):
    with pytest.raises(Refused, match="later than now"):
        actions.record_screening(
            by=by, at=NOW, patient=patient, instrument="phq-9", answers=answers("phq-9", 1),
            taken_at=NOW + timedelta(days=1),
        )  # fmt: skip


def test_a_questionnaire_in_error_counts_no_more(by, patient):
    row = make_screening(by, patient)
    actions.mark_in_error(by=by, at=NOW, screening=row, because="Wrong person")
    assert queries.histories(queries.screenings_of(by, patient)) == []
    with pytest.raises(Refused, match="already marked"):
        actions.mark_in_error(by=by, at=NOW, screening=row, because="Again")


def test_an_alert_is_acknowledged_once_and_says_what_was_done(by, patient, site):
    make_screening(by, patient, "phq-9", (0, 0, 0, 0, 0, 0, 0, 0, 1, 0))
    alert = Alert.objects.get()
    with pytest.raises(Refused, match="Write what was done"):
        actions.acknowledge_alert(by=by, at=NOW, alert=alert, done="  ")
    row = actions.acknowledge_alert(by=by, at=NOW, alert=alert, done="Called, safety plan made.")
    assert (row.by_id, row.done) == (by.staff_id, "Called, safety plan made.")
    assert not queries.waiting(by).exists()
    with pytest.raises(Refused, match="Nia Okafor has acknowledged"):
        actions.acknowledge_alert(by=by, at=NOW, alert=alert, done="Me too")


def test_an_alert_from_another_step_is_one_row_and_one_entry(by, patient):
    alert = actions.raise_alert(
        by=by, at=NOW, patient=patient, kind="craving", sentence="Craving 9 of 10.", subject="CheckIn 4"
    )
    assert (alert.kind, alert.severity) == ("craving", "urgent")
    assert last_entry().action == "assessment.raise_alert"


def test_an_interview_that_says_nothing_is_refused(by, patient):
    with pytest.raises(Refused, match="Nothing is written yet"):
        actions.save_interview(by=by, at=NOW, patient=patient, sections={"reason": "  "})


def test_a_new_primary_diagnosis_makes_the_earlier_one_secondary(by, patient):
    first = actions.record_diagnosis(
        by=by, at=NOW, patient=patient, code="f10.20", text="Alcohol use disorder", primary=True
    )
    second = actions.record_diagnosis(
        by=by, at=NOW, patient=patient, code="F33.1", text="Depression", primary=True, onset=date(2024, 1, 1)
    )
    assert list(queries.diagnoses_of(by, patient).values_list("code", "primary")) == [
        ("F33.1", True),
        ("F10.20", False),
    ]
    actions.end_diagnosis(by=by, at=NOW, diagnosis=second)
    assert list(queries.diagnoses_of(by, patient)) == [first]


@pytest.mark.parametrize(
    ("code", "text", "sentence"),
    [
        ("alcohol", "x", "is not an ICD-10-CM code"),
        ("", "x", "is not an ICD-10-CM code"),
        ("F10.2", "x", "is a heading; choose a code beneath it, such as F10.20"),
        ("F10.77", "x", "is not in ICD-10-CM"),
        ("F43.8", "x", "is not valid on 18 Mar 2026: it ended by 1 Oct 2022"),
    ],
)
def test_a_code_that_is_none_that_day_is_refused_with_a_sentence(by, patient, code, text, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.record_diagnosis(by=by, at=NOW, patient=patient, code=code, text=text)


def test_the_database_refuses_two_primary_diagnoses(by, patient):
    facts = {
        "patient": patient,
        "text": "x",
        "primary": True,
        "recorded_at": NOW,
        "recorded_by_id": by.staff_id,
    }
    Diagnosis.objects.create(code="F10.20", **facts)
    with pytest.raises(IntegrityError, match="one_primary_diagnosis"), transaction.atomic():
        Diagnosis.objects.create(code="F11.20", **facts)


def test_partial_ratings_are_kept_as_partial(by, patient):
    row = make_rating(by, patient, (0, None, None, 2, None, None))
    assert [row.d1, row.d2, row.d4] == [0, None, 2]
    assert row.reasons == {"d1": "Reason 1.", "d4": "Reason 4."}
    assert queries.ratings_as_rules(row).unrated[0].label == "Physical health"


def test_ratings_stand_on_the_newest_interview_unless_told_otherwise(by, patient):
    actions.save_interview(by=by, at=NOW, patient=patient, sections={}, gates=SAFE)
    row = actions.rate_dimensions(by=by, at=NOW, patient=patient, ratings={1: (0, "None.")})
    assert row.gates == SAFE


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "No dimension is rated"),
        ({1: (5, "x")}, "choose a number from 0 to 4"),
        ({1: (2, " ")}, "without a reason"),
        ({7: (1, "x")}, "no dimension 7"),
    ],
)
def test_a_rating_without_number_or_reason_is_refused(by, patient, given, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.rate_dimensions(by=by, at=NOW, patient=patient, ratings=given)
    assert not DimensionalRating.objects.exists()


@pytest.mark.parametrize("table", [Screening, DimensionalRating])
def test_the_database_refuses_nonsense(by, patient, table):
    facts = {
        Screening: {
            "instrument": "phq-9",
            "version": "1",
            "answers": {},
            "complete": False,
            "total": 3,
            "taken_at": NOW,
            "recorded_at": NOW,
        },
        DimensionalRating: {"d1": 5, "reasons": {}, "at": NOW, "by_id": by.staff_id},
    }[table]
    with (
        pytest.raises(IntegrityError, match=r"screening_incomplete_has_no_total|rating_d1_from_0_to_4"),
        transaction.atomic(),
    ):
        table.objects.create(patient=patient, **facts)


ROLES_THAT_RECORD = {Role.COUNSELOR, Role.FACILITATOR, Role.PRESCRIBER, Role.NURSE}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PATIENT, Role.FAMILY}))
def test_who_may_record_a_questionnaire(site, patient, role):
    who = actor(make_staff(site, role))
    if role in ROLES_THAT_RECORD:
        assert make_screening(who, patient).recorded_by_id == who.staff_id
    else:
        with pytest.raises(Denied, match="Your role does not include: record interviews"):
            make_screening(who, patient)


def test_a_clinician_of_another_site_is_denied(patient):
    stranger = actor(make_staff(make_site(), Role.COUNSELOR))
    with pytest.raises(Denied):
        make_screening(stranger, patient)


@pytest.mark.parametrize("many", [1, 30])
def test_reading_histories_and_alerts_takes_a_fixed_number_of_queries(
    by, patient, many, django_assert_num_queries
):
    for n in range(many):
        make_screening(by, patient, "phq-9", (n % 3, 1, 0, 0, 0, 0, 0, 0, 1, 0), NOW + timedelta(days=n))
    with django_assert_num_queries(2):
        rows = list(queries.screenings_of(by, patient))
        histories = queries.histories(rows)
        queries.due(rows, zone="America/New_York", admitted_at=NOW, today=date(2026, 5, 1))
        alerts = list(queries.alerts_of(by, patient))
    assert (len(histories[0].fillings), len(alerts)) == (many, many)


def test_the_change_between_the_last_two_complete_fillings_is_told(by, patient):
    make_screening(by, patient, "phq-9", (2, 2, 2, 2, 2, 2, 2, 2, 0, 0), NOW)
    make_screening(by, patient, "phq-9", (1, 1, 1, 0, 0), NOW + timedelta(days=30))
    make_screening(by, patient, "phq-9", (1, None), NOW + timedelta(days=31))
    (history,) = queries.histories(queries.screenings_of(by, patient))
    assert [c.sentence for c in history.changes] == ["Total went from 16 to 3: better."]
    assert history.newer_incomplete is not None
