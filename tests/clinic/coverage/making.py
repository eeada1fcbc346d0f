from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage import actions
from stepwell.clinic.coverage.models import Payer, Policy, ServiceRate
from stepwell.clinic.people.models import Patient
from tests.making import NOW, actor, make_staff

TOLD = {
    "channel": "phone",
    "covered": True,
    "in_network": True,
    "authorization_required": True,
    "deductible": Decimal(1000),
    "deductible_met": Decimal(0),
    "out_of_pocket_max": Decimal(4000),
    "out_of_pocket_met": Decimal(0),
    "coinsurance": Decimal("0.20"),
}


def make_payer(name: str = "Blue Lake Health") -> Payer:
    return Payer.objects.get_or_create(name=name, defaults={"kind": "commercial"})[0]


def make_policy(patient: Patient, payer: Payer | None = None) -> Policy:
    return actions.record_policy(
        by=actor(make_staff(patient.site, Role.BILLER)),
        at=NOW,
        patient=patient,
        payer=payer or make_payer(),
        member_id="M-100",
        starts_on=date(2026, 1, 1),
        facts={},
    )


def tell_benefits(policy: Policy, **changed: Any) -> None:
    actions.record_benefits(
        by=actor(make_staff(policy.patient.site, Role.BILLER)),
        at=NOW,
        policy=policy,
        facts={**TOLD, **changed},
    )


def make_rates(patient: Patient, payer: Payer | None = None, charge: int = 250, allowed: int = 250) -> None:
    for owner, amount in ((None, charge), (payer or make_payer(), allowed)):
        ServiceRate.objects.create(
            site=patient.site,
            payer=owner,
            code="H0015",
            amount=amount,
            starts_on=date(2026, 1, 1),
            source="test",
        )
