"""What is turned away: always HandoffRefused, one sentence, with the place; never another exception."""

from __future__ import annotations

import copy
import json
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.handoff_bundles import (
    ICD,
    as_bytes,
    bundle,
    concept,
    drug,
    patient,
    problem,
    real_file_or_skip,
    whole_bundle,
)

from stepwell.clinic.inquiry.handoff.parsing import DEPTH_LIMIT
from stepwell.clinic.inquiry.handoff.reading import HandoffRefused, read_handoff

GOOD = as_bytes(whole_bundle())


def refused(raw: bytes, **more: Any) -> HandoffRefused:
    with pytest.raises(HandoffRefused) as found:
        read_handoff(raw, **more)
    told = found.value
    assert told.sentence == str(told)
    assert told.sentence.endswith(".")
    assert "\n" not in told.sentence
    return told


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        (b"", "line 1, column 1", "This file is empty"),
        (b" \n\t ", "line 1, column 1", "This file is empty"),
        (b"hello", "line 1, column 1", "This file is not valid JSON at line 1, column 1"),
        (b'{"a": "b\\u00', "line 1, column 13", "This file breaks off in the middle"),
        (b'{\n "a": 1,\n b}', "line 3, column 2", "This file is not valid JSON at line 3, column 2"),
        (
            b'{"a": {"b": [1, 2',
            "line 1, column 18",
            "This file breaks off in the middle at line 1, column 18",
        ),
        (b'{"a": "b', "line 1, column 9", "This file breaks off in the middle at line 1, column 9"),
        (b'{"a": tru', "line 1, column 10", "This file breaks off in the middle"),
        ('{"a": "é'.encode()[:-1], "line 1, column 8", "This file breaks off in the middle"),
        (b"[]", "line 1, column 1", "This file is not a FHIR bundle"),
        (b"3", "line 1, column 1", "This file is not a FHIR bundle"),
        (b"<Bundle/>", "line 1, column 1", "This file is XML"),
        (b'{"a": 1} {"a": 2}', "line 1, column 10", "This file goes on after the end of its record"),
        (b'{"a":\n "caf\xe9"}', "line 2, column 6", "This file is not written in UTF-8: byte 12"),
        ('{"a": 1}'.encode("utf-16"), "byte 1", "This file is written in UTF-16"),
        (b'{"a": [1, NaN]}', "a[1]", "This file holds NaN instead of a number at a[1]"),
        (b'{"a": -Infinity}', "a", "This file holds -Infinity instead of a number at a"),
        (b'{"a": {"b": "x\\u0000"}}', "a.b", "(U+0000) that cannot be stored at a.b"),
        (b'{"a": ["\\ud800"]}', "a[0]", "half a character in a text"),
        (b'{"a": {"b": 1, "b": 2}}', "a", "names “b” twice in one object at a"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "line 1, column 321", f"more than {DEPTH_LIMIT} levels deep"),
        (b"[" * 200_000, "line 1, column 65", f"more than {DEPTH_LIMIT} levels deep"),
        (b"{}", "resourceType", "This file holds no FHIR record"),
        (b'{"resourceType": 7}', "resourceType", "This file holds no FHIR record"),
        (b'{"resourceType": "Patient"}', "resourceType", "This file holds a Patient"),
        (b'{"resourceType": "Bundle", "type": "history"}', "type", "This bundle says “history” at type"),
        (
            b'{"resourceType": "Bundle", "type": "batch", "entry": {}}',
            "entry",
            "FHIR R4 wants a list in brackets at entry",
        ),
        (b'{"resourceType": "Bundle", "type": "batch"}', "entry", "This bundle has no Patient"),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": [3]}', "entry[0]", "FHIR R4 wants an object"),
    ],
)
def test_a_file_that_is_no_bundle_is_refused_with_the_place(raw: bytes, place: str, words: str):
    told = refused(raw)
    assert words in told.sentence
    assert told.place == place


def test_a_file_over_the_limit_is_refused_before_it_is_read():
    told = refused(GOOD, limit=100)
    assert told.place == "byte 101"
    assert "a hand-off may have at most 100" in told.sentence


