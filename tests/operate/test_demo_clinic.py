"""The demo clinic: loaded once, whole or not at all, the same every time, with work in every list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from tests import postgres
from tests.demo_database import connect_to, copy_loaded_demo
from tests.making import NOW, TODAY

from stepwell.accounts.actor import Actor
from stepwell.accounts.models import User
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.cli import demo
from stepwell.clinic.aftercare import queries as aftercare
from stepwell.clinic.assessment import queries as assessment
from stepwell.clinic.authorization import queries as authorization
from stepwell.clinic.billing import queries as billing
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.coverage.eligibility import queries as eligibility
from stepwell.clinic.coverage.eligibility.models import EligibilityRequest
from stepwell.clinic.coverage.models import Benefits
from stepwell.clinic.drug_tests import queries as drug_tests
from stepwell.clinic.hours import queries as hours
from stepwell.clinic.inquiry import queries as inquiry
from stepwell.clinic.medication import queries as medication
from stepwell.clinic.people.models import Credential, FamilyMember, Patient, Site, Staff
from stepwell.clinic.people.queries import actor_of, site_of
from stepwell.clinic.placement.models import Placement
from stepwell.clinic.plan import queries as plan
from stepwell.clinic.recovery import queries as recovery
from stepwell.clinic.sessions import queries as sessions
from stepwell.clinic.sessions.models import Attendance, NotePart
from stepwell.clinic.sessions.rules import load_note_rule
from stepwell.clinic.sessions.rules.likeness import clones, text_likeness
from stepwell.clinic.timetable import queries as timetable
from stepwell.clinic.timetable.models import Occurrence
from stepwell.clinic.timetable.rules.windows import Fit, fit

MOST_SECONDS = 60
THE_SAME = "2429e1b608e64603"
"""Of the lives below. A change of the demo's data or texts changes it: put the new one here."""


@pytest.fixture(scope="module")
def spent(django_db_setup: None, django_db_blocker: Any) -> Iterator[float]:
    """The clinic, in a database of this file's own; the seconds of work that loading it took."""
    usual = connection.settings_dict["NAME"]
    own = f"{usual}_demo"
    with django_db_blocker.unblock():
        try:
            yield copy_loaded_demo(own, migrated=usual)
        finally:
            connect_to(usual)
            postgres.drop_database(own)


def who(key: str) -> Actor:
    return actor_of(User.objects.get(email=f"{key}@demo.example"), at=NOW)


def test_it_is_quick(spent: float):
    assert spent < MOST_SECONDS


def test_it_holds_three_sites_sixty_four_patients_and_fourteen_staff(spent: float):
    assert (Site.objects.count(), Patient.objects.count(), Staff.objects.count()) == (3, 64, 14)


def test_a_second_time_it_is_found_again_and_nothing_changes(spent: float):
    before = Entry.objects.count()
    assert demo.load(at=NOW + timedelta(days=3)) is False
    assert Entry.objects.count() == before


def test_every_login_that_is_printed_has_its_password_and_its_role(spent: float):
    for login in demo.LOGINS:
        user = User.objects.get(email=login.email)
        assert check_password(login.password, user.password), login.email
        assert actor_of(user, at=NOW).all_roles, login.email


def test_the_trail_verifies(spent: float):
    assert trail.verify().ok


def test_what_was_written_was_written_in_the_order_of_time_but_for_a_day(spent: float):
    """An action may note a later minute of the same visit; nothing reaches further."""
    latest = None
    for at in Entry.objects.order_by("seq").values_list("at", flat=True):
        assert latest is None or at > latest - timedelta(days=6)
        latest = max(at, latest or at)
    assert latest is not None
    assert latest <= NOW + timedelta(hours=12)


def test_it_is_the_same_every_time(spent: float):
    lives = [
        [
            patient.code,
            patient.full_name,
            [
                [p.kind, p.level]
                for p in Placement.objects.filter(episode__patient=patient).order_by("number")
            ],
            sorted(
                [a.occurrence.local_date.isoformat(), a.outcome, a.minutes]
                for a in Attendance.objects.filter(patient=patient, locked_at__isnull=False).select_related(
                    "occurrence"
                )
            ),
            list(
                NotePart.objects.filter(patient=patient)
                .order_by("note__occurrence__starts", "pk")
                .values_list("text", flat=True)
            ),
        ]
        for patient in Patient.objects.order_by("code")
    ]
    assert hashlib.sha256(json.dumps(lives).encode()).hexdigest()[:16] == THE_SAME


