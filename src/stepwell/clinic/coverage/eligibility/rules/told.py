"""What a payer told electronically: the answer to a question about eligibility, line by line, as it was said.

Nothing is interpreted here; codes are the payer's. Every fact carries the segment it was read from, so that whoever
doubts it can look there. `summarizing` reads benefits out of it.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Source:
    """Where it stands: the number of the segment in its transaction (ST is 1) and the segment itself."""

    segment: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Dated:
    """A day or a span with what it means (DTP01); `last` is empty for a single day."""

    kind: str
    first: date
    last: date | None
    source: Source


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A number by which the plan, the group or an approval is known (REF)."""

    kind: str
    value: str
    note: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A company or person that is named: payer, provider, or whom to ask about a benefit (NM1, PER)."""

    kind: str
    name: str
    id_kind: str
    id: str
    contacts: tuple[str, ...]
    source: Source


@dataclass(frozen=True, kw_only=True)
class PersonTold:
    """Whom the answer is about, or the subscriber through whom that person is insured."""

    given_name: str
    family_name: str
    member_id: str
    birth_date: date | None
    sex: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Why something was not answered (AAA): `level` says about whom, `then` what may be done (AAA04)."""

    level: str
    code: str
    then: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class BenefitTold:
    """One statement about benefits (EB) with all that follows and belongs to it. Empty texts were not told.

    `share` is the patient's part from 0 to 1. `network`: Y within the plan's network, N outside, W the same in
    both, U not known. `places` are place-of-service codes to which alone it applies.
    """

    kind: str
    level: str
    service_types: tuple[str, ...]
    insurance: str
    plan: str
    period: str
    amount: Decimal | None
    share: Decimal | None
    quantity_kind: str
    quantity: Decimal | None
    authorization: str
    network: str
    procedure: str
    places: tuple[str, ...]
    deliveries: tuple[str, ...]
    messages: tuple[str, ...]
    dates: tuple[Dated, ...]
    references: tuple[Reference, ...]
    entities: tuple[Entity, ...]
    source: Source


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One person's answer. `remarks` are sentences about what in the file contradicts itself without losing anything."""

    control_number: str
    test: bool
    sent_on: date | None
    reference: str
    traces: tuple[str, ...]
    payer: Entity | None
    provider: Entity | None
    subscriber: PersonTold | None
    dependent: PersonTold | None
    references: tuple[Reference, ...]
    dates: tuple[Dated, ...]
    benefits: tuple[BenefitTold, ...]
    rejections: tuple[Rejection, ...]
    remarks: tuple[str, ...]

    @property
    def person(self) -> PersonTold | None:
        """Whom it is about."""
        return self.dependent or self.subscriber


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Whether a question that we sent was taken (TA1, 999): by the number of its envelope, with the codes of what is wrong."""

    control_number: str
    taken: bool
    codes: tuple[str, ...]
    source: Source


def plain(value: Any) -> Any:
    """Any of these as dictionaries, lists and texts, ready for JSON; dates as ISO texts, amounts as written."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def answer_from(kept: dict[str, Any]) -> Answer:
    """The answer that `plain` made of one."""
    made: Answer = _made(Answer, kept)
    return made


_PARTS: dict[str, type] = {
    "source": Source,
    "payer": Entity,
    "provider": Entity,
    "subscriber": PersonTold,
    "dependent": PersonTold,
    "references": Reference,
    "dates": Dated,
    "benefits": BenefitTold,
    "rejections": Rejection,
    "entities": Entity,
}
_DAYS = frozenset({"sent_on", "first", "last", "birth_date"})
_NUMBERS = frozenset({"amount", "share", "quantity"})


def _made(kind: type, kept: dict[str, Any]) -> Any:
    return kind(**{name: _value(name, value) for name, value in kept.items()})


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _PARTS:
        part = _PARTS[name]
        return tuple(_made(part, one) for one in value) if isinstance(value, list) else _made(part, value)
    if name in _DAYS:
        return date.fromisoformat(value)
    if name in _NUMBERS:
        return Decimal(value)
    return tuple(value) if isinstance(value, list) else value
