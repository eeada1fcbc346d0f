"""What is read of each kind of record that the clinic takes: the words, the dates and the details."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stepwell.clinic.inquiry.handoff.bundle import Bundle, Resource
from stepwell.clinic.inquiry.handoff.data import listed
from stepwell.clinic.inquiry.handoff.dosing import dosages
from stepwell.clinic.inquiry.handoff.person import contact_detail, contact_display, contact_of, whole_name
from stepwell.clinic.inquiry.handoff.tree import Coding, Concept, Node, When, coding


@dataclass(frozen=True, slots=True)
class Facts:
    """What the reader of one kind found."""

    concept: Concept
    status: str
    starts: When | None
    ends: When | None
    detail: dict[str, Any]
    display: str = ""


class Look:
    """One record, and the names of the records that it points at."""

    def __init__(self, resource: Resource, bundle: Bundle, named: dict[str, str]) -> None:
        self.resource, self.node = resource, resource.node
        self._bundle, self._named = bundle, named

    def find(self, pointer: Node | None) -> Resource | None:
        return self._bundle.find(pointer.text("reference"), self.resource) if pointer else None

    def name(self, pointer: Node | None) -> str:
        """The words for what a reference means: the record's own name, else the reference's display."""
        target = self.find(pointer)
        if pointer is None:
            return ""
        if target is None or target.type not in (*listed("handoff_taking")["naming"], "RelatedPerson"):
            return pointer.text("display")
        if target.type == "PractitionerRole":
            found = self._names_of_role(target)
        elif target.type in ("Practitioner", "RelatedPerson"):
            names = target.node.nodes("name")
            found = whole_name(names[0]) if names else ""
        elif target.type == "Medication":
            found = target.node.concept("code").display
        else:
            found = target.node.text("name")
        if found:
            self._named[target.path] = found
        return found or pointer.text("display")

    def _names_of_role(self, role: Resource) -> str:
        inner = Look(role, self._bundle, self._named)
        names = (inner.name(role.node.node(member)) for member in ("practitioner", "organization"))
        return ", ".join(n for n in names if n)

    def reasons(self) -> list[str]:
        """Why: the coded reasons, and the names of the records given as reason."""
        said = [c.display for c in self.node.concepts("reasonCode")]
        for pointer in self.node.nodes("reasonReference"):
            target = self.find(pointer)
            said.append(target.node.concept("code").display if target else pointer.text("display"))
        return [s for s in said if s]

    def notes(self) -> list[str]:
        return [n.text("text") for n in self.node.nodes("note") if n.text("text")]

    def stay(self) -> str:
        """Place in the file of the encounter that the record belongs to."""
        target = self.find(self.node.node("encounter") or self.node.node("context"))
        return target.path if target else ""

    def began(self) -> tuple[When | None, When | None, str]:
        """Onset: day, end of the period of onset, or words."""
        start, end = self.node.period("onsetPeriod")
        return self.node.when("onsetDateTime") or start, end, self.node.text("onsetString")


def _problem(look: Look) -> Facts:
    node = look.node
    onset, _, onset_words = look.began()
    over_from, over_to = node.period("abatementPeriod")
    recorded = node.when("recordedDate")
    return Facts(
        node.concept("code"),
        node.concept("clinicalStatus").first.code,
        onset,
        node.when("abatementDateTime") or over_to or over_from,
        {
            "verification": node.concept("verificationStatus").first.code,
            "category": [c.display for c in node.concepts("category") if c.display],
            "severity": node.concept("severity").display,
            "onset": onset_words,
            "over": node.text("abatementString"),
            "recorded": recorded.text if recorded else "",
            "recorded_by": look.name(node.node("recorder")) or look.name(node.node("asserter")),
            "encounter": look.stay(),
            "notes": look.notes(),
        },
    )


def _drug(look: Look) -> Concept:
    """The drug: coded in place, or by a Medication of the bundle."""
    node = look.node
    pointer = node.node("medicationReference")
    if pointer:
        look.name(pointer)
        target = look.find(pointer)
        return target.node.concept("code") if target else Concept(pointer.text("display"))
    return node.concept("medicationCodeableConcept")


def _order(look: Look) -> Facts:
    node = look.node
    dispense = node.node("dispenseRequest")
    begins, ends = dispense.period("validityPeriod") if dispense else (None, None)
    return Facts(
        _drug(look),
        node.text("status"),
        node.when("authoredOn") or begins,
        ends,
        {
            "from": "order",
            "intent": node.text("intent"),
            "dose": dosages(node.nodes("dosageInstruction")),
            "reasons": look.reasons(),
            "status_reason": node.concept("statusReason").display,
            "prescriber": look.name(node.node("requester")),
            "encounter": look.stay(),
            "notes": look.notes(),
        },
    )


def _statement(look: Look) -> Facts:
    node = look.node
    begins, ends = node.period("effectivePeriod")
    asserted = node.when("dateAsserted")
    return Facts(
        _drug(look),
        node.text("status"),
        node.when("effectiveDateTime") or begins,
        ends,
        {
            "from": "statement",
            "dose": dosages(node.nodes("dosage")),
            "reasons": look.reasons(),
            "status_reason": [c.display for c in node.concepts("statusReason") if c.display],
            "said_by": look.name(node.node("informationSource")),
            "asserted": asserted.text if asserted else "",
            "encounter": look.stay(),
            "notes": look.notes(),
        },
    )


def _allergy(look: Look) -> Facts:
    node = look.node
    onset, ended, onset_words = look.began()
    last, recorded = node.when("lastOccurrence"), node.when("recordedDate")
    reactions = []
    for reaction in node.nodes("reaction"):
        found = {
            "to": reaction.concept("substance").display,
            "signs": [c.display for c in reaction.concepts("manifestation") if c.display],
            "severity": reaction.text("severity"),
            "words": reaction.text("description"),
        }
        reactions.append({k: v for k, v in found.items() if v})
    return Facts(
        node.concept("code"),
        node.concept("clinicalStatus").first.code,
        onset,
        ended,
        {
            "verification": node.concept("verificationStatus").first.code,
            "type": node.text("type"),
            "category": list(node.texts("category")),
            "criticality": node.text("criticality"),
            "reactions": [r for r in reactions if r],
            "onset": onset_words,
            "last": last.text if last else "",
            "recorded": recorded.text if recorded else "",
            "recorded_by": look.name(node.node("recorder")) or look.name(node.node("asserter")),
            "encounter": look.stay(),
            "notes": look.notes(),
        },
    )


def _encounter(look: Look) -> Facts:
    node = look.node
    begins, ends = node.period("period")
    inner = node.node("class")
    class_ = coding(inner) if inner else Coding("", "", "")
    types = node.concepts("type")
    stay = node.node("hospitalization")
    diagnoses = []
    for diagnosis in node.nodes("diagnosis"):
        pointer = diagnosis.node("condition")
        target = look.find(pointer)
        diagnoses.append(
            target.node.concept("code").display if target else pointer.text("display") if pointer else ""
        )
    return Facts(
        types[0] if types else Concept(class_.display or class_.code),
        node.text("status"),
        begins,
        ends,
        {
            "class": class_.code,
            "class_name": class_.display,
            "other_types": [t.display for t in types[1:] if t.display],
            "reasons": look.reasons(),
            "diagnoses": [d for d in diagnoses if d],
            "provider": look.name(node.node("serviceProvider")),
            "seen_by": [n for p in node.nodes("participant") if (n := look.name(p.node("individual")))],
            "places": [n for p in node.nodes("location") if (n := look.name(p.node("location")))],
            "discharged_to": stay.concept("dischargeDisposition").display if stay else "",
        },
    )


def _coverage(look: Look) -> Facts:
    node = look.node
    begins, ends = node.period("period")
    kind = node.concept("type")
    payors = [n for p in node.nodes("payor") if (n := look.name(p))]
    classes = [
        {"kind": c.concept("type").display, "value": c.text("value"), "name": c.text("name")}
        for c in node.nodes("class")
    ]
    return Facts(
        kind,
        node.text("status"),
        begins,
        ends,
        {
            "payers": payors,
            "member_number": node.text("subscriberId"),
            "dependent": node.text("dependent"),
            "relationship": node.concept("relationship").display,
            "subscriber": look.name(node.node("subscriber")),
            "policy_holder": look.name(node.node("policyHolder")),
            "classes": [{k: v for k, v in c.items() if v} for c in classes],
            "order": node.text("order"),
        },
        display=", ".join(dict.fromkeys(w for w in (*payors, kind.display) if w)),
    )


def _related(look: Look) -> Facts:
    node = look.node
    begins, ends = node.period("period")
    names, addresses = node.nodes("name"), node.nodes("address")
    contact = contact_of(
        node, whole_name(names[0]) if names else "", address=addresses[0] if addresses else None
    )
    born = node.when("birthDate")
    return Facts(
        Concept(),
        "",
        begins,
        ends,
        contact_detail(contact) | {"gender": node.text("gender"), "born": born.text if born else ""},
        display=contact_display(contact),
    )


READERS: dict[str, Callable[[Look], Facts]] = {
    "Condition": _problem,
    "MedicationRequest": _order,
    "MedicationStatement": _statement,
    "AllergyIntolerance": _allergy,
    "Encounter": _encounter,
    "Coverage": _coverage,
    "RelatedPerson": _related,
}
