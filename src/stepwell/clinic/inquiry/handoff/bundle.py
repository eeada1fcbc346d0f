"""The bundle as a whole: its entries and contained records, and what each reference points at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stepwell.clinic.inquiry.handoff.data import listed
from stepwell.clinic.inquiry.handoff.refused import HandoffRefused
from stepwell.clinic.inquiry.handoff.tree import Node, shape, shown

MACHINE = "(no record)"


@dataclass(frozen=True, slots=True)
class Resource:
    """One record of the bundle: an entry's, or one contained in it (`inside` is then the container's path)."""

    type: str
    id: str
    node: Node
    inside: str = ""
    full_url: str = ""

    @property
    def path(self) -> str:
        return self.node.path


@dataclass(frozen=True)
class Bundle:
    """All records in the order of the file, and how to find one by a reference."""

    node: Node
    resources: tuple[Resource, ...]
    empty_entries: int
    _by_url: dict[str, Resource]
    _by_name: dict[str, Resource | None]
    _contained: dict[str, Resource]

    def find(self, reference: str, owner: Resource) -> Resource | None:
        """The record that `reference`, written in `owner`, means; None when it is not in the file."""
        container = owner.inside or owner.path
        if reference == "#":
            return next(r for r in self.resources if r.path == container)
        if reference.startswith("#"):
            return self._contained.get(f"{container}{reference}")
        plain = reference.split("/_history/")[0]
        return self._by_url.get(plain) or self._by_name.get(plain)


def open_bundle(tree: dict[str, object]) -> Bundle:
    """The tree as a Bundle. Raises HandoffRefused when it is not one that can carry a hand-off."""
    node = Node(tree, "")
    kind = tree.get("resourceType")
    if kind != "Bundle":
        what = f"a {shown(kind)}" if isinstance(kind, str) and kind else "no FHIR record"
        raise HandoffRefused(
            f"This file holds {what} at resourceType, and a hand-off is a FHIR R4 Bundle; "
            "ask the sender for the bundle.",
            "resourceType",
        )
    allowed = listed("handoff_taking")["bundles"]
    bundle_type = node.text("type")
    if bundle_type not in allowed:
        raise HandoffRefused(
            f"This bundle says “{shown(bundle_type)}” at type, and a hand-off must be one of {', '.join(allowed)}; "
            "ask the sender for the patient's records as a bundle.",
            "type",
        )
    resources: list[Resource] = []
    by_url: dict[str, Resource] = {}
    by_name: dict[str, Resource | None] = {}
    contained: dict[str, Resource] = {}
    empty = 0
    for entry in node.nodes("entry"):
        inner = entry.node("resource")
        if inner is None:
            empty += 1
            continue
        request = entry.node("request")
        if request and request.text("method") in ("DELETE", "PATCH"):
            raise HandoffRefused(
                f"The entry at {request.at('method')} asks to {request.text('method').lower()} a record, which a hand-off "
                "never does; ask the sender for the patient's records alone.",
                request.at("method"),
            )
        resource = _resource(inner, full_url=entry.text("fullUrl"))
        resources.append(resource)
        if resource.full_url:
            if resource.full_url in by_url:
                raise HandoffRefused(
                    f"The address at {entry.at('fullUrl')} stands twice in this file, so it is not clear which record "
                    "is meant; ask the sender for a valid bundle.",
                    entry.at("fullUrl"),
                )
            by_url[resource.full_url] = resource
        if resource.id:
            name = f"{resource.type}/{resource.id}"
            by_name[name] = None if name in by_name else resource
        for below in inner.nodes("contained"):
            held = _resource(below, inside=resource.path)
            resources.append(held)
            if held.id:
                contained[f"{resource.path}#{held.id}"] = held
    return Bundle(node, tuple(resources), empty, by_url, by_name, contained)


def _resource(node: Node, *, inside: str = "", full_url: str = "") -> Resource:
    kind = node.text("resourceType")
    if not (kind.isascii() and kind.isalpha() and len(kind) <= 60):
        raise HandoffRefused(
            f"The record does not say of what type it is at {node.at('resourceType')}; ask the sender for a valid FHIR R4 bundle.",
            node.at("resourceType"),
        )
    own = node.text("id")
    if len(own) > 64:
        raise shape(node.at("id"), "an id of at most 64 characters")
    return Resource(kind, own, node, inside, full_url)


def references(node: Node) -> Iterator[tuple[str, str]]:
    """Every reference below a record, contained records left out: its text and its path."""
    waiting: list[tuple[object, str]] = [(v, node.at(k)) for k, v in node.value.items() if k != "contained"]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, dict):
            for key, below in value.items():
                if key == "reference" and isinstance(below, str):
                    yield below, f"{path}.{key}"
                else:
                    waiting.append((below, f"{path}.{key}"))
        elif isinstance(value, list):
            waiting.extend((below, f"{path}[{n}]") for n, below in enumerate(value))


def check_references(bundle: Bundle, patient: Resource) -> None:
    """Refuse references that lead nowhere, and records that are somebody else's.

    A `urn:` or `#` reference has no meaning outside of the file, so it must be found in it. A reference to a
    record on the sender's own server may lead outside, except where it says whose the record is.
    """
    whose = listed("handoff_taking")["whose"]
    kinds = listed("handoff_taking")["kinds"]
    for resource in bundle.resources:
        for text, path in references(resource.node):
            if text.startswith(("urn:", "#")) and bundle.find(text, resource) is None:
                raise HandoffRefused(
                    f"The reference “{shown(text)}” at {path} leads to no record in this file; "
                    "ask the sender for the complete bundle.",
                    path,
                )
        member = whose.get(resource.type)
        if member:
            _check_whose(bundle, patient, resource, member, needed=resource.type in kinds)


def _check_whose(bundle: Bundle, patient: Resource, resource: Resource, member: str, *, needed: bool) -> None:
    path = resource.node.at(member)
    pointer = resource.node.node(member)
    text = pointer.text("reference") if pointer else ""
    if text:
        target = bundle.find(text, resource)
        about_a_person = "Patient" in text or target is None or target.type in ("Patient", "Group")
        if target is not patient and (needed or about_a_person):
            raise HandoffRefused(
                f"The {resource.type} at {path} belongs to “{shown(text)}”, who is not the patient of this file; "
                "ask the sender for one bundle for each patient.",
                path,
            )
    elif needed and resource.type != "Encounter":  # R4 lets an encounter leave it out
        raise HandoffRefused(
            f"The {resource.type} at {path} does not say whose it is; ask the sender for a valid FHIR R4 bundle.",
            path,
        )
