"""When errands to the clearinghouse are run: at once for a question that was put, and every minute for what is left."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from django.conf import settings
from procrastinate.contrib.django import app

log = structlog.get_logger("stepwell.edi")


@app.task(name="stepwell.edi.timers.send_question")
def send_question(request_id: int) -> None:
    """Sends a question that somebody has just put; does nothing when it is out already."""
    # By name at call time: the machinery imports this module before Django's models are ready.
    from stepwell.edi.eligibility import send

    send(request_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="carry-eligibility")
def carry_eligibility(timestamp: int) -> None:
    """Every minute: sends what waits to be tried again, takes in answers, gives up what was never answered."""
    from stepwell.accounts.actor import stepwell_itself
    from stepwell.clinic.coverage.eligibility import actions, queries
    from stepwell.edi.eligibility import collect, send

    if settings.ENVIRONMENT.clearinghouse is None:
        return
    at = datetime.fromtimestamp(timestamp, UTC)
    for request_id in queries.to_send(at):
        send(request_id)
    collect()
    given_up = actions.give_up_unanswered(by=stepwell_itself(), at=at)
    if given_up:
        log.warning("eligibility_unanswered", questions=given_up)
