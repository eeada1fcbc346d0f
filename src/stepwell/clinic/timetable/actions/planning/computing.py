"""Computing a week in the background: asked for, claimed by one worker, kept alive, finished once.

A `Solve` row is the work; a job is only a word to the workers that there is some. Whoever claims it counts
`attempts` up, and everything written later names that count: a worker that was given up for dead and comes back
finds its claim lost and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.planning.made import _locked_week, _new_version, _rows_of_plan
from stepwell.clinic.timetable.models import Solve, SolveState, VersionOrigin, Week, WeekVersion
from stepwell.clinic.timetable.queries.versions import stood_of
from stepwell.clinic.timetable.queries.weekcase import case_of
from stepwell.clinic.timetable.rules.planning import load_defaults
from weekplan.case import Case
from weekplan.nonsense import Nonsense
from weekplan.plan import Plan, Shortfall, Status
from weekplan.reading import case_from_json
from weekplan.standing import clashes
from weekplan.writing import case_to_json, plan_to_json

JOB = "stepwell.jobs.weeks.solve_week"
"""By name: what the clinic does knows no surface."""
QUEUE = "weeks"

_OPEN = (SolveState.WAITING, SolveState.RUNNING)


class Word(Enum):
    """What a worker is told when it gives a sign of life."""

    GO_ON = "go on"
    STOP = "stop and keep what you have"
    LOST = "another worker has it; keep nothing"


@dataclass(frozen=True)
class Claim:
    """One worker's hold on one solve."""

    solve_id: int
    week_id: int
    attempt: int
    seconds: int
    case: Case

    def heard(
        self, at: datetime, *, cost: int | None = None, bound: int | None = None, short: int | None = None
    ) -> Word:
        """A sign of life with how far it has come. No decision of anybody, so it stands in no trail."""
        mine = Solve.objects.filter(pk=self.solve_id, state=SolveState.RUNNING, attempts=self.attempt)
        if not mine.update(heard_at=at, cost=cost, bound=bound, short_minutes=short):
            return Word.LOST
        announce(f"week:{self.week_id}")
        asked = mine.filter(stop_asked_at__isnull=False).exists()
        return Word.STOP if asked else Word.GO_ON


@transaction.atomic
def ask_solve(
    *,
    by: Actor,
    at: datetime,
    week: Week,
    seconds: int | None = None,
    version: WeekVersion | None = None,
) -> Solve:
    """Has the week computed in the background from how it stands at `at`; what is locked in `version` stays.

    The job is queued in this transaction. Raises `Refused` while one is under way, for a week without orders, and for
    a case that makes no sense.
    """
    policies.may_set_up(by, week.site_id)
    week = _locked_week(week.pk)
    seconds = load_defaults().solve_usual if seconds is None else seconds
    if not 1 <= seconds <= max(load_defaults().solve_seconds):
        raise Refused(
            f"Compute for 1 to {max(load_defaults().solve_seconds)} seconds. Choose a time between."
        )
    if week.solves.filter(state__in=_OPEN).exists():
        raise Refused("This week is being computed already. Wait for it, or stop it and keep what it has.")
    if version is not None and version.week_id != week.pk:
        raise Refused("This draft is of another week. Choose one of this week.")
    found = case_of(by, week, at, version=version)
    if not found.case.patients:
        raise Refused("Nobody is ordered hours in this week, so there is nothing to compute. See the plans.")
    if found.case.now >= 7 * 24 * 60:
        raise Refused("This week is over, so it stays as it was.")
    told = case_to_json(found.case)
    try:
        case_from_json(told)
    except Nonsense as wrong:
        raise Refused(f"This week cannot be computed: {wrong.sentence}") from wrong
    try:
        with transaction.atomic():
            solve = Solve.objects.create(
                week=week,
                seconds=seconds,
                base=version,
                case=told,
                stood=stood_of(week),
                asked_at=at,
                by_id=by.staff_id,
            )
    except IntegrityError as race:
        raise Refused("This week is being computed already. Wait for it.") from race
    _call_a_worker(solve)
    _tell(by, at, solve, "ask_solve", {"seconds": seconds, "patients": len(found.case.patients)})
    return solve


@transaction.atomic
def claim_solve(*, by: Actor, at: datetime, solve_id: int) -> Claim | None:
    """Takes the solve for one worker. None when it is done, gone, or another worker that still lives has it."""
    solve = Solve.objects.select_for_update().filter(pk=solve_id).first()
    if solve is None or solve.state not in _OPEN:
        return None
    if solve.state == SolveState.RUNNING and not _silent(solve, at):
        return None
    solve.state, solve.attempts = SolveState.RUNNING, solve.attempts + 1
    solve.started_at = solve.heard_at = at
    solve.save(update_fields=["state", "attempts", "started_at", "heard_at"])
    _tell(by, at, solve, "claim_solve", {"attempt": solve.attempts})
    return Claim(solve.pk, solve.week_id, solve.attempts, solve.seconds, case_from_json(solve.case))


