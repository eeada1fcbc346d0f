"""The few columns that the floor's page shows, on Stepwell's own tables."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class Login(AbstractBaseUser):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=160)
    is_active = models.BooleanField()

    USERNAME_FIELD = "email"

    class Meta:
        managed = False
        db_table = "accounts_user"


class Site(models.Model):
    name = models.CharField(max_length=120)

    class Meta:
        managed = False
        db_table = "clinic_site"


class Patient(models.Model):
    code = models.CharField(max_length=8)
    site = models.ForeignKey(Site, models.DO_NOTHING)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField()

    class Meta:
        managed = False
        db_table = "clinic_patient"


class Occurrence(models.Model):
    title = models.CharField(max_length=120)
    starts = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "clinic_occurrence"


class Seat(models.Model):
    patient = models.ForeignKey(Patient, models.DO_NOTHING)
    occurrence = models.ForeignKey(Occurrence, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "clinic_seat"


class Note(models.Model):
    occurrence = models.ForeignKey(Occurrence, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "clinic_note"


class NotePart(models.Model):
    note = models.ForeignKey(Note, models.DO_NOTHING)
    patient = models.ForeignKey(Patient, models.DO_NOTHING)
    participation = models.CharField(max_length=30)
    minutes = models.SmallIntegerField()
    text = models.TextField()

    class Meta:
        managed = False
        db_table = "clinic_notepart"


class SmallNote(models.Model):
    """What `rows.floor_tables` makes: a note with keys as a tutorial's models have them."""

    occurrence = models.ForeignKey(Occurrence, models.DO_NOTHING)
    patient = models.ForeignKey(Patient, models.DO_NOTHING)
    author = models.ForeignKey(Login, models.DO_NOTHING)
    text = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "bench_note"


class AuditRow(models.Model):
    at = models.DateTimeField()
    who = models.ForeignKey(Login, models.DO_NOTHING)
    what = models.CharField(max_length=30)
    whose = models.ForeignKey(Patient, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "bench_audit"
