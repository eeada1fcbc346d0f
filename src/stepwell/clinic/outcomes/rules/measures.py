"""What is counted, over episodes that are plain facts: when they began, when they ended and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, median

from .rates import Rate, SuppressionRule, rate


class EndReason(StrEnum):
    """Why an episode ended, after the TEDS-D reasons for discharge; transfers say in which direction."""

    COMPLETED = "completed"
    LEFT = "left"
    TERMINATED = "terminated"
    TRANSFERRED_HIGHER = "transferred_higher"
    TRANSFERRED = "transferred"
    INCARCERATED = "incarcerated"
    DECEASED = "deceased"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One episode of care. `ended_on` None means still active."""

    id: int | str
    admitted_on: date
    last_attended_on: date | None = None
    ended_on: date | None = None
    reason: EndReason | None = None


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Retention at one day: everybody (raw), and without transfers to higher care before that day (adjusted).

    `not_yet` episodes were admitted too recently to be counted.
    """

    day: int
    raw: Rate
    adjusted: Rate
    not_yet: int


@dataclass(frozen=True, kw_only=True)
class HoursTotal:
    """Minutes over many weeks; `share` may exceed 1. `weeks_met` of `weeks` reached what was ordered."""

    ordered: int
    delivered: int
    share: float | None
    weeks: int
    weeks_met: int


@dataclass(frozen=True, kw_only=True)
class ScorePair:
    """One person's first and last score of one instrument; None when it was not taken."""

    first: float | None
    last: float | None


@dataclass(frozen=True, kw_only=True)
class ScoreChange:
    """Last minus first over people with both; figures are None when too few people to be shown."""

    pairs: int
    incomplete: int
    mean_first: float | None
    mean_last: float | None
    mean_change: float | None
    median_change: float | None
    improved: Rate


def retention(episodes: Iterable[Episode], day: int, as_of: date, rule: SuppressionRule) -> Retention:
    """Who was still in care `day` days after admission, seen from `as_of`.

    Retained: the last attended service lies at least `day` days after admission, or the episode was still active
    on that day. Counted: only those admitted at least `day` days before `as_of`, also when they have left since;
    otherwise early leavers would be counted before early stayers.
    """
    counted, not_yet = [], 0
    for episode in episodes:
        if episode.admitted_on + timedelta(days=day) <= as_of:
            counted.append(episode)
        else:
            not_yet += 1
    adjusted = [e for e in counted if not _went_higher_before(e, day)]
    return Retention(
        day=day,
        raw=rate(sum(retained(e, day) for e in counted), len(counted), rule),
        adjusted=rate(sum(retained(e, day) for e in adjusted), len(adjusted), rule),
        not_yet=not_yet,
    )


def retained(episode: Episode, day: int) -> bool:
    """Still in care so many days after admission: attended that day or later, or not ended before it."""
    reached = episode.admitted_on + timedelta(days=day)
    if episode.last_attended_on is not None and episode.last_attended_on >= reached:
        return True
    return episode.ended_on is None or episode.ended_on >= reached


def _went_higher_before(episode: Episode, day: int) -> bool:
    return (
        episode.reason is EndReason.TRANSFERRED_HIGHER
        and episode.ended_on is not None
        and episode.ended_on < episode.admitted_on + timedelta(days=day)
    )


def completion(episodes: Iterable[Episode], rule: SuppressionRule) -> Rate:
    """Completed of all that have ended; people who died are not counted."""
    ended = [e for e in episodes if e.ended_on is not None and e.reason is not EndReason.DECEASED]
    return rate(sum(e.reason is EndReason.COMPLETED for e in ended), len(ended), rule)


def attendance_rate(outcomes: Iterable[str], rule: SuppressionRule) -> Rate:
    """Present of all bookings with a recorded outcome ("present", "excused", "unexcused"); others are left out."""
    known = [o for o in outcomes if o in ("present", "excused", "unexcused")]
    return rate(sum(o == "present" for o in known), len(known), rule, of="bookings")


def hours_delivered(weeks: Iterable[tuple[int, int]]) -> HoursTotal:
    """(ordered, delivered) minutes of many patient-weeks; weeks without an order are left out."""
    rows = [(ordered, delivered) for ordered, delivered in weeks if ordered > 0]
    ordered, delivered = sum(o for o, _ in rows), sum(d for _, d in rows)
    return HoursTotal(
        ordered=ordered,
        delivered=delivered,
        share=delivered / ordered if ordered else None,
        weeks=len(rows),
        weeks_met=sum(d >= o for o, d in rows),
    )


def score_change(
    pairs: Iterable[ScorePair],
    rule: SuppressionRule,
    *,
    lower_is_better: bool = True,
    at_least: float = 5,
) -> ScoreChange:
    """Change among people with both scores; `improved` are those better by `at_least` points."""
    rows = tuple(pairs)
    known = [(p.first, p.last) for p in rows if p.first is not None and p.last is not None]
    changes = [last - first for first, last in known]
    better = sum((-change if lower_is_better else change) >= at_least for change in changes)
    enough = len(known) >= max(1, rule.smallest_shown)
    return ScoreChange(
        pairs=len(known),
        incomplete=len(rows) - len(known),
        mean_first=fmean(first for first, _ in known) if enough else None,
        mean_last=fmean(last for _, last in known) if enough else None,
        mean_change=fmean(changes) if enough else None,
        median_change=median(changes) if enough else None,
        improved=rate(better, len(known), rule),
    )
