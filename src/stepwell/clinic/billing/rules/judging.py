"""One patient's whole day: which rules apply at the level of care in force, and what each of them charges.

A combination of payer, level and service for which nobody named a rule is never charged: it waits with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from stepwell.clinic.coverage.rules import PayerRule, Unit, at_level
from stepwell.clinic.saying import day_words

from .charges import Charge, NotBillable, Service, ServiceDay, charge_for

KIND_WORDS = {
    "group": "group sessions",
    "individual": "individual sessions",
    "family": "family sessions",
    "crisis": "crisis sessions",
    "case_management": "case management",
    "medical": "medical visits",
    "peer": "peer support",
}


@dataclass(frozen=True, kw_only=True)
class DayAnswer:
    """Charges, and every reason for what is not charged, what can be mended first.

    `mendable`: somebody can still do something about at least one reason. `waiting`: ids of the sessions that wait.
    """

    charges: tuple[Charge, ...] = ()
    reasons: tuple[str, ...] = ()
    mendable: bool = False
    waiting: tuple[int | str, ...] = ()


def judge_day(
    day: ServiceDay,
    rules: Iterable[PayerRule],
    *,
    level: str,
    level_words: str,
    payer: str,
    terms: Callable[[PayerRule, frozenset[str]], ServiceDay] | None = None,
) -> DayAnswer:
    """Judge the day by all rules that the payer follows that day.

    `level` is the code of the clinical level in force ('' when none was), `level_words` its name as shown, `payer`
    its name ('' for people who pay themselves). `terms(rule, codes)` gives the day with the fee and the authorization
    for that rule's code, where `codes` are those charged for the day so far; without it `day` serves every rule.

    A whole day's rule goes first and, while it can still be mended, no other rule takes any of the day's sessions.
    No session is charged twice.
    """
    left = [s for s in day.services if s.minutes > 0]
    if not level:
        return _waits(left, f"No level of care was in force on {day_words(day.on)}; place the person first.")
    held = at_level(rules, level)
    if not held:
        return _waits(left, _no_rule("a day", level_words, payer, day.on))
    codes = day.charged_codes
    if any(rule.unit is Unit.PER_DIEM and rule.code in codes for rule in held):
        return DayAnswer()  # the day's charge holds every session of the day
    charges: list[Charge] = []
    mend: list[str] = []
    final: list[str] = []
    unpaid: list[str] = []
    waiting: list[int | str] = []
    for rule in held:
        taken = [s for s in left if s.kind in rule.sessions]
        if rule.unit is Unit.NOT_PAID:
            unpaid += [
                f"{_said(kind)} not paid by {payer or 'anybody'} at {level_words}." for kind in _kinds(taken)
            ]
            left = [s for s in left if s not in taken]
            continue
        if not taken and rule.unit is not Unit.PER_DIEM:
            continue
        asked = terms(rule, codes) if terms else replace(day, charged_codes=codes)
        answer = charge_for(replace(asked, services=tuple(left)), rule)
        if isinstance(answer, NotBillable):
            if not answer.mendable:
                final += answer.reasons
                continue
            mend += answer.reasons
            waiting += [s.session_id for s in taken]
        else:
            charges.append(answer)
            codes |= {answer.code}
        left = [] if rule.unit is Unit.PER_DIEM else [s for s in left if s not in taken]
    unruled = [kind for kind in _kinds(left) if not any(kind in rule.sessions for rule in held)]
    if unruled and not any(rule.unit is Unit.PER_DIEM for rule in held):
        mend += [_no_rule(KIND_WORDS.get(kind, kind), level_words, payer, day.on) for kind in unruled]
        waiting += [s.session_id for s in left if s.kind in unruled]
    if charges and not any(s for s in left if s.kind not in unruled):
        final = []  # what a whole day's rule refused, another rule has paid
    return DayAnswer(
        charges=tuple(charges),
        reasons=tuple(dict.fromkeys([*mend, *final, *unpaid])),
        mendable=bool(mend),
        waiting=tuple(waiting),
    )


def _waits(services: list[Service], reason: str) -> DayAnswer:
    return DayAnswer(reasons=(reason,), mendable=True, waiting=tuple(s.session_id for s in services))


def _kinds(services: Iterable[Service]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s.kind for s in services))


def _no_rule(what: str, level: str, payer: str, on: date) -> str:
    what = f"No rule for {what} at {level}"
    if payer:
        return f"{what} by {payer} on {day_words(on)}; set one under Payers' rules."
    return f"{what} for people who pay themselves; it is set in billing/data/limits.json, “self_pay_rules”."


def _said(kind: str) -> str:
    words = KIND_WORDS.get(kind, kind).capitalize()
    return f"{words} {'is' if kind in ('case_management', 'peer') else 'are'}"
