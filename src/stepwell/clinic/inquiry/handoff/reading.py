"""A hand-off file read as a whole: `read_handoff(raw) -> Handoff`, or HandoffRefused with one sentence."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from stepwell.clinic.inquiry.handoff.bundle import MACHINE, Bundle, Resource, check_references, open_bundle
from stepwell.clinic.inquiry.handoff.data import listed
from stepwell.clinic.inquiry.handoff.items import Item, contact_item, read_item
from stepwell.clinic.inquiry.handoff.parsing import SIZE_LIMIT, content_key, parse
from stepwell.clinic.inquiry.handoff.person import (
    ContactRead,
    PersonRead,
    read_contacts,
    read_person,
    the_patient,
)
from stepwell.clinic.inquiry.handoff.refused import HandoffRefused
from stepwell.clinic.inquiry.handoff.sender import Source, read_source
from stepwell.clinic.inquiry.handoff.sensitivity import labels_by_path
from stepwell.clinic.inquiry.handoff.tree import When, read_when, shown
from stepwell.clinic.inquiry.handoff.versions import check_version

__all__ = ["SIZE_LIMIT", "Handoff", "HandoffRefused", "Item", "Named", "Skipped", "read_handoff"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Records, or fields (`Patient.identifier`), that were not taken: how many, and why."""

    resource_type: str
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Named:
    """A record of which only the name was used, such as the hospital or the prescriber."""

    resource_type: str
    resource_id: str
    path: str
    display: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """One hand-off file.

    Every record of the bundle has exactly one fate, so `records` (entries and contained records) is
    1 (the patient) + `taken` + len(`named`) + the counts of `skipped`. Fields that were not read of the
    records taken are in `skipped_fields`. `sha256` is of the bytes, `content_key` of the content however
    it is written. `remarks` are sentences that a person must see before deciding.
    """

    sha256: str
    content_key: str
    bundle_type: str
    source: Source
    patient: PersonRead
    contacts: tuple[ContactRead, ...]
    items: tuple[Item, ...]
    named: tuple[Named, ...]
    skipped: tuple[Skipped, ...]
    skipped_fields: tuple[Skipped, ...]
    remarks: tuple[str, ...]
    records: int

    @property
    def taken(self) -> int:
        """Records taken as items; the contacts written inside the Patient are no records of their own."""
        return sum(1 for item in self.items if item.resource_type != "Patient")


def read_handoff(raw: bytes, *, limit: int = SIZE_LIMIT, latest: date | None = None) -> Handoff:
    """Read one hand-off: a FHIR R4 Bundle as JSON in UTF-8 about exactly one patient.

    `limit` is the largest size in bytes. `latest`, when given, is the last day on which somebody can have
    been born or a problem can have begun: the caller passes its today, for nothing here looks at the clock.
    Raises HandoffRefused: one sentence, with the place in the file. Nothing else is ever raised.
    """
    tree = parse(raw, limit=limit)
    bundle = open_bundle(tree)
    check_version(bundle.node, bundle.resources)
    patient = the_patient(bundle)
    check_references(bundle, patient)
    person = read_person(patient)
    _check_birth(person, latest)

    contacts = read_contacts(patient.node)
    labels = labels_by_path(bundle)
    names: dict[str, str] = {}
    items: list[Item] = [contact_item(c, patient, labels.get(patient.path, ())) for c in contacts]
    fates: dict[str, tuple[str, str]] = {}
    coverages: dict[str, str] = {}
    kinds = listed("handoff_taking")["kinds"]
    for resource in bundle.resources:
        if resource.type not in kinds:
            continue
        why = _unfit(resource) or _told_already(resource, coverages)
        if why:
            fates[resource.path] = (resource.type, why)
            continue
        item = read_item(resource, bundle, labels.get(resource.path, ()), names)
        _check_item(item, person, latest)
        items.append(item)
    source = read_source(bundle, patient)
    if source.organization_path and source.organization:
        names.setdefault(source.organization_path, source.organization)

    taken = {i.path for i in items}
    named = tuple(
        Named(r.type, r.id, r.path, names[r.path])
        for r in bundle.resources
        if r.path in names and r.path not in taken and r is not patient and r.path not in fates
    )
    settled = taken | {n.path for n in named} | {patient.path}
    skipped = Counter(
        fates.get(r.path) or (r.type, _why_not(r.type)) for r in bundle.resources if r.path not in settled
    )
    if bundle.empty_entries:
        skipped[(MACHINE, "The entry holds no record.")] = bundle.empty_entries
    return Handoff(
        sha256=hashlib.sha256(raw).hexdigest(),
        content_key=content_key(tree),
        bundle_type=bundle.node.text("type"),
        source=source,
        patient=person,
        contacts=contacts,
        items=tuple(items),
        named=named,
        skipped=_listed(skipped),
        skipped_fields=_listed(Counter(_unread_fields(bundle, taken | {patient.path}))),
        remarks=tuple(_remarks(person, patient)),
        records=len(bundle.resources) + bundle.empty_entries,
    )