def test_one_payer_answers_electronically(spent: float):
    by = who("desk")
    asked = EligibilityRequest.objects.order_by("asked_at")
    assert [(row.payer.name, row.state) for row in asked] == [
        ("Blue Lake Health", "answered"),
        ("Blue Lake Health", "answered"),
        ("Blue Lake Health", "rejected"),
    ]
    assert Benefits.objects.filter(channel="edi", deductible=1500, day_limit=52).count() == 2
    assert [row.because for row in eligibility.waiting_list(by)] == [
        "None of our questions has the trace number of this answer."
    ]


def test_everybody_in_treatment_has_times_that_hold_what_is_booked(spent: float):
    """So that next week can be computed from the first start."""
    by = who("counselor")
    seats = list(timetable.seats_for(by).filter(occurrence__starts__gt=NOW).select_related("occurrence"))
    zone = ZoneInfo("America/New_York")
    rows = {
        patient.pk: timetable.windows_of(by, patient, TODAY)
        for patient in Patient.objects.filter(pk__in={seat.patient_id for seat in seats})
    }
    assert len(rows) == 40
    assert [seat for seat in seats if not timetable.fits(rows[seat.patient_id], seat, zone)] == []
    assert {pk for pk, held in rows.items() if not held} == set()


def test_everybody_who_leads_has_hours_that_hold_their_sessions(spent: float):
    staff = {one.pk: one for one in timetable.staff_with_hours(who("director"), NOW, TODAY)}
    assert len(staff) == 12
    zone = ZoneInfo("America/New_York")
    outside = []
    for o in Occurrence.objects.filter(site__name="Peachtree", starts__gt=NOW, cancelled_at=None):
        starts, ends = o.starts.astimezone(zone), o.ends.astimezone(zone)
        hours = timetable.windows_on(staff[o.facilitator_id].hours, o.local_date)
        if fit(hours, starts.weekday(), starts.time(), ends.time(), "on_site") is Fit.NO:
            outside.append((o.title, starts.isoformat(), o.facilitator.name))
        assert o.treatment in {kind.kind for kind in staff[o.facilitator_id].kinds}, o.title
    assert outside == []


LISTS: dict[str, tuple[str, Callable[[Actor], Any]]] = {
    "inquiries that wait": ("desk", lambda by: inquiry.waiting(by)),
    "an intake that is booked": ("desk", lambda by: inquiry.coming_intakes(by, NOW)),
    "consents that end soon": ("desk", lambda by: consent.expiring(by, at=NOW, until=NOW + timedelta(days=14))),
    "notes to write or sign": ("counselor", lambda by: sessions.to_write(by, NOW)),
    "notes of a facilitator to sign": ("facilitator", lambda by: sessions.to_write(by, NOW)),
    "notes to co-sign": ("haddad", lambda by: sessions.to_cosign(by)),
    "open alerts": ("counselor", lambda by: assessment.open_alerts(by)),
    "an alert from the PHQ-9": ("counselor", lambda by: assessment.open_alerts(by).filter(sentence__startswith="PHQ-9")),
    "reviews due": ("counselor", lambda by: plan.reviews_due(by, TODAY)),
    "plans that wait for the patient": ("counselor", lambda by: plan.unsigned_by_patient(by)),
    "plans not signed yet": ("counselor", lambda by: plan.plans_missing(by)),
    "homework to read": ("counselor", lambda by: recovery.waiting(by)),
    "test results to review": ("prescriber", lambda by: drug_tests.to_review(by)),
    "an unexpected test result": ("prescriber", lambda by: [r for r in drug_tests.to_review(by) if r.reading["outcome"] == "unexpected"]),
    "tests to collect": ("nurse", lambda by: drug_tests.to_collect(by, today=TODAY)),
    "doses due today": ("nurse", lambda by: [one for one in medication.the_round(by, at=NOW) if one.to_do]),
    "a severe side effect": ("prescriber", lambda by: [s for s in medication.open_side_effects(by) if s.severity == "severe"]),
    "authorizations to look at": ("biller", lambda by: authorization.waiting(by, TODAY)),
    "authorizations without an answer": ("biller", lambda by: authorization.pending(by)),
    "days that can be charged": ("biller", lambda by: billing.judged(by, at=NOW, through=TODAY).ready),
    "days that cannot be charged": ("biller", lambda by: billing.judged(by, at=NOW, through=TODAY).waiting),
    "patients who owe something": ("biller", lambda by: billing.balances(by)),
    "discharge summaries to sign": ("counselor", lambda by: aftercare.summaries_missing(by)),
    "calls that are due": ("peer", lambda by: aftercare.waiting(by, TODAY)),
}  # fmt: skip


