"""Reading benefits for this program out of what a payer told: each value with its source, everything else unknown."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from .told import Answer, BenefitTold, Entity, Source

Told = Decimal | bool | int | str | date


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Which codes mean what for this program (data/reading.json)."""

    ours: tuple[frozenset[str], ...]
    places: frozenset[str]
    active: frozenset[str]
    inactive: frozenset[str]
    not_covered: frozenset[str]
    a_day: frozenset[str]
    whole: frozenset[str]
    so_far: frozenset[str]
    left: frozenset[str]
    day_counts: frozenset[str]
    another_payer: frozenset[str]
    who_pays: frozenset[str]
    plan_dates: frozenset[str]
    plan_ends: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Value:
    """One fact as it was told: `key` is the column of the benefits, or a name for what is only shown."""

    key: str
    label: str
    value: Told
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A fact that was not told, or told in two ways; `because` is a sentence that says what to ask."""

    key: str
    label: str
    because: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the answer says for this program."""

    values: tuple[Value, ...]
    unknown: tuple[Unknown, ...]

    def get(self, key: str) -> Told | None:
        """The value of that key; None when it is not known."""
        return next((v.value for v in self.values if v.key == key), None)


LABELS: dict[str, str] = {
    "covered": "Covered",
    "in_network": "In network",
    "authorization_required": "Authorization required",
    "deductible": "Deductible",
    "deductible_met": "Deductible met",
    "out_of_pocket_max": "Out-of-pocket maximum",
    "out_of_pocket_met": "Out-of-pocket met",
    "family_deductible": "Family deductible",
    "family_deductible_met": "Family deductible met",
    "family_out_of_pocket_max": "Family out-of-pocket maximum",
    "family_out_of_pocket_met": "Family out-of-pocket met",
    "copay_per_day": "Copay a day",
    "coinsurance": "Coinsurance",
    "day_limit": "Days left under a limit",
    "plan_name": "Plan",
    "plan_begins": "Plan began",
    "plan_ends": "Plan ends",
    "carve_out": "Another payer answers for this service",
    "other_payer": "Another payer",
}


@cache
def load_reading() -> Reading:
    """What ships with this version."""
    raw = json.loads(
        files("stepwell.clinic.coverage.eligibility").joinpath("data/reading.json").read_text("utf-8")
    )
    sets = {name: frozenset(raw[name]) for name in Reading.__dataclass_fields__ if name != "ours"}
    return Reading(ours=tuple(frozenset(group) for group in raw["ours"]), **sets)


def summarize(answer: Answer, *, network: bool | None, on: date, reading: Reading) -> Summary:
    """What the answer says for this program, on the day `on`.

    `network` is whether the site has a contract with the plan, as the site knows it: an answer tells amounts for
    both cases and seldom which one is ours. While it is not known, only what is the same in both is taken.
    """
    return _Telling(answer, network, on, reading).summary()


@dataclass(frozen=True)
class _One:
    """A copay or a share as it was told: the amount, how near the service is to ours, and the lines; or why there is none."""

    amount: Decimal | None = None
    rank: int = 0
    lines: tuple[BenefitTold, ...] = ()
    because: str = ""


