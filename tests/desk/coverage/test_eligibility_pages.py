"""Asking electronically at the desk: from the click to the answer beside what was on file; what waits for a person."""

from __future__ import annotations

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.coverage.eligibility import actions
from stepwell.clinic.coverage.eligibility.models import (
    EligibilityAnswer,
    EligibilityRequest,
    VerificationRule,
)
from stepwell.clinic.coverage.models import Benefits, Payer
from stepwell.clinic.inquiry.models import Inquiry
from tests.clinic.coverage.eligibility.making import (
    answer_for,
    electronic_payer,
    ready_policy,
    receive,
    set_up_clearinghouse,
    with_npi,
)
from tests.clinic.coverage.making import make_policy, make_rates, tell_benefits
from tests.making import NOW, make_patient, make_site, make_staff
from tests.x12_samples import RICH

KEY = "the-key-of-one-form-0001"


@pytest.fixture(autouse=True)
def clearinghouse(settings):
    set_up_clearinghouse(settings)


@pytest.fixture
def biller(signed_in, site):
    return signed_in(make_staff(site, Role.BILLER))


@pytest.fixture
def asked(biller, patient) -> EligibilityRequest:
    policy = ready_policy(patient)
    tell_benefits(policy)
    sent = biller.post(
        f"/patients/{patient.code}/coverage/policy/{policy.pk}/eligibility/",
        {"once_key": KEY, "in_network": "true"},
    )
    row = EligibilityRequest.objects.get()
    assert (sent.status_code, sent["Location"]) == (
        302,
        f"/patients/{patient.code}/coverage/questions/{row.pk}/",
    )
    return row


def test_the_form_says_what_is_sent_and_knows_the_network_that_was_heard(biller, patient):
    policy = ready_policy(patient)
    tell_benefits(policy)
    page = biller.get(f"/patients/{patient.code}/coverage/policy/{policy.pk}/eligibility/").content.decode()
    assert "sees that this program asks" in page
    assert "the plan as a whole, mental health, substance use, substance use facility (outpatient)" in page
    assert '<option value="true" selected>Yes</option>' in page


def test_pressed_twice_it_is_asked_once(biller, patient, asked):
    again = biller.post(
        f"/patients/{patient.code}/coverage/policy/{asked.policy_id}/eligibility/",
        {"once_key": KEY, "in_network": ""},
    )
    assert again["Location"] == f"/patients/{patient.code}/coverage/questions/{asked.pk}/"
    assert EligibilityRequest.objects.count() == 1


def test_while_it_is_on_its_way_the_page_listens(biller, patient, asked):
    page = biller.get(f"/patients/{patient.code}/coverage/questions/{asked.pk}/").content.decode()
    assert "on its way" in page
    assert f'hx-trigger="live:eligibility:{asked.pk} from:body"' in page
    news = biller.get(f"/patients/{patient.code}/coverage/questions/{asked.pk}/news/").content.decode()
    assert news.lstrip().startswith('<div id="answer"')


def test_the_answer_stands_beside_what_was_on_file_with_its_segments(biller, patient, asked):
    receive(answer_for(asked, *RICH))
    page = biller.get(f"/patients/{patient.code}/coverage/questions/{asked.pk}/").content.decode()
    for words in (
        "$1,500.00",
        "$1,000.00",
        "EB*C*IND*30***23*1500*****Y",
        "segment 16",
        "GOLD 80",
        "APPROVAL BEFORE THE FIRST DAY",
        "SAMPLE BEHAVIORAL",
    ):
        assert words in page, words
    assert 'hx-trigger="every 5s"' not in page
    home = biller.get(f"/patients/{patient.code}/coverage/").content.decode()
    assert "electronically, reference " + asked.trace in home


def test_a_refusal_says_what_to_do(biller, patient, asked):
    receive(answer_for(asked, ("AAA", "N", "", "75", "C")))
    page = biller.get(f"/patients/{patient.code}/coverage/questions/{asked.pk}/").content.decode()
    assert "The payer does not find the subscriber." in page
    assert "Check the payer and the member number" in page
    assert "Write down what they say by phone" in page


def test_without_a_number_for_the_payer_the_page_leads_to_the_phone(biller, patient):
    policy = make_policy(patient)
    page = biller.get(f"/patients/{patient.code}/coverage/policy/{policy.pk}/eligibility/").content.decode()
    assert "Write down what they say by phone" in page
    assert "Ask now" not in page


def test_what_the_rule_refuses_stands_on_the_form(biller, patient):
    with_npi(patient.site)
    policy = make_policy(patient, electronic_payer())
    answer = biller.post(
        f"/patients/{patient.code}/coverage/policy/{policy.pk}/eligibility/", {"once_key": KEY}
    )
    assert answer.status_code == 422
    assert "There is no consent on file." in answer.content.decode()


