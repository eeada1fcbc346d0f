from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from stepwell.clinic.constraints import filled, never_two_at_once, one_of, ordered, within


class Site(models.Model):
    """A place where the program is held; its zone, week and hours rule all times shown there."""

    name = models.CharField(max_length=120, unique=True)
    zone = models.CharField(max_length=64, help_text="IANA name, such as America/New_York.")
    week_starts_on = models.SmallIntegerField(default=0, help_text="0 Monday … 6 Sunday.")
    address = models.TextField(default="")
    phone = models.CharField(max_length=40, default="")
    crisis_line = models.CharField(max_length=40, default="", help_text="The program's own line, any hour.")
    is_otp = models.BooleanField(default=False, help_text="Opioid treatment program: may give methadone.")
    npi = models.CharField(max_length=10, default="")
    zip_code = models.CharField(max_length=5, default="", blank=True, help_text="Where the public finds it.")
    state = models.CharField(max_length=2, default="", blank=True, help_text="Of the ZIP code, such as GA.")
    latitude = models.FloatField(null=True, help_text="Of the middle of the ZIP code, in degrees.")
    longitude = models.FloatField(null=True)
    directions_en = models.TextField(default="", blank=True, help_text="How to get there, for the public.")
    directions_es = models.TextField(default="", blank=True)
    note_due_hours = models.SmallIntegerField(
        null=True, help_text="Hours after a session from which its note is late; empty: as Stepwell ships it."
    )
    note_alike_percent = models.SmallIntegerField(
        null=True,
        help_text="Likeness from which a part needs a sentence of its own; empty: as Stepwell ships it.",
    )

    class Meta:
        constraints = [
            within("week_starts_on", 0, 6, "site_week_starts_on_a_weekday"),
            within("note_due_hours", 1, 720, "site_note_due_hours_sensible"),
            within("note_alike_percent", 30, 100, "site_note_alike_percent_sensible"),
            filled("zone", "site_has_a_zone"),
            models.CheckConstraint(
                condition=Q(zip_code__regex=r"^([0-9]{5})?$"), name="site_zip_has_five_digits"
            ),
            models.CheckConstraint(
                condition=Q(zip_code="", latitude__isnull=True, longitude__isnull=True)
                | (~Q(zip_code="") & Q(latitude__isnull=False, longitude__isnull=False)),
                name="site_with_a_zip_has_its_place",
            ),
            within("latitude", -90, 90, "site_latitude_on_the_globe"),
            within("longitude", -180, 180, "site_longitude_on_the_globe"),
        ]


class SiteHours(models.Model):
    """Opening hours in wall time; a day may have several rows."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="hours")
    weekday = models.SmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            within("weekday", 0, 6, "site_hours_on_a_weekday"),
            ordered("opens", "closes", "site_hours_close_after_opening"),
        ]


class Room(models.Model):
    site = models.ForeignKey(Site, models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=80)
    capacity = models.SmallIntegerField()
    features = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="room_name_once_at_a_site"),
            within("capacity", 1, 500, "room_capacity_sensible"),
        ]


class Staff(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="staff_record"
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="staff")
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=80, help_text="As on the week's board, such as Okafor.")
    phone = models.CharField(max_length=40, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            filled("name", "staff_has_a_name"),
            ordered("starts_on", "ends_on", "staff_ends_after_start", equal=True),
        ]


class StaffRole(models.Model):
    """A role held at a site from a day on."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "role", "site"],
                condition=Q(ends_on__isnull=True),
                name="staff_role_held_once",
            ),
            ordered("starts_on", "ends_on", "staff_role_ends_after_start", equal=True),
        ]


