from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One access to, or one write in, a patient's record or the clinic's set-up.

    `seq`, `prev_hash` and `hash` are set by the database's trigger, never by Python. The ids of
    users and patients are plain numbers: the trail outlives the rows that it speaks of.
    """

    seq = models.BigIntegerField(primary_key=True, db_default=0)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.TextField()
    action = models.TextField(help_text="A verb of the clinic, such as 'placement.step_down'.")
    kind = models.TextField(help_text="'access' or 'write'.")
    patient_id = models.BigIntegerField(null=True)
    subject = models.TextField(help_text="Kind and id of the row, such as 'Note 812'.")
    why = models.TextField(help_text="Purpose or reason.")
    address = models.TextField(help_text="Where the request came from.")
    request_id = models.TextField()
    detail = models.JSONField(default=dict)
    prev_hash = models.TextField(db_default="")
    hash = models.TextField(db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "-seq"], name="audit_of_a_patient"),
            models.Index(fields=["actor_id", "-seq"], name="audit_of_an_actor"),
            models.Index(fields=["-at"], name="audit_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["access", "write"]), name="audit_kind_known"),
            models.CheckConstraint(condition=~models.Q(action=""), name="audit_says_what"),
            models.CheckConstraint(condition=~models.Q(actor_name=""), name="audit_says_who"),
        ]
