"""Reading the timetable, starting from who asks. Each function is a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent.queries import permitted_to_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.people.models import FamilyMember, Patient, Reservation, Room, Staff
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.timetable.models import (
    Enrollment,
    Meeting,
    Occurrence,
    Program,
    Seat,
    TherapyGroup,
    Track,
)

_LIVE = Q(released_at__isnull=True)


def occurrences_for(by: Actor) -> Any:
    """Sessions at the sites of `by`, with room, group, who leads them and `taken` seats."""
    taken = (
        Seat.objects.filter(_LIVE, occurrence=OuterRef("pk"))
        .order_by()
        .values("occurrence")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        Occurrence.objects.filter(site_id__in=by.sites_with(Permission.TIMETABLE_READ))
        .select_related("site", "room", "group", "facilitator", "cofacilitator")
        .annotate(taken=Coalesce(Subquery(taken, output_field=IntegerField()), 0))
    )


def occurrence_for(by: Actor, occurrence_id: int) -> Occurrence:
    """One session. Raises `Occurrence.DoesNotExist` for one of another site and for a missing one alike."""
    return ask_occurrence(by, occurrence_id)()


def ask_occurrence(by: Actor, occurrence_id: int) -> Callable[[], Occurrence]:
    """Sends the statement of `occurrence_for`; what is given back waits for it, and raises as that does."""
    asked = _ONE_SESSION.ahead(by, occurrence_id=occurrence_id)

    def answer() -> Occurrence:
        found: list[Occurrence] = asked()
        if not found:
            raise Occurrence.DoesNotExist
        return found[0]

    return answer


_ONE_SESSION = Prepared(lambda by, *, occurrence_id: occurrences_for(by).filter(pk=occurrence_id))


def sessions_between(by: Actor, first: date, last: date, *, cancelled: bool = True) -> Any:
    """Sessions of the home site on local days first to last, both included, by time. One statement."""
    found = occurrences_for(by).filter(site_id=by.home.site_id, local_date__gte=first, local_date__lte=last)
    return (found if cancelled else found.filter(cancelled_at__isnull=True)).order_by("starts", "title", "pk")


@dataclass(frozen=True, slots=True)
class BoardSession:
    """A session as a board shows it; `leads` and `room` are names, "" when there is none."""

    pk: int
    site_id: int
    kind: str
    treatment: str
    title: str
    local_date: date
    starts: datetime
    ends: datetime
    mode: str
    capacity: int
    cancelled_at: datetime | None
    cancelled_because: str
    facilitator_id: int | None
    cofacilitator_id: int | None
    leads: str
    room: str
    taken: int


def board_between(by: Actor, first: date, last: date) -> list[BoardSession]:
    """`sessions_between` as a board shows them: names and numbers, no rows of other tables. One statement."""
    return ask_board(by, first, last)()


def ask_board(by: Actor, first: date, last: date) -> Callable[[], list[BoardSession]]:
    """Sends the statement of `board_between` (`clinic.ahead`)."""
    asked = _BOARD.ahead(by, first, last)
    return lambda: [BoardSession(*row) for row in asked()]


def board_session(by: Actor, occurrence_id: int) -> BoardSession:
    """One session as a board shows it. Raises `Occurrence.DoesNotExist` as `occurrence_for` does."""
    return BoardSession(*_BOARD_SESSION.one(Occurrence.DoesNotExist, by, occurrence_id=occurrence_id))


def _on_board(sessions: Any) -> Any:
    return sessions.select_related(None).values_list(
        "pk",
        "site_id",
        "kind",
        "treatment",
        "title",
        "local_date",
        "starts",
        "ends",
        "mode",
        "capacity",
        "cancelled_at",
        "cancelled_because",
        "facilitator_id",
        "cofacilitator_id",
        Coalesce("facilitator__short_name", Value("")),
        Coalesce("room__name", Value("")),
        "taken",
    )


_BOARD = Prepared(lambda by, first, last: _on_board(sessions_between(by, first, last)))
_BOARD_SESSION = Prepared(
    lambda by, *, occurrence_id: _on_board(occurrences_for(by).filter(pk=occurrence_id))
)


def seats_for(by: Actor, permission: Permission = Permission.TIMETABLE_READ) -> Any:
    """Seats held now of patients whom `by` may see; a patient sees the own ones."""
    return Seat.objects.filter(_LIVE, patient__in=patients_for(by, permission))


def coming_seats(by: Actor, at: datetime, patient: Patient, *, until: datetime | None = None) -> Any:
    """Where the patient is expected from now on, by time, with the session. One statement."""
    found = seats_for(by).filter(patient=patient, occurrence__ends__gt=at)
    if until is not None:
        found = found.filter(occurrence__starts__lt=until)
    return found.select_related(
        "occurrence__room", "occurrence__facilitator", "occurrence__group", "occurrence__site"
    ).order_by("occurrence__starts", "pk")


def family_seats(by: Actor, member: FamilyMember, at: datetime, *, until: datetime) -> Any:
    """Where the patient is expected, for a family member: nothing unless a consent permits the schedule at `at`."""
    mine = member.pk in by.family_ids and member.removed_at is None
    if not mine or Category.SCHEDULE not in permitted_to_family(member, at=at):
        return Seat.objects.none()
    return (
        Seat.objects.filter(
            _LIVE,
            patient_id=member.patient_id,
            occurrence__cancelled_at__isnull=True,
            occurrence__ends__gt=at,
            occurrence__starts__lt=until,
        )
        .select_related("occurrence__room")
        .order_by("occurrence__starts", "pk")
    )


def seat_for(by: Actor, seat_id: int, permission: Permission = Permission.TIMETABLE_READ) -> Seat:
    """One seat held now; `Seat.DoesNotExist` for a stranger's."""
    found: Seat = seats_for(by, permission).select_related("patient__site", "occurrence").get(pk=seat_id)
    return found


