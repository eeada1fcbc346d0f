"""What was asked, what the payer answered, and which runs out first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.authorization import actions, queries
from stepwell.clinic.authorization.models import Authorization, AuthorizationDecision
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.authorization.making import approve, ask, authorized
from tests.clinic.coverage.making import make_policy, tell_benefits
from tests.clinic.timetable.making import admitted
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff


@pytest.fixture
def reviewer(site):
    return actor(make_staff(site, Role.UTILIZATION))


@pytest.fixture
def ana(site):
    return admitted(site)


def test_a_request_is_a_row_with_its_entry(reviewer, ana):
    row = ask(ana)
    assert (row.units_asked, row.unit, row.service_code, row.level) == (12, "day", "H0015", "2.1")
    entry = Entry.objects.get(action="authorization.request")
    assert (entry.patient_id, entry.detail["units"], entry.detail["code"]) == (ana.pk, 12, "H0015")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"units_asked": 0}, "must lie between 1 and 999"),
        ({"ends_on": date(2026, 3, 1)}, "The last day lies before the first"),
        ({"level": "9"}, "level of care that the program offers"),
        ({"unit": "week"}, "counts days or hours"),
        ({"service_code": "  "}, "Name the service code"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(reviewer, ana, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        ask(ana, **facts)
    assert Authorization.objects.count() == 0


def test_a_policy_of_somebody_else_is_refused(site, reviewer, ana):
    with pytest.raises(Refused, match="belongs to somebody else"):
        ask(ana, policy=make_policy(make_patient(site, "Ben")))


def test_the_same_request_twice_is_one(reviewer, ana):
    policy = make_policy(ana)
    ask(ana, policy=policy)
    with pytest.raises(Refused, match="has not answered yet"):
        ask(ana, policy=policy)
    assert Authorization.objects.count() == 1


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.ADMISSIONS, Role.NURSE, Role.COMPLIANCE])
def test_only_review_billing_and_the_director_ask_and_record(site, ana, role):
    row = ask(ana)
    by = actor(make_staff(site, role))
    with pytest.raises(Denied):
        actions.record_decision(by=by, at=NOW, authorization=row, outcome="pended")
    assert AuthorizationDecision.objects.count() == 0


def test_an_authorized_level_is_not_the_clinical_level(by, reviewer, ana):
    approve(ask(ana), level="1")
    assert queries.authorized_level(by, ana, TODAY) == "1"
    assert queries.authorized_level(by, ana, date(2026, 5, 1)) == ""
    assert ana.episodes.get().placements.get().level == "2.1"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"outcome": "approved", "number": ""}, "needs the payer's number"),
        ({"outcome": "approved", "ends_on": None}, "needs the payer's number"),
        ({"outcome": "approved", "units": 8}, "8 of 12 were approved"),
        ({"outcome": "partly", "units": 0}, "must lie between"),
        ({"outcome": "denied"}, "reason for the denial"),
        ({"outcome": "perhaps"}, "Choose the payer's answer"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(reviewer, ana, answer, sentence):
    row = ask(ana)
    with pytest.raises(Refused, match=sentence):
        approve(row, **answer)
    assert AuthorizationDecision.objects.count() == 0


def test_the_newest_answer_holds_and_the_earlier_one_stays(by, reviewer, ana):
    row = approve(ask(ana))
    approve(row, outcome="partly", units=6, at=NOW + timedelta(hours=1))
    found = queries.authorization(by, row.pk)
    assert (found.outcome, found.units_approved) == ("partly", 6)
    assert [d.outcome for d in queries.decisions_of(row)] == ["partly", "approved"]
    with pytest.raises(Refused, match="on file already"):
        approve(row, outcome="partly", units=6)


def test_a_decision_is_never_changed(reviewer, ana):
    approve(ask(ana))
    with pytest.raises(DatabaseError), transaction.atomic():
        AuthorizationDecision.objects.update(units=99)


def test_the_database_wants_number_units_and_days_of_an_approval(reviewer, ana):
    row = ask(ana)
    with pytest.raises(IntegrityError, match="approval_has_number_units_and_dates"), transaction.atomic():
        AuthorizationDecision.objects.create(
            authorization=row, outcome="approved", at=NOW, recorded_by=row.asked_by
        )


def test_the_list_opens_on_what_runs_out_first(site, by):
    slow, quick = admitted(site, "Ana"), admitted(site, "Ben")
    authorized(slow)
    authorized(quick, units_asked=3)
    rows = queries.in_force(by, TODAY)
    booked = {p.pk: {TODAY + timedelta(days=n): 180 for n in range(1, 6)} for p in (slow, quick)}
    attended = {quick.pk: {date(2026, 3, 16): 180}}
    first, second = queries.standings(rows, attended, booked, TODAY)
    assert (first.row.patient_id, first.standing.used, first.standing.left) == (quick.pk, 1, 2)
    assert first.runs_out_on == TODAY + timedelta(days=3)
    assert first.standing.sentence == "2 days left; the session of Sat 21 Mar will exceed them."
    assert (second.row.patient_id, second.standing.tone) == (slow.pk, "good")


def test_ended_ones_are_shown_until_something_newer_is_asked_for(by, ana):
    policy = make_policy(ana)
    authorized(ana, policy=policy, starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28))
    assert len(queries.in_force(by, TODAY)) == 1
    ask(ana, policy=policy)
    assert queries.in_force(by, TODAY) == []


def test_a_follow_on_calms_the_earlier_one_and_a_denied_one_does_not(site, by, reviewer, ana):
    policy = make_policy(ana)
    ends = TODAY + timedelta(days=1)
    earlier = authorized(ana, policy=policy, ends_on=ends)
    more = ask(ana, policy=policy, starts_on=ends + timedelta(days=1), ends_on=ends + timedelta(days=28))

    def first():
        rows = queries.in_force(by, TODAY)
        found = queries.standings(rows, {}, {}, TODAY, queries.follow_ons(by, rows))
        return next(one for one in found if one.row.pk == earlier.pk)

    assert (first().standing.tone, [later.pk for later in first().chain]) == ("asked", [more.pk])
    assert "were requested on Wed 18 Mar." in first().standing.sentence
    assert queries.waiting(reviewer, TODAY).count() == 1  # the request itself
    answer = {"by": reviewer, "authorization": more}
    actions.record_decision(**answer, at=NOW, outcome="denied", note="Not needed.")
    assert (first().standing.tone, first().chain) == ("alert", ())
    assert queries.waiting(reviewer, TODAY).count() == 1  # the one that ends
    approve(more, at=NOW + timedelta(hours=1))
    assert first().standing.tone == "good"
    assert f"A-{more.pk} covers the days from" in first().standing.sentence
    assert queries.waiting(reviewer, TODAY).count() == 0


def test_pending_and_ending_ones_wait_for_the_reviewer_and_nobody_else(site, reviewer, ana):
    ask(ana)
    authorized(admitted(site, "Ben"), ends_on=TODAY + timedelta(days=2))
    authorized(admitted(site, "Cai"))
    assert queries.waiting(reviewer, TODAY).count() == 2
    assert queries.waiting(actor(make_staff(site, Role.NURSE)), TODAY).count() == 0
    assert queries.waiting(actor(make_staff(make_site(), Role.UTILIZATION)), TODAY).count() == 0


def test_a_payer_who_wants_one_and_was_not_asked_is_listed(by, ana):
    tell_benefits(make_policy(ana))
    assert [(p.pk, p.payer) for p in queries.unasked(by, TODAY)] == [(ana.pk, "Blue Lake Health")]
    ask(ana, policy=ana.policies.get())
    assert queries.unasked(by, TODAY) == []


def test_another_sites_authorizations_are_not_seen(ana):
    row = authorized(ana)
    stranger = actor(make_staff(make_site(), Role.UTILIZATION))
    assert queries.in_force(stranger, TODAY) == []
    with pytest.raises(Authorization.DoesNotExist):
        queries.authorization(stranger, row.pk)


@pytest.mark.parametrize("people", [1, 30])
def test_the_list_takes_one_query_whatever_its_length(site, by, django_assert_num_queries, people):
    for number in range(people):
        authorized(admitted(site, f"Ana{number}"))
    with django_assert_num_queries(1):
        found = queries.standings(queries.in_force(by, TODAY), {}, {}, TODAY)
        assert len([(f.row.patient.full_name, f.row.policy.payer.name) for f in found]) == people
