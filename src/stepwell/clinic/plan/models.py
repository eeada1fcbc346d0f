from __future__ import annotations

from django.db import models
from django.db.models import Q

from stepwell.clinic.assessment.models import Diagnosis
from stepwell.clinic.constraints import filled, one_of, ordered, within
from stepwell.clinic.people.models import Site, Staff
from stepwell.clinic.placement.models import Episode


class Plan(models.Model):
    """One version of a treatment plan. After the first signature it is never changed, only superseded."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="plans")
    version = models.SmallIntegerField()
    strengths = models.TextField(default="", blank=True)
    review_due_on = models.DateField()
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(
        null=True, help_text="When the clinician signed; the patient's signature is its own row."
    )
    cosigner = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        related_name="plans_to_cosign",
        help_text="The supervisor whose signature it needs; that signature is its own row.",
    )
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "version"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["episode"],
                condition=Q(signed_at__isnull=False, superseded_at__isnull=True),
                name="one_plan_in_force",
            ),
            models.UniqueConstraint(
                fields=["episode"],
                condition=Q(signed_at__isnull=True, superseded_at__isnull=True),
                name="one_plan_in_draft",
            ),
        ]


class Problem(models.Model):
    """`first`, here and below: the part of an earlier version that this one goes on with, the head of its line."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="problems")
    number = models.SmallIntegerField()
    statement = models.TextField()
    diagnosis = models.ForeignKey(Diagnosis, models.PROTECT, null=True, related_name="+")
    condition = models.CharField(
        max_length=20, default="", blank=True, help_text="What it belongs to: a code of plan.rules.Condition."
    )
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="problem_number_once"),
            filled("statement", "problem_is_stated"),
            models.CheckConstraint(
                condition=Q(condition__in=["", "substance_use", "mental_health", "physical_health", "life"]),
                name="problem_condition_known",
            ),
        ]


