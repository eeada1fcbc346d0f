"""Days at both ends of the calendar: every form about coverage answers, and no page breaks on what was kept."""

from __future__ import annotations

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage.assistance.models import FeeApplication, Fund, PaymentAgreement
from stepwell.clinic.coverage.good_faith.models import EstimateAsked
from stepwell.clinic.coverage.models import Estimate, Policy
from tests.clinic.coverage.eligibility.making import electronic_payer, ready_policy, set_up_clearinghouse
from tests.clinic.coverage.making import make_rates, tell_benefits
from tests.clinic.inquiry.making import make_inquiry
from tests.making import make_staff

PROGRAM = {
    "legal_name": "Peachtree Recovery LLC", "npi": "1234567893", "tin": "12-3456789", "state": "ga", "address": "12 St",
}  # fmt: skip
SHEET = {
    "name": "Ana", "birth_date": "1990-05-04", "language": "en", "code": "H0015", "days_per_week": 3, "weeks": 12,
    "starts_on": "2026-04-06", "how": "printed",
}  # fmt: skip


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_day_of_the_calendar_breaks_a_form_or_a_page(signed_in, site, patient, settings, day):
    set_up_clearinghouse(settings)
    policy, payer = ready_policy(patient), electronic_payer()
    make_rates(patient, payer)
    tell_benefits(policy)
    inquiry = make_inquiry(site)
    director = signed_in(make_staff(site, Role.DIRECTOR))
    of, home = f"/patients/{patient.code}/assistance/", f"/patients/{patient.code}/coverage/"

    def send(path, **told):
        assert director.post(path, told).status_code in (302, 422), path

    fund = {"name": "Fund", "source": "x", "restrictions": "x", "opens_on": "2026-03-01"}
    send("/assistance/funds/", **fund)
    own_fund = f"/assistance/funds/{Fund.objects.get().pk}/"
    send(own_fund, amount="500", note="x")
    send(f"{own_fund}close/", last_on=day)
    send("/assistance/funds/", **{**fund, "name": "Other", "opens_on": day, "closes_on": day})
    lender = {"name": "x", "words_en": "x", "words_es": "x", "contact": "x", "source": "x"}
    send("/assistance/lenders/", **lender, starts_on=day, ends_on=day)
    send("/rates/", payer="", code="H0004", amount="1", source="x", starts_on=day)
    send("/rates/", payer="", code="H0015", amount="1", source="x", starts_on=day)
    send("/eligibility/rule/", starts_on=day, every_days="366")
    card = {"payer": payer.pk, "member_id": "M-7", "relation": "self", "priority": 2}
    send(f"{home}policy/", **card, starts_on=day, ends_on=day)
    for each in Policy.objects.all():
        told = {"channel": "phone", "covered": "true", "in_network": "true", "copay_per_day": "10"}
        sums = dict.fromkeys(("deductible", "deductible_met", "out_of_pocket_max", "out_of_pocket_met"), "10")
        send(f"{home}policy/{each.pk}/benefits/", **told, **sums, next_year_on=day)
        send(
            f"{home}policy/{each.pk}/eligibility/", once_key=f"a-key-of-a-form-{each.pk:04d}", birth_date=day
        )
        plan = {"policy": each.pk, "weeks": 52, "days_per_week": 7, "code": "H0015"}
        send(f"{home}estimate/", **plan, starts_on=day)
        send(f"{home}estimate/", **plan, starts_on="2026-12-01")
    send(f"{home}estimate/", policy="", weeks=1, days_per_week=1, code="H0015", starts_on=day)
    card = {"once_key": "a-key-of-a-form-0001", "payer": payer.pk, "member_id": "M", "agreed": "on"}
    send(f"/inquiries/{inquiry.code}/eligibility/", **card, given_name="A", family_name="B", birth_date=day)
    send(f"{home}sliding-fee/", household=1, region="contiguous")
    application = f"{of}fee/{FeeApplication.objects.get().pk}/"
    send(f"{application}proof/", kind="pay_stubs", what="x", seen_on=day)
    visits = {"program": "x", "employer": "x", "formal": "no", "visits": 5}
    send(f"{of}eap/", **visits, starts_on=day)
    send(f"{of}eap/", **visits, starts_on="2026-03-01", ends_on=day)
    agreed = {"balance": "600", "monthly": "25", "agreed_by": "x", "disclosed": "on"}
    send(f"{of}plan/", **agreed, first_due=day)
    send(f"{of}plan/", **agreed, first_due="2026-04-01")
    for row in PaymentAgreement.objects.all():
        send(f"{of}plan/{row.pk}/", amount="1", paid_on=day, how="cash")
        assert director.get(f"{of}plan/{row.pk}/").status_code == 200
    send("/good-faith/program/", **PROGRAM)
    for told in ({"asked_on": day}, {"asked_on": "2026-03-18", "service_on": day}):
        send(f"{home}good-faith/", occasion="scheduled", **told)
    send(f"{home}good-faith/", occasion="requested", asked_on=day)
    send(f"/inquiries/{inquiry.code}/good-faith/", occasion="requested", asked_on="2026-03-18")
    for asked in EstimateAsked.objects.all():
        for told in ({"starts_on": day}, {"birth_date": day}, {}):
            send(f"/good-faith/asked/{asked.pk}/", **{**SHEET, **told})
    for row in Estimate.objects.all():
        assert director.get(f"{home}estimate/{row.pk}/").status_code == 200
    for path in (
        of, home, f"{home}estimate/", application, own_fund, "/assistance/", "/assistance/funds/",
        "/assistance/lenders/", "/rates/", "/eligibility/", "/eligibility/rule/", "/good-faith/",
        f"/inquiries/{inquiry.code}/",
    ):  # fmt: skip
        assert director.get(path).status_code == 200, path
