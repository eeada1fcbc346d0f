"""When a patient can come, what groups may ask of her, and who never sits in one session with whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies, queries
from stepwell.clinic.timetable.actions.availability import _begins_not_in_a_week_that_is_over, _end_before
from stepwell.clinic.timetable.models import KeptApart, PatientTag, PatientWindow
from stepwell.clinic.timetable.rules.planning import load_defaults
from stepwell.clinic.timetable.rules.windows import Window, problems, tidy


@transaction.atomic
def set_patient_windows(
    *, by: Actor, at: datetime, patient: Patient, windows: Sequence[Window], first_on: date
) -> list[PatientWindow]:
    """The whole set holds from `first_on` on: new rows, the old ones end the day before.

    By staff who book seats, or by the patient herself. Nothing that is booked changes: what no longer fits is
    work for the staff (`queries.misfits`). Raises `Refused` with what is wrong.
    """
    policies.may_say_when(by, patient)
    wrong = problems(windows)
    if wrong:
        raise Refused(" ".join(wrong))
    _begins_not_in_a_week_that_is_over(patient.site_id, at, first_on)
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    _end_before(PatientWindow.objects.filter(patient=patient), first_on)
    rows = PatientWindow.objects.bulk_create(
        PatientWindow(
            patient=patient,
            weekday=window.weekday,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            preferred=window.preferred,
            on_site=window.on_site,
            video=window.video,
            first_on=first_on,
            at=at,
            by_id=by.staff_id,
        )
        for window in tidy(windows)
    )
    if by.patient_id == patient.pk:
        _tell_what_no_longer_fits(by, at, patient)
    announce(f"site:{patient.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.set_patient_windows",
        subject=f"Patient {patient.pk}",
        patient_id=patient.pk,
        detail={"first_on": first_on.isoformat(), "windows": len(rows)},
    )
    return rows


def _tell_what_no_longer_fits(by: Actor, at: datetime, patient: Patient) -> None:
    """An alert for the staff when a change by the patient's own hand leaves her in sessions she cannot come to."""
    left = queries.misfits(by, at, patient, until=at + timedelta(weeks=load_defaults().weeks_made + 1))
    if not left:
        return
    count = "one of the sessions" if len(left) == 1 else f"{len(left)} of the sessions"
    raise_alert(
        by=by,
        at=at,
        patient=patient,
        kind="windows_changed",
        sentence=f"Changed when to come: {count} booked no longer {'fits' if len(left) == 1 else 'fit'}. "
        "Open the schedule and move them.",
        subject=f"Patient {patient.pk}",
        urgent=False,
    )


@transaction.atomic
def set_patient_tags(*, by: Actor, at: datetime, patient: Patient, tags: Iterable[str]) -> list[PatientTag]:
    """What groups may ask for, as a whole set: new ones begin now, those left out end now. Raises `Refused`."""
    policies.may_book(by, patient.site_id)
    wanted = {" ".join(tag.lower().split()) for tag in tags} - {""}
    if any(len(tag) > 40 for tag in wanted):
        raise Refused("A tag is one or two words, 40 signs at most. Nothing was saved.")
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    held = {row.tag: row for row in PatientTag.objects.filter(patient=patient, ended_at__isnull=True)}
    PatientTag.objects.filter(pk__in=[row.pk for tag, row in held.items() if tag not in wanted]).update(
        ended_at=at
    )
    new = PatientTag.objects.bulk_create(
        PatientTag(patient=patient, tag=tag, at=at, by_id=by.staff_id) for tag in sorted(wanted - set(held))
    )
    trail.record(
        by=by,
        at=at,
        action="timetable.set_patient_tags",
        subject=f"Patient {patient.pk}",
        patient_id=patient.pk,
        detail={"begun": len(new), "ended": len(set(held) - wanted)},
    )
    return sorted([*(row for tag, row in held.items() if tag in wanted), *new], key=lambda row: row.tag)


@transaction.atomic
def keep_apart(*, by: Actor, at: datetime, patient: Patient, other: Patient, because: str) -> KeptApart:
    """These two never sit in one session from now on. The trail of each chart tells only that there is a rule."""
    policies.may_keep_apart(by, patient.site_id)
    policies.may_keep_apart(by, other.site_id)
    if patient.pk == other.pk:
        raise Refused("Choose two different people; nothing was saved.")
    if not because.strip():
        raise Refused("Say why they are kept apart; only the team reads it.")
    first, second = sorted((patient, other), key=lambda p: p.pk)
    try:
        with transaction.atomic():
            row = KeptApart.objects.create(
                first=first, second=second, because=because.strip()[:200], at=at, by_id=by.staff_id
            )
    except IntegrityError as twice:
        raise Refused("These two are kept apart already.") from twice
    trail.record_each(
        by=by,
        at=at,
        action="timetable.keep_apart",
        of=[(first.pk, f"KeptApart {row.pk}", {}), (second.pk, f"KeptApart {row.pk}", {})],
    )
    return row


@transaction.atomic
def end_keeping_apart(*, by: Actor, at: datetime, kept: KeptApart) -> KeptApart:
    """From now on these two may sit together again. Raises `Refused` the second time."""
    row = KeptApart.objects.select_for_update(of=("self",)).select_related("first", "second").get(pk=kept.pk)
    policies.may_keep_apart(by, row.first.site_id)
    if row.ended_at is not None:
        raise Refused("This has ended already.")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    trail.record_each(
        by=by,
        at=at,
        action="timetable.end_keeping_apart",
        of=[(row.first_id, f"KeptApart {row.pk}", {}), (row.second_id, f"KeptApart {row.pk}", {})],
    )
    return row
