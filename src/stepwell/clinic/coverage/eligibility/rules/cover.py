"""Whether and how the plan covers the service: the plan itself, another payer, our network, an authorization."""

from datetime import date

from .summary import LABELS, Value
from .telling import Telling, sources_of
from .told import BenefitTold, Entity


def plan(telling: Telling) -> None:
    """The name of the plan, and from when to when it holds."""
    named = [b for b in telling.lines if b.kind in telling.reading.active and b.plan]
    if len({b.plan for b in named}) == 1:
        telling.know("plan_name", named[0].plan, named)
    for key, kinds in (("plan_begins", telling.reading.plan_dates), ("plan_ends", telling.reading.plan_ends)):
        found = [d for d in telling.answer.dates if d.kind in kinds]
        spans = [
            d for d in telling.answer.dates if d.kind in telling.reading.plan_dates and d.last is not None
        ]
        if key == "plan_ends" and not found:
            days, sources = {d.last for d in spans if d.last is not None}, [d.source for d in spans]
        else:
            days, sources = {d.first for d in found}, [d.source for d in found]
        if len(days) == 1:
            telling.values.append(Value(key=key, label=LABELS[key], value=days.pop(), sources=tuple(sources)))
        elif days:
            telling.doubt(key, "The answer names several days.", sources)


def carved_out(telling: Telling) -> None:
    """Who else pays for this service, or for anything."""
    ours = frozenset().union(*telling.reading.ours)
    for key, kinds in (("carve_out", telling.reading.another_payer), ("other_payer", frozenset({"R"}))):
        named: list[tuple[BenefitTold, Entity]] = [
            (b, e)
            for b in telling.lines
            if b.kind in kinds and (not b.service_types or ours & set(b.service_types))
            for e in b.entities
            if e.kind in telling.reading.who_pays and e.name
        ]
        names = dict.fromkeys(_named(e) for _, e in named)
        if names:
            telling.know(key, "; ".join(names), [b for b, _ in named], [e.source for _, e in named])


def _named(entity: Entity) -> str:
    parts = [entity.name, f"number {entity.id}" if entity.id else "", *entity.contacts]
    return ", ".join(part for part in parts if part)


def covered(telling: Telling) -> None:
    """Whether the plan covers the service on the day that was asked about; `plan` and `carved_out` come before it."""
    r = telling.reading
    ended = next((v.value for v in telling.values if v.key == "plan_ends"), None)
    plan_off = [
        b for b in telling.lines if b.kind in r.inactive and ("30" in b.service_types or not b.service_types)
    ]
    plan_on = [
        b for b in telling.lines if b.kind in r.active and ("30" in b.service_types or not b.service_types)
    ]
    lines = telling.nearest(lambda b: b.kind in r.active | r.inactive | r.not_covered, but=("30", "98"))
    lines = telling.for_our_network(lines)
    said = {b.kind in r.active for b in lines}
    carved = [v for v in telling.values if v.key == "carve_out"]
    if isinstance(ended, date) and ended < telling.on and not plan_off:
        telling.doubt(
            "covered", "The plan ends before the day that was asked about. Ask whether it goes on.", []
        )
    elif plan_off and not plan_on:
        telling.know("covered", False, plan_off)
    elif plan_off:
        telling.doubt(
            "covered", "The answer calls the plan both active and inactive.", sources_of(plan_off + plan_on)
        )
    elif len(said) == 1:
        telling.know("covered", said.pop(), lines)
    elif said:
        telling.doubt("covered", "The answer says both yes and no for this service.", sources_of(lines))
    elif carved:
        telling.doubt(
            "covered",
            f"Another payer answers for this service: {carved[0].value}. Ask there.",
            carved[0].sources,
        )
    elif plan_on:
        telling.doubt(
            "covered",
            "The plan is active; whether it covers this service was not told.",
            sources_of(plan_on),
        )
    else:
        telling.doubt("covered", "Whether the plan covers this service was not told.", [])


def network(telling: Telling) -> None:
    """Whether the site has a contract with the plan stays unknown until the site says so."""
    if telling.network is not None:
        return  # the site knows it; it is not the answer's word
    telling.doubt(
        "in_network",
        "An answer does not say whether this site has a contract with the plan. Say so when asking.",
        [],
    )


def authorization(telling: Telling) -> None:
    """Whether an authorization is required."""
    lines = telling.nearest(lambda b: b.authorization in ("Y", "N", "U"))
    lines = telling.for_our_network(lines)
    said = {b.authorization for b in lines}
    if said == {"Y"} or said == {"N"}:
        telling.know("authorization_required", said == {"Y"}, lines)
    elif said:
        telling.doubt("authorization_required", "The answer does not say it clearly.", sources_of(lines))
    else:
        telling.doubt("authorization_required", "Whether an authorization is required was not told.", [])
