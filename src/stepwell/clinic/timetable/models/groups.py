from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.people.models import Patient, Room, Site, Staff


class Program(models.Model):
    """A level of care as this site offers it, with its bands of hours."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="programs")
    name = models.CharField(max_length=120)
    level = models.CharField(max_length=10)
    minutes_least = models.SmallIntegerField(help_text="A week.")
    minutes_most = models.SmallIntegerField(help_text="A week.")
    days_least = models.SmallIntegerField(default=3)
    days_most = models.SmallIntegerField(default=5)
    planned_weeks = models.SmallIntegerField(default=12)
    service_code = models.CharField(max_length=10, default="H0015")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="program_name_once_at_a_site"),
            models.CheckConstraint(
                condition=Q(minutes_most__gte=F("minutes_least")), name="program_most_not_below_least"
            ),
        ]


class TrackKind(models.TextChoices):
    DAY = "day", "Day"
    EVENING = "evening", "Evening"
    WEEKEND = "weekend", "Weekend"


class Track(models.Model):
    Kind = TrackKind

    program = models.ForeignKey(Program, models.PROTECT, related_name="tracks")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    listed = models.BooleanField(default=True, help_text="Shown to the public once its program is published.")

    class Meta:
        constraints = [
            one_of("kind", TrackKind, "track_kind_known"),
            models.UniqueConstraint(fields=["program", "name"], name="track_name_once_in_a_program"),
        ]


class Mode(models.TextChoices):
    ON_SITE = "on_site", "on site"
    VIDEO = "video", "video"
    BOTH = "both", "on site or video"


class TherapyGroup(models.Model):
    """A group that meets again and again; `kind` is the kind of treatment (plan.rules)."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="groups")
    tracks = models.ManyToManyField(Track, related_name="groups")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    curriculum = models.CharField(
        max_length=60, default="", blank=True, help_text="Key; its topics are in `topics` then."
    )
    topics = models.JSONField(default=list, help_text="Titles of topics in order; rolling.")
    facilitator = models.ForeignKey(Staff, models.PROTECT, related_name="leads")
    cofacilitator = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="coleads")
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="groups")
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.ON_SITE)
    least = models.SmallIntegerField(default=3)
    good = models.SmallIntegerField(default=6, help_text="Fewer people than this make it a thin group.")
    capacity = models.SmallIntegerField()
    leaders = models.SmallIntegerField(default=1, help_text="1, or 2: one leads, one co-leads.")
    each_week = models.SmallIntegerField(default=5, help_text="At most so often for one patient in a week.")
    needs = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    features = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    closed_series = models.BooleanField(default=False, help_text="Only who is enrolled; nobody joins later.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            filled("name", "group_has_a_name"),
            one_of("mode", Mode, "group_mode_known"),
            models.CheckConstraint(
                condition=Q(capacity__gte=F("least")), name="group_capacity_not_below_least"
            ),
            models.CheckConstraint(
                condition=Q(mode="video") | Q(room__isnull=False), name="group_on_site_has_a_room"
            ),
            within("capacity", 1, 100, "group_capacity_sensible"),
            within("leaders", 1, 2, "group_has_one_or_two_leaders"),
            within("each_week", 1, 20, "group_each_week_sensible"),
            models.CheckConstraint(condition=Q(good__gte=1), name="group_good_size_at_least_one"),
        ]


class Meeting(models.Model):
    """When a group meets, in wall time of its site: each week on this weekday."""

    group = models.ForeignKey(TherapyGroup, models.CASCADE, related_name="meetings")
    weekday = models.SmallIntegerField()
    starts_at = models.TimeField()
    minutes = models.SmallIntegerField()
    every_weeks = models.SmallIntegerField(default=1)
    first_on = models.DateField()
    last_on = models.DateField(null=True)

    class Meta:
        constraints = [
            within("weekday", 0, 6, "meeting_on_a_weekday"),
            within("minutes", 15, 480, "meeting_minutes_sensible"),
            within("every_weeks", 1, 8, "meeting_interval_sensible"),
            models.UniqueConstraint(
                fields=["group", "weekday", "starts_at", "first_on"], name="meeting_once"
            ),
        ]


