"""Every write of recovery: check-ins, the two plans, homework with its answer and review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.consent.queries import permitted_to_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.plan.models import Objective
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.recovery import policies, queries, rules
from stepwell.clinic.recovery.models import (
    CheckIn,
    Feeling,
    Homework,
    HomeworkAnswer,
    HomeworkReview,
    RecoveryPlan,
)
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.models import Occurrence


@transaction.atomic
def check_in(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    once_key: str,
    feeling: str = "",
    mood: int | None = None,
    craving: int | None = None,
    sleep_hours: Decimal | None = None,
    used: bool | None = None,
    used_what: str = "",
    note: str = "",
) -> CheckIn:
    """The patient's word on how it is now; what the rules find alarming alerts the team in the same transaction.

    The same `once_key` twice is one check-in: the second call returns the first row. Raises `Refused` for a number
    off its scale and when nothing is answered.
    """
    policies.may_check_in(by, patient)
    _PATIENT_LOCKED.one(Patient.DoesNotExist, patient_id=patient.pk)
    for earlier in _SENT_BEFORE.rows(once_key=once_key):
        if earlier.patient_id != patient.pk:
            raise Refused("This form was sent already; open the page again.")
        sent_before: CheckIn = earlier
        return sent_before
    if feeling not in ("", *Feeling.values):
        raise Refused("Choose one of the four words, or leave them all.")
    told = rules.CheckIn(at, mood, craving, sleep_hours, used, note.strip(), feeling)
    row = CheckIn(
        patient=patient,
        feeling=feeling,
        mood=mood,
        craving=craving,
        sleep_hours=sleep_hours,
        used=used,
        used_what=used_what.strip()[:120],
        note=told.note,
        at=at,
        once_key=once_key,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as twice:
        raise Refused("This check-in was sent a moment ago.") from twice
    found = queries.alerts_of(row)
    for alert in found:
        raise_alert(
            by=by,
            at=at,
            patient=patient,
            kind=alert.kind.value,
            sentence=alert.sentence,
            subject=f"CheckIn {row.pk}",
            urgent=alert.urgent,
        )
    kinds = [alert.kind.value for alert in found]
    _write(by, at, "recovery.check_in", row, patient.pk, alerts=kinds)
    return row


_PATIENT_LOCKED = Prepared(
    lambda *, patient_id: Patient.objects.select_for_update().filter(pk=patient_id).only("pk")
)
_SENT_BEFORE = Prepared(lambda *, once_key: CheckIn.objects.filter(once_key=once_key))


@transaction.atomic
def save_recovery_plan(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    kind: rules.RecoveryPlanKind,
    sections: Mapping[str, str],
    based_on: int | None = None,
) -> RecoveryPlan:
    """Keep a new version of a plan, by staff or by the patient; unchanged text makes no new version.

    `based_on`: the version the writer had before them (0 or None: none). Raises `Refused` when all is blank, for an
    unknown section, and when somebody has saved a newer version meanwhile.
    """
    staff_id = policies.may_write_plan(by, patient)
    written = {key: text.strip() for key, text in sections.items() if text.strip()}
    rules.may_save(kind, written)
    Patient.objects.select_for_update().get(pk=patient.pk)
    last = RecoveryPlan.objects.filter(patient=patient, kind=kind.value).order_by("-version").first()
    if last is not None and last.sections == written:
        return last
    if last is not None and last.version != (based_on or 0):
        raise Refused(
            f"Version {last.version} of this plan was saved meanwhile. "
            "Open it in another window, add what is missing, and save again."
        )
    row = RecoveryPlan.objects.create(
        patient=patient,
        kind=kind.value,
        version=last.version + 1 if last else 1,
        sections=written,
        at=at,
        by_id=staff_id,
    )
    _write(by, at, "recovery.save_plan", row, patient.pk, kind=kind.value, version=row.version)
    return row


@transaction.atomic
def give_homework(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    title: str,
    instructions: str,
    due_on: date,
    family_member: FamilyMember | None = None,
    occurrence: Occurrence | None = None,
    objective: Objective | None = None,
) -> Homework:
    """Something to do until a day, for the patient or for a family member whom a live consent lets take part.

    `objective`: what it serves, of the plan in force. Raises `Refused` when blank, due before today, without such
    a consent, or for an objective that the plan in force does not have.
    """
    staff_id = policies.may_give_homework(by, patient)
    if not title.strip() or not instructions.strip():
        raise Refused("Give the homework a title and say what to do; nothing was saved.")
    if due_on < at.astimezone(ZoneInfo(patient.site.zone)).date():
        raise Refused("The day it is due has passed; choose today or later.")
    if family_member is not None:
        _may_take_part(family_member, patient, at)
    if occurrence is not None and not occurrence.seats.filter(patient=patient).exists():
        raise Refused("The patient has no seat in this session; choose another one, nothing was saved.")
    if objective is not None:
        _may_serve(objective, patient)
    row = Homework.objects.create(
        patient=patient,
        family_member=family_member,
        objective=objective,
        title=title.strip(),
        instructions=instructions.strip(),
        occurrence=occurrence,
        due_on=due_on,
        at=at,
        by_id=staff_id,
    )
    member = family_member.pk if family_member else None
    _write(by, at, "recovery.give_homework", row, patient.pk, family_member=member)
    return row


@transaction.atomic
def answer_homework(*, by: Actor, at: datetime, homework: Homework, text: str) -> HomeworkAnswer:
    """Hand in homework: the patient, or the family member to whom it was given while the consent lives.

    Raises `Refused` for a blank answer, a second one, or when the consent has ended.
    """
    policies.may_answer(by, homework)
    locked = (
        Homework.objects.select_for_update(of=("self",))
        .select_related("patient", "family_member")
        .get(pk=homework.pk)
    )
    if locked.family_member is not None:
        _may_take_part(locked.family_member, locked.patient, at)
    rules.may_hand_in(text, answered=HomeworkAnswer.objects.filter(homework=locked).exists())
    try:
        with transaction.atomic():
            row = HomeworkAnswer.objects.create(homework=locked, text=text.strip(), at=at)
    except IntegrityError as twice:
        raise Refused("This homework was handed in already.") from twice
    member = locked.family_member_id
    _write(
        by, at, "recovery.answer_homework", row, locked.patient_id, homework=locked.pk, family_member=member
    )
    return row


@transaction.atomic
def review_homework(
    *,
    by: Actor,
    at: datetime,
    homework: Homework,
    text: str = "",
    outcome: str = "",
    occurrence: Occurrence | None = None,
) -> HomeworkReview:
    """Somebody has read the answer, or talked about it in a session (`occurrence`), with a word back if wanted.

    `outcome` is done, partly, not_done or "". Without an outcome there must be an answer. Raises `Refused` for that,
    the second time, and for a session the patient was not in.
    """
    staff_id = policies.may_give_homework(by, homework.patient)
    locked = Homework.objects.select_for_update().get(pk=homework.pk)
    if outcome not in ("", *HomeworkReview.Outcome.values):
        raise Refused("Say whether it was done, partly done or not done; nothing was saved.")
    if not outcome and not HomeworkAnswer.objects.filter(homework=locked).exists():
        raise Refused("Nothing was handed in yet, so there is nothing to review.")
    if occurrence is not None and not occurrence.seats.filter(patient_id=locked.patient_id).exists():
        raise Refused("The patient has no seat in this session; nothing was saved.")
    try:
        with transaction.atomic():
            row = HomeworkReview.objects.create(
                homework=locked,
                text=text.strip(),
                outcome=outcome,
                occurrence=occurrence,
                at=at,
                by_id=staff_id,
            )
    except IntegrityError as twice:
        raise Refused("This homework was reviewed already.") from twice
    _write(by, at, "recovery.review_homework", row, locked.patient_id, homework=locked.pk)
    return row


def _may_take_part(member: FamilyMember, patient: Patient, at: datetime) -> None:
    if member.patient_id != patient.pk or member.removed_at is not None:
        raise Refused("This family member does not belong to the patient; choose again, nothing was saved.")
    if Category.HOMEWORK not in permitted_to_family(member, at=at):
        raise Refused(
            f"No consent in force lets {member.name} take part in homework. Record one first; nothing was saved."
        )


def _may_serve(objective: Objective, patient: Patient) -> None:
    found = Objective.objects.filter(
        pk=objective.pk,
        goal__problem__plan__episode__patient=patient,
        goal__problem__plan__signed_at__isnull=False,
        goal__problem__plan__superseded_at__isnull=True,
    )
    if not found.exists():
        raise Refused("This objective is not in the plan in force; choose another, nothing was saved.")


def _write(
    by: Actor, at: datetime, action: str, row: object, patient_id: int, **detail: str | int | list[str] | None
) -> None:
    subject = f"{type(row).__name__} {row.pk}"  # type: ignore[attr-defined] # every row here has a key
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient_id, detail=detail)
