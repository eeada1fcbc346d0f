"""An instrument made ready to score: everything that does not depend on the answers is worked out once."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from operator import itemgetter

from stepwell.clinic.assessment.rules.instruments import (
    Band,
    Condition,
    FlagRule,
    Instrument,
    MissingRule,
    Need,
)
from stepwell.clinic.assessment.rules.scoring import (
    AnswerRefused,
    Flag,
    Points,
    SafetyAlert,
    Score,
    SubscaleScore,
    not_offered,
)

Answers = Mapping[str, int | None]
Given = dict[str, int]
Bands = Callable[[Points, str | None], Band | None]
Meaning = Callable[
    [Points | None, tuple[int | None, ...], bool, str | None],
    tuple[tuple[SubscaleScore, ...], Band | None, tuple[Flag, ...]],
]
Looking = Callable[[Given, tuple[SubscaleScore, ...], Points | None], tuple[Flag, ...]]
Pick = Callable[[Given], tuple[int, ...]]
_PLAIN = frozenset({int})
_KEPT = 10_000
"""Meanings kept for each instrument: more than nearly all have; then it begins again."""


def scorer_of(instrument: Instrument) -> Callable[[Answers, str | None], Score]:
    """The function that scores answers to this instrument (see `scoring.score`)."""
    points_of = {i.link_id: {o.value: i.points(o.value) for o in i.options} for i in instrument.items}
    required = tuple(i.link_id for i in instrument.items if i.required)
    needed, asked = frozenset(required), len(instrument.items)
    blocks = _blocks(instrument)
    slug, version = instrument.slug, instrument.scoring_version
    lenient = instrument.missing_rule is MissingRule.FLAG
    parts = tuple(_sum_of(s.items) for s in instrument.subscales)
    total_of, meaning_of, look_for = _total(instrument), _meaning(instrument), _looking(instrument)
    alerts = tuple((alert, alert.item, alert.at_least) for alert in instrument.alerts)

    def run(answers: Answers, group: str | None) -> Score:
        if _PLAIN.issuperset(map(type, answers.values())):
            try:
                points = {link: points_of[link][value] for link, value in answers.items()}  # type: ignore[index] # no None: its type is not plain
            except KeyError:
                points = _given(instrument, points_of, answers)
        else:
            points = _given(instrument, points_of, answers)
        if blocks and len(points) < asked:
            _skip(blocks, answers, points)
        missing: tuple[str, ...] = ()
        if not needed.issubset(points):
            missing = tuple([link for link in required if link not in points])
        if missing and not lenient:
            sums: tuple[int | None, ...] = (None,) * len(parts)
        else:
            sums = tuple([add(points) for add in parts])
        total = None if missing or total_of is None else total_of(points)
        subscales, band, flags = meaning_of(total, sums, not missing, group)
        if look_for is not None:
            flags += look_for(points, subscales, total)
        raised: tuple[SafetyAlert, ...] = ()
        for alert, item, at_least in alerts:
            given = answers.get(item)
            if given is not None and given >= at_least:
                raised += (SafetyAlert(alert.code, item, given, alert.text),)
        return Score(
            slug,
            version,
            not missing,
            total,
            subscales,
            band,
            flags,
            raised,
            missing,
            _estimate(instrument, points, missing) if missing else None,
        )

    return run


def _meaning(instrument: Instrument) -> Meaning:
    """Subscales, band and flags that follow from the sums alone, each worked out once and kept."""
    kept: dict[tuple[object, ...], tuple[tuple[SubscaleScore, ...], Band | None, tuple[Flag, ...]]] = {}
    parts = tuple((s.code, s.label, len(s.items), s.mean, _banding(s.bands)) for s in instrument.subscales)
    band_of = _banding(instrument.bands)
    rules = tuple(rule for rule in instrument.flags if rule.only_item is None)

    def find(
        total: Points | None, sums: tuple[int | None, ...], complete: bool, group: str | None
    ) -> tuple[tuple[SubscaleScore, ...], Band | None, tuple[Flag, ...]]:
        key = (total, complete, group, *sums)
        found = kept.get(key)
        if found is not None:
            return found
        subscales = []
        for (code, label, items, mean, bands), summed in zip(parts, sums, strict=True):
            here: Points | None = round(summed / items, 2) if mean and summed is not None else summed
            subscales.append(SubscaleScore(code, label, here, None if here is None else bands(here, group)))
        band = None if total is None else band_of(total, group)
        if complete and instrument.overall_highest:
            band = _highest(instrument, subscales)
        points_of = {one.code: one.points for one in subscales} | {"total": total}
        flags = tuple(
            Flag(rule.code, rule.text, rule.group)
            for rule in rules
            if _reached(rule, points_of[rule.of]) and group in (None, rule.group or group)
        )
        if len(kept) >= _KEPT:
            kept.clear()
        meant = kept[key] = tuple(subscales), band, flags
        return meant

    return find


def _looking(instrument: Instrument) -> Looking | None:
    """Flags for which the answers themselves are looked at; None where there are none."""
    alone = [rule for rule in instrument.flags if rule.only_item is not None]
    members = {s.code: s.items for s in instrument.subscales} | {"total": instrument.total_items}
    patterns = [
        (Flag(p.code, p.text, None), [(_pick(need.items), need.at_least.__le__, need) for need in p.needs])
        for p in instrument.patterns
    ]

    def met(points: Given, needs: list[tuple[Pick, Callable[[int], bool], Need]]) -> bool:
        try:
            return all(sum(map(enough, pick(points))) >= need.count for pick, enough, need in needs)
        except KeyError:  # more answers can only add to what is met
            return all(
                sum(points.get(link, -1) >= need.at_least for link in need.items) >= need.count
                for _, _, need in needs
            )

    def look(points: Given, subscales: tuple[SubscaleScore, ...], total: Points | None) -> tuple[Flag, ...]:
        found = []
        if alone:
            points_of = {one.code: one.points for one in subscales} | {"total": total}
            for rule in alone:
                if _reached(rule, points_of[rule.of]) and all(
                    points[link] == 0 for link in members[rule.of] if link != rule.only_item
                ):
                    found.append(Flag(rule.code, rule.text, rule.group))
        return (*found, *[flag for flag, needs in patterns if met(points, needs)])

    return look if alone or patterns else None


def _given(instrument: Instrument, points_of: dict[str, dict[int, int]], answers: Answers) -> Given:
    """The points of what is answered. AnswerRefused names the first answer that cannot be."""
    points: Given = {}
    for link, value in answers.items():
        table = points_of.get(link)
        if table is None:
            raise AnswerRefused(f"{instrument.title} has no question {link}.")
        if value is None:
            continue
        # True would pass for 1 and 1.0 for 1; an answer that is not a plain number is a fault of the sender
        if type(value) is not int or value not in table:
            raise not_offered(instrument, instrument.item(link), value)
        points[link] = table[value]
    return points


def _pick(items: tuple[str, ...]) -> Pick:
    """The points of these items. KeyError when one is missing."""
    if len(items) == 1:
        (only,) = items
        return lambda points: (points[only],)
    return itemgetter(*items)


def _sum_of(items: tuple[str, ...]) -> Callable[[Given], int | None]:
    pick = _pick(items)

    def add(points: Given) -> int | None:
        try:
            return sum(pick(points))
        except KeyError:
            return None

    return add


def _total(instrument: Instrument) -> Callable[[Given], Points] | None:
    items, times = instrument.total_items, instrument.total_times
    if not items:
        return None
    if instrument.levels:
        levels = sorted(instrument.levels, key=lambda one: -one.level)
        return lambda points: next((x.level for x in levels if any(points[i] > 0 for i in x.items)), 0)
    if instrument.weights:
        members = {s.code: s.items for s in instrument.subscales}
        weighted = tuple((weight, members[code]) for code, weight in instrument.weights)
        # from the sums, not from means that were rounded before
        return lambda points: round(sum(w * sum(points[i] for i in its) / len(its) for w, its in weighted), 2)
    pick = _pick(items)
    return lambda points: sum(pick(points)) * times


def _banding(bands: tuple[Band, ...]) -> Bands:
    """The band of a total; a group's own bands go before those of everybody."""
    of: dict[str | None, tuple[Band, ...]] = {}
    for band in bands:
        of[band.group] = (*of.get(band.group, ()), band)

    def find(total: Points, group: str | None) -> Band | None:
        for band in of.get(group) or of.get(None, ()):
            if band.low <= total <= band.high:
                return band
        return None

    return find


