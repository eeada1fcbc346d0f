"""A review is due by rule, is prepared from what happened since, and ends in a new version."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.chart.queries import due_of
from stepwell.clinic.coverage.models import Payer, Policy
from stepwell.clinic.placement.models import Placement
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.plan.models import Objective, ObjectiveVerdict, Plan, PlanReview
from stepwell.clinic.refusal import Refused
from tests.clinic.plan.making import make_plan, tree
from tests.making import NOW, TODAY

EARLIER = NOW - timedelta(days=10)


def three(by, episode, at=EARLIER):
    goal = tree()[0]["goals"][0]
    more = [tree(measure)[0]["goals"][0]["objectives"][0] for measure in ("Sleep", "Calls", "Meals")]
    problem = tree()[0] | {"goals": [goal | {"objectives": more}]}
    return make_plan(by, episode, at, problems=[problem])


def test_each_objective_goes_on_is_changed_met_or_given_up_and_a_version_is_begun(client, by, episode, page):
    plan = three(by, episode)
    sleep, calls, meals = Objective.objects.order_by("number")
    sent = {
        "outcome": "continue", "summary": "Sleeps again.", "next_due_on": "2026-04-17",
        f"verdict-{sleep.pk}": "met", f"verdict-{calls.pk}": "revise", f"because-{calls.pk}": "Fewer calls.",
        f"verdict-{meals.pk}": "discontinued",
    }  # fmt: skip
    refused = client.post(page + "review/", sent)
    assert refused.status_code == 422
    assert "Say why it is given up" in refused.content.decode()
    client.post(page + "review/", sent | {f"because-{meals.pk}": "Not what Ana wants any more."})
    review = PlanReview.objects.get()
    assert review.met == [sleep.pk]
    assert dict(ObjectiveVerdict.objects.values_list("objective", "verdict")) == {
        sleep.pk: "met", calls.pk: "revise", meals.pk: "discontinued",
    }  # fmt: skip
    draft = Plan.objects.get(signed_at=None)
    assert list(Objective.objects.filter(goal__problem__plan=draft).values_list("measure", "first")) == [
        ("Calls", calls.pk)
    ]
    held = queries.whole(Plan.objects.filter(pk=plan.pk)).get()
    assert rules.weekly_dose(queries.as_rules(held)) == {rules.Kind.SKILLS: 180, rules.Kind.PROCESS: 360}
    assert [o.pk for o in queries.objectives_in_force(by, [episode.patient_id])[episode.patient_id]] == [
        calls.pk
    ]
    body = client.get(page).content.decode()
    assert "1 change it, 1 met, 1 give it up" in body
    assert "given up" in body
    assert "Not what Ana wants any more." in body


def test_everything_going_on_begins_no_version(client, by, episode, page):
    three(by, episode)
    sent = {"outcome": "continue", "summary": "Steady.", "next_due_on": "2026-04-17"}
    sent |= {f"verdict-{o.pk}": "continue" for o in Objective.objects.all()}
    assert client.post(page + "review/", sent).headers["Location"] == page
    assert not Plan.objects.filter(signed_at=None).exists()


def test_a_review_knows_no_objective_of_another_plan(by, episode):
    plan = three(by, episode)
    with pytest.raises(Refused, match="objective of another plan"):
        actions.review_plan(
            by=by, at=NOW, plan=plan, outcome="continue", summary="x",
            found=[rules.Found(999, rules.Verdict.CONTINUE)],
        )  # fmt: skip
    assert not PlanReview.objects.exists()


def test_a_return_to_use_brings_the_review_forward_everywhere_it_is_read(
    client, by, site, patient, counselor, episode, page
):
    plan = three(by, episode)
    assert due(by, patient) == TODAY + timedelta(days=20)
    raise_alert(
        by=by, at=NOW - timedelta(days=3), patient=patient, kind="used", sentence="Used.", subject="CheckIn 1"
    )
    assert due(by, patient) == TODAY + timedelta(days=4)
    assert [p.pk for p in queries.reviews_due(by, TODAY + timedelta(days=4))] == [plan.pk]
    assert due_of(by, [patient.pk], at=NOW, today=TODAY)[patient.pk].review_on == TODAY + timedelta(days=4)
    assert "7 days after a return to use" in client.get(page).content.decode()
    actions.review_plan(by=by, at=NOW, plan=plan, outcome="continue", summary="Talked it through.")
    assert due(by, patient) == TODAY + timedelta(days=30)


def test_a_change_of_level_brings_the_review_forward(by, patient, episode):
    three(by, episode)
    _moved(by, episode, "step_up", "2.5", NOW - timedelta(days=1))
    assert due(by, patient) == TODAY + timedelta(days=6)


def _moved(by, episode, kind, level, at) -> None:
    Placement.objects.create(
        episode=episode, number=2, kind=kind, level=level, because="As rated.", starts_at=at, at=at, by_id=by.staff_id
    )  # fmt: skip


def due(by, patient) -> date:
    return queries.plan_in_force(by, patient).due_on


@pytest.mark.parametrize(
    ("level", "payers", "days"),
    [
        ("2.1", [], 30),
        ("2.5", [], 14),
        ("1", [], 60),
        ("1", ["medicaid"], 30),
        ("2.1", ["medicare"], 30),
        ("", [], 30),
    ],
)
def test_the_shortest_of_level_and_payer_rules(level, payers, days):
    assert rules.review_due(date(2026, 3, 1), level, payers) == date(2026, 3, 1) + timedelta(days=days)


def test_the_payer_on_file_is_asked_when_the_plan_is_signed(by, patient, episode):
    _moved(by, episode, "step_down", "1", EARLIER)
    payer = Payer.objects.create(name="State Medicaid", kind="medicaid")
    Policy.objects.create(
        patient=patient, payer=payer, member_id="M1", starts_on=date(2026, 1, 1), recorded_at=EARLIER
    )
    plan = three(by, episode)
    assert plan.review_due_on == EARLIER.date() + timedelta(days=30)


def test_the_review_is_prepared_from_what_happened_since_the_last_look(client, by, patient, episode, page):
    three(by, episode)
    actions.order_treatment(
        by=by, at=EARLIER, episode=episode, minutes_per_week=540, days_least=3, days_most=4,
        doses={"process": 360, "skills": 180},
    )  # fmt: skip
    raise_alert(
        by=by, at=NOW - timedelta(days=3), patient=patient, kind="used", sentence="Told of drinking.",
        subject="CheckIn 1",
    )  # fmt: skip
    body = client.get(page + "review/").content.decode()
    for words in (
        "Told of drinking.",
        "Drug tests",
        "0 results.",
        "No note since.",
        "Dose since the last look",
    ):
        assert words in body
    sent = {"outcome": "continue", "summary": "Back on track.", "next_due_on": "2026-04-17"}
    sent |= {f"verdict-{o.pk}": "continue" for o in Objective.objects.all()}
    client.post(page + "review/", sent)
    assert any("Told of drinking." in fact for fact in PlanReview.objects.get().facts)


@pytest.mark.parametrize("many", [1, 12])
def test_the_review_asks_the_database_a_fixed_number_of_times(
    client, by, patient, episode, page, many, django_assert_num_queries
):
    objectives = [tree(f"Measure {n}")[0]["goals"][0]["objectives"][0] for n in range(many)]
    problem = tree()[0] | {"goals": [tree()[0]["goals"][0] | {"objectives": objectives}]}
    make_plan(by, episode, EARLIER, problems=[problem])
    for n in range(many):
        raise_alert(by=by, at=NOW, patient=patient, kind="x", sentence=f"No. {n}", subject="x")
    client.get(page + "review/")
    with django_assert_num_queries(22):
        client.get(page + "review/")
