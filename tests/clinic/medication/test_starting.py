"""Beginning a medicine: the product, the titration, the checks, the first dose, doses at home, supply."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.actions import correct_screening, mark_in_error
from stepwell.clinic.assessment.models import Alert, Screening
from stepwell.clinic.medication import actions, queries
from stepwell.clinic.medication.models import (
    Dose,
    MedicationOrder,
    SafetyFact,
    StartCheck,
    Supply,
    TakeHome,
)
from stepwell.clinic.medication.rules import CheckState, DueState, Phase, Step, unmet
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.medication.making import (
    asked,
    daily_here,
    know,
    make_order,
    nurse_of,
    prescriber_of,
    rate,
)
from tests.making import NOW, TODAY, actor, make_patient, make_staff

BUP = {
    "drug": "buprenorphine",
    "dose": Decimal("4"),
    "unit": "mg",
    "route": "sublingual",
    "frequency": "daily",
    "starts_on": TODAY,
    "given_here": True,
    "rxnorm": "1010604",
    "steps": (Step(1, Decimal(4)), Step(2, Decimal(8))),
}


@pytest.fixture
def prescriber(patient):
    return prescriber_of(patient)


@pytest.fixture
def nurse(patient):
    return nurse_of(patient)


def order_it(prescriber, patient, **changed):
    facts = {**BUP, **changed}
    seen = ("Give naloxone for the home.", "4 mg is outside the usual 8 to 24 mg per day.")
    return actions.order_medication(by=prescriber, at=NOW, patient=patient, seen_warnings=seen, **facts)


def known(patient, by):
    know(patient, by, pdmp="expected", liver=Decimal("1.1"), pregnancy="not_possible")


def give(nurse, order, key="k1", *, at=NOW, **changed):
    facts = {"outcome": "given", "amount": Decimal("4"), "observed": True, **changed}
    return actions.record_dose(by=nurse, at=at, order=order, once_key=key, **facts)


def test_an_order_waits_for_what_is_not_known_and_nothing_is_saved(prescriber, patient):
    with pytest.raises(Refused, match="No liver test of the last 6 months"):
        order_it(prescriber, patient)
    assert (MedicationOrder.objects.count(), StartCheck.objects.count()) == (0, 0)


def test_a_controlled_medicine_outside_of_the_list_waits_for_the_monitoring_program(prescriber, patient):
    facts = {
        "drug": "Clonazepam", "dose": Decimal(1), "unit": "mg", "route": "oral", "frequency": "daily", "starts_on": TODAY,
        "seen_warnings": ("Clonazepam is not in the drug list, so its dose was not checked.",),
    }  # fmt: skip
    with pytest.raises(Refused, match="monitoring program was not asked"):
        actions.order_medication(by=prescriber, at=NOW, patient=patient, **facts)
    know(patient, prescriber, pdmp="expected")
    row = actions.order_medication(by=prescriber, at=NOW, patient=patient, **facts)
    assert list(row.checks.values_list("code", "state")) == [("pdmp", "ok")]


def test_a_whole_induction_from_the_query_to_the_first_doses(prescriber, nurse, patient):
    known(patient, prescriber)
    order = order_it(prescriber, patient)
    assert (order.rxnorm, [s.from_day for s in order.steps.all()]) == ("1010604", [1, 2])
    kept = dict(StartCheck.objects.filter(order=order).values_list("code", "state"))
    assert kept == {"liver": "ok", "pregnancy": "ok", "pdmp": "ok"}
    # the checks of the first dose are left for that dose
    with pytest.raises(Refused, match="No COWS of the last 4 hours"):
        give(nurse, order)
    rate(patient, 5, by=nurse)
    with pytest.raises(Refused, match="COWS is 5, below 8"):
        give(nurse, order)
    rate(patient, 11, by=nurse, at=NOW + timedelta(minutes=30))
    later = NOW + timedelta(minutes=40)
    with pytest.raises(Refused, match="when the last opioid was taken"):
        give(nurse, order, at=later)
    know(patient, nurse, at=later, last_opioid=("short", 20))
    dose = give(nurse, order, at=later)
    assert (dose.on, dose.place, dose.observed) == (TODAY, 1, True)
    assert dict(StartCheck.objects.filter(order=order, phase="start").values_list("code", "state")) == {
        "cows": "ok",
        "opioid_window": "ok",
    }
    # the next day no check stands before the dose, and the step asks for 8 mg
    tomorrow = NOW + timedelta(days=1)
    assert queries.checks_before_dose(order, at=tomorrow) == ()
    assert [o.dose for o in queries.the_round(nurse, at=tomorrow)] == [Decimal(8)]
    give(nurse, order, "k2", at=tomorrow, amount=Decimal(8))


def test_a_score_that_was_corrected_opens_no_first_dose_whatever_became_of_the_correction(
    prescriber, nurse, patient
):
    known(patient, prescriber)
    order = order_it(prescriber, patient)
    know(patient, nurse, last_opioid=("short", 20))
    rate(patient, 11, by=nurse)
    wrong = Screening.objects.get()
    less = {**wrong.answers, next(link for link, value in wrong.answers.items() if value): 0}
    right = correct_screening(by=nurse, at=NOW, screening=wrong, answers=less, because="Read wrongly.")
    mark_in_error(by=nurse, at=NOW, screening=right, because="Another person's.")
    with pytest.raises(Refused, match="No COWS of the last 4 hours"):
        give(nurse, order)


def test_a_check_is_passed_over_by_a_prescriber_with_a_reason_that_stays(prescriber, nurse, patient):
    known(patient, prescriber)
    order = order_it(prescriber, patient)
    passed = {
        code: actions.PassedOver("low_dose", "Fentanyl; 0.5 mg steps.") for code in ("cows", "opioid_window")
    }
    with pytest.raises(Denied, match="order and stop medication"):
        give(nurse, order, passed_over=passed)
    give(prescriber, order, passed_over=passed)
    rows = StartCheck.objects.filter(order=order, phase="start")
    assert set(rows.values_list("reason", "note", "state")) == {
        ("low_dose", "Fentanyl; 0.5 mg steps.", "missing")
    }


def test_what_cannot_be_passed_over_is_not(prescriber, patient):
    know(patient, prescriber, liver=Decimal("6"), pregnancy="not_possible", last_opioid="none")
    passed = {c: actions.PassedOver("specialist") for c in ("liver", "naltrexone_window", "naltrexone_proof")}
    with pytest.raises(Refused, match=r"6 times the upper limit.*cannot be passed over"):
        actions.order_medication(
            by=prescriber, at=NOW, patient=patient, passed_over=passed,
            **asked(drug="naltrexone", dose=Decimal(50), route="oral", frequency="daily"),
        )  # fmt: skip


def test_an_order_taken_at_home_meets_the_checks_of_its_first_dose_as_it_is_signed(prescriber, patient):
    known(patient, prescriber)
    with pytest.raises(Refused, match="No COWS"):
        order_it(prescriber, patient, given_here=False)


def test_a_product_belongs_to_the_medicine_ordered(prescriber, patient):
    known(patient, prescriber)
    for code in ("637213", "999", "1010604x"):
        with pytest.raises(Refused, match="not one of the medicine ordered"):
            order_it(prescriber, patient, rxnorm=code)


def test_the_newest_score_of_an_entry_in_error_does_not_count(prescriber, nurse, patient):
    rate(patient, 11, by=nurse)
    Screening.objects.update(entered_in_error_at=NOW, entered_in_error_because="Wrong person.")
    found = {f.code: f.state for f in queries.check_start(patient, "buprenorphine", at=NOW)}
    assert found["cows"] is CheckState.MISSING


def test_a_fact_is_kept_with_who_and_when_and_none_lies_ahead(by, patient):
    row = actions.record_fact(
        by=by, at=NOW, patient=patient, kind="liver", number=Decimal("1.5"), true_at=NOW - timedelta(days=2)
    )
    assert (row.words, row.label, row.by_id) == ("1.5 times the upper limit", "Liver test", by.staff_id)
    with pytest.raises(Refused, match="lies ahead"):
        actions.record_fact(
            by=by, at=NOW, patient=patient, kind="pdmp", value="expected", true_at=NOW + timedelta(minutes=1)
        )
    assert SafetyFact.objects.count() == 1


# injections and two at once ------------------------------------------------------------------------------


def test_an_injection_names_site_and_lot_and_the_next_one_takes_another_site(prescriber, nurse, patient):
    order = make_order(
        patient, by=prescriber, drug="naltrexone-xr", dose=Decimal(380), route="intramuscular",
        frequency="every_4_weeks", given_here=True,
    )  # fmt: skip
    with pytest.raises(Refused, match="where the injection was given"):
        give(nurse, order, amount=Decimal(380))
    with pytest.raises(Refused, match="lot number"):
        give(nurse, order, amount=Decimal(380), injection_site="left_gluteal")
    give(nurse, order, amount=Decimal(380), injection_site="left_gluteal", lot="A77")
    found = queries.the_round(nurse, at=NOW + timedelta(days=28))[0]
    assert (found.last_site, found.due.state, found.injected) == ("Left gluteal", DueState.DUE, True)


def test_the_database_refuses_the_same_dose_a_second_time_whatever_was_seen(nurse, patient):
    order = daily_here(patient)
    give(nurse, order, amount=Decimal(250))
    with pytest.raises(IntegrityError, match="dose_given_once"), transaction.atomic():
        Dose.objects.create(
            order=order,
            outcome="given",
            amount=250,
            on=TODAY,
            place=1,
            at=NOW,
            by=order.prescriber,
            once_key="x",
        )


# at home, supply -----------------------------------------------------------------------------------------


def home(nurse, order, key="h1", **changed):
    facts = {"doses": 3, "first_day": TODAY + timedelta(days=1), **changed}
    return actions.send_home(by=nurse, at=NOW, order=order, once_key=key, **facts)


def test_doses_go_home_once_and_the_round_knows_until_when(nurse, patient):
    order = daily_here(patient)
    with pytest.raises(Refused, match="first dose here"):
        home(nurse, order)
    give(nurse, order, amount=Decimal(250))
    first = home(nurse, order, lot="B1")
    assert home(nurse, order).pk == first.pk
    assert (TakeHome.objects.count(), first.last_day) == (1, TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="at home already"):
        home(nurse, order, "h2", first_day=TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="was given here"):
        home(nurse, order, "h3", first_day=TODAY)
    with pytest.raises(Refused, match="From 1 to 14"):
        home(nurse, order, "h4", doses=15, first_day=TODAY + timedelta(days=9))
    tomorrow = NOW + timedelta(days=1)
    assert queries.the_round(nurse, at=tomorrow)[0].due.state is DueState.DONE
    with pytest.raises(Refused, match="to take home"):
        give(nurse, order, "k2", at=tomorrow, amount=Decimal(250))


def test_a_supply_says_when_it_runs_out_and_the_list_asks_a_week_before(by, prescriber, patient):
    know(patient, prescriber, creatinine_clearance=Decimal(90))
    order = actions.order_medication(
        by=prescriber, at=NOW, patient=patient,
        **asked(drug="acamprosate", dose=Decimal(666), route="oral", frequency="three_a_day"),
    )  # fmt: skip
    facts = {"by": by, "at": NOW, "order": order, "strength": Decimal(333)}
    row = actions.record_supply(**facts, on=TODAY, pieces=Decimal(60), once_key="s1", refills_left=2)
    assert actions.record_supply(**facts, on=TODAY, pieces=Decimal(60), once_key="s1").pk == row.pk
    found = queries.refills(by, at=NOW)
    assert [(r.out.last_day, r.out.refills_left, r.days_left, r.due) for r in found] == [
        (TODAY + timedelta(days=9), 2, 9, False)
    ]
    assert [r.due for r in queries.refills(by, at=NOW + timedelta(days=3))] == [True]
    with pytest.raises(Refused, match="lies ahead"):
        actions.record_supply(**facts, on=TODAY + timedelta(days=1), pieces=Decimal(1), once_key="s2")
    with pytest.raises(Refused, match="how many pieces"):
        actions.record_supply(**facts, on=TODAY, pieces=Decimal(0), once_key="s3")
    actions.stop_order(by=prescriber, at=NOW, order=order, because="done")
    with pytest.raises(Refused, match="was stopped"):
        actions.record_supply(**facts, on=TODAY, pieces=Decimal(1), once_key="s4")
    assert (Supply.objects.count(), queries.refills(by, at=NOW)) == (1, [])


def test_a_form_without_its_key_is_out_of_date(nurse, patient):
    order = daily_here(patient)
    for key in ("", "x" * 65):
        with pytest.raises(Refused, match="out of date"):
            give(nurse, order, key, amount=Decimal(250))


# withdrawal ----------------------------------------------------------------------------------------------


def test_a_reading_is_scored_kept_for_assessment_and_told_of(nurse, patient):
    calm = rate(patient, 3, by=nurse, pulse=82, systolic=128, diastolic=80)
    assert (calm.total, calm.action, calm.alert, calm.watch.instrument) == (3, "", None, "cows")
    assert Screening.objects.filter(patient=patient, instrument="cows", total=3).count() == 1
    grave = rate(patient, 12, by=nurse, instrument="ciwa-ar", at=NOW + timedelta(hours=1))
    alert = Alert.objects.get(kind="withdrawal_call")
    assert (grave.alert_id, alert.severity, alert.subject) == (
        alert.pk,
        "urgent",
        f"Screening {grave.screening_id}",
    )
    assert "refers at 10 and more" in alert.sentence
    watched = queries.watched_now(nurse, at=NOW + timedelta(hours=4))
    assert [(w.row.instrument, w.row.last_total, w.late) for w in watched] == [
        ("ciwa-ar", 12, True),
        ("cows", 3, False),
    ]
    assert Entry.objects.filter(action="medication.reading").count() == 2


def test_a_reading_sent_twice_is_one_and_a_gap_is_none(nurse, patient, site):
    first = rate(patient, 3, by=nurse)
    assert rate(patient, 3, by=nurse).pk == first.pk
    facts = {"by": nurse, "at": NOW, "instrument": "cows", "answers": {}, "vitals": {}}
    with pytest.raises(Refused, match="sent for somebody else"):
        actions.record_reading(**facts, patient=make_patient(site, "Ben", "Tran"), once_key=first.once_key)
    whole = dict(first.screening.answers)
    whole.popitem()
    with pytest.raises(Refused, match="Rate every line"):
        actions.record_reading(**{**facts, "answers": whole}, patient=patient, once_key="gap")
    assert Screening.objects.count() == 1


def test_nothing_is_given_while_a_reading_says_hold_and_nobody_has_said_what_was_done(nurse, by, patient):
    from stepwell.clinic.assessment.actions import acknowledge_alert

    order = daily_here(patient)
    rate(patient, 0, by=nurse, oxygen=92)
    with pytest.raises(Refused, match=r"Hold doses and call.*Acknowledge this alert"):
        give(nurse, order, amount=Decimal(250))
    give(nurse, order, "held", outcome="held", amount=None, note="Oxygen 92.")
    alert = Alert.objects.get(kind="withdrawal_hold")
    acknowledge_alert(by=by, at=NOW, alert=alert, done="Seen by the prescriber; cold fingers, 97 now.")
    assert queries.hold_in_force(patient) == ""


def test_a_watch_ends_once_with_a_reason_and_the_next_reading_begins_another(nurse, patient):
    watch = rate(patient, 3, by=nurse).watch
    with pytest.raises(Refused, match="Say why"):
        actions.end_watch(by=nurse, at=NOW, watch=watch, because=" ")
    actions.end_watch(by=nurse, at=NOW, watch=watch, because="Settled.")
    with pytest.raises(Refused, match="ended already"):
        actions.end_watch(by=nurse, at=NOW, watch=watch, because="Settled.")
    assert rate(patient, 3, by=nurse, at=NOW + timedelta(hours=1)).watch_id != watch.pk
    assert len(queries.sheets_of(nurse, patient)) == 2


def test_a_counselor_rates_no_withdrawal(by, patient):
    with pytest.raises(Denied, match="dose given"):
        rate(patient, 3, by=by)


def test_no_unmet_check_is_left_out_of_what_the_page_shows(prescriber, patient):
    known(patient, prescriber)
    order = order_it(prescriber, patient)
    assert {f.code for f in unmet(queries.checks_before_dose(order, at=NOW), Phase.START)} == {
        "cows",
        "opioid_window",
    }
    other = actor(make_staff(patient.site, Role.NURSE))
    assert queries.order_for(other, patient, order.pk).pk == order.pk
