"""Consents, assessment, plan and recovery."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.assessment.models import Alert, Diagnosis, Screening
from stepwell.clinic.assessment.rules import Use, intake_sections
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.consent.rules import Category, Purpose
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import actions as plan
from stepwell.clinic.plan.models import Objective, Plan
from stepwell.clinic.plan.rules import Found, Verdict
from stepwell.clinic.recovery import actions as recovery
from stepwell.clinic.recovery.rules import RecoveryPlanKind
from stepwell.clinic.recovery.rules import form as recovery_form
from tests.access.world.ground import Clinic, Ground
from tests.clinic.assessment.making import answers
from tests.clinic.consent.making import elements
from tests.making import NOW, TODAY


class Care(Ground):
    """The chart of a counselor."""

    def _consents(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.COUNSELOR)
        row = consent.record_consent(
            by=by, at=NOW, patient=patient,
            elements=elements(
                recipient_name=f"{word}recipient", recipient_key=f"person:{who}",
                information_text=f"{word}information", signed_by=f"{word}signer",
            ),
        )  # fmt: skip
        self.put("consent", who, row.pk)
        told = consent.disclose(
            by=by, at=NOW, patient=patient, recipient_key=f"person:{who}", recipient=f"{word}recipient",
            purpose=Purpose.FAMILY_SUPPORT, information=frozenset({Category.ATTENDANCE}), what=f"{word}disclosed",
        )  # fmt: skip
        self.put("disclosure", who, told.pk)

    def _assessment(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.COUNSELOR)
        screening: Screening = assessment.record_screening(
            by=by, at=NOW, patient=patient, instrument="phq-9", answers=answers("phq-9", 1, 1, 2)
        )
        self.put("screening", who, screening.pk)
        alert: Alert = assessment.raise_alert(
            by=by, at=NOW - timedelta(minutes=40), patient=patient, kind="self_harm", sentence=f"{word}alert.",
            subject=f"Screening {screening.pk}", urgent=True,
        )  # fmt: skip
        self.put("alert", who, alert.pk)
        assessment.save_interview(
            by=by, at=NOW, patient=patient,
            sections={one.key: f"{word}interview-{one.key}" for one in intake_sections()},
            substances=[Use("other", named=f"{word}intake-substance", amount=f"{word}intake-amount", note=f"{word}intake-use")],
        )  # fmt: skip
        diagnosis = assessment.record_diagnosis(
            by=by, at=NOW, patient=patient, code="F10.20", text=f"{word}diagnosis", primary=True
        )
        self.put("diagnosis", who, diagnosis.pk)
        gone = assessment.record_diagnosis(by=by, at=NOW, patient=patient, code="F41.9")
        assessment.end_diagnosis(by=by, at=NOW, diagnosis=gone, because=f"{word}diagnosis-ended")
        turn, self.tablet[who] = assessment.hand_over_tablet(
            by=by, at=NOW, patient=patient, instruments=["gad-7"]
        )
        self.put("lobby_turn", who, turn.pk)

    def _plan(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.COUNSELOR)
        episode = Episode.objects.get(patient=patient, closed_at=None)
        first = plan.begin_plan(by=by, at=NOW, episode=episode)
        illness = Diagnosis.objects.get(patient=patient, primary=True)
        plan.save_plan(by=by, at=NOW, plan=first, strengths=f"{word}strengths", problems=_tree(word, illness))
        other = assessment.record_diagnosis(
            by=by, at=NOW, patient=patient, code="I10", text=f"{word}other-diagnosis"
        )
        plan.defer_diagnosis(by=by, at=NOW, plan=first, diagnosis=other, because=f"{word}deferral")
        plan.sign_plan(by=by, at=NOW, plan=first)
        plan.hand_over(by=by, at=NOW, plan=first)
        plan.review_plan(
            by=by,
            at=NOW,
            plan=first,
            outcome="revise",
            summary=f"{word}review",
            found=[
                Found(Objective.objects.get(goal__problem__plan=first).pk, Verdict.REVISE, f"{word}verdict")
            ],
            facts=[f"{word}fact"],
            next_due_on=date(2026, 4, 15),
        )
        draft = plan.begin_plan(by=by, at=NOW + timedelta(minutes=1), episode=episode)
        draft_row = Plan.objects.get(pk=draft.pk)
        part = draft_row.problems.get()
        goal = part.goals.get()
        self.put("plan_version", who, first.pk)
        self.put("problem", who, part.pk)
        self.put("goal", who, goal.pk)
        self.put("objective", who, goal.objectives.get().pk)
        signed = Plan.objects.get(pk=first.pk).problems.get().goals.get().objectives.get()
        self.put("signed_objective", who, signed.pk)
        member = plan.add_to_care_team(
            by=by, at=NOW, episode=episode, staff=clinic.staff[Role.COUNSELOR], role=f"{word}care-role"
        )
        self.put("care_team_member", who, member.pk)

    def _recovery(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by, own = clinic.by(Role.COUNSELOR), actor_of(patient.user, at=NOW)
        recovery.check_in(
            by=own, at=NOW, patient=patient, once_key=f"{word}check-in", mood=4, craving=3, used=True,
            used_what=f"{word}used", note=f"{word}check-in-note",
        )  # fmt: skip
        for kind in RecoveryPlanKind:
            recovery.save_recovery_plan(
                by=by, at=NOW, patient=patient, kind=kind,
                sections={one.key: f"{word}{kind.value}-{one.key}" for one in recovery_form(kind).sections},
            )  # fmt: skip
        given = recovery.give_homework(
            by=by, at=NOW, patient=patient, title=f"{word}homework", due_on=TODAY,
            instructions=f"{word}homework-instructions",
        )  # fmt: skip
        self.put("homework", who, given.pk)
        done = recovery.give_homework(
            by=by, at=NOW, patient=patient, title=f"{word}homework-done", due_on=TODAY,
            instructions=f"{word}homework-done-instructions",
        )  # fmt: skip
        recovery.answer_homework(by=own, at=NOW, homework=done, text=f"{word}homework-answer")
        self.put("answered_homework", who, done.pk)


def _tree(word: str, illness: Diagnosis) -> list[dict[str, Any]]:
    """One problem with one goal, one objective and one intervention."""
    intervention = {
        "kind": "process",
        "minutes_per_week": 540,
        "who": f"{word}who",
        "text": f"{word}intervention",
    }
    objective = {
        "measure": f"{word}measure", "target": f"{word}target", "due_on": date(2026, 5, 1),
        "interventions": [intervention],
    }  # fmt: skip
    return [
        {
            "statement": f"{word}problem",
            "diagnosis": illness,
            "goals": [{"words": f"{word}goal", "objectives": [objective]}],
        }
    ]
