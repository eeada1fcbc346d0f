"""Instruments as data: what is asked, which answers exist, how they are scored, whose words they are.

The shapes. They are read from files by ``instrument_files``; no code knows any instrument by name.
"""

from dataclasses import dataclass
from enum import StrEnum


class MissingRule(StrEnum):
    """What happens when required answers are missing. A total is never made up silently under any of them."""

    REJECT = "reject"  # nothing is scored
    PRORATE = "prorate"  # no total, but an estimate labelled as one when only a few are missing
    FLAG = "flag"  # no total, but subscales that are whole are scored


@dataclass(frozen=True)
class Option:
    """One answer: its points and its words. ``system``: the code system of its code, empty for none."""

    value: int
    label: str
    code: str
    system: str = ""


@dataclass(frozen=True)
class Condition:
    """An earlier question and one answer to it."""

    question: str
    value: int


@dataclass(frozen=True)
class Item:
    """One question. ``reverse``: the points count backward. ``in_days``: may be answered as a number of days.

    ``asked_when``: it is skipped unless one of these holds; empty: always asked. ``section``: words of the group
    of questions it stands in.
    """

    link_id: str
    text: str
    options: tuple[Option, ...]
    required: bool
    reverse: bool
    scored: bool
    in_days: bool
    loinc: str | None
    asked_when: tuple[Condition, ...] = ()
    section: str = ""

    def points(self, value: int) -> int:
        """The points of an answer, turned round for a reverse item."""
        values = [option.value for option in self.options]
        return max(values) + min(values) - value if self.reverse else value

    @property
    def whole_text(self) -> str:
        """The question with the words of its group before it, for where it stands alone."""
        return f"{self.section.rstrip(':')}: {self.text}" if self.section else self.text

    @property
    def no_and_yes(self) -> tuple[int, int] | None:
        """The values of no and yes where these two are the answers, else None."""
        said = {option.label.lower(): option.value for option in self.options}
        return (said["no"], said["yes"]) if said.keys() == {"no", "yes"} else None


@dataclass(frozen=True)
class Section:
    """A heading over some questions; it is not answered itself."""

    link_id: str
    text: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Band:
    """A range of totals with a name, both ends included; where two ranges meet, the first one holds.

    ``group`` narrows it to 'men' or 'women'. ``confidence``: how well the numbers are known (see `Licence`).
    """

    code: str
    label: str
    low: int
    high: int
    source: str
    confidence: str = ""
    group: str | None = None


@dataclass(frozen=True)
class Subscale:
    """Items that are added up on their own, or averaged (``mean``). ``better`` says which way is up."""

    code: str
    label: str
    items: tuple[str, ...]
    better: str
    loinc: str | None
    mean: bool = False
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Level:
    """A level of a triage: reached when any of these items is answered above zero."""

    level: int
    items: tuple[str, ...]


@dataclass(frozen=True)
class FlagRule:
    """A cut-off on the total or a subscale. ``group`` narrows it to 'men' or 'women'."""

    code: str
    of: str
    at_least: int | None
    at_most: int | None
    only_item: str | None
    group: str | None
    text: str
    source: str
    confidence: str = ""


@dataclass(frozen=True)
class Need:
    """``count`` of the items with ``at_least`` so many points."""

    items: tuple[str, ...]
    at_least: int
    count: int


@dataclass(frozen=True)
class Pattern:
    """A pattern of answers that means something whatever the total: all needs are met."""

    code: str
    needs: tuple[Need, ...]
    text: str
    source: str
    confidence: str = ""


@dataclass(frozen=True)
class Alert:
    """A single answer that must be seen today, whatever the total."""

    code: str
    item: str
    at_least: int
    text: str
    source: str
    confidence: str = ""


@dataclass(frozen=True)
class SmallestChange:
    """The smallest change that means something; ``points`` is None where nobody agrees on one."""

    of: str
    points: int | None
    better: str
    source: str
    confidence: str = ""


@dataclass(frozen=True)
class DayCode:
    """A range of days, both ends included, and the code it is recorded as."""

    code: int
    low: int
    high: int


@dataclass(frozen=True)
class Licence:
    """Whose words these are. ``text_shipped`` False: item texts are short labels of our own.

    ``kind`` decides: public-domain, free (to copy without asking), attribution (free to copy when the holder is
    named) and own ship whole; citation (free as far as is known), unchanged, non-commercial and permission do not.
    ``confidence``: verified against a source, weak (a secondary one), general (knowledge to be confirmed) or own
    (Stepwell's default).
    """

    holder: str
    terms: str
    text_from: str
    text_shipped: bool
    kind: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Instrument:
    """A questionnaire and its scoring, exactly as the data file declares them.

    The total is the sum of ``total_items`` times ``total_times``; or, with ``weights`` (subscale code, weight),
    the weighted sum of subscales; or, with ``levels``, the highest level reached. ``overall_highest``: the band
    of the whole is the highest band of a subscale. ``lists``: other orders in which a list of answers may come.
    ``only_missing``: the items that may be missing at all when an estimate is made; empty for any.
    """

    slug: str
    title: str
    version: str
    scoring_version: str
    preface: str
    loinc: str | None
    recall_days: int
    items: tuple[Item, ...]
    total_items: tuple[str, ...]
    total_loinc: str | None
    bands: tuple[Band, ...]
    subscales: tuple[Subscale, ...]
    flags: tuple[FlagRule, ...]
    alerts: tuple[Alert, ...]
    changes: tuple[SmallestChange, ...]
    day_codes: tuple[DayCode, ...]
    missing_rule: MissingRule
    most_missing: int
    licence: Licence
    url: str = ""
    aliases: tuple[str, ...] = ()
    edition: str = ""
    effective: str = ""
    rater: str = "patient"
    sections: tuple[Section, ...] = ()
    total_label: str = "Total"
    total_times: int = 1
    weights: tuple[tuple[str, int], ...] = ()
    levels: tuple[Level, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    overall_highest: bool = False
    lists: tuple[tuple[str, ...], ...] = ()
    only_missing: tuple[str, ...] = ()

    def item(self, link_id: str) -> Item:
        """The item with this link id. KeyError if there is none."""
        for item in self.items:
            if item.link_id == link_id:
                return item
        raise KeyError(link_id)

    @property
    def total_range(self) -> tuple[int, int] | None:
        """The lowest and the highest total that the bands or the answers allow; None without a total."""
        if not self.total_items:
            return None
        if self.weights or self.levels:
            return min(b.low for b in self.bands), max(b.high for b in self.bands)
        offered = [[o.value for o in self.item(link).options] for link in self.total_items]
        return sum(map(min, offered)) * self.total_times, sum(map(max, offered)) * self.total_times
