"""What the patient pays: deductible and out-of-pocket maximum, the share of a day, and days left under a limit."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from .telling import Telling, sources_of
from .told import BenefitTold, Source


def accumulator(telling: Telling, kind: str, whole_key: str, met_key: str, *, family: bool) -> None:
    """What adds up over the year: how much it is in all, and how much of it is met."""
    r = telling.reading
    levels = {"FAM"} if family else {"IND", ""}
    lines = telling.nearest(lambda b: b.kind == kind and b.level in levels and b.amount is not None)
    if not family and any(b.level == "IND" for b in lines):
        lines = [b for b in lines if b.level == "IND"]
    found: dict[str, Decimal] = {}
    sources: dict[str, list[BenefitTold]] = {}
    for part, periods in (("whole", r.whole), ("met", r.so_far), ("left", r.left)):
        told = telling.for_our_network([b for b in lines if b.period in periods])
        amounts = {b.amount for b in told if b.amount is not None}
        if len(amounts) == 1:
            found[part], sources[part] = amounts.pop(), told
        elif amounts:
            telling.doubt(
                whole_key if part == "whole" else met_key,
                f"Told in several ways: {telling.ways(told)}.",
                sources_of(told),
            )
            return
    whole, met, left = found.get("whole"), found.get("met"), found.get("left")
    if whole is not None and ((met or 0) > whole or (left or 0) > whole):
        telling.doubt(whole_key, "More is met or left than there is. Ask again.", _all(sources))
        telling.doubt(met_key, "More is met or left than there is. Ask again.", _all(sources))
        return
    if whole is not None and met is not None and left is not None and met + left != whole:
        telling.know(whole_key, whole, sources["whole"])
        telling.doubt(met_key, "What is met and what is left do not add up to the whole.", _all(sources))
        return
    if whole is not None:
        telling.know(whole_key, whole, sources["whole"])
    elif met is not None and left is not None:
        whole = met + left
        telling.know(whole_key, whole, sources["met"] + sources["left"])
    elif left == 0:
        # Nothing is left of it, however much it was: the whole is not known, what it asks for is.
        telling.doubt(whole_key, "Nothing of it is left; how much it was in all was not told.", _all(sources))
    elif not family:
        telling.doubt(
            whole_key,
            "It was not told." if not found else "How much it is in all was not told.",
            _all(sources),
        )
    if met is not None:
        telling.know(met_key, met, sources["met"])
    elif whole is not None and left is not None:
        telling.know(met_key, whole - left, sources["whole"] + sources["left"])
    elif whole == 0:
        telling.know(met_key, Decimal(0), sources["whole"])
    elif not family or whole is not None:
        telling.doubt(met_key, "How much of it is met was not told.", _all(sources))


@dataclass(frozen=True)
class _One:
    """A copay or a share as it was told: the amount, how near the service is to ours, and the lines; or why there is none."""

    amount: Decimal | None = None
    rank: int = 0
    lines: tuple[BenefitTold, ...] = ()
    because: str = ""
    several: bool = False


def share_of_a_day(telling: Telling) -> None:
    """A copay or coinsurance, whichever was told for the service nearest to ours."""
    r = telling.reading
    copay = _one(telling, "B", lambda b: b.amount, lambda b: b.period in r.a_day)
    part = _one(telling, "A", lambda b: b.share, lambda b: True)
    both = "Both a copay and coinsurance were told. Ask which one applies to a day."
    named = (("copay_per_day", copay), ("coinsurance", part))
    for (key, one), (other_key, other) in (named, named[::-1]):
        if one.several and other.amount is not None and one.rank <= other.rank:
            # What is nearer to our service is open: the other one alone would be a guess.
            telling.doubt(key, one.because, sources_of(one.lines))
            telling.doubt(other_key, both, sources_of(other.lines))
            return
    flat, share = copay.amount, part.amount
    if flat is not None and share is not None:
        if copay.rank != part.rank:
            copay, part = (copay, _One()) if copay.rank < part.rank else (_One(), part)
        elif flat > 0 and share > 0:
            telling.doubt("copay_per_day", both, sources_of((*copay.lines, *part.lines)))
            telling.doubt("coinsurance", both, sources_of((*copay.lines, *part.lines)))
            return
        else:  # one of them is nothing: the other is the one that counts
            copay, part = (_One(), part) if share > 0 else (copay, _One())
    if copay.amount is not None:
        telling.know("copay_per_day", copay.amount, copay.lines)
    if part.amount is not None:
        telling.know("coinsurance", part.amount, part.lines)
    if copay.amount is None and part.amount is None:
        for key, one in (("copay_per_day", copay), ("coinsurance", part)):
            telling.doubt(key, one.because or "It was not told.", sources_of(one.lines))


def _one(
    telling: Telling,
    kind: str,
    take: Callable[[BenefitTold], Decimal | None],
    fits: Callable[[BenefitTold], bool],
) -> _One:
    """What is told with this kind for the nearest service, when it is told in one way."""
    lines = telling.nearest(lambda b: b.kind == kind and take(b) is not None and b.level in ("IND", ""))
    rank = min((telling.rank(b) for b in lines), default=0)
    ours = telling.for_our_network([b for b in lines if fits(b)])
    amounts = {found for b in ours if (found := take(b)) is not None}
    if len(amounts) == 1:
        return _One(amounts.pop(), rank, tuple(ours))
    if amounts:
        return _One(
            None,
            rank,
            tuple(ours),
            f"Told in several ways: {telling.ways(ours)}. Ask which is ours.",
            several=True,
        )
    if lines and not any(fits(b) for b in lines):
        because = "Told for something else than a day. Ask what a day costs."
        return _One(None, rank, tuple(lines), because)
    return _One()


def limit(telling: Telling) -> None:
    """How many days are left under a limit."""
    r = telling.reading
    lines = telling.nearest(
        lambda b: b.kind == "F" and b.quantity is not None and b.quantity_kind in r.day_counts,
        but=("30",),
    )
    lines = telling.for_our_network(lines)
    left = {b.quantity for b in lines if b.period in r.left and b.quantity is not None}
    if len(left) == 1 and (days := left.pop()) == int(days):
        telling.know("day_limit", int(days), [b for b in lines if b.period in r.left])
    elif lines:
        telling.doubt("day_limit", "A limit was told, not how much of it is left.", sources_of(lines))


def _all(sources: dict[str, list[BenefitTold]]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(b.source for lines in sources.values() for b in lines))