class _Telling:
    def __init__(self, answer: Answer, network: bool | None, on: date, reading: Reading) -> None:
        self.answer, self.network, self.on, self.reading = answer, network, on, reading
        self.lines = [b for b in answer.benefits if not b.places or reading.places & set(b.places)]
        self.values: list[Value] = []
        self.unknown: list[Unknown] = []

    def summary(self) -> Summary:
        self._plan()
        self._carved_out()
        self._covered()
        self._network()
        self._authorization()
        for kind, whole, met in (
            ("C", "deductible", "deductible_met"),
            ("G", "out_of_pocket_max", "out_of_pocket_met"),
        ):
            self._accumulator(kind, whole, met, family=False)
            self._accumulator(kind, f"family_{whole}", f"family_{met}", family=True)
        self._share_of_a_day()
        self._limit()
        return Summary(values=tuple(self.values), unknown=tuple(self.unknown))

    # what the plan is

    def _plan(self) -> None:
        named = [b for b in self.lines if b.kind in self.reading.active and b.plan]
        if len({b.plan for b in named}) == 1:
            self._know("plan_name", named[0].plan, named)
        for key, kinds in (("plan_begins", self.reading.plan_dates), ("plan_ends", self.reading.plan_ends)):
            found = [d for d in self.answer.dates if d.kind in kinds]
            spans = [d for d in self.answer.dates if d.kind in self.reading.plan_dates and d.last is not None]
            if key == "plan_ends" and not found:
                days, sources = {d.last for d in spans if d.last is not None}, [d.source for d in spans]
            else:
                days, sources = {d.first for d in found}, [d.source for d in found]
            if len(days) == 1:
                self.values.append(
                    Value(key=key, label=LABELS[key], value=days.pop(), sources=tuple(sources))
                )
            elif days:
                self._doubt(key, "The answer names several days.", sources)

    def _carved_out(self) -> None:
        ours = frozenset().union(*self.reading.ours)
        for key, kinds in (("carve_out", self.reading.another_payer), ("other_payer", frozenset({"R"}))):
            named: list[tuple[BenefitTold, Entity]] = [
                (b, e)
                for b in self.lines
                if b.kind in kinds and (not b.service_types or ours & set(b.service_types))
                for e in b.entities
                if e.kind in self.reading.who_pays and e.name
            ]
            names = dict.fromkeys(self._named(e) for _, e in named)
            if names:
                self._know(key, "; ".join(names), [b for b, _ in named], [e.source for _, e in named])

    @staticmethod
    def _named(entity: Entity) -> str:
        parts = [entity.name, f"number {entity.id}" if entity.id else "", *entity.contacts]
        return ", ".join(part for part in parts if part)

    # whether and how

    def _covered(self) -> None:
        r = self.reading
        ended = next((v.value for v in self.values if v.key == "plan_ends"), None)
        plan_off = [
            b for b in self.lines if b.kind in r.inactive and ("30" in b.service_types or not b.service_types)
        ]
        plan_on = [
            b for b in self.lines if b.kind in r.active and ("30" in b.service_types or not b.service_types)
        ]
        lines = self._nearest(lambda b: b.kind in r.active | r.inactive | r.not_covered, but=("30", "98"))
        lines = self._for_our_network(lines)
        said = {b.kind in r.active for b in lines}
        carved = [v for v in self.values if v.key == "carve_out"]
        if isinstance(ended, date) and ended < self.on and not plan_off:
            self._doubt(
                "covered", "The plan ends before the day that was asked about. Ask whether it goes on.", []
            )
        elif plan_off and not plan_on:
            self._know("covered", False, plan_off)
        elif plan_off:
            self._doubt(
                "covered", "The answer calls the plan both active and inactive.", _sources(plan_off + plan_on)
            )
        elif len(said) == 1:
            self._know("covered", said.pop(), lines)
        elif said:
            self._doubt("covered", "The answer says both yes and no for this service.", _sources(lines))
        elif carved:
            self._doubt(
                "covered",
                f"Another payer answers for this service: {carved[0].value}. Ask there.",
                carved[0].sources,
            )
        elif plan_on:
            self._doubt(
                "covered",
                "The plan is active; whether it covers this service was not told.",
                _sources(plan_on),
            )
        else:
            self._doubt("covered", "Whether the plan covers this service was not told.", [])

    def _network(self) -> None:
        if self.network is not None:
            return  # the site knows it; it is not the answer's word
        self._doubt(
            "in_network",
            "An answer does not say whether this site has a contract with the plan. Say so when asking.",
            [],
        )

    def _authorization(self) -> None:
        lines = self._nearest(lambda b: b.authorization in ("Y", "N", "U"))
        lines = self._for_our_network(lines)
        said = {b.authorization for b in lines}
        if said == {"Y"} or said == {"N"}:
            self._know("authorization_required", said == {"Y"}, lines)
        elif said:
            self._doubt("authorization_required", "The answer does not say it clearly.", _sources(lines))
        else:
            self._doubt("authorization_required", "Whether an authorization is required was not told.", [])

    # amounts

    def _accumulator(self, kind: str, whole_key: str, met_key: str, *, family: bool) -> None:
        r = self.reading
        levels = {"FAM"} if family else {"IND", ""}
        lines = self._nearest(lambda b: b.kind == kind and b.level in levels and b.amount is not None)
        if not family and any(b.level == "IND" for b in lines):
            lines = [b for b in lines if b.level == "IND"]
        found: dict[str, Decimal] = {}
        sources: dict[str, list[BenefitTold]] = {}
        for part, periods in (("whole", r.whole), ("met", r.so_far), ("left", r.left)):
            told = self._for_our_network([b for b in lines if b.period in periods])
            amounts = {b.amount for b in told if b.amount is not None}
            if len(amounts) == 1:
                found[part], sources[part] = amounts.pop(), told
            elif amounts:
                self._doubt(
                    whole_key if part == "whole" else met_key,
                    f"Told in several ways: {self._ways(told)}.",
                    _sources(told),
                )
                return
        whole, met, left = found.get("whole"), found.get("met"), found.get("left")
        if whole is not None and ((met or 0) > whole or (left or 0) > whole):
            self._doubt(whole_key, "More is met or left than there is. Ask again.", _all(sources))
            self._doubt(met_key, "More is met or left than there is. Ask again.", _all(sources))
            return
        if whole is not None and met is not None and left is not None and met + left != whole:
            self._know(whole_key, whole, sources["whole"])
            self._doubt(met_key, "What is met and what is left do not add up to the whole.", _all(sources))
            return
        if whole is not None:
            self._know(whole_key, whole, sources["whole"])
        elif met is not None and left is not None:
            whole = met + left
            self._know(whole_key, whole, sources["met"] + sources["left"])
        elif left == 0:
            # Nothing is left of it, however much it was: the whole is not known, what it asks for is.
            self._doubt(
                whole_key, "Nothing of it is left; how much it was in all was not told.", _all(sources)
            )
        elif not family:
            self._doubt(
                whole_key,
                "It was not told." if not found else "How much it is in all was not told.",
                _all(sources),
            )
        if met is not None:
            self._know(met_key, met, sources["met"])
        elif whole is not None and left is not None:
            self._know(met_key, whole - left, sources["whole"] + sources["left"])
        elif whole == 0:
            self._know(met_key, Decimal(0), sources["whole"])
        elif not family or whole is not None:
            self._doubt(met_key, "How much of it is met was not told.", _all(sources))

    def _share_of_a_day(self) -> None:
        """A copay or coinsurance, whichever was told for the service nearest to ours."""
        r = self.reading
        copay = self._one("B", lambda b: b.amount, lambda b: b.period in r.a_day)
        part = self._one("A", lambda b: b.share, lambda b: True)
        flat, share = copay.amount, part.amount
        if flat is not None and share is not None:
            if copay.rank != part.rank:
                copay, part = (copay, _One()) if copay.rank < part.rank else (_One(), part)
            elif flat > 0 and share > 0:
                both = "Both a copay and coinsurance were told. Ask which one applies to a day."
                self._doubt("copay_per_day", both, _sources((*copay.lines, *part.lines)))
                self._doubt("coinsurance", both, _sources((*copay.lines, *part.lines)))
                return
            else:  # one of them is nothing: the other is the one that counts
                copay, part = (_One(), part) if share > 0 else (copay, _One())
        if copay.amount is not None:
            self._know("copay_per_day", copay.amount, copay.lines)
        if part.amount is not None:
            self._know("coinsurance", part.amount, part.lines)
        if copay.amount is None and part.amount is None:
            for key, one in (("copay_per_day", copay), ("coinsurance", part)):
                self._doubt(key, one.because or "It was not told.", _sources(one.lines))

    def _one(
        self, kind: str, take: Callable[[BenefitTold], Decimal | None], fits: Callable[[BenefitTold], bool]
    ) -> "_One":
        """What is told with this kind for the nearest service, when it is told in one way."""
        lines = self._nearest(lambda b: b.kind == kind and take(b) is not None and b.level in ("IND", ""))
        rank = min((self._rank(b) for b in lines), default=0)
        ours = self._for_our_network([b for b in lines if fits(b)])
        amounts = {found for b in ours if (found := take(b)) is not None}
        if len(amounts) == 1:
            return _One(amounts.pop(), rank, tuple(ours))
        if amounts:
            return _One(
                None, rank, tuple(ours), f"Told in several ways: {self._ways(ours)}. Ask which is ours."
            )
        if lines and not any(fits(b) for b in lines):
            because = "Told for something else than a day. Ask what a day costs."
            return _One(None, rank, tuple(lines), because)
        return _One()

    def _rank(self, line: BenefitTold) -> int:
        """How near to ours its service types are, 0 the nearest."""
        types = set(line.service_types)
        return next((n for n, group in enumerate(self.reading.ours) if group & types), len(self.reading.ours))

    def _limit(self) -> None:
        r = self.reading
        lines = self._nearest(
            lambda b: b.kind == "F" and b.quantity is not None and b.quantity_kind in r.day_counts,
            but=("30",),
        )
        lines = self._for_our_network(lines)
        left = {b.quantity for b in lines if b.period in r.left and b.quantity is not None}
        if len(left) == 1 and (days := left.pop()) == int(days):
            self._know("day_limit", int(days), [b for b in lines if b.period in r.left])
        elif lines:
            self._doubt("day_limit", "A limit was told, not how much of it is left.", _sources(lines))

    # choosing lines

    def _nearest(self, wanted: Callable[[BenefitTold], bool], but: Sequence[str] = ()) -> list[BenefitTold]:
        """The lines of the first group of service types, nearest to ours, about which anything of the kind was told."""
        lines = [b for b in self.lines if wanted(b)]
        for group in self.reading.ours:
            if group & set(but):
                continue
            found = [b for b in lines if group & set(b.service_types)]
            if found:
                return found
        return [b for b in lines if not b.service_types] if "30" not in but else []

    def _for_our_network(self, lines: list[BenefitTold]) -> list[BenefitTold]:
        """Those that hold for us: of our side of the network, else those that hold on both."""
        if self.network is None:
            return lines
        own = [b for b in lines if b.network == ("Y" if self.network else "N")]
        return own or [b for b in lines if b.network not in ("Y", "N")]

    @staticmethod
    def _ways(lines: Sequence[BenefitTold]) -> str:
        sides = {"Y": " in network", "N": " out of network"}
        return ", ".join(
            dict.fromkeys(
                (f"{b.share * 100:.0f} %" if b.share is not None else f"${b.amount:,.2f}")
                + sides.get(b.network, "")
                for b in lines
                if b.share is not None or b.amount is not None
            )
        )

    def _know(self, key: str, value: Told, lines: Sequence[BenefitTold], more: Iterable[Source] = ()) -> None:
        self.values.append(
            Value(
                key=key,
                label=LABELS[key],
                value=value,
                sources=tuple(dict.fromkeys((*_sources(lines), *more))),
            )
        )

    def _doubt(self, key: str, because: str, sources: Iterable[Source]) -> None:
        self.unknown.append(Unknown(key=key, label=LABELS[key], because=because, sources=tuple(sources)))


def _sources(lines: Sequence[BenefitTold]) -> tuple[Source, ...]:
    return tuple(b.source for b in lines)


def _all(sources: dict[str, list[BenefitTold]]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(b.source for lines in sources.values() for b in lines))
