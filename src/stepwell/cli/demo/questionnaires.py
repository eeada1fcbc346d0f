"""Answers to questionnaires that come to a wanted total, and when they are asked."""

from __future__ import annotations

from datetime import datetime

from stepwell.cli.demo.world import Clinic, Life, dice
from stepwell.clinic.assessment import actions as assessment

_OWN_ITEM = {"F12": "7a", "F13": "7b", "F14": "7c", "F15": "7d", "F11": "7e"}


def ask_at_intake(clinic: Clinic, life: Life, at: datetime) -> None:
    """The set of the first day: mood, worry, alcohol or drugs, and the BAM."""
    ask_monthly(clinic, life, at, share=0.0)
    throw = dice("intake", life.number)
    if life.substance == "F10":
        _record(
            clinic, life, at, "audit", _spread(throw.randrange(16, 30), [4] * 8, throw) | {"9": 2, "10": 4}
        )
        _record(clinic, life, at, "dast-10", {str(n): int(n in (3,)) for n in range(1, 11)})
    else:
        _record(
            clinic,
            life,
            at,
            "audit",
            {str(n): throw.choice([0, 0, 1]) for n in range(1, 9)} | {"9": 0, "10": 0},
        )
        yes = dict.fromkeys(throw.sample([1, 2, 4, 5, 6, 7, 8, 9, 10], throw.randrange(5, 8)), 1)
        _record(clinic, life, at, "dast-10", {str(n): yes.get(n, 0) for n in range(1, 11)})


def ask_monthly(clinic: Clinic, life: Life, at: datetime, *, share: float) -> None:
    """PHQ-9, GAD-7 and BAM; `share` of the way from the first score to the last, 0 to 1."""
    first, last = life.facts["phq"]
    total = round(first + (last - first) * share)
    throw = dice("monthly", life.number, round(share, 2))
    _record(clinic, life, at, "phq-9", phq(total, throw.randrange(1, 3)))
    worry = min(21, max(0, round(total * 0.7) + throw.randrange(-2, 3)))
    _record(clinic, life, at, "gad-7", _spread(worry, [3] * 7, throw))
    _record(clinic, life, at, "bam", _bam(life, share))


def phq(total: int, difficulty: int, *, item_9: int = 0) -> dict[str, int]:
    """Answers to the PHQ-9 with this total; item 9 asks about death and is answered as told."""
    throw = dice("phq", total, item_9)
    return _spread(min(24, total - item_9), [3] * 8, throw) | {"9": item_9, "10": difficulty}


def _spread(total: int, most: list[int], throw: object) -> dict[str, int]:
    points = [0] * len(most)
    left = min(total, sum(most))
    while left:
        place = throw.randrange(len(most))  # type: ignore[attr-defined] # a random.Random
        if points[place] < most[place]:
            points[place] += 1
            left -= 1
    return {str(number): value for number, value in enumerate(points, start=1)}


def _bam(life: Life, share: float) -> dict[str, int]:
    still = 1 - share
    answers = {str(n): 0 for n in range(4, 7)} | {f"7{letter}": 0 for letter in "abcdefg"}
    answers |= {
        "1": 2, "2": round(1 + 2 * still), "3": round(1 + 2 * still), "8": round(4 * still),
        "9": round(1 + 2 * share), "10": round(1 + 2 * share), "11": round(3 * still), "12": life.number % 4,
        "13": 1 + life.number % 3, "14": 4 if life.number % 3 else 0, "15": round(3 * still),
        "16": 2 + life.number % 2, "17": round(1 + 2 * share),
    }  # fmt: skip
    used = round(3 * still)
    if life.substance == "F10":
        answers |= {"4": used, "5": max(0, used - 1)}
    else:
        answers |= {"6": used, _OWN_ITEM.get(life.substance, "7g"): used}
    return answers


def _record(clinic: Clinic, life: Life, at: datetime, instrument: str, answers: dict[str, int]) -> None:
    by = life.actor if life.number % 3 else clinic.actors[clinic.counselor_of(life)]
    assert by is not None  # noqa: S101 - everybody is registered before being asked
    assessment.record_screening(by=by, at=at, patient=life.patient, instrument=instrument, answers=answers)
