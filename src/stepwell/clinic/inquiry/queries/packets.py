"""Reading intake papers: for staff by the inquiry, for the person by the secret address."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.crypto import salted_hmac

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.inquiry import rules
from stepwell.clinic.inquiry.models import Inquiry, Packet, PacketSignature

_LONGEST_TOKEN = 64


@dataclass(frozen=True)
class PacketShown:
    """Papers with where they stand, what is signed, and what is missing."""

    row: Packet
    state: rules.PacketState
    signatures: tuple[PacketSignature, ...]
    gaps: tuple[rules.Gap, ...]

    @property
    def signed(self) -> frozenset[str]:
        return frozenset(s.paper for s in self.signatures)


def token_of(packet: Packet) -> str | None:
    """The secret part of the address, made again from the site's key; None when the key has changed since."""
    found = made_token(packet.nonce)
    return found if compare_digest(digest_of(found), packet.token_digest) else None


def made_token(nonce: str) -> str:
    """192 bits that nobody can guess and the database alone does not give away."""
    made = salted_hmac("stepwell.papers", nonce, algorithm="sha256").digest()[:24]
    return urlsafe_b64encode(made).decode()


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


def packet_at(token: str, at: datetime) -> PacketShown:
    """The papers behind an address, for whoever holds it; the date of birth is asked by the caller.

    Raises `Packet.DoesNotExist` for an address that never was.
    """
    if not token.isascii() or len(token) > _LONGEST_TOKEN:
        raise Packet.DoesNotExist
    rows = _with_signatures(Packet.objects.filter(token_digest=digest_of(token)))
    return shown(rows.get(), at)


def packets_of(inquiry: Inquiry, at: datetime) -> list[PacketShown]:
    """All papers of an inquiry that was found for the person asking, newest first. Two queries."""
    rows = _with_signatures(Packet.objects.filter(inquiry=inquiry)).order_by("-made_at", "-pk")
    return [shown(row, at) for row in rows]


def packet_for(by: Actor, inquiry_code: str, packet_id: int, at: datetime) -> PacketShown:
    """One packet. Raises `Packet.DoesNotExist` for another site's and a missing one alike."""
    rows = Packet.objects.filter(inquiry__site_id__in=by.sites_with(Permission.INQUIRY_READ))
    found = _with_signatures(rows).get(pk=packet_id, inquiry__code=inquiry_code.upper())
    return shown(found, at)


def packets_waiting(by: Actor) -> QuerySet[Packet]:
    """Papers sent in that nobody has accepted yet: counted beside 'Inquiries'."""
    return Packet.objects.filter(
        inquiry__site_id__in=by.sites_with(Permission.INQUIRY_READ),
        sent_in_at__isnull=False,
        accepted_at__isnull=True,
        ended_at__isnull=True,
    )


def packets_to_review(by: Actor) -> list[Packet]:
    """Papers sent in, longest waiting first."""
    return list(packets_waiting(by).select_related("inquiry__site").order_by("sent_in_at", "pk"))


def shown(row: Packet, at: datetime) -> PacketShown:
    """The papers with what follows from their rows."""
    rule = rules.load_papers()
    signatures = tuple(sorted(row.signatures.all(), key=lambda s: row.papers.index(s.paper)))
    return PacketShown(
        row=row,
        state=packet_state_of(row, at),
        signatures=signatures,
        gaps=rules.gaps(row.answers, {s.paper for s in signatures}, row.later, row.papers, rule),
    )


def packet_state_of(row: Packet, at: datetime) -> rules.PacketState:
    """Where the papers stand, read from their dates."""
    facts = rules.PacketFacts(
        expires_at=row.expires_at,
        wrong_tries=row.wrong_tries,
        opened_at=row.opened_at,
        sent_in_at=row.sent_in_at,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
    )
    return rules.packet_state(facts, at, rules.load_papers())


def _with_signatures(rows: QuerySet[Packet]) -> Any:
    return rows.select_related(
        "inquiry__site", "inquiry__patient", "made_by", "accepted_by"
    ).prefetch_related(Prefetch("signatures", PacketSignature.objects.order_by("signed_at", "pk")))
