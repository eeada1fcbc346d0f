"""A FHIR dosage as a line for people, with the sender's numbers exactly as written."""

from __future__ import annotations

from collections.abc import Iterable

from stepwell.clinic.inquiry.handoff.tree import Node

_UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def dosages(nodes: Iterable[Node]) -> list[str]:
    """One line for each dosage; the sender's own words where there are any."""
    return [line for node in nodes if (line := dosage(node))]


def dosage(node: Node) -> str:
    """The sender's own words, else how much, how often, by which way and whether only as needed."""
    said = node.text("text")
    if not said:
        parts = [_amount(node), _often(node), node.concept("route").display, _as_needed(node)]
        said = ", ".join(p for p in parts if p)
    told = node.text("patientInstruction")
    return f"{said} ({told})" if said and told else said or told


def _amount(node: Node) -> str:
    found = []
    for rate in node.nodes("doseAndRate"):
        quantity = rate.node("doseQuantity")
        if quantity and quantity.has("value"):
            found.append(
                _quantity(quantity) if quantity.text("unit") else f"{quantity.text('value')} each time"
            )
        span = rate.node("doseRange")
        if span:
            low, high = span.node("low"), span.node("high")
            found.append("–".join(_quantity(q) for q in (low, high) if q))
    return ", ".join(f for f in found if f)


def _quantity(node: Node) -> str:
    unit = node.text("unit") or node.text("code")
    return f"{node.text('value')} {unit}".strip()


def _often(node: Node) -> str:
    timing = node.node("timing")
    if timing is None:
        return ""
    repeat = timing.node("repeat")
    if repeat is None or not (repeat.has("period") and repeat.has("periodUnit")):
        return timing.concept("code").display
    period, unit = repeat.text("period"), _UNITS.get(repeat.text("periodUnit"), repeat.text("periodUnit"))
    often = repeat.text("frequency") or "1"
    if repeat.has("frequencyMax"):
        often += f"–{repeat.text('frequencyMax')}"
    each = f"every {unit}" if period == "1" else f"every {period} {unit}s"
    return f"{often}× {each}"


def _as_needed(node: Node) -> str:
    reason = node.concept("asNeededCodeableConcept").display
    if reason:
        return f"as needed for {reason}"
    return "as needed" if node.is_true("asNeededBoolean") else ""
