"""Words for an instrument whose own do not ship."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, queries, rules
from stepwell.clinic.assessment.models import InstrumentText
from stepwell.clinic.refusal import Refused


@transaction.atomic
def load_wording(*, by: Actor, at: datetime, words: rules.Wording) -> InstrumentText:
    """The pages show these words from now on; scores and what was filled in before stay as they are.

    Raises `Refused` when just these words hold already.
    """
    policies.may_load_wording(by)
    title = rules.load_instrument(words.instrument).title
    if queries.wording(words.instrument, words.language) == words:
        raise Refused(f"These words of {title} ({words.language}) are here already; nothing was changed.")
    row = InstrumentText.objects.create(
        instrument=words.instrument,
        language=words.language,
        preface=words.preface,
        questions=words.questions,
        answers={link: list(answers) for link, answers in words.answers.items()},
        loaded_at=at,
        loaded_by_id=by.staff_id,
    )
    trail.record(
        by=by,
        at=at,
        action="assessment.load_wording",
        subject=f"InstrumentText {row.pk}",
        detail={"instrument": words.instrument, "language": words.language},
    )
    return row
