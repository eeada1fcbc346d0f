"""Every write about inquiries: the queue, the intake, and what hospitals send."""

from stepwell.clinic.inquiry.actions.accepting import accept_packet
from stepwell.clinic.inquiry.actions.answering import set_answer_time
from stepwell.clinic.inquiry.actions.handoff import (
    ImportResult,
    accept_person,
    decide_item,
    decide_items,
    import_handoff,
)
from stepwell.clinic.inquiry.actions.intakes import arrive_intake, book_intake, cancel_intake
from stepwell.clinic.inquiry.actions.packets import (
    end_packet,
    keep_answers,
    make_packet,
    mark_packet_sent,
    open_packet,
    put_off_paper,
    send_in_packet,
    sign_paper,
)
from stepwell.clinic.inquiry.actions.receiving import receive_inquiry
from stepwell.clinic.inquiry.actions.referrals import record_follow_up
from stepwell.clinic.inquiry.actions.registering import make_patient_of
from stepwell.clinic.inquiry.actions.steps import (
    act_on_danger,
    answer_inquiry,
    close_inquiry,
    log_attempt,
    reopen_inquiry,
    screen_out,
)

__all__ = [
    "ImportResult",
    "accept_packet",
    "accept_person",
    "act_on_danger",
    "answer_inquiry",
    "arrive_intake",
    "book_intake",
    "cancel_intake",
    "close_inquiry",
    "decide_item",
    "decide_items",
    "end_packet",
    "import_handoff",
    "keep_answers",
    "log_attempt",
    "make_packet",
    "make_patient_of",
    "mark_packet_sent",
    "open_packet",
    "put_off_paper",
    "receive_inquiry",
    "record_follow_up",
    "reopen_inquiry",
    "screen_out",
    "send_in_packet",
    "set_answer_time",
    "sign_paper",
]
