"""The list gone through line by line, allergies asked about, naloxone offered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.inquiry.models import Handoff, HandoffItem, Inquiry
from stepwell.clinic.medication import actions, queries
from stepwell.clinic.medication.actions import Decided
from stepwell.clinic.medication.models import Allergy, Medication, NaloxoneOffer, Reconciliation
from stepwell.clinic.medication.rules import Order
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.medication.making import asked, make_order, nurse_of, prescriber_of
from tests.clinic.timetable.making import admitted
from tests.making import NOW, TODAY, actor, make_patient, make_staff


@pytest.fixture
def nurse(patient):
    return nurse_of(patient)


def handed(patient, *facts):
    """Accepted facts of a hand-off: (kind, display, detail)."""
    inquiry = Inquiry.objects.create(
        code=f"H{patient.pk}", site=patient.site, patient=patient, phone="555-0100", received_at=NOW, name="Ana", source="phone", once_key=f"i{patient.pk}",
    ) if not Inquiry.objects.filter(patient=patient).exists() else Inquiry.objects.get(patient=patient)  # fmt: skip
    handoff, _ = Handoff.objects.get_or_create(
        inquiry=inquiry,
        defaults={
            "content_key": f"k{patient.pk}", "person": {}, "source": "Riverside", "imported_at": NOW,
            "imported_by": "x",
        },
    )  # fmt: skip
    return [
        HandoffItem.objects.create(
            handoff=handoff, kind=kind, resource_type="MedicationRequest", resource_id=str(n), place=f"entry[{n}]",
            display=display, detail=detail, decision="accepted", decided_at=NOW,
        )
        for n, (kind, display, detail) in enumerate(facts)
    ]  # fmt: skip


def go_through(by, patient, decided, key="r1", **changed):
    return actions.reconcile(
        by=by, at=NOW, patient=patient, decided=decided, once_key=key, **{"occasion": "admission", **changed}
    )


def keys(by, patient):
    return {line.name: line.key for line in queries.lines_to_reconcile(by, patient, at=NOW)}


def test_every_line_gets_its_decision_and_the_list_is_written_by_it(nurse, patient):
    for name, dose in (("Sertraline", "50 mg"), ("Lisinopril", "10 mg"), ("Prazosin", "2 mg")):
        actions.record_medication(by=nurse, at=NOW, patient=patient, name=name, dose=dose)
    handed(
        patient,
        ("medication", "Hydroxyzine", {"dose": ["25 mg at night"]}),
        ("allergy", "Penicillin", {"reactions": [{"signs": ["Rash"]}]}),
    )
    order = make_order(patient)
    at = keys(nurse, patient)
    row = go_through(
        nurse,
        patient,
        [
            Decided(at["Hydroxyzine"], "continue"),
            Decided(at["Penicillin"], "continue"),
            Decided(at["Sertraline"], "change", to="100 mg", because="raised by the family doctor"),
            Decided(at["Lisinopril"], "stop", because="pressure is low"),
            Decided(at["Prazosin"], "not_taking", because="ran out in May"),
            Decided(at["Naloxone nasal spray"], "not_taking", because="lost it"),
        ],
    )
    standing = {(m.name, m.dose, m.source) for m in Medication.objects.filter(ended_on__isnull=True)}
    assert standing == {("Hydroxyzine", "25 mg at night", "handoff"), ("Sertraline", "100 mg", "reported")}
    assert list(Allergy.objects.values_list("substance", "reaction", "source")) == [
        ("Penicillin", "Rash", "handoff")
    ]
    assert (row.lines.count(), row.occasion, row.by_id) == (6, "admission", nurse.staff_id)
    alert = Alert.objects.get(kind="order_not_taken")
    assert (alert.severity, alert.subject) == ("soon", f"MedicationOrder {order.pk}")
    # what was looked at is not asked about again
    assert set(keys(nurse, patient)) == {"Hydroxyzine", "Sertraline", "Naloxone nasal spray"}


def test_the_same_form_twice_is_one_reconciliation(nurse, patient):
    first = go_through(nurse, patient, [], nothing_taken=True)
    assert go_through(nurse, patient, [], nothing_taken=True).pk == first.pk
    assert Reconciliation.objects.get().nothing_taken


def test_an_empty_list_is_signed_only_when_somebody_asked(nurse, patient):
    with pytest.raises(Refused, match="tick that the person takes nothing"):
        go_through(nurse, patient, [])


def test_all_or_nothing_when_one_line_lacks_its_reason_or_the_list_has_changed(nurse, patient):
    actions.record_medication(by=nurse, at=NOW, patient=patient, name="Sertraline")
    actions.record_medication(by=nurse, at=NOW, patient=patient, name="Zolpidem")
    at = keys(nurse, patient)
    stop = Decided(at["Sertraline"], "stop", because="x")
    with pytest.raises(Refused, match="Zolpidem: write why"):
        go_through(nurse, patient, [stop, Decided(at["Zolpidem"], "stop")])
    with pytest.raises(Refused, match="has changed since"):
        go_through(nurse, patient, [stop])
    with pytest.raises(Refused, match="say whether it goes on"):
        go_through(nurse, patient, [stop, Decided(at["Zolpidem"], "perhaps")])
    assert (Reconciliation.objects.count(), Medication.objects.filter(ended_on__isnull=True).count()) == (
        0,
        2,
    )


def test_only_a_prescriber_stops_an_order_by_its_line(nurse, patient):
    order = make_order(patient)
    stop = [Decided(f"o{order.pk}", "stop", because="not needed")]
    with pytest.raises(Refused, match="only the prescriber stops it"):
        go_through(nurse, patient, stop)
    go_through(prescriber_of(patient), patient, stop)
    order.refresh_from_db()
    assert order.stopped_because == "not needed"


def test_the_front_desk_goes_through_no_list(site, patient):
    with pytest.raises(Denied):
        go_through(actor(make_staff(site, Role.ADMISSIONS)), patient, [], nothing_taken=True)


# allergies -----------------------------------------------------------------------------------------------


def test_no_known_allergies_is_not_the_same_as_not_asked(by, patient):
    assert queries.allergies_known(by, patient).unasked
    actions.say_no_known_allergies(by=by, at=NOW, patient=patient)
    known = queries.allergies_known(by, patient)
    assert (known.unasked, known.none_known.by_id, known.standing) == (False, by.staff_id, ())
    later = NOW + timedelta(hours=1)
    row = actions.record_allergy(
        by=by, at=later, patient=patient, substance="Latex", reaction="hives", severity="moderate"
    )
    known = queries.allergies_known(by, patient)
    assert ([a.substance for a in known.standing], known.none_known) == (["Latex"], None)
    with pytest.raises(Refused, match="take it off the list first"):
        actions.say_no_known_allergies(by=by, at=later, patient=patient)
    actions.end_allergy(by=by, at=later, allergy=row)
    assert queries.allergies_known(by, patient).unasked  # it was written after that answer: ask anew


def test_how_bad_a_reaction_was_is_one_of_three(by, patient):
    with pytest.raises(Refused, match="mild, moderate or severe"):
        actions.record_allergy(by=by, at=NOW, patient=patient, substance="Latex", severity="odd")


# who is to be asked --------------------------------------------------------------------------------------


def waits(by, patient, at=NOW):
    found = queries.to_ask(by, at=at, patient=patient)
    return [(one.list_because, one.allergies, one.naloxone) for one in found]


def test_after_each_move_the_list_is_due_until_it_is_gone_through(by, site):
    person = admitted(site)
    assert waits(by, person) == [("admitted", True, False)]
    later = NOW + timedelta(minutes=5)
    actions.reconcile(
        by=by, at=later, patient=person, occasion="admission", decided=[], once_key="r", nothing_taken=True
    )
    actions.say_no_known_allergies(by=by, at=later, patient=person)
    assert waits(by, person, later) == []
    handed(person, ("medication", "Hydroxyzine", {}))
    assert waits(by, person, later) == [("facts from the hand-off", False, False)]


def test_naloxone_is_offered_to_everybody_with_opioid_use_and_again_when_declined(by, site):
    person = admitted(site)
    make_order(
        person,
        by=prescriber_of(person),
        drug="levacetylmethadol",
        dose=1,
        unit="mg",
        route="oral",
        frequency="daily",
    )
    assert waits(by, person)[0][2] is False
    actions.record_medication(by=by, at=NOW, patient=person, name="Buprenorphine 8 mg film")
    assert waits(by, person)[0][2] is True
    offer = {"by": by, "at": NOW, "patient": person}
    with pytest.raises(Refused, match="lot number"):
        actions.offer_naloxone(**offer, outcome="given", kits=1, once_key="n0")
    row = actions.offer_naloxone(**offer, outcome="declined", because="later", once_key="n1")
    assert actions.offer_naloxone(**offer, outcome="declined", because="later", once_key="n1").pk == row.pk
    assert (NaloxoneOffer.objects.count(), row.ask_again_on) == (1, TODAY + timedelta(days=30))
    assert waits(by, person)[0][2] is False
    assert waits(by, person, NOW + timedelta(days=30))[0][2] is True
    actions.offer_naloxone(
        **offer,
        outcome="given",
        kits=2,
        lot="N7",
        trained=True,
        expires_on=TODAY + timedelta(days=200),
        once_key="n2",
    )
    assert queries.offers_of(by, person)[0].trained


@pytest.mark.parametrize("people", [1, 20])
def test_the_questions_of_all_take_one_query(by, site, django_assert_num_queries, people):
    for number in range(people):
        admitted(site, f"P{number}", f"N{number}")
    with django_assert_num_queries(1):
        assert len(queries.to_ask(by, at=NOW)) == people


def test_a_line_of_another_patient_is_not_one_of_this_list(nurse, site, patient):
    other = actions.record_medication(
        by=nurse, at=NOW, patient=make_patient(site, "Ben", "Tran"), name="Zolpidem"
    )
    with pytest.raises(Refused, match="has changed since"):
        go_through(nurse, patient, [Decided(f"m{other.pk}", "stop", because="x")])


def test_an_allergy_that_the_hospital_told_warns_before_anybody_has_gone_through_the_list(patient):
    facts = asked()
    order = Order(*(facts[k] for k in ("drug", "dose", "unit", "route", "frequency", "starts_on")))
    assert queries.check_new_order(patient, order, on=TODAY).warnings == ()
    handed(patient, ("allergy", "Naloxone", {"reactions": ["Rash"]}))
    assert queries.check_new_order(patient, order, on=TODAY).warnings == (
        "An allergy to Naloxone is on file.",
    )
