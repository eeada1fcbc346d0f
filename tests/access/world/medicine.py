"""Medication and drug tests."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from stepwell.accounts.actor import Actor, stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.drug_tests import actions as drug_tests
from stepwell.clinic.drug_tests.models import LabReport
from stepwell.clinic.medication import actions as medication
from stepwell.clinic.medication.actions import Decided
from stepwell.clinic.medication.rules import Step
from stepwell.clinic.people.models import Patient
from stepwell.edi.hl7 import cut
from tests.access.world.ground import Clinic, Ground
from tests.clinic.drug_tests.making import CLEAN
from tests.clinic.medication.making import make_order, rate
from tests.laboratory_messages import DIALECTS, Said, message
from tests.making import NOW, TODAY


class Medicine(Ground):
    """The chart of a nurse."""

    def _medication(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.PRESCRIBER)
        self._gone_through(by, patient, word)
        asked = {
            "drug": "disulfiram", "dose": Decimal(250), "unit": "mg", "route": "oral", "frequency": "daily",
            "starts_on": TODAY, "given_here": True, "instructions": f"{word}instructions",
        }  # fmt: skip
        steps = [Step(1, Decimal(250)), Step(8, Decimal(125))]
        order = make_order(patient, by=by, why=f"{word}passed-over", steps=steps, **asked)
        self.put("order", who, order.pk)
        medication.record_dose(
            by=clinic.by(Role.NURSE), at=NOW, order=order, outcome="refused", once_key=f"{word}dose",
            note=f"{word}dose-note",
        )  # fmt: skip
        self.put(
            "medication", who,
            medication.record_medication(
                by=by, at=NOW, patient=patient, name=f"{word}medication", dose=f"{word}medication-dose"
            ).pk,
        )  # fmt: skip
        allergy = medication.record_allergy(
            by=by, at=NOW, patient=patient, substance=f"{word}substance", reaction=f"{word}reaction"
        )
        self.put("allergy", who, allergy.pk)
        effect = medication.report_side_effect(
            by=by, at=NOW, patient=patient, effect=f"{word}effect", severity="mild", note=f"{word}effect-note"
        )
        self.put("side_effect", who, effect.pk)
        medication.follow_up_side_effect(
            by=by, at=NOW, side_effect=effect, said=f"{word}follow-up", next_on=TODAY + timedelta(days=3)
        )
        medication.offer_naloxone(
            by=by, at=NOW, patient=patient, outcome="given", kits=1, lot=f"{word}lot", note=f"{word}offer",
            once_key=f"{word}naloxone",
        )  # fmt: skip
        medication.record_fact(
            by=by, at=NOW, patient=patient, kind="pdmp", value="expected", note=f"{word}fact-note"
        )
        home = make_order(patient, by=by, starts_on=TODAY, instructions=f"{word}home")
        medication.record_supply(
            by=by, at=NOW, order=home, on=TODAY, pieces=Decimal(2), strength=Decimal(4),
            pharmacy=f"{word}pharmacy", once_key=f"{word}supply",
        )  # fmt: skip
        nurse = clinic.by(Role.NURSE)
        reading = rate(patient, 3, by=nurse, pulse=80, note=f"{word}reading-note")
        self.put("withdrawal_watch", who, reading.watch_id)
        over = rate(patient, 2, by=nurse, instrument="ciwa-ar", pulse=80)
        medication.end_watch(by=nurse, at=NOW, watch=over.watch, because=f"{word}watch-over")
        lasting = make_order(patient, by=by, **{**asked, "instructions": f"{word}lasting"})
        medication.record_dose(
            by=nurse, at=NOW, order=lasting, outcome="given", amount=Decimal(250), once_key=f"{word}given",
            lot=f"{word}dose-lot",
        )  # fmt: skip
        medication.send_home(
            by=nurse, at=NOW, order=lasting, doses=2, first_day=TODAY + timedelta(days=1),
            once_key=f"{word}home-doses", lot=f"{word}home-lot",
        )  # fmt: skip

    def _gone_through(self, by: Actor, patient: Patient, word: str) -> None:
        """The list of the day before yesterday, with no known allergies; one entry is not taken any more."""
        then = NOW - timedelta(days=2)
        medication.say_no_known_allergies(by=by, at=then, patient=patient)
        listed = medication.record_medication(
            by=by, at=then, patient=patient, name=f"{word}earlier-medication"
        )
        medication.reconcile(
            by=by, at=then, patient=patient, occasion="admission", once_key=f"{word}reconciled",
            decided=[Decided(f"m{listed.pk}", "stop", because=f"{word}stopped-because")],
        )  # fmt: skip

    def _tests(self, clinic: Clinic, who: str, patient: Patient) -> None:
        by = clinic.by(Role.NURSE)
        collected = drug_tests.order_test(by=by, at=NOW, patient=patient, panel="opioid", due_on=TODAY)
        drug_tests.collect(by=by, at=NOW, order=collected, specimen=f"{who}-collected")
        read = drug_tests.order_test(by=by, at=NOW, patient=patient, panel="opioid", due_on=TODAY)
        drug_tests.collect(by=by, at=NOW, order=read, specimen=f"{who}-specimen")
        result = drug_tests.record_result(
            by=by, at=NOW, order=read, results={**CLEAN, "fentanyl": "positive"}
        )
        waiting = drug_tests.order_test(by=by, at=NOW, patient=patient, panel="opioid", due_on=TODAY)
        drug_tests.hand_over(
            by=by, at=NOW, order=read, kind="handed", to=f"{who}-courier", seal=f"{who}-seal"
        )
        drug_tests.tell_of_test(by=by, at=NOW, order=waiting, channel="in person", reached=True)
        missed = drug_tests.order_test(
            by=by,
            at=NOW - timedelta(days=7),
            patient=patient,
            panel="opioid",
            due_on=TODAY - timedelta(days=7),
        )
        drug_tests.excuse_test(
            by=clinic.by(Role.PRESCRIBER), at=NOW - timedelta(days=7), order=missed, because=f"{who}-excused"
        )
        self.put("test", who, waiting.pk)
        self.put("collected_test", who, collected.pk)
        self.put("result", who, result.pk)
        plan = drug_tests.begin_rewards(
            by=by, at=NOW, patient=patient, schedule="voucher", target="stimulants"
        )
        clean = drug_tests.order_test(by=by, at=NOW, patient=patient, panel="standard", due_on=TODAY)
        drug_tests.collect(by=by, at=NOW, order=clean, specimen=f"{who}-clean")
        none = dict.fromkeys(("cocaine", "amphetamine", "methamphetamine"), "negative")
        drug_tests.record_result(by=by, at=NOW, order=clean, results=none)
        drug_tests.reward_test(by=by, at=NOW, plan=plan, order=clean)
        handed = drug_tests.hand_reward(
            by=by, at=NOW, plan=plan, amount=Decimal(5), what=f"{who}-voucher", once_key=f"{who}-voucher"
        )
        self.put("reward_plan", who, plan.pk)
        self.put("receipt", who, handed.number)
        drug_tests.seal_seed(by=by, at=NOW, site=patient.site, seed=f"{who}, drawn from".encode() * 2)
        draw = drug_tests.order_random_tests(
            by=by, at=NOW, site=patient.site, patients=[patient], panel="opioid", tests=1,
            days=[TODAY + timedelta(days=n) for n in range(4)],
        )  # fmt: skip
        self.put("draw", who, draw.pk)
        drug_tests.seal_seed(by=by, at=NOW, site=patient.site, seed=f"{who}, still sealed".encode() * 2)
        said = Said(
            patient.code, f"{who}-lab-told", patient.given_name, f"{patient.birth_date:%Y%m%d}", filler=f"{who}-report",
            results={"thc": "negative"},
        )  # fmt: skip
        content = message(DIALECTS[0], [said], control=f"{who}-control")
        drug_tests.receive_results(
            by=stepwell_itself(), at=NOW, content=content, via="file", pieces=cut(content),
            explained=lambda patient, on: ((), ()), name=f"{who}-lab-file",
        )  # fmt: skip
        self.put("lab_report", who, LabReport.objects.latest("pk").pk)