def with_change(path: str, value: Any) -> dict[str, Any]:
    tree: Any = bundle(patient(), problem("c", ICD, "I10", "High blood pressure"), drug("m", "1", "aspirin"))
    keys: list[Any] = [int(k) if k.isdigit() else k for k in path.split("/")]
    spot = tree
    for key in keys[:-1]:
        spot = spot[key]
    spot[keys[-1]] = value
    return tree


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    [
        (
            "entry/1/resource/onsetDateTime",
            "2026-02-30",
            "entry[1].resource.onsetDateTime",
            "is no date that can be true",
        ),
        (
            "entry/1/resource/onsetDateTime",
            "0026-01-01",
            "entry[1].resource.onsetDateTime",
            "is no date that can be true",
        ),
        (
            "entry/1/resource/onsetDateTime",
            "9999-01-01",
            "entry[1].resource.onsetDateTime",
            "is no date that can be true",
        ),
        (
            "entry/1/resource/onsetDateTime",
            "01/02/2026",
            "entry[1].resource.onsetDateTime",
            "is no date that can be true",
        ),
        (
            "entry/1/resource/onsetDateTime",
            20260101,
            "entry[1].resource.onsetDateTime",
            "FHIR R4 wants a date in quotes",
        ),
        ("entry/1/resource/onsetDateTime", "1932-01-01", "entry[1].resource", "before the patient's birth"),
        ("entry/1/resource/onsetDateTime", "2026-12-01", "entry[1].resource", "which lies in the future"),
        (
            "entry/1/resource/abatementDateTime",
            "2026-01-01",
            "entry[1].resource",
            "lies before the start 2026-02-01",
        ),
        ("entry/0/resource/birthDate", "2026-12-01", "entry[0].resource.birthDate", "lies in the future"),
        (
            "entry/0/resource/deceasedDateTime",
            "1980",
            "entry[0].resource.deceasedDateTime",
            "lies before the birth",
        ),
        ("entry/0/resource/name", [], "entry[0].resource.name", "has no name"),
        (
            "entry/0/resource/name",
            [{"text": "x" * 161}],
            "entry[0].resource.name[0]",
            "longer than 160 characters",
        ),
        (
            "entry/0/resource/modifierExtension",
            [],
            "entry[0].resource.modifierExtension",
            "may change what the record means",
        ),
        (
            "entry/1/resource/subject",
            {"reference": "Patient/q"},
            "entry[1].resource.subject",
            "not the patient of this file",
        ),
        (
            "entry/1/resource/subject",
            {"display": "Ana"},
            "entry[1].resource.subject",
            "does not say whose it is",
        ),
        (
            "entry/2/resource/reasonReference",
            [{"reference": "urn:uuid:nowhere"}],
            "entry[2].resource.reasonReference[0].reference",
            "leads to no record in this file",
        ),
        (
            "entry/2/resource/requester",
            {"reference": "#gone"},
            "entry[2].resource.requester.reference",
            "leads to no record in this file",
        ),
        (
            "entry/2/resource/resourceType",
            "",
            "entry[2].resource.resourceType",
            "The record does not say of what type it is",
        ),
        ("entry/2/fullUrl", "urn:uuid:c", "entry[2].fullUrl", "stands twice in this file"),
        ("entry/2/request", {"method": "DELETE"}, "entry[2].request.method", "asks to delete a record"),
        (
            "entry/2/resource/dosageInstruction",
            "daily",
            "entry[2].resource.dosageInstruction",
            "FHIR R4 wants a list",
        ),
        # other versions
        ("fhirVersion", "3.0.1", "fhirVersion", "This file is FHIR 3.0.1, and Stepwell reads FHIR R4"),
        (
            "entry/0/resource/meta",
            {"profile": ["http://hl7.org/fhir/STU3/x"]},
            "entry[0].resource.meta.profile[0]",
            "FHIR STU3",
        ),
        (
            "entry/1/resource/clinicalStatus",
            "active",
            "entry[1].resource.clinicalStatus",
            "This file is FHIR STU3",
        ),
        (
            "entry/0/resource/name",
            [{"family": ["Ana"]}],
            "entry[0].resource.name[0].family",
            "This file is FHIR DSTU2",
        ),
        ("entry/2/resource/resourceType", "MedicationOrder", "entry[2].resource", "This file is FHIR DSTU2"),
        ("entry/2/resource/context", {}, "entry[2].resource.context", "This file is FHIR STU3"),
        (
            "entry/2/resource/medication",
            {"concept": {}},
            "entry[2].resource.medication",
            "This file is FHIR R5",
        ),
    ],
)
def test_content_that_cannot_be_right_is_refused_with_its_path(path: str, value: Any, place: str, words: str):
    told = refused(as_bytes(with_change(path, value)), latest=date(2026, 11, 21))
    assert words in told.sentence
    assert told.place == place
    assert told.place in told.sentence