def _listed(counts: Counter[tuple[str, str]]) -> tuple[Skipped, ...]:
    """Most frequent first, then by name."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Skipped(kind, count, why) for (kind, why), count in ordered)


def _why_not(resource_type: str) -> str:
    taking = listed("handoff_taking")
    if resource_type in taking["naming"]:
        return str(taking["not_named"])
    return str(taking["why"].get(resource_type, taking["otherwise"]))


def _unfit(resource: Resource) -> str:
    """Why a record of a kind that is taken must not be; empty when it may."""
    node = resource.node
    for key in ("modifierExtension", "implicitRules"):
        if node.has(key):
            return f"It has a {key}, which may turn its meaning round; read it in the sender's file."
    for rule in listed("handoff_taking")["unfit"]:
        if rule["type"] != resource.type:
            continue
        found = node.value.get(rule["field"])
        said = node.concept(rule["field"]).first.code if isinstance(found, dict) else node.text(rule["field"])
        if said == rule["value"]:
            return str(rule["why"])
    return ""


def _told_already(resource: Resource, coverages: dict[str, str]) -> str:
    """Hospitals repeat the insurance in every bill: the same Coverage is one item."""
    if resource.type != "Coverage":
        return ""
    said = {k: v for k, v in resource.node.value.items() if k not in ("id", "meta", "text")}
    first = coverages.setdefault(content_key(said), resource.path)
    return "" if first == resource.path else f"It says the same as the Coverage at {first}."


def _check_birth(person: PersonRead, latest: date | None) -> None:
    born = person.birth_date
    if born and latest and born.first_day > latest:
        path = f"{person.path}.birthDate"
        raise HandoffRefused(
            f"The date of birth {shown(born.text)} at {path} lies in the future; ask the sender to correct the file.",
            path,
        )


def _check_item(item: Item, person: PersonRead, latest: date | None) -> None:
    """Nothing of a person can begin a year before the birth, nor a problem in the future."""
    if not item.starts:
        return
    start: When = read_when(item.starts, item.path)
    born = person.birth_date
    if born and item.kind != "contact" and start.last_day.year < born.first_day.year - 1:
        raise HandoffRefused(
            f"The {item.kind} at {item.path} begins on {shown(item.starts)}, before the patient's birth; "
            "ask the sender to correct the file.",
            item.path,
        )
    if latest and item.kind == "problem" and start.first_day > latest:
        raise HandoffRefused(
            f"The problem at {item.path} begins on {shown(item.starts)}, which lies in the future; "
            "ask the sender to correct the file.",
            item.path,
        )


def _unread_fields(bundle: Bundle, taken: set[str]) -> Iterator[tuple[str, str]]:
    taking = listed("handoff_taking")
    plain = {"resourceType", "id", "meta", "text", "contained", "language"}
    for resource in bundle.resources:
        if resource.path not in taken:
            continue
        known = plain | set(taking["read"][resource.type])
        for key in resource.node.value:
            if key.removeprefix("_") not in known:
                yield f"{resource.type}.{key}", str(taking["unread_field"])


def _remarks(person: PersonRead, patient: Resource) -> Iterator[str]:
    if person.deceased == "true":
        yield "The file says that this person has died."
    elif person.deceased:
        yield f"The file says that this person died on {person.deceased[:10]}."
    if patient.node.text("active") == "false":
        yield "The sender no longer uses this patient's record."
    if any(link.text("type") == "replaced-by" for link in patient.node.nodes("link")):
        yield "The sender has replaced this patient's record by another one."
    if person.birth_date is None:
        yield "The file has no date of birth."