def test_a_childs_plan_needs_the_name_of_the_person_whose_plan_it_is(biller, patient):
    policy = ready_policy(patient)
    policy.relation = "child"
    policy.save()
    url = f"/patients/{patient.code}/coverage/policy/{policy.pk}/eligibility/"
    assert "the person whose plan it is" in biller.post(url, {"once_key": KEY}).content.decode()
    assert biller.post(url, {"once_key": KEY, "given": "Rosa", "family": "Reyes"}).status_code == 302
    row = EligibilityRequest.objects.get()
    assert (row.subscriber_given, row.subscriber_family, row.relation) == ("Rosa", "Reyes", "child")


def test_other_sites_find_nothing(signed_in, patient, asked):
    stranger = signed_in(make_staff(make_site(), Role.BILLER))
    for path in (
        f"questions/{asked.pk}/",
        f"questions/{asked.pk}/news/",
        f"policy/{asked.policy_id}/eligibility/",
    ):
        assert stranger.get(f"/patients/{patient.code}/coverage/{path}").status_code == 404


def test_another_patients_question_is_not_here(biller, patient, asked):
    other = make_patient(patient.site, given_name="Bea")
    assert biller.get(f"/patients/{other.code}/coverage/questions/{asked.pk}/").status_code == 404


def test_a_counselor_reads_and_does_not_ask(signed_in, patient, asked):
    counselor = signed_in(make_staff(patient.site, Role.COUNSELOR))
    assert counselor.get(f"/patients/{patient.code}/coverage/questions/{asked.pk}/").status_code == 200
    assert (
        counselor.get(f"/patients/{patient.code}/coverage/policy/{asked.policy_id}/eligibility/").status_code
        == 403
    )
    assert counselor.get("/eligibility/").status_code == 403


def test_an_answer_that_found_no_question_is_looked_at_and_given_to_one(biller, patient, asked):
    receive(answer_for(asked, *RICH).replace(asked.trace, "SW999999999"))
    waiting = EligibilityAnswer.objects.get()
    work = biller.get("/eligibility/").content.decode()
    assert "None of our questions has the trace number of this answer." in work
    page = biller.get(f"/eligibility/answers/{waiting.pk}/").content.decode()
    assert "ANA REYES" in page
    assert "It belongs here" in page
    assert biller.post(f"/eligibility/answers/{waiting.pk}/questions/{asked.pk}/").status_code == 302
    assert Benefits.objects.filter(channel="edi").count() == 1
    assert biller.get(f"/eligibility/answers/{waiting.pk}/").status_code == 404


def test_an_unreadable_file_is_set_aside_with_a_reason(biller, asked):
    actions.receive_file(
        by=stepwell_itself(),
        at=NOW,
        content=b"x",
        via="folder",
        held="nothing readable",
        problem="It does not begin with ISA.",
    )
    row = EligibilityAnswer.objects.get()
    assert "It does not begin with ISA." in biller.get(f"/eligibility/answers/{row.pk}/").content.decode()
    assert biller.post(f"/eligibility/answers/{row.pk}/aside/", {"because": " "}).status_code in (200, 422)
    assert (
        biller.post(f"/eligibility/answers/{row.pk}/aside/", {"because": "A test of theirs."}).status_code
        == 302
    )
    row.refresh_from_db()
    assert (row.state, row.because) == ("set_aside", "A test of theirs.")


def unread(content: bytes, name: str) -> EligibilityAnswer:
    """A file that could not be read."""
    actions.receive_file(
        by=stepwell_itself(), at=NOW, content=content, via="folder", name=name, held="nothing readable", problem="It is cut off.",
    )  # fmt: skip
    return EligibilityAnswer.objects.get(because="It is cut off.")


def test_a_file_that_could_not_be_read_is_downloaded_as_it_came(biller, asked):
    row = unread(b"ISA*00*\x00\xff", '../a "b" Ä.271')
    page = biller.get(f"/eligibility/answers/{row.pk}/").content.decode()
    assert f'href="/eligibility/answers/{row.pk}/file/"' in page
    assert "9 bytes" in page
    file = biller.get(f"/eligibility/answers/{row.pk}/file/")
    assert (file.status_code, file.content) == (200, b"ISA*00*\x00\xff")
    assert file["Content-Disposition"] == 'attachment; filename="ab.271"'
    assert file["X-Content-Type-Options"] == "nosniff"
    assert Entry.objects.filter(kind="access", subject=f"EligibilityFile {row.file_id}").count() == 1


