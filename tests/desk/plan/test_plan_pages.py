from __future__ import annotations

from datetime import date, timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.actions import record_diagnosis
from stepwell.clinic.people.models import Credential
from stepwell.clinic.plan import actions
from stepwell.clinic.plan.models import (
    CareTeamMember,
    Goal,
    Intervention,
    Objective,
    Plan,
    PlanReview,
    Problem,
    TreatmentOrder,
)
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_draft, make_plan, tree
from tests.making import NOW, actor, make_patient, make_site, make_staff

EARLIER = NOW - timedelta(days=40)


def test_without_a_plan_the_tab_says_by_when_it_is_due(client, episode, page):
    body = client.get(page).content.decode()
    assert "There is no plan yet" in body
    assert "Begin the plan" in body


def test_before_admission_the_tab_leads_to_the_level_of_care(client, patient, page):
    assert f'href="/patients/{patient.code}/placement/"' in client.get(page).content.decode()
    assert client.post(page + "draft/").headers["Location"] == f"/patients/{patient.code}/placement/"
    assert client.get(page + "order/").status_code == 302


def test_a_plan_is_written_part_by_part_and_signed(client, by, patient, episode, page):
    illness = record_diagnosis(by=by, at=EARLIER, patient=patient, code="F10.20", text="Alcohol use disorder")
    client.post(page + "draft/")
    assert "Plan has no problem." in client.get(page + "draft/").content.decode()
    client.post(page + "draft/problems/new/", {"statement": "Drinks daily.", "diagnosis": illness.pk})
    problem = Problem.objects.get()
    client.post(f"{page}draft/goal/in/{problem.pk}/", {"words": "Be home for dinner."})
    goal = Goal.objects.get()
    client.post(f"{page}draft/objective/in/{goal.pk}/", {
        "measure": "Days sober", "target": "28 of 30", "due_on": "2026-05-01", "instrument": "bam",
    })  # fmt: skip
    objective = Objective.objects.get()
    client.post(
        f"{page}draft/intervention/in/{objective.pk}/", {"kind": "process", "minutes_per_week": "360"}
    )
    client.post(page + "draft/strengths/", {"strengths": "Stubborn, kind."})
    client.post(f"{page}draft/objective/{objective.pk}/", {
        "measure": "Days sober", "target": "30 of 30", "due_on": "2026-05-02",
    })  # fmt: skip
    body = client.get(page + "draft/").content.decode()
    for words in ("Be home for dinner.", "30 of 30", "6 h a week", "Stubborn, kind.", "F10.20"):
        assert words in body
    answer = client.post(page + "signature/", follow=True)
    assert "Signed: the plan is in force." in answer.content.decode()
    assert "The plan orders 6 hours a week; the level asks for 9 or more" in answer.content.decode()
    assert Plan.objects.get().signed_at == NOW


def test_signing_an_unfinished_draft_names_what_is_missing(client, episode, page):
    client.post(page + "draft/")
    answer = client.post(page + "signature/", follow=True)
    assert "The plan cannot be signed yet. Plan has no problem." in answer.content.decode()


def test_a_second_click_on_sign_has_no_second_effect(client, by, episode, page):
    make_draft(by, episode, EARLIER)
    client.post(page + "signature/")
    answer = client.post(page + "signature/", follow=True)
    assert "There is no draft to sign" in answer.content.decode()
    assert Plan.objects.get().signatures.count() == 1


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("draft/problems/new/", {"statement": "  "}),
        ("draft/problems/new/", {"statement": "x\x00y"}),
        ("draft/goal/in/{problem}/", {"words": ""}),
        ("draft/objective/in/{goal}/", {"measure": "x", "target": "y", "due_on": "soon"}),
        ("draft/intervention/in/{objective}/", {"kind": "magic", "minutes_per_week": "60"}),
        ("draft/intervention/in/{objective}/", {"kind": "skills", "minutes_per_week": "-1"}),
        ("draft/intervention/{intervention}/", {"kind": "skills", "minutes_per_week": "99999"}),
    ],
)
def test_a_bad_part_is_answered_with_a_sentence(client, by, episode, page, path, typed):
    make_draft(by, episode, EARLIER)
    names = {
        "problem": Problem.objects.get().pk,
        "goal": Goal.objects.get().pk,
        "objective": Objective.objects.get().pk,
        "intervention": Intervention.objects.first().pk,
    }
    answer = client.post(page + path.format(**names), typed)
    assert answer.status_code == 422
    assert "another look" in answer.content.decode()


