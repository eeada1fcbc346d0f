"""The golden thread: notes, homework and scores attach to an objective and show there, through every version."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.assessment.models import Screening
from stepwell.clinic.plan import actions
from stepwell.clinic.plan.models import Objective, Plan
from stepwell.clinic.recovery import actions as recovery
from stepwell.clinic.recovery.models import Homework
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions as sessions
from tests.clinic.assessment.making import answers
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_plan, tree
from tests.clinic.sessions.making import held_at, part
from tests.making import NOW, TODAY, make_patient, make_staff

EARLIER = NOW - timedelta(days=40)
MEASURED = {"instrument": "phq-9", "target_way": "at_most", "target_score": 9}


@pytest.fixture
def held(by, episode):
    return make_plan(by, episode, EARLIER, problems=tree("Low mood", **MEASURED))


def scored(by, patient, each: int, days_ago: int) -> None:
    assessment.record_screening(
        by=by,
        at=NOW,
        patient=patient,
        instrument="phq-9",
        answers=answers("phq-9", *([each] * 9)),
        taken_at=NOW - timedelta(days=days_ago),
    )


def a_signed_note(by, counselor, site, patient, objective, text: str) -> None:
    session = held_at(site, counselor, [patient], starts=NOW - timedelta(days=2))
    sessions.all_here(by=by, at=NOW, occurrence=session)
    note = sessions.save_draft(
        by=by, at=NOW, occurrence=session, revision=0, shared="The group mapped triggers and practiced urge surfing.",
        topic="Triggers", parts=[part(patient, text=text, objective_id=objective.pk)],
    )  # fmt: skip
    sessions.sign_note(by=by, at=NOW, note=note, revision=note.revision)


def test_note_homework_and_scores_show_at_the_objective_and_in_the_next_version(
    client, by, counselor, site, patient, episode, held, page
):
    first = Objective.objects.get()
    scored(by, patient, 2, 35)
    scored(by, patient, 1, 1)
    a_signed_note(by, counselor, site, patient, first, "Walked twice and told the group how it felt.")
    recovery.give_homework(
        by=by, at=NOW, patient=patient, title="Walk", instructions="Twice.", due_on=TODAY, objective=first
    )
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    actions.sign_plan(by=by, at=NOW, plan=draft)
    now = Objective.objects.get(goal__problem__plan=draft)
    assert now.first == first
    for objective in (first, now):
        body = client.get(f"{page}objectives/{objective.pk}/").content.decode()
        for words in (
            "Walked twice and told the group how it felt.",
            "Walk</strong>",
            "From 18 on 11 Feb 2026 to 9 on 17 Mar 2026. The target of at most 9 is met.",
            "PHQ-9",
            "Target, at most 9",
        ):
            assert words in body
    plan = client.get(page).content.decode()
    assert "1 note, last" in plan
    assert "homework 1, 1 open" in plan
    assert "The target of at most 9 is met." in plan


def test_a_score_that_was_corrected_shows_once(client, by, patient, held, page):
    scored(by, patient, 2, 35)
    scored(by, patient, 3, 1)
    wrong = Screening.objects.order_by("-taken_at").first()
    right = answers("phq-9", *([1] * 9))
    assessment.correct_screening(by=by, at=NOW, screening=wrong, answers=right, because="Typed wrongly.")
    body = client.get(f"{page}objectives/{Objective.objects.get().pk}/").content.decode()
    assert "From 18 on 11 Feb 2026 to 9 on 17 Mar 2026." in body
    assert ">27<" not in body


def test_homework_is_given_for_an_objective_of_the_plan_in_force(client, by, patient, held, page):
    objective = Objective.objects.get()
    form = reverse("desk:new_homework", args=[patient.code])
    body = client.get(f"{form}?objective={objective.pk}").content.decode()
    assert f'<option value="{objective.pk}" selected>' in body
    client.post(form, {
        "whom": "patient", "title": "Walk", "instructions": "Twice.", "due_on": TODAY.isoformat(), "objective": objective.pk,
    })  # fmt: skip
    assert Homework.objects.get().objective == objective
    assert "Walk</strong>" in client.get(f"{page}objectives/{objective.pk}/").content.decode()


def test_homework_serves_no_objective_of_another_persons_plan(by, site, patient, held):
    other = make_plan(by, make_episode(by, make_patient(site, "Ben", "Ito"), EARLIER), EARLIER)
    with pytest.raises(Refused, match="not in the plan in force"):
        recovery.give_homework(
            by=by, at=NOW, patient=patient, title="x", instructions="x", due_on=TODAY,
            objective=Objective.objects.get(goal__problem__plan=other),
        )  # fmt: skip


def test_an_objective_of_a_draft_and_of_somebody_else_is_404(client, by, site, episode, page):
    draft = actions.begin_plan(by=by, at=NOW, episode=episode)
    actions.save_plan(by=by, at=NOW, plan=draft, problems=tree())
    assert client.get(f"{page}objectives/{Objective.objects.get().pk}/").status_code == 404
    other = make_plan(by, make_episode(by, make_patient(site, "Ben", "Ito"), EARLIER), EARLIER)
    foreign = Objective.objects.get(goal__problem__plan=other)
    assert client.get(f"{page}objectives/{foreign.pk}/").status_code == 404


def test_a_role_sees_of_the_thread_what_its_tabs_show(signed_in, site, by, patient, counselor, held, page):
    objective = Objective.objects.get()
    a_signed_note(by, counselor, site, patient, objective, "Walked twice and told the group how it felt.")
    utilization = signed_in(make_staff(site, Role.UTILIZATION)).get(f"{page}objectives/{objective.pk}/")
    assert utilization.status_code == 200
    peer = signed_in(make_staff(site, Role.PEER)).get(f"{page}objectives/{objective.pk}/")
    assert peer.status_code == 200


@pytest.mark.parametrize("many", [1, 20])
def test_the_page_of_an_objective_asks_a_fixed_number_of_times(
    client, by, patient, held, page, many, django_assert_num_queries
):
    objective = Objective.objects.get()
    for n in range(many):
        recovery.give_homework(
            by=by,
            at=NOW,
            patient=patient,
            title=f"No. {n}",
            instructions="x",
            due_on=TODAY,
            objective=objective,
        )
        scored(by, patient, 1, n + 1)
    client.get(f"{page}objectives/{objective.pk}/")
    with django_assert_num_queries(16):
        client.get(f"{page}objectives/{objective.pk}/")


def test_the_first_of_a_line_stays_the_first_however_often_the_plan_is_written_anew(by, episode, held):
    first = Objective.objects.get()
    for _ in range(3):
        actions.sign_plan(by=by, at=NOW, plan=actions.begin_plan(by=by, at=NOW, episode=episode))
    assert set(Objective.objects.exclude(pk=first.pk).values_list("first", flat=True)) == {first.pk}
    assert Plan.objects.count() == 4
