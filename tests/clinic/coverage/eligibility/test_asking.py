"""A question is put once for one click, only with consent, under a number of its own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.consent.models import Disclosure
from stepwell.clinic.coverage.eligibility import actions, queries
from stepwell.clinic.coverage.eligibility.models import ControlNumber, EligibilityRequest
from stepwell.clinic.coverage.models import Payer, Policy
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.coverage.eligibility.making import (
    agree_to_payment,
    ask,
    electronic_payer,
    once_key,
    ready_policy,
    set_up_clearinghouse,
    with_npi,
)
from tests.clinic.coverage.making import make_policy
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

ITSELF = stepwell_itself()


@pytest.fixture(autouse=True)
def clearinghouse(settings):
    set_up_clearinghouse(settings)


@pytest.fixture
def policy(patient) -> Policy:
    return ready_policy(patient)


def make_inquiry(site: Site, **facts) -> Inquiry:
    return Inquiry.objects.create(
        **{"code": "Q7K2", "site": site, "source": "phone", "name": "Ana Reyes", "phone": "404-555-0100", "received_at": NOW, **facts}
    )  # fmt: skip


def test_one_click_asks_once_and_draws_one_number(policy):
    by, key = actor(make_staff(policy.patient.site, Role.BILLER)), once_key()
    first = actions.ask_for_policy(by=by, at=NOW, policy=policy, once_key=key)
    again = actions.ask_for_policy(by=by, at=NOW, policy=policy, once_key=key)
    assert first == again
    assert (EligibilityRequest.objects.count(), ControlNumber.objects.count()) == (1, 1)
    assert first.trace == f"SW{first.number_id:09d}"


def test_a_second_question_waits_until_the_first_is_answered(policy):
    ask(policy)
    with pytest.raises(Refused, match="asked already"):
        ask(policy)


def test_numbers_never_come_twice(policy):
    numbers = []
    for _ in range(3):
        row = ask(policy)
        EligibilityRequest.objects.filter(pk=row.pk).update(state="failed", ended_at=NOW)
        numbers.append(row.number_id)
    assert numbers == sorted(set(numbers))


def test_nobody_is_asked_without_a_consent_that_lets_the_plan_be_told(patient):
    with_npi(patient.site)
    policy = make_policy(patient, electronic_payer())
    with pytest.raises(
        Refused,
        match=r"Nothing was asked: the plan would learn of the treatment\. There is no consent on file\.",
    ):
        ask(policy)
    assert EligibilityRequest.objects.count() == 0


def test_a_consent_revoked_before_it_is_sent_stops_it(policy):
    given = agree_to_payment(policy.patient)
    row = ask(policy)
    for paper in policy.patient.consents.all():
        if not paper.revocations.exists() and paper.superseded_at is None:
            consent.revoke_consent(
                by=actor(make_staff(policy.patient.site, Role.ADMISSIONS)),
                at=NOW,
                consent=paper,
                said_by="Ana Reyes",
            )
    assert given is not None
    assert actions.claim_question(by=ITSELF, at=NOW, request_id=row.pk) is None
    row.refresh_from_db()
    assert row.state == "failed"
    assert row.message.startswith("Not sent.")
    assert Disclosure.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: Site.objects.update(npi=""), "has no NPI on file"),
        (lambda p: Payer.objects.update(payer_code=""), "has no number for electronic questions"),
        (lambda p: Policy.objects.update(ends_on=date(2026, 3, 17)), "This coverage has ended"),
        (lambda p: Policy.objects.update(relation="child"), "the person whose plan it is"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(policy, change, sentence):
    change(policy)
    with pytest.raises(Refused, match=sentence):
        ask(Policy.objects.select_related("patient__site", "payer").get(pk=policy.pk))
    assert EligibilityRequest.objects.count() == 0


@pytest.mark.parametrize("name", ["李明", "Иван", "محمد", "’"])
def test_a_name_without_any_letter_that_payers_read_is_not_sent_empty(policy, name):
    Patient.objects.filter(pk=policy.patient_id).update(given_name=name)
    with pytest.raises(Refused, match="letters A to Z only"):
        ask(Policy.objects.select_related("patient__site", "payer").get(pk=policy.pk))
    assert (EligibilityRequest.objects.count(), ControlNumber.objects.count()) == (0, 0)


def test_without_a_clearinghouse_the_sentence_says_so(policy, settings):
    import dataclasses

    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, given_clearinghouse=None)
    with pytest.raises(Refused, match="No clearinghouse is set up"):
        ask(policy)


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.NURSE, Role.COMPLIANCE, Role.PEER])
def test_whoever_does_not_record_coverage_asks_nobody(policy, role):
    with pytest.raises(Denied):
        actions.ask_for_policy(
            by=actor(make_staff(policy.patient.site, role)), at=NOW, policy=policy, once_key=once_key()
        )


def test_another_sites_biller_asks_nobody(policy):
    with pytest.raises(Denied):
        actions.ask_for_policy(
            by=actor(make_staff(make_site(), Role.BILLER)), at=NOW, policy=policy, once_key=once_key()
        )


def test_for_an_inquiry_only_the_general_type_is_asked_and_only_when_they_agree(site):
    with_npi(site)
    row, by = make_inquiry(site), actor(make_staff(site, Role.ADMISSIONS))
    facts = {
        "inquiry": row, "payer": electronic_payer(), "given_name": "Ana", "family_name": "Reyes",
        "birth_date": date(1990, 5, 4), "member_id": "M-1", "once_key": once_key(),
    }  # fmt: skip
    with pytest.raises(Refused, match="Tick the box"):
        actions.ask_for_inquiry(by=by, at=NOW, agreed=False, **facts)
    asked = actions.ask_for_inquiry(by=by, at=NOW, agreed=True, **facts)
    assert (asked.service_types, asked.patient, asked.inquiry) == (["30"], None, row)
    assert actions.ask_for_inquiry(by=by, at=NOW, agreed=True, **facts) == asked
    for day, sentence in ((date(2026, 4, 1), "in the future"), (date(1, 1, 1), "before 1900")):
        with pytest.raises(Refused, match=sentence):
            actions.ask_for_inquiry(
                by=by, at=NOW, agreed=True, **{**facts, "birth_date": day, "once_key": once_key()}
            )


def test_the_trail_holds_no_member_number(policy):
    ask(policy)
    told = "".join(str(e.detail) + e.subject for e in Entry.objects.filter(action__startswith="coverage."))
    assert "M-100" not in told
    assert Entry.objects.filter(action="coverage.ask", patient_id=policy.patient_id).count() == 1


def test_two_workers_do_not_take_the_same_question(policy):
    row = ask(policy)
    first = actions.claim_question(by=ITSELF, at=NOW, request_id=row.pk)
    assert first is not None
    assert first.question.subscriber.family_name == "Reyes"
    assert actions.claim_question(by=ITSELF, at=NOW, request_id=row.pk) is None
    later = NOW + timedelta(minutes=6)
    again = actions.claim_question(by=ITSELF, at=later, request_id=row.pk)
    assert again is not None, "a worker that died holds it for five minutes only"


def test_what_was_kept_to_be_sent_is_sent_again_as_it_is(policy):
    row = ask(policy)
    assert actions.keep_payload(by=ITSELF, at=NOW, request_id=row.pk, payload="ISA first~") == "ISA first~"
    assert actions.keep_payload(by=ITSELF, at=NOW, request_id=row.pk, payload="ISA second~") == "ISA first~"


def test_a_question_that_cannot_be_sent_is_tried_four_times_more_and_then_has_failed(policy):
    row, at = ask(policy), NOW
    waits = []
    for _ in range(5):
        assert actions.claim_question(by=ITSELF, at=at, request_id=row.pk) is not None
        actions.question_failed(by=ITSELF, at=at, request_id=row.pk, because="It is down.", again=True)
        row.refresh_from_db()
        if row.next_try_at is not None:
            waits.append((row.next_try_at - at).total_seconds() / 60)
            assert queries.to_send(row.next_try_at) == [row.pk]
            at = row.next_try_at
    assert (waits, row.state, row.message) == (
        [1, 5, 15, 60], "failed", "It is down. Ask by phone, or ask again later.",
    )  # fmt: skip


def test_sending_is_accounted_for_once_as_a_disclosure_to_the_plan(policy):
    row = ask(policy)
    actions.keep_payload(by=ITSELF, at=NOW, request_id=row.pk, payload="ISA~")
    for _ in range(2):
        actions.question_sent(by=ITSELF, at=NOW, request_id=row.pk)
    told = Disclosure.objects.get()
    assert (told.recipient, told.purpose, told.information) == ("Blue Lake Health", "payment", ["billing"])
    row.refresh_from_db()
    assert (row.state, row.sent_at) == ("sent", NOW)


def test_no_answer_in_three_days_is_a_failure_in_a_sentence(policy):
    row = ask(policy)
    actions.keep_payload(by=ITSELF, at=NOW, request_id=row.pk, payload="ISA~")
    actions.question_sent(by=ITSELF, at=NOW, request_id=row.pk)
    assert actions.give_up_unanswered(by=ITSELF, at=NOW + timedelta(days=2)) == 0
    assert actions.give_up_unanswered(by=ITSELF, at=NOW + timedelta(days=4)) == 1
    row.refresh_from_db()
    assert row.message == "No answer came within 3 days. Ask again, or by phone."


@pytest.mark.parametrize(
    "act",
    [
        "claim_question",
        "keep_payload",
        "question_sent",
        "question_failed",
        "give_up_unanswered",
        "receive_file",
    ],
)
def test_only_the_worker_carries(policy, act):
    facts = {
        "claim_question": {"request_id": 1},
        "keep_payload": {"request_id": 1, "payload": "x"},
        "question_sent": {"request_id": 1},
        "question_failed": {"request_id": 1, "because": "x", "again": True},
        "give_up_unanswered": {},
        "receive_file": {"content": b"x", "via": "folder", "held": "x"},
    }[act]
    with pytest.raises(Denied, match="job worker"):
        getattr(actions, act)(by=actor(make_staff(policy.patient.site, Role.DIRECTOR)), at=NOW, **facts)


def test_a_sites_rule_decides_when_benefits_are_due_again(policy):
    director, biller = (actor(make_staff(policy.patient.site, role)) for role in (Role.DIRECTOR, Role.BILLER))
    admitted = {policy.patient_id: date(2026, 3, 2)}
    first = queries.due_again(biller, admitted, today=TODAY)
    assert [(d.due.on, d.due.because, d.objection) for d in first] == [
        (date(2026, 3, 2), "Nobody has asked for the benefits yet.", "")
    ]
    from tests.clinic.coverage.making import tell_benefits

    tell_benefits(policy)
    assert queries.due_again(biller, admitted, today=date(2026, 3, 31)) == []
    assert [d.due.on for d in queries.due_again(biller, admitted, today=date(2026, 4, 1))] == [
        date(2026, 4, 1)
    ]
    actions.set_verification_rule(
        by=director, at=NOW, site=policy.patient.site, starts_on=TODAY, every_days=7, at_month_start=False
    )
    assert [d.overdue_days for d in queries.due_again(biller, admitted, today=date(2026, 3, 27))] == [2]
    with pytest.raises(Refused, match="from that day already"):
        actions.set_verification_rule(
            by=director, at=NOW, site=policy.patient.site, starts_on=TODAY, every_days=9, at_month_start=False
        )
    with pytest.raises(Refused, match="Choose a number of days"):
        actions.set_verification_rule(
            by=director,
            at=NOW,
            site=policy.patient.site,
            starts_on=date(2026, 5, 1),
            every_days=None,
            at_month_start=False,
        )
    with pytest.raises(Denied):
        actions.set_verification_rule(
            by=biller,
            at=NOW,
            site=policy.patient.site,
            starts_on=date(2026, 5, 1),
            every_days=9,
            at_month_start=False,
        )


def test_the_list_of_what_is_due_costs_the_same_for_one_and_for_ten(policy, django_assert_num_queries):
    biller = actor(make_staff(policy.patient.site, Role.BILLER))
    admitted = {policy.patient_id: date(2026, 3, 2)}
    with django_assert_num_queries(3):
        queries.due_again(biller, admitted, today=TODAY)
    for number in range(9):
        other = make_patient(policy.patient.site, given_name=f"P{number}")
        make_policy(other, policy.payer)
        admitted[other.pk] = date(2026, 3, 2)
    with django_assert_num_queries(3):
        assert len(queries.due_again(biller, admitted, today=TODAY)) == 10


def test_another_sites_patients_are_not_due_here(policy):
    stranger = actor(make_staff(make_site(), Role.BILLER))
    assert queries.due_again(stranger, {policy.patient_id: date(2026, 3, 2)}, today=TODAY) == []
