"""Small hand-off bundles for tests, made here; and the real ones, where somebody has put them."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def real_files() -> list[Path]:
    """The hand-off files that nobody here wrote; empty where the folder is absent."""
    told = os.environ.get("STEPWELL_SHARED_DATA")
    folder = Path(told) if told else Path(__file__).resolve().parents[2] / "shared" / "data"
    return sorted((folder / "handoff").glob("*.json"))


def real_file_or_skip(part: str) -> bytes:
    """One real file by a part of its name, or a skip that tells why."""
    for path in real_files():
        if part in path.name:
            return path.read_bytes()
    pytest.skip("the folder of real hand-off files is absent (set STEPWELL_SHARED_DATA to have them)")


def concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def patient(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "p",
        "name": [{"use": "official", "family": "Nakamura", "given": ["Ana", "Luísa"]}],
        "gender": "female",
        "birthDate": "1988-02-29",
        "telecom": [
            {"system": "phone", "value": "555-0100"},
            {"system": "email", "value": "ana@example.org"},
        ],
    } | more


def problem(id: str, system: str, code: str, display: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": id,
        "clinicalStatus": concept(
            "http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"
        ),
        "code": concept(system, code, display),
        "subject": {"reference": "urn:uuid:p"},
        "onsetDateTime": "2026-02-01",
    } | more


def drug(id: str, code: str, display: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept(RXNORM, code, display),
        "subject": {"reference": "Patient/p"},
        "authoredOn": "2026-03-01T10:00:00-05:00",
    } | more


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    entries = [
        {"fullUrl": f"urn:uuid:{r.get('id', n)}", "resource": copy.deepcopy(r)}
        for n, r in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | more


def as_bytes(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode()


def whole_bundle() -> dict[str, Any]:
    """One of everything that is taken, and two that are not."""
    return bundle(
        patient(
            contact=[
                {
                    "relationship": [concept("http://terminology.hl7.org/CodeSystem/v2-0131", "N", "Sister")],
                    "name": {"family": "Nakamura", "given": ["Éva"]},
                    "telecom": [{"system": "phone", "value": "555-0101"}],
                }
            ],
            identifier=[{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-00-0000"}],
        ),
        {
            "resourceType": "Organization",
            "id": "o",
            "name": "River Hospital",
            "telecom": [{"system": "phone", "value": "555-0199"}],
        },
        {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Okoye", "given": ["Ngozi"]}]},
        {
            "resourceType": "Encounter",
            "id": "e",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "type": [concept(SNOMED, "183452005", "Encounter inpatient")],
            "subject": {"reference": "urn:uuid:p"},
            "period": {"start": "2026-03-01T08:00:00Z", "end": "2026-03-09T08:00:00Z"},
            "serviceProvider": {"reference": "urn:uuid:o"},
            "diagnosis": [{"condition": {"reference": "urn:uuid:c1"}}],
        },
        problem("c1", ICD, "F10.20", "Alcohol dependence, uncomplicated"),
        problem("c2", ICD, "I10", "Essential hypertension", encounter={"reference": "urn:uuid:e"}),
        problem("c3", ICD, "E11.9", "Type 2 diabetes"),
        drug("m1", "310965", "ibuprofen 200 MG Oral Tablet", reasonReference=[{"reference": "urn:uuid:c3"}]),
        drug(
            "m2",
            "835726",
            "acamprosate 333 MG Delayed Release Oral Tablet",
            requester={"reference": "urn:uuid:d"},
            dosageInstruction=[
                {
                    "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": {"value": 0.50, "unit": "tablet"}}],
                    "route": {"text": "by mouth"},
                }
            ],
        ),
        {
            "resourceType": "AllergyIntolerance",
            "id": "a",
            "clinicalStatus": concept(
                "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", ""
            ),
            "code": concept(SNOMED, "91936005", "Allergy to penicillin"),
            "criticality": "high",
            "patient": {"reference": "urn:uuid:p"},
            "reaction": [{"manifestation": [{"text": "Hives"}], "severity": "moderate"}],
        },
        {
            "resourceType": "Coverage",
            "id": "v",
            "status": "active",
            "type": {"text": "Medicaid"},
            "subscriberId": "W000",
            "beneficiary": {"reference": "urn:uuid:p"},
            "payor": [{"display": "State Medicaid"}],
        },
        {
            "resourceType": "RelatedPerson",
            "id": "r",
            "patient": {"reference": "urn:uuid:p"},
            "relationship": [{"text": "Spouse"}],
            "name": [{"text": "山田 健"}],
        },
        {
            "resourceType": "Observation",
            "id": "ob",
            "status": "final",
            "code": {"text": "Weight"},
            "subject": {"reference": "urn:uuid:p"},
        },
        {"resourceType": "Organization", "id": "o2", "name": "Nobody's clinic"},
        timestamp="2026-03-09T12:00:00Z",
    )