class Credential(models.Model):
    """License, certificate or registration; `kind` is a key of people/data/credentials.json."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=40, default="")
    state = models.CharField(max_length=2, default="")
    issued_on = models.DateField()
    expires_on = models.DateField(null=True)
    supervisor = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="supervises")

    class Meta:
        constraints = [
            ordered("issued_on", "expires_on", "credential_expires_after_issue"),
            models.CheckConstraint(
                condition=Q(supervisor__isnull=True) | ~Q(supervisor=F("staff")),
                name="credential_not_own_supervisor",
            ),
        ]


class Folded(Func):
    """Names folded by the database itself, so that no writer can forget it."""

    template = (
        r"translate(regexp_replace(normalize(lower(%(expressions)s), NFKD), '[\u0300-\u036f]', '', 'g'),"
        r" 'øłđæ-''’`.', 'olda ')"
    )
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


class PatientQuerySet(models.QuerySet["Patient"]):
    def at_sites(self, site_ids: tuple[int, ...]) -> PatientQuerySet:
        return self.filter(site_id__in=site_ids)


class Patient(models.Model):
    """A person who is, was or may become a patient. `code` is the public handle in addresses."""

    code = models.CharField(max_length=8, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="patient_record"
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="patients")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    preferred_name = models.CharField(max_length=100, default="", blank=True)
    pronouns = models.CharField(max_length=40, default="", blank=True)
    birth_date = models.DateField()
    gender = models.CharField(max_length=40, default="", blank=True, help_text="In the person's own word.")
    sex_for_screening = models.CharField(
        max_length=1, default="", blank=True, help_text="F, M or unknown: cut-offs of AUDIT-C."
    )
    language = models.CharField(max_length=20, default="en")
    interpreter = models.BooleanField(default=False)
    phone = models.CharField(max_length=40, default="", blank=True)
    phone_digits = models.CharField(
        max_length=20, default="", blank=True, help_text="For search: digits only."
    )
    email = models.EmailField(default="", blank=True)
    address = models.TextField(default="", blank=True)
    may_call = models.BooleanField(default=False)
    may_voicemail = models.BooleanField(default=False)
    may_text = models.BooleanField(default=False)
    may_email = models.BooleanField(default=False)
    may_mail = models.BooleanField(default=False)
    safe_times = models.CharField(
        max_length=200, default="", blank=True, help_text="When it is safe to reach the person."
    )
    contact_warning = models.CharField(
        max_length=300, default="", blank=True, help_text="Who must not learn of the treatment."
    )
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=160)
    search_name = models.GeneratedField(
        expression=Folded(F("given_name"), F("preferred_name"), F("family_name")),
        output_field=models.TextField(),
        db_persist=True,
        help_text="All names without case, accents, apostrophes and hyphens, as `rules.folded` writes them.",
    )

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            filled("given_name", "patient_has_a_given_name"),
            filled("family_name", "patient_has_a_family_name"),
            models.CheckConstraint(
                condition=Q(sex_for_screening__in=["", "F", "M"]), name="patient_sex_for_screening_known"
            ),
            models.CheckConstraint(
                condition=Q(birth_date__gte="1900-01-01"), name="patient_birth_date_sensible"
            ),
        ]
        indexes = [
            models.Index(Lower("family_name"), name="patient_by_family_name"),
            models.Index(Lower("given_name"), name="patient_by_given_name"),
            models.Index(fields=["birth_date"], name="patient_by_birth_date"),
            models.Index(fields=["phone_digits"], name="patient_by_phone"),
        ]

    @property
    def called(self) -> str:
        """The name by which the person wants to be spoken to."""
        return self.preferred_name or self.given_name

    @property
    def full_name(self) -> str:
        return f"{self.called} {self.family_name}"

    @property
    def board_name(self) -> str:
        """'Ana R.': as much of the name as a screen that others may see should show."""
        return f"{self.called} {self.family_name[:1]}."


class EmergencyContact(models.Model):
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="emergency_contacts")
    name = models.CharField(max_length=160)
    relation = models.CharField(max_length=60)
    phone = models.CharField(max_length=40)
    knows_of_treatment = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("name", "emergency_contact_has_a_name"),
            filled("phone", "emergency_contact_has_a_phone"),
        ]


class FamilyMember(models.Model):
    """Somebody of the patient's family or circle; sees only what a live consent permits."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="family")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="family_records"
    )
    name = models.CharField(max_length=160)
    relation = models.CharField(max_length=60)
    phone = models.CharField(max_length=40, default="", blank=True)
    email = models.EmailField(default="", blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            filled("name", "family_member_has_a_name"),
            models.UniqueConstraint(
                fields=["patient", "user"],
                condition=Q(user__isnull=False),
                name="family_login_once_a_patient",
            ),
        ]


class ReservedFor(models.TextChoices):
    INTAKE = "intake", "intake"
    OCCURRENCE = "occurrence", "session"


class Reservation(models.Model):
    """A room, a staff member or a patient is taken for a time.

    Every appointment of every step holds its reservations here, so that one place refuses that
    anybody or anything is in two places. `released_at` frees it; the row stays.
    """

    For = ReservedFor

    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="reservations")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="reservations")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="reservations")
    during = DateTimeRangeField(help_text="Half-open [starts, ends).")
    subject = models.CharField(max_length=12, choices=For.choices)
    subject_id = models.BigIntegerField()
    made_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("subject", ReservedFor, "reservation_subject_known"),
            models.CheckConstraint(
                condition=Q(room__isnull=False, staff__isnull=True, patient__isnull=True)
                | Q(room__isnull=True, staff__isnull=False, patient__isnull=True)
                | Q(room__isnull=True, staff__isnull=True, patient__isnull=False),
                name="reservation_of_exactly_one",
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="reservation_takes_time"),
            never_two_at_once(
                "room", "room_in_one_session_at_a_time", when=Q(room__isnull=False, released_at__isnull=True)
            ),
            never_two_at_once(
                "staff", "staff_in_one_place_at_a_time", when=Q(staff__isnull=False, released_at__isnull=True)
            ),
            never_two_at_once(
                "patient",
                "patient_in_one_place_at_a_time",
                when=Q(patient__isnull=False, released_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["subject", "subject_id"], name="reservation_of_a_subject")]
