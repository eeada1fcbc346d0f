"""Somebody asks for help; what staff do about it is written as rows, the earlier ones stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.models import (
    Inquiry,
    InquiryEvent,
    InquiryEventKind,
    IntakeAppointment,
    Packet,
    ReferralFollowUp,
)
from stepwell.clinic.inquiry.queries.inquiries import danger_of, patients_like, standing_of
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Patient, Reservation, Site, Staff
from stepwell.clinic.people.rules.likeness import PersonFacts
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day

_FACTS = frozenset(
    {
        "referred_by", "birth_date", "phone", "email", "may_call", "may_voicemail", "may_text", "may_email",
        "safe_times", "asking_for", "about", "insurance", "free_times", "red_flags", "told_from_screen", "language", "heard_from", "heard_detail",
    }
)  # fmt: skip


@transaction.atomic
def receive_inquiry(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    name: str,
    source: str = "web",
    facts: Mapping[str, Any] | None = None,
    once_key: str = "",
    code: str = "",
) -> Inquiry:
    """Take in a request for help; `facts` are further columns of `Inquiry`, `code` is drawn at random unless given.

    The same `once_key` a second time, at the same moment too, answers with the inquiry made the first time.
    Raises `Refused` when the person could not be reached, or for a time of the week nobody can tick.
    """
    policies.may_receive(by, site.pk, source)
    found = Inquiry.objects.filter(once_key=once_key).first() if once_key else None
    if found is not None:
        return found
    told = _told(name, facts or {})
    try:
        with transaction.atomic():
            inquiry = Inquiry.objects.create(
                code=code or people.new_code(),
                site=site,
                source=source,
                received_at=at,
                once_key=once_key or None,
                **told,
            )
    except IntegrityError:
        # The second click of a double click came first; anything but that is a fault.
        twin = Inquiry.objects.filter(once_key=once_key).first() if once_key else None
        if twin is None:
            raise
        return twin
    announce(f"inquiries:{site.pk}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.receive",
        subject=f"Inquiry {inquiry.pk}",
        detail={"source": source, "site": site.pk, "red_flags": len(inquiry.red_flags)},
    )
    return inquiry


@transaction.atomic
def act_on_danger(*, by: Actor, at: datetime, inquiry: Inquiry, note: str) -> InquiryEvent:
    """What was done about danger to life, in words; only then goes everything else on. Raises `Refused` for blanks."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    if not note.strip():
        raise Refused("Write down what was done about the danger, and who knows of it; nothing was saved.")
    event = _happens(by, at, row, InquiryEventKind.SAFETY, note=note)
    return _recorded(by, at, row, event, "act_on_danger")


@transaction.atomic
def answer_inquiry(*, by: Actor, at: datetime, inquiry: Inquiry, note: str = "") -> InquiryEvent:
    """Somebody spoke with the person: the clock of the answer stops."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    return _recorded(by, at, row, _happens(by, at, row, InquiryEventKind.ANSWERED, note=note), "answer")


@transaction.atomic
def log_attempt(*, by: Actor, at: datetime, inquiry: Inquiry, how: str, note: str = "") -> InquiryEvent:
    """Tried by call, voicemail, text or email and not reached; the person still waits."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    if how not in ("call", "voicemail", "text", "email"):
        raise Refused("Say how the person was tried: call, voicemail, text or e-mail. Nothing was saved.")
    event = _happens(by, at, row, InquiryEventKind.ATTEMPTED, reason=how, note=note)
    return _recorded(by, at, row, event, "attempt", {"how": how})


@transaction.atomic
def screen_out(
    *,
    by: Actor,
    at: datetime,
    inquiry: Inquiry,
    reason: str,
    referred_to: str,
    contact: str = "",
    note: str = "",
    follow_up_on: date | None = None,
    follow_up_by: Staff | None = None,
) -> InquiryEvent:
    """A warm referral: why not here, where to, and who there expects the person. Frees a booked intake.

    A warm one is followed up: on `follow_up_on`, or on the rule's day, by `follow_up_by` or by anybody who
    answers inquiries; until then it stands in the queue. Raises `Refused` while any of that is missing.
    """
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    gaps = rules.screen_out_gaps(reason, referred_to, contact)
    if gaps:
        raise Refused(f"{' '.join(gaps)} Nothing was saved.")
    due_on = _follow_up_day(row, at, reason, follow_up_on, follow_up_by)
    event = _happens(
        by,
        at,
        row,
        InquiryEventKind.SCREENED_OUT,
        reason=reason,
        referred_to=referred_to.strip()[:200],
        referral_contact=contact.strip()[:200],
        note=note,
    )
    for intake in IntakeAppointment.objects.select_for_update().filter(
        inquiry=row, cancelled_at=None, arrived_at=None
    ):
        _let_go(intake, at)
    if due_on is not None:
        ReferralFollowUp.objects.create(referral=event, due_on=due_on, who=follow_up_by, planned_at=at)
    _end_packets(by, at, row, "referred elsewhere")
    return _recorded(by, at, row, event, "screen_out", {"reason": reason})


