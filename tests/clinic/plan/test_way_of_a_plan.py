"""The drawing in docs/journey/plan.md is what the actions allow: every verb is tried in every state."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from stepwell.clinic.people.models import Credential
from stepwell.clinic.plan import actions
from stepwell.clinic.plan.models import Plan
from stepwell.clinic.refusal import Refused
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_draft, make_plan
from tests.making import NOW, TODAY, actor, make_staff

PAGE = Path(__file__).resolve().parents[3] / "docs" / "journey" / "plan.md"
LATER = NOW + timedelta(hours=1)


def state_of(plan: Plan) -> str:
    row = Plan.objects.get(pk=plan.pk)
    if row.superseded_at:
        return "superseded"
    return "in_force" if row.signed_at else "draft"


def sign_the_next_version(by, plan: Plan) -> None:
    if state_of(plan) != "in_force":
        raise Refused("there is no version to replace")
    draft = actions.begin_plan(by=by, at=LATER, episode=plan.episode)
    actions.sign_plan(by=by, at=LATER, plan=draft)


VERBS = {
    "change": lambda by, plan: actions.add_problem(by=by, at=LATER, plan=plan, statement="x"),
    "sign": lambda by, plan: actions.sign_plan(by=by, at=LATER, plan=plan),
    "sign for patient": lambda by, plan: actions.sign_for_patient(by=by, at=LATER, plan=plan, method="paper"),
    "co-sign": lambda by, plan: actions.cosign(by=by, at=LATER, plan=plan),
    "review": lambda by, plan: actions.review_plan(
        by=by, at=LATER, plan=plan, outcome="continue", summary="x"
    ),
    "sign the next version": sign_the_next_version,
}


@pytest.fixture
def plans(by, site, counselor, patient) -> dict[str, Plan]:
    """One plan in each state, in one episode, signed by somebody whom `by` supervises."""
    trainee = make_staff(site, credential="")
    Credential.objects.create(staff=trainee, kind="LMSW", issued_on=TODAY, supervisor=counselor)
    episode = make_episode(by, patient)
    first = make_plan(actor(trainee), episode)
    second = make_plan(actor(trainee), episode)
    return {"superseded": first, "in_force": second}


def test_the_drawing_on_the_page_is_what_the_actions_allow(by, plans):
    lines = ["stateDiagram-v2", "    [*] --> draft: begin"]
    for state in ("draft", "in_force", "superseded"):
        for words, verb in VERBS.items():
            with transaction.atomic():
                episode = plans["in_force"].episode
                plan = make_draft(by, episode) if state == "draft" else plans[state]
                assert state_of(plan) == state
                try:
                    with transaction.atomic():
                        verb(by, plan)
                    lines.append(f"    {state} --> {state_of(plan)}: {words}")
                except Refused:
                    pass
                transaction.set_rollback(True)
    lines.append("    superseded --> [*]")
    drawn = PAGE.read_text("utf-8").split("```mermaid\n")[1].split("\n```")[0]
    assert drawn == "\n".join(lines)