class OccurrenceKind(models.TextChoices):
    GROUP = "group", "Group"
    INDIVIDUAL = "individual", "Individual"
    FAMILY = "family", "Family"
    CRISIS = "crisis", "Crisis"
    CASE_MANAGEMENT = "case_management", "Case management"
    MEDICAL = "medical", "Medical"
    PEER = "peer", "Peer support"


class Occurrence(models.Model):
    """One session that takes place (or took place): a row, never computed on the fly.

    Room and staff are held by `people.Reservation` rows, so that the database refuses overlaps.
    """

    Kind = OccurrenceKind

    site = models.ForeignKey(Site, models.PROTECT, related_name="occurrences")
    group = models.ForeignKey(TherapyGroup, models.PROTECT, null=True, related_name="occurrences")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="occurrences")
    local_date = models.DateField(help_text="The day in the site's zone.")
    instead_of = models.DateField(
        null=True, help_text="Moved: the day of its series that it stands for, which is not made again."
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    treatment = models.CharField(max_length=20, help_text="Kind of treatment (plan.rules).")
    title = models.CharField(max_length=120)
    topic = models.CharField(max_length=200, default="", blank=True)
    curriculum = models.CharField(
        max_length=60, default="", blank=True, help_text="Key of the one that the topic is of."
    )
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    facilitator = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="occurrences")
    cofacilitator = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    capacity = models.SmallIntegerField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            one_of("kind", OccurrenceKind, "occurrence_kind_known"),
            ordered("starts", "ends", "occurrence_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(kind="group") | Q(group__isnull=False), name="group_session_has_its_group"
            ),
            models.UniqueConstraint(fields=["meeting", "local_date"], name="meeting_once_a_day"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(cancelled_because=""),
                name="cancelled_with_a_reason",
            ),
            within("capacity", 1, 100, "occurrence_capacity_sensible"),
        ]
        indexes = [
            models.Index(fields=["site", "starts"], name="occurrences_of_a_site"),
            models.Index(fields=["facilitator", "starts"], name="occurrences_of_staff"),
        ]


class Enrollment(models.Model):
    """A patient belongs to a group from a day on; each coming occurrence gets a `Seat`."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="enrollments")
    group = models.ForeignKey(TherapyGroup, models.PROTECT, related_name="enrollments")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            ordered("starts_on", "ends_on", "enrollment_ends_after_start", equal=True),
            models.UniqueConstraint(
                fields=["patient", "group"],
                condition=Q(ends_on__isnull=True),
                name="enrolled_once_in_a_group",
            ),
        ]


class Seat(models.Model):
    """A patient's place in one occurrence. `number` runs from 1 to the capacity: the last seat goes once."""

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="seats")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="seats")
    number = models.SmallIntegerField()
    capacity = models.SmallIntegerField(help_text="Of the occurrence when the seat was taken.")
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.ON_SITE)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_because = models.CharField(max_length=200, default="", blank=True)
    given_back = models.BooleanField(
        default=False, db_default=False, help_text="The patient said so: cannot come to this session."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(given_back=False) | Q(released_at__isnull=False), name="given_back_is_released"
            ),
            models.UniqueConstraint(
                fields=["occurrence", "number"], condition=Q(released_at__isnull=True), name="seat_taken_once"
            ),
            models.UniqueConstraint(
                fields=["occurrence", "patient"],
                condition=Q(released_at__isnull=True),
                name="one_seat_a_patient",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & Q(number__lte=F("capacity")), name="seat_within_capacity"
            ),
        ]
        indexes = [models.Index(fields=["patient", "occurrence"], name="seats_of_a_patient")]
