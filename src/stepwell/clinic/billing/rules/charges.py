"""One patient's day under one payer rule: a charge, or every reason why it is not one.

The answer lists all reasons, not the first, so that the biller sends each day back once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stepwell.clinic.coverage.rules import Money, PayerRule, Unit


@dataclass(frozen=True, kw_only=True)
class Service:
    """One session the person was expected in that day; minutes are attended minutes."""

    session_id: int | str
    kind: str
    minutes: int
    note_id: int | str | None = None
    signed: bool = False
    cosignature_pending: bool = False
    credential: str = ""
    credential_valid: bool = False


@dataclass(frozen=True, kw_only=True)
class AuthorizationCover:
    """What the payer approved that day: units still left before this charge, in the authorization's unit."""

    id: int | str
    number: str
    starts_on: date
    ends_on: date
    unit: str
    left: Decimal
    codes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ServiceDay:
    """One patient's local day: sessions, the charge for one unit, the authorization, codes charged already."""

    patient_id: int | str
    on: date
    services: tuple[Service, ...]
    rate: Money | None
    authorization: AuthorizationCover | None = None
    charged_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What is charged, with everything it rests on."""

    patient_id: int | str
    on: date
    code: str
    units: int
    minutes: int
    amount: Money
    session_ids: tuple[int | str, ...]
    note_ids: tuple[int | str, ...]
    rule_key: str
    rule_edition: str
    authorization_id: int | str | None
    authorization_number: str
    revenue_code: str | None
    modifiers: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NotBillable:
    """Every reason why the day is no charge; `mendable` says that somebody can still do something about all."""

    patient_id: int | str
    on: date
    code: str
    reasons: tuple[str, ...]
    mendable: bool


def units_for_minutes(minutes: int) -> int:
    """15-minute units by the 8-minute rule: 8 to 22 is 1, 23 to 37 is 2, below 8 is none."""
    return max(0, (minutes + 7) // 15)


def excluded_same_day(code: str, charged: Iterable[str], rules: Iterable[PayerRule]) -> frozenset[str]:
    """The codes among `charged` that may not stand on one day with `code`, whichever rule says so."""
    charged, rules = frozenset(charged), tuple(rules)
    mine: frozenset[str] = frozenset().union(*(rule.not_same_day_as for rule in rules if rule.code == code))
    theirs = frozenset(rule.code for rule in rules if code in rule.not_same_day_as)
    return charged & (mine | theirs)


def charge_for(day: ServiceDay, rule: PayerRule) -> Charge | NotBillable:
    """Judge the day by the rule.

    Sessions nobody attended count nowhere. Every attended session that the rule covers must have a signed (and,
    where wanted, co-signed) note by a credential the payer takes; otherwise the day waits.
    """
    attended = tuple(s for s in day.services if s.minutes > 0 and s.kind in rule.sessions)
    final = _final(day, rule, attended)
    mend = _mendable(day, rule, attended)
    units, minutes = _units(rule, attended)
    if not final:
        mend += _authorization(day, rule, units, minutes)
    if final or mend or day.rate is None:
        return NotBillable(
            patient_id=day.patient_id,
            on=day.on,
            code=rule.code,
            reasons=(*final, *mend),
            mendable=not final,
        )
    cover = day.authorization if rule.needs_authorization else None
    amount = day.rate * units
    return Charge(
        patient_id=day.patient_id,
        on=day.on,
        code=rule.code,
        units=units,
        minutes=minutes,
        amount=amount,
        session_ids=tuple(s.session_id for s in attended),
        note_ids=tuple(dict.fromkeys(s.note_id for s in attended if s.note_id is not None)),
        rule_key=rule.key,
        rule_edition=rule.edition,
        authorization_id=cover.id if cover else None,
        authorization_number=cover.number if cover else "",
        revenue_code=rule.revenue_code,
        modifiers=rule.modifiers,
        reasons=_why(rule, units, minutes, amount, cover),
    )


def _final(day: ServiceDay, rule: PayerRule, attended: tuple[Service, ...]) -> list[str]:
    """Reasons that nobody can mend any more."""
    if rule.unit is Unit.NOT_PAID:
        return [f"Not paid: {rule.label}."]
    if not attended:
        return [f"No session that {rule.code} pays for was attended."]
    reasons = []
    minutes = sum(s.minutes for s in attended)
    if rule.unit is Unit.PER_DIEM and minutes < rule.minimum_minutes:
        short = rule.minimum_minutes - minutes
        reasons.append(
            f"{minutes} minutes attended; {rule.code} needs {rule.minimum_minutes}, {short} are missing."
        )
    if rule.unit is not Unit.PER_DIEM and not _units(rule, attended)[0]:
        reasons.append(f"No session reached the {rule.minimum_minutes} minutes that {rule.code} needs.")
    if rule.needs_group and not any(s.kind == "group" for s in attended):
        reasons.append(f"No group was attended; {rule.code} wants one on every day.")
    if rule.code in day.charged_codes:
        reasons.append(f"{rule.code} is already charged for this day.")
    for code in sorted(rule.not_same_day_as & day.charged_codes):
        reasons.append(f"{code} is charged for this day; {rule.code} may not be added to it.")
    return reasons


def _mendable(day: ServiceDay, rule: PayerRule, attended: tuple[Service, ...]) -> list[str]:
    """Reasons that a signature, a renewal or an entry takes away."""
    reasons = []
    unsigned = sum(not s.signed for s in attended)
    if unsigned:
        reasons.append(f"{_notes(unsigned)} not signed.")
    pending = sum(s.signed and s.cosignature_pending for s in attended)
    if pending:
        reasons.append(f"{_notes(pending)} not co-signed.")
    for service in attended:
        if rule.credentials and service.credential not in rule.credentials:
            who = service.credential or "without a credential"
            reasons.append(f"The payer does not take {rule.code} from a facilitator {who}.")
        elif not service.credential_valid:
            reasons.append(
                f"The facilitator's {service.credential or 'credential'} was not valid on this day."
            )
    if day.rate is None:
        reasons.append(f"There is no fee for {rule.code} on this day; enter one in the fee schedule.")
    return list(dict.fromkeys(reasons))


def _units(rule: PayerRule, attended: tuple[Service, ...]) -> tuple[int, int]:
    """Units and the minutes they rest on."""
    minutes = sum(s.minutes for s in attended)
    if rule.unit is Unit.PER_DIEM:
        units = 1 if minutes >= rule.minimum_minutes else 0
    elif rule.unit is Unit.PER_SESSION:
        units = sum(s.minutes >= rule.minimum_minutes for s in attended)
    else:
        # The 8-minute rule adds up the minutes of one code over the day before it counts units.
        units = units_for_minutes(minutes) if minutes >= rule.minimum_minutes else 0
    return min(units, rule.most_units_a_day), minutes


def _authorization(day: ServiceDay, rule: PayerRule, units: int, minutes: int) -> list[str]:
    if not rule.needs_authorization:
        return []
    cover = day.authorization
    if cover is None:
        return [f"No authorization for {rule.code} covers this day; ask the payer."]
    if not cover.starts_on <= day.on <= cover.ends_on:
        return [f"Authorization {cover.number} does not cover this day; ask the payer to extend it."]
    if rule.code not in cover.codes:
        return [f"Authorization {cover.number} is not for {rule.code}; ask the payer."]
    needed = Decimal(minutes) / 60 if cover.unit == "hour" else Decimal(units)
    if cover.left < needed:
        return [f"Authorization {cover.number} has nothing left for this day; ask the payer for more."]
    return []


def _why(
    rule: PayerRule, units: int, minutes: int, amount: Money, cover: AuthorizationCover | None
) -> tuple[str, ...]:
    unit_text = "1 unit" if units == 1 else f"{units} units"
    reasons = [f"{minutes} minutes attended under signed notes: {unit_text} of {rule.code}, {amount}."]
    if cover is not None:
        reasons.append(f"Covered by authorization {cover.number}.")
    return tuple(reasons)


def _notes(count: int) -> str:
    return "1 note is" if count == 1 else f"{count} notes are"
