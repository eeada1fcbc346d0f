"""What happens by the clock. Times are UTC; nothing here depends on a site's wall time."""

from datetime import UTC, datetime

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app

from stepwell.accounts.actor import stepwell_itself
from stepwell.audit import trail
from stepwell.jobs import weeks
from stepwell.jobs.worker import give_back

log = structlog.get_logger("stepwell.jobs")

solve_week = weeks.solve_week
"""Known to the workers by being here: the machinery looks for tasks in this module."""


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="give-back-stalled-jobs", pass_context=True)
async def give_back_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Every minute: jobs whose worker died go back to the queue."""
    given_back = await give_back(context.app.job_manager)
    if given_back:
        log.warning("stalled_jobs_given_back", jobs=given_back)


@app.periodic(cron="17 8 * * *")
@app.task(queueing_lock="verify-audit-trail")
def verify_audit_trail(timestamp: int) -> None:
    """Every night: recomputes the chain of the audit trail; a break is an error in the log."""
    verdict = trail.verify()
    if verdict.ok:
        log.info("audit_trail_whole", entries=verdict.entries)
    else:
        log.error("audit_trail_broken", entries=verdict.entries, first_broken=verdict.first_broken_seq)


@app.periodic(cron="47 8 * * *")
@app.task(queueing_lock="clear-expired-sessions")
def clear_expired_sessions(timestamp: int) -> None:
    """Every night: forgets login sessions that have run out."""
    from django.core.management import call_command

    call_command("clearsessions")


@app.periodic(cron="7 8 * * *")
@app.task(queueing_lock="extend-timetable")
def extend_timetable(timestamp: int) -> None:
    """Every night: makes the groups' sessions for the coming weeks; a second time makes nothing new."""
    # By name at call time: the machinery imports this module before Django's models are ready.
    from stepwell.clinic.timetable.actions import extend_horizon

    made = extend_horizon(by=stepwell_itself(), at=datetime.fromtimestamp(timestamp, UTC))
    log.info("timetable_extended", sessions=made)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="close-lapsed-offers")
def close_lapsed_offers(timestamp: int) -> None:
    """Every ten minutes: writes down which offers of a seat ran out; they hold nothing since their time, run or not."""
    from stepwell.clinic.hours.actions import close_lapsed_offers as close

    closed = close(by=stepwell_itself(), at=datetime.fromtimestamp(timestamp, UTC))
    if closed:
        log.info("offers_lapsed", offers=closed)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="pass-on-alerts")
def pass_on_alerts(timestamp: int) -> None:
    """Every minute: alerts nobody has answered in time go to supervisors and directors too; nobody is told twice."""
    from stepwell.clinic.assessment.actions import escalate_alerts

    told = escalate_alerts(by=stepwell_itself(), at=datetime.fromtimestamp(timestamp, UTC))
    if told:
        log.warning("alerts_passed_on", people=told)


@app.periodic(cron="27 8 * * *")
@app.task(queueing_lock="plan-follow-up-calls")
def plan_follow_up_calls(timestamp: int) -> None:
    """Every night: plans the calls of whoever was discharged; a second time plans nothing new."""
    from stepwell.clinic.aftercare.actions import plan_follow_ups

    planned = plan_follow_ups(by=stepwell_itself(), at=datetime.fromtimestamp(timestamp, UTC))
    log.info("follow_up_calls_planned", calls=planned)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="give-back-silent-solves")
def give_back_silent_solves(timestamp: int) -> None:
    """Every minute: weeks whose worker has gone silent are computed by another one."""
    from stepwell.clinic.timetable.actions import planning

    given = planning.give_back_solves(by=stepwell_itself(), at=datetime.fromtimestamp(timestamp, UTC))
    if given:
        log.warning("silent_solves_given_back", solves=given)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="end-silent-video")
def end_silent_video(timestamp: int) -> None:
    """Every minute: who dropped out of a session by video and never came back has left it; relayed words are forgotten."""
    from stepwell.clinic.sessions.video.actions import end_silent
    from stepwell.clinic.sessions.video.watching import cut_silent, end_unbooked

    by, at = stepwell_itself(), datetime.fromtimestamp(timestamp, UTC)
    cut_silent(at=at)
    ended = end_silent(by=by, at=at) + end_unbooked(by=by, at=at)
    if ended:
        log.info("video_stays_ended", stays=ended)
