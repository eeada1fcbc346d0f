"""Why an episode costs what it costs, in the order in which it is told."""

from collections.abc import Sequence
from datetime import date

from .helps import Episode, Plan
from .money import Money
from .parts import Parts, VisitPrice
from .said import Point, Said
from .unknowns import year_begins, year_index


def reasons(
    episode: Episode,
    lines: Sequence[VisitPrice],
    parts: Parts,
    grants: Sequence[tuple[int, date | None]],
) -> tuple[Said, ...]:
    """`grants`: for each grant of the episode the cents it pays and the day on which it was used up."""
    said = _rate_changes(lines)
    if episode.first is None:
        said.append(Said(point=Point.SELF_PAY))
    else:
        said.extend(_of_first_plan(episode.first, lines, parts))
    if parts.second_plan:
        said.append(Said(point=Point.SECOND, amount=parts.second_plan))
    if parts.eap:
        count = len({line.on for line in lines if line.parts.eap})
        said.append(Said(point=Point.EAP, amount=parts.eap, count=count))
    fee = episode.sliding_fee
    if fee is not None:
        if parts.sliding_fee:
            said.append(Said(point=Point.SLIDING_FEE, amount=parts.sliding_fee))
        else:
            said.append(Said(point=Point.SLIDING_FEE_NONE))
        if lines and lines[-1].on >= fee.valid_until:
            said.append(Said(point=Point.SLIDING_FEE_ENDS, on=fee.valid_until))
    for grant, (paid, ended) in zip(episode.grants, grants, strict=True):
        said.append(Said(point=Point.GRANT, amount=Money.from_cents(paid), word=grant.name))
        if ended is not None:
            said.append(Said(point=Point.GRANT_ENDS, on=ended, word=grant.name))
    return tuple(said)


def _rate_changes(lines: Sequence[VisitPrice]) -> list[Said]:
    said, last = [], dict[str, Money]()
    for line in lines:
        charge = line.parts.charge
        if last.get(line.code, charge) != charge:
            said.append(Said(point=Point.RATE_CHANGES, word=line.code, amount=charge, on=line.on))
        last[line.code] = charge
    return said


def _of_first_plan(plan: Plan, lines: Sequence[VisitPrice], parts: Parts) -> list[Said]:
    said = []
    deductible = sum(line.deductible.cents for line in lines)
    share = sum(line.share.cents for line in lines)
    if deductible:
        said.append(Said(point=Point.DEDUCTIBLE, amount=Money.from_cents(deductible)))
    if share:
        said.append(Said(point=Point.SHARE, amount=Money.from_cents(share)))
    year = 0
    full = -1
    for line in lines:
        index = year_index(plan.benefits, line.on)
        if index > year:
            year = index
            said.append(Said(point=Point.YEAR_TURNS, on=year_begins(plan.benefits, year)))
        if line.capped and full < year:
            full = year
            said.append(Said(point=Point.MAXIMUM, on=line.on))
    uncovered = [line for line in lines if not line.covered]
    if uncovered:
        amount = Money.from_cents(sum(line.parts.charge.cents for line in uncovered))
        said.append(Said(point=Point.NOT_COVERED, count=len(uncovered), amount=amount, on=uncovered[0].on))
    if parts.possible_balance:
        said.append(Said(point=Point.BALANCE, amount=parts.possible_balance))
    if parts.first_plan and parts.first_plan + parts.written_off == parts.charge:
        said.append(Said(point=Point.PLAN_PAYS_ALL))
    return said
