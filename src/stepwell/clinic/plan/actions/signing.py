"""Signatures. A signature covers a hash of everything the plan says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import get_random_string

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.models import Diagnosis
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.people.models import Credential
from stepwell.clinic.people.queries import credential_rules_of, credential_to_sign, may_cosign_on
from stepwell.clinic.people.rules import SessionKind, needs_cosignature
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan import policies, queries, rules
from stepwell.clinic.plan.models import Plan, PlanHandOver, PlanSignature, PlanSignatureRole
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused


@transaction.atomic
def sign_plan(*, by: Actor, at: datetime, plan: Plan, seen: str = "") -> PlanSignature:
    """The clinician signs: the draft comes into force and the version before it goes out, both or neither.

    `seen`: the hash of what stood on the page; what was changed meanwhile is not signed unread.

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
    read = queries.fingerprint(locked)
    if seen and seen != read:
        raise Refused("The draft was changed meanwhile; read it again, then sign.")
    standing = Diagnosis.objects.filter(patient=episode.patient_id, ended_at__isnull=True)
    rules.may_sign(queries.as_rules(locked), queries.standing_without_problem(locked, standing))
    today = queries.site_day(episode, at)
    used, cosigner_id = _signed_under(staff_id, today)
    Plan.objects.filter(queries.IN_FORCE, episode=episode).update(superseded_at=at)
    due = _next_review(episode, today)
    Plan.objects.filter(pk=locked.pk).update(signed_at=at, review_due_on=due, cosigner_id=cosigner_id)
    signature = PlanSignature.objects.create(
        plan=locked,
        role=PlanSignatureRole.CLINICIAN,
        name=by.name,
        credential=used.kind,
        staff_id=staff_id,
        content_hash=read,
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
                content_hash=queries.fingerprint(locked),
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
    *,
    by: Actor,
    at: datetime,
    plan: Plan,
    method: str = "electronic",
    name: str = "",
    seen: str = "",
    signed_on: date | None = None,
    kept_by: str = "",
) -> PlanSignature:
    """The patient signs the plan in force: by their own login, or on paper, which staff record.

    `signed_on`: the day on the paper (today); `kept_by`: who holds it (who records it); `seen`: the hash of what
    was read. Raises `Refused` before the clinician has signed, the second time, for a version that is out of force,
    for a day that cannot be, or when staff would sign electronically in the patient's place.
    """
    own = policies.signs_as_patient(by, plan.episode)
    if method not in ("electronic", "paper"):
        raise Refused("A signature is electronic or on paper.")
    if not own and method != "paper":
        raise Refused("Only the patient can sign electronically; record the signature on paper instead.")
    locked = _whole(plan)
    facts: dict[str, Any] = {"method": "electronic"}
    if not own:
        facts = _paper(locked, by, at, signed_on, kept_by) | {"staff_id": by.staff_id}
    return _patient_signs(by, at, locked, name, seen, facts)


@transaction.atomic
def hand_over(*, by: Actor, at: datetime, plan: Plan) -> tuple[PlanHandOver, str]:
    """A device is handed to the patient with this plan on it. Gives the row and the key, which is kept nowhere else.

    Raises `Refused` for a plan that is not in force or that the patient has signed already.
    """
    staff_id = policies.may_hand_over(by, plan.episode)
    locked = _locked(plan)
    _can_be_signed(locked)
    if locked.signatures.filter(role=PlanSignatureRole.PATIENT).exists():
        raise Refused("The patient has signed this plan already; nothing was changed.")
    key = get_random_string(43)
    row = PlanHandOver.objects.create(
        plan=locked,
        key_hash=queries.hash_of_key(key),
        opened_at=at,
        opened_by_id=staff_id,
        ends_at=at + rules.hand_over_lasts(),
    )
    trail.record(
        by=by,
        at=at,
        action="plan.hand_over",
        subject=f"Plan {locked.pk}",
        patient_id=locked.episode.patient_id,
        detail={"hand_over": row.pk},
    )
    return row, key


