from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.actions import record_diagnosis
from stepwell.clinic.people.models import Credential
from stepwell.clinic.people.queries import actor_of, patients_for
from stepwell.clinic.placement.actions import discharge
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.placement.queries import with_current
from stepwell.clinic.plan import actions, queries
from stepwell.clinic.plan.models import (
    CareTeamMember,
    Goal,
    Intervention,
    Objective,
    Plan,
    PlanReview,
    PlanSignature,
    Problem,
    TreatmentOrder,
)
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_draft, make_plan, tree
from tests.making import NOW, TODAY, actor, make_login, make_patient, make_site, make_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def episode(by, patient) -> Episode:
    return make_episode(by, patient)


def last_entry() -> Entry:
    return Entry.objects.order_by("-seq")[0]


def test_a_draft_is_written_part_by_part(by, patient, episode):
    illness = record_diagnosis(
        by=by, at=NOW, patient=patient, code="F10.20", text="Alcohol use disorder", primary=True
    )
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    problem = actions.add_problem(by=by, at=NOW, plan=draft, statement="Drinks daily.", diagnosis=illness)
    goal = actions.add_goal(by=by, at=NOW, problem=problem, words="Be home for dinner.")
    objective = actions.add_objective(
        by=by,
        at=NOW,
        goal=goal,
        measure="Days sober",
        target="28 of 30",
        due_on=date(2026, 5, 1),
        instrument="bam",
    )
    first = actions.add_intervention(by=by, at=NOW, objective=objective, kind="process", minutes_per_week=360)
    assert (draft.version, problem.number, goal.number, objective.number, first.minutes_per_week) == (
        1,
        1,
        1,
        1,
        360,
    )
    actions.change_part(by=by, at=NOW, part=objective, facts={"target": "30 of 30"})
    assert Objective.objects.get().target == "30 of 30"
    entry = last_entry()
    assert (entry.action, entry.subject, entry.detail) == (
        "plan.change_objective", f"Plan {draft.pk}", {"objective": objective.pk},
    )  # fmt: skip


def test_numbers_close_up_when_a_part_is_removed(by, episode):
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    rows = [actions.add_problem(by=by, at=NOW, plan=draft, statement=f"Problem {n}") for n in (1, 2, 3)]
    actions.remove_part(by=by, at=NOW, part=rows[0])
    assert list(draft.problems.order_by("number").values_list("number", "statement")) == [
        (1, "Problem 2"),
        (2, "Problem 3"),
    ]


@pytest.mark.parametrize(
    ("problems", "sentence"),
    [
        ([{"statement": " "}], "Write what stands in the way"),
        ([{"statement": "x", "goals": [{"words": ""}]}], "in the patient's own words"),
        (tree(measure=" "), "how one will see"),
        (tree(instrument="phq-99"), "no questionnaire called phq-99"),
        (tree(interventions=[{"kind": "magic", "minutes_per_week": 60}]), "no kind of treatment magic"),
        (tree(interventions=[{"kind": "skills", "minutes_per_week": 0}]), "correct the minutes"),
    ],
)
def test_a_draft_with_a_blank_part_is_refused_and_keeps_what_it_had(by, episode, problems, sentence):
    draft = make_draft(by, episode)
    with pytest.raises(Refused, match=sentence):
        actions.save_plan(by=by, at=NOW, plan=draft, problems=problems)
    assert Objective.objects.get(goal__problem__plan=draft).measure == "Days without alcohol"


def test_a_second_draft_is_refused(by, episode):
    actions.begin_plan(by=by, at=NOW, episode=episode)
    with pytest.raises(Refused, match="A draft has been begun already"):
        actions.begin_plan(by=by, at=NOW, episode=episode)


def test_a_diagnosis_of_another_patient_is_refused(by, episode, site):
    other = record_diagnosis(by=by, at=NOW, patient=make_patient(site, "Ben", "Ito"), code="F10.20", text="x")
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    with pytest.raises(Refused, match="another patient"):
        actions.add_problem(by=by, at=NOW, plan=draft, statement="x", diagnosis=other)


