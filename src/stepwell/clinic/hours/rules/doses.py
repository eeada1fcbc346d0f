"""Dose by kind of treatment: what was ordered of each, and what of it was delivered, over a span of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .ledger import Week, hours_text
from .orders import HoursOrder, ordered_between


@dataclass(frozen=True, kw_only=True)
class KindDose:
    """One kind in minutes: ordered and delivered since the span began, and this week's four numbers.

    `ordered` 0 means that nobody ordered it: it was given all the same. The week's are those of the ledger.
    """

    kind: str
    ordered: int
    delivered: int
    week_ordered: int = 0
    week_delivered: int = 0
    week_booked: int = 0
    week_at_risk: int = 0

    @property
    def missing(self) -> int:
        """Minutes ordered so far and not delivered."""
        return max(0, self.ordered - self.delivered)


def doses_since(
    orders: Sequence[HoursOrder],
    delivered: Mapping[str, int],
    first: date,
    today: date,
    week: Week | None = None,
) -> tuple[KindDose, ...]:
    """Every kind that was ordered or delivered since `first`, what was ordered most at the head.

    What is ordered counts to the end of yesterday: today's sessions may still be to come, so that nobody is behind
    in the morning. `delivered` holds the minutes attended by kind since `first`.
    """
    now = {dose.kind: dose for dose in week.doses} if week is not None else {}
    kinds = {o.kind for o in orders if o.kind} | set(delivered) | set(now)
    found = []
    for kind in kinds:
        ordered = ordered_between(orders, first, today, kind)
        given, this = delivered.get(kind, 0), now.get(kind)
        if not (ordered or given or this):
            continue
        found.append(
            KindDose(
                kind=kind,
                ordered=ordered,
                delivered=given,
                week_ordered=this.ordered if this else 0,
                week_delivered=this.delivered if this else 0,
                week_booked=this.booked if this else 0,
                week_at_risk=this.at_risk if this else 0,
            )
        )
    return tuple(sorted(found, key=lambda d: (-max(d.ordered, d.week_ordered), -d.delivered, d.kind)))


def doses_sentence(doses: Sequence[KindDose], words: Mapping[str, str]) -> str:
    """'Skills training 18 h of 20 h ordered; family session 1 h of 4 h.' with the names of kinds in `words`."""
    said = [
        f"{words.get(d.kind, d.kind)} {hours_text(d.delivered)}"
        + (f" of {hours_text(d.ordered)}" if d.ordered else ", not ordered")
        for d in doses
        if d.ordered or d.delivered
    ]
    if not said:
        return ""
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."