def enrollments_of(by: Actor, patient: Patient) -> Any:
    """The groups to which the patient belongs now, with their meetings. Two statements."""
    return (
        Enrollment.objects.filter(
            patient__in=patients_for(by, Permission.TIMETABLE_READ),
            patient_id=patient.pk,
            ends_on__isnull=True,
        )
        .select_related("group__facilitator", "group__room", "patient__site")
        .prefetch_related(Prefetch("group__meetings", Meeting.objects.order_by("weekday", "starts_at")))
        .order_by("starts_on", "pk")
    )


def enrollment_for(by: Actor, enrollment_id: int) -> Enrollment:
    """One enrollment; `Enrollment.DoesNotExist` for a stranger's."""
    mine = patients_for(by, Permission.TIMETABLE_READ)
    found: Enrollment = (
        Enrollment.objects.filter(patient__in=mine)
        .select_related("patient__site", "group")
        .get(pk=enrollment_id)
    )
    return found


def openings(by: Actor, first: datetime, last: datetime) -> Any:
    """Group sessions of the home site that start in [first, last) with a seat left. One statement."""
    return (
        occurrences_for(by)
        .filter(
            site_id=by.home.site_id,
            kind=Occurrence.Kind.GROUP,
            starts__gte=first,
            starts__lt=last,
            cancelled_at__isnull=True,
            taken__lt=F("capacity"),
        )
        .order_by("starts", "pk")
    )


def openings_for(by: Actor, patient: Patient, first: datetime, last: datetime) -> Any:
    """Those openings in which the patient has no seat and clashes with nothing the patient has."""
    during = Func(
        OuterRef("starts"),
        OuterRef("ends"),
        Value("[)"),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )
    elsewhere = Reservation.objects.filter(_LIVE, patient=patient, during__overlap=during)
    return openings(by, first, last).filter(site_id=patient.site_id).exclude(Exists(elsewhere))


def programs_for(by: Actor) -> Any:
    """Programs of the home site with their tracks. Two statements."""
    return (
        Program.objects.filter(site_id__in=_home(by))
        .prefetch_related(Prefetch("tracks", Track.objects.order_by("name")))
        .order_by("-minutes_least", "name")
    )


def tracks_for(by: Actor) -> Any:
    """Tracks of the home site."""
    return (
        Track.objects.filter(program__site_id__in=_home(by))
        .select_related("program")
        .order_by("program", "name")
    )


def groups_for(by: Actor, today: date) -> Any:
    """Groups of the home site that have not ended, with meetings and how many belong to them. Three statements."""
    enrolled = Count("enrollments", filter=Q(enrollments__ends_on__isnull=True), distinct=True)
    return (
        TherapyGroup.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), site_id__in=_home(by))
        .select_related("facilitator", "cofacilitator", "room", "site")
        .prefetch_related(
            Prefetch(
                "meetings",
                Meeting.objects.filter(Q(last_on__isnull=True) | Q(last_on__gte=today)).order_by(
                    "weekday", "starts_at"
                ),
            ),
            Prefetch("tracks", Track.objects.select_related("program").order_by("name")),
        )
        .annotate(enrolled=enrolled)
        .order_by("name", "pk")
    )


def staff_here(by: Actor, today: date) -> Any:
    """Staff of the home site who work here today, for choosing who leads."""
    return Staff.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), site_id__in=_home(by), starts_on__lte=today
    ).order_by("name")


def rooms_here(by: Actor) -> Any:
    """Rooms of the home site."""
    return Room.objects.filter(site_id__in=_home(by)).order_by("name")


def _home(by: Actor) -> tuple[int, ...]:
    mine = by.sites_with(Permission.TIMETABLE_READ)
    return (by.home.site_id,) if by.home.site_id in mine else ()
