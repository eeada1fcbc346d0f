"""What stands in a note: shared text by kind, and for each person a part that is like nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwell.cli.demo.world import Life, dice, texts
from stepwell.clinic.sessions.actions import DraftPart
from stepwell.clinic.timetable.curriculum import rules as curricula

FORMATS = {"counselor": "DAP", "haddad": "BIRP", "facilitator": "DAP"}


def topic_of(session: Any) -> str:
    """What the session was about."""
    if session.topic:
        return str(session.topic)
    words = texts("individual", "topics") if session.kind == "individual" else texts("open_topics")
    return str(dice("topic", session.local_date, session.starts, session.facilitator_id).choice(words))


def shared_text(session: Any, topic: str) -> str:
    """The part that everybody's chart shows: what the curriculum holds for the topic, as the room offers it."""
    taught = curricula.load(session.curriculum).called(topic) if session.curriculum else None
    if taught is not None:
        return taught.shared
    kind = session.kind if session.kind in ("individual", "case_management") else session.treatment
    said = dice("shared", session.title, session.local_date).choice(texts("shared", kind))
    return str(said.format(topic=_within(topic)))


def group_parts(session: Any, topic: str, present: Sequence[Life]) -> list[DraftPart]:
    """Own parts of those who came; within a session nobody shares a moment, a skill line or a next step."""
    words = texts("parts")
    throw = dice("parts", session.title, session.local_date)
    own = _enough(words["own"], len(present), throw)
    following = _enough(words["next"], len(present), throw)
    worked = _enough(words["worked"], len(present), throw)
    parts = []
    for place, life in enumerate(present):
        skill = throw.choice(words["skill"])
        text = " ".join(
            [
                throw.choice(words["opened"]).format(name=life.called, topic=_within(topic), own=own[place]),
                worked[place].format(skill=skill),
                following[place],
            ]
        )
        parts.append(
            DraftPart(
                patient_id=life.patient.pk,
                participation=throw.choice(["active", "active", "active", "attentive", "prompted", "little"]),
                affect=throw.choice(["calm", "calm", "bright", "flat", "anxious", "low", "irritable"]),
                response=throw.choice(["practiced", "practiced", "understood", "unsure"]),
                skill=skill,
                risk="watch" if throw.random() < 0.03 else "none",
                objective_id=_objective(life, throw),
                text=text,
            )
        )
    return parts


def single_part(session: Any, life: Life, format: str) -> DraftPart:
    """The part of a note about one person, in the sections of the format."""
    throw = dice("single", life.number, session.local_date, session.starts)
    words, moments = texts("individual"), texts("parts")
    own, skill = throw.choice(moments["own"]), throw.choice(moments["skill"])
    came = throw.choice(words["came"]).format(name=life.called, own=own)
    did = throw.choice(words["did"]).format(skill=skill)
    means, following = throw.choice(words["means"]), throw.choice(moments["next"])
    sections = {
        "DAP": {"data": f"{came} {did}", "assessment": means, "plan": following},
        "BIRP": {"behavior": came, "intervention": did, "response": means, "plan": following},
        "GROUP": {},
    }[format]
    return DraftPart(
        patient_id=life.patient.pk,
        participation="active",
        affect=throw.choice(["calm", "low", "anxious", "bright"]),
        response=throw.choice(["practiced", "understood"]),
        skill=skill,
        risk="none",
        objective_id=_objective(life, throw),
        text="" if sections else f"{came} {did} {means} {following}",
        sections=sections,
    )


def _objective(life: Life, throw: Any) -> int | None:
    """One of the plan in force; who has left since has none, though the last note is still to be written."""
    return throw.choice(life.objectives).pk if life.objectives and life.in_treatment else None


def _enough(of: Sequence[str], count: int, throw: Any) -> list[str]:
    """Shuffled, each used once before any comes again."""
    found: list[str] = []
    while len(found) < count:
        found += throw.sample(of, len(of))
    return found


def _within(topic: str) -> str:
    """A topic within a sentence: small first letter, but not in an abbreviation."""
    return topic if topic[:2].isupper() else topic[:1].lower() + topic[1:]
