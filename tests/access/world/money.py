"""What pays for care: plans, help, questions about a plan, the account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.roles import Role
from stepwell.clinic.authorization import actions as authorization
from stepwell.clinic.billing import actions as billing
from stepwell.clinic.billing.models import Charge
from stepwell.clinic.coverage import actions as coverage
from stepwell.clinic.coverage.assistance import actions as assistance
from stepwell.clinic.coverage.eligibility.models import (
    ControlNumber,
    EligibilityAnswer,
    EligibilityFile,
    EligibilityRequest,
)
from stepwell.clinic.coverage.eligibility.rules import plain
from stepwell.clinic.coverage.good_faith import actions as good_faith
from stepwell.clinic.coverage.good_faith.models import EstimateAsked
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.coverage.rules import Ordered
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Patient
from stepwell.edi.x12 import read_file
from tests.access.world.ground import Clinic, Ground, Q
from tests.clinic.coverage.making import TOLD
from tests.making import NOW, TODAY
from tests.x12_samples import answer


class Money(Ground):
    """Coverage, assistance, eligibility and billing."""

    def _coverage(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.BILLER)
        payer = coverage.record_payer(
            by=by, at=NOW, name=f"Payer {len(self.rows.get('policy', {}))}", kind="commercial"
        )
        policy = coverage.record_policy(
            by=by, at=NOW, patient=patient, payer=payer, member_id=f"{word}member-id",
            starts_on=date(2026, 1, 1),
            facts={"group_number": f"{word}grp", "plan_name": f"{word}plan-name", "subscriber": f"{word}subscriber"},
        )  # fmt: skip
        coverage.record_benefits(by=by, at=NOW, policy=policy, facts={**TOLD, "note": f"{word}benefits-note"})
        coverage.determine_fee(by=by, at=NOW, patient=patient, household=2, annual_income=Decimal(20000))
        for owner in (payer, None) if who != Q else (payer,):
            coverage.set_rate(
                by=clinic.by(Role.DIRECTOR), at=NOW, site=clinic.site, code="H0015", amount=Decimal(250),
                starts_on=date(2026, 1, 1), source="test", payer=owner,
            )  # fmt: skip
        estimate = coverage.make_estimate(
            by=by, at=NOW, patient=patient, weeks=4, days_per_week=3, starts_on=TODAY, policy=policy
        )
        good_faith.set_identity(
            by=clinic.by(Role.DIRECTOR), at=NOW, site=clinic.site, legal_name="Clinic LLC",
            npi="1234567893", tin="123456789", state="GA", address="12 Peachtree St",
        )  # fmt: skip
        good_faith.not_needed(
            by=by, at=NOW, asked=self._price_asked(by, patient), because=f"{word}not-needed"
        )
        given = good_faith.give_estimate(
            by=by, at=NOW, asked=self._price_asked(by, patient), name=patient.full_name,
            birth_date=patient.birth_date, weeks=1, orders=[Ordered(code="H0015", days_a_week=3)],
            starts_on=TODAY, scheduled=False, diagnoses=[], separate=[f"{word}separate"], how="printed",
        )  # fmt: skip
        self.put("good_faith", who, given.pk)
        self.put("estimate_asked", who, self._price_asked(by, patient).pk)
        asked = authorization.request_authorization(
            by=by, at=NOW, patient=patient, policy=policy, service_code="H0015", level="2.1", unit="day",
            units_asked=12, starts_on=date(2026, 3, 16), ends_on=date(2026, 4, 12),
        )  # fmt: skip
        authorization.record_decision(
            by=by, at=NOW, authorization=asked, outcome="approved", number=f"{word}auth", units=12,
            starts_on=date(2026, 3, 16), ends_on=date(2026, 4, 12), note=f"{word}auth-note",
        )  # fmt: skip
        self.put("policy", who, policy.pk)
        self.put("payer", who, payer.pk)
        self.put("estimate", who, estimate.pk)
        self.put("authorization", who, asked.pk)

    def _assistance(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        """An application decided, a fund asked twice with an award, authorized visits, a plan, a lender."""
        by, director = clinic.by(Role.BILLER), clinic.by(Role.DIRECTOR)
        applied = assistance.apply_for_fee(
            by=by, at=NOW, patient=patient, household=2,
            incomes=[{"source": "wages", "amount": Decimal(1500), "period": "month"}],
        )  # fmt: skip
        assistance.see_proof(
            by=by, at=NOW, application=applied, kind="pay_stubs", what=f"{word}pay-stubs", seen_on=TODAY
        )
        assistance.decide_fee(by=by, at=NOW, application=applied, pay_class="A", because=f"{word}fee-reason")
        open_one = assistance.apply_for_fee(by=by, at=NOW, patient=patient, household=1, incomes=[])
        fund = assistance.open_fund(
            by=director, at=NOW, site=clinic.site, name=f"Fund {len(self.rows.get('fund', {}))}",
            source="Foundation", restrictions="Whoever cannot pay", opens_on=TODAY,
        )  # fmt: skip
        assistance.deposit(by=director, at=NOW, fund=fund, amount=Decimal(1000), note="Grant of the year")
        asked = [
            assistance.request_help(
                by=by, at=NOW, fund=fund, patient=patient, amount=Decimal(200), because=f"{word}fund-why"
            )
        ]
        made = assistance.decide_request(
            by=director, at=NOW, request=asked[0], outcome="awarded", amount=Decimal(200),
            because=f"{word}fund-reason",
        )  # fmt: skip
        assistance.spend(
            by=by, at=NOW, award=made.award, charge=Decimal(50), insurance=Decimal(0), eap=Decimal(0),
            fee_off=Decimal(0), note=f"{word}award-note",
        )  # fmt: skip
        asked.append(
            assistance.request_help(
                by=by, at=NOW, fund=fund, patient=patient, amount=Decimal(100), because=f"{word}fund-again"
            )
        )
        assistance.record_referral(
            by=by, at=NOW, patient=patient, program=f"{word}eap-program", employer=f"{word}employer",
            formal=True, visits=5, starts_on=TODAY, reference=f"{word}eap-number",
        )  # fmt: skip
        plan = assistance.agree_on_plan(
            by=by, at=NOW, patient=patient, balance=Decimal(300), monthly=Decimal(100), first_due=TODAY,
            agreed_by=f"{word}agreed-by",
        )  # fmt: skip
        assistance.review_plan(by=by, at=NOW, agreement=plan, outcome="goes_on", because=f"{word}plan-review")
        lender = assistance.add_lender(
            by=director, at=NOW, site=clinic.site, name="Lender", words_en="Loans.", words_es="Préstamos.",
            contact="404-555-0199", source="Its own page", starts_on=TODAY,
        )  # fmt: skip
        self.put("fee_application", who, open_one.pk)
        self.put("fund", who, fund.pk)
        self.put("fund_request", who, asked[1].pk)
        self.put("award", who, made.award.pk)
        self.put("agreement", who, plan.pk)
        self.put("instalment", who, plan.instalments.order_by("number")[0].pk)
        self.put("lender", who, lender.pk)

    def eligibility(self, clinic: Clinic, who: str, patient: Patient) -> None:
        """A question on its way, one with its answer, one of an inquiry, and an answer that found none."""
        word, policy = f"{who}-", Policy.objects.select_related("patient", "payer").get(patient=patient)
        told: dict[str, Any] = {
            "site": clinic.site, "payer": policy.payer, "given_name": f"{word}asked", "family_name": "Reyes",
            "birth_date": date(1990, 5, 4), "member_id": f"{word}asked-member", "service_types": ["30"], "on": TODAY,
            "asked_at": NOW,
        }  # fmt: skip
        of_patient = {"patient": policy.patient, "policy": policy}
        of_inquiry = {"inquiry": Inquiry.objects.get(code=self.rows["inquiry"][who])}
        made = {}
        for kind, of in (
            ("question", of_patient),
            ("open_question", of_patient),
            ("inquiry_question", of_inquiry),
        ):
            number = ControlNumber.objects.create(drawn_at=NOW)
            state = {"state": "queued"} if kind == "open_question" else {"state": "failed", "ended_at": NOW}
            made[kind] = EligibilityRequest.objects.create(
                **told, **of, **state, number=number, trace=f"SW{number.pk:09d}", once_key=f"{who}-{kind}"
            )
            self.put(kind, who, made[kind].pk)
        for place, (kind, facts) in enumerate(
            [
                ("answer", {"state": "matched", "request": made["question"]}),
                ("waiting_answer", {"state": "waiting", "because": "Nobody asked."}),
            ]
        ):
            read = read_file(answer(subscriber=(f"{word}told", "Reyes", f"{word}told-member", None)).encode())
            file = EligibilityFile.objects.create(
                content=b"x",
                content_key=f"{who}{place}",
                name=f"{word}file",
                via="folder",
                received_at=NOW,
                held="x",
            )
            row = EligibilityAnswer.objects.create(
                file=file, position=1, content_key=f"{who}{place}", site=clinic.site, received_at=NOW,
                reading={"answer": plain(read.answers[0]), "summary": None}, **facts,
            )  # fmt: skip
            self.put(kind, who, row.pk)
        unread = EligibilityFile.objects.create(
            content=f"{word}content".encode(), content_key=f"{who}-unread", name=f"{word}unread", via="folder",
            received_at=NOW, held="nothing readable",
        )  # fmt: skip
        row = EligibilityAnswer.objects.create(
            file=unread, position=0, content_key=f"{who}-unread", site=clinic.site, received_at=NOW, state="waiting",
            because="It is damaged.",
        )  # fmt: skip
        self.put("waiting_file", who, row.pk)

    def _price_asked(self, by: Actor, patient: Patient) -> EstimateAsked:
        """The patient wants to know what it costs without insurance."""
        return good_faith.record_asking(
            by=by, at=NOW, patient=patient, occasion="requested", asked_on=TODAY, service_on=None
        )

    def _billing(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.BILLER)
        policy = Policy.objects.get(patient=patient)
        rule = billing.follow_rule(
            by=by, at=NOW, payer=policy.payer, rule="H0015-per-diem", starts_on=date(2026, 1, 1)
        )
        charge = Charge.objects.create(
            patient=patient, policy=policy, day=date(2026, 3, 16), code="H0015", units=1, minutes=180,
            amount=Decimal(250), patient_share=Decimal(50), rule="H0015-per-diem", notes=[], made_at=NOW,
            made_by=f"{word}biller",
        )  # fmt: skip
        billing.post_payment(
            by=by, at=NOW, patient=patient, source="patient", amount=Decimal(10), once_key=f"{word}payment",
            reference=f"{word}reference",
        )  # fmt: skip
        statement = billing.make_statement(by=by, at=NOW, patient=patient)
        self.put("payer_rule", who, rule.pk)
        self.put("charge", who, charge.pk)
        self.put("statement", who, statement.number)
