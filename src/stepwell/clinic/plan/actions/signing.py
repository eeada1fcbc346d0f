"""Signatures and reviews. A signature covers a hash of everything the plan says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people.models import Credential
from stepwell.clinic.people.queries import credential_rules_of, credential_to_sign, may_cosign_on
from stepwell.clinic.people.rules import SessionKind, needs_cosignature
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import policies, queries, rules
from stepwell.clinic.plan.models import Objective, Plan, PlanReview, PlanSignature, PlanSignatureRole
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused


@transaction.atomic
def sign_plan(*, by: Actor, at: datetime, plan: Plan) -> PlanSignature:
    """The clinician signs: the draft comes into force and the version before it goes out, both or neither.

    Under a credential that needs supervision the plan waits for the supervisor's signature besides, by the same
    rule as a note. Raises `Refused` naming every missing part, without a credential or a supervisor, or when it
    is signed already.
    """
    staff_id = policies.may_write(by, plan.episode)
    episode = Episode.objects.select_for_update(of=("self",)).select_related("site").get(pk=plan.episode_id)
    if episode.closed_at is not None:
        raise Refused("The episode is closed; its plan cannot be signed any more.")
    locked = _whole(plan)
    if locked.signed_at is not None:
        raise Refused("This plan is signed already; nothing was changed.")
    rules.may_sign(queries.as_rules(locked))
    today = queries.site_day(episode, at)
    used, cosigner_id = _signed_under(staff_id, today)
    Plan.objects.filter(queries.IN_FORCE, episode=episode).update(superseded_at=at)
    due = rules.review_due(today)
    Plan.objects.filter(pk=locked.pk).update(signed_at=at, review_due_on=due, cosigner_id=cosigner_id)
    signature = PlanSignature.objects.create(
        plan=locked,
        role=PlanSignatureRole.CLINICIAN,
        name=by.name,
        credential=used.kind,
        staff_id=staff_id,
        content_hash=_fingerprint(locked),
        at=at,
    )
    plan.signed_at, plan.review_due_on, plan.cosigner_id = at, due, cosigner_id
    trail.record(
        by=by,
        at=at,
        action="plan.sign",
        subject=f"Plan {locked.pk}",
        patient_id=episode.patient_id,
        detail={"version": locked.version, "hash": signature.content_hash}
        | ({"cosigner": cosigner_id} if cosigner_id else {}),
    )
    return signature


@transaction.atomic
def cosign(*, by: Actor, at: datetime, plan: Plan) -> PlanSignature:
    """The supervisor's signature under the very plan that the clinician signed.

    Raises `Refused` for a plan that needs none, is not signed yet or out of force, without a license to co-sign,
    and the second time.
    """
    locked = _whole(plan)
    if locked.signed_at is None:
        raise Refused("This plan is not signed by its clinician yet.")
    if locked.cosigner_id is None:
        raise Refused("This plan needs no co-signature; its clinician signs alone.")
    staff_id = policies.may_cosign(by, locked)
    if locked.superseded_at is not None:
        raise Refused("A newer version is in force; co-sign that one.")
    if not may_cosign_on(staff_id, queries.site_day(locked.episode, at)):
        raise Refused(
            "Co-signing needs a valid independent license; ask the director to enter the renewed one."
        )
    try:
        with transaction.atomic():
            signature = PlanSignature.objects.create(
                plan=locked,
                role=PlanSignatureRole.COSIGNER,
                name=by.name,
                credential=by.credential,
                staff_id=staff_id,
                content_hash=_fingerprint(locked),
                at=at,
            )
    except IntegrityError as twice:  # plan_signed_once_by_each
        raise Refused("This plan is co-signed already; nothing was changed.") from twice
    trail.record(
        by=by,
        at=at,
        action="plan.cosign",
        subject=f"Plan {locked.pk}",
        patient_id=locked.episode.patient_id,
        detail={"version": locked.version, "hash": signature.content_hash},
    )
    return signature


@transaction.atomic
def sign_for_patient(
    *, by: Actor, at: datetime, plan: Plan, method: str = "electronic", name: str = ""
) -> PlanSignature:
    """The patient signs the plan in force: by their own login, or on paper, which staff record.

    Raises `Refused` before the clinician has signed, the second time, for a version that is out of force, or
    when staff would sign electronically in the patient's place.
    """
    own = policies.signs_as_patient(by, plan.episode)
    if method not in ("electronic", "paper"):
        raise Refused("A signature is electronic or on paper.")
    if not own and method != "paper":
        raise Refused("Only the patient can sign electronically; record the signature on paper instead.")
    locked = _whole(plan)
    if locked.signed_at is None:
        raise Refused("The clinician signs the plan first; then the patient can sign it.")
    if locked.superseded_at is not None:
        raise Refused("A newer version is in force; the patient should sign that one.")
    patient = locked.episode.patient
    try:
        with transaction.atomic():
            signature = PlanSignature.objects.create(
                plan=locked,
                role=PlanSignatureRole.PATIENT,
                name=(name.strip() or f"{patient.given_name} {patient.family_name}")[:160],
                staff_id=None if own else by.staff_id,
                method="electronic" if own else "paper",
                content_hash=_fingerprint(locked),
                at=at,
            )
    except IntegrityError as twice:  # plan_signed_once_by_each
        raise Refused("The patient has signed this plan already; nothing was changed.") from twice
    trail.record(
        by=by,
        at=at,
        action="plan.sign_for_patient",
        subject=f"Plan {locked.pk}",
        patient_id=patient.pk,
        detail={"version": locked.version, "method": signature.method, "hash": signature.content_hash},
    )
    return signature


@transaction.atomic
def review_plan(
    *,
    by: Actor,
    at: datetime,
    plan: Plan,
    outcome: str,
    summary: str,
    met: Collection[int] = (),
    next_due_on: date | None = None,
) -> PlanReview:
    """The team has looked: what is met, what follows, when next (by the rule when no day is given).

    `outcome`: code of `rules.ReviewOutcome`; `met`: ids of objectives of this plan. Raises `Refused` for a
    plan that is not in force, an unknown outcome, a blank summary, or a next day that is not ahead.
    """
    staff_id = policies.may_write(by, plan.episode)
    locked = _locked(plan)
    if locked.signed_at is None or locked.superseded_at is not None:
        raise Refused("Only the plan in force is reviewed; open it and review that one.")
    if locked.episode.closed_at is not None:
        raise Refused("The episode is closed; its plan is reviewed no more.")
    if outcome not in {one.value for one in rules.ReviewOutcome}:
        raise Refused("Choose what the review ends in.")
    if not summary.strip():
        raise Refused("Write what the team saw, in a sentence or two.")
    today = queries.site_day(locked.episode, at)
    due = next_due_on or rules.review_due(today)
    if due <= today:
        raise Refused("The next review must be after today; correct the date.")
    own = set(Objective.objects.filter(goal__problem__plan=locked).values_list("pk", flat=True))
    if not set(met) <= own:
        raise Refused("An objective of another plan was marked as met; reload the page.")
    review = PlanReview.objects.create(
        plan=locked,
        outcome=outcome,
        summary=summary.strip(),
        met=sorted(set(met)),
        next_due_on=due,
        at=at,
        by_id=staff_id,
    )
    trail.record(
        by=by,
        at=at,
        action="plan.review",
        subject=f"Plan {locked.pk}",
        patient_id=locked.episode.patient_id,
        detail={"review": review.pk, "outcome": outcome, "met": review.met, "next": due},
    )
    return review


def _signed_under(staff_id: int, on: date) -> tuple[Credential, int | None]:
    """The clinician's credential for individual treatment, and the supervisor whose signature it needs besides."""
    used = credential_to_sign(staff_id, SessionKind.INDIVIDUAL, on)
    if used is None:
        raise Refused(
            "Signing a plan needs a valid credential for individual treatment, and none is on file for you. "
            "Ask the director to enter it; the draft is saved."
        )
    if not needs_cosignature(credential_rules_of([used]), SessionKind.INDIVIDUAL, on):
        return used, None
    if used.supervisor_id is None:
        raise Refused(
            f"Plans under a {used.kind} credential need a co-signature, and no supervisor is on file. "
            "Ask the director to name one; the draft is saved."
        )
    return used, used.supervisor_id


def _whole(plan: Plan) -> Plan:
    """The plan, locked, then read with all that is signed: none of it can change before the transaction ends."""
    _LOCK.one(Plan.DoesNotExist, plan_id=plan.pk)
    found: Plan = _WITH_GOALS.one(Plan.DoesNotExist, plan_id=plan.pk)
    return found


def _locked(plan: Plan) -> Plan:
    """The plan, locked, then read: its episode is no older than the lock."""
    _LOCK.one(Plan.DoesNotExist, plan_id=plan.pk)
    found: Plan = _PLAN.one(Plan.DoesNotExist, plan_id=plan.pk)
    return found


def _plan(*, plan_id: int) -> Any:
    return Plan.objects.select_related("episode__patient", "episode__site", "cosigner").filter(pk=plan_id)


_LOCK = Prepared(lambda *, plan_id: Plan.objects.select_for_update().filter(pk=plan_id).only("pk"))
_PLAN = Prepared(_plan)
_WITH_GOALS = Prepared(lambda *, plan_id: queries.with_goals(_plan(plan_id=plan_id)))


def _fingerprint(plan: Plan) -> str:
    content = json.dumps(queries.content_of(plan), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
