"""Whose a record is cannot be changed along with its facts, whatever a surface sends."""

from __future__ import annotations

import pytest

from stepwell.clinic.people import actions
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Denied
from tests.making import NOW, make_login, make_patient, make_site


@pytest.mark.parametrize("column", ["site", "site_id", "user", "user_id", "code", "id", "made_by"])
def test_a_record_does_not_change_hands_with_its_facts(by, patient, column):
    before = Patient.objects.filter(pk=patient.pk).values().get()
    other = make_login(make_patient(make_site(), "Ben", "Tran"))
    with pytest.raises(Denied, match="not changed here"):
        actions.change_patient(
            by=by, at=NOW, patient=patient, facts={"phone": "404-555-0101", column: other.pk}
        )
    assert Patient.objects.filter(pk=patient.pk).values().get() == before
