from __future__ import annotations

import json
from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent.models import Disclosure
from stepwell.clinic.people.models import StaffRole
from stepwell.clinic.placement.models import Placement
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.timetable.models import Enrollment, Program
from stepwell.clinic.transition.models import HandOverPacket
from tests.clinic.consent.making import give_consent
from tests.clinic.placement.making import make_episode
from tests.clinic.timetable.making import make_group
from tests.making import NOW, make_patient, make_site, make_staff

EARLIER = NOW - timedelta(days=30)
HARBOR = {"recipient_key": "person:harbor", "recipient_name": "Harbor Days", "purposes": ["treatment"]}


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/placement/"


def test_the_step_begins_with_the_week_of_the_program_and_moves_all_at_once(
    signed_in, counselor, by, patient, site, page
):
    make_episode(by, patient, EARLIER)
    Program.objects.create(site=site, name="Days", level="2.5", minutes_least=1200, minutes_most=1500)
    group = make_group(site, name="Day group")
    client = signed_in(counselor)
    body = client.get(page + "step-up/").content.decode()
    assert 'value="20"' in body
    typed = {
        "to": "2.5", "because": "Relapse on Sunday.", "hours": "20", "days_least": "4", "days_most": "5",
        "starts_on": "2026-03-18", "join": [str(group.pk)], "joins_on": "2026-03-18",
    }  # fmt: skip
    answer = client.post(page + "step-up/", typed, follow=True)
    assert "Stepped up to 2.5 Partial hospitalization." in answer.content.decode()
    assert TreatmentOrder.objects.get().minutes_per_week == 1200
    assert Enrollment.objects.get().group == group
    down = client.get(page + "step-down/").content.decode()
    assert f'name="leave" value="{Enrollment.objects.get().pk}"' in down
    assert f'name="join" value="{group.pk}"' not in down


