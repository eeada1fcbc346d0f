"""May this person set up the timetable, book a seat, schedule a session?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Denied
from stepwell.clinic.timetable.models import CalendarFeed


def may_set_up(by: Actor, site_id: int) -> None:
    """Programs, tracks, groups and their meetings."""
    need(by, Permission.TIMETABLE_MANAGE, site_id=site_id)


def may_list(by: Actor, site_id: int) -> None:
    """What the public reads of a program."""
    need(by, Permission.LISTING_MANAGE, site_id=site_id)


def may_book(by: Actor, site_id: int) -> None:
    """Give, change and take back a patient's seat."""
    need(by, Permission.SEAT_BOOK, site_id=site_id)


def may_schedule(by: Actor, site_id: int, facilitator_id: int | None) -> None:
    """A single session: whoever may book seats, and every clinician for sessions of their own."""
    if by.is_system or by.may(Permission.SEAT_BOOK, site_id):
        return
    own = facilitator_id is not None and facilitator_id == by.staff_id
    if not (own and by.may(Permission.NOTE_WRITE, site_id)):
        raise Denied("You can schedule sessions that you lead yourself. Ask a counselor for this one.")


def may_hand_over(by: Actor, site_id: int, facilitator_id: int | None) -> None:
    """Who leads a session may pass it on; the director may for everybody."""
    if by.is_system or by.may(Permission.TIMETABLE_MANAGE, site_id):
        return
    if facilitator_id is None or facilitator_id != by.staff_id:
        raise Denied("Only who leads this session, or the program director, can hand it over.")
    need(by, Permission.NOTE_WRITE, site_id=site_id)


def may_give_back(by: Actor, patient: Patient) -> None:
    """Patients give back their own seat; for anybody else staff release it."""
    if by.patient_id is None or by.patient_id != patient.pk:
        raise Denied("Only the patient can say this. Release the seat instead.")


def may_say_when(by: Actor, patient: Patient) -> None:
    """When somebody can come: the patient herself, and staff who book seats."""
    if by.patient_id is not None and by.patient_id == patient.pk:
        return
    may_book(by, patient.site_id)


def may_keep_apart(by: Actor, site_id: int) -> None:
    """Two patients who never sit together: a clinical decision."""
    need(by, Permission.PLACEMENT_DECIDE, site_id=site_id)


def may_say_absent(by: Actor, staff: Staff) -> None:
    """Somebody cannot lead: they say so themselves, or the director says it for them."""
    if by.staff_id is not None and by.staff_id == staff.pk:
        return
    if not (by.is_system or by.may(Permission.TIMETABLE_MANAGE, staff.site_id)):
        raise Denied("Only the person, or the program director, can say when somebody is away.")


def may_have_feed(by: Actor, staff: Staff) -> None:
    """Staff hold their own calendar address; nobody else makes or sees it."""
    if by.staff_id is None or by.staff_id != staff.pk:
        raise Denied("A calendar address is made by the person whose calendar it is.")


def may_have_own_feed(by: Actor, patient: Patient) -> None:
    """A patient's address is made, seen and changed by the patient alone: it opens the week without a login."""
    if by.patient_id is None or by.patient_id != patient.pk:
        raise Denied("Only the patient makes a calendar address, on her own phone.")


def may_read_feed(feed: CalendarFeed) -> None:
    """Whoever knows the address of a feed in use."""
    if feed.ended_at is not None:
        raise Denied("This calendar address is no longer in use.")
