"""Those who ask, before there is a patient."""

from __future__ import annotations

from datetime import date

from stepwell.accounts.actor import Actor, the_public
from stepwell.accounts.roles import Role
from stepwell.clinic.inquiry import actions as inquiry
from stepwell.clinic.inquiry.handoff.reading import read_handoff
from tests.access.world.ground import Clinic, Ground
from tests.handoff_bundles import as_bytes, bundle, problem
from tests.handoff_bundles import patient as bundle_patient
from tests.making import NOW


class Inquiries(Ground):
    """Inquiries, hand-offs and papers."""

    def queue(self, clinic: Clinic, who: str) -> None:
        desk, word = clinic.by(Role.ADMISSIONS), f"{who}-inquiry-"
        row = inquiry.receive_inquiry(
            by=desk, at=NOW, site=clinic.site, name=f"{word}name", source="phone",
            facts={
                "phone": "404-555-0177", "may_call": True, "email": f"{word}mail@example.org",
                "about": f"{word}about", "insurance": f"{word}insurance", "safe_times": f"{word}safe",
                "referred_by": f"{word}referrer",
            },
        )  # fmt: skip
        inquiry.answer_inquiry(by=desk, at=NOW, inquiry=row, note=f"{word}answer-note")
        self.put("inquiry", who, row.code)
        self.referred_and_papers(clinic, who, desk, word)
        file = as_bytes(
            bundle(
                bundle_patient(
                    id="p", name=[{"use": "official", "family": f"{who}-handoff", "given": [f"{who}-handoff-given"]}],
                    telecom=[{"system": "phone", "value": "555-0188"}], birthDate="1971-01-01",
                ),
                problem("c1", "http://hl7.org/fhir/sid/icd-10-cm", "F10.20", f"{who}-handoff-problem"),
            )
        )  # fmt: skip
        taken = inquiry.import_handoff(by=desk, at=NOW, site=clinic.site, handoff=read_handoff(file))
        self.put("handoff", who, taken.inquiry.code)

    def referred_and_papers(self, clinic: Clinic, who: str, desk: Actor, word: str) -> None:
        """One sent on, to be asked about; one whose papers came back half answered and signed."""
        reach = {"phone": "404-555-0178", "may_call": True, "may_text": True}
        sent_on = inquiry.receive_inquiry(
            by=desk, at=NOW, site=clinic.site, name=f"{word}sent-on", source="phone", facts=reach
        )
        told = inquiry.screen_out(
            by=desk, at=NOW, inquiry=sent_on, reason="needs_higher_care", referred_to=f"{word}place",
            contact=f"{word}there", note=f"{word}why",
        )  # fmt: skip
        self.put("referred", who, sent_on.code)
        inquiry.record_follow_up(
            by=desk, at=NOW, follow_up=told.follow_ups.get(), outcome="not_reached", note=f"{word}unheard"
        )
        self.put("referral_follow_up", who, told.follow_ups.get(done_at=None).pk)
        asked = inquiry.receive_inquiry(
            by=desk, at=NOW, site=clinic.site, name=f"{word}papers", source="phone",
            facts={**reach, "birth_date": date(1984, 3, 2)},
        )  # fmt: skip
        packet = inquiry.make_packet(by=desk, at=NOW, inquiry=asked)
        person = the_public()
        inquiry.open_packet(by=person, at=NOW, packet=packet, birth_date=date(1984, 3, 2))
        inquiry.keep_answers(by=person, at=NOW, packet=packet, answers={"member_id": f"{word}member"})
        inquiry.sign_paper(
            by=person, at=NOW, packet=packet, paper="notice", language="en",
            words={"title": f"{word}paper", "lead": "Read.", "sections": [], "statement": "I agree."},
            name=f"{word}signer", typed="signed",
        )  # fmt: skip
        self.put("papers_inquiry", who, asked.code)
        self.put("papers", who, packet.pk)
