from __future__ import annotations

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent.models import Consent, ConsentRevocation, Disclosure
from tests.clinic.consent.making import give_consent
from tests.making import make_patient, make_site, make_staff

ANSWERS = {
    "kind": "specific",
    "recipient": "other",
    "recipient_name": "Dr. Amari",
    "information": ["attendance", "medication"],
    "purposes": ["treatment"],
    "discloser": "Peachtree",
    "expiry": "on",
    "expires_on": "2027-03-18",
    "right_to_revoke_stated": "on",
    "redisclosure_stated": "on",
    "consequences_stated": "on",
    "signed_by": "Ana Reyes",
    "signature_method": "electronic",
}


def test_a_counselor_records_a_consent_and_takes_it_back(signed_in, counselor, patient):
    client = signed_in(counselor)
    answer = client.post(f"/patients/{patient.code}/consent/new/", ANSWERS)
    assert (answer.status_code, answer["Location"]) == (302, f"/patients/{patient.code}/consent/")
    page = client.get(answer["Location"]).content.decode()
    assert "Dr. Amari" in page
    assert "attendance, medication" in page
    consent = Consent.objects.get()
    client.post(
        f"/patients/{patient.code}/consent/{consent.pk}/revocation/",
        {"said_by": "Ana Reyes", "how": "in writing"},
    )
    assert ConsentRevocation.objects.count() == 1
    assert "Nobody may be told anything" in client.get(f"/patients/{patient.code}/consent/").content.decode()


