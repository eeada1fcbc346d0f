"""Patients with their episodes, contacts and families."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from stepwell.accounts.roles import Role
from stepwell.clinic.aftercare import actions as aftercare
from stepwell.clinic.aftercare import rules as aftercare_rules
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.placement.rules import Progress
from stepwell.clinic.plan import actions as plan
from stepwell.clinic.recovery import actions as recovery
from stepwell.clinic.sessions.models import Guest
from stepwell.clinic.timetable.models import Occurrence
from stepwell.clinic.transition import actions as transition
from tests.access.world.ground import PHONES, Clinic, Ground, P, Q, S
from tests.clinic.consent.making import elements
from tests.clinic.placement.making import make_recommendation
from tests.making import NOW, TODAY, actor


class Persons(Ground):
    """People, and the families of P."""

    def person(self, clinic: Clinic, who: str) -> Patient:
        word = f"{who}-"
        desk = clinic.by(Role.ADMISSIONS)
        patient = people.register_patient(
            by=desk, at=NOW - timedelta(days=200), site=clinic.site, given_name=f"{word}given",
            family_name=f"{word}family", birth_date=date(1981, 7, 4),
            facts={
                "preferred_name": f"{word}called", "pronouns": f"{word}pronouns", "gender": f"{word}gender",
                "phone": PHONES[who], "email": f"{word}mail@example.org", "address": f"{word}address",
                "may_call": True, "may_email": True, "safe_times": f"{word}safe-times", "contact_warning": f"{word}warning",
            },
        )  # fmt: skip
        login = people.invite_patient(by=desk, at=NOW - timedelta(days=199), patient=patient)
        self.logins[{P: "patient P", Q: "patient Q", S: "patient S"}[who]] = login.pk
        self.put("patient", who, patient.code)
        contact = people.add_emergency_contact(
            by=desk,
            at=NOW,
            patient=patient,
            name=f"{word}contact",
            relation=f"{word}relation",
            phone="555-0102",
        )
        self.put("contact", who, contact.pk)
        self._earlier_episode(clinic, patient, word)
        counselor = clinic.by(Role.COUNSELOR)
        at = NOW - timedelta(days=3)
        recommendation = make_recommendation(counselor, patient, at=at - timedelta(minutes=5))
        episode = placement.admit(
            by=counselor, at=at, patient=patient, recommendation=recommendation, level="2.1",
            because=f"{word}placement-because",
        ).episode  # fmt: skip
        plan.order_treatment(
            by=counselor, at=at, episode=episode, minutes_per_week=540, days_least=3, days_most=5,
            doses={}, starts_on=date(2026, 3, 16),
        )  # fmt: skip
        outside = placement.record_outside_placement(
            by=counselor, at=at, patient=patient, instrument="locus", level="3", on=date(2026, 3, 2),
            rater=f"{word}rater", document=f"{word}outside-document", note=f"{word}outside-note",
        )  # fmt: skip
        self.put("outside_placement", who, outside.pk)
        placement.review_level(
            by=counselor, at=at, episode=episode, outcome="continue-working", recommended="2.1",
            progress=Progress(), summary=f"{word}review-summary", once_key=f"review-{patient.pk}",
        )  # fmt: skip
        packet = transition.make_packet(
            by=counselor,
            at=at,
            episode=episode,
            once_key=f"packet-{patient.pk}",
            contact=f"{word}packet-contact",
        )
        self.put("packet", who, packet.pk)
        return Patient.objects.select_related("site", "user").get(pk=patient.pk)

    def _earlier_episode(self, clinic: Clinic, patient: Patient, word: str) -> None:
        counselor = clinic.by(Role.COUNSELOR)
        began, ended = NOW - timedelta(days=120), NOW - timedelta(days=60)
        recommendation = make_recommendation(counselor, patient, at=began)
        episode = placement.admit(
            by=counselor, at=began, patient=patient, recommendation=recommendation, level="2.1",
            because=f"{word}earlier-because",
        ).episode  # fmt: skip
        placement.discharge(
            by=counselor, at=ended, episode=episode, reason="completed", because=f"{word}discharge-because"
        )
        episode = Episode.objects.get(pk=episode.pk)
        whole = {one.key: f"{word}summary-{one.key}" for one in aftercare_rules.load_summary_sections()}
        aftercare.write_summary(by=counselor, at=ended, episode=episode, sections=whole)
        aftercare.save_continuing_care(
            by=counselor, at=ended, episode=episode, next_provider=f"{word}provider",
            sections={one.key: f"{word}care-{one.key}" for one in aftercare_rules.load_care_sections()},
        )  # fmt: skip
        self.put("episode", word[:-1], episode.pk)

    def family(self, clinic: Clinic, p: Patient) -> None:
        """F1 consented, F2 revoked, F3 expired, F4 never asked; Q's and S's member only stand in their charts."""
        by = clinic.by(Role.COUNSELOR)
        desk = clinic.by(Role.ADMISSIONS)
        for number in (1, 2, 3, 4):
            member = people.add_family_member(
                by=desk, at=NOW - timedelta(days=90), patient=p, name=f"Relative {number}", relation=f"{P}-sister",
                email=f"relative{number}@example.org",
            )  # fmt: skip
            login = people.invite_family_member(by=desk, at=NOW - timedelta(days=90), member=member)
            self.logins[f"family F{number}"] = login.pk
            if number == 4:
                continue
            expires = TODAY - timedelta(days=2) if number == 3 else date(2027, 3, 18)
            given = consent.record_consent(
                by=by, at=NOW - timedelta(days=80), patient=p,
                elements=elements(
                    recipient_name=member.name, recipient_key=f"family:{member.pk}", expires_on=expires,
                    information=["schedule", "homework"], signed_by=f"{P}-signer",
                ),
            )  # fmt: skip
            homework = recovery.give_homework(
                by=by, at=NOW - timedelta(days=10), patient=p, family_member=member,
                title=f"{P}-family-homework-{number}", instructions=f"{P}-family-homework-{number}-instructions",
                due_on=TODAY,
            )  # fmt: skip
            if number == 2:
                consent.revoke_consent(
                    by=by, at=NOW - timedelta(days=1), consent=given, said_by=f"{P}-signer"
                )
            self.put("member", P if number == 1 else f"F{number}", member.pk)
            if number == 1:
                self._guest(P, p, member)
            self.put("family_homework", P if number == 1 else f"F{number}", homework.pk)
        for who in (Q, S):
            patient = Patient.objects.get(code=self.rows["patient"][who])
            where = clinic if who == Q else None
            desk_there = (
                desk if where else actor(Staff.objects.get(user_id=self.logins["other site's counselor"]))
            )
            member = people.add_family_member(
                by=desk_there, at=NOW, patient=patient, name=f"{who}-relative", relation=f"{who}-relation",
                phone="555-0103", email=f"{who}-relative@example.org",
            )  # fmt: skip
            consent.record_consent(
                by=actor(Staff.objects.get(user_id=self.logins["counselor" if where else "other site's counselor"])),
                at=NOW, patient=patient,
                elements=elements(
                    recipient_name=member.name, recipient_key=f"family:{member.pk}",
                    information=["schedule", "homework"], signed_by=f"{who}-signer",
                ),
            )  # fmt: skip
            homework = recovery.give_homework(
                by=desk_there if who == S else by, at=NOW, patient=patient, family_member=member,
                title=f"{who}-family-homework", instructions=f"{who}-family-homework-instructions", due_on=TODAY,
            )  # fmt: skip
            self.put("member", who, member.pk)
            self.put("family_homework", who, homework.pk)
            self._guest(who, patient, member)

    def _guest(self, who: str, patient: Patient, member: Any) -> None:
        """The family member was in today's session, on the patient's word."""
        session = Occurrence.objects.get(pk=self.rows["session"][who])
        row = Guest.objects.create(
            occurrence=session, family_member=member, patient=patient, ground="say_so",
            arrived_at=session.starts, at=NOW, by_id=session.facilitator_id,
        )  # fmt: skip
        self.put("guest", who, row.pk)