def test_signing_names_every_missing_part(by, episode):
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    with pytest.raises(Refused, match="Plan has no problem"):
        actions.sign_plan(by=by, at=NOW, plan=draft)
    actions.save_plan(by=by, at=NOW, plan=draft, problems=[{"statement": "x"}])
    with pytest.raises(Refused, match="Problem 1 has no goal"):
        actions.sign_plan(by=by, at=NOW, plan=draft)
    assert not PlanSignature.objects.exists()


def test_the_clinician_signs_and_the_plan_comes_into_force(by, patient, episode):
    plan = make_plan(by, episode)
    signature = plan.signatures.get()
    assert (signature.role, signature.name, signature.credential, signature.staff_id) == (
        "clinician", "Nia Okafor", "LPC", by.staff_id,
    )  # fmt: skip
    assert len(signature.content_hash) == 64
    assert (plan.signed_at, plan.review_due_on) == (NOW, TODAY + timedelta(days=30))
    assert queries.plan_in_force(by, patient) == plan
    assert last_entry().detail == {"version": 1, "hash": signature.content_hash}
    with pytest.raises(Refused, match="signed already"):
        actions.sign_plan(by=by, at=NOW, plan=plan)


def test_a_new_version_supersedes_the_one_in_force_in_the_same_moment(by, patient, episode):
    first = make_plan(by, episode)
    draft = actions.begin_plan(by=by, at=NOW + HOUR, episode=episode)
    assert queries.plan_in_force(by, patient) == first
    assert [g.words for g in Goal.objects.filter(problem__plan=draft)] == [
        "I want to be home for dinner, sober."
    ]
    actions.sign_plan(by=by, at=NOW + 2 * HOUR, plan=draft)
    assert queries.plan_in_force(by, patient) == draft
    assert Plan.objects.get(pk=first.pk).superseded_at == NOW + 2 * HOUR


def test_what_a_review_found_met_stays_behind_in_its_version(by, episode):
    two = [*tree(), {**tree("Evenings at home")[0], "statement": "Nobody to talk to."}]
    plan = make_plan(by, episode, problems=two)
    met = Objective.objects.get(goal__problem__plan=plan, measure="Days without alcohol")
    actions.review_plan(by=by, at=NOW, plan=plan, outcome="revise", summary="Sober 30 days.", met=[met.pk])
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    assert [(p.number, p.statement) for p in draft.problems.all()] == [(1, "Nobody to talk to.")]