@transaction.atomic
def finish_solve(*, by: Actor, at: datetime, claim: Claim, plan: Plan) -> WeekVersion | None:
    """The computed week becomes a version, once: None when the claim was lost meanwhile.

    Where what is locked breaks a rule by itself, the best week with it becomes one all the same, and the solve says what
    is wrong.
    """
    week = _locked_week(claim.week_id)
    solve = _mine(claim)
    if solve is None:
        return None
    wrong = clashes(claim.case)[:2] if plan.status is Status.INFEASIBLE else []
    told = plan_to_json(plan)
    version = _new_version(
        by,
        at,
        week,
        VersionOrigin.SOLVED,
        _rows_of_plan(week, claim.case, plan.sessions, solve.stood, solve.base),
        base=solve.base,
        because="The week was planned anew.",
        cost=plan.cost,
        bound=plan.bound,
        short_minutes=sum(one.short for one in plan.met),
        seconds=plan.seconds,
        shortfalls=told["shortfalls"],
        stood=solve.stood,
    )
    version.by_id = solve.by_id  # whoever asked for it made it, though a worker writes it down
    version.save(update_fields=["by"])
    solve.state, solve.result, solve.ended_at = SolveState.DONE, version, at
    solve.cost, solve.bound, solve.short_minutes = plan.cost, plan.bound, version.short_minutes
    solve.message = " ".join([*wrong, "Unlock one of them and compute again."])[:300] if wrong else ""
    solve.save(update_fields=["state", "result", "ended_at", "cost", "bound", "short_minutes", "message"])
    _tell(by, at, solve, "finish_solve", {"version": version.number, "cost": plan.cost})
    return version


@transaction.atomic
def give_reasons(
    *, by: Actor, at: datetime, version: WeekVersion, shortfalls: tuple[Shortfall, ...]
) -> WeekVersion:
    """Why people are short, found after the week itself: written once, unless the draft was changed meanwhile."""
    locked = WeekVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if locked.revision == 0 and locked.dropped_at is None:
        locked.shortfalls = [
            {
                "patient": one.patient,
                "minutes": one.minutes,
                "doses": dict(one.doses),
                "owed": list(one.owed),
                "because": one.because,
                "mends": [
                    {"sentence": m.sentence, "minutes": m.minutes, "cost": m.cost, "also": list(m.also)}
                    for m in one.mends
                ],
            }
            for one in shortfalls
        ]
        locked.save(update_fields=["shortfalls"])
    announce(f"week:{locked.week_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.give_reasons",
        subject=f"WeekVersion {locked.pk}",
        detail={"short": len(shortfalls)},
    )
    return locked


@transaction.atomic
def fail_solve(*, by: Actor, at: datetime, claim: Claim, because: str) -> None:
    """It cannot be computed: the sentence is shown to who asked. Nothing happens when the claim was lost."""
    solve = _mine(claim)
    if solve is not None:
        _end(by, at, solve, because)


@transaction.atomic
def stop_solve(*, by: Actor, at: datetime, solve: Solve) -> Solve:
    """Stop now and keep the best week found so far; one that nobody has begun is taken back. Raises `Refused`."""
    policies.may_set_up(by, solve.week.site_id)
    locked = Solve.objects.select_for_update(of=("self",)).get(pk=solve.pk)
    if locked.state not in _OPEN:
        raise Refused("This has ended already; its result is in the list.")
    locked.stop_asked_at = at
    if locked.state == SolveState.WAITING:
        locked.state, locked.ended_at, locked.message = SolveState.FAILED, at, "Taken back before it began."
    locked.save(update_fields=["stop_asked_at", "state", "ended_at", "message"])
    _tell(by, at, locked, "stop_solve", {})
    return locked


@transaction.atomic
def give_back_solves(*, by: Actor, at: datetime, claim: Claim | None = None) -> int:
    """Work whose worker has gone silent waits for another one; after three attempts it has failed. Returns how many.

    With a `claim`: only this one, at once, because its worker is being stopped.
    """
    silent = at - timedelta(seconds=load_defaults().silent_after)
    open_ones = Solve.objects.select_for_update(skip_locked=True).filter(state__in=_OPEN)
    if claim is not None:
        open_ones = open_ones.filter(pk=claim.solve_id, attempts=claim.attempt, state=SolveState.RUNNING)
    else:
        open_ones = open_ones.filter(
            Q(state=SolveState.RUNNING, heard_at__lt=silent)
            | Q(state=SolveState.WAITING, asked_at__lt=silent)
        )
    given = 0
    for solve in open_ones.order_by("pk"):
        given += 1
        if solve.attempts >= load_defaults().attempts:
            _end(by, at, solve, "Computing stopped three times before its end. Ask again, for fewer seconds.")
            continue
        solve.state = SolveState.WAITING
        solve.save(update_fields=["state"])
        _call_a_worker(solve)
        _tell(by, at, solve, "give_back_solve", {"attempts": solve.attempts})
    return given


def _call_a_worker(solve: Solve) -> None:
    # At call time: the machinery is ready only after the models are.
    from procrastinate.contrib.django import app

    app.configure_task(JOB, queue=QUEUE).defer(solve_id=solve.pk)


def _silent(solve: Solve, at: datetime) -> bool:
    last = solve.heard_at or solve.started_at
    return last is None or last < at - timedelta(seconds=load_defaults().silent_after)


def _mine(claim: Claim) -> Solve | None:
    return (
        Solve.objects.select_for_update(of=("self",))
        .select_related("base")
        .filter(pk=claim.solve_id, state=SolveState.RUNNING, attempts=claim.attempt)
        .first()
    )


def _end(by: Actor, at: datetime, solve: Solve, message: str) -> None:
    solve.state, solve.ended_at, solve.message = SolveState.FAILED, at, message[:300]
    solve.save(update_fields=["state", "ended_at", "message"])
    _tell(by, at, solve, "fail_solve", {"attempts": solve.attempts})


def _tell(by: Actor, at: datetime, solve: Solve, verb: str, detail: dict[str, Any]) -> None:
    announce(f"week:{solve.week_id}")
    trail.record(
        by=by,
        at=at,
        action=f"timetable.{verb}",
        subject=f"Solve {solve.pk}",
        detail={"week": solve.week_id, **detail},
    )