class DeferredDiagnosis(models.Model):
    """A diagnosis that this plan knows of and does not work on, and why."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="deferred")
    diagnosis = models.ForeignKey(Diagnosis, models.PROTECT, related_name="+")
    because = models.CharField(max_length=300)

    class Meta:
        constraints = [
            filled("because", "deferred_diagnosis_says_why"),
            models.UniqueConstraint(fields=["plan", "diagnosis"], name="diagnosis_deferred_once"),
        ]


class Goal(models.Model):
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="goals")
    number = models.SmallIntegerField()
    words = models.TextField(help_text="In the patient's own words.")
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["problem", "number"], name="goal_number_once"),
            filled("words", "goal_has_words"),
        ]


class Objective(models.Model):
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="objectives")
    number = models.SmallIntegerField()
    measure = models.TextField()
    target = models.TextField()
    due_on = models.DateField()
    instrument = models.CharField(max_length=20, default="", blank=True)
    scale = models.CharField(
        max_length=20, default="", blank=True, help_text="A subscale of the instrument; empty: its total."
    )
    target_way = models.CharField(max_length=8, default="", blank=True, help_text="at_most or at_least.")
    target_score = models.SmallIntegerField(null=True, help_text="The score that meets it.")
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["goal", "number"], name="objective_number_once"),
            filled("measure", "objective_is_measurable"),
            filled("target", "objective_has_a_target"),
            models.CheckConstraint(
                condition=Q(target_way="", target_score__isnull=True)
                | Q(target_way__in=["at_most", "at_least"], target_score__isnull=False) & ~Q(instrument=""),
                name="objective_score_is_whole",
            ),
        ]


class Intervention(models.Model):
    """`kind` is a kind of treatment (plan.rules); minutes are ordered for each week."""

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="interventions")
    kind = models.CharField(max_length=20)
    minutes_per_week = models.SmallIntegerField()
    who = models.CharField(max_length=120, default="", blank=True)
    text = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [within("minutes_per_week", 1, 3000, "intervention_minutes_sensible")]


class PlanSignatureRole(models.TextChoices):
    CLINICIAN = "clinician", "Clinician"
    PATIENT = "patient", "Patient"
    COSIGNER = "cosigner", "Supervisor"


class PlanSignature(models.Model):
    Role = PlanSignatureRole

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=10, choices=Role.choices)
    name = models.CharField(max_length=160)
    credential = models.CharField(max_length=40, default="", blank=True)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    method = models.CharField(
        max_length=12,
        default="electronic",
        help_text="electronic: the own login; tablet: on a device handed over; paper.",
    )
    signed_on = models.DateField(null=True, help_text="The day on the paper.")
    kept_by = models.CharField(max_length=120, default="", blank=True, help_text="Who holds the paper.")
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=["electronic", "tablet"], signed_on__isnull=True, kept_by="")
                | Q(method="paper", signed_on__isnull=False) & ~Q(kept_by=""),
                name="plan_paper_has_a_day_and_a_holder",
            ),
            one_of("role", PlanSignatureRole, "plan_signature_role_known"),
            filled("name", "plan_signature_has_a_name"),
            models.UniqueConstraint(fields=["plan", "role"], name="plan_signed_once_by_each"),
        ]


class PlanReview(models.Model):
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=20, help_text="continue, revise, step_down, step_up, discharge")
    summary = models.TextField()
    met = models.JSONField(default=list, help_text="Ids of the objectives that are met by now.")
    facts = models.JSONField(
        default=list, help_text="The sentences it was prepared with, as they were shown."
    )
    next_due_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [filled("summary", "plan_review_has_a_summary")]


class Verdict(models.TextChoices):
    CONTINUE = "continue", "Go on"
    REVISE = "revise", "Change it"
    MET = "met", "Met"
    DISCONTINUED = "discontinued", "Give it up"


class ObjectiveVerdict(models.Model):
    """What a review found of one objective. Never changed."""

    review = models.ForeignKey(PlanReview, models.PROTECT, related_name="verdicts")
    objective = models.ForeignKey(Objective, models.PROTECT, related_name="verdicts")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    because = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            one_of("verdict", Verdict, "objective_verdict_known"),
            models.CheckConstraint(
                condition=~Q(verdict="discontinued") | ~Q(because__regex=r"^\s*$"),
                name="objective_given_up_says_why",
            ),
            models.UniqueConstraint(fields=["review", "objective"], name="one_verdict_an_objective"),
        ]


class PlanHandOver(models.Model):
    """A device handed to the patient to read one plan and sign it. Its key is only in the device's cookie."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="hand_overs")
    key_hash = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_hash"], name="hand_over_key_once"),
            ordered("opened_at", "ends_at", "hand_over_ends_after_opening"),
        ]


class SiteLibrary(models.Model):
    """Texts for plans that a site has of its own: one file, each taking a new version."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="plan_libraries")
    key = models.CharField(max_length=60)
    version = models.SmallIntegerField()
    content = models.TextField(help_text="The file, checked.")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            filled("content", "plan_library_is_not_blank"),
            models.UniqueConstraint(fields=["site", "key", "version"], name="plan_library_version_once"),
        ]


class CareTeamMember(models.Model):
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="care_team")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="care_teams")
    role = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ordered("starts_at", "ends_at", "care_team_ends_after_start"),
            models.UniqueConstraint(
                fields=["episode", "staff"], condition=Q(ends_at__isnull=True), name="in_the_care_team_once"
            ),
        ]


class TreatmentOrder(models.Model):
    """The ordered weekly dose from a day on: what the hours ledger measures against."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="orders")
    minutes_per_week = models.SmallIntegerField()
    days_least = models.SmallIntegerField()
    days_most = models.SmallIntegerField()
    doses = models.JSONField(default=dict, help_text="Kind of treatment -> minutes a week.")
    starts_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            within("minutes_per_week", 0, 3000, "order_minutes_sensible"),
            within("days_least", 0, 7, "order_days_least_sensible"),
            within("days_most", 0, 7, "order_days_most_sensible"),
            models.CheckConstraint(
                condition=Q(days_most__gte=models.F("days_least")), name="order_most_days_not_below_least"
            ),
            models.UniqueConstraint(fields=["episode", "starts_on"], name="one_order_from_a_day"),
        ]
