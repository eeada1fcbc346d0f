"""A turn at the tablet in the lobby: handed over with a code, opened once by a device, and over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.crypto import get_random_string

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, queries, rules
from stepwell.clinic.assessment.models import LobbyTurn
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused

ASK_STAFF = "This code does not open anything; ask staff for a new one."


@transaction.atomic
def hand_over_tablet(
    *, by: Actor, at: datetime, patient: Patient, instruments: Sequence[str]
) -> tuple[LobbyTurn, str]:
    """Questionnaires to be filled on the tablet. Gives the row and the code, which is kept nowhere else.

    An earlier turn of the same person that is still open ends. Raises `Refused` without a questionnaire.
    """
    staff_id = policies.may_record(by, patient)
    asked = [rules.load_instrument(slug).slug for slug in dict.fromkeys(instruments)]
    if not asked:
        raise Refused("Choose at least one questionnaire.")
    rule = rules.load_lobby()
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=patient.pk)
    LobbyTurn.objects.filter(patient=patient, ended_at__isnull=True).update(ended_at=at)
    # Codes that nobody typed in time make room: the same letters may come again.
    LobbyTurn.objects.filter(ended_at__isnull=True, opened_at__isnull=True, expires_at__lte=at).update(
        ended_at=at
    )
    code = get_random_string(rule.length, rule.letters)
    row = LobbyTurn.objects.create(
        patient=patient,
        instruments=asked,
        code_digest=queries.lobby_digest(code),
        made_at=at,
        made_by_id=staff_id,
        expires_at=at + rule.code_lasts,
    )
    trail.record(
        by=by,
        at=at,
        action="assessment.hand_over_tablet",
        subject=f"LobbyTurn {row.pk}",
        patient_id=patient.pk,
        detail={"instruments": asked},
    )
    return row, code


@transaction.atomic
def open_lobby_turn(*, by: Actor, at: datetime, code: str) -> tuple[LobbyTurn, str]:
    """The device on which the code was typed has the turn from now on. Gives the row and the device's key.

    Raises `Refused` with one sentence for a wrong, used or late code.
    """
    policies.may_open_lobby_turn(by)
    typed = rules.load_lobby().read(code)
    found = (
        LobbyTurn.objects.select_for_update(of=["self"])
        .select_related("patient")
        .filter(
            code_digest=queries.lobby_digest(typed),
            opened_at__isnull=True,
            ended_at__isnull=True,
            expires_at__gt=at,
        )
        .first()
        if typed
        else None
    )
    if found is None:
        raise Refused(ASK_STAFF)
    key = get_random_string(43)
    found.opened_at, found.key_digest = at, queries.lobby_digest(key)
    found.expires_at = at + rules.load_lobby().open_lasts
    found.save(update_fields=["opened_at", "key_digest", "expires_at"])
    trail.record(
        by=by,
        at=at,
        action="assessment.open_lobby_turn",
        subject=f"LobbyTurn {found.pk}",
        patient_id=found.patient_id,
    )
    return found, key


@transaction.atomic
def end_lobby_turn(*, by: Actor, at: datetime, turn: LobbyTurn) -> LobbyTurn:
    """All is filled in, or staff takes the tablet back: the device opens nothing any more."""
    policies.may_end_lobby_turn(by, turn)
    locked = LobbyTurn.objects.select_for_update().get(pk=turn.pk)
    if locked.ended_at is None:
        locked.ended_at = at
        locked.save(update_fields=["ended_at"])
        trail.record(
            by=by,
            at=at,
            action="assessment.end_lobby_turn",
            subject=f"LobbyTurn {locked.pk}",
            patient_id=locked.patient_id,
        )
    return locked