@pytest.mark.parametrize("table", [Problem, Goal, Objective, Intervention])
def test_nothing_in_a_signed_plan_can_be_changed_added_or_removed(by, episode, table):
    plan = make_plan(by, episode)
    part = table.objects.get() if table is not Intervention else table.objects.first()
    with pytest.raises(Refused, match="A signed plan is never changed"):
        actions.remove_part(by=by, at=NOW, part=part)
    key = table._meta.pk.name
    copy = {f.attname: getattr(part, f.attname) for f in table._meta.fields if f.name != key}
    for change in (
        lambda: table.objects.filter(pk=part.pk).update(**copy),
        lambda: table.objects.create(**{**copy, **({"number": 9} if "number" in copy else {})}),
        lambda: table.objects.filter(pk=part.pk)._raw_delete("default"),
    ):
        with (
            pytest.raises(DatabaseError, match="A part of a signed plan is never changed"),
            transaction.atomic(),
        ):
            change()
    with pytest.raises(DatabaseError, match="A signed plan is never changed"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(strengths="other")


def test_a_part_cannot_move_from_a_draft_into_a_signed_plan(by, episode):
    plan = make_plan(by, episode)
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    with pytest.raises(DatabaseError, match="A part of a signed plan"), transaction.atomic():
        Problem.objects.filter(plan=draft).update(plan=plan, number=7)


def test_the_patient_signs_by_their_own_login_and_only_once(by, patient, episode):
    own = actor_of(make_login(patient), at=NOW)
    draft = make_draft(by, episode)
    with pytest.raises(Refused, match="The clinician signs the plan first"):
        actions.sign_for_patient(by=own, at=NOW, plan=draft)
    clinician = actions.sign_plan(by=by, at=NOW, plan=draft)
    signature = actions.sign_for_patient(by=own, at=NOW, plan=draft)
    assert (signature.role, signature.name, signature.method, signature.content_hash) == (
        "patient", "Ana Reyes", "electronic", clinician.content_hash,
    )  # fmt: skip
    with pytest.raises(Refused, match="has signed this plan already"):
        actions.sign_for_patient(by=own, at=NOW, plan=draft)


def test_staff_record_a_signature_on_paper_and_never_an_electronic_one(by, patient, episode):
    plan = make_plan(by, episode)
    assert list(queries.unsigned_by_patient(by)) == [plan]
    with pytest.raises(Refused, match="Only the patient can sign electronically"):
        actions.sign_for_patient(by=by, at=NOW, plan=plan)
    signature = actions.sign_for_patient(by=by, at=NOW, plan=plan, method="paper")
    assert (signature.method, signature.staff_id) == ("paper", by.staff_id)
    assert list(queries.unsigned_by_patient(by)) == []


def test_another_patient_cannot_sign(by, site, episode):
    plan = make_plan(by, episode)
    other = actor_of(make_login(make_patient(site, "Ben", "Ito")), at=NOW)
    with pytest.raises(Denied):
        actions.sign_for_patient(by=other, at=NOW, plan=plan)


def test_a_review_sets_the_next_day_and_takes_the_plan_off_the_list(by, episode):
    plan = make_plan(by, episode)
    due = TODAY + timedelta(days=30)
    assert list(queries.reviews_due(by, due)) == [plan]
    assert list(queries.reviews_due(by, due - timedelta(days=1))) == []
    review = actions.review_plan(
        by=by, at=NOW + timedelta(days=29), plan=plan, outcome="continue", summary="Going well."
    )
    assert (review.next_due_on, review.met) == (TODAY + timedelta(days=59), [])
    assert list(queries.reviews_due(by, due)) == []


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"outcome": "dance"}, "Choose what the review ends in"),
        ({"summary": " "}, "Write what the team saw"),
        ({"next_due_on": TODAY}, "must be after today"),
        ({"met": [0]}, "An objective of another plan"),
    ],
)
def test_a_review_that_says_nothing_is_refused(by, episode, facts, sentence):
    plan = make_plan(by, episode)
    with pytest.raises(Refused, match=sentence):
        actions.review_plan(by=by, at=NOW, plan=plan, **{"outcome": "continue", "summary": "x", **facts})
    assert not PlanReview.objects.exists()


def test_only_the_plan_in_force_is_reviewed(by, episode):
    with pytest.raises(Refused, match="Only the plan in force"):
        actions.review_plan(by=by, at=NOW, plan=make_draft(by, episode), outcome="continue", summary="x")


def test_an_order_holds_from_its_day_until_the_next(by, patient, episode):
    asked = {"by": by, "at": NOW, "episode": episode, "days_least": 3, "days_most": 4}
    first = actions.order_treatment(**asked, minutes_per_week=540, doses={"process": 360, "skills": 180})
    later = actions.order_treatment(
        **asked, minutes_per_week=360, doses={}, starts_on=TODAY + timedelta(days=7)
    )
    orders = list(queries.orders_of(by, patient))
    assert queries.order_on(orders, TODAY) == first
    assert queries.order_on(orders, TODAY + timedelta(days=7)) == later
    assert queries.order_on(orders, TODAY - timedelta(days=1)) is None
    assert queries.orders_in_force(by, TODAY, TODAY + timedelta(days=6)) == {patient.pk: [first]}
    assert queries.orders_in_force(by, TODAY + timedelta(days=7), TODAY + timedelta(days=13)) == {
        patient.pk: [later]
    }
    with pytest.raises(Refused, match="an order from that day already"):
        actions.order_treatment(**asked, minutes_per_week=600, doses={})


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"minutes_per_week": 4000}, "0 to 50 hours"),
        ({"days_least": 5, "days_most": 3}, "correct the days"),
        ({"days_least": 0, "days_most": 0}, "no day to give them on"),
        ({"doses": {"skills": 600}}, "more than the 9 ordered"),
        ({"doses": {"magic": 60}}, "no kind of treatment magic"),
        ({"doses": {"skills": 0}}, "needs minutes above zero"),
        ({"starts_on": TODAY - timedelta(days=1)}, "before the admission"),
    ],
)
def test_an_order_that_cannot_be_given_is_refused(by, episode, facts, sentence):
    sound = {"minutes_per_week": 540, "days_least": 3, "days_most": 3, "doses": {"process": 360}}
    with pytest.raises(Refused, match=sentence):
        actions.order_treatment(by=by, at=NOW, episode=episode, **{**sound, **facts})
    assert not TreatmentOrder.objects.exists()