@transaction.atomic
def sign_on_device(
    *, by: Actor, at: datetime, hand_over: PlanHandOver, name: str, seen: str = ""
) -> PlanSignature:
    """The patient signs on the device that was handed over, with the name typed; the device is done then.

    Raises `Refused` when the time is up, without a name, and for what `sign_for_patient` refuses.
    """
    policies.signs_on_device(by, hand_over)
    row = PlanHandOver.objects.select_for_update().get(pk=hand_over.pk)
    if row.closed_at is not None or row.ends_at <= at:
        raise Refused("The time for signing on this device is up; ask for it to be handed over again.")
    if not name.strip():
        raise Refused("Type your name to sign.")
    signature = _patient_signs(by, at, _whole(row.plan), name, seen, {"method": "tablet"})
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    return signature


@transaction.atomic
def take_back(*, by: Actor, at: datetime, hand_over: PlanHandOver) -> PlanHandOver:
    """The device is given back unsigned: it shows the plan no more. A second time changes nothing."""
    policies.signs_on_device(by, hand_over)
    row = PlanHandOver.objects.select_for_update().select_related("plan__episode").get(pk=hand_over.pk)
    if row.closed_at is None:
        row.closed_at = at
        row.save(update_fields=["closed_at"])
    trail.record(
        by=by,
        at=at,
        action="plan.take_back",
        subject=f"Plan {row.plan_id}",
        patient_id=row.plan.episode.patient_id,
        detail={"hand_over": row.pk},
    )
    return row


def as_device(hand_over: PlanHandOver, *, address: str = "", request_id: str = "") -> Actor:
    """Who acts on a device that was handed over: the device, with no role and no login."""
    name = f"Device handed over {hand_over.pk}"
    return Actor(user_id=None, name=name, address=address, request_id=request_id)


def _patient_signs(
    by: Actor, at: datetime, locked: Plan, name: str, seen: str, facts: dict[str, Any]
) -> PlanSignature:
    _can_be_signed(locked)
    read = queries.fingerprint(locked)
    if seen and seen != read:
        raise Refused("A newer version is in force; read it again, then sign.")
    patient = locked.episode.patient
    try:
        with transaction.atomic():
            signature = PlanSignature.objects.create(
                plan=locked,
                role=PlanSignatureRole.PATIENT,
                name=(name.strip() or f"{patient.given_name} {patient.family_name}")[:160],
                content_hash=read,
                at=at,
                **facts,
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


def _can_be_signed(locked: Plan) -> None:
    if locked.signed_at is None:
        raise Refused("The clinician signs the plan first; then the patient can sign it.")
    if locked.superseded_at is not None:
        raise Refused("A newer version is in force; the patient should sign that one.")


def _paper(locked: Plan, by: Actor, at: datetime, signed_on: date | None, kept_by: str) -> dict[str, Any]:
    """The day on the paper and who holds it. Raises `Refused` for a day before the plan or after today."""
    today = queries.site_day(locked.episode, at)
    day = signed_on or today
    if day > today:
        raise Refused("The day on the paper is after today; correct the date.")
    if locked.signed_at is not None and day < queries.site_day(locked.episode, locked.begun_at):
        raise Refused("The day on the paper is before this plan was begun; correct the date.")
    holder = " ".join(kept_by.split())[:120] or by.name
    return {"method": "paper", "signed_on": day, "kept_by": holder}


def _next_review(episode: Episode, today: date) -> date:
    """By the rule for the level and the payers of today."""
    level = (
        Placement.objects.filter(episode=episode).order_by("-number").values_list("level", flat=True).first()
    )
    payers = (
        Policy.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), patient=episode.patient_id)
        .filter(starts_on__lte=today)
        .values_list("payer__kind", flat=True)
    )
    return rules.review_due(today, level or "", list(payers))


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
