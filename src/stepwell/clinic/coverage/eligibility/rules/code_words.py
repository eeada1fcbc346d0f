"""The payer's codes in our words (data/words.json); a code that is not there is shown as it is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from .told import BenefitTold, Receipt, Rejection


@dataclass(frozen=True, kw_only=True)
class Said:
    """A refusal in words: what it says and what to do about it."""

    about: str
    what: str
    do: str


@cache
def load_words() -> dict[str, Any]:
    """All words that ship with this version."""
    found: dict[str, Any] = json.loads(
        files("stepwell.clinic.coverage.eligibility").joinpath("data/words.json").read_text("utf-8")
    )
    return found


def word(table: str, code: str) -> str:
    """The word for a code of that table, or the code itself."""
    return str(load_words()[table].get(code, code))


def service_words(codes: Iterable[str]) -> str:
    """“substance use, mental health”."""
    return ", ".join(word("service_types", code) for code in codes)


def rejection_words(rejection: Rejection) -> Said:
    """What a payer's refusal means and what to do; an unknown code is named."""
    words = load_words()
    what, do = words["rejections"].get(
        rejection.code,
        [f"The payer gives the reason {rejection.code}, which Stepwell has no words for.", "Call the payer."],
    )
    then = words["then"].get(rejection.then, "")
    about = words["rejected_levels"].get(rejection.level, "The payer")
    return Said(about=about, what=what, do=f"{do} {then}".strip())


def receipt_words(receipt: Receipt) -> str:
    """Why the clearinghouse did not take a question."""
    told = [word("receipts", code) for code in receipt.codes]
    sentences = " ".join(one if one.endswith(".") else f"Reason {one}." for one in told)
    return f"The clearinghouse refused the question. {sentences}".strip()


def percent_words(share: Decimal) -> str:
    """A part of the whole as it was told: “20 %”, “12.5 %”."""
    return f"{(share * 100).normalize():f} %"


def line_words(line: BenefitTold) -> str:
    """One statement about benefits as a short line: “copay, individual, a visit, $25.00, in network”."""
    amount = f"${line.amount:,.2f}" if line.amount is not None else ""
    share = percent_words(line.share) if line.share is not None else ""
    quantity = (
        f"{line.quantity.normalize():f} {word('quantities', line.quantity_kind)}"
        if line.quantity is not None
        else ""
    )
    parts = (
        word("kinds", line.kind),
        word("levels", line.level) if line.level else "",
        line.plan,
        word("periods", line.period) if line.period else "",
        amount,
        share,
        quantity,
        word("networks", line.network) if line.network else "",
        word("authorizations", line.authorization) if line.authorization else "",
        f"only at place of service {', '.join(line.places)}" if line.places else "",
    )
    return ", ".join(part for part in parts if part)