@pytest.mark.parametrize(("key", "rows"), LISTS.values(), ids=LISTS)
def test_every_list_has_work_in_it(spent: float, key: str, rows: Callable[[Actor], Any]):
    assert len(rows(who(key))) >= 1


def test_an_inquiry_waits_for_three_days_and_one_tells_of_danger(spent: float):
    lines = inquiry.queue(who("desk"), NOW)
    waiting = [line.row for line in lines.to_answer]
    assert any(NOW - row.received_at >= timedelta(days=3) for row in waiting)
    assert any(NOW - row.received_at < timedelta(hours=2) for row in waiting)
    assert any(row.red_flags for row in waiting)


def test_somebody_is_short_of_hours_this_week_and_somebody_is_not(spent: float):
    director = who("director")
    weeks = hours.weeks_of(by=director, at=NOW, site_id=site_of(director).pk)
    assert any(week.short for week in weeks.values())
    assert any(week.delivered + week.booked >= week.ordered > 0 for week in weeks.values())


def test_jada_relapsed_and_stepped_up_last_week(spent: float):
    jada = Patient.objects.get(given_name="Jada")
    moves = Placement.objects.filter(episode__patient=jada).order_by("number")
    assert [(m.kind, m.level) for m in moves] == [("admit", "2.1"), ("step_up", "2.5")]
    assert timedelta(days=3) < NOW - moves[1].starts_at < timedelta(days=14)
    assert moves[1].recommendation.level == "2.5"


def test_levels_and_endings_of_all_kinds_are_there(spent: float):
    assert set(Placement.objects.values_list("kind", flat=True)) == {
        "admit",
        "step_up",
        "step_down",
        "discharge",
    }
    assert set(Placement.objects.filter(kind="admit").values_list("level", flat=True)) == {"1", "2.1", "2.5"}


def test_one_family_member_may_see_something_and_another_no_longer(spent: float):
    seen = {
        m.name: consent.permitted_to_family(m, at=NOW)
        for m in FamilyMember.objects.filter(user__isnull=False)
    }
    assert seen["Maria Reyes"]
    assert not seen["Paulo Mendes"]


def test_a_license_ends_soon(spent: float):
    assert Credential.objects.filter(expires_on__range=(TODAY, TODAY + timedelta(days=30))).exists()


def test_today_some_sessions_are_over_and_some_are_ahead(spent: float):
    today = Occurrence.objects.filter(local_date=TODAY, cancelled_at__isnull=True)
    assert today.filter(starts__lte=NOW).exists()
    assert today.filter(starts__gt=NOW).exists()


def test_there_are_sessions_for_two_weeks_ahead_in_wall_time(spent: float):
    last = Occurrence.objects.order_by("-starts").first()
    assert last is not None
    assert last.local_date > TODAY + timedelta(days=14)
    zone = ZoneInfo("America/New_York")
    begins = {
        o.starts.astimezone(zone).strftime("%H:%M")
        for o in Occurrence.objects.filter(title="Yoga and breath")
    }
    assert begins == {"10:45"}  # through the change to summer time


def test_nobody_s_part_of_a_note_is_like_another_s(spent: float):
    rule = load_note_rule()
    parts: dict[int, dict[int | str, str]] = {}
    for part in NotePart.objects.exclude(text=""):
        parts.setdefault(part.note_id, {})[part.patient_id] = part.text
    assert [note for note, texts in parts.items() if clones(texts, rule.clone_likeness)] == []


def test_nobody_s_part_repeats_the_one_before(spent: float):
    rule = load_note_rule()
    last: dict[tuple[int, int | None], str] = {}
    alike = 0
    for part in (
        NotePart.objects.exclude(text="")
        .select_related("note__occurrence")
        .order_by("note__occurrence__starts")
    ):
        key = (part.patient_id, part.note.occurrence.group_id)
        alike += text_likeness(last.get(key, ""), part.text) >= rule.clone_likeness
        last[key] = part.text
    assert alike == 0
