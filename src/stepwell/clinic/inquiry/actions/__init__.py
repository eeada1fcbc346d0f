"""Every write about inquiries: the queue, the intake, and what hospitals send."""

from stepwell.clinic.inquiry.actions.handoff import (
    ImportResult,
    accept_person,
    decide_item,
    decide_items,
    import_handoff,
)
from stepwell.clinic.inquiry.actions.inquiries import (
    answer_inquiry,
    close_inquiry,
    log_attempt,
    make_patient_of,
    receive_inquiry,
    reopen_inquiry,
    screen_out,
)
from stepwell.clinic.inquiry.actions.intakes import arrive_intake, book_intake, cancel_intake

__all__ = [
    "ImportResult",
    "accept_person",
    "answer_inquiry",
    "arrive_intake",
    "book_intake",
    "cancel_intake",
    "close_inquiry",
    "decide_item",
    "decide_items",
    "import_handoff",
    "log_attempt",
    "make_patient_of",
    "receive_inquiry",
    "reopen_inquiry",
    "screen_out",
]
