"""Reading authorized visits, and what the employer may be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.consent.rules import Purpose, named_key
from stepwell.clinic.coverage.assistance import rules
from stepwell.clinic.coverage.assistance.models import EapReferral
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for


def referrals_of(by: Actor, patient: Patient) -> list[EapReferral]:
    rows = EapReferral.objects.filter(patient__in=patients_for(by, Permission.COVERAGE_READ), patient=patient)
    return list(rows.order_by("-starts_on", "-pk"))


def employers_may_hear(
    patient: Patient, referrals: Sequence[EapReferral], at: datetime
) -> list[rules.EmployerMayHear]:
    """What the consents on file let the employer of each referral be told now. Nothing is disclosed by asking.

    Two statements for each category that may ever be asked for, whatever the number of referrals.
    """
    keys = {row.pk: named_key(row.employer) for row in referrals}
    decisions = {
        category: consent.permits_each(
            patient, recipient_keys=keys.values(), purpose=Purpose.EMPLOYMENT, category=category, at=at
        )
        for category in rules.MAY_EVER_BE_ASKED
    }
    found = []
    for row in referrals:
        said = {category: of_each[keys[row.pk]] for category, of_each in decisions.items()}
        found.append(
            rules.employer_may_hear(
                formal=row.formal,
                permitted=[category for category, one in said.items() if one.permitted],
                reasons=tuple(dict.fromkeys(reason for one in said.values() for reason in one.reasons)),
            )
        )
    return found


def standings_of(
    referrals: Sequence[EapReferral], days: Collection[date], today: date
) -> list[rules.EapStanding]:
    """Where each referral stands after the attended `days`, in the same order."""
    return rules.eap_standings(
        [
            rules.Authorized(visits=row.visits, starts_on=row.starts_on, ends_on=row.ends_on)
            for row in referrals
        ],
        days,
        today=today,
    )
