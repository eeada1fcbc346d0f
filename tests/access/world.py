"""Two sites, everybody who can log in, and for three patients one row of every kind that an address can name.

P and Q are patients of site A and sit in the same groups; S is a stranger at site B. Every text that can be
written about them starts with a word of their own (`quokkap-…`, `quokkaq-…`, `quokkas-…`): a canary. What stands
in a page can then be held against who may read it. Everything is made by the actions that people use.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import Actor, stepwell_itself, the_public
from stepwell.accounts.models import User
from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.clinic.aftercare import actions as aftercare
from stepwell.clinic.aftercare import rules as aftercare_rules
from stepwell.clinic.aftercare.models import FollowUp
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.assessment.models import Alert, Screening
from stepwell.clinic.assessment.rules import intake_sections
from stepwell.clinic.authorization import actions as authorization
from stepwell.clinic.billing import actions as billing
from stepwell.clinic.billing.models import Charge
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.consent.rules import Category, Purpose
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
from stepwell.clinic.drug_tests import actions as drug_tests
from stepwell.clinic.inquiry import actions as inquiry
from stepwell.clinic.inquiry.handoff.reading import read_handoff
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.medication import actions as medication
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Credential, Patient, Site, SiteHours, Staff
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import actions as plan
from stepwell.clinic.plan.models import Plan
from stepwell.clinic.recovery import actions as recovery
from stepwell.clinic.recovery.rules import RecoveryPlanKind
from stepwell.clinic.recovery.rules import form as recovery_form
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.sessions.models import Guest
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.actions import planning
from stepwell.clinic.timetable.curriculum import actions as curriculum_actions
from stepwell.clinic.timetable.curriculum import rules as curricula
from stepwell.clinic.timetable.models import MakeUpOffer, Meeting, Occurrence, PatientTag, Seat, TherapyGroup
from stepwell.edi.x12 import read_file
from tests.clinic.assessment.making import answers
from tests.clinic.consent.making import elements
from tests.clinic.coverage.making import TOLD
from tests.clinic.drug_tests.making import CLEAN
from tests.clinic.medication.making import make_order
from tests.clinic.placement.making import make_recommendation
from tests.clinic.timetable.making import make_group
from tests.handoff_bundles import as_bytes, bundle, problem
from tests.handoff_bundles import patient as bundle_patient
from tests.making import NOW, TODAY, actor, make_patient, make_room, make_site, make_staff
from tests.x12_samples import answer

MISSING = 987654321
"""An id that no row has."""

MISSING_CODE = "ZZZZ"
P, Q, S = "quokkap", "quokkaq", "quokkas"
B = "quokkab"
"""The canary of site B itself: its name, its staff, its rooms and groups."""

_PHONES = {P: "404-555-7101", Q: "404-555-7202", S: "404-555-7303"}


@dataclass
class Clinic:
    """A site with one login for each role, its groups and its sessions."""

    site: Site
    staff: dict[Role, Staff]
    session: Occurrence
    """Of today, over, its note a draft: what staff still have to do."""
    signed: Occurrence
    coming: Occurrence
    group: TherapyGroup
    rows: dict[str, Any] = field(default_factory=dict)

    def by(self, role: Role) -> Actor:
        return actor(self.staff[role])


@dataclass
class World:
    """`rows`: kind -> person (P, Q or S) -> the value that stands in an address. `logins`: who -> user id."""

    rows: dict[str, dict[str, Any]]
    logins: dict[str, int]
    codes: dict[str, str]

    def value(self, kind: str, person: str) -> Any:
        assert kind in self.rows, (
            f"The access matrix has no row of kind {kind!r}: make one for P, Q and S in tests/access/world.py."
        )
        if person == "missing":
            example = self.rows[kind][P]
            return MISSING if isinstance(example, int) else MISSING_CODE
        return self.rows[kind][person]


def make_world() -> World:
    """About a thousand rows; the clock must stand at `tests.making.NOW`."""
    made = Making()
    a, b = made.clinic("Peachtree", "Desk"), made.clinic(f"{B} site", B)
    p, q, s = made.person(a, P), made.person(a, Q), made.person(b, S)
    made.sessions(a, {P: p, Q: q})
    made.sessions(b, {S: s})
    made.kept_apart(a, {P: p, Q: q}, q)
    made.kept_apart(b, {S: s}, make_patient(b.site))
    for clinic, who, patient in ((a, P, p), (a, Q, q), (b, S, s)):
        made.chart(clinic, who, patient)
        made.queue(clinic, who)
        made.eligibility(clinic, who, patient)
    made.planning(a, {P: p, Q: q})
    made.planning(b, {S: s})
    aftercare.plan_follow_ups(by=stepwell_itself(), at=NOW)
    for who, patient in ((P, p), (Q, q), (S, s)):
        call = FollowUp.objects.filter(episode__patient=patient).order_by("day")[0]
        made.put("follow_up", who, call.pk)
    made.family(a, p)
    return World(made.rows, made.logins, {P: p.code, Q: q.code, S: s.code})


class Making:
    """Makes the world step by step and remembers each row under its kind and its person."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.logins: dict[str, int] = {}

    def put(self, kind: str, who: str, value: Any) -> None:
        self.rows.setdefault(kind, {})[who] = value

    # -- places and staff --

    def clinic(self, name: str, staff_name: str) -> Clinic:
        site = make_site(name, phone="404-555-0000")
        for day in range(7):
            SiteHours.objects.create(site=site, weekday=day, opens=time(8), closes=time(21))
        staff = {}
        for role in sorted(STAFF_ROLES):
            credential = {Role.PRESCRIBER: "MD", Role.NURSE: "RN"}.get(role, "LPC")
            staff[role] = make_staff(site, role, name=f"{staff_name} {role.value}", credential=credential)
        if staff_name == B:
            User.objects.filter(pk=staff[Role.DIRECTOR].user_id).update(email=f"{B}-director@example.org")
        leader = staff[Role.FACILITATOR]
        group = make_group(
            site, leader, name=f"{staff_name} mornings", meets=((0, time(9)), (2, time(9)), (4, time(9))),
            minutes=60, capacity=12, made_at=NOW - timedelta(days=5),
        )  # fmt: skip
        self._curriculum(site, actor(staff[Role.DIRECTOR]), group, staff_name)
        found = {o.local_date: o for o in Occurrence.objects.filter(group=group)}
        spare = make_group(site, leader, name=f"{staff_name} evenings", capacity=12)
        clinic = Clinic(
            site, staff, session=found[TODAY], signed=found[date(2026, 3, 16)],
            coming=found[date(2026, 3, 20)], group=group, rows={"spare": spare},
        )  # fmt: skip
        self._places(clinic, staff_name)
        return clinic

    def _curriculum(self, site: Site, by: Actor, group: TherapyGroup, word: str) -> None:
        """The site's own, with the topic that the notes of its sessions name."""
        shipped = curricula.load("early-recovery")
        triggers = replace(shipped.topics[1], key="triggers", title="Triggers", handout=f"{word} hand-out")
        own = replace(shipped, about=f"{word} about", topics=(triggers, *shipped.topics))
        at = NOW - timedelta(days=4)
        curriculum_actions.take_curriculum(by=by, at=at, site=site, curriculum=own)
        curriculum_actions.give_curriculum(by=by, at=at, group=group, key=own.key)

    def planning(self, clinic: Clinic, people: dict[str, Patient]) -> None:
        """A draft of the next week as the calendar stands."""
        draft = planning.open_week(
            by=clinic.by(Role.DIRECTOR), at=NOW, site=clinic.site, starts_on=date(2026, 3, 23)
        )
        asked = planning.ask_solve(by=clinic.by(Role.DIRECTOR), at=NOW, week=draft.week)
        for who in people:
            self.put("week_version", who, draft.pk)
            self.put("planned_session", who, draft.sessions.order_by("pk")[0].pk)
            self.put("week", who, draft.week_id)
            self.put("solve", who, asked.pk)
        self._published(clinic, people)

    def _published(self, clinic: Clinic, people: dict[str, Patient]) -> None:
        """The week after it with one group an hour later: those in it, and who leads it, are told."""
        by = clinic.by(Role.DIRECTOR)
        later = planning.open_week(by=by, at=NOW, site=clinic.site, starts_on=date(2026, 3, 30))
        for session in later.sessions.filter(group=clinic.group):
            session.starts += timedelta(hours=1)
            session.ends += timedelta(hours=1)
            session.save()
        told = planning.publish_week(by=by, at=NOW, version=later).notices.order_by("pk")
        for who, patient in people.items():
            self.put("staff_notice", who, told.filter(patient=None)[0].pk)
            self.put("week_notice", who, told.get(patient=patient).pk)

    def kept_apart(self, clinic: Clinic, people: dict[str, Patient], other: Patient) -> None:
        first = next(iter(people.values()))
        kept = timetable.keep_apart(
            by=clinic.by(Role.DIRECTOR), at=NOW, patient=first, other=other,
            because=f"{' and '.join(people)} know each other.",
        )  # fmt: skip
        for who in people:
            self.put("kept", who, kept.pk)

    def _places(self, clinic: Clinic, name: str) -> None:
        own = [P, Q] if name != B else [S]
        director = clinic.by(Role.DIRECTOR)
        program = timetable.set_up_program(
            by=director, at=NOW, site=clinic.site, name=f"{name} program", level="2.1",
            minutes_least=540, minutes_most=1140, facts={},
        )  # fmt: skip
        timetable.set_up_track(by=director, at=NOW, program=program, name=f"{name} track", kind="day")
        room = make_room(clinic.site, name=f"{name} room")
        colleague = make_staff(clinic.site, Role.COUNSELOR, name=f"{name} colleague")
        tomorrow = {
            "starts": NOW + timedelta(days=1),
            "ends": NOW + timedelta(days=2),
            "because": f"{name} reason",
        }
        away = timetable.declare_absence(by=director, at=NOW, staff=colleague, **tomorrow)
        out = timetable.take_room_out(by=director, at=NOW, room=room, **tomorrow)
        closed, _ = timetable.close_day(
            by=director, at=NOW, site=clinic.site, on=date(2026, 3, 29), because=f"{name} closed"
        )
        for who in own:
            self.put("site", who, clinic.site.pk)
            self.put("room", who, room.pk)
            self.put("absence", who, away.pk)
            self.put("room_out", who, out.pk)
            self.put("closure", who, closed.pk)
            self.put("program", who, program.pk)
            self.put("group", who, clinic.group.pk)
            self.put("meeting", who, Meeting.objects.filter(group=clinic.group)[0].pk)
            self.put("staff", who, colleague.pk)
            self.put("credential", who, Credential.objects.get(staff=colleague).pk)
            self.put("login", who, colleague.user_id)
            self.put("session", who, clinic.session.pk)
            self.put("coming_session", who, clinic.coming.pk)
        for role, staff in clinic.staff.items():
            place = "other site's " if name == B else ""
            self.logins[f"{place}{role.value}"] = staff.user_id

    # -- people --

    def person(self, clinic: Clinic, who: str) -> Patient:
        word = f"{who}-"
        desk = clinic.by(Role.ADMISSIONS)
        patient = people.register_patient(
            by=desk, at=NOW - timedelta(days=200), site=clinic.site, given_name=f"{word}given",
            family_name=f"{word}family", birth_date=date(1981, 7, 4),
            facts={
                "preferred_name": f"{word}called", "pronouns": f"{word}pronouns", "gender": f"{word}gender",
                "phone": _PHONES[who], "email": f"{word}mail@example.org", "address": f"{word}address",
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

    # -- sessions --

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

    # -- the chart, in the order of the journey --

    def chart(self, clinic: Clinic, who: str, patient: Patient) -> None:
        word = f"{who}-"
        PatientTag.objects.create(patient=patient, tag=f"{word}tag", at=NOW)
        self._consents(clinic, who, patient, word)
        self._coverage(clinic, who, patient, word)
        self._assistance(clinic, who, patient, word)
        self._assessment(clinic, who, patient, word)
        self._plan(clinic, who, patient, word)
        self._medication(clinic, who, patient, word)
        self._tests(clinic, who, patient)
        self._recovery(clinic, who, patient, word)
        self._billing(clinic, who, patient, word)

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

    def _assessment(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.COUNSELOR)
        screening: Screening = assessment.record_screening(
            by=by, at=NOW, patient=patient, instrument="phq-9", answers=answers("phq-9", 1, 1, 2)
        )
        self.put("screening", who, screening.pk)
        alert: Alert = assessment.raise_alert(
            by=by, at=NOW, patient=patient, kind="self_harm", sentence=f"{word}alert.",
            subject=f"Screening {screening.pk}", urgent=True,
        )  # fmt: skip
        self.put("alert", who, alert.pk)
        assessment.save_interview(
            by=by, at=NOW, patient=patient,
            sections={one.key: f"{word}interview-{one.key}" for one in intake_sections()},
        )  # fmt: skip
        diagnosis = assessment.record_diagnosis(
            by=by, at=NOW, patient=patient, code="F10.20", text=f"{word}diagnosis", primary=True
        )
        self.put("diagnosis", who, diagnosis.pk)

    def _plan(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.COUNSELOR)
        episode = Episode.objects.get(patient=patient, closed_at=None)
        first = plan.begin_plan(by=by, at=NOW, episode=episode)
        plan.save_plan(by=by, at=NOW, plan=first, strengths=f"{word}strengths", problems=_tree(word))
        plan.sign_plan(by=by, at=NOW, plan=first)
        plan.review_plan(
            by=by,
            at=NOW,
            plan=first,
            outcome="revise",
            summary=f"{word}review",
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

    def _medication(self, clinic: Clinic, who: str, patient: Patient, word: str) -> None:
        by = clinic.by(Role.PRESCRIBER)
        asked = {
            "drug": "disulfiram", "dose": Decimal(250), "unit": "mg", "route": "oral", "frequency": "daily",
            "starts_on": TODAY, "given_here": True, "instructions": f"{word}instructions",
        }  # fmt: skip
        order = make_order(patient, by=by, **asked)
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
        self.put("test", who, waiting.pk)
        self.put("collected_test", who, collected.pk)
        self.put("result", who, result.pk)

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

    # -- before there is a patient --

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

    # -- families of P --

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


def _tree(word: str) -> list[dict[str, Any]]:
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
    return [{"statement": f"{word}problem", "goals": [{"words": f"{word}goal", "objectives": [objective]}]}]
