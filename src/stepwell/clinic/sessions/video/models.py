from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, ordered
from stepwell.clinic.people.models import FamilyMember, Patient, Staff
from stepwell.clinic.timetable.models import Occurrence


class VideoRoomKind(models.TextChoices):
    MESH = "mesh", "from browser to browser"
    JANUS = "janus", "through the gateway"


class VideoRoom(models.Model):
    """The room of one session by video, made when somebody first comes to its door."""

    Kind = VideoRoomKind

    occurrence = models.OneToOneField(Occurrence, models.PROTECT, related_name="video_room")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    most = models.SmallIntegerField(help_text="People that fit in at once.")
    opened_at = models.DateTimeField()
    second = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Helps to lead, for this session only."
    )
    locked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [one_of("kind", VideoRoomKind, "video_room_kind_known")]


class VideoPresence(models.Model):
    """One stay of one person: at the door, in the room, gone. `epoch` grows with each reconnection."""

    room = models.ForeignKey(VideoRoom, models.PROTECT, related_name="presences")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+")
    family = models.ForeignKey(FamilyMember, models.PROTECT, null=True, related_name="+")
    shown = models.CharField(max_length=80, help_text="The name that the others see.")
    epoch = models.IntegerField(default=1)
    asked_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    away = models.BooleanField(default=False)
    left_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    let_back_at = models.DateTimeField(null=True)
    hand_at = models.DateTimeField(null=True)
    muted = models.BooleanField(default=False)
    camera_off = models.BooleanField(default=False)
    sharing = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(staff__isnull=False, patient__isnull=True, family__isnull=True)
                | Q(staff__isnull=True, patient__isnull=False, family__isnull=True)
                | Q(staff__isnull=True, patient__isnull=True, family__isnull=False),
                name="presence_of_exactly_one",
            ),
            filled("shown", "presence_has_a_name"),
            ordered("asked_at", "left_at", "presence_left_after_coming", equal=True),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(left_at__isnull=False), name="removed_means_left"
            ),
            models.UniqueConstraint(
                fields=["room", "staff"], condition=Q(left_at__isnull=True), name="staff_once_in_a_video_room"
            ),
            models.UniqueConstraint(
                fields=["room", "patient"],
                condition=Q(left_at__isnull=True),
                name="patient_once_in_a_video_room",
            ),
            models.UniqueConstraint(
                fields=["room", "family"],
                condition=Q(left_at__isnull=True),
                name="family_once_in_a_video_room",
            ),
        ]
        indexes = [
            models.Index(fields=["seen_at"], condition=Q(left_at__isnull=True), name="presences_that_go_on")
        ]


class JoinStatement(models.Model):
    """Where a patient was, who could hear, and a number to call: said at the door, each time."""

    presence = models.OneToOneField(VideoPresence, models.PROTECT, related_name="statement")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="join_statements")
    identified_by = models.CharField(max_length=20, default="birth_date")
    place = models.CharField(max_length=200)
    listening = models.CharField(max_length=6)
    listeners = models.CharField(max_length=200, default="", blank=True)
    phone = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            filled("place", "join_statement_says_where"),
            filled("phone", "join_statement_gives_a_number"),
            models.CheckConstraint(
                condition=Q(listening="alone") | (Q(listening="others") & ~Q(listeners="")),
                name="join_statement_says_who_listens",
            ),
        ]


class VideoSignal(models.Model):
    """A word from one browser (or the gateway) to another, gone as soon as it is fetched or a minute old.

    `to` empty: for the gateway. `sender` empty: from the gateway.
    """

    room = models.ForeignKey(VideoRoom, models.CASCADE, related_name="signals")
    to = models.ForeignKey(VideoPresence, models.CASCADE, null=True, related_name="+")
    sender = models.ForeignKey(VideoPresence, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=12)
    body = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["to", "id"], name="signals_to_somebody"),
            models.Index(fields=["at"], name="signals_by_age"),
        ]
