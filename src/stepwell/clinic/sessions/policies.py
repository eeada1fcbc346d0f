"""May this person check in, record attendance, write, sign, co-sign, add to a note?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied
from stepwell.clinic.sessions.models import AddendumKind, KeptApartNote, Kiosk, Note
from stepwell.clinic.timetable.models import Occurrence


def may_check_in(by: Actor, site_id: int) -> None:
    """The front desk and everybody who cares for patients."""
    need(by, Permission.CHECK_IN, site_id=site_id)


def may_open_kiosk(by: Actor, site_id: int) -> int:
    """Whoever checks people in makes a device at the door a kiosk, and closes it. Returns the staff id."""
    need(by, Permission.CHECK_IN, site_id=site_id)
    if by.staff_id is None:
        raise Denied("Only staff open a kiosk.")
    return by.staff_id


def may_answer_the_door(by: Actor, kiosk: Kiosk) -> None:
    """The kiosk itself, and only while it is open."""
    if kiosk.closed_at is not None or by.user_id is not None or by.name != f"Kiosk {kiosk.pk}":
        raise Denied("This device is no kiosk any more. Staff open it again under Today.")


def may_arrive(by: Actor) -> int:
    """A patient, for the own seat. Returns the site of the record."""
    if by.patient_id is None or not by.may(Permission.OWN_RECORD):
        raise Denied("Only a patient says “I am here” on the own phone.")
    return int(Patient.objects.values_list("site_id", flat=True).get(pk=by.patient_id))


def may_record_attendance(by: Actor, site_id: int) -> None:
    """Minutes, absences and their reasons."""
    need(by, Permission.ATTENDANCE_RECORD, site_id=site_id)


def may_receive_guests(by: Actor, site_id: int) -> int:
    """A patient's family in a session: whoever records attendance there. Returns the staff id."""
    need(by, Permission.ATTENDANCE_RECORD, site_id=site_id)
    if by.staff_id is None:
        raise Denied("Only staff record who is in the room.")
    return by.staff_id


def may_write_note(by: Actor, occurrence: Occurrence) -> int:
    """Only who led the session writes about it. Returns the writer's staff id."""
    need(by, Permission.NOTE_WRITE, site_id=occurrence.site_id)
    if by.staff_id is None or not leads(by, occurrence):
        who = occurrence.facilitator.name if occurrence.facilitator else "nobody yet"
        raise Denied(
            f"Only who leads this session writes its note: {who}. Ask to have the session handed over."
        )
    return by.staff_id


def leads(by: Actor, occurrence: Occurrence) -> bool:
    """Facilitator or co-facilitator."""
    return by.staff_id is not None and by.staff_id in (occurrence.facilitator_id, occurrence.cofacilitator_id)


def may_cosign_note(by: Actor, note: Note) -> int:
    """The supervisor named on the note, with a role that co-signs. Returns the supervisor's staff id."""
    need(by, Permission.NOTE_COSIGN, site_id=note.occurrence.site_id)
    if by.staff_id is None or by.staff_id != note.cosigner_id:
        who = note.cosigner.name if note.cosigner else "nobody"
        raise Denied(f"This note waits for the co-signature of {who}.")
    return by.staff_id


def may_add(by: Actor, note: Note, kind: str) -> int:
    """An addendum: by whoever writes notes at this site. A correction: by who signed, or by whoever co-signs notes
    once the author has an end of service. Returns the staff id."""
    site_id = note.occurrence.site_id
    need(by, Permission.NOTE_WRITE, site_id=site_id)
    if by.staff_id is None:
        raise Denied("Only staff add to a note.")
    signed = by.staff_id in (note.author_id, note.cosigner_id)
    left = note.author.ends_on is not None and by.may(Permission.NOTE_COSIGN, site_id)
    if kind != AddendumKind.ADDENDUM and not signed and not left:
        raise Denied("Only who signed this note corrects it. Write an addendum instead.")
    return by.staff_id


def may_keep_apart(by: Actor, patient: Patient) -> int:
    """A note kept apart is a counselor's or therapist's own. Returns the author's staff id."""
    need(by, Permission.NOTE_KEEP_APART, site_id=patient.site_id)
    if by.staff_id is None:
        raise Denied("Only a member of staff keeps notes apart, because each has its author.")
    return by.staff_id


def may_revise_kept_apart(by: Actor, note: KeptApartNote) -> None:
    """Its author, as long as the role lasts."""
    if may_keep_apart(by, note.patient) != note.author_id:
        raise Denied("Only its author reads and changes a note that is kept apart.")
