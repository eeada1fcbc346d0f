"""The parts of the medication pages."""

from __future__ import annotations

from stepwell.ui.jinja import address

_PARTS = (
    ("round", "Round", "desk:medication"),
    ("withdrawal", "Withdrawal", "desk:medication_withdrawal"),
    ("side_effects", "Side effects", "desk:medication_side_effects"),
    ("refills", "Refills", "desk:medication_refills"),
    ("to_ask", "To ask", "desk:medication_to_ask"),
)


def tabs(current: str) -> list[dict[str, object]]:
    """For `ui.tabs`: the work lists of medication, `current` marked."""
    return [{"label": label, "url": address(name), "current": key == current} for key, label, name in _PARTS]
