"""What a person chose to send from the self-screen stands on the inquiry's page, in staff's words."""

from __future__ import annotations

import re
from html import unescape

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.inquiry.models import Inquiry
from tests.making import NOW, make_site, make_staff

pytestmark = pytest.mark.django_db


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def test_what_was_chosen_is_shown_as_no_assessment_and_nothing_else(signed_in):
    site = make_site()
    client = signed_in(make_staff(site, Role.ADMISSIONS))
    row = Inquiry.objects.create(
        code="K7Q2", site=site, source="web", name="Ana", phone="1", may_call=True, received_at=NOW,
        told_from_screen=["range=iop-php", "home=shaky", "gone=by"],
    )  # fmt: skip
    page = words(client.get(f"/inquiries/{row.code}/"))
    for said in (
        "Chosen by the person, not an assessment",
        "intensive outpatient to partial hospitalization",
        "A safe place to live",
        "not sure how long",
    ):
        assert said in page
    assert "gone" not in page
    Inquiry.objects.update(told_from_screen=[])
    assert "self-screen" not in words(client.get(f"/inquiries/{row.code}/"))
