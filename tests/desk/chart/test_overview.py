"""One patient on one page: as fast at 300 events as at one, and nothing shown that the role may not see."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from tests.clinic.authorization.making import approve, ask
from tests.clinic.chart.making import admit, make_events, seat_this_week
from tests.clinic.coverage.making import make_policy
from tests.making import NOW, TODAY, make_patient, make_site, make_staff


def queries_of(client, url):
    with CaptureQueriesContext(connection) as seen:
        response = client.get(url)
    assert response.status_code == 200
    return [q["sql"] for q in seen.captured_queries]


@pytest.fixture
def episode(patient, counselor):
    return admit(patient, counselor, at=NOW - timedelta(days=16))


@pytest.mark.parametrize("events", [1, 300])
def test_the_chart_asks_nine_queries_whatever_its_length(signed_in, counselor, patient, episode, events):
    make_events(patient, counselor, events)
    client = signed_in(counselor)
    client.get(f"/patients/{patient.code}/")  # the session writes its first minute
    asked = queries_of(client, f"/patients/{patient.code}/")
    assert len(asked) <= 9, "\n".join(q[:160] for q in asked)


def test_the_head_shows_who_it_is_where_they_stand_and_what_to_heed(signed_in, counselor, site):
    patient = make_patient(
        site, "Anastasia", "Reyes", preferred_name="Ana", pronouns="she/her",
        contact_warning="Her brother must not learn of it.",
    )  # fmt: skip
    admit(patient, counselor, at=NOW - timedelta(days=16))
    page = signed_in(counselor).get(f"/patients/{patient.code}/").content.decode()
    for words in (
        "Ana Reyes", "Anastasia on paper", "she/her", "35", "2.1", "week 3 of 12",
        "Her brother must not learn of it.", "Admitted to 2.1",
    ):  # fmt: skip
        assert words in page


def test_the_well_of_the_week_counts_what_was_attended_and_what_is_booked(
    signed_in, counselor, patient, episode
):
    seat_this_week(
        patient, counselor, starts=datetime(2026, 3, 17, 14, tzinfo=UTC), minutes=180, attended=170
    )
    seat_this_week(patient, counselor, starts=datetime(2026, 3, 19, 14, tzinfo=UTC), minutes=180)
    page = signed_in(counselor).get(f"/patients/{patient.code}/").content.decode()
    assert "5 h 50 min / 9 h" in page
    assert "170 min" in page


def test_a_look_is_in_the_trail_before_the_page_is_answered(signed_in, counselor, patient):
    signed_in(counselor).get(f"/patients/{patient.code}/")
    entry = Entry.objects.filter(kind="access").latest("seq")
    assert (entry.action, entry.subject, entry.patient_id, entry.actor_name, entry.why) == (
        "chart.access", "Chart overview", patient.pk, "Nia Okafor", "treatment",
    )  # fmt: skip


def test_older_events_are_a_page_away_and_none_is_lost_or_shown_twice(signed_in, counselor, patient, episode):
    make_events(patient, counselor, 120)
    client, url, sizes = signed_in(counselor), f"/patients/{patient.code}/", []
    while url:
        page = client.get(url).content.decode()
        sizes.append(page.count("timeline-at"))
        found = re.search(r'rel="next" href="([^"]+)"', page)
        url = unescape(found[1]) if found else None
    # 120 made here, and the admission.
    assert sizes == [50, 50, 21]


@pytest.mark.parametrize(
    "after", ["x", "2026-03-18~1", "2026-03-18T14:00:00+00:00~-4", "~", "9" * 400, "\x00"]
)
def test_a_page_mark_nobody_gave_out_shows_the_newest(signed_in, counselor, patient, episode, after):
    response = signed_in(counselor).get(f"/patients/{patient.code}/", {"after": after})
    assert (response.status_code, response.content.count(b"timeline-at")) == (200, 1)


def test_a_biller_sees_no_check_in_no_score_and_no_alert(signed_in, site, counselor, patient, episode):
    make_events(patient, counselor, 8)
    biller = make_staff(site, Role.BILLER, credential="")
    page = signed_in(biller).get(f"/patients/{patient.code}/").content.decode()
    for hidden in ("Check-in", "PHQ-9", "thought of self-harm", "note signed"):
        assert hidden not in page


def test_a_chart_of_another_site_is_not_there(signed_in, patient):
    stranger = make_staff(make_site(), Role.COUNSELOR)
    assert signed_in(stranger).get(f"/patients/{patient.code}/").status_code == 404


def test_what_is_due_names_its_mend(signed_in, counselor, patient, episode):
    page = signed_in(counselor).get(f"/patients/{patient.code}/").content.decode()
    assert "Due now" in page


@pytest.mark.parametrize(
    ("ends_in", "asked", "tone", "sentence"),
    [
        (3, False, "soon", "12 of 12 authorized days are left, until 21 Mar 2026."),
        (3, True, "next", "until 21 Mar 2026; the next days were requested on Wed 18 Mar."),
        (-3, False, "now", "The authorization ended on 15 Mar 2026."),
        (-3, True, "next", "ended on 15 Mar 2026; the next days were requested on Wed 18 Mar."),
    ],
)
def test_an_authorization_for_whose_next_days_the_payer_was_asked_warns_nobody(
    signed_in, counselor, patient, episode, ends_in, asked, tone, sentence
):
    policy, ends = make_policy(patient), TODAY + timedelta(days=ends_in)
    approve(ask(patient, policy=policy, starts_on=TODAY - timedelta(days=20), ends_on=ends))
    if asked:
        ask(patient, policy=policy, starts_on=ends + timedelta(days=1), ends_on=ends + timedelta(days=30))
    client = signed_in(make_staff(patient.site, Role.UTILIZATION))
    page = unescape(client.get(f"/patients/{patient.code}/").content.decode())
    assert sentence in page
    line = page[: page.index(sentence)].rpartition("<li>")[2]
    assert tone in line
    everybody = unescape(client.get("/patients/").content.decode())
    assert ("authorization" in everybody.partition("<main")[2]) is not asked
