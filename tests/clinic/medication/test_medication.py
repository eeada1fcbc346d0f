from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.medication import actions, queries
from stepwell.clinic.medication.models import Dose, Medication, MedicationOrder, SideEffect
from stepwell.clinic.medication.rules import DueState
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.medication.making import asked, daily_here, make_order, prescriber_of
from tests.making import NOW, TODAY, actor, make_login, make_patient, make_site, make_staff


@pytest.fixture
def prescriber(patient):
    return prescriber_of(patient)


@pytest.fixture
def nurse(site):
    return actor(make_staff(site, Role.NURSE, credential="RN"))


def entries() -> list[str]:
    return list(Entry.objects.filter(action__startswith="medication").values_list("action", flat=True))


# the list ------------------------------------------------------------------------------------------------


def test_a_medicine_told_of_is_on_the_list_until_it_is_ended(by, patient):
    row = actions.record_medication(by=by, at=NOW, patient=patient, name=" Sertraline ", dose="50 mg")
    assert (row.name, row.source, row.recorded_by_id) == ("Sertraline", "reported", by.staff_id)
    ended = actions.end_medication(by=by, at=NOW, medication=row, ended_on=TODAY, because="no effect")
    assert (ended.ended_on, ended.ended_because) == (TODAY, "no effect")
    assert entries() == ["medication.record", "medication.end"]
    with pytest.raises(Refused, match="ended already"):
        actions.end_medication(by=by, at=NOW, medication=row, ended_on=TODAY)


def test_the_same_medicine_is_not_listed_twice(by, patient):
    actions.record_medication(by=by, at=NOW, patient=patient, name="Sertraline", dose="50 mg")
    with pytest.raises(Refused, match="on the list already"):
        actions.record_medication(by=by, at=NOW, patient=patient, name="sertraline", dose="50 mg")
    assert Medication.objects.count() == 1


@pytest.mark.parametrize(
    ("ended_on", "sentence"),
    [(date(2026, 3, 1), "before it began"), (TODAY + timedelta(days=1), "lies ahead")],
)
def test_a_medicine_ends_after_it_began_and_not_in_the_future(by, patient, ended_on, sentence):
    row = actions.record_medication(
        by=by, at=NOW, patient=patient, name="Sertraline", starts_on=date(2026, 3, 2)
    )
    with pytest.raises(Refused, match=sentence):
        actions.end_medication(by=by, at=NOW, medication=row, ended_on=ended_on)


def test_an_allergy_is_recorded_once_and_taken_off_once(by, patient):
    row = actions.record_allergy(by=by, at=NOW, patient=patient, substance="Penicillin", reaction="rash")
    with pytest.raises(Refused, match="on file already"):
        actions.record_allergy(by=by, at=NOW, patient=patient, substance="penicillin")
    actions.end_allergy(by=by, at=NOW, allergy=row)
    assert queries.allergies_of(by, patient) == []
    with pytest.raises(Refused, match="off the list already"):
        actions.end_allergy(by=by, at=NOW, allergy=row)


# orders --------------------------------------------------------------------------------------------------


def test_an_order_is_signed_by_the_prescriber_with_what_was_asked(prescriber, patient):
    row = actions.order_medication(by=prescriber, at=NOW, patient=patient, **asked())
    assert (row.name, row.dose, row.prescriber_id, row.warnings) == (
        "Naloxone nasal spray",
        Decimal("4"),
        prescriber.staff_id,
        [],
    )
    assert entries() == ["medication.order"]


@pytest.mark.parametrize("role", [Role.NURSE, Role.COUNSELOR, Role.DIRECTOR, Role.BILLER])
def test_nobody_but_a_prescriber_orders_or_stops(site, patient, role):
    order = make_order(patient)
    other = actor(make_staff(site, role))
    with pytest.raises(Denied, match="order and stop medication"):
        actions.order_medication(by=other, at=NOW, patient=patient, **asked())
    with pytest.raises(Denied):
        actions.stop_order(by=other, at=NOW, order=order, because="x")


def test_a_warning_must_be_seen_before_the_order_is_signed_and_then_stays_on_it(prescriber, by, patient):
    actions.record_allergy(by=by, at=NOW, patient=patient, substance="naloxone")
    with pytest.raises(Refused, match="An allergy to naloxone is on file"):
        actions.order_medication(by=prescriber, at=NOW, patient=patient, **asked())
    assert MedicationOrder.objects.count() == 0
    seen = ("An allergy to naloxone is on file.",)
    row = actions.order_medication(by=prescriber, at=NOW, patient=patient, seen_warnings=seen, **asked())
    assert row.warnings == list(seen)


