"""What is read of a hand-off, from small bundles of our own and from real files."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import pytest
from tests.handoff_bundles import (
    ICD,
    RXNORM,
    SNOMED,
    as_bytes,
    bundle,
    concept,
    drug,
    patient,
    problem,
    real_file_or_skip,
    real_files,
    whole_bundle,
)

from stepwell.clinic.inquiry.handoff.items import Item, Kind
from stepwell.clinic.inquiry.handoff.reading import Handoff, Named, Skipped, read_handoff
from stepwell.clinic.inquiry.handoff.sender import Source
from stepwell.clinic.inquiry.handoff.sensitivity import of_coding, of_words
from stepwell.clinic.inquiry.handoff.tree import Coding, When


def read(tree: Any) -> Handoff:
    return read_handoff(as_bytes(tree))


def by_id(handoff: Handoff, resource_id: str) -> Item:
    return next(i for i in handoff.items if i.resource_id == resource_id)


def adds_up(handoff: Handoff) -> bool:
    return handoff.records == 1 + handoff.taken + len(handoff.named) + sum(s.count for s in handoff.skipped)


def test_the_person_is_read_exactly_as_written():
    person = read(whole_bundle()).patient
    assert (person.given, person.family, person.name) == ("Ana Luísa", "Nakamura", "Ana Luísa Nakamura")
    assert person.birth_date == When("1988-02-29", date(1988, 2, 29), date(1988, 2, 29))
    assert (person.gender, person.phones, person.emails) == ("female", ("555-0100",), ("ana@example.org",))


@pytest.mark.parametrize("name", ["Mejía", "Ngọc", "山田", "محمد", "Ĳssel", "O’Hara", "Ana\u0301"])
def test_a_name_in_any_script_is_kept_to_the_letter(name: str):
    assert read(bundle(patient(name=[{"family": name}]))).patient.family == name


def test_the_name_in_use_goes_before_the_maiden_name_and_a_nickname_is_the_preferred_name():
    names = [
        {"use": "maiden", "family": "Silva", "given": ["Ana"]},
        {"use": "nickname", "given": ["Lu"]},
        {"use": "official", "family": "Nakamura", "given": ["Ana"]},
    ]
    person = read(bundle(patient(name=names))).patient
    assert (person.name, person.preferred_name, person.other_names) == ("Ana Nakamura", "Lu", ("Ana Silva",))


def test_one_of_each_kind_is_taken_with_its_place():
    assert [(i.kind.value, i.path, i.display) for i in read(whole_bundle()).items] == [
        ("contact", "entry[0].resource.contact[0]", "Éva Nakamura (Sister)"),
        ("encounter", "entry[3].resource", "Encounter inpatient"),
        ("problem", "entry[4].resource", "Alcohol dependence, uncomplicated"),
        ("problem", "entry[5].resource", "Essential hypertension"),
        ("problem", "entry[6].resource", "Type 2 diabetes"),
        ("medication", "entry[7].resource", "ibuprofen 200 MG Oral Tablet"),
        ("medication", "entry[8].resource", "acamprosate 333 MG Delayed Release Oral Tablet"),
        ("allergy", "entry[9].resource", "Allergy to penicillin"),
        ("coverage", "entry[10].resource", "State Medicaid, Medicaid"),
        ("contact", "entry[11].resource", "山田 健 (Spouse)"),
    ]


def test_a_medication_is_read_with_its_dose_in_the_senders_own_numbers():
    raw = as_bytes(whole_bundle()).replace(b'"value": 0.5,', b'"value": 0.50,')
    assert by_id(read_handoff(raw), "m2") == Item(
        kind=Kind.MEDICATION,
        resource_type="MedicationRequest",
        resource_id="m2",
        path="entry[8].resource",
        display="acamprosate 333 MG Delayed Release Oral Tablet",
        system=RXNORM,
        code="835726",
        status="active",
        starts="2026-03-01T10:00:00-05:00",
        ends="",
        detail={
            "codings": [
                {
                    "system": RXNORM,
                    "code": "835726",
                    "display": "acamprosate 333 MG Delayed Release Oral Tablet",
                }
            ],
            "from": "order",
            "intent": "order",
            "dose": ["0.50 tablet, 3× every day, by mouth"],
            "prescriber": "Ngozi Okoye",
        },
        part2=True,
        labels=("R", "42CFRPart2", "NORDSCLCD", "ETHUD"),
    )


def test_an_allergy_tells_its_reaction_and_how_bad_it_may_get():
    assert by_id(read(whole_bundle()), "a").detail == {
        "codings": [{"system": SNOMED, "code": "91936005", "display": "Allergy to penicillin"}],
        "criticality": "high",
        "reactions": [{"signs": ["Hives"], "severity": "moderate"}],
    }


def test_what_was_not_taken_is_listed_with_its_reason_and_everything_adds_up():
    handoff = read(whole_bundle())
    assert handoff.named == (
        Named("Organization", "o", "entry[1].resource", "River Hospital"),
        Named("Practitioner", "d", "entry[2].resource", "Ngozi Okoye"),
    )
    assert handoff.skipped == (
        Skipped("Observation", 1, "Measurements and test results are not taken; the clinic makes its own."),
        Skipped("Organization", 1, "No record that was taken names it."),
    )
    assert handoff.skipped_fields == (
        Skipped("Patient.identifier", 1, "Not read by Stepwell; it stays in the sender's file."),
    )
    assert (handoff.records, handoff.taken) == (14, 9)
    assert adds_up(handoff)


def test_the_source_is_the_last_stay_and_the_time_of_the_bundle():
    assert read(whole_bundle()).source == Source(
        system="http://hl7.org/fhir/sid/us-ssn",
        organization="River Hospital",
        phone="555-0199",
        when="2026-03-09T12:00:00Z",
        organization_path="entry[1].resource",
    )


def test_a_social_security_number_is_never_read():
    handoff = read(whole_bundle())
    assert "999-00-0000" not in repr(handoff)


def test_a_drug_can_be_named_by_a_medication_of_the_bundle_or_inside_the_order():
    inside = drug("m1", "", "")
    del inside["medicationCodeableConcept"]
    beside = dict(inside, id="m2", medicationReference={"reference": "Medication/x"})
    inside |= {
        "medicationReference": {"reference": "#x"},
        "contained": [
            {"resourceType": "Medication", "id": "x", "code": concept(RXNORM, "6809", "metformin")}
        ],
    }
    medication = {"resourceType": "Medication", "id": "x", "code": concept(RXNORM, "29046", "lisinopril")}
    handoff = read(bundle(patient(), inside, beside, medication))
    assert [(i.display, i.code) for i in handoff.items] == [("metformin", "6809"), ("lisinopril", "29046")]
    assert adds_up(handoff)


def test_the_same_insurance_in_every_bill_is_one_item():
    def bill(id: str) -> dict[str, Any]:
        cover = {
            "resourceType": "Coverage",
            "id": "c",
            "status": "active",
            "payor": [{"display": "Medicaid"}],
        }
        cover["beneficiary"] = {"reference": "urn:uuid:p"}
        return {"resourceType": "ExplanationOfBenefit", "id": id, "contained": [cover]}

    handoff = read(bundle(patient(), bill("b1"), bill("b2"), bill("b3")))
    assert [(i.kind.value, i.path) for i in handoff.items] == [("coverage", "entry[1].resource.contained[0]")]
    assert (
        Skipped("Coverage", 2, "It says the same as the Coverage at entry[1].resource.contained[0].")
        in handoff.skipped
    )
    assert adds_up(handoff)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (
            problem("x", ICD, "I10", "High", verificationStatus=concept("s", "entered-in-error", "Error")),
            "The sender marked it as entered in error.",
        ),
        (
            drug("x", "1", "aspirin", doNotPerform=True),
            "It says that a drug must NOT be given; read it in the sender's file before any order.",
        ),
        (drug("x", "1", "aspirin", status="cancelled"), "The order was cancelled before the drug was given."),
        (
            problem("x", ICD, "I10", "High", modifierExtension=[{"url": "urn:not"}]),
            "It has a modifierExtension, which may turn its meaning round; read it in the sender's file.",
        ),
    ],
)
def test_a_record_that_must_not_be_taken_at_its_word_is_listed_instead(record: dict[str, Any], why: str):
    handoff = read(bundle(patient(), record))
    assert handoff.items == ()
    assert handoff.skipped == (Skipped(record["resourceType"], 1, why),)


def test_a_death_is_a_remark_that_a_person_sees_first():
    handoff = read(bundle(patient(deceasedDateTime="2026-06-30T01:00:00Z")))
    assert handoff.remarks == ("The file says that this person died on 2026-06-30.",)


# -- substance-use data -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "code", "label"),
    [
        (ICD, "F10.20", {"ETHUD"}),
        (ICD, "F1120", {"OPIOIDUD"}),
        (ICD, "f14.10", {"SUD"}),
        ("", "F19.20", {"SUD"}),
        (ICD, "F17.210", set()),
        (ICD, "F32.1", set()),
        (ICD, "Z71.41", {"ETHUD"}),
        (ICD, "O99.320", {"SUD"}),
        (ICD, "O99.330", set()),
        (ICD, "T40.1X1A", {"OPIOIDUD"}),
        (ICD, "T40.7X1A", {"ETH"}),
        ("http://hl7.org/fhir/sid/icd-9-cm", "305.1", set()),
        ("http://hl7.org/fhir/sid/icd-9-cm", "305.00", {"ETHUD"}),
        (SNOMED, "7200002", {"ETHUD"}),
        (SNOMED, "55680006", {"ETH"}),
        (SNOMED, "38341003", set()),
        (RXNORM, "351267", {"OPIOIDUD"}),
        (RXNORM, "1483744", {"SUD"}),
        (RXNORM, "310965", set()),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "H0015", {"SUD"}),
        ("urn:some-other-list", "F10.20", set()),
    ],
)
def test_a_code_tells_its_sensitivity(system: str, code: str, label: set[str]):
    assert of_coding(Coding(system, code, "")) == label


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("Alcohol use disorder, severe", {"ETHUD"}),
        ("Dependence on opioids", {"OPIOIDUD"}),
        ("Drug rehabilitation and detoxification", {"SUD"}),
        ("Drug overdose", {"ETH"}),
        ("ALCOHOLISMO crónico", {"ETHUD"}),
        ("buprenorphine 8 MG / naloxone 2 MG Sublingual Film", {"OPIOIDUD"}),
        ("take one tablet for opioid cravings", {"OPIOIDUD"}),
        ("Non-alcoholic fatty liver", set()),
        ("Isopropyl alcohol swabs for skin disorder", set()),
        ("Nicotine dependence", set()),
        ("Allergy to drug", set()),
        ("Major depressive disorder", set()),
        ("Acetaminophen / hydrocodone", set()),
    ],
)
def test_words_tell_their_sensitivity(words: str, label: set[str]):
    assert of_words(words) == label


def test_what_points_at_substance_use_data_is_labelled_too():
    handoff = read(whole_bundle())
    labelled = {i.resource_id: i.labels for i in handoff.items if i.part2}
    alcohol = ("R", "42CFRPart2", "NORDSCLCD", "ETHUD")
    # c2 was found in the stay whose diagnosis is c1; c3 and its drug have nothing to do with either.
    assert labelled == {"e": alcohol, "c1": alcohol, "c2": alcohol, "m2": alcohol}


def test_a_label_travels_a_long_chain_of_records():
    chain = [problem("c0", ICD, "F11.20", "Opioid dependence")]
    for n in range(1, 3000):
        pointing = {"evidence": [{"detail": [{"reference": f"urn:uuid:c{n - 1}"}]}]}
        chain.insert(0, problem(f"c{n}", ICD, "I10", "High blood pressure", **pointing))
    assert all(item.part2 for item in read(bundle(patient(), *chain)).items)


def test_a_label_of_the_sender_is_kept_and_makes_the_record_part_2_data_here():
    tagged = problem(
        "x", ICD, "I10", "High blood pressure", meta={"security": [{"code": "42CFRPart2"}, {"code": "PSY"}]}
    )
    item = by_id(read(bundle(patient(), tagged)), "x")
    assert (item.part2, item.labels) == (True, ("R", "42CFRPart2", "NORDSCLCD", "SUD", "PSY"))


def test_a_label_does_not_spread_through_the_hospital_or_the_prescriber():
    doctor = {
        "resourceType": "Practitioner",
        "id": "d",
        "qualification": [{"code": {"text": "Addiction medicine"}}],
    }
    item = by_id(
        read(
            bundle(patient(), doctor, drug("m", "310965", "ibuprofen", requester={"reference": "urn:uuid:d"}))
        ),
        "m",
    )
    assert (item.part2, item.labels) == (False, ())


# -- identity ---------------------------------------------------------------------------------------


def test_the_same_content_written_in_another_way_has_the_same_key():
    tree = whole_bundle()
    plain = as_bytes(tree)
    again = b"\xef\xbb\xbf" + json.dumps(tree, indent=4, sort_keys=True).encode().replace(b"0.5", b"5.00e-1")
    first, second = read_handoff(plain), read_handoff(again)
    assert first.content_key == second.content_key
    assert (first.sha256, second.sha256) == (
        hashlib.sha256(plain).hexdigest(),
        hashlib.sha256(again).hexdigest(),
    )
    assert first.items[0] == second.items[0]


def test_another_content_has_another_key():
    tree = whole_bundle()
    tree["entry"][4]["resource"]["onsetDateTime"] = "2026-02-02"
    assert read(tree).content_key != read(whole_bundle()).content_key


# -- files that nobody here wrote -------------------------------------------------------------------

FILES = real_files()


@pytest.mark.skipif(
    not FILES, reason="the folder of real hand-off files is absent (set STEPWELL_SHARED_DATA)"
)
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.split("_")[0])
def test_every_record_of_a_real_file_has_exactly_one_fate(path):
    raw = path.read_bytes()
    handoff = read_handoff(raw, latest=date(2026, 11, 21))
    resources = [e["resource"] for e in json.loads(raw)["entry"]]
    assert handoff.records == sum(1 + len(r.get("contained", [])) for r in resources)
    assert adds_up(handoff)
    assert len({i.path for i in handoff.items}) == len(handoff.items)
    for kind, resource_type in (
        ("problem", "Condition"),
        ("medication", "MedicationRequest"),
        ("encounter", "Encounter"),
    ):
        assert sum(i.kind == kind for i in handoff.items) == sum(
            r["resourceType"] == resource_type for r in resources
        )


@pytest.mark.skipif(
    not FILES, reason="the folder of real hand-off files is absent (set STEPWELL_SHARED_DATA)"
)
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.split("_")[0])
def test_a_real_file_written_again_has_the_same_key(path):
    raw = path.read_bytes()
    again = json.dumps(json.loads(raw), ensure_ascii=True, sort_keys=True).encode()
    assert read_handoff(raw).content_key == read_handoff(again).content_key


@pytest.mark.parametrize(
    ("part", "labelled"),
    [
        ("Cary", {"Drug overdose", "Emergency Room Admission", "Drug rehabilitation and detoxification"}),
        ("Gilberto", {"Opioid abuse (disorder)"}),
        ("Gustavo", set()),
        ("Murray", {"Alcoholism"}),
        ("Trenton", {"Drug overdose", "Emergency Room Admission", "Drug rehabilitation and detoxification"}),
        ("Trey", {"Alcoholism"}),
    ],
)
def test_the_substance_use_data_of_a_real_file_is_labelled_and_nothing_else(part: str, labelled: set[str]):
    handoff = read_handoff(real_file_or_skip(part))
    assert {i.display for i in handoff.items if i.part2} == labelled


def test_a_real_name_with_an_accent_is_kept():
    assert read_handoff(real_file_or_skip("Gustavo")).patient.name == "Gustavo Mejía"