def test_a_part_is_taken_out_of_the_draft(client, by, episode, page):
    make_draft(by, episode, EARLIER)
    client.post(f"{page}draft/goal/{Goal.objects.get().pk}/remove/")
    assert not Goal.objects.exists()


def test_parts_of_a_signed_plan_and_of_other_patients_are_404(client, by, site, episode, page):
    make_plan(by, episode, EARLIER)
    assert client.get(f"{page}draft/goal/{Goal.objects.get().pk}/").status_code == 404
    other = make_episode(by, make_patient(site, "Ben", "Ito"), EARLIER)
    make_draft(by, other, EARLIER)
    foreign = Goal.objects.exclude(problem__plan__episode=episode).get()
    assert client.get(f"{page}draft/goal/{foreign.pk}/").status_code == 404
    assert client.get(f"{page}draft/wish/{foreign.pk}/").status_code == 404
    assert client.get(f"{page}versions/{Plan.objects.get(episode=other).pk}/").status_code == 404


def test_the_patients_signature_on_paper_is_recorded(client, by, episode, page):
    make_plan(by, episode, EARLIER)
    assert "Ana has not signed yet." in client.get(page).content.decode()
    assert client.get(page + "patient-signature/").status_code == 200
    late = {"signed_on": "2026-12-01", "kept_by": "Front desk"}
    assert "after today" in client.post(page + "patient-signature/", late).content.decode()
    client.post(page + "patient-signature/", {"signed_on": "2026-03-17", "kept_by": "Front desk"})
    body = client.get(page).content.decode()
    assert "Ana has not signed yet." not in body
    assert "on paper 17 Mar 2026, held by Front desk" in body


def test_a_review_takes_an_outcome_and_a_summary(client, by, episode, page):
    make_plan(by, episode, EARLIER)
    assert "The review was due" in client.get(page).content.decode()
    first = client.get(page + "review/").content.decode()
    assert 'value="2026-04-17"' in first
    answer = client.post(page + "review/", {"next_due_on": "2026-04-17"})
    assert answer.status_code == 422
    there = Objective.objects.get()
    answer = client.post(page + "review/", {
        "outcome": "continue", "summary": "Sober 30 days.", f"verdict-{there.pk}": "met", "next_due_on": "2026-04-17",
    })  # fmt: skip
    assert answer.headers["Location"] == page + "draft/"
    review = PlanReview.objects.get()
    assert (review.outcome, review.met, review.next_due_on) == (
        "continue",
        [there.pk],
        date(2026, 4, 17),
    )
    assert "1 objective met." in client.get(page).content.decode()


def test_the_order_is_proposed_from_the_plan(client, by, episode, page):
    make_plan(by, episode, EARLIER)
    body = client.get(page + "order/").content.decode()
    assert 'name="hours" value="9"' in body
    assert 'name="kind_process" value="6"' in body
    bad = client.post(page + "order/", {
        "hours": "5", "days_least": "3", "days_most": "4", "starts_on": "2026-03-18", "kind_process": "6",
    })  # fmt: skip
    assert bad.status_code == 422
    assert "more than the 5 ordered" in bad.content.decode()
    client.post(page + "order/", {
        "hours": "9", "days_least": "3", "days_most": "4", "starts_on": "2026-03-18", "kind_process": "6", "kind_skills": "3",
    })  # fmt: skip
    order = TreatmentOrder.objects.get()
    assert (order.minutes_per_week, order.doses) == (540, {"process": 360, "skills": 180})
    assert "on 3 to 4 days" in client.get(page).content.decode()


def test_somebody_joins_and_leaves_the_care_team(client, counselor, episode, page):
    client.post(page + "care-team/", {"staff": counselor.pk, "role": "Primary counselor"})
    member = CareTeamMember.objects.get()
    assert "Primary counselor" in client.get(page).content.decode()
    CareTeamMember.objects.update(starts_at=EARLIER)
    client.post(f"{page}care-team/{member.pk}/end/")
    assert CareTeamMember.objects.get().ends_at == NOW
    assert client.post(page + "care-team/", {"staff": "0", "role": "x"}).status_code == 422


def test_the_plan_prints_with_a_line_to_sign_on(client, by, episode, page):
    assert client.get(page + "print/").status_code == 302
    make_plan(by, episode, EARLIER)
    body = client.get(page + "print/").content.decode()
    assert "I want to be home for dinner, sober." in body
    assert "Ana Reyes, patient" in body


