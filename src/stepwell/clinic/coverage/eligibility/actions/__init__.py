"""Every write about electronic eligibility: asking, sending, what came back, a person's decision, the site's rule."""

from .answers import Received, adopt_answer, match_answer, receive_file, set_aside
from .asking import ask_for_inquiry, ask_for_policy, set_payer_number, set_verification_rule
from .sending import Claim, claim_question, give_up_unanswered, keep_payload, question_failed, question_sent

__all__ = [
    "Claim",
    "Received",
    "adopt_answer",
    "ask_for_inquiry",
    "ask_for_policy",
    "claim_question",
    "give_up_unanswered",
    "keep_payload",
    "match_answer",
    "question_failed",
    "question_sent",
    "receive_file",
    "set_aside",
    "set_payer_number",
    "set_verification_rule",
]
