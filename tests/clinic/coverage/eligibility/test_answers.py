"""What comes back: kept whole, given to its question, once; what is unclear waits for a person."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.coverage.eligibility import actions, queries
from stepwell.clinic.coverage.eligibility.models import EligibilityAnswer, EligibilityFile, EligibilityRequest
from stepwell.clinic.coverage.models import Benefits
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.coverage.eligibility.making import (
    answer_for,
    ask,
    electronic_payer,
    once_key,
    ready_policy,
    receive,
    set_up_clearinghouse,
    with_npi,
)
from tests.clinic.coverage.eligibility.test_asking import make_inquiry
from tests.clinic.coverage.making import make_policy, tell_benefits
from tests.making import NOW, actor, make_patient, make_site, make_staff
from tests.x12_samples import OTHERS, RICH

ITSELF = stepwell_itself()
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def clearinghouse(settings):
    set_up_clearinghouse(settings)


@pytest.fixture
def asked(patient) -> EligibilityRequest:
    return ask(ready_policy(patient), in_network=True)


def test_an_answer_becomes_benefits_with_channel_and_reference(asked):
    assert receive(answer_for(asked, *RICH), at=LATER) == actions.Received(new=True, matched=1)
    asked.refresh_from_db()
    heard = Benefits.objects.get()
    assert asked.state == "answered"
    assert (heard.channel, heard.reference, heard.verified_at, heard.verified_by_id) == (
        "edi", asked.trace, LATER, asked.asked_by_id,
    )  # fmt: skip
    assert (heard.covered, heard.in_network, heard.authorization_required) == (True, True, True)
    assert (heard.deductible, heard.deductible_met, heard.family_deductible) == (1500, 900, 3000)
    assert (heard.coinsurance, heard.copay_per_day, heard.day_limit) == (Decimal("0.2"), None, 52)
    assert EligibilityAnswer.objects.get().benefits == heard


def test_the_file_is_kept_as_it_came_and_the_database_lets_nobody_change_it(asked):
    text = answer_for(asked, *RICH)
    receive(text)
    kept = EligibilityFile.objects.get()
    assert bytes(kept.content) == text.encode()
    kept.name = "other"
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.save()


def test_the_same_file_twice_changes_nothing(asked):
    text = answer_for(asked, *RICH)
    receive(text)
    assert receive(text, at=LATER) == actions.Received(new=False)
    assert (EligibilityFile.objects.count(), EligibilityAnswer.objects.count(), Benefits.objects.count()) == (
        1,
        1,
        1,
    )


def test_the_same_answer_in_another_envelope_changes_nothing(asked):
    receive(answer_for(asked, *RICH, number=501))
    assert receive(answer_for(asked, *RICH, number=502), at=LATER) == actions.Received(new=True, repeated=1)
    assert (EligibilityFile.objects.count(), EligibilityAnswer.objects.count(), Benefits.objects.count()) == (
        2,
        1,
        1,
    )


def test_a_newer_answer_makes_a_newer_row(asked):
    receive(answer_for(asked, *RICH))
    receive(answer_for(asked, ("EB", "6", "", "30"), number=502), at=LATER)
    assert [b.covered for b in Benefits.objects.order_by("verified_at")] == [True, False]


def test_what_was_heard_by_phone_before_is_there_to_compare(asked):
    tell_benefits(asked.policy)
    receive(answer_for(asked, *RICH), at=LATER)
    before = queries.benefits_before(EligibilityAnswer.objects.get())
    assert before is not None
    assert before.deductible == 1000


def test_a_refusal_ends_the_question_in_words_and_makes_no_benefits(asked):
    receive(answer_for(asked, ("AAA", "N", "", "72", "C")))
    asked.refresh_from_db()
    assert (asked.state, Benefits.objects.count()) == ("rejected", 0)
    assert asked.message.startswith("The member number is missing or wrong. Compare every sign")


def test_an_answer_without_a_question_waits_for_a_person(asked):
    text = answer_for(asked, *RICH).replace(asked.trace, "SW999999999")
    assert receive(text).waiting == 1
    row = EligibilityAnswer.objects.get()
    assert (row.state, row.because) == (
        "waiting",
        "None of our questions has the trace number of this answer.",
    )
    assert Benefits.objects.count() == 0


def test_an_answer_about_somebody_with_another_birth_date_waits(asked):
    receive(answer_for(asked, *RICH, subscriber=("Ana", "Reyes", "M-100", date(1991, 5, 4))))
    asked.refresh_from_db()
    assert (asked.state, EligibilityAnswer.objects.get().state, Benefits.objects.count()) == (
        "queued",
        "waiting",
        0,
    )


def test_a_person_says_to_which_question_it_belongs(asked):
    receive(answer_for(asked, *RICH).replace(asked.trace, "SW999999999"))
    row, by = EligibilityAnswer.objects.get(), actor(make_staff(asked.site, Role.BILLER))
    assert queries.waiting_list(by) == [row]
    assert queries.candidates(by, row) == [asked]
    actions.match_answer(by=by, at=LATER, answer=row, request=asked)
    row.refresh_from_db()
    assert (row.state, row.request, row.decided_by_id) == ("matched", asked, by.staff_id)
    assert Benefits.objects.get().deductible == 1500
    with pytest.raises(Refused, match="waits no more"):
        actions.match_answer(by=by, at=LATER, answer=row, request=asked)


def test_setting_aside_needs_a_reason_and_keeps_the_file(asked):
    receive(answer_for(asked, *RICH).replace(asked.trace, "SW999999999"))
    row, by = EligibilityAnswer.objects.get(), actor(make_staff(asked.site, Role.BILLER))
    with pytest.raises(Refused, match="Say why"):
        actions.set_aside(by=by, at=LATER, answer=row, because=" ")
    actions.set_aside(by=by, at=LATER, answer=row, because="Of the old system.")
    assert (queries.waiting_list(by), EligibilityFile.objects.count()) == ([], 1)


def test_another_sites_people_see_and_decide_nothing(asked):
    receive(answer_for(asked, *RICH).replace(asked.trace, "SW999999999"))
    row = EligibilityAnswer.objects.get()
    EligibilityAnswer.objects.filter(pk=row.pk).update(site=asked.site)
    row.refresh_from_db()
    stranger = actor(make_staff(make_site(), Role.BILLER))
    assert queries.waiting_list(stranger) == []
    with pytest.raises(Denied):
        actions.set_aside(by=stranger, at=LATER, answer=row, because="x")
    with pytest.raises(EligibilityRequest.DoesNotExist):
        queries.request_for(stranger, asked.pk)


def test_an_unreadable_file_waits_whole_and_once(asked):
    for _ in range(2):
        actions.receive_file(
            by=ITSELF,
            at=NOW,
            content=b"ISA*00*",
            via="folder",
            name="x",
            held="nothing readable",
            problem="It is cut off.",
        )
    row = EligibilityAnswer.objects.get()
    assert (row.state, row.reading, row.because) == ("waiting", None, "It is cut off.")
    assert bytes(row.file.content) == b"ISA*00*"
    with pytest.raises(Refused, match="could not be read"):
        actions.match_answer(
            by=actor(make_staff(asked.site, Role.DIRECTOR)), at=LATER, answer=row, request=asked
        )


@pytest.mark.parametrize("name", ["TA1", "999"])
def test_a_receipt_that_refuses_the_question_ends_it(asked, name):
    number = f"{asked.number_id:09d}"
    text = (
        OTHERS[name]
        .replace("TA1*000000001", f"TA1*{number}")
        .replace("AK1*HS*1*", f"AK1*HS*{asked.number_id}*")
    )
    receive(text)
    asked.refresh_from_db()
    assert asked.state == "failed"
    assert asked.message.startswith("The clearinghouse refused the question.")


def test_that_the_envelope_came_before_is_no_news(asked):
    receive(OTHERS["TA1"].replace("TA1*000000001", f"TA1*{asked.number_id:09d}").replace("*R*006", "*R*025"))
    asked.refresh_from_db()
    assert asked.state == "queued"


def test_an_answer_of_the_time_as_an_inquiry_is_taken_over_once(site):
    with_npi(site)
    row, by = make_inquiry(site), actor(make_staff(site, Role.ADMISSIONS))
    asked = actions.ask_for_inquiry(
        by=by, at=NOW, inquiry=row, payer=electronic_payer(), given_name="Ana", family_name="Reyes",
        birth_date=date(1990, 5, 4), member_id="M-100", agreed=True, once_key=once_key(), in_network=True,
    )  # fmt: skip
    receive(answer_for(asked, *RICH))
    assert Benefits.objects.count() == 0
    patient = make_patient(site)
    row.patient = patient
    row.save()
    policy = make_policy(patient, electronic_payer())
    [answer] = queries.answers_before_the_record(by, patient)
    stranger = make_policy(make_patient(site, given_name="Bea"), electronic_payer())
    with pytest.raises(Refused, match="somebody else"):
        actions.adopt_answer(by=by, at=LATER, answer=answer, policy=stranger)
    heard = actions.adopt_answer(by=by, at=LATER, answer=answer, policy=policy)
    assert (heard.deductible, heard.channel) == (1500, "edi")
    with pytest.raises(Refused, match="on file already"):
        actions.adopt_answer(by=by, at=LATER, answer=answer, policy=policy)
    assert queries.answers_before_the_record(by, patient) == []