def test_two_patients_in_one_file_are_refused():
    told = refused(as_bytes(bundle(patient(), patient(id="q"))))
    assert told.place == "entry[1].resource"
    assert told.sentence == (
        "This bundle has a second Patient at entry[1].resource; ask the sender for one bundle for each patient."
    )


def test_r4_of_us_core_is_not_taken_for_another_version():
    tree = with_change(
        "entry/0/resource/meta",
        {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|5.0.1"]},
    )
    assert read_handoff(as_bytes(tree)).patient.name == "Ana Luísa Nakamura"


def test_a_reference_to_the_senders_own_server_may_lead_outside():
    tree = bundle(
        patient(), drug("m", "1", "aspirin", requester={"reference": "Practitioner/77", "display": "Dr. Roy"})
    )
    assert read_handoff(as_bytes(tree)).items[0].detail["prescriber"] == "Dr. Roy"


def test_a_bundle_cut_off_anywhere_is_refused():
    for end in range(0, len(GOOD), 3):
        refused(GOOD[:end])


def test_a_real_file_cut_off_anywhere_is_refused():
    raw = real_file_or_skip("Gustavo").rstrip()
    for end in random.Random(7).sample(range(len(raw)), 60):
        refused(raw[:end])


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_random_bytes_never_do_more_than_be_refused(raw: bytes):
    refused(raw)


@settings(deadline=None, max_examples=250)
@given(st.data())
def test_a_bundle_with_any_value_put_anywhere_is_read_or_refused(data: st.DataObject):
    tree: Any = whole_bundle()
    for _ in range(data.draw(st.integers(1, 3))):
        spot: Any = tree
        while True:
            keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(spot[key], dict | list) and spot[key] and data.draw(st.integers(0, 5)):
                spot = spot[key]
                continue
            if data.draw(st.booleans()):
                spot[key] = copy.deepcopy(data.draw(ODD))
            else:
                del spot[key]
            break
    read_or_refused(as_bytes(tree))


ODD = st.sampled_from(
    [
        *(None, True, False, 0, -1, 1e308, "", " ", "x" * 5000, "2026", "2026-13-01", "\u200f\u202e"),
        *("#", "#x", "urn:uuid:c1", "Patient/p", [], [[]], [None], [""], {}, {"reference": 3}),
        *({"coding": "x"}, {"coding": [None]}, concept("s", "c", "d"), [{"text": 3}]),
    ]
)


@settings(deadline=None, max_examples=200)
@given(at=st.integers(0, len(GOOD) - 1), put=st.binary(max_size=4), gone=st.integers(0, 6))
def test_a_bundle_with_any_bytes_changed_is_read_or_refused(at: int, put: bytes, gone: int):
    read_or_refused(GOOD[:at] + put + GOOD[at + gone :])


def read_or_refused(raw: bytes) -> None:
    try:
        handoff = read_handoff(raw, latest=date(2026, 11, 21))
    except HandoffRefused:
        refused(raw, latest=date(2026, 11, 21))
        return
    assert handoff.records == 1 + handoff.taken + len(handoff.named) + sum(s.count for s in handoff.skipped)
    json.dumps([i.detail for i in handoff.items])
    for item in handoff.items:
        assert item.display
        assert max(len(item.code), len(item.status), len(item.starts), len(item.ends)) <= 60
