"""Writing an answer about eligibility (271), as a payer does: for the demo's payer and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from .asking import ORIGIN, Envelope, interchange, plain

Line = tuple[str, ...]
"""A segment as its name and elements."""


def write_271(
    *,
    control_number: int,
    trace: str,
    at: datetime,
    payer: tuple[str, str],
    provider: tuple[str, str],
    subscriber: tuple[str, str, str, date | None],
    lines: Sequence[Line],
    dependent: tuple[str, str, date | None] | None = None,
    envelope: Envelope | None = None,
) -> str:
    """One person's answer. `payer` and `provider`: name and number; `subscriber`: given name, family name, member
    number, birth date; `lines` are what stands under the person: EB and what follows, or AAA."""
    body: list[Line] = [
        ("BHT", "0022", "11", trace, f"{at:%Y%m%d}", f"{at:%H%M}"),
        ("HL", "1", "", "20", "1"),
        ("NM1", "PR", "2", plain(payer[0], 60), "", "", "", "", "PI", plain(payer[1], 80)),
        ("HL", "2", "1", "21", "1"),
        ("NM1", "1P", "2", plain(provider[0], 60), "", "", "", "", "XX", provider[1]),
        ("HL", "3", "2", "22", "1" if dependent else "0"),
    ]
    given, family, member, born = subscriber
    traced: Line = ("TRN", "2", trace, ORIGIN)
    named: Line = ("NM1", "IL", "1", plain(family, 60), plain(given, 35), "", "", "", "MI", plain(member, 80))
    body += [named] if dependent else [traced, named]
    if born is not None:
        body.append(("DMG", "D8", f"{born:%Y%m%d}"))
    if dependent is not None:
        body += [("HL", "4", "3", "23", "0"), traced]
        body.append(("NM1", "03", "1", plain(dependent[1], 60), plain(dependent[0], 35)))
        if dependent[2] is not None:
            body.append(("DMG", "D8", f"{dependent[2]:%Y%m%d}"))
    return interchange(
        envelope or Envelope(sender="CLEARINGHOUSE", receiver="STEPWELL"),
        at, control_number, group="HB", kind="271", guide="005010X279A1", body=[*body, *lines],
    )  # fmt: skip
