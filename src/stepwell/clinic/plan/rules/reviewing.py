"""When a plan is reviewed: so many days by level and payer, and sooner after a transfer or a relapse."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from stepwell.clinic.plan.rules.data import plan_data, review_data
from stepwell.clinic.refusal import Refused


class Event(StrEnum):
    """What brings a review forward."""

    TRANSFER = "transfer"
    RELAPSE = "relapse"

    @property
    def label(self) -> str:
        """What people read."""
        return str(review_data()["after"][self.value]["label"])


@dataclass(frozen=True)
class Due:
    """The last day by which to review, and why then."""

    on: date
    because: str


class Verdict(StrEnum):
    """What a review finds of one objective."""

    CONTINUE = "continue"
    REVISE = "revise"
    MET = "met"
    DISCONTINUED = "discontinued"

    @property
    def label(self) -> str:
        """What people read."""
        return next(str(row["label"]) for row in plan_data()["verdicts"] if row["code"] == self.value)

    @property
    def closes(self) -> bool:
        """Whether the next version goes on without the objective."""
        return self in (Verdict.MET, Verdict.DISCONTINUED)


@dataclass(frozen=True)
class Found:
    """The verdict on one objective, and why."""

    objective: int
    verdict: Verdict
    because: str = ""


def first_plan_due(admitted: date) -> date:
    """The day by which the first plan must be signed."""
    return admitted + timedelta(days=plan_data()["first_plan_days"])


def review_every(level: str = "", payers: Iterable[str] = ()) -> tuple[int, str]:
    """Days from one look to the next, the shortest of those that apply, and why so many."""
    data = review_data()
    found = [(int(data["days"]), "every plan")]
    if level in data["by_level"]:
        found = [(int(data["by_level"][level]), f"level {level}")]
    found += [
        (int(data["by_payer"][payer]["days"]), str(data["by_payer"][payer]["label"]))
        for payer in payers
        if payer in data["by_payer"]
    ]
    return min(found)


def review_due(signed_or_reviewed: date, level: str = "", payers: Iterable[str] = ()) -> date:
    """The day by which the plan must be reviewed; counted from its signature or its last review."""
    return signed_or_reviewed + timedelta(days=review_every(level, payers)[0])


def days_after(event: Event) -> int:
    """Within so many days after the event the plan is looked at again."""
    return int(review_data()["after"][event.value]["days"])


def relapse_alerts() -> tuple[str, ...]:
    """Kinds of alerts that say somebody has used again."""
    return tuple(review_data()["after"]["relapse"]["alerts"])


def moves() -> tuple[str, ...]:
    """Kinds of placements that change the level within an episode."""
    return tuple(review_data()["after"]["transfer"]["placements"])


def due_with(by_rule: date, events: Iterable[tuple[Event, date]]) -> Due:
    """The day by the rule, or sooner when something happened since the last look. `events`: what, and its day."""
    found = [Due(by_rule, "by rule")]
    found += [
        Due(on + timedelta(days=days_after(event)), f"{days_after(event)} days after {event.label}")
        for event, on in events
    ]
    return min(found, key=lambda due: due.on)


def hand_over_lasts() -> timedelta:
    """How long a device that was handed to the patient shows the plan."""
    return timedelta(minutes=plan_data()["hand_over_minutes"])


def may_conclude(found: Iterable[Found], open_objectives: Iterable[int]) -> None:
    """Refused when an objective of another plan is named, or one is given up without a reason."""
    known = set(open_objectives)
    for one in found:
        if one.objective not in known:
            raise Refused("An objective of another plan was marked; reload the page.")
        if one.verdict is Verdict.DISCONTINUED and not one.because.strip():
            raise Refused("Say why an objective is given up; the next reader needs the reason.")


def asks_for_a_version(found: Iterable[Found]) -> bool:
    """Whether what was found changes the plan: something to change, met or given up."""
    return any(one.verdict is not Verdict.CONTINUE for one in found)
