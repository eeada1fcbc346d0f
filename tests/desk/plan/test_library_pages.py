"""Writing from the library: a click puts a text in, a diagnosis without a problem is named, a site adds its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.clinic.assessment.actions import record_diagnosis
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.plan.models import DeferredDiagnosis, Goal, Objective, Plan, Problem
from tests.clinic.plan.making import make_draft
from tests.making import NOW, actor

EARLIER = NOW - timedelta(days=40)


@pytest.fixture
def client(signed_in, counselor, episode, page):
    client = signed_in(counselor)
    client.post(page + "draft/")
    return client


def diagnosed(by, patient, code, text, *, primary=False):
    return record_diagnosis(by=by, at=EARLIER, patient=patient, code=code, text=text, primary=primary)


def test_a_click_puts_a_problem_with_goal_objectives_and_interventions_into_the_draft(
    client, by, patient, page
):
    illness = diagnosed(by, patient, "F10.20", "Alcohol use disorder", primary=True)
    body = client.get(page + "draft/library/").content.decode()
    assert "Drinking is daily or out of hand" in body
    client.post(page + "draft/library/", {
        "text": "stepwell:alcohol", "goal": "1", "objectives": ["0"], "diagnosis": illness.pk,
    })  # fmt: skip
    problem = Problem.objects.get()
    objective = Objective.objects.get()
    assert (problem.condition, problem.diagnosis, Goal.objects.get().words) == (
        "substance_use",
        illness,
        "I want to remember my evenings.",
    )
    assert (objective.target, objective.interventions.count()) == ("28 of 30 days", 2)
    assert client.post(page + "signature/").headers["Location"] == page
    assert Plan.objects.get().signed_at == NOW


def test_own_words_take_the_place_of_the_goal_to_begin_with(client, page):
    client.post(page + "draft/library/", {
        "text": "stepwell:depression", "goal": "0", "own_words": "Quiero volver a reír.", "objectives": ["0", "1"],
    })  # fmt: skip
    assert Goal.objects.get().words == "Quiero volver a reír."
    first = Objective.objects.order_by("number").first()
    assert (first.instrument, first.target_way, first.target_score) == ("phq-9", "at_most", 9)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "stepwell:nothing", "goal": "0", "objectives": ["0"]}, "not in the library any more"),
        ({"text": "stepwell:alcohol", "goal": "0"}, "Choose at least one objective"),
        ({"text": "stepwell:alcohol", "objectives": ["0"]}, "in the patient&#39;s own words"),
        ({"text": "stepwell:alcohol", "goal": "40", "objectives": ["0"]}, "in the patient&#39;s own words"),
        ({"text": "stepwell:alcohol", "goal": "0", "objectives": ["9"]}, "Choose at least one objective"),
    ],
)
def test_what_cannot_be_put_in_is_answered_with_a_sentence(client, page, typed, said):
    answer = client.post(page + "draft/library/", typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Problem.objects.exists()


def test_an_objective_of_the_library_goes_into_a_goal_of_the_same_condition(client, by, page):
    client.post(page + "draft/library/", {"text": "stepwell:alcohol", "goal": "0", "objectives": ["0"]})
    goal = Goal.objects.get()
    body = client.get(f"{page}draft/objective/in/{goal.pk}/").content.decode()
    assert "Own warning signs and what to do at each written down" in body
    assert "Depressed mood" not in body
    client.post(f"{page}draft/library/in/{goal.pk}/", {"text": "stepwell:cravings:0"})
    assert goal.objectives.count() == 2
    client.post(f"{page}draft/library/in/{goal.pk}/", {"text": "stepwell:cravings:77"})
    assert goal.objectives.count() == 2
    assert (
        "I want my family to trust me again"
        not in client.get(f"{page}draft/goal/in/{Problem.objects.get().pk}/").content.decode()
    )


def test_a_diagnosis_without_a_problem_refuses_the_signature_until_it_has_one_or_a_reason(
    client, by, patient, episode, page
):
    drinking = diagnosed(by, patient, "F10.20", "Alcohol use disorder", primary=True)
    mood = diagnosed(by, patient, "F33.1", "Major depression")
    diagnosed(by, patient, "I10", "High blood pressure")
    client.post(page + "draft/library/", {
        "text": "stepwell:alcohol", "goal": "0", "objectives": ["0"], "diagnosis": drinking.pk,
    })  # fmt: skip
    body = client.get(page + "draft/").content.decode()
    assert "F33.1 Major depression has no problem in the plan" in body
    assert f"{page}draft/library/?condition=mental_health" in body
    refused = client.post(page + "signature/", follow=True).content.decode()
    assert "The plan cannot be signed yet. F33.1 Major depression has no problem in the plan" in refused
    assert client.post(f"{page}draft/diagnoses/{mood.pk}/", {"because": " "}).status_code == 422
    client.post(f"{page}draft/diagnoses/{mood.pk}/", {"because": "Treated by Dr. Lund."})
    assert "F33.1 Major depression: Treated by Dr. Lund." in client.get(page + "draft/").content.decode()
    client.post(f"{page}draft/diagnoses/{mood.pk}/end/")
    assert not DeferredDiagnosis.objects.exists()
    client.post(f"{page}draft/diagnoses/{mood.pk}/", {"because": "Treated by Dr. Lund."})
    client.post(page + "signature/")
    signed = client.get(page).content.decode()
    assert "Treated by Dr. Lund." in signed
    assert "I10 High blood pressure has no problem in the plan" in signed


def test_conditions_that_occur_together_are_said_to_be_treated_together(client, page):
    for text in ("alcohol", "depression"):
        client.post(page + "draft/library/", {"text": f"stepwell:{text}", "goal": "0", "objectives": ["0"]})
    together = "This plan treats substance use and mental health together."
    assert together in client.get(page + "draft/").content.decode()
    client.post(page + "signature/")
    assert together in client.get(page).content.decode()


def test_the_texts_of_a_site_come_first_and_only_there(client, by, patient, counselor, site, page):
    own = rules.read_library(
        rules.as_file(rules.shipped_library())
        .replace('"key": "stepwell"', '"key": "harbor"', 1)
        .replace("Drinking is daily or out of hand", "The bottle is always there")
    )
    from stepwell.accounts.actor import stepwell_itself

    actions.take_library(by=stepwell_itself(), at=NOW, site=site, library=own)
    assert [(one.library.key, one.version) for one in queries.libraries_of(by, site.pk)] == [
        ("harbor", 1),
        ("stepwell", 0),
    ]
    assert "The bottle is always there" in client.get(page + "draft/library/").content.decode()
    assert [one.library.key for one in queries.libraries_of(by, site.pk + 1)] == ["stepwell"]
    with pytest.raises(
        rules.LibraryRefused, match="problems\\[0\\]\\.objectives\\[0\\]\\.days: This must be"
    ):
        rules.read_library(rules.as_file(own).replace('"days": 21', '"days": "soon"', 1))


@pytest.mark.parametrize("many", [1, 20])
def test_the_library_asks_the_database_a_fixed_number_of_times(
    client, by, page, many, django_assert_num_queries
):
    for n in range(many):
        actions.add_problem(by=by, at=NOW, plan=Plan.objects.get(), statement=f"x{n}", condition="life")
    client.get(page + "draft/library/")
    with django_assert_num_queries(10):
        client.get(page + "draft/library/")


def test_a_draft_that_changed_meanwhile_is_not_signed_unread(client, by, episode, page, counselor):
    Plan.objects.all().delete()
    draft = make_draft(by, episode)
    seen = queries.fingerprint(queries.whole(Plan.objects.filter(pk=draft.pk)).get())
    actions.add_problem(by=by, at=NOW, plan=draft, statement="New.", condition="life")
    answer = client.post(page + "signature/", {"seen": seen}, follow=True)
    assert "The draft was changed meanwhile; read it again, then sign." in answer.content.decode()
    assert Plan.objects.get().signed_at is None
    assert actor(counselor).is_staff
