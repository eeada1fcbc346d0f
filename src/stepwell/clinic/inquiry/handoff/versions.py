"""Is the bundle FHIR R4 at all? Told from what it says of itself and from shapes that R4 has not."""

from __future__ import annotations

from collections.abc import Iterator

from stepwell.clinic.inquiry.handoff.bundle import Resource
from stepwell.clinic.inquiry.handoff.data import listed
from stepwell.clinic.inquiry.handoff.refused import HandoffRefused
from stepwell.clinic.inquiry.handoff.tree import Node, shown


def check_version(bundle: Node, resources: tuple[Resource, ...]) -> None:
    """Raise HandoffRefused on the first sign that the bundle is of another FHIR version than R4."""
    _check_stated(bundle)
    for resource in resources:
        _check_stated(resource.node)
        other = listed("handoff_versions")["types"].get(resource.type)
        if other:
            raise _refused(other, f"`{resource.type}` at {resource.path} does not exist in R4", resource.path)
        for field in listed("handoff_versions")["fields"]:
            if field["type"] != resource.type:
                continue
            for value, path in _values(resource.node.value, field["field"].split("."), resource.path):
                if _looks(value, field["shape"]):
                    raise _refused(
                        field["is"], f"`{field['field']}` at {path} is written as {field['is']} has it", path
                    )


def _check_stated(node: Node) -> None:
    stated = node.value.get("fhirVersion")
    for version in stated if isinstance(stated, list) else [stated]:
        if isinstance(version, str) and not version.startswith(tuple(listed("handoff_versions")["r4"])):
            path = node.at("fhirVersion")
            raise _refused(shown(version), f"{path} says so", path)
    meta = node.node("meta")
    if meta:
        for n, profile in enumerate(meta.texts("profile")):
            for part, version in listed("handoff_versions")["profiles"].items():
                if part in profile:
                    path = f"{meta.at('profile')}[{n}]"
                    raise _refused(version, f"the profile at {path} names that version", path)


def _values(value: object, keys: list[str], path: str) -> Iterator[tuple[object, str]]:
    """What stands at a dotted place, through lists, with the path of each."""
    if isinstance(value, list) and keys:
        for n, member in enumerate(value):
            yield from _values(member, keys, f"{path}[{n}]")
    elif not keys:
        yield value, path
    elif isinstance(value, dict) and value.get(keys[0]) is not None:
        yield from _values(value[keys[0]], keys[1:], f"{path}.{keys[0]}")


def _looks(value: object, shape: str) -> bool:
    wanted = {"any": object, "text": str, "list": list, "object": dict}[shape]
    return isinstance(value, wanted)


def _refused(version: str, because: str, path: str) -> HandoffRefused:
    return HandoffRefused(
        f"This file is FHIR {version}, and Stepwell reads FHIR R4: {because}; ask the sender for an R4 bundle.",
        path,
    )
