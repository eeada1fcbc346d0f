from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.people.models import Patient, Room, Site, Staff
from stepwell.clinic.timetable.models.groups import Mode, Occurrence, OccurrenceKind, TherapyGroup


class Week(models.Model):
    """A site's week that is planned as a whole. `starts_on` is the first day of the site's own week."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="weeks")
    starts_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "starts_on"], name="week_once_at_a_site")]


class VersionOrigin(models.TextChoices):
    CALENDAR = "calendar", "as the calendar stands"
    SOLVED = "solved", "computed"
    COPY = "copy", "copied and changed by hand"
    REPAIR = "repair", "mended after a change"


class WeekVersion(models.Model):
    """One state of a week in the making. Published ones never change; a change of a draft is a change of its rows."""

    Origin = VersionOrigin

    week = models.ForeignKey(Week, models.PROTECT, related_name="versions")
    number = models.SmallIntegerField()
    origin = models.CharField(max_length=10, choices=VersionOrigin.choices)
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, default="", blank=True, help_text="What planners call it.")
    because = models.CharField(
        max_length=200,
        default="",
        blank=True,
        help_text="Why sessions are dropped in it: said to who sat in them.",
    )
    cost = models.IntegerField(null=True)
    bound = models.IntegerField(null=True)
    short_minutes = models.IntegerField(null=True)
    seconds = models.FloatField(null=True, help_text="That computing it took.")
    shortfalls = models.JSONField(
        default=list, help_text="As weekplan writes them; people and groups by number."
    )
    stood = models.JSONField(
        default=dict, help_text="The calendar of the week when it was made: what publishing compares with."
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    revision = models.IntegerField(
        default=0, help_text="Counts every change made by hand, each undo and redo."
    )

    class Meta:
        constraints = [
            one_of("origin", VersionOrigin, "version_origin_known"),
            models.UniqueConstraint(fields=["week", "number"], name="version_number_once_in_a_week"),
        ]


class Publication(models.Model):
    """A version becomes the week. Each supersedes the one before it, and only one can: two planners publish once."""

    week = models.ForeignKey(Week, models.PROTECT, related_name="publications")
    version = models.OneToOneField(WeekVersion, models.PROTECT, related_name="publication")
    number = models.SmallIntegerField(help_text="1, 2, 3 … of this week.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["week", "number"], name="publication_number_once_in_a_week"),
            within("number", 1, 1000, "publication_number_sensible"),
        ]


class PlannedSession(models.Model):
    """A session of a version. `occurrence` is the one on the calendar that it continues, if any."""

    version = models.ForeignKey(WeekVersion, models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=120, help_text="Its id in the plan.")
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, null=True, related_name="planned")
    group = models.ForeignKey(TherapyGroup, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=OccurrenceKind.choices)
    treatment = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    local_date = models.DateField()
    facilitator = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    cofacilitator = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    capacity = models.SmallIntegerField()
    locked = models.BooleanField(default=False)
    revision = models.IntegerField(
        default=0, help_text="Of the version when this session was last changed by hand."
    )

    class Meta:
        constraints = [
            one_of("kind", OccurrenceKind, "planned_kind_known"),
            ordered("starts", "ends", "planned_ends_after_start"),
            filled("key", "planned_has_a_key"),
            models.UniqueConstraint(fields=["version", "key"], name="planned_key_once_in_a_version"),
            models.UniqueConstraint(fields=["version", "occurrence"], name="occurrence_once_in_a_version"),
        ]


class PlannedSeat(models.Model):
    session = models.ForeignKey(PlannedSession, models.CASCADE, related_name="seats")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "patient"], name="planned_seat_once"),
        ]
        indexes = [models.Index(fields=["patient", "session"], name="planned_seats_of_a_patient")]


class PlannedVerb(models.TextChoices):
    MOVE = "move", "moved"
    SEAT = "seat", "seated"
    ADD = "add", "added"
    DROP = "drop", "dropped"
    LOCK = "lock", "locked"
    UNLOCK = "unlock", "unlocked"


class PlannedChange(models.Model):
    """A change of a draft made by hand, with the sessions it touched whole, before and after: undo is exact.

    `undone_at` is empty while it holds. `lost_at`: another change was made after the undo, so it cannot be redone.
    """

    Verb = PlannedVerb

    version = models.ForeignKey(WeekVersion, models.CASCADE, related_name="changes")
    number = models.IntegerField(help_text="1, 2, 3 … of this version.")
    verb = models.CharField(max_length=8, choices=PlannedVerb.choices)
    title = models.CharField(max_length=120, help_text="Of the session, for the button that undoes it.")
    before = models.JSONField(help_text="The sessions as they were; one that is missing was not there.")
    after = models.JSONField()
    ended = models.JSONField(
        default=dict,
        help_text="What computing said of the version and no longer holds: cost, bound, shortfalls.",
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("verb", PlannedVerb, "planned_change_verb_known"),
            models.UniqueConstraint(
                fields=["version", "number"], name="planned_change_number_once_in_a_version"
            ),
            models.CheckConstraint(
                condition=Q(lost_at__isnull=True) | Q(undone_at__isnull=False),
                name="only_an_undone_change_is_lost",
            ),
        ]


class SolveState(models.TextChoices):
    WAITING = "waiting", "waiting"
    RUNNING = "running", "computing"
    DONE = "done", "done"
    FAILED = "failed", "failed"


class Solve(models.Model):
    """A week being computed in the background. The case is kept as it was asked; progress is written as it comes.

    `heard_at` is renewed while a worker computes; one that has gone silent is taken over by another.
    """

    State = SolveState

    week = models.ForeignKey(Week, models.PROTECT, related_name="solves")
    result = models.ForeignKey(WeekVersion, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=SolveState.choices, default=SolveState.WAITING)
    seconds = models.SmallIntegerField()
    base = models.ForeignKey(
        WeekVersion, models.PROTECT, null=True, related_name="+", help_text="Whose locked sessions stay."
    )
    case = models.JSONField()
    stood = models.JSONField(default=dict, help_text="The calendar that the case was made from.")
    asked_at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_asked_at = models.DateTimeField(null=True)
    cost = models.IntegerField(null=True)
    bound = models.IntegerField(null=True)
    short_minutes = models.IntegerField(null=True)
    attempts = models.SmallIntegerField(default=0)
    message = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            one_of("state", SolveState, "solve_state_known"),
            within("seconds", 1, 600, "solve_seconds_sensible"),
            models.UniqueConstraint(
                fields=["week"], condition=Q(state__in=["waiting", "running"]), name="one_solve_at_a_time"
            ),
        ]


class WeekNotice(models.Model):
    """What a publication changes for one person: shown to exactly those until they have seen it."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="notices")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="week_notices")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="week_notices")
    changes = models.JSONField(
        help_text="[what, occurrence, start before or null], in the order of the week."
    )
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(patient__isnull=True, staff__isnull=False)
                | Q(patient__isnull=False, staff__isnull=True),
                name="notice_for_exactly_one",
            ),
            models.UniqueConstraint(
                fields=["publication", "patient"], name="patient_told_once_of_a_publication"
            ),
            models.UniqueConstraint(fields=["publication", "staff"], name="staff_told_once_of_a_publication"),
        ]
        indexes = [
            models.Index(fields=["patient"], condition=Q(seen_at__isnull=True), name="notices_of_a_patient"),
            models.Index(fields=["staff"], condition=Q(seen_at__isnull=True), name="notices_of_staff"),
        ]
