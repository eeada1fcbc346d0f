"""Reading draws: what is sealed, what was drawn, and whether it holds. Days that are still to come are not told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.drug_tests import rules
from stepwell.clinic.drug_tests.models import RandomDraw, SealedSeed
from stepwell.clinic.people.models import Site


@dataclass(frozen=True)
class Checked:
    """A draw with the answer of the check. `paper` is all that somebody needs to check it elsewhere, None before."""

    row: RandomDraw
    check: rules.Check
    open: bool
    paper: dict[str, Any] | None


def sealed_seed(by: Actor, site: Site) -> SealedSeed | None:
    """The seed that waits for its draw, without telling it: only its commitment is shown."""
    rows = SealedSeed.objects.filter(
        site=site, site_id__in=by.sites_with(Permission.DRUG_TEST_ORDER), draw__isnull=True
    )
    return rows.defer("seed").order_by("pk").first()


def draws(by: Actor) -> list[RandomDraw]:
    """Draws at the sites of `by`, newest first."""
    rows = RandomDraw.objects.filter(site_id__in=by.sites_with(Permission.DRUG_TEST_READ))
    return list(rows.select_related("sealed", "by").order_by("-at", "-pk")[:60])


def checked_draw(by: Actor, number: int, *, today: date) -> Checked:
    """One draw, computed anew. Raises `RandomDraw.DoesNotExist` for another site's.

    The seed is told once the last day has passed: with it, everybody could compute the days.
    """
    rows = RandomDraw.objects.filter(site_id__in=by.sites_with(Permission.DRUG_TEST_READ))
    row = rows.select_related("sealed", "site", "by").get(pk=number)
    days: dict[str, list[date]] = {}
    for code, day in row.orders.order_by("due_on").values_list("patient__code", "due_on"):
        days.setdefault(code, []).append(day)
    found = {code: tuple(some) for code, some in days.items()}
    check = rules.check_draw(
        seed=bytes.fromhex(row.sealed.seed),
        committed=row.sealed.commitment,
        pool=rules.pool_from(row.pool),
        pool_hash=row.pool_hash,
        days=found,
    )
    over = today > row.last_on
    paper = {
        "commitment": row.sealed.commitment,
        "days": {code: [one.isoformat() for one in some] for code, some in sorted(found.items())},
        "pool": row.pool,
        "pool_hash": row.pool_hash,
        "seed": row.sealed.seed,
    }
    return Checked(row, check, over, paper if over else None)
