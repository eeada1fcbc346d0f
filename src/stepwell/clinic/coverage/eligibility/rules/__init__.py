"""What is asked, what was told, what it means for this program, and when it is asked again."""

from .asked import Asking, Due, Insured, Question, Reverify, load_asking, next_verification, try_again_after
from .code_words import Said, line_words, percent_words, receipt_words, rejection_words, service_words, word
from .letters import can_be_written, without_accents
from .matching import Asked, Match, Matched, match
from .reading import Reading, load_reading
from .summarizing import summarize
from .summary import LABELS, Summary, Unknown, Value
from .told import (
    Answer,
    BenefitTold,
    Dated,
    Entity,
    PersonTold,
    Receipt,
    Reference,
    Rejection,
    Source,
    answer_from,
    plain,
)

__all__ = [
    "LABELS",
    "Answer",
    "Asked",
    "Asking",
    "BenefitTold",
    "Dated",
    "Due",
    "Entity",
    "Insured",
    "Match",
    "Matched",
    "PersonTold",
    "Question",
    "Reading",
    "Receipt",
    "Reference",
    "Rejection",
    "Reverify",
    "Said",
    "Source",
    "Summary",
    "Unknown",
    "Value",
    "answer_from",
    "can_be_written",
    "line_words",
    "load_asking",
    "load_reading",
    "match",
    "next_verification",
    "percent_words",
    "plain",
    "receipt_words",
    "rejection_words",
    "service_words",
    "summarize",
    "try_again_after",
    "without_accents",
    "word",
]
