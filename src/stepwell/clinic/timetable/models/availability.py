from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import filled, ordered, within
from stepwell.clinic.people.models import Patient, Room, Site, Staff


class StaffAvailability(models.Model):
    """When somebody can lead sessions, in wall time of the site, each week. New hours are new rows."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="availability")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    weekday = models.SmallIntegerField()
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    first_on = models.DateField()
    last_on = models.DateField(null=True)

    class Meta:
        constraints = [
            within("weekday", 0, 6, "availability_on_a_weekday"),
            ordered("starts_at", "ends_at", "availability_ends_after_start"),
            ordered("first_on", "last_on", "availability_last_not_before_first", equal=True),
        ]


class StaffLoad(models.Model):
    """How much somebody leads, in minutes; the row with the latest `first_on` holds."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="loads")
    first_on = models.DateField()
    day_most = models.SmallIntegerField()
    week_most = models.SmallIntegerField()
    week_usual = models.SmallIntegerField(help_text="Above it is overtime.")
    rest = models.SmallIntegerField(help_text="Between two sessions.")
    travel = models.SmallIntegerField(help_text="Between a session on site and one by video.")

    class Meta:
        constraints = [
            within("day_most", 0, 1440, "load_of_a_day_sensible"),
            within("week_most", 0, 10080, "load_of_a_week_sensible"),
            within("rest", 0, 240, "rest_sensible"),
            within("travel", 0, 240, "travel_sensible"),
            models.CheckConstraint(
                condition=Q(week_usual__gte=0) & Q(week_usual__lte=F("week_most")),
                name="usual_load_within_the_most",
            ),
            models.UniqueConstraint(fields=["staff", "first_on"], name="one_load_from_a_day_on"),
        ]


class StaffTreatment(models.Model):
    """A kind of treatment (plan.rules) that somebody leads, or only co-leads."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="treatments")
    kind = models.CharField(max_length=20)
    leads = models.BooleanField(default=True)

    class Meta:
        constraints = [
            filled("kind", "treatment_is_named"),
            models.UniqueConstraint(fields=["staff", "kind"], name="treatment_once_for_staff"),
        ]


class _Out(models.Model):
    """Something that cannot be had from `starts` to `ends`, until it is withdrawn."""

    starts = models.DateTimeField()
    ends = models.DateTimeField()
    because = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class StaffAbsence(_Out):
    """Somebody cannot lead from `starts` to `ends`: ill, on leave, in training."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="absences")

    class Meta:
        constraints = [
            ordered("starts", "ends", "staff_absence_ends_after_start"),
            filled("because", "staff_absence_has_a_reason"),
        ]


class RoomOut(_Out):
    """A room that cannot be used from `starts` to `ends`."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="outs")

    class Meta:
        constraints = [
            ordered("starts", "ends", "room_out_ends_after_start"),
            filled("because", "room_out_has_a_reason"),
        ]


class Closure(models.Model):
    """A day on which a site is closed: a holiday, snow."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="closures")
    on = models.DateField()
    because = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("because", "closure_has_a_reason"),
            models.UniqueConstraint(
                fields=["site", "on"], condition=Q(withdrawn_at__isnull=True), name="closed_once_on_a_day"
            ),
        ]


class PatientWindow(models.Model):
    """A time of the week at which a patient can come, in wall time of the site. New windows are new rows.

    `by` is empty where the patient gave it herself.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="windows")
    weekday = models.SmallIntegerField()
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    preferred = models.BooleanField(default=True)
    on_site = models.BooleanField(default=True)
    video = models.BooleanField(default=True)
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            within("weekday", 0, 6, "window_on_a_weekday"),
            ordered("starts_at", "ends_at", "window_ends_after_start"),
            ordered("first_on", "last_on", "window_last_not_before_first", equal=True),
            models.CheckConstraint(condition=Q(on_site=True) | Q(video=True), name="window_for_some_mode"),
        ]
        indexes = [models.Index(fields=["patient", "first_on"], name="windows_of_a_patient")]


class PatientTag(models.Model):
    """What a group may ask for: women's group, trauma track, a language. Words are the site's own data."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="tags")
    tag = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("tag", "tag_is_named"),
            models.UniqueConstraint(
                fields=["patient", "tag"], condition=Q(ended_at__isnull=True), name="tag_once_for_a_patient"
            ),
        ]


class KeptApart(models.Model):
    """Two patients who never sit in one session. Each chart shows only that there is a rule, never the other."""

    first = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    second = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    because = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("because", "kept_apart_for_a_reason"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="kept_apart_in_order"),
            models.UniqueConstraint(
                fields=["first", "second"], condition=Q(ended_at__isnull=True), name="kept_apart_once"
            ),
        ]


class CalendarFeed(models.Model):
    """A private address from which a phone or a mail program reads somebody's sessions; `secret` opens it.

    A new address ends the one before it. `named`: titles and the place are told; otherwise "Appointment".
    """

    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="calendar_feeds")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="calendar_feeds")
    secret = models.CharField(max_length=64, unique=True)
    named = models.BooleanField(default=False)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="Noted once a day.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(patient__isnull=True, staff__isnull=False)
                | Q(patient__isnull=False, staff__isnull=True),
                name="feed_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=Q(secret__regex=r"^[\w-]{32,}$"),  # noqa: S106 - a pattern, no secret
                name="feed_secret_long_enough",
            ),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="one_feed_of_a_patient"
            ),
            models.UniqueConstraint(
                fields=["staff"], condition=Q(ended_at__isnull=True), name="one_feed_of_staff"
            ),
        ]
