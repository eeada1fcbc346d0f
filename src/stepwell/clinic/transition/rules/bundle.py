"""The packet as a FHIR R4 document: a Bundle whose first entry is the Composition. Same content, same bytes.

Every resource says that it is restricted, is about substance use and is under 42 CFR Part 2 (HL7 DS4P labels).
"""

import uuid
from collections.abc import Mapping
from html import escape
from typing import Any

from stepwell.clinic.transition.rules.packet import Content, parts

Resource = dict[str, Any]
_SPACE = uuid.UUID("5b4c2d7e-6f0a-5c1e-9d53-8a7b6c5d4e3f")
_CODES = "http://terminology.hl7.org/CodeSystem"
_LABELS = [
    {"system": f"{_CODES}/v3-Confidentiality", "code": "R", "display": "restricted"},
    {"system": f"{_CODES}/v3-ActCode", "code": "42CFRPart2"},
    {"system": f"{_CODES}/v3-ActCode", "code": "SUD"},
    {"system": f"{_CODES}/v3-ActCode", "code": "NORDSCLCD"},
]
_OF_BUNDLE = [label for label in _LABELS if label["code"] != "NORDSCLCD"]


def as_bundle(content: Content) -> Resource:
    """The document. ``content`` as `packet.Content`; only what is in it can be in the bundle."""
    made = _Maker(content["made"]["key"])
    patient = made.add("Patient", "patient", _patient(content))
    program = made.add("Organization", "program", {"name": content["program"]["name"]})
    author = made.add("Practitioner", "author", {"name": [{"text": content["made"]["by"]}]})
    sections = []
    for part in parts():
        if part.code not in content["given"]:
            continue
        rows = content["parts"].get(part.code, ())
        entries = [
            made.add(kind, f"{part.code}-{n}", body)
            for n, row in enumerate(rows, start=1)
            for kind, body in _resource(part.code, row, patient, program)
        ]
        sections.append(
            _section(part.title[content["language"]], rows, part.empty[content["language"]], entries)
        )
    composition = {
        "status": "final",
        "type": {
            "coding": [{"system": "http://loinc.org", "code": "18761-7", "display": "Transfer summary note"}]
        },
        "subject": patient,
        "date": content["made"]["at"],
        "author": [author, program],
        "title": "Hand-over",
        "confidentiality": "R",
        "language": content["language"],
        "custodian": program,
        "section": [*sections, *_closing(content)],
    }
    return {
        "resourceType": "Bundle",
        "id": made.identity("bundle"),
        "meta": {"security": _OF_BUNDLE},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{made.identity('bundle')}"},
        "type": "document",
        "timestamp": content["made"]["at"],
        "entry": [made.entry("Composition", "composition", composition), *made.entries],
    }


