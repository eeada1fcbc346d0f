"""Did somebody who was sent on arrive there? When to ask, when again, and where people heard of the program."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files


class ReferralOutcome(StrEnum):
    """What came of asking."""

    ARRIVED = "arrived"
    NOT_GONE = "not_gone"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, kw_only=True)
class FollowUpRule:
    """Days until the first question and until each further one, how far ahead at most, and how many tries."""

    first_after_days: int
    again_after_days: int
    latest_after_days: int
    tries: int


@cache
def load_follow_up_rule() -> FollowUpRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.inquiry").joinpath("data/referrals.json").read_text("utf-8"))
    return FollowUpRule(
        first_after_days=raw["first_after_days"],
        again_after_days=raw["again_after_days"],
        latest_after_days=raw["latest_after_days"],
        tries=raw["tries"],
    )


@cache
def load_sources() -> Mapping[str, str]:
    """How people hear of the program: key -> words, in the order asked."""
    raw = json.loads(files("stepwell.clinic.inquiry").joinpath("data/sources.json").read_text("utf-8"))
    return {row["key"]: row["words"] for row in raw["sources"]}


def follow_up_fault(due_on: date, today: date, rule: FollowUpRule) -> str:
    """Why nobody can follow up on that day; empty when somebody can."""
    if due_on < today:
        return "The day of the follow-up is over. Choose today or later; nothing was saved."
    if due_on > today + timedelta(days=rule.latest_after_days):
        return (
            f"The follow-up is more than {rule.latest_after_days} days ahead. Ask sooner whether the person "
            "arrived; nothing was saved."
        )
    return ""


def asked_again_on(outcome: ReferralOutcome, tries: int, today: date, rule: FollowUpRule) -> date | None:
    """The day of the next question after this outcome; None when the follow-up is over.

    `tries` counts this one. Somebody who was not reached is asked again until the tries are used up.
    """
    if outcome is ReferralOutcome.NOT_REACHED and tries < rule.tries:
        return today + timedelta(days=rule.again_after_days)
    return None
