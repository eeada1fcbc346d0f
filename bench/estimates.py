"""How many episodes are priced in a second, by one process: the pure rule, without a page around it."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

from bench.report import Row
from stepwell.clinic.coverage import rules

GOAL = 300
"""Episodes a second: a page that prices three ways of paying spends 10 ms on it."""

_RATE = rules.DatedRate(code="H0015", amount=rules.Money.of(250), starts_on=date(2026, 1, 1))


def episode() -> rules.Episode:
    """Twelve weeks of three days with insurance, a benefit year that turns over, assistance visits and a grant."""
    told = rules.Benefits(
        covered=True,
        network=rules.Network.IN,
        deductible_remaining=rules.Money.of(1000),
        out_of_pocket_remaining=rules.Money.of(4000),
        coinsurance=Decimal("0.20"),
        resets_on=date(2027, 1, 1),
        year=rules.YearAmounts(deductible=rules.Money.of(1000), out_of_pocket=rules.Money.of(4000)),
    )
    return rules.Episode(
        visits=rules.planned_visits(
            [rules.Ordered(code="H0015", days_a_week=3)], date(2026, 11, 23), 12, rules.load_planning()
        ),
        charges=[_RATE],
        first=rules.Plan(benefits=told, allowed=[_RATE]),
        eap=rules.Eap(visits=3),
        grants=[rules.Grant(name="Scholarship", balance=rules.Money.of(500))],
    )


def estimate_rows(times: int) -> list[Row]:
    """The best of three turns: what the machine does besides is not the rule's."""
    asked = episode()
    best = 0.0
    for _ in range(3):
        begun = time.perf_counter()
        for _ in range(times):
            rules.price(asked)
        best = max(best, times / (time.perf_counter() - begun))
    return [Row("estimates of 12 weeks, by one process", best, None, "/s", f">= {GOAL}", best >= GOAL)]
