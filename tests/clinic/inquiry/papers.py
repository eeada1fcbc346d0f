"""Makes intake papers in every state, for tests of the actions and of the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from stepwell.accounts.actor import Actor, the_public
from stepwell.clinic.inquiry import actions
from stepwell.clinic.inquiry.models import Inquiry, Packet
from stepwell.clinic.inquiry.queries import token_of
from tests.making import NOW

BORN = date(1990, 5, 4)
COMPLETE: dict[str, Any] = {
    "given_name": "Ana",
    "family_name": "Reyes",
    "preferred_name": "Anita",
    "phone": "404-555-0199",
    "ways": ["call", "text"],
    "safe_times": "mon-fri 17:00-20:00",
    "language": "es",
    "interpreter": "yes",
    "transport": "bus",
    "insured": "yes",
    "payer": "Peach State",
    "member_id": "PSX-7781",
    "emergency_name": "Luz Reyes",
    "emergency_relation": "sister",
    "emergency_phone": "404-555-0123",
    "emergency_knows": "yes",
}
WORDS = {"title": "A paper", "lead": "Read it.", "sections": [], "statement": "I agree."}


def make_papers(by: Actor, inquiry: Inquiry, *, at: datetime = NOW, **facts: Any) -> Packet:
    """As staff make them, opened by nobody."""
    return actions.make_packet(by=by, at=at, inquiry=inquiry, **{"birth_date": BORN, **facts})


def open_papers(packet: Packet, *, at: datetime = NOW, born: date = BORN) -> bool:
    return actions.open_packet(by=the_public(), at=at, packet=packet, birth_date=born)


def answer(packet: Packet, *, at: datetime = NOW, **answers: Any) -> Packet:
    return actions.keep_answers(by=the_public(), at=at, packet=packet, answers=answers)


def sign(packet: Packet, paper: str, *, at: datetime = NOW, **facts: Any) -> Any:
    return actions.sign_paper(
        by=the_public(), at=at, packet=packet, paper=paper,
        **{"words": WORDS, "language": "en", "name": "Ana Reyes", "typed": "Ana Reyes", **facts},
    )  # fmt: skip


def send_in(packet: Packet, *papers: str, at: datetime = NOW) -> Packet:
    """Opened, answered, signed and sent in."""
    open_papers(packet, at=at)
    answer(packet, at=at, **COMPLETE)
    for paper in papers or ("treatment", "notice", "tpo", "emergency"):
        sign(packet, paper, at=at)
    return actions.send_in_packet(by=the_public(), at=at, packet=packet)


def address_of(packet: Packet) -> str:
    token = token_of(packet)
    return f"/p/{token}/" if packet.language == "en" else f"/{packet.language}/p/{token}/"
