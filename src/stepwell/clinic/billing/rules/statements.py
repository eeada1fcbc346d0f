"""What a patient was charged, what others paid, and what is left to pay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stepwell.clinic.coverage.rules import ZERO, Money, total


class EntryKind(StrEnum):
    """Charges raise the balance; a payment or an adjustment lowers it, and a negative one raises it again."""

    CHARGE = "charge"
    PAYER = "payer"
    ADJUSTMENT = "adjustment"
    PATIENT = "patient"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the account. A voided charge is entered as a charge of the negative amount."""

    on: date
    kind: EntryKind
    amount: Money
    label: str = ""
    id: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One entry of the period with the balance after it."""

    on: date
    kind: EntryKind
    label: str
    amount: Money
    balance: Money


@dataclass(frozen=True, kw_only=True)
class Statement:
    """opening + charges - payer - adjustments - payments = balance; below zero is a credit."""

    from_day: date
    to_day: date
    opening: Money
    lines: tuple[StatementLine, ...]
    charges: Money
    payer: Money
    adjustments: Money
    payments: Money
    balance: Money
    sentence: str


def statement(entries: Iterable[Entry], from_day: date, to_day: date) -> Statement:
    """The account over [from_day, to_day], both included. Entries before it make the opening balance.

    Within a day charges come before what is set against them.
    """
    order = list(EntryKind)
    rows = sorted(entries, key=lambda e: (e.on, order.index(e.kind)))
    opening = total(_effect(e) for e in rows if e.on < from_day)
    within = [e for e in rows if from_day <= e.on <= to_day]
    lines, balance = [], opening
    for entry in within:
        balance = balance + _effect(entry)
        lines.append(
            StatementLine(
                on=entry.on, kind=entry.kind, label=entry.label, amount=entry.amount, balance=balance
            )
        )
    sums = {kind: total(e.amount for e in within if e.kind is kind) for kind in EntryKind}
    return Statement(
        from_day=from_day,
        to_day=to_day,
        opening=opening,
        lines=tuple(lines),
        charges=sums[EntryKind.CHARGE],
        payer=sums[EntryKind.PAYER],
        adjustments=sums[EntryKind.ADJUSTMENT],
        payments=sums[EntryKind.PATIENT],
        balance=balance,
        sentence=_sentence(balance),
    )


def _effect(entry: Entry) -> Money:
    return entry.amount if entry.kind is EntryKind.CHARGE else -entry.amount


def _sentence(balance: Money) -> str:
    if balance > ZERO:
        return f"You owe {balance}."
    if balance < ZERO:
        return f"You have a credit of {-balance}."
    return "Nothing is owed."
