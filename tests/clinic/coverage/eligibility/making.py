from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.coverage.eligibility import actions
from stepwell.clinic.coverage.eligibility.models import EligibilityRequest
from stepwell.clinic.coverage.models import Payer, Policy
from stepwell.clinic.people.models import Patient, Site
from stepwell.edi.x12 import read_file
from stepwell.project.outside import Clearinghouse
from tests.clinic.consent.making import elements
from tests.clinic.coverage.making import make_policy
from tests.making import NOW, actor, make_staff
from tests.x12_samples import answer

_keys = itertools.count(1)


def set_up_clearinghouse(settings: Any, **facts: Any) -> None:
    """A folder that nobody looks into, unless told otherwise."""
    found = Clearinghouse(**{"kind": "folder", "path": "/nowhere", "test": True, **facts})
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, given_clearinghouse=found)


def electronic_payer(name: str = "Blue Lake Health") -> Payer:
    payer = Payer.objects.get_or_create(name=name, defaults={"kind": "commercial"})[0]
    Payer.objects.filter(pk=payer.pk).update(payer_code="SAMPLE1")
    payer.refresh_from_db()
    return payer


def with_npi(site: Site) -> Site:
    Site.objects.filter(pk=site.pk).update(npi="1234567893")
    site.refresh_from_db()
    return site


def agree_to_payment(patient: Patient) -> Any:
    """The one consent for treatment, payment and operations."""
    return consent.record_consent(
        by=actor(make_staff(patient.site, Role.ADMISSIONS)),
        at=NOW,
        patient=patient,
        elements=elements(
            kind="tpo",
            information=["entire_record"],
            recipient_kind="class",
            recipient_name="My treating providers, health plans, third-party payers and people helping to run the program",
            recipient_key="class:tpo_recipients",
            purposes=["treatment", "payment", "operations"],
            expiry="none",
            expires_on=None,
        ),
    )


def ready_policy(patient: Patient) -> Policy:
    """A policy whose payer can be asked, with the patient's consent."""
    with_npi(patient.site)
    patient.site.refresh_from_db()
    agree_to_payment(patient)
    return make_policy(patient, electronic_payer())


def once_key() -> str:
    return f"a-key-of-a-form-{next(_keys):04d}"


def ask(policy: Policy, **facts: Any) -> EligibilityRequest:
    by = actor(make_staff(policy.patient.site, Role.BILLER))
    return actions.ask_for_policy(by=by, at=NOW, policy=policy, **{"once_key": once_key(), **facts})


def receive(text: str | bytes, *, at: Any = NOW, name: str = "a.271") -> actions.Received:
    """As the worker does with a file that can be read."""
    raw = text.encode() if isinstance(text, str) else text
    found = read_file(raw)
    return actions.receive_file(
        by=stepwell_itself(), at=at, content=raw, via="folder", name=name, held="answers",
        answers=found.answers, receipts=found.receipts,
    )  # fmt: skip


def answer_for(row: EligibilityRequest, *lines: tuple[str, ...], number: int = 501, **facts: Any) -> str:
    """What the payer of this question sends back."""
    told = {"subscriber": (row.given_name, row.family_name, row.member_id, row.birth_date), **facts}
    return answer(*lines, trace=row.trace, number=number, **told)