def test_a_file_with_answers_about_people_of_another_site_is_not_downloaded(biller, patient, asked):
    row = unread(b"x", "x")
    receive(answer_for(asked, *RICH).replace(asked.trace, "SW999999999"))
    read = EligibilityAnswer.objects.exclude(pk=row.pk).get()
    assert biller.get(f"/eligibility/answers/{read.pk}/file/").status_code == 404, (
        "it can be read on the page"
    )
    EligibilityAnswer.objects.filter(pk=read.pk).update(file=row.file, site=make_site())
    assert biller.get(f"/eligibility/answers/{row.pk}/file/").status_code == 404


def test_the_work_page_costs_the_same_for_one_and_for_many(
    biller, patient, asked, django_assert_max_num_queries
):
    receive(answer_for(asked, *RICH).replace(asked.trace, "SW999999999"))
    with django_assert_max_num_queries(16):
        biller.get("/eligibility/")
    for number in range(5):
        receive(answer_for(asked, *RICH, number=600 + number).replace(asked.trace, f"SW99999990{number}"))
    with django_assert_max_num_queries(16):
        biller.get("/eligibility/")


def test_the_director_sets_when_benefits_are_verified_again(signed_in, site):
    director = signed_in(make_staff(site, Role.DIRECTOR))
    told = {"starts_on": "2026-03-18", "every_days": "14"}
    assert director.post("/eligibility/rule/", told).status_code == 302
    assert VerificationRule.objects.get().every_days == 14
    assert "every 14 days" in director.get("/eligibility/").content.decode()
    assert director.post("/eligibility/rule/", {"starts_on": "2026-04-18"}).status_code == 422


def test_a_payers_number_is_kept_and_checked(biller):
    payer = electronic_payer()
    assert biller.post(f"/payers/{payer.pk}/", {"payer_code": "60054"}).status_code == 302
    assert Payer.objects.get().payer_code == "60054"
    assert biller.post(f"/payers/{payer.pk}/", {"payer_code": "* * *"}).status_code == 422
    assert "under 60054" in biller.get("/payers/new/").content.decode()


@pytest.fixture
def caller(site) -> Inquiry:
    with_npi(site)
    return Inquiry.objects.create(
        code="Q7K2", site=site, source="phone", name="Ana Reyes", phone="404-555-0100", received_at=NOW,
        insurance="Blue Lake Health, I think",
    )  # fmt: skip


CARD = {
    "once_key": KEY, "member_id": "M-1", "given_name": "Ana", "family_name": "Reyes", "birth_date": "1990-05-04", "in_network": "true",
}  # fmt: skip


def test_for_a_caller_it_is_asked_only_when_they_agree(signed_in, site, caller):
    desk, payer = signed_in(make_staff(site, Role.ADMISSIONS)), electronic_payer()
    page = desk.get("/inquiries/Q7K2/eligibility/").content.decode()
    assert f'<option value="{payer.pk}" selected>' in page
    sent = {**CARD, "payer": payer.pk}
    refused = desk.post("/inquiries/Q7K2/eligibility/", sent)
    assert refused.status_code == 422
    assert "Tick the box" in refused.content.decode()
    done = desk.post("/inquiries/Q7K2/eligibility/", {**sent, "agreed": "on"})
    row = EligibilityRequest.objects.get()
    assert done["Location"] == f"/inquiries/Q7K2/eligibility/{row.pk}/"
    receive(answer_for(row, *RICH))
    assert "$1,500.00" in desk.get(done["Location"]).content.decode()
    assert '<div id="answer"' in desk.get(done["Location"] + "news/").content.decode()
    make_rates(patient := make_patient(site), payer)
    call = desk.get("/inquiries/Q7K2/").content.decode()
    assert "Blue Lake Health, as it answered" in call
    assert 'href="/inquiries/Q7K2/eligibility/"' in call
    assert Entry.objects.filter(action="inquiry.access", subject=f"EligibilityRequest {row.pk}").count() == 1
    Inquiry.objects.filter(pk=caller.pk).update(patient=patient)
    policy = make_policy(patient, payer)
    type(policy).objects.filter(pk=policy.pk).update(member_id="M-1")
    home = f"/patients/{patient.code}/coverage/"
    assert "Take these benefits over" in desk.get(home).content.decode()
    assert desk.post(f"{home}policy/{policy.pk}/take-over/").status_code == 302
    assert Benefits.objects.get().deductible == 1500
    assert "Take these benefits over" not in desk.get(home).content.decode()


def test_a_callers_questions_belong_to_their_site(signed_in, caller):
    stranger = signed_in(make_staff(make_site(), Role.ADMISSIONS))
    assert stranger.get("/inquiries/Q7K2/eligibility/").status_code == 404
