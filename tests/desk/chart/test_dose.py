"""Dose by kind of treatment, in the chart's first page and in the review of the plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.plan.models import Objective, PlanReview, TreatmentOrder
from tests.clinic.chart.making import admit, seat_this_week
from tests.clinic.plan.making import make_plan
from tests.making import NOW, actor, make_staff


@pytest.fixture
def treated(patient, counselor):
    """Admitted 16 days ago, 6 h of skills and 1 h family a week ordered; 170 minutes of skills attended on Tuesday."""
    episode = admit(patient, counselor, at=NOW - timedelta(days=16))
    TreatmentOrder.objects.filter(episode=episode).update(doses={"skills": 360, "family": 60})
    seat_this_week(
        patient,
        counselor,
        starts=datetime(2026, 3, 17, 14, tzinfo=UTC),
        minutes=180,
        attended=170,
        treatment="skills",
    )
    seat_this_week(
        patient, counselor, starts=datetime(2026, 3, 19, 14, tzinfo=UTC), minutes=180, treatment="skills"
    )
    return patient, episode


def card_of(page: str) -> str:
    start = page.index("Dose by kind of treatment")
    return page[start : page.index("</section>", start)]


def test_the_chart_shows_ordered_against_delivered_since_admission_and_this_week(
    signed_in, counselor, treated
):
    card = card_of(signed_in(counselor).get(f"/patients/{treated[0].code}/").content.decode())
    assert "5 h 50 min / 6 h" in card  # this week: attended and booked
    assert (
        "2 h 50 min / 13 h 42 min" in card
    )  # 6 h a week since the Monday before last, to the end of yesterday
    assert "This week" in card


def test_whoever_sees_no_hours_sees_no_dose(signed_in, site, treated):
    page = signed_in(make_staff(site, Role.COMPLIANCE)).get(f"/patients/{treated[0].code}/").content.decode()
    assert "Dose by kind of treatment" not in page


def test_the_review_begins_with_what_was_delivered_since_the_last_look(signed_in, counselor, treated):
    patient, episode = treated
    make_plan(actor(counselor), episode, NOW - timedelta(days=10))
    client, page = signed_in(counselor), f"/patients/{patient.code}/plan/review/"
    body = client.get(page).content.decode()
    assert "Since Sun 8 Mar: skills training 2 h 50 min of " in body
    assert "Dose since the last look" in body
    facts = body[body.index("Since Sun 8 Mar: skills") :].split("</textarea>")[0]
    sent = {"outcome": "continue", "summary": facts, "next_due_on": "2026-04-17"}
    sent |= {f"verdict-{objective.pk}": "continue" for objective in Objective.objects.all()}
    answer = client.post(page, sent)
    assert (answer.status_code, PlanReview.objects.count()) == (422, 0)
    assert "Add what the team saw" in answer.content.decode()
    client.post(page, {**sent, "summary": facts + "She comes to everything."})
    assert PlanReview.objects.get().summary.endswith("She comes to everything.")
