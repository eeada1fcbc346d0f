"""What somebody chose in the finder, read from an address or from a form; what nobody offered is passed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stepwell.clinic.people.rules.places import Place, ZipProblem, place_of_zip
from stepwell.clinic.timetable.rules.finding import Sought

MILES = (10, 25, 50, 100)
DAYS = (7, 14)
PERSONAL = ("zip", "within", "population")
"""Never in an address: they say something about who asks."""

PLAIN = ("level", "track", "language", "insurance", "soon", "video")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`chosen` is what the form shows as chosen, by field; `problem` is a key of the content's [zips]."""

    chosen: Mapping[str, str]
    sought: Sought
    problem: str = ""

    @property
    def personal(self) -> bool:
        """Whether anything was chosen that may not stand in an address."""
        return any(self.chosen[name] for name in PERSONAL)

    @property
    def plain(self) -> dict[str, str]:
        """What may stand in the address of this list."""
        return {name: self.chosen[name] for name in PLAIN if self.chosen[name]}


def read(told: Mapping[str, Any], offered: Mapping[str, Sequence[tuple[str, str]]]) -> Asked:
    """`told` are fields of a form or of an address, `offered` the choices of each field as (value, words)."""
    chosen = {"zip": str(told.get("zip", ""))[:20].strip()}
    for name in ("within", "population", "level", "track", "language", "insurance", "soon", "video"):
        value = str(told.get(name, ""))
        chosen[name] = value if value in {key for key, _ in offered[name]} else ""
    place: Place | None = None
    problem = ""
    if chosen["zip"]:
        found = place_of_zip(chosen["zip"])
        if isinstance(found, ZipProblem):
            problem = found.value
        else:
            place = found
    elif chosen["within"]:
        problem = "needed"
    sought = Sought(
        level=chosen["level"],
        track=chosen["track"],
        video=bool(chosen["video"]),
        population=chosen["population"],
        language=chosen["language"],
        insurer=int(chosen["insurance"]) if chosen["insurance"] else None,
        within=int(chosen["within"]) if chosen["within"] and place else None,
        soon=int(chosen["soon"]) if chosen["soon"] else None,
        place=place,
    )
    return Asked(chosen=chosen, sought=sought, problem=problem)