def test_only_groups_of_the_own_site_are_joined(signed_in, counselor, by, patient, site, page):
    make_episode(by, patient, EARLIER)
    here = make_group(site, name="Day group")
    far = make_group(make_site("Elsewhere"), name="Far group")
    StaffRole.objects.create(staff=counselor, role=Role.COUNSELOR, site=far.site, starts_on=EARLIER.date())
    body = signed_in(counselor).get(page + "step-up/").content.decode()
    assert f'name="join" value="{here.pk}"' in body
    assert "Far group" not in body


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hours": "12"}, "Level 2.5 asks for 20 hours a week or more"),
        ({"hours": "nan"}, "One answer needs another look"),
        ({"hours": "1e30"}, "One answer needs another look"),
        ({"days_least": ""}, "Needed with hours"),
        ({"join": ["999999"]}, "One answer needs another look"),
        ({"leave": ["x"]}, "One answer needs another look"),
        ({"into_team": "STAFF", "into_team_as": ""}, "Say what this person does"),
        ({"days_least": "6", "days_most": "5"}, "the least not above the most"),
        ({"because": "a\x00b"}, "One answer needs another look"),
    ],
)
def test_a_step_that_cannot_be_is_answered_with_a_sentence_and_moves_nothing(
    signed_in, counselor, by, patient, page, change, sentence
):
    make_episode(by, patient, EARLIER)
    change = {key: str(counselor.pk) if value == "STAFF" else value for key, value in change.items()}
    typed = {
        "to": "2.5", "because": "Relapse.", "hours": "20", "days_least": "4", "days_most": "5",
        "starts_on": "2026-03-18", **change,
    }  # fmt: skip
    answer = signed_in(counselor).post(page + "step-up/", typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Placement.objects.count() == 1


def test_a_packet_for_the_team_is_made_looked_at_printed_and_exported(
    signed_in, counselor, by, patient, page
):
    make_episode(by, patient, EARLIER)
    client = signed_in(counselor)
    body = client.get(page + "hand-over/").content.decode()
    assert "The care team of this program" in body
    answer = client.post(
        page + "hand-over/", {"recipient": "", "once_key": "k1", "contact": "Ward 4"}, follow=True
    )
    shown = answer.content.decode()
    row = HandOverPacket.objects.get()
    assert "Risk of relapse or continued use: 3: Reason 5." in shown
    assert "Ward 4" in shown
    papers = [client.get(f"{page}hand-over/{row.pk}/pdf/") for _ in range(2)]
    assert papers[0].content[:5] == b"%PDF-"
    assert papers[0].content == papers[1].content
    assert papers[0].headers["Content-Type"] == "application/pdf"
    bundle = client.get(f"{page}hand-over/{row.pk}/bundle/")
    assert bundle.headers["Content-Type"] == "application/fhir+json"
    assert json.loads(bundle.content)["resourceType"] == "Bundle"
    subjects = Entry.objects.filter(patient_id=patient.pk, subject__startswith="HandOverPacket")
    assert {entry.subject.split()[-1] for entry in subjects} >= {"PDF", "FHIR"}


def test_a_packet_for_a_recipient_of_a_consent_is_a_disclosure(signed_in, counselor, by, patient, page):
    make_episode(by, patient, EARLIER)
    give_consent(patient, information=["medication"], **HARBOR)
    client = signed_in(counselor)
    assert "Harbor Days" in client.get(page + "hand-over/").content.decode()
    client.post(page + "hand-over/", {"recipient": "person:harbor", "once_key": "k1"})
    assert Disclosure.objects.get().recipient == "Harbor Days"
    body = client.get(f"{page}hand-over/{HandOverPacket.objects.get().pk}/").content.decode()
    assert "Not included here: Why now" in body
    assert "42 CFR part 2 prohibits" in body


def test_another_treating_provider_needs_a_consent_for_them_and_a_name(
    signed_in, counselor, by, patient, page
):
    make_episode(by, patient, EARLIER)
    give_consent(
        patient, kind="tpo", recipient_kind="class", recipient_key="class:treating_providers", recipient_name="Treating providers",
        purposes=["treatment"], information=["entire_record"], expiry="none", expires_on=None,
    )  # fmt: skip
    client = signed_in(counselor)
    typed = {"recipient": "class:treating_providers", "name": "", "once_key": "k1"}
    assert client.post(page + "hand-over/", typed).status_code == 422
    assert client.post(page + "hand-over/", {**typed, "name": "Dr. Ames"}).status_code == 302
    assert HandOverPacket.objects.get().recipient == "Dr. Ames"


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "person:nobody"},
        {"appointment_on": "2026-03-01"},
        {"appointment_on": "x"},
        {"once_key": ""},
    ],
)
def test_a_packet_that_cannot_be_is_answered_with_a_sentence(signed_in, counselor, by, patient, page, change):
    make_episode(by, patient, EARLIER)
    answer = signed_in(counselor).post(page + "hand-over/", {"recipient": "", "once_key": "k1", **change})
    assert answer.status_code == 422
    assert not HandOverPacket.objects.exists()


def test_who_may_make_a_packet(signed_in, by, patient, site, page):
    make_episode(by, patient, EARLIER)
    assert signed_in(make_staff(site, Role.BILLER)).get(page + "hand-over/").status_code == 403
    prescriber = signed_in(make_staff(site, Role.PRESCRIBER))
    assert "Whoever records consents makes a packet" in prescriber.get(page + "hand-over/").content.decode()


def test_a_packet_of_another_patient_is_not_found(signed_in, counselor, by, patient, site, page):
    make_episode(by, patient, EARLIER)
    other = make_patient(site, "Ben", "Ito")
    make_episode(by, other, EARLIER)
    client = signed_in(counselor)
    client.post(page + "hand-over/", {"recipient": "", "once_key": "k1"})
    number = HandOverPacket.objects.get().pk
    for part in ("", "pdf/", "bundle/"):
        assert client.get(f"/patients/{other.code}/placement/hand-over/{number}/{part}").status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_the_pages_ask_a_fixed_number_of_times(
    signed_in, counselor, by, patient, site, page, many, django_assert_num_queries
):
    make_episode(by, patient, EARLIER)
    client = signed_in(counselor)
    for n in range(many):
        client.post(page + "hand-over/", {"recipient": "", "once_key": f"k{n}"})
        make_group(site, name=f"G{n}")
    number = HandOverPacket.objects.order_by("pk")[0].pk
    for part, asked in (("step-up/", STEP), ("hand-over/", MAKE), (f"hand-over/{number}/", LOOK)):
        client.get(page + part)
        with django_assert_num_queries(asked):
            client.get(page + part)


STEP, MAKE, LOOK = 18, 11, 8
