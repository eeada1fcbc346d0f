"""Makes plans for tests, by the real actions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import actions
from stepwell.clinic.plan.models import Plan
from tests.making import NOW


def tree(measure: str = "Days without alcohol", **facts: Any) -> list[dict[str, Any]]:
    """One problem with one goal, one objective and two interventions: 9 hours a week."""
    return [
        {
            "statement": "Drinks daily since losing work.",
            "condition": "substance_use",
            "goals": [
                {
                    "words": "I want to be home for dinner, sober.",
                    "objectives": [
                        {
                            "measure": measure,
                            "target": "28 of 30",
                            "due_on": date(2026, 5, 1),
                            "interventions": [
                                {
                                    "kind": "process",
                                    "minutes_per_week": 360,
                                    "who": "Nia Okafor",
                                    "text": "Evening group",
                                },
                                {
                                    "kind": "skills",
                                    "minutes_per_week": 180,
                                    "who": "Nia Okafor",
                                    "text": "CBT skills",
                                },
                            ],
                            **facts,
                        }
                    ],
                }
            ],
        }
    ]


def make_draft(by: Actor, episode: Episode, at: datetime = NOW, problems: Any = None) -> Plan:
    draft = actions.begin_plan(by=by, at=at, episode=episode)
    return actions.save_plan(
        by=by, at=at, plan=draft, problems=problems or tree(), strengths="Stubborn, kind."
    )


def make_plan(by: Actor, episode: Episode, at: datetime = NOW, problems: Any = None) -> Plan:
    """A plan in force, signed by the clinician."""
    draft = make_draft(by, episode, at, problems)
    actions.sign_plan(by=by, at=at, plan=draft)
    return Plan.objects.get(pk=draft.pk)
