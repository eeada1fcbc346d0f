"""Who saw this chart: for whom the law asks to watch, and only at their own site."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.audit import trail
from tests.making import NOW, actor, make_site, make_staff


@pytest.fixture
def officer(site):
    return make_staff(site, Role.COMPLIANCE, name="Omar Haddad", credential="")


@pytest.fixture
def url(patient):
    return f"/patients/{patient.code}/seen/"


def test_it_says_who_what_why_and_from_where(signed_in, officer, counselor, patient, url):
    signed_in(counselor).get(f"/patients/{patient.code}/", REMOTE_ADDR="10.0.0.4")
    page = signed_in(officer).get(url).content.decode()
    for words in ("Nia Okafor", "overview", "treatment", "10.0.0.4", "people: register", "Omar Haddad"):
        assert words in page


def test_looks_and_changes_can_be_told_apart(signed_in, officer, counselor, patient, url):
    signed_in(counselor).get(f"/patients/{patient.code}/")
    client = signed_in(officer)
    assert "people: register" not in client.get(url, {"kind": "access"}).content.decode()
    assert "Saw: overview" not in client.get(url, {"kind": "write"}).content.decode()


@pytest.mark.parametrize(
    "query", [{"before": "x"}, {"before": "-1"}, {"before": "9" * 60}, {"kind": "'"}, {"before": "\x00"}]
)
def test_garbage_in_the_address_shows_the_newest(signed_in, officer, url, query):
    assert signed_in(officer).get(url, query).status_code == 200


def test_it_asks_as_much_for_500_entries_as_for_five(signed_in, officer, counselor, patient, url):
    client, by, counts = signed_in(officer), actor(counselor), []
    for so_many in (5, 495):
        for number in range(so_many):
            trail.record_access(by=by, at=NOW, patient_id=patient.pk, subject=f"Chart {number}")
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


def test_a_counselor_may_not_and_a_stranger_finds_nothing(signed_in, counselor, url):
    assert signed_in(counselor).get(url).status_code == 403
    assert signed_in(make_staff(make_site(), Role.COMPLIANCE)).get(url).status_code == 404
