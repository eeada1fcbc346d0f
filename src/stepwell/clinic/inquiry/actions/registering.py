"""The record behind an inquiry: one on file, or a new one made of what was told."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import policies
from stepwell.clinic.inquiry.actions.story import _locked
from stepwell.clinic.inquiry.models import Inquiry, IntakeAppointment
from stepwell.clinic.inquiry.queries.inquiries import patients_like
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Patient, Reservation
from stepwell.clinic.people.rules import PersonFacts, birth_date_fault
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


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
    if fault := birth_date_fault(birth_date, site_day(row.site, at)):
        raise Refused(f"The date of birth {fault}. Check the year; nothing was saved.")
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
