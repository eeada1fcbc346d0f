"""The turn at the tablet that a device has."""

from __future__ import annotations

from datetime import datetime

from django.utils.crypto import salted_hmac

from stepwell.clinic.assessment.models import LobbyTurn, Screening


def lobby_digest(secret: str) -> str:
    """What is kept of a code or a key: useless without the secret of this installation."""
    return salted_hmac("stepwell.lobby", secret, algorithm="sha256").hexdigest()


def lobby_turn_for(number: int, key: str, at: datetime) -> LobbyTurn | None:
    """The open turn of the device that holds this key, with the patient and the site. One statement."""
    return (
        LobbyTurn.objects.select_related("patient__site")
        .filter(pk=number, key_digest=lobby_digest(key), ended_at__isnull=True, expires_at__gt=at)
        .first()
    )


def filled_in_turn(turn: LobbyTurn) -> set[str]:
    """Questionnaires of this turn that are filled in already: by their form's key, which names turn and instrument."""
    rows = Screening.objects.filter(
        patient=turn.patient_id, once_key__in=[lobby_once_key(turn, slug) for slug in turn.instruments]
    ).values_list("instrument", flat=True)
    return set(rows)


def lobby_once_key(turn: LobbyTurn, instrument: str) -> str:
    """A questionnaire is filled in once in a turn, however often its button is pressed. Nobody can guess the key."""
    return lobby_digest(f"{turn.pk} {instrument}")