def test_nothing_is_planned_or_ordered_in_a_closed_episode(by, episode):
    draft = make_draft(by, episode)
    discharge(by=by, at=NOW + HOUR, episode=episode, reason="completed", because="Goals met.")
    with pytest.raises(Refused, match="episode is closed"):
        actions.sign_plan(by=by, at=NOW + HOUR, plan=draft)
    with pytest.raises(Refused, match="episode is closed"):
        actions.add_problem(by=by, at=NOW + HOUR, plan=draft, statement="x")
    with pytest.raises(Refused, match="episode is closed"):
        actions.order_treatment(
            by=by, at=NOW + HOUR, episode=episode, minutes_per_week=0, days_least=0, days_most=0, doses={}
        )


def test_the_care_team_has_everybody_once_from_when_to_when(by, counselor, patient, episode):
    member = actions.add_to_care_team(
        by=by, at=NOW, episode=episode, staff=counselor, role="Primary counselor"
    )
    with pytest.raises(Refused, match="is in the care team already"):
        actions.add_to_care_team(by=by, at=NOW, episode=episode, staff=counselor, role="Group")
    assert list(queries.care_team_of(by, patient)) == [member]
    assert list(queries.patients_of_staff(by, counselor.pk)) == [patient]
    actions.end_in_care_team(by=by, at=NOW + HOUR, member=member)
    assert list(queries.care_team_of(by, patient)) == []
    with pytest.raises(Refused, match="left the care team already"):
        actions.end_in_care_team(by=by, at=NOW + HOUR, member=member)


def test_somebody_of_another_site_is_not_put_into_the_team(by, episode):
    with pytest.raises(Refused, match="does not work at this site"):
        actions.add_to_care_team(by=by, at=NOW, episode=episode, staff=make_staff(make_site()), role="Nurse")
    assert not CareTeamMember.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PATIENT, Role.FAMILY}))
def test_who_may_write_a_plan(site, episode, role):
    who = actor(make_staff(site, role))
    if role in {Role.COUNSELOR, Role.PRESCRIBER, Role.DIRECTOR}:
        assert actions.begin_plan(by=who, at=NOW, episode=episode).begun_by_id == who.staff_id
    else:
        with pytest.raises(Denied, match="Your role does not include: write, sign and review"):
            actions.begin_plan(by=who, at=NOW, episode=episode)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda p: Plan.objects.create(episode=p.episode, version=1, review_due_on=TODAY, begun_at=NOW, begun_by=p.begun_by), "plan_version_once"),
        (lambda p: Plan.objects.create(episode=p.episode, version=2, review_due_on=TODAY, begun_at=NOW, begun_by=p.begun_by), "one_plan_in_draft"),
        (lambda p: Problem.objects.create(plan=p, number=1, statement="x"), "problem_number_once"),
        (lambda p: Problem.objects.create(plan=p, number=2, statement=" "), "problem_is_stated"),
        (lambda p: Goal.objects.update(words=""), "goal_has_words"),
        (lambda p: Objective.objects.update(measure=" "), "objective_is_measurable"),
        (lambda p: Objective.objects.update(target=""), "objective_has_a_target"),
        (lambda p: Intervention.objects.update(minutes_per_week=0), "intervention_minutes_sensible"),
        (lambda p: PlanReview.objects.create(plan=p, outcome="continue", summary="", next_due_on=TODAY, at=NOW, by=p.begun_by), "plan_review_has_a_summary"),
        (lambda p: TreatmentOrder.objects.create(episode=p.episode, minutes_per_week=60, days_least=3, days_most=2, starts_on=TODAY, at=NOW, by=p.begun_by), "order_most_days_not_below_least"),
        (lambda p: CareTeamMember.objects.create(episode=p.episode, staff=p.begun_by, role="x", starts_at=NOW, ends_at=NOW), "care_team_ends_after_start"),
    ],
)  # fmt: skip
def test_the_database_refuses_nonsense(by, episode, change, name):
    draft = make_draft(by, episode)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change(draft)


