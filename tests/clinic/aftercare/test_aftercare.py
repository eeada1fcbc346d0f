"""After discharge: a summary that stays as signed, plans in versions, calls until they are settled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.aftercare import actions, queries
from stepwell.clinic.aftercare.models import (
    ContinuingCarePlan,
    DischargeSummary,
    FollowUp,
    FollowUpAttempt,
)
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.aftercare.making import WHOLE, discharged, planned
from tests.clinic.timetable.making import admit
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff


@pytest.fixture
def ended(site):
    return discharged(site)


def tried(by, call, *days, outcome="not_reached"):
    for day in days:
        actions.log_attempt(by=by, at=NOW + timedelta(days=day), follow_up=call, outcome=outcome)


def test_a_draft_keeps_what_is_written_and_may_be_blank(by, ended):
    row = actions.write_summary(by=by, at=NOW, episode=ended, sections={"reason": " Done. ", "course": " "})
    assert row.sections == {"reason": "Done."}
    actions.write_summary(by=by, at=NOW, episode=ended, sections=WHOLE)
    assert DischargeSummary.objects.get().sections == WHOLE
    assert Entry.objects.filter(action="aftercare.write_summary", patient_id=ended.patient_id).count() == 2


def test_nothing_blank_is_signed_and_every_blank_part_is_named(by, ended):
    row = actions.write_summary(by=by, at=NOW, episode=ended, sections={**WHOLE, "naloxone": "", "risk": ""})
    with pytest.raises(Refused, match=r"Fill in “Risk and safety plan”.*Fill in “Naloxone”"):
        actions.sign_summary(by=by, at=NOW, summary=row)
    assert DischargeSummary.objects.get().signed_at is None


def test_of_somebody_who_died_no_next_care_is_asked(site, by):
    ended = discharged(site, reason="died")
    sections = {key: WHOLE[key] for key in ("reason", "course", "progress", "diagnoses")}
    row = actions.write_summary(by=by, at=NOW, episode=ended, sections=sections)
    assert actions.sign_summary(by=by, at=NOW, summary=row).signed_at == NOW


def test_a_signed_summary_carries_name_credential_and_hash_and_stays(by, ended):
    row = actions.write_summary(by=by, at=NOW, episode=ended, sections=WHOLE)
    signed = actions.sign_summary(by=by, at=NOW, summary=row)
    assert (signed.signature, len(signed.content_hash)) == ("Nia Okafor, LPC", 64)
    with pytest.raises(Refused, match="signed already"):
        actions.sign_summary(by=by, at=NOW, summary=row)
    with pytest.raises(Refused, match="never changed"):
        actions.write_summary(by=by, at=NOW, episode=ended, sections={})
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        DischargeSummary.objects.update(sections={})


def test_the_summary_waits_for_the_discharge(site, by):
    row = actions.write_summary(by=by, at=NOW, episode=admit(make_patient(site)), sections=WHOLE)
    with pytest.raises(Refused, match="still open"):
        actions.sign_summary(by=by, at=NOW, summary=row)


def test_a_peer_writes_but_does_not_sign_without_a_credential(site, ended):
    peer = actor(make_staff(site, Role.PEER, credential=""))
    row = actions.write_summary(by=peer, at=NOW, episode=ended, sections=WHOLE)
    with pytest.raises(Denied, match="credential"):
        actions.sign_summary(by=peer, at=NOW, summary=row)


@pytest.mark.parametrize("role", [Role.BILLER, Role.UTILIZATION, Role.ADMISSIONS, Role.COMPLIANCE])
def test_the_office_writes_no_aftercare(site, ended, role):
    with pytest.raises(Denied):
        actions.write_summary(by=actor(make_staff(site, role)), at=NOW, episode=ended, sections=WHOLE)


def test_each_change_of_the_plan_is_a_version_and_the_same_twice_is_one(by, ended):
    facts = {"sections": {"goals": "Thirty days at work."}, "next_level": "1", "next_provider": "Lake House"}
    first = actions.save_continuing_care(by=by, at=NOW, episode=ended, **facts)
    with pytest.raises(Refused, match="Nothing was changed"):
        actions.save_continuing_care(by=by, at=NOW, episode=ended, **facts)
    second = actions.save_continuing_care(
        by=by, at=NOW, episode=ended, **facts, next_appointment_on=TODAY + timedelta(days=2)
    )
    assert (first.version, second.version) == (1, 2)
    with pytest.raises(IntegrityError, match="continuing_care_version_once"), transaction.atomic():
        ContinuingCarePlan.objects.create(episode=ended, version=2, sections={}, at=NOW, by_id=by.staff_id)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"sections": {}}, "Nothing is filled in"),
        ({"sections": {"goals": "x"}, "next_level": "9"}, "no level 9"),
        ({"sections": {}, "next_appointment_on": TODAY}, "Name the provider"),
        ({"sections": {"poems": "x"}}, "not on the form"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(by, ended, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.save_continuing_care(by=by, at=NOW, episode=ended, **facts)
    assert ContinuingCarePlan.objects.count() == 0


def test_calls_are_planned_once_from_the_day_of_discharge(site, ended):
    assert actions.plan_follow_ups(by=stepwell_itself(), at=NOW) == 5
    assert actions.plan_follow_ups(by=stepwell_itself(), at=NOW) == 0
    day = TODAY - timedelta(days=30)
    assert list(FollowUp.objects.order_by("day").values_list("day", "due_on")) == [
        (n, day + timedelta(days=n)) for n in (30, 60, 90, 180, 365)
    ]
    assert Entry.objects.get(action="aftercare.plan_calls").detail == {"days": [30, 60, 90, 180, 365]}


def test_nobody_is_called_while_in_treatment_or_after_death(site):
    admit(make_patient(site))
    discharged(site, reason="died")
    assert actions.plan_follow_ups(by=stepwell_itself(), at=NOW) == 0


def test_a_call_is_due_until_it_is_settled(by, ended):
    call = planned(ended)
    assert [c.row.pk for c in queries.due_calls(by, at=NOW, on=TODAY)] == [call.pk]
    tried(by, call, 0, outcome="reached")
    assert queries.due_calls(by, at=NOW, on=TODAY) == []
    with pytest.raises(Refused, match="This call is settled: reached"):
        tried(by, call, 1)


def test_three_attempts_over_seven_days_and_then_no_more(by, ended):
    call = planned(ended)
    tried(by, call, 0, 3, 6)
    with pytest.raises(Refused, match="not reached in 3 attempts"):
        tried(by, call, 7)
    assert FollowUpAttempt.objects.count() == 3


@pytest.mark.parametrize(
    "days", [(), (0,), (0, 1), (0, 1, 2), (0, 3), (0, 3, 6), (0, 0), (1, 2, 3, 4), (0, 6)]
)
@pytest.mark.parametrize("look", range(0, 9, 2))
def test_the_list_says_the_same_as_the_rule(by, ended, days, look):
    """The statement of the database and the pure rule, side by side."""
    call = planned(ended)
    for number, day in enumerate(days):
        FollowUpAttempt.objects.create(
            follow_up=call,
            outcome="not_reached",
            at=NOW + timedelta(days=day, hours=number),
            by_id=by.staff_id,
        )
    on = TODAY + timedelta(days=look)
    standing = queries.standing_of(call, call.attempts.all(), on, "America/New_York")
    due = standing.next_try_on is not None and standing.next_try_on <= on
    assert bool(queries.due_calls(by, at=NOW, on=on)) == due
    assert queries.waiting(by, on).exists() == due


def test_the_next_call_takes_the_place_of_the_one_before(site, by):
    planned(discharged(site, days_ago=95))
    assert [c.row.day for c in queries.due_calls(by, at=NOW, on=TODAY)] == [90]


@pytest.mark.parametrize("outcome", ["refused", "deceased"])
def test_who_wants_no_calls_or_has_died_is_not_called_again(by, ended, outcome):
    tried(by, planned(ended), 0, outcome=outcome)
    assert queries.due_calls(by, at=NOW, on=TODAY + timedelta(days=40)) == []


def test_who_came_back_is_not_called(by, ended):
    planned(ended)
    admit(ended.patient)
    assert queries.due_calls(by, at=NOW, on=TODAY) == []


def test_a_double_click_logs_one_attempt(by, ended):
    call = planned(ended)
    tried(by, call, 0)
    with pytest.raises(Refused, match="a moment ago"):
        actions.log_attempt(by=by, at=NOW + timedelta(seconds=1), follow_up=call, outcome="not_reached")
    assert FollowUpAttempt.objects.count() == 1


def test_a_worrying_answer_alerts_at_once(by, ended):
    actions.log_attempt(
        by=by, at=NOW, follow_up=planned(ended), outcome="reached", answers={"safe": "yes", "used": "no"}
    )
    alert = Alert.objects.get()
    assert (alert.severity, alert.sentence) == (
        "urgent",
        "Call 30 days after discharge: Thoughts of not wanting to live: yes.",
    )
    entry = Entry.objects.get(action="aftercare.log_attempt")
    assert entry.detail["answers"] == 2


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"outcome": "maybe"}, "Say how the call ended"),
        ({"outcome": "not_reached", "answers": {"used": "no"}}, "Answers belong"),
        ({"outcome": "reached", "answers": {"used": "a lot"}}, "not on the form"),
    ],
)
def test_an_attempt_that_makes_no_sense_is_refused(by, ended, sent, sentence):
    call = planned(ended)
    with pytest.raises(Refused, match=sentence):
        actions.log_attempt(by=by, at=NOW, follow_up=call, **sent)
    assert FollowUpAttempt.objects.count() == 0


def test_an_attempt_is_never_changed(by, ended):
    tried(by, planned(ended), 0)
    with pytest.raises(DatabaseError), transaction.atomic():
        FollowUpAttempt.objects.update(outcome="reached")


def test_a_call_is_planned_once_for_a_day(ended):
    call = planned(ended)
    with pytest.raises(IntegrityError, match="follow_up_once_a_day"), transaction.atomic():
        FollowUp.objects.create(episode=ended, day=30, due_on=call.due_on, made_at=NOW)


def test_the_words_to_use_name_no_program_and_keep_to_safe_times(site, by):
    call = planned(discharged(site, safe_times="mon-fri 17:00-20:00"))
    found = queries.call(by, call.pk, at=NOW)
    assert (found.contact.allowed, found.contact.wording) == (False, "")
    evening = queries.call(by, call.pk, at=NOW + timedelta(hours=8))
    assert "appointment office" in evening.contact.wording


def test_care_that_does_not_go_on_within_a_week_is_flagged(by, ended):
    found = queries.episodes_of(by, ended.patient)[0]
    assert queries.appointment_after(found).sentence.startswith("No next appointment; book one by")
    actions.save_continuing_care(
        by=by, at=NOW, episode=ended, sections={}, next_provider="Lake House",
        next_appointment_on=date(2026, 2, 20),
    )  # fmt: skip
    assert queries.appointment_after(queries.episodes_of(by, ended.patient)[0]).within


def test_another_sites_calls_and_episodes_are_not_seen(ended):
    call = planned(ended)
    stranger = actor(make_staff(make_site(), Role.COUNSELOR))
    assert queries.due_calls(stranger, at=NOW, on=TODAY) == []
    assert queries.summaries_missing(stranger) == []
    with pytest.raises(FollowUp.DoesNotExist):
        queries.call(stranger, call.pk, at=NOW)


@pytest.mark.parametrize("people", [1, 30])
def test_the_lists_take_three_queries_whatever_their_length(site, by, django_assert_num_queries, people):
    for number in range(people):
        discharged(site, f"Ana{number}")
    actions.plan_follow_ups(by=stepwell_itself(), at=NOW)
    with django_assert_num_queries(3):
        assert len([c.patient.full_name for c in queries.due_calls(by, at=NOW, on=TODAY)]) == people
        assert len([e.patient.full_name for e in queries.summaries_missing(by)]) == people
