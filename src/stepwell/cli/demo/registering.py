"""The first day at the desk: record, people around the patient, coverage, consents, login."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.cli.demo.world import Clinic, Life, dice
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.coverage import actions as coverage
from stepwell.clinic.coverage.good_faith import actions as good_faith
from stepwell.clinic.coverage.rules import Ordered
from stepwell.clinic.inquiry import actions as inquiry
from stepwell.clinic.people import actions as people

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def register(clinic: Clinic, life: Life, at: datetime) -> None:
    """The record as the front desk makes it."""
    facts, desk = life.facts, clinic.actors["desk"]
    email = facts.get("login") or f"{facts['given']}.{facts['family']}@demo.example".lower()
    warned = facts.get("warning", "")
    life.patient = people.register_patient(
        by=desk,
        at=at,
        site=clinic.site,
        given_name=facts["given"],
        family_name=facts["family"],
        birth_date=_birth_date(facts, clinic.diary.today),
        code=_code(life.number),
        facts={
            "preferred_name": facts.get("preferred", ""),
            "pronouns": facts["pronouns"],
            "gender": facts.get("gender", {"F": "woman", "M": "man"}.get(facts["sex"], "")),
            "sex_for_screening": facts["sex"],
            "language": facts["language"],
            "interpreter": facts.get("interpreter", False),
            "phone": facts["phone"],
            "email": email,
            "may_call": True,
            "may_voicemail": not warned,
            "may_text": life.number % 4 != 0,
            "may_email": True,
            "safe_times": ("Evenings after six", "Any time", "Mornings", "Not before noon")[life.number % 4],
            "contact_warning": warned,
            "address": f"{100 + life.number} Sample Street, Atlanta, GA",
        },
    )
    life.patient.site = clinic.site  # the same row: spares a read in every action
    if life.inquiry is not None:
        inquiry.make_patient_of(by=desk, at=at, inquiry=life.inquiry, existing=life.patient)
    relation, knows = facts.get("contact", ["friend", False])
    people.add_emergency_contact(
        by=desk, at=at, patient=life.patient, name=_contact(life), relation=relation,
        phone=f"404-555-01{10 + life.number:02}", knows_of_treatment=knows,
    )  # fmt: skip
    user = people.invite_patient(by=desk, at=at, patient=life.patient)
    life.actor = Actor(
        user_id=user.pk, name=user.name, patient_id=life.patient.pk, address="127.0.0.1", purpose="own record"
    )
    _coverage(clinic, life, at)
    _agreement(clinic, life, at)
    for name, relation, phone, address, state in facts.get("circle", ()):
        _family(clinic, life, at, name, relation, phone, address, state)


def _coverage(clinic: Clinic, life: Life, at: datetime) -> None:
    day, throw = clinic.diary.day_of(at), dice("coverage", life.number)
    by = clinic.actors["desk"]
    payer = clinic.payers.get(life.facts["payer"])
    if payer is None:
        household = 1 + life.number % 4
        coverage.determine_fee(
            by=by, at=at, patient=life.patient, household=household,
            annual_income=Decimal(14_000 + 1_000 * throw.randrange(4, 30)),
        )  # fmt: skip
    else:
        life.policy = coverage.record_policy(
            by=by, at=at, patient=life.patient, payer=payer, member_id=f"SAMPLE{10_000 + life.number}",
            starts_on=date(day.year - 1, 1, 1),
            facts={"plan_name": f"{payer.name} {'Choice' if life.number % 2 else 'Basic'}", "subscriber": life.name},
        )  # fmt: skip
        medicaid = payer.kind == "medicaid"
        deductible = Decimal(0 if medicaid else throw.choice([500, 1000, 1500, 2500]))
        coverage.record_benefits(
            by=by,
            at=at + timedelta(minutes=10),
            policy=life.policy,
            facts={
                "channel": "portal" if life.number % 3 else "phone",
                "reference": f"SAMPLE-REF-{life.number:03}",
                "in_network": True,
                "covered": True,
                "deductible": deductible,
                "deductible_met": (deductible * throw.randrange(0, 5) / 4).quantize(Decimal("0.01")),
                "out_of_pocket_max": Decimal(0 if medicaid else 6000),
                "out_of_pocket_met": Decimal(0 if medicaid else 100 * throw.randrange(0, 20)),
                "copay_per_day": Decimal(0) if medicaid else Decimal(25) if life.number % 2 else None,
                "coinsurance": None if medicaid or life.number % 2 else Decimal("0.20"),
                "authorization_required": True,
                "day_limit": None,
                "next_year_on": date(day.year + 1, 1, 1),
            },
        )
    coverage.make_estimate(
        by=by, at=at + timedelta(minutes=15), patient=life.patient, weeks=8, days_per_week=3,
        starts_on=day + timedelta(days=4), policy=life.policy,
    )  # fmt: skip
    if payer is None:
        _good_faith(clinic, life, at)


def _good_faith(clinic: Clinic, life: Life, at: datetime) -> None:
    """Who pays alone asks what it costs; who asked in the last days is still waiting for the answer."""
    by, day = clinic.actors["desk"], clinic.diary.day_of(at)
    asked = good_faith.record_asking(
        by=by, at=at, patient=life.patient, occasion="requested", asked_on=day, service_on=None
    )
    if day < clinic.diary.today - timedelta(days=2):
        good_faith.give_estimate(
            by=by, at=at + timedelta(minutes=20), asked=asked, name=life.name, birth_date=life.patient.birth_date,
            weeks=8, orders=[Ordered(code="H0015", days_a_week=3)], starts_on=day + timedelta(days=4),
            scheduled=True, diagnoses=[], separate=["Laboratory tests"], how="printed",
        )  # fmt: skip


def _agreement(clinic: Clinic, life: Life, at: datetime) -> None:
    """One consent for treatment, payment and operations, as 42 CFR 2.31(a)(4)(i) allows."""
    life.consents["tpo"] = consent.record_consent(
        by=clinic.actors["desk"],
        at=at,
        patient=life.patient,
        elements={
            "kind": "tpo",
            "discloser": clinic.site.name,
            "information": ["entire_record"],
            "recipient_kind": "class",
            "recipient_name": "My treating providers, health plans, third-party payers and people helping to run the program",
            "recipient_key": "class:tpo_recipients",
            "purposes": ["treatment", "payment", "operations"],
            "expiry": "none",
            "right_to_revoke_stated": True,
            "redisclosure_stated": True,
            "consequences_stated": True,
            "signed_by": life.name,
        },
    )


def _family(
    clinic: Clinic, life: Life, at: datetime, name: str, relation: str, phone: str, email: str, state: str
) -> None:
    """A family member; `state` of the consent: live, soon (it ends within days), revoked, or none."""
    desk = clinic.actors["desk"]
    member = people.add_family_member(
        by=desk, at=at, patient=life.patient, name=name, relation=relation, phone=phone, email=email
    )
    life.family[name] = member
    if email:
        people.invite_family_member(by=desk, at=at, member=member)
        member.refresh_from_db()
    if state == "none":
        return
    today = clinic.diary.today
    told = ["attendance", "schedule", "homework"] + (["progress"] if life.number % 2 else [])
    life.consents[name] = consent.record_consent(
        by=desk, at=at + timedelta(minutes=20), patient=life.patient, elements=family_consent(
            clinic, life, member, told, today + timedelta(days=6 if state == "soon" else 150)
        ),
    )  # fmt: skip
    if state == "revoked":
        taken_back = clinic.diary.moment(clinic.diary.monday(2) + timedelta(days=3), "15:20")
        row = life.consents[name]
        clinic.diary.note(
            taken_back,
            lambda then: consent.revoke_consent(by=life.actor, at=then, consent=row, said_by=life.name),
        )


def family_consent(clinic: Clinic, life: Life, member: Any, told: list[str], until: date) -> dict[str, Any]:
    """The elements of a consent for one named family member until a day."""
    return {
        "kind": "specific",
        "discloser": clinic.site.name,
        "information": told,
        "recipient_kind": "named",
        "recipient_name": f"{member.name}, {member.relation}",
        "recipient_key": f"family:{member.pk}",
        "purposes": ["family_support"],
        "expiry": "on",
        "expires_on": until,
        "right_to_revoke_stated": True,
        "redisclosure_stated": True,
        "consequences_stated": True,
        "signed_by": life.name,
    }


def _code(number: int) -> str:
    throw = dice("code", number)
    return "".join(throw.choice(_LETTERS) for _ in range(6))


def _birth_date(facts: Any, today: date) -> date:
    month, day = facts["born"]
    had = (today.month, today.day) >= (month, day)
    return date(today.year - facts["age"] - (0 if had else 1), month, day)


def _contact(life: Life) -> str:
    names = ("Alex", "Robin", "Sasha", "Toni", "Kim", "Jamie", "Lee", "Noa", "Chris", "Dana")
    return f"{names[life.number % len(names)]} {life.facts['family']}"