def test_methadone_is_ordered_only_in_an_opioid_treatment_program(prescriber, patient):
    methadone = asked(drug="methadone", dose=Decimal("20"), route="oral", frequency="daily")
    with pytest.raises(Refused, match="opioid treatment program"):
        actions.order_medication(by=prescriber, at=NOW, patient=patient, **methadone)
    Site.objects.filter(pk=patient.site_id).update(is_otp=True)
    patient.site.refresh_from_db()
    assert make_order(patient, by=prescriber, **methadone).drug == "methadone"


def test_an_order_that_replaces_another_stops_it(prescriber, patient):
    first = make_order(patient, by=prescriber)
    second = actions.order_medication(
        by=prescriber, at=NOW, patient=patient, replaces=first, seen_warnings=(), **asked(dose=Decimal("4"))
    )
    first.refresh_from_db()
    assert (second.replaces_id, first.stopped_at, first.stopped_because) == (
        first.pk,
        NOW,
        "Replaced by a new order.",
    )


def test_an_order_is_stopped_once_and_with_a_reason(prescriber, patient):
    order = make_order(patient, by=prescriber)
    with pytest.raises(Refused, match="Say why"):
        actions.stop_order(by=prescriber, at=NOW, order=order, because=" ")
    actions.stop_order(by=prescriber, at=NOW, order=order, because="rash")
    with pytest.raises(Refused, match="stopped already"):
        actions.stop_order(by=prescriber, at=NOW, order=order, because="rash")


# doses ---------------------------------------------------------------------------------------------------


def give(nurse, order, key="k1", **changed):
    facts = {"outcome": "given", "amount": Decimal("250"), **changed}
    return actions.record_dose(by=nurse, at=NOW, order=order, once_key=key, **facts)


def test_a_double_click_gives_one_dose(nurse, patient):
    order = daily_here(patient)
    first, second = give(nurse, order), give(nurse, order)
    assert first.pk == second.pk
    assert Dose.objects.count() == 1
    assert entries().count("medication.dose") == 1


def test_a_second_dose_on_a_day_with_one_ordered_is_refused(nurse, patient):
    order = daily_here(patient)
    give(nurse, order)
    with pytest.raises(Refused, match="given already"):
        give(nurse, order, key="k2")


@pytest.mark.parametrize("outcome", ["refused", "held"])
def test_a_dose_not_given_says_why_and_has_no_amount(nurse, patient, outcome):
    order = daily_here(patient)
    with pytest.raises(Refused, match=f"why the dose was {outcome}"):
        give(nurse, order, outcome=outcome)
    assert give(nurse, order, outcome=outcome, note="nausea").amount is None


def test_no_dose_after_the_order_is_stopped(nurse, prescriber, patient):
    order = daily_here(patient, by=prescriber)
    actions.stop_order(by=prescriber, at=NOW, order=order, because="rash")
    with pytest.raises(Refused, match="not in force"):
        give(nurse, order)


def test_a_key_sent_for_another_order_is_refused(nurse, site, patient):
    give(nurse, daily_here(patient))
    with pytest.raises(Refused, match="another order"):
        give(nurse, daily_here(make_patient(site, "Ben", "Tran")))


def test_a_counselor_gives_no_dose(by, patient):
    with pytest.raises(Denied, match="dose given"):
        give(by, daily_here(patient))


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "given", "amount": None},
        {"outcome": "refused", "note": ""},
        {"outcome": "lost", "note": "x"},
    ],
)
def test_the_database_refuses_a_senseless_dose(patient, wrong):
    order = daily_here(patient)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dose.objects.create(order=order, on=TODAY, at=NOW, by=order.prescriber, once_key="x", **wrong)