@transaction.atomic
def close_inquiry(*, by: Actor, at: datetime, inquiry: Inquiry, reason: str, note: str = "") -> InquiryEvent:
    """It ends without a referral. As 'not reached' only after enough tries. Raises `Refused`."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    standing = standing_of(row)
    answered = standing.state is rules.InquiryState.ANSWERED
    if standing.open:
        gap = rules.closing_gap(reason, standing.attempts, answered, rules.load_intake_rule())
        if gap:
            raise Refused(gap)
    event = _happens(by, at, row, InquiryEventKind.CLOSED, reason=reason, note=note)
    _end_packets(by, at, row, "closed")
    return _recorded(by, at, row, event, "close", {"reason": reason})


@transaction.atomic
def reopen_inquiry(*, by: Actor, at: datetime, inquiry: Inquiry, note: str = "") -> InquiryEvent:
    """It waits for an answer again, from now on. An intake that is booked is cancelled instead."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    if IntakeAppointment.objects.filter(inquiry=row, cancelled_at=None, arrived_at=None).exists():
        raise Refused("An intake is booked; cancel the intake, and the inquiry is open again.")
    event = _happens(by, at, row, InquiryEventKind.REOPENED, note=note)
    return _recorded(by, at, row, event, "reopen")


@transaction.atomic
def make_patient_of(
    *,
    by: Actor,
    at: datetime,
    inquiry: Inquiry,
    given_name: str = "",
    family_name: str = "",
    birth_date: date | None = None,
    existing: Patient | None = None,
    another_person: bool = False,
) -> Patient:
    """Tie the inquiry to a record on file, or make one of what was told.

    A new record is refused while one on file looks like the same person, unless somebody has looked and says
    that it is `another_person`. What was told of how to reach the person is taken over only when they asked
    for themselves. Doing it again answers with the same patient. Raises `Refused`.
    """
    policies.may_register(by, inquiry)
    row = _locked(inquiry)
    if row.patient is not None:
        if existing is not None and existing.pk != row.patient.pk:
            raise Refused(f"This inquiry already belongs to {row.patient.full_name}. Nothing was changed.")
        return row.patient
    if row.source == Inquiry.Source.HANDOFF:
        raise Refused("This person came with a hand-off. Choose whose record it is there; nothing was saved.")
    if existing is not None and existing.site_id != row.site_id:
        raise Refused("This patient belongs to another site. Ask the program director; nothing was saved.")
    patient = existing or _registered(by, at, row, given_name, family_name, birth_date, another_person)
    row.patient = patient
    row.save(update_fields=["patient"])
    _hold_patient(row, patient, at)
    announce(f"inquiries:{row.site_id}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.make_patient",
        subject=f"Inquiry {row.pk}",
        patient_id=patient.pk,
        detail={"new": existing is None, "another_person": another_person},
    )
    return patient


