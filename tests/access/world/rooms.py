"""Sessions with their roster and notes."""

from __future__ import annotations

from datetime import date, timedelta

from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Patient
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import MakeUpOffer, Occurrence, Seat
from tests.access.world.ground import Clinic, Ground
from tests.making import NOW


class Rooms(Ground):
    """Sessions."""

    def sessions(self, clinic: Clinic, present: dict[str, Patient]) -> None:
        """Monday's session signed, today's written but not signed, Friday's to come."""
        director, leader = clinic.by(Role.DIRECTOR), clinic.by(Role.FACILITATOR)
        before = NOW - timedelta(days=2, hours=2)  # two hours before the Monday's session
        for patient in present.values():
            timetable.enroll(
                by=director, at=before, patient=patient, group=clinic.group, starts_on=date(2026, 3, 16)
            )
        for session, at in ((clinic.signed, NOW - timedelta(days=2)), (clinic.session, NOW)):
            sessions.all_here(by=leader, at=at, occurrence=session)
            note = sessions.save_draft(
                by=leader, at=at, occurrence=session, revision=0, topic="Triggers",
                shared="The group mapped triggers and practiced urge surfing.",
                parts=[
                    sessions.DraftPart(
                        patient_id=patient.pk, participation="active", affect="calm", response="practiced",
                        risk="none", text=f"{who}-note-part named what helped in case {patient.pk}, day {at:%d}.",
                    )
                    for who, patient in present.items()
                ],
            )  # fmt: skip
            if session == clinic.signed:
                note = sessions.sign_note(by=leader, at=at, note=note, revision=note.revision)
                for who, patient in present.items():
                    self.put("note", who, note.pk)
                    sessions.add_addendum(
                        by=leader, at=at, note=note, kind="addendum", text=f"{who}-addendum",
                        reason=f"{who}-addendum-reason", patient=patient,
                    )  # fmt: skip
        video = Occurrence.objects.get(group=clinic.group, local_date=date(2026, 3, 25))
        Occurrence.objects.filter(pk=video.pk).update(mode="both")
        for who, patient in present.items():
            of = Seat.objects.filter(patient=patient, released_at=None)
            self.put("seat", who, of.get(occurrence=clinic.session).pk)
            self.put("coming_seat", who, of.get(occurrence=clinic.coming).pk)
            self.put("video_session", who, video.pk)
            self.put("video_seat", who, of.get(occurrence=video).pk)
            self.put("enrollment", who, patient.enrollments.get().pk)
            kept = sessions.keep_apart_note(
                by=leader, at=NOW, patient=patient, kind="counseling", text=f"{who}-kept-apart-note",
                occurrence=clinic.session,
            )  # fmt: skip
            self.put("kept_note", who, kept.pk)
        for number, (who, patient) in enumerate(present.items(), start=90):
            offer = MakeUpOffer.objects.create(
                patient=patient, occurrence=clinic.coming, number=number, capacity=100, offered_at=NOW,
                held_until=NOW + timedelta(hours=1),
            )  # fmt: skip
            self.put("offer", who, offer.pk)
            self.put(
                "kiosk", who, sessions.open_kiosk(by=leader, at=NOW, site=clinic.site, place="Door")[0].pk
            )
