from __future__ import annotations

from datetime import date, timedelta

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import Alert, AlertTold
from stepwell.clinic.assessment.rules import alert_steps, steps_due
from stepwell.clinic.people.models import Credential
from stepwell.clinic.refusal import Denied
from tests.clinic.assessment.making import make_screening
from tests.making import NOW, make_patient, make_site, make_staff

DEATH = (0, 0, 0, 0, 0, 0, 0, 0, 2, 0)


@pytest.fixture
def lead(site, counselor):
    """Supervises Nia."""
    found = make_staff(site, Role.COUNSELOR, name="Tom Ito")
    Credential.objects.filter(staff=counselor).update(supervisor=found)
    return found


@pytest.fixture
def director(site):
    return make_staff(site, Role.DIRECTOR, name="Ida Lee")


def told():
    return list(AlertTold.objects.order_by("pk").values_list("staff__name", "role", "after_minutes"))


def escalate(minutes):
    return actions.escalate_alerts(by=stepwell_itself(), at=NOW + timedelta(minutes=minutes))


def test_an_urgent_alert_goes_to_supervisors_and_then_to_directors(by, patient, lead, director):
    make_screening(by, patient, "phq-9", DEATH)
    assert escalate(14) == 0
    assert escalate(15) == 1
    assert told() == [("Tom Ito", "supervisors", 15)]
    assert escalate(20) == 0
    assert escalate(30) == 1
    assert told()[1] == ("Ida Lee", "director", 30)
    entry = Entry.objects.filter(action="assessment.escalate_alerts").order_by("-seq").first()
    assert (entry.patient_id, entry.subject) == (patient.pk, f"Alert {Alert.objects.get().pk}")


def test_an_answered_alert_is_passed_on_to_nobody(by, patient, lead, director):
    make_screening(by, patient, "phq-9", DEATH)
    actions.acknowledge_alert(by=by, at=NOW, alert=Alert.objects.get(), done="Called.")
    assert escalate(600) == 0


def test_another_sites_people_are_not_told(by, patient, lead, director):
    other = make_site()
    make_staff(other, Role.DIRECTOR)
    make_screening(by, patient, "phq-9", DEATH)
    escalate(60)
    assert {row[0] for row in told()} == {"Tom Ito", "Ida Lee"}


def test_who_has_left_is_not_told(by, patient, lead, director):
    director.roles.update(ends_on=date(2026, 3, 1))
    make_screening(by, patient, "phq-9", DEATH)
    escalate(60)
    assert {row[0] for row in told()} == {"Tom Ito"}


def test_only_stepwell_itself_passes_alerts_on(by):
    with pytest.raises(Denied, match="by Stepwell itself"):
        actions.escalate_alerts(by=by, at=NOW)


def test_passing_on_takes_a_fixed_number_of_statements(
    by, site, lead, director, django_assert_max_num_queries
):
    for _ in range(30):
        make_screening(by, make_patient(site), "phq-9", DEATH)
    with django_assert_max_num_queries(10):
        assert escalate(60) == 60


def test_the_steps_come_from_data_soonest_first():
    assert [(s.after_minutes, s.to) for s in alert_steps("urgent")] == [(15, "supervisors"), (30, "director")]
    assert [s.to for s in steps_due("soon", NOW, NOW + timedelta(hours=25))] == ["supervisors"]