def test_earlier_versions_stay_readable(client, by, episode, page):
    first = make_plan(by, episode, EARLIER)
    draft = actions.begin_plan(by=by, at=EARLIER + timedelta(days=1), episode=episode)
    actions.sign_plan(by=by, at=EARLIER + timedelta(days=2), plan=draft)
    assert f"{page}versions/{first.pk}/" in client.get(page).content.decode()
    assert "An earlier version." in client.get(f"{page}versions/{first.pk}/").content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [(Role.COUNSELOR, 200), (Role.PEER, 200), (Role.BILLER, 403), (Role.ADMISSIONS, 403)]
)
def test_who_may_open_the_tab(signed_in, site, page, role, status):
    assert signed_in(make_staff(site, role)).get(page).status_code == status


@pytest.mark.parametrize("part", ["draft/", "review/", "order/", "care-team/", "draft/problems/new/"])
def test_whoever_reads_only_may_not_write(signed_in, site, by, episode, page, part):
    make_plan(by, episode, EARLIER)
    assert signed_in(make_staff(site, Role.PEER)).get(page + part).status_code == 403


@pytest.mark.parametrize("part", ["", "print/", "review/", "order/", "care-team/", "draft/"])
def test_a_stranger_of_another_site_finds_nothing(signed_in, by, episode, page, part):
    make_plan(by, episode, EARLIER)
    assert signed_in(make_staff(make_site(), Role.COUNSELOR)).get(page + part).status_code == 404


@pytest.mark.parametrize("many", [1, 30])
def test_the_tab_asks_the_database_a_fixed_number_of_times(
    client, site, by, episode, page, many, django_assert_num_queries
):
    problems = [{**tree(f"Measure {n}")[0], "statement": f"Problem {n}"} for n in range(many)]
    plan = make_plan(by, episode, EARLIER, problems)
    for n in range(many):
        at = EARLIER + timedelta(hours=n)
        actions.review_plan(by=by, at=at, plan=plan, outcome="continue", summary="Well.")
        actions.order_treatment(
            by=by, at=at, episode=episode, minutes_per_week=540, days_least=3, days_most=4, doses={},
            starts_on=EARLIER.date() + timedelta(days=n),
        )  # fmt: skip
        actions.add_to_care_team(by=by, at=at, episode=episode, staff=make_staff(site), role="Counselor")
    client.get(page)
    with django_assert_num_queries(QUERIES):
        answer = client.get(page)
    assert f"Problem {many - 1}" in answer.content.decode()


QUERIES = 21


def test_a_supervisor_finds_the_plan_counted_listed_and_co_signs_it(signed_in, site, page, episode):
    supervisor = make_staff(site, Role.COUNSELOR, name="Maya Haddad", credential="LCSW")
    trainee = make_staff(site, Role.COUNSELOR, name="Sam Reyes", credential="")
    Credential.objects.create(staff=trainee, kind="LMSW", issued_on=date(2024, 1, 1), supervisor=supervisor)
    make_draft(actor(trainee), episode)
    theirs, mine = signed_in(trainee), signed_in(supervisor)
    assert "plans to co-sign" in theirs.post(f"{page}signature/", follow=True).content.decode()
    held = Plan.objects.get()
    assert "Maya Haddad has it on the list" in theirs.get(page).content.decode()
    assert theirs.post(f"{page}versions/{held.pk}/co-signature/").status_code == 403
    notes = mine.get("/notes/").content.decode()
    assert "Plans to co-sign" in notes
    assert (
        'Notes to sign <span class="count">1</span>' in " ".join(notes.replace("</span>", "</span> ").split())
        or ">1<" in notes
    )  # the count beside “Notes to sign”
    address = f"{page}versions/{held.pk}/"
    assert address in notes
    assert f"{address}co-signature/" in mine.get(address).content.decode()
    assert "Waits for the co-signature of Maya Haddad" in mine.get(f"{page}print/").content.decode()
    assert mine.post(f"{address}co-signature/").status_code == 302
    printed = mine.get(f"{page}print/").content.decode()
    assert "Supervisor, LCSW" in printed
    assert "Waits for" not in printed
    assert "Plans to co-sign" not in mine.get("/notes/").content.decode()
    assert "co-signed already" in mine.post(f"{address}co-signature/", follow=True).content.decode()
