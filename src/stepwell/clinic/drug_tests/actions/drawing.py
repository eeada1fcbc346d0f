"""Random days: a seed is sealed first, then the pool is fixed and the days are drawn from both."""

from __future__ import annotations

import secrets
from collections.abc import Collection as CollectionOf
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.drug_tests import policies, rules
from stepwell.clinic.drug_tests.actions._entry import _day
from stepwell.clinic.drug_tests.models import RandomDraw, SealedSeed, TestOrder
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.refusal import Refused


@transaction.atomic
def seal_seed(*, by: Actor, at: datetime, site: Site, seed: bytes | None = None) -> SealedSeed:
    """Make the seed of the next draw; its commitment goes into the trail, the seed to nobody. One waits at a time.

    `seed` is for tests and invented clinics; no page gives one.
    """
    policies.may_order(by, site.pk)
    Site.objects.select_for_update().get(pk=site.pk)
    waiting = SealedSeed.objects.filter(site=site, draw__isnull=True).first()
    if waiting is not None:
        return waiting
    seed = seed or secrets.token_bytes(rules.SEED_BYTES)
    if len(seed) < rules.SEED_BYTES:
        raise Refused("The seed of the random draw is too short; it needs 32 bytes.")
    row = SealedSeed.objects.create(site=site, seed=seed.hex(), commitment=rules.commitment(seed), at=at)
    trail.record(
        by=by,
        at=at,
        action="drug_tests.seal",
        subject=f"SealedSeed {row.pk}",
        detail={"commitment": row.commitment},
    )
    return row


@transaction.atomic
def order_random_tests(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    patients: Iterable[Patient],
    panel: str,
    days: Iterable[date],
    tests: int,
    chosen: int | None = None,
    sealed: str = "",
) -> RandomDraw:
    """Draw `tests` random days among `days` for each patient, or for `chosen` of them, from the sealed seed.

    `sealed`: the commitment that the page showed; a draw is held once from each. The pool is kept, so that the draw
    can be checked. Raises `Refused` when no seed is sealed, when the tests do not fit into the days, for a day that
    has passed, or a patient of another site.
    """
    staff_id = policies.may_order(by, site.pk)
    rules.panel(panel)
    people = sorted(patients, key=lambda patient: patient.pk)
    open_days = tuple(sorted(set(days)))
    chosen = len(people) if chosen is None else chosen
    if not people or not open_days or tests < 1:
        raise Refused("Choose at least one person, one day and one test.")
    if not 1 <= chosen <= len(people):
        raise Refused(f"Draw between 1 and {len(people)} of the people chosen.")
    if open_days[0] < _day(at, site):
        raise Refused("A day of the draw has passed; choose days from today on.")
    if any(patient.site_id != site.pk for patient in people):
        raise Refused("One of the people belongs to another site; nothing was drawn.")
    seed = _unsealed(site, sealed)
    gap = rules.least_gap_days()
    pool = rules.Pool(tuple(p.code for p in people), open_days, tests, gap, panel, chosen)
    drawn = rules.drawn(bytes.fromhex(seed.seed), pool)
    if rules.leaves_nothing_to_chance(pool):
        raise Refused(
            "These days leave nothing to chance: everybody could foresee them. Choose more days or fewer tests."
        )
    drawing = RandomDraw.objects.create(
        site=site,
        sealed=seed,
        pool=pool.written(),
        pool_hash=pool.hash,
        panel=panel,
        first_on=open_days[0],
        last_on=open_days[-1],
        tests=tests,
        least_gap=gap,
        at=at,
        by_id=staff_id,
    )
    orders = [
        TestOrder(
            patient=patient,
            panel=panel,
            reason=TestOrder.Reason.RANDOM,
            due_on=day,
            draw=drawing,
            at=at,
            by_id=staff_id,
        )
        for patient in people
        for day in drawn.get(patient.code, ())
    ]
    TestOrder.objects.bulk_create(orders)
    detail = {"panel": panel, "tests": tests, "pool": pool.hash, "commitment": seed.commitment}
    trail.record_each(
        by=by,
        at=at,
        action="drug_tests.draw",
        of=[(patient.pk, f"RandomDraw {drawing.pk}", detail) for patient in people],
    )
    return drawing


def _unsealed(site: Site, sealed: str) -> SealedSeed:
    """The seed that waits, held until the end of the transaction."""
    rows = SealedSeed.objects.select_for_update().filter(site=site)
    if sealed:
        row = rows.filter(commitment=sealed).first()
        if row is not None and RandomDraw.objects.filter(sealed=row).exists():
            raise Refused("This draw was held already; nothing was drawn a second time.")
    else:
        row = rows.exclude(Exists(RandomDraw.objects.filter(sealed=OuterRef("pk")))).order_by("pk").first()
    if row is None:
        raise Refused("Seal a seed first: it must be written down before anybody is chosen.")
    return row


def weekdays_from(first: date, last: date, weekdays: CollectionOf[int]) -> tuple[date, ...]:
    """The days from first to last that fall on these weekdays (Monday 0): when the site can collect."""
    span = range((last - first).days + 1)
    return tuple(day for day in (first + timedelta(days=n) for n in span) if day.weekday() in weekdays)