def _highest(instrument: Instrument, subscales: Iterable[SubscaleScore]) -> Band | None:
    rank = {band: place for s in instrument.subscales for place, band in enumerate(s.bands)}
    found = [s.band for s in subscales if s.band is not None]
    return max(found, key=lambda band: rank[band], default=None)


def _blocks(instrument: Instrument) -> tuple[tuple[tuple[Condition, ...], tuple[str, ...]], ...]:
    """Questions that are skipped together, in the order of the form: those under one and the same condition."""
    blocks: dict[tuple[Condition, ...], tuple[str, ...]] = {}
    for item in instrument.items:
        if item.asked_when:
            blocks[item.asked_when] = (*blocks.get(item.asked_when, ()), item.link_id)
    return tuple(blocks.items())


def _skip(
    blocks: tuple[tuple[tuple[Condition, ...], tuple[str, ...]], ...], answers: Answers, points: Given
) -> None:
    """Gives no points to a block that was rightly skipped: as a whole, with its condition known and not met.

    A block of which one question is answered and another is not was no skip: what is open there is missing.
    """
    skipped: set[str] = set()
    for conditions, links in blocks:
        if any(link in points for link in links):
            continue
        known = all(c.question in skipped or answers.get(c.question) is not None for c in conditions)
        if known and not any(answers.get(c.question) == c.value for c in conditions):
            skipped.update(links)
    for link in skipped:
        points[link] = 0


def _reached(rule: FlagRule, value: Points | None) -> bool:
    if value is None or (rule.at_least is not None and value < rule.at_least):
        return False
    return rule.at_most is None or value <= rule.at_most


def _estimate(instrument: Instrument, points: Given, missing: tuple[str, ...]) -> int | None:
    """Mean of the answered items put in the place of the missing ones, rounded; only under 'prorate'."""
    there = [points[link] for link in instrument.total_items if link in points]
    absent = len(instrument.total_items) - len(there)
    if instrument.missing_rule is not MissingRule.PRORATE or not there or absent > instrument.most_missing:
        return None
    if instrument.only_missing and not set(missing) <= set(instrument.only_missing):
        return None
    mean = Decimal(sum(there)) * len(instrument.total_items) / len(there) * instrument.total_times
    return int(mean.to_integral_value(ROUND_HALF_UP))