@pytest.mark.parametrize("many", [1, 30])
def test_patients_come_with_level_order_and_review_in_one_query(by, site, many, django_assert_num_queries):
    people = [make_patient(site, "P", f"Q{n}") for n in range(many)]
    for one in people:
        episode = make_episode(by, one)
        make_plan(by, episode)
        actions.order_treatment(
            by=by,
            at=NOW,
            episode=episode,
            minutes_per_week=540,
            days_least=3,
            days_most=4,
            doses={"process": 360},
        )
    with django_assert_num_queries(1):
        rows = list(queries.with_order(with_current(patients_for(by)), TODAY))
    assert {(p.level, p.ordered_minutes, p.days_least, p.days_most, p.review_due_on) for p in rows} == {
        ("2.1", 540, 3, 4, TODAY + timedelta(days=30))
    }
    assert rows[0].ordered_doses == {"process": 360}
    with django_assert_num_queries(1):
        objectives = queries.objectives_in_force(by, [p.pk for p in people])
    assert {len(held) for held in objectives.values()} == {1}
    with django_assert_num_queries(8):
        plans = list(queries.whole(queries.plans_for(by)))
        assert sum(len(queries.as_rules(p).problems) for p in plans) == many


def test_a_patient_sees_only_signed_plans_and_a_stranger_none(by, patient, episode):
    own = actor_of(make_login(patient), at=NOW)
    draft = make_draft(by, episode)
    assert list(queries.plans_of(own, patient)) == []
    actions.sign_plan(by=by, at=NOW, plan=draft)
    assert list(queries.plans_of(own, patient)) == [draft]
    stranger = actor(make_staff(make_site()))
    assert list(queries.plans_of(stranger, patient)) == []
    assert queries.objectives_in_force(stranger, [patient.pk]) == {}


def test_open_episodes_without_a_signed_plan_are_found(by, episode):
    assert list(queries.plans_missing(by)) == [episode]
    make_plan(by, episode)
    assert list(queries.plans_missing(by)) == []


def test_the_plan_of_a_closed_episode_is_reviewed_no_more(by, episode):
    plan = make_plan(by, episode)
    discharge(by=by, at=NOW + HOUR, episode=episode, reason="completed", because="Goals met.")
    with pytest.raises(Refused, match="reviewed no more"):
        actions.review_plan(by=by, at=NOW + HOUR, plan=plan, outcome="continue", summary="x")


@pytest.fixture
def supervisor(site):
    return make_staff(site, Role.COUNSELOR, name="Maya Haddad", credential="LCSW")


@pytest.fixture
def trainee(site, supervisor):
    """A counselor whose credential needs supervision."""
    staff = make_staff(site, Role.COUNSELOR, name="Sam Reyes", credential="")
    Credential.objects.create(
        staff=staff,
        kind="LMSW",
        issued_on=date(2024, 1, 1),
        expires_on=date(2030, 1, 1),
        supervisor=supervisor,
    )
    return staff


