"""Single values of X12: days, amounts, shares. What cannot be read is None, never a guess."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"-?[0-9]{0,12}(\.[0-9]{0,6})?")


def day(text: str) -> date | None:
    """CCYYMMDD, or YYMMDD of this century."""
    form = {8: "%Y%m%d", 6: "%y%m%d"}.get(len(text))
    if form is None or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return None


def span(kind: str, text: str) -> tuple[date, date | None] | None:
    """A day (D8) or two with a hyphen between them (RD8)."""
    first, hyphen, last = text.partition("-")
    begins = day(first)
    if begins is None or (kind == "RD8") != bool(hyphen):
        return None
    if not hyphen:
        return begins, None
    ends = day(last)
    return None if ends is None or ends < begins else (begins, ends)


def number(text: str) -> Decimal | None:
    """A number of up to twelve digits; None when it is not one."""
    if not text or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def share(text: str) -> Decimal | None:
    """A part of the whole, 0 to 1."""
    found = number(text)
    return found if found is not None and 0 <= found <= 1 else None
