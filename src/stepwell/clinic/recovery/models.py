from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.constraints import filled, one_of, within
from stepwell.clinic.people.models import FamilyMember, Patient, Staff
from stepwell.clinic.plan.models import Objective
from stepwell.clinic.timetable.models import Occurrence


class Feeling(models.TextChoices):
    STEADY = "steady", "Steady"
    RESTLESS = "restless", "Restless"
    LOW = "low", "Low"
    CRAVING = "craving", "Craving"


class CheckIn(models.Model):
    """The patient's own word on how the day is."""

    Feeling = Feeling

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="check_ins")
    feeling = models.CharField(
        max_length=10,
        choices=Feeling.choices,
        default="",
        blank=True,
        help_text="One tap: how it is right now.",
    )
    mood = models.SmallIntegerField(null=True, help_text="0 worst … 10 best.")
    craving = models.SmallIntegerField(null=True, help_text="0 none … 10 strongest.")
    sleep_hours = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    used = models.BooleanField(null=True)
    used_what = models.CharField(max_length=120, default="", blank=True)
    note = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    once_key = models.CharField(
        max_length=64, unique=True, help_text="Of the form sent: one tap, one check-in."
    )

    class Meta:
        constraints = [
            within("mood", 0, 10, "check_in_mood_from_0_to_10"),
            within("craving", 0, 10, "check_in_craving_from_0_to_10"),
            within("sleep_hours", 0, 24, "check_in_sleep_within_a_day"),
            models.CheckConstraint(
                condition=Q(mood__isnull=False)
                | Q(craving__isnull=False)
                | Q(sleep_hours__isnull=False)
                | Q(used__isnull=False)
                | ~Q(note="")
                | ~Q(feeling=""),
                name="check_in_says_something",
            ),
            models.CheckConstraint(
                condition=Q(feeling__in=["", *Feeling.values]), name="check_in_feeling_known"
            ),
        ]
        indexes = [models.Index(fields=["patient", "-at"], name="check_ins_newest_first")]


class RecoveryPlanKind(models.TextChoices):
    RELAPSE_PREVENTION = "relapse_prevention", "Relapse-prevention plan"
    SAFETY = "safety", "Safety plan"


class RecoveryPlan(models.Model):
    """A relapse-prevention plan or a safety plan: each edit is a new version."""

    Kind = RecoveryPlanKind

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="recovery_plans")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    version = models.SmallIntegerField()
    sections = models.JSONField(help_text="Section key of recovery.rules -> text.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("kind", RecoveryPlanKind, "recovery_plan_kind_known"),
            models.UniqueConstraint(fields=["patient", "kind", "version"], name="recovery_plan_version_once"),
        ]


class Homework(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="homework")
    family_member = models.ForeignKey(
        FamilyMember, models.PROTECT, null=True, related_name="homework", help_text="Empty: for the patient."
    )
    title = models.CharField(max_length=120)
    instructions = models.TextField()
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, null=True, related_name="homework")
    objective = models.ForeignKey(
        Objective,
        models.PROTECT,
        null=True,
        related_name="homework",
        help_text="Of the plan in force: what it serves.",
    )
    due_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            filled("title", "homework_has_a_title"),
            filled("instructions", "homework_says_what_to_do"),
        ]


class HomeworkAnswer(models.Model):
    homework = models.OneToOneField(Homework, models.PROTECT, related_name="answer")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [filled("text", "homework_answer_is_not_blank")]


class HomeworkOutcome(models.TextChoices):
    DONE = "done", "done"
    PARTLY = "partly", "partly done"
    NOT_DONE = "not_done", "not done"


class HomeworkReview(models.Model):
    """Read and talked about. With an outcome it may be reviewed in a session without anything handed in."""

    Outcome = HomeworkOutcome

    homework = models.OneToOneField(Homework, models.PROTECT, related_name="review")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default="", blank=True)
    occurrence = models.ForeignKey(
        Occurrence, models.PROTECT, null=True, related_name="+", help_text="The session it was reviewed in."
    )
    text = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", *HomeworkOutcome.values]), name="homework_outcome_known"
            )
        ]
