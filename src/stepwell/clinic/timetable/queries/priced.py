"""The published programs as the public asks for their price: place, service and usual length."""

from __future__ import annotations

from dataclasses import dataclass

from stepwell.clinic.people.models import Site
from stepwell.clinic.timetable.models import ProgramListing


@dataclass(frozen=True, kw_only=True)
class PricedProgram:
    """A published program; its rates are coverage's."""

    id: int
    name: str
    site: Site
    code: str
    weeks: int
    days: int


def priced_programs() -> list[PricedProgram]:
    """Every published program of every site, by site and name. One query."""
    rows = ProgramListing.objects.filter(published=True).select_related("program__site")
    return [
        PricedProgram(
            id=row.program_id,
            name=row.program.name,
            site=row.program.site,
            code=row.program.service_code,
            weeks=row.program.planned_weeks,
            days=row.program.days_least,
        )
        for row in rows.order_by("program__site__name", "program__name")
    ]
