"""One record of the bundle as one item for a person to accept or reject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stepwell.clinic.inquiry.handoff.bundle import Bundle, Resource
from stepwell.clinic.inquiry.handoff.data import listed
from stepwell.clinic.inquiry.handoff.kinds import READERS, Look
from stepwell.clinic.inquiry.handoff.person import ContactRead, contact_detail, contact_display
from stepwell.clinic.inquiry.handoff.sensitivity import PART_2
from stepwell.clinic.inquiry.handoff.tree import Coding, in_order, shape

CODE_LIMIT, SYSTEM_LIMIT, STATUS_LIMIT = 60, 200, 40


class Kind(StrEnum):
    """What an item is for the clinic."""

    CONTACT = "contact"
    PROBLEM = "problem"
    MEDICATION = "medication"
    ALLERGY = "allergy"
    ENCOUNTER = "encounter"
    COVERAGE = "coverage"


@dataclass(frozen=True, slots=True)
class Item:
    """One fact with its source: `path` is its place in the file, such as `entry[12].resource`.

    `starts` and `ends` are FHIR dates exactly as written, empty when absent. `detail` holds texts, lists
    of texts and lists of such objects, only those that the file has. `part2` marks substance-use data.
    """

    kind: Kind
    resource_type: str
    resource_id: str
    path: str
    display: str
    system: str
    code: str
    status: str
    starts: str
    ends: str
    detail: dict[str, Any]
    part2: bool
    labels: tuple[str, ...]


def read_item(resource: Resource, bundle: Bundle, labels: tuple[str, ...], named: dict[str, str]) -> Item:
    """The item of one record. `named` collects, by path, the records that lent it a name.

    Raises HandoffRefused with the place where the record is not R4 or a date cannot be true.
    """
    kind = Kind(listed("handoff_taking")["kinds"][resource.type])
    look = Look(resource, bundle, named)
    facts = READERS[resource.type](look)
    in_order(facts.starts, facts.ends, resource.path)
    primary = next(
        (c for c in facts.concept.codings if 0 < len(c.code) <= CODE_LIMIT and len(c.system) <= SYSTEM_LIMIT),
        Coding("", "", ""),
    )
    if len(facts.status) > STATUS_LIMIT:
        raise shape(resource.path, f"a status of at most {STATUS_LIMIT} characters")
    detail = {"codings": [_as_dict(c) for c in facts.concept.codings]} | facts.detail
    return Item(
        kind=kind,
        resource_type=resource.type,
        resource_id=resource.id,
        path=resource.path,
        display=facts.display or facts.concept.display or f"{resource.type} without a name",
        system=primary.system,
        code=primary.code,
        status=facts.status,
        starts=facts.starts.text if facts.starts else "",
        ends=facts.ends.text if facts.ends else "",
        detail={key: value for key, value in detail.items() if value},
        part2=PART_2 in labels,
        labels=labels,
    )


def contact_item(contact: ContactRead, patient: Resource, labels: tuple[str, ...]) -> Item:
    """A contact written inside the Patient; its record is the Patient."""
    return Item(
        kind=Kind.CONTACT,
        resource_type="Patient",
        resource_id=patient.id,
        path=contact.path,
        display=contact_display(contact),
        system="",
        code="",
        status="",
        starts="",
        ends="",
        detail={k: v for k, v in contact_detail(contact).items() if v},
        part2=PART_2 in labels,
        labels=labels,
    )


def _as_dict(found: Coding) -> dict[str, str]:
    return {
        k: v for k, v in (("system", found.system), ("code", found.code), ("display", found.display)) if v
    }
