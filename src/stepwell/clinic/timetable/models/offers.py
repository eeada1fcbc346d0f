from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from stepwell.clinic.constraints import one_of, ordered
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.timetable.models.groups import Occurrence, Seat


class OfferAnswer(models.TextChoices):
    OPEN = "", "open"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"
    WITHDRAWN = "withdrawn", "withdrawn"
    LAPSED = "lapsed", "not answered"


class MakeUpOffer(models.Model):
    """A seat held for one patient until `held_until`. `number` is the seat's: while the offer is open and held
    nobody else gets it (the actions see to it under the session's lock, a trigger behind them).

    An offer past `held_until` holds nothing, whether or not somebody has written down yet that it lapsed.
    """

    Answer = OfferAnswer

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="make_up_offers")
    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="make_up_offers")
    number = models.SmallIntegerField()
    capacity = models.SmallIntegerField(help_text="Of the occurrence when the offer was made.")
    instead_of = models.ForeignKey(
        Seat,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The seat given back: of several offers instead of one seat, one is accepted.",
    )
    offered_at = models.DateTimeField()
    by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", help_text="Empty: at once, by Stepwell."
    )
    held_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, choices=OfferAnswer.choices, default="", blank=True)
    because = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            one_of("answer", OfferAnswer, "offer_answer_known"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="offer_answer_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(answer="withdrawn") | ~Q(because=""), name="offer_withdrawn_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & Q(number__lte=F("capacity")), name="held_seat_within_capacity"
            ),
            ordered("offered_at", "held_until", "offer_is_held_for_a_time"),
            ordered("offered_at", "answered_at", "offer_answered_after_it_was_made", equal=True),
            models.UniqueConstraint(
                fields=["occurrence", "patient"],
                condition=Q(answered_at__isnull=True),
                name="one_open_offer_for_a_session",
            ),
            models.UniqueConstraint(
                fields=["occurrence", "number"],
                condition=Q(answered_at__isnull=True),
                name="held_seat_offered_once",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-offered_at"], name="offers_of_a_patient")]
