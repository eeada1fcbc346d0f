"""Help with the price: a person decides, funds never go below zero, plans are reviewed and never collected."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.coverage.assistance import actions, queries
from stepwell.clinic.coverage.assistance.models import Award, FeeDecision, Fund, FundEntry
from stepwell.clinic.coverage.models import FeeDetermination
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.consent.making import elements
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

WAGES = [{"source": "wages", "amount": Decimal(1500), "period": "month"}]


@pytest.fixture
def desk(site):
    return actor(make_staff(site, Role.ADMISSIONS))


@pytest.fixture
def director(site):
    return actor(make_staff(site, Role.DIRECTOR))


def applied(desk, patient, *proofs, incomes=WAGES):
    row = actions.apply_for_fee(by=desk, at=NOW, patient=patient, household=2, incomes=incomes)
    for kind in proofs:
        actions.see_proof(by=desk, at=NOW, application=row, kind=kind, what="Seen", seen_on=TODAY)
    return row


def fund_with(director, site, amount=500, name="Fund"):
    row = actions.open_fund(
        by=director, at=NOW, site=site, name=name, source="Foundation", restrictions="All", opens_on=TODAY
    )
    actions.deposit(by=director, at=NOW, fund=row, amount=Decimal(amount), note="Start")
    return Fund.objects.select_related("site").get(pk=row.pk)


def asked(desk, fund, patient, amount=300):
    return actions.request_help(
        by=desk, at=NOW, fund=fund, patient=patient, amount=Decimal(amount), because="No work"
    )


def award(director, request, amount):
    return actions.decide_request(
        by=director, at=NOW, request=request, outcome="awarded", amount=Decimal(amount), because="Needed"
    )


def referred(desk, patient, employer="Mill & Co"):
    return actions.record_referral(
        by=desk, at=NOW, patient=patient, program="Hand", employer=employer, formal=True, visits=5, starts_on=TODAY
    )  # fmt: skip


def may_hear(patient, row, at):
    return [one.categories for one in queries.employers_may_hear(patient, [row], at)]


def plan(desk, patient, balance=300, monthly=100, **more):
    facts = {"first_due": TODAY, "agreed_by": "Ana Reyes", **more}
    return actions.agree_on_plan(
        by=desk, at=NOW, patient=patient, balance=Decimal(balance), monthly=Decimal(monthly), **facts
    )


def test_a_decision_makes_the_determination_that_prices_read(desk, patient):
    row = actions.decide_fee(by=desk, at=NOW, application=applied(desk, patient, "pay_stubs"), pay_class="A")
    made = FeeDetermination.objects.get()
    assert (made.annual_income, made.household, made.discount, made.valid_until) == (
        18000,
        2,
        1,
        date(2027, 3, 18),
    )
    assert (row.proposed_class, row.decided_class, row.provisional) == ("A", "A", False)


def test_a_decision_differs_only_with_a_reason(desk, patient):
    row = applied(desk, patient, "pay_stubs")
    with pytest.raises(Refused, match="differs from what the rule proposes"):
        actions.decide_fee(by=desk, at=NOW, application=row, pay_class="")
    made = actions.decide_fee(by=desk, at=NOW, application=row, pay_class="", because="They asked for it")
    assert (made.proposed_class, made.decided_class, made.because) == ("A", "", "They asked for it")
    with pytest.raises(Refused, match="decided already"):
        actions.decide_fee(by=desk, at=NOW, application=row, pay_class="A")
    assert FeeDecision.objects.count() == 1


def test_the_own_word_is_decided_once_for_thirty_days_and_once_more_with_documents(desk, patient):
    row = applied(desk, patient, "self_declaration")
    first = actions.decide_fee(by=desk, at=NOW, application=row, pay_class="A")
    assert first.determination.valid_until == TODAY + timedelta(days=30)
    with pytest.raises(Refused, match="on the person's own word already"):
        actions.decide_fee(by=desk, at=NOW, application=row, pay_class="A")
    actions.see_proof(by=desk, at=NOW, application=row, kind="tax_return", what="Of 2025", seen_on=TODAY)
    row = queries.application_for(desk, patient, row.pk)
    assert actions.decide_fee(by=desk, at=NOW, application=row, pay_class="A").provisional is False
    assert queries.renewals_due(desk, TODAY) == []


def test_nothing_is_decided_before_something_was_seen(desk, patient):
    with pytest.raises(Refused, match="Nothing was seen yet"):
        actions.decide_fee(by=desk, at=NOW, application=applied(desk, patient), pay_class="A")


def test_what_was_seen_is_not_seen_tomorrow(desk, patient):
    row = applied(desk, patient)
    with pytest.raises(Refused, match="in the future"):
        actions.see_proof(
            by=desk, at=NOW, application=row, kind="pay_stubs", what="x", seen_on=TODAY + timedelta(days=1)
        )
    with pytest.raises(Refused, match="from the list"):
        actions.see_proof(by=desk, at=NOW, application=row, kind="x-ray", what="x", seen_on=TODAY)


def test_a_fee_that_ends_soon_is_to_be_renewed(desk, patient):
    actions.decide_fee(by=desk, at=NOW, application=applied(desk, patient, "pay_stubs"), pay_class="A")
    day = date(2027, 3, 18)
    assert queries.renewals_due(desk, day - timedelta(days=31)) == []
    (one,) = queries.renewals_due(desk, day - timedelta(days=30))
    assert (one.patient, one.on_own_word, one.ended) == (patient, False, False)
    assert queries.renewals_due(desk, day)[0].ended


def test_the_trail_names_no_income(desk, patient):
    actions.decide_fee(by=desk, at=NOW, application=applied(desk, patient, "pay_stubs"), pay_class="A")
    rows = Entry.objects.filter(action__startswith="coverage.fee")
    assert [row.action for row in rows.order_by("pk")] == [
        "coverage.fee_application",
        "coverage.fee_proof",
        "coverage.fee",
    ]
    assert not any("1500" in str(row.detail) or "18000" in str(row.detail) for row in rows)


def test_a_fund_is_a_ledger_whose_lines_add_up(desk, director, site, patient):
    fund = fund_with(director, site)
    made = award(director, asked(desk, fund, patient), 200).award
    actions.spend(
        by=desk, at=NOW, award=made, charge=Decimal(250), insurance=Decimal(150), eap=Decimal(0),
        fee_off=Decimal(40), note="March",
    )  # fmt: skip
    actions.release(by=director, at=NOW, award=made, because="Moved away")
    lines = [(one.kind, one.amount, one.available) for one in FundEntry.objects.order_by("pk")]
    assert lines == [
        ("deposit", 500, 500),
        ("award", 200, 300),
        ("spent", 60, 300),
        ("released", 140, 440),
    ]
    fund.refresh_from_db()
    assert (fund.available, fund.awarded, Award.objects.get().left) == (440, 0, 0)
    with pytest.raises(Refused, match="Nothing is left"):
        actions.release(by=director, at=NOW, award=made, because="Again")
    with pytest.raises(Refused, match="used up"):
        actions.spend(
            by=desk, at=NOW, award=made, charge=Decimal(1), insurance=Decimal(0), eap=Decimal(0),
            fee_off=Decimal(0), note="April",
        )  # fmt: skip


def test_an_award_above_what_is_free_is_refused_with_what_there_is(desk, director, site, patient):
    fund = fund_with(director, site, 100)
    with pytest.raises(Refused, match=r"has \$100.00 free"):
        award(director, asked(desk, fund, patient), 101)
    assert Award.objects.count() == 0


def test_a_fund_never_holds_more_than_can_be_written_down_even_when_awards_come_back(
    desk, director, site, patient
):
    most = Decimal("99999999.99")
    fund = fund_with(director, site, most)
    made = award(director, asked(desk, fund, patient, most), most).award
    with pytest.raises(Refused, match="more than 99 million"):
        actions.deposit(by=director, at=NOW, fund=fund, amount=Decimal(1), note="More")
    actions.release(by=director, at=NOW, award=made, because="Moved away")
    fund.refresh_from_db()
    assert (fund.available, fund.awarded) == (most, 0)


def test_the_database_itself_keeps_a_fund_above_zero(director, site):
    fund = fund_with(director, site, 100)
    with pytest.raises(IntegrityError, match="fund_never_below_zero"), transaction.atomic():
        Fund.objects.filter(pk=fund.pk).update(available=-1)


def test_a_request_is_decided_once_by_the_director_with_a_reason(desk, director, site, patient):
    request = asked(desk, fund_with(director, site), patient)
    with pytest.raises(Denied):
        award(desk, request, 10)
    with pytest.raises(Refused, match="Say why"):
        actions.decide_request(by=director, at=NOW, request=request, outcome="declined", because=" ")
    with pytest.raises(Refused, match="waiting for this person"):
        asked(desk, request.fund, patient)
    actions.decide_request(by=director, at=NOW, request=request, outcome="declined", because="Medicaid pays")
    with pytest.raises(Refused, match="decided already"):
        award(director, request, 10)


def test_a_fund_of_another_site_or_one_that_is_closed_is_not_asked(desk, director, site, patient):
    stranger = make_site()
    other = fund_with(actor(make_staff(stranger, Role.DIRECTOR)), stranger)
    with pytest.raises(Refused, match="another site"):
        asked(desk, other, patient)
    fund = fund_with(director, site)
    actions.close_fund(by=director, at=NOW, fund=fund, closes_on=TODAY)
    fund.refresh_from_db()
    assert queries.open_funds([site.pk], TODAY) == [fund]
    assert queries.open_funds([site.pk], TODAY + timedelta(days=1)) == []
    with pytest.raises(Refused, match="not open today"):
        actions.request_help(
            by=desk, at=NOW + timedelta(days=1), fund=fund, patient=patient, amount=Decimal(1), because="x"
        )


def test_the_employer_hears_attendance_only_while_a_consent_that_names_it_lives(desk, by, patient):
    row = referred(desk, patient)
    assert may_hear(patient, row, NOW) == [()]
    paper = consent.record_consent(
        by=by, at=NOW, patient=patient, elements=elements(
            information=["attendance", "diagnosis"], purposes=["employment"], recipient_kind="named",
            recipient_name="Mill & Co", recipient_key="person:mill-&-co",
        ),
    )  # fmt: skip
    other = referred(desk, patient, employer="Quarry Ltd")
    assert may_hear(patient, row, NOW + timedelta(minutes=1)) == [("attendance",)]
    assert queries.employers_may_hear(patient, [other, row], NOW + timedelta(minutes=1))[0].categories == ()
    consent.revoke_consent(by=by, at=NOW + timedelta(hours=1), consent=paper, said_by="Ana Reyes")
    assert may_hear(patient, row, NOW + timedelta(hours=2)) == [()]


def test_a_plan_has_its_schedule_and_no_charge(desk, patient):
    row = plan(desk, patient)
    assert [(one.number, one.due_on, one.amount) for one in row.instalments.order_by("number")] == [
        (1, date(2026, 3, 18), 100),
        (2, date(2026, 4, 18), 100),
        (3, date(2026, 5, 18), 100),
    ]
    with pytest.raises(Refused, match="no interest and no fee"):
        plan(desk, patient, charge=Decimal(1))


def test_more_than_four_payments_need_the_disclosures_of_regulation_z(desk, patient):
    with pytest.raises(Refused, match="Regulation Z"):
        plan(desk, patient, monthly=60)
    assert plan(desk, patient, monthly=60, disclosed=True).months == 5
    with pytest.raises(Refused, match=r"at least \$25.00 a month"):
        plan(desk, patient, monthly=10, disclosed=True)


def test_two_missed_are_on_a_persons_list_until_she_has_looked(desk, patient):
    row = plan(desk, patient)
    assert queries.plans_at_work(desk, NOW + timedelta(days=40)).review != ()
    later = NOW + timedelta(days=40)
    actions.review_plan(by=desk, at=later, agreement=row, outcome="goes_on", because="New job in May")
    assert queries.plans_at_work(desk, later).review == ()
    last = NOW + timedelta(days=70)
    assert [len(standing.missed) for _, standing in queries.plans_at_work(desk, last).review] == [3]
    row = queries.agreement_for(desk, patient, row.pk)
    actions.review_plan(by=desk, at=last, agreement=row, outcome="ended", because="The county pays")
    assert queries.plans_at_work(desk, last) == queries.PlansAtWork((), ())
    with pytest.raises(Refused, match="ended already"):
        actions.review_plan(by=desk, at=last, agreement=row, outcome="goes_on", because="x")


def test_a_reminder_is_only_for_a_channel_that_is_allowed_and_only_once(desk, site):
    patient = make_patient(site, may_call=True)
    first = plan(desk, patient).instalments.get(number=1)
    with pytest.raises(Refused, match="did not allow text messages"):
        actions.remind(by=desk, at=NOW, instalment=first, channel="text")
    actions.remind(by=desk, at=NOW, instalment=first, channel="call")
    with pytest.raises(Refused, match="nobody is reminded twice"):
        actions.remind(by=desk, at=NOW, instalment=queries.instalment_for(desk, first.pk), channel="call")


def test_a_payment_goes_to_the_oldest_and_never_above_what_is_owed(desk, patient):
    row = plan(desk, patient)
    pay = {"by": desk, "at": NOW, "agreement": row, "paid_on": TODAY, "how": "cash"}
    assert [one.amount for one in actions.record_payment(amount=Decimal(150), **pay)] == [100, 50]
    with pytest.raises(Refused, match=r"\$150.00"):
        actions.record_payment(amount=Decimal(151), **pay)
    with pytest.raises(Refused, match="in the future"):
        actions.record_payment(amount=Decimal(1), **{**pay, "paid_on": TODAY + timedelta(days=1)})


def test_a_counselor_records_nothing_of_it(by, patient):
    with pytest.raises(Denied):
        applied(by, patient)
    with pytest.raises(Denied):
        plan(by, patient)


@pytest.mark.parametrize("many", [1, 5])
def test_the_list_of_work_takes_the_same_queries_for_any_number(
    desk, site, many, django_assert_max_num_queries
):
    for number in range(many):
        plan(desk, make_patient(site, f"Ana{number}", may_call=True))
    with django_assert_max_num_queries(5):
        assert len(queries.plans_at_work(desk, NOW).remind) == many