def test_a_supervised_clinicians_plan_waits_for_the_supervisor_who_co_signs_it_once(
    trainee, supervisor, episode
):
    made = make_plan(actor(trainee), episode)
    waits_for = actor(supervisor)
    assert made.cosigner_id == supervisor.pk
    assert [(p.pk, p.author) for p in queries.to_cosign(waits_for)] == [(made.pk, "Sam Reyes")]
    signature = actions.cosign(by=waits_for, at=NOW + HOUR, plan=made)
    assert (signature.role, signature.name, signature.credential, signature.staff_id, signature.at) == (
        "cosigner", "Maya Haddad", "LCSW", supervisor.pk, NOW + HOUR
    )  # fmt: skip
    assert len(set(PlanSignature.objects.values_list("content_hash", flat=True))) == 1
    assert (last_entry().action, last_entry().subject, last_entry().patient_id) == (
        "plan.cosign", f"Plan {made.pk}", episode.patient_id
    )  # fmt: skip
    assert list(queries.to_cosign(waits_for)) == []
    with pytest.raises(Refused, match="co-signed already"):
        actions.cosign(by=waits_for, at=NOW + HOUR, plan=made)


def test_who_may_sign_alone_waits_for_nobody(by, supervisor, episode):
    made = make_plan(by, episode)
    assert made.cosigner_id is None
    with pytest.raises(Refused, match="needs no co-signature"):
        actions.cosign(by=actor(supervisor), at=NOW, plan=made)


@pytest.mark.parametrize(
    ("credential", "supervised", "sentence"),
    [
        ("LMSW", False, "no supervisor is on file"),
        ("CPS", True, "none is on file for you"),
        ("", True, "none is on file for you"),
    ],
)
def test_without_a_credential_or_a_supervisor_nothing_is_signed(
    site, supervisor, episode, credential, supervised, sentence
):
    staff = make_staff(site, Role.COUNSELOR, credential=credential)
    if supervised:
        Credential.objects.filter(staff=staff).update(supervisor=supervisor)
    draft = make_draft(actor(staff), episode)
    with pytest.raises(Refused, match=sentence):
        actions.sign_plan(by=actor(staff), at=NOW, plan=draft)
    assert (Plan.objects.get().signed_at, PlanSignature.objects.count()) == (None, 0)


def test_an_expired_license_neither_signs_nor_co_signs(site, trainee, supervisor, episode):
    made = make_plan(actor(trainee), episode)
    Credential.objects.filter(staff=supervisor).update(expires_on=date(2026, 3, 17))
    with pytest.raises(Refused, match="independent license"):
        actions.cosign(by=actor(supervisor), at=NOW, plan=made)
    Credential.objects.filter(staff=supervisor).update(expires_on=TODAY)  # its last day still counts
    assert actions.cosign(by=actor(supervisor), at=NOW, plan=made).role == "cosigner"


def test_only_the_supervisor_named_co_signs_and_only_what_is_in_force(by, site, trainee, supervisor, episode):
    draft = make_draft(actor(trainee), episode)
    with pytest.raises(Refused, match="not signed by its clinician"):
        actions.cosign(by=actor(supervisor), at=NOW, plan=draft)
    actions.sign_plan(by=actor(trainee), at=NOW, plan=draft)
    for who in (by, actor(trainee), actor(make_staff(site, Role.DIRECTOR))):
        with pytest.raises(Denied, match="waits for the co-signature of Maya Haddad"):
            actions.cosign(by=who, at=NOW, plan=draft)
    with pytest.raises(Denied, match="Your role"):
        actions.cosign(by=actor(make_staff(site, Role.BILLER)), at=NOW, plan=draft)
    actions.sign_plan(by=by, at=NOW + HOUR, plan=actions.begin_plan(by=by, at=NOW, episode=episode))
    assert list(queries.to_cosign(actor(supervisor))) == []
    with pytest.raises(Refused, match="newer version"):
        actions.cosign(by=actor(supervisor), at=NOW + HOUR, plan=draft)
