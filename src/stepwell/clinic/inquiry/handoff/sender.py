"""Who sent the hand-off, as far as the bundle says."""

from __future__ import annotations

from dataclasses import dataclass

from stepwell.clinic.inquiry.handoff.bundle import Bundle, Resource
from stepwell.clinic.inquiry.handoff.person import telecom


@dataclass(frozen=True, slots=True)
class Source:
    """Who sent it, as far as the bundle says: the system, the organization and its phone, and when."""

    system: str = ""
    organization: str = ""
    phone: str = ""
    when: str = ""
    organization_path: str = ""


def read_source(bundle: Bundle, patient: Resource) -> Source:
    """The sender: a letter's custodian, else the patient's own organization, else where the last stay was.

    `when` is the bundle's own time, else the letter's, else the end of the last stay.
    """
    system = ""
    for node in (bundle.node, patient.node):
        meta = node.node("meta")
        system = system or (meta.text("source") if meta else "")
    header = next((r for r in bundle.resources if r.type == "MessageHeader"), None)
    if header and not system:
        inner = header.node.node("source")
        system = (inner.text("software") or inner.text("name") or inner.text("endpoint")) if inner else ""
    if not system:
        system = next((i.text("system") for i in patient.node.nodes("identifier") if i.text("system")), "")

    letter = next((r for r in bundle.resources if r.type == "Composition"), None)
    stay = last_stay(bundle)
    owners = [(letter, "custodian"), (patient, "managingOrganization"), (stay, "serviceProvider")]
    organization = phone = path = ""
    for owner, member in owners:
        if owner and not organization:
            organization, phone, path = _organization(bundle, owner, member)
    stamps = [bundle.node.when("timestamp"), letter.node.when("date") if letter else None]
    if stay:
        begun, ended = stay.node.period("period")
        stamps.append(ended or begun)
    when = next((w.text for w in stamps if w), "")
    return Source(system, organization, phone, when, path)


def last_stay(bundle: Bundle) -> Resource | None:
    """The inpatient encounter that ended last; without one, the last encounter of any kind."""

    def ended(resource: Resource) -> str:
        start, end = resource.node.period("period")
        last = end or start
        return last.text if last else ""

    encounters = [r for r in bundle.resources if r.type == "Encounter"]
    inpatient = [
        r for r in encounters if (c := r.node.node("class")) and c.text("code") in ("IMP", "ACUTE", "NONAC")
    ]
    return max(inpatient or encounters, key=ended, default=None)


def _organization(bundle: Bundle, owner: Resource, member: str) -> tuple[str, str, str]:
    pointer = owner.node.node(member)
    if pointer is None:
        return "", "", ""
    target = bundle.find(pointer.text("reference"), owner)
    if target is None or not target.node.text("name"):
        return pointer.text("display"), "", pointer.path
    phones, _ = telecom(target.node)
    return target.node.text("name"), phones[0] if phones else "", target.path