def test_what_is_missing_is_said_and_what_was_typed_stays(signed_in, counselor, patient):
    answer = signed_in(counselor).post(
        f"/patients/{patient.code}/consent/new/",
        {**ANSWERS, "right_to_revoke_stated": "", "recipient_name": "Zoë 李"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "revoke" in page
    assert "Zoë 李" in page
    assert Consent.objects.count() == 0


def test_opening_the_page_is_in_the_trail_before_it_is_answered(signed_in, counselor, patient):
    signed_in(counselor).get(f"/patients/{patient.code}/consent/")
    assert list(Entry.objects.filter(kind="access").values_list("patient_id", "actor_name", "subject")) == [
        (patient.pk, "Nia Okafor", "Chart consent")
    ]


def test_a_stranger_patient_is_not_there_and_leaves_no_trail(signed_in, counselor):
    stranger = make_patient(make_site())
    for address in (
        "consent/",
        "consent/new/",
        "consent/1/revocation/",
        "consent/1/event/",
        "consent/disclosure/",
    ):
        assert signed_in(counselor).get(f"/patients/{stranger.code}/{address}").status_code == 404
    assert Entry.objects.filter(kind="access").count() == 0


def test_a_consent_of_another_patient_cannot_be_taken_back_through_this_ones_address(
    signed_in, counselor, site, patient
):
    other = give_consent(make_patient(site, "Ben", "Tran"))
    answer = signed_in(counselor).post(
        f"/patients/{patient.code}/consent/{other.pk}/revocation/", {"said_by": "Ana", "how": "in writing"}
    )
    assert answer.status_code == 404
    assert ConsentRevocation.objects.count() == 0


def test_a_disclosure_is_offered_only_to_whom_a_consent_names(signed_in, counselor, patient):
    client = signed_in(counselor)
    address = f"/patients/{patient.code}/consent/disclosure/"
    assert "Record a consent first" in client.get(address).content.decode()
    give_consent(patient)
    sent = {
        "recipient": "person:maria",
        "purpose": "family_support",
        "information": ["attendance"],
        "what": "A letter",
    }
    refused = client.post(address, {**sent, "information": ["labs"]})
    assert refused.status_code == 422
    assert "does not cover labs" in refused.content.decode()
    assert client.post(address, sent).status_code == 302
    assert list(Disclosure.objects.values_list("recipient", "what")) == [("Maria Reyes", "A letter")]


def test_the_compliance_officer_sees_the_accounting_of_the_own_site_only(signed_in, site, patient):
    officer = make_staff(site, Role.COMPLIANCE)
    page = signed_in(officer).get("/disclosures/")
    assert page.status_code == 200
    assert signed_in(make_staff(site, Role.BILLER)).get("/disclosures/").status_code == 403


def test_a_disclosure_under_a_class_keeps_who_of_that_class_was_told(signed_in, counselor, patient):
    give_consent(
        patient,
        kind="tpo",
        purposes=["treatment"],
        recipient_kind="class",
        recipient_name="Treating providers, health plans and those who help run the program",
        recipient_key="class:tpo_recipients",
    )
    client = signed_in(counselor)
    address = f"/patients/{patient.code}/consent/disclosure/"
    sent = {
        "recipient": "class:treating_providers",
        "purpose": "treatment",
        "information": ["attendance"],
        "what": "A call",
    }
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "a class is not a name" in refused.content.decode()
    assert client.post(address, {**sent, "recipient_name": "Dr. Amari"}).status_code == 302
    assert list(Disclosure.objects.values_list("recipient", "what")) == [("Dr. Amari", "A call")]


def test_the_event_that_ends_a_consent_is_recorded_once(signed_in, counselor, patient):
    paper = give_consent(patient, expiry="event", expires_on=None, expires_event="the end of probation")
    client = signed_in(counselor)
    assert "It has happened" in client.get(f"/patients/{patient.code}/consent/").content.decode()
    address = f"/patients/{patient.code}/consent/{paper.pk}/event/"
    assert "the end of probation" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert "Nobody may be told anything" in client.get(f"/patients/{patient.code}/consent/").content.decode()
    again = client.post(address)
    assert again.status_code == 422
    assert "already on file" in again.content.decode()


def test_a_consent_that_ends_on_a_date_knows_no_event(signed_in, counselor, patient):
    paper = give_consent(patient)
    answer = signed_in(counselor).post(f"/patients/{patient.code}/consent/{paper.pk}/event/")
    assert answer.status_code == 422
    assert "does not end with an event" in answer.content.decode()


EMERGENCY = {
    "recipient": "Dr. Lee",
    "told_at": "2026-03-18T09:40",
    "what": "Takes buprenorphine.",
    "recipient_affiliation": "Grady emergency room",
    "nature": "Found unconscious in the restroom.",
    "disclosed_by": "Nia Okafor",
    "verified_by": "Ruth Abara",
}


def test_an_emergency_is_written_down_listed_with_its_ground_and_printed(signed_in, counselor, patient):
    client = signed_in(counselor)
    chart = f"/patients/{patient.code}/consent/"
    assert f"{chart}without-consent/" in client.get(chart).content.decode()
    assert "Medical emergency" in client.get(f"{chart}without-consent/").content.decode()
    address = f"{chart}without-consent/medical_emergency/"
    form = client.get(address).content.decode()
    assert "What the emergency was" in form
    assert "2026-03-18T10:00" in form  # the site's own clock
    refused = client.post(address, {**EMERGENCY, "nature": ""})
    assert (refused.status_code, Disclosure.objects.count()) == (422, 0)
    assert "Grady emergency room" in refused.content.decode()
    answer = client.post(address, EMERGENCY)
    row = Disclosure.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{chart}disclosures/{row.pk}/")
    sheet = client.get(answer["Location"]).content.decode()
    for told in ("Medical emergency", "42 CFR 2.51", "Dr. Lee", "Found unconscious", "Ruth Abara", "9:40 am"):
        assert told in sheet
    for page in (chart, f"{chart}accounting/", f"/patients/{patient.code}/documents/"):
        assert "Dr. Lee" in client.get(page).content.decode()
    assert "Medical emergency" in client.get(f"{chart}accounting/").content.decode()


def test_what_lies_ahead_is_no_disclosure_yet(signed_in, counselor, patient):
    address = f"/patients/{patient.code}/consent/without-consent/medical_emergency/"
    answer = signed_in(counselor).post(address, {**EMERGENCY, "told_at": "2026-03-18T10:01"})
    assert answer.status_code == 422
    assert "lies ahead" in answer.content.decode()


def test_a_court_order_is_the_directors_and_an_unknown_ground_is_nobodys(signed_in, site, counselor, patient):
    address = f"/patients/{patient.code}/consent/without-consent/"
    told = signed_in(counselor).get(address).content.decode()
    assert "court order with subpoena" in told
    assert f"{address}court_order/" not in told
    assert signed_in(counselor).get(f"{address}court_order/").status_code == 403
    director = signed_in(make_staff(site, Role.DIRECTOR))
    assert director.get(f"{address}court_order/").status_code == 200
    assert director.get(f"{address}subpoena/").status_code == 404
    assert signed_in(make_staff(site, Role.BILLER)).get(address).status_code == 403


def test_a_consent_through_an_exchange_is_recorded_shown_printed_and_used(signed_in, counselor, patient):
    client = signed_in(counselor)
    chart = f"/patients/{patient.code}/consent/"
    sent = {
        **ANSWERS,
        "recipient": "intermediary",
        "recipient_name": "",
        "intermediary": "State exchange",
        "behind": "treating_providers",
    }
    refused = client.post(f"{chart}new/", sent)
    assert refused.status_code == 422
    assert "right to a list" in refused.content.decode()
    assert client.post(f"{chart}new/", {**sent, "list_right_stated": "on"}).status_code == 302
    consent = Consent.objects.get()
    assert (consent.recipient_name, consent.intermediary, consent.intermediary_class) == (
        "State exchange", "State exchange", "treating_providers"
    )  # fmt: skip
    assert "treating providers who take part in it" in client.get(chart).content.decode()
    sheet = client.get(f"{chart}{consent.pk}/print/").content.decode()
    assert "Told through State exchange" in sheet
    assert "42 CFR 2.24" in sheet
    told = {"recipient": "class:treating_providers", "recipient_name": "Dr. Lee", "purpose": "treatment",
            "information": ["attendance"], "what": "A letter"}  # fmt: skip
    assert client.post(f"{chart}disclosure/", told).status_code == 302
    assert "Dr. Lee, through State exchange" in client.get(f"{chart}accounting/").content.decode()


def test_those_named_behind_an_exchange_are_offered_by_name(signed_in, counselor, patient):
    client = signed_in(counselor)
    chart = f"/patients/{patient.code}/consent/"
    sent = {
        **ANSWERS,
        "recipient": "intermediary",
        "intermediary": "State exchange",
        "behind": "named",
        "participants": " Dr. Lee \n\nDr. Amari\nDr. Lee",
    }
    assert "one in a line" in client.post(f"{chart}new/", {**sent, "participants": " "}).content.decode()
    assert client.post(f"{chart}new/", sent).status_code == 302
    assert Consent.objects.get().intermediary_participants == ["Dr. Lee", "Dr. Amari"]
    page = client.get(f"{chart}disclosure/").content.decode()
    assert "Dr. Lee, through State exchange" in page
    told = {"recipient": "person:dr.-lee", "purpose": "treatment", "information": ["attendance"], "what": "x"}
    assert client.post(f"{chart}disclosure/", told).status_code == 302