def _told(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, checked: somebody can be reached, and the week can be read."""
    unknown = set(facts) - _FACTS
    if unknown:
        raise TypeError(f"An inquiry has no {', '.join(sorted(unknown))}.")
    told = {**facts, "name": name.strip()}
    if not told["name"]:
        raise Refused("A name is missing; a first name is enough. Nothing was saved.")
    by_phone = told.get("phone", "").strip() and (told.get("may_call") or told.get("may_text"))
    by_email = told.get("email", "").strip() and told.get("may_email")
    if not (by_phone or by_email):
        raise Refused(
            "There is no way to answer yet: give a phone number and allow calls or texts, or give an e-mail "
            "address and allow e-mail. Nothing was saved."
        )
    if told.get("heard_from", "") not in ("", *rules.load_sources()):
        raise Refused("Choose how they heard of us from the list, or leave it open. Nothing was saved.")
    if not set(told.get("told_from_screen", [])) <= set(rules.tellable()):
        raise Refused("Send only answers of the self-screen that were shown. Nothing was saved.")
    try:
        rules.free_week(told.get("free_times", []))
    except ValueError as fault:
        raise Refused(f"{fault} Nothing was saved.") from fault
    return told


_EVEN_IN_DANGER = frozenset(
    {
        InquiryEventKind.ATTEMPTED,
        InquiryEventKind.REOPENED,
        InquiryEventKind.DANGER,
        InquiryEventKind.SAFETY,
    }
)


def _follow_up_day(
    row: Inquiry, at: datetime, reason: str, wanted: date | None, who: Staff | None
) -> date | None:
    """The day of the first follow-up; None for a reason that is not warm and for which nobody wants one."""
    rule, today = rules.load_follow_up_rule(), site_day(row.site, at)
    if wanted is None:
        if not rules.load_screen_out_reasons()[reason].warm:
            return None
        wanted = today + timedelta(days=rule.first_after_days)
    fault = rules.follow_up_fault(wanted, today, rule)
    if fault:
        raise Refused(fault)
    if who is not None and who.site_id != row.site_id:
        raise Refused(f"{who.short_name} works at another site. Choose somebody else; nothing was saved.")
    return wanted


def _end_packets(by: Actor, at: datetime, row: Inquiry, because: str) -> None:
    """Papers that are still on their way can be opened no more."""
    Packet.objects.filter(inquiry=row, accepted_at=None, ended_at=None).update(
        ended_at=at, ended_by_id=by.staff_id, ended_because=because
    )


def _locked(inquiry: Inquiry) -> Inquiry:
    """The row as it is now, held until the end of the transaction."""
    return (
        Inquiry.objects.select_for_update(of=("self",))
        .select_related("site", "patient")
        .prefetch_related("events")
        .get(pk=inquiry.pk)
    )


def _happens(
    by: Actor,
    at: datetime,
    row: Inquiry,
    kind: InquiryEventKind,
    *,
    reason: str = "",
    note: str = "",
    referred_to: str = "",
    referral_contact: str = "",
) -> InquiryEvent:
    """One more row of the inquiry's story, if its state allows it and no danger was left unanswered."""
    if kind not in _EVEN_IN_DANGER and danger_of(row):
        raise Refused(rules.DANGER_FIRST)
    objection = rules.objection_to(standing_of(row).state, rules.InquiryEventKind(kind))
    if objection:
        raise Refused(objection)
    return InquiryEvent.objects.create(
        inquiry=row,
        kind=kind,
        at=at,
        by_id=by.staff_id,
        reason=reason,
        note=note.strip(),
        referred_to=referred_to,
        referral_contact=referral_contact,
    )


def _recorded(
    by: Actor,
    at: datetime,
    row: Inquiry,
    event: InquiryEvent,
    verb: str,
    detail: Mapping[str, Any] | None = None,
) -> InquiryEvent:
    """Tell the open queues, and leave the entry in the trail."""
    announce(f"inquiries:{row.site_id}")
    trail.record(
        by=by,
        at=at,
        action=f"inquiry.{verb}",
        subject=f"Inquiry {row.pk}",
        patient_id=row.patient_id,
        detail=detail or {},
    )
    return event


def _let_go(intake: IntakeAppointment, at: datetime) -> None:
    """Cancels the intake and frees who and what it held; the rows stay."""
    intake.cancelled_at = at
    intake.save(update_fields=["cancelled_at"])
    Reservation.objects.filter(subject=Reservation.For.INTAKE, subject_id=intake.pk, released_at=None).update(
        released_at=at
    )


def _registered(
    by: Actor,
    at: datetime,
    row: Inquiry,
    given_name: str,
    family_name: str,
    birth_date: date | None,
    another_person: bool,
) -> Patient:
    if not (given_name.strip() and family_name.strip() and birth_date):
        raise Refused("Given name, family name and date of birth are needed for a record; nothing was saved.")
    if birth_date.year < 1900:
        raise Refused("The date of birth is before 1900. Check the year; nothing was saved.")
    own = row.asking_for == "self"
    reach = ("phone", "email", "may_call", "may_voicemail", "may_text", "may_email", "safe_times", "language")
    facts = {column: getattr(row, column) for column in reach} if own else {}
    new = PersonFacts(
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        phone=facts.get("phone", ""),
        email=facts.get("email", ""),
    )
    if not another_person and patients_like(by, new):
        raise Refused(
            "A patient on file looks like this person. Look at the record, then choose it or say that this is "
            "another person; nothing was saved."
        )
    return people.register_patient(
        by=by,
        at=at,
        site=row.site,
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        facts=facts,
    )


def _hold_patient(row: Inquiry, patient: Patient, at: datetime) -> None:
    """The intake that is booked becomes the patient's own appointment."""
    intake = (
        IntakeAppointment.objects.select_for_update()
        .filter(inquiry=row, cancelled_at=None)
        .order_by("-booked_at")
        .first()
    )
    if intake is None:
        return
    intake.patient = patient
    intake.save(update_fields=["patient"])
    if intake.ends <= at:
        return
    try:
        with transaction.atomic():
            Reservation.objects.create(
                patient=patient,
                during=DateTimeTZRange(intake.starts, intake.ends, "[)"),
                subject=Reservation.For.INTAKE,
                subject_id=intake.pk,
                made_at=at,
            )
    except IntegrityError as clash:
        raise Refused(
            f"{patient.board_name} already has an appointment at the time of the intake. Move the intake first; "
            "nothing was saved."
        ) from clash
