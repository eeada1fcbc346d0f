"""Details of a patient: safe contact, the emergency list, family and their logins."""

from __future__ import annotations

import pytest
from django.core import mail

from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import EmergencyContact, FamilyMember, Patient
from tests.making import make_patient, make_site, make_staff


@pytest.fixture
def client(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def url(patient):
    return f"/patients/{patient.code}/"


def test_safe_contact_is_kept_and_its_warning_stands_on_the_chart(client, patient, url):
    client.post(
        url + "details/contact/",
        {
            "reach-phone": "555 010 0142",
            "reach-may_text": "on",
            "reach-contact_warning": "Her brother must not learn of it.",
        },
    )
    patient.refresh_from_db()
    assert (patient.phone_digits, patient.may_text, patient.may_call) == ("5550100142", True, False)
    assert "Her brother must not learn of it." in client.get(url).content.decode()
    entry = Entry.objects.filter(action="people.change").latest("seq")
    assert entry.detail == {"changed": ["contact_warning", "may_text", "phone", "phone_digits"]}


def test_each_way_of_reaching_somebody_says_yes_or_no_and_why(client, patient, url):
    Patient.objects.filter(pk=patient.pk).update(may_call=True, safe_times="mon-fri 17:00-20:00")
    page = client.get(url + "details/").content.decode()  # it is 10 am on a Wednesday
    assert "It is safe to reach the person only at these times: mon-fri 17:00-20:00." in page


def test_particulars_are_changed_and_a_birth_date_ahead_is_refused_with_all_that_was_typed(
    client, patient, url
):
    facts = {
        "person-given_name": "Ana", "person-family_name": "Reyes", "person-preferred_name": "Annie",
        "person-birth_date": "2030-01-01", "person-language": "es",
    }  # fmt: skip
    refused = client.post(url + "details/", facts)
    assert refused.status_code == 422
    assert "in the future" in refused.content.decode()
    assert 'value="Annie"' in refused.content.decode()
    assert client.post(url + "details/", {**facts, "person-birth_date": "1990-05-05"}).status_code == 302
    patient.refresh_from_db()
    assert (patient.called, patient.language) == ("Annie", "es")


def test_an_emergency_contact_is_added_and_taken_off_and_the_row_stays(client, patient, url):
    client.post(
        url + "emergency-contacts/",
        {"contact-name": "Luz", "contact-relation": "sister", "contact-phone": "555-0101"},
    )
    contact = EmergencyContact.objects.get()
    assert "Luz" in client.get(url + "details/").content.decode()
    client.post(f"{url}emergency-contacts/{contact.pk}/removal/")
    assert "Luz" not in client.get(url + "details/").content.decode()
    assert EmergencyContact.objects.get().removed_at is not None


def test_a_contact_of_another_patient_cannot_be_taken_off_here(client, site, url, patient):
    other = make_patient(site, "Else", "Where")
    contact = EmergencyContact.objects.create(patient=other, name="Luz", relation="sister", phone="1")
    assert client.post(f"{url}emergency-contacts/{contact.pk}/removal/").status_code == 404


def test_an_invited_family_member_has_a_login_and_a_letter_without_a_word_of_treatment(client, patient, url):
    client.post(
        url + "family/",
        {"family-name": "Maria", "family-relation": "mother", "family-email": "Maria@Example.org"},
    )
    member = FamilyMember.objects.get()
    client.post(f"{url}family/{member.pk}/invitation/")
    member.refresh_from_db()
    user = User.objects.get(email="maria@example.org")
    assert (member.user, user.is_staff, user.has_usable_password()) == (user, False, False)
    (letter,) = mail.outbox
    assert letter.to == ["maria@example.org"]
    words = (letter.subject + letter.body).lower()
    for told in ("stepwell", "treatment", "patient", "clinic", "ana", "reyes"):
        assert told not in words


def test_an_address_of_staff_is_never_a_family_login(client, counselor, patient, url):
    member = FamilyMember.objects.create(
        patient=patient, name="M", relation="mother", email=counselor.user.email
    )
    page = client.post(f"{url}family/{member.pk}/invitation/", follow=True).content.decode()
    assert "belongs to another kind of login" in page
    assert mail.outbox == []


def test_a_patient_who_did_not_allow_email_is_not_invited_by_it(client, patient, url):
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org", may_email=False)
    assert "did not allow e-mail" in client.post(url + "details/invitation/", follow=True).content.decode()
    Patient.objects.filter(pk=patient.pk).update(may_email=True)
    client.post(url + "details/invitation/")
    patient.refresh_from_db()
    assert patient.user is not None


def test_a_nurse_reads_the_details_and_changes_nothing(signed_in, site, patient, url):
    nurse = signed_in(make_staff(site, Role.NURSE, credential="RN"))
    page = nurse.get(url + "details/").content.decode()
    assert "Save" not in page
    assert nurse.post(url + "details/contact/", {}).status_code == 403
    assert (
        nurse.post(
            url + "details/",
            {
                "person-given_name": "X",
                "person-family_name": "Y",
                "person-birth_date": "1990-01-01",
                "person-language": "en",
            },
        ).status_code
        == 403
    )


def test_a_stranger_finds_nothing(signed_in, patient, url):
    stranger = signed_in(make_staff(make_site(), Role.DIRECTOR))
    for part in ("details/", "seen/", ""):
        assert stranger.get(url + part).status_code == 404