def test_the_database_refuses_an_order_without_dose_or_a_stop_without_reason(patient):
    order = make_order(patient)
    for wrong in ({"dose": 0}, {"stopped_at": NOW}, {"ends_on": TODAY - timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MedicationOrder.objects.filter(pk=order.pk).update(**wrong)


# side effects --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "severity", "alerts"),
    [("nausea", "mild", 0), ("nausea", "severe", 1), ("suicidal thoughts", "mild", 1)],
)
def test_severe_side_effects_and_suicidal_thoughts_alert_at_once(by, patient, effect, severity, alerts):
    row = actions.report_side_effect(by=by, at=NOW, patient=patient, effect=effect, severity=severity)
    assert list(Alert.objects.values_list("kind", "severity", "subject")) == (
        [("side_effect", "urgent", f"SideEffect {row.pk}")] * alerts
    )


def test_the_patient_reports_a_side_effect_of_their_own_only(patient, site):
    me = actor_of(make_login(patient), at=NOW)
    row = actions.report_side_effect(by=me, at=NOW, patient=patient, effect="rash", severity="severe")
    assert row.by_id is None
    assert Alert.objects.count() == 1
    with pytest.raises(Denied):
        actions.report_side_effect(
            by=me, at=NOW, patient=make_patient(site, "Ben", "Tran"), effect="rash", severity="mild"
        )


def test_a_side_effect_is_followed_up_until_it_is_closed_once(by, patient):
    row = actions.report_side_effect(by=by, at=NOW, patient=patient, effect="rash", severity="moderate")
    assert row.look_again_on == TODAY + timedelta(days=7)
    ask = {"by": by, "at": NOW, "side_effect": row}
    with pytest.raises(Refused, match="what was found"):
        actions.follow_up_side_effect(**ask, said=" ", next_on=None)
    with pytest.raises(Refused, match="must lie ahead"):
        actions.follow_up_side_effect(**ask, said="Fading.", next_on=TODAY)
    actions.follow_up_side_effect(**ask, said="Fading.", next_on=TODAY + timedelta(days=2))
    assert [s.look_again_on for s in queries.open_side_effects(by)] == [TODAY + timedelta(days=2)]
    actions.follow_up_side_effect(**ask, said="Gone.", next_on=None)
    assert queries.open_side_effects(by) == []
    with pytest.raises(Refused, match="closed already"):
        actions.follow_up_side_effect(**ask, said="Gone.", next_on=None)


def test_an_unknown_severity_is_refused_and_the_database_refuses_it_too(by, patient):
    with pytest.raises(Refused, match="mild, moderate or severe"):
        actions.report_side_effect(by=by, at=NOW, patient=patient, effect="rash", severity="awful")
    with pytest.raises(IntegrityError), transaction.atomic():
        SideEffect.objects.create(
            patient=patient, effect="rash", severity="awful", at=NOW, look_again_on=TODAY
        )


# reading -------------------------------------------------------------------------------------------------


def test_the_round_lists_what_is_due_first_and_says_what_is_done(nurse, site, patient):
    done = daily_here(patient)
    give(nurse, done)
    due = daily_here(make_patient(site, "Ben", "Tran"))
    weekly = daily_here(
        make_patient(site, "Cy", "Abel"), frequency="weekly", starts_on=TODAY - timedelta(days=3)
    )
    found = [(o.row.pk, o.due.state, o.late_days) for o in queries.the_round(nurse, at=NOW)]
    assert found == [
        (weekly.pk, DueState.OVERDUE, 3),
        (due.pk, DueState.DUE, 0),
        (done.pk, DueState.DONE, 0),
    ]


def test_the_round_shows_nobody_of_another_site(patient):
    daily_here(patient)
    stranger = actor(make_staff(make_site(), Role.NURSE))
    assert queries.the_round(stranger, at=NOW) == []
    with pytest.raises(MedicationOrder.DoesNotExist):
        queries.order_for(stranger, patient, MedicationOrder.objects.get().pk)


def test_orders_in_force_tell_which_positives_are_expected(by, patient):
    make_order(patient, drug="buprenorphine", dose=Decimal("16"), frequency="daily", route="sublingual")
    assert queries.prescribed_classes(by, patient, TODAY) == {"buprenorphine"}
    assert queries.prescribed_classes(by, patient, TODAY - timedelta(days=1)) == frozenset()


@pytest.mark.parametrize("people", [1, 30])
def test_the_round_takes_four_queries_whatever_its_length(nurse, site, django_assert_num_queries, people):
    prescriber = actor(make_staff(site, Role.PRESCRIBER, credential="MD"))
    registrar = make_patient(site)
    for number in range(people):
        one = Patient.objects.create(
            code=f"Q{number:03}", site=site, given_name="P", family_name=f"N{number}",
            birth_date=date(1990, 1, 1), made_at=NOW, made_by="x",
        )  # fmt: skip
        give(nurse, daily_here(one, by=prescriber), key=f"k{number}")
    assert registrar.pk
    with django_assert_num_queries(4):
        assert len(queries.the_round(nurse, at=NOW)) == people
