"""Every write about inquiries: `handoff` for what hospitals send."""

from stepwell.clinic.inquiry.actions.handoff import (
    ImportResult,
    accept_person,
    decide_item,
    decide_items,
    import_handoff,
)

__all__ = ["ImportResult", "accept_person", "decide_item", "decide_items", "import_handoff"]
