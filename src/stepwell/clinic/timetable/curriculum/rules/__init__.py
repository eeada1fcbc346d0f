"""What a curriculum is, which file cannot be one, and which topic a group should have next."""

from .reading import (
    SIZE_LIMIT,
    CurriculumRefused,
    Fault,
    as_document,
    as_file,
    load,
    read,
    refuse_the_impossible,
    schema,
    shipped,
)
from .rolling import Decision, Held, next_topic, still_needed
from .shape import Curriculum, Topic, WeeklyPart, minutes_by_week, said_of_the_weeks

__all__ = [
    "SIZE_LIMIT",
    "Curriculum",
    "CurriculumRefused",
    "Decision",
    "Fault",
    "Held",
    "Topic",
    "WeeklyPart",
    "as_document",
    "as_file",
    "load",
    "minutes_by_week",
    "next_topic",
    "read",
    "refuse_the_impossible",
    "said_of_the_weeks",
    "schema",
    "shipped",
    "still_needed",
]