class _Maker:
    """Gives each resource its identity, which follows from the packet's key, and collects the entries."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.entries: list[Resource] = []

    def identity(self, name: str) -> str:
        return str(uuid.uuid5(_SPACE, f"{self._key}/{name}"))

    def entry(self, kind: str, name: str, body: Mapping[str, Any]) -> Resource:
        number = self.identity(f"{kind}/{name}")
        whole = {"resourceType": kind, "id": number, "meta": {"security": _LABELS}, **body}
        return {"fullUrl": f"urn:uuid:{number}", "resource": whole}

    def add(self, kind: str, name: str, body: Mapping[str, Any]) -> Resource:
        """Keeps it; returns the reference to it."""
        self.entries.append(self.entry(kind, name, body))
        return {"reference": str(self.entries[-1]["fullUrl"])}


def _patient(content: Content) -> Resource:
    who = content["patient"]
    name = {"family": who["family"], "given": [who["given"]], "text": who["name"]}
    spoken = [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": who["language"]}]}, "preferred": True}
    ]
    return {"name": [name], "birthDate": who["birth_date"], "communication": spoken}


def _text(words: str) -> Resource:
    return {"text": words}


def _resource(
    code: str, row: Mapping[str, Any], patient: Resource, program: Resource
) -> list[tuple[str, Resource]]:
    match code:
        case "diagnosis":
            return [("Condition", _condition(row, patient))]
        case "medication":
            return [("MedicationStatement", _medication(row, patient))]
        case "allergy" if row.get("substance"):
            active = {"coding": [{"system": f"{_CODES}/allergyintolerance-clinical", "code": "active"}]}
            allergy: Resource = {
                "clinicalStatus": active,
                "code": _text(row["substance"]),
                "patient": patient,
            }
            if row.get("reaction"):
                allergy["reaction"] = [{"manifestation": [_text(row["reaction"])]}]
            return [("AllergyIntolerance", allergy)]
        case "rating":
            value = (
                {"valueInteger": row["value"]}
                if isinstance(row["value"], int)
                else {"valueString": row["value"]}
            )
            rating = {
                "status": "final",
                "code": _text(row["label"]),
                "subject": patient,
                "effectiveDateTime": row["at"],
            }
            note = {"note": [_text(row["because"])]} if row["because"] else {}
            return [("Observation", {**rating, **value, **note})]
        case "test":
            category = [{"coding": [{"system": f"{_CODES}/observation-category", "code": "laboratory"}]}]
            test = {"status": "final", "category": category, "code": _text(row["panel"]), "subject": patient}
            return [("Observation", {**test, "effectiveDateTime": row["at"], "valueString": row["result"]})]
        case "goal":
            state = "completed" if row["met"] else "active"
            return [
                ("Goal", {"lifecycleStatus": state, "description": _text(row["words"]), "subject": patient})
            ]
        case "consent" if row.get("id"):
            return [("Consent", _consent(row, patient, program))]
        case "appointment" if row.get("on"):
            return [("Appointment", _appointment(row, patient))]
    return []


def _condition(row: Mapping[str, Any], patient: Resource) -> Resource:
    coding = [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": row["code"], "display": row["words"]}]
    active = {"coding": [{"system": f"{_CODES}/condition-clinical", "code": "active"}]}
    return {"clinicalStatus": active, "code": {"coding": coding, "text": row["words"]}, "subject": patient}


def _medication(row: Mapping[str, Any], patient: Resource) -> Resource:
    drug: Resource = _text(row["name"])
    if row.get("rxnorm"):
        drug["coding"] = [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": row["rxnorm"]}]
    found: Resource = {"status": "active", "medicationCodeableConcept": drug, "subject": patient}
    if row.get("dose"):
        found["dosage"] = [_text(row["dose"])]
    if row.get("last_at"):
        found["note"] = [_text(f"Last dose: {row['last_at']}")]
    return found


def _consent(row: Mapping[str, Any], patient: Resource, program: Resource) -> Resource:
    provision: Resource = {
        "type": "permit",
        "purpose": [{"system": f"{_CODES}/v3-ActReason", "code": "TREAT"}],
    }
    if row.get("until"):
        provision["period"] = {"end": row["until"]}
    return {
        "status": "active",
        "scope": {"coding": [{"system": f"{_CODES}/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": f"{_CODES}/v3-ActCode", "code": "42CFRPart2CD"}]}],
        "patient": patient,
        "dateTime": row["signed_at"],
        "organization": [program],
        "policy": [{"uri": "https://www.ecfr.gov/current/title-42/chapter-I/subchapter-A/part-2"}],
        "provision": provision,
    }


def _appointment(row: Mapping[str, Any], patient: Resource) -> Resource:
    return {
        "status": "proposed",
        "description": row["text"],
        "requestedPeriod": [{"start": row["on"], "end": row["on"]}],
        "participant": [{"actor": patient, "status": "needs-action"}],
    }


def _section(title: str, rows: Any, empty: str, entries: list[Resource]) -> Resource:
    lines = [row["text"] for row in rows] or [empty]
    section: Resource = {"title": title, "text": _narrative(lines)}
    if entries:
        section["entry"] = entries
    return section


def _narrative(lines: list[str]) -> Resource:
    plain = ("".join(c for c in line if c.isprintable() or c in "\n\t") for line in lines)
    items = "".join(f"<li>{escape(line, quote=False)}</li>" for line in plain)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{items}</ul></div>'}


def _closing(content: Content) -> list[Resource]:
    if not content["notice"]:
        return []
    return [{"title": "42 CFR Part 2", "text": _narrative([content["notice"]])}]
