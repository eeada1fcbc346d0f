"""Reading consents and asking them: what may this recipient be told? An unclear answer is no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Value

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent import rules
from stepwell.clinic.consent.models import Consent, ConsentRevocation, Disclosure
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.site_days import LocalDay


@dataclass(frozen=True)
class ConsentOnFile:
    """A consent as it is shown: the row, where it stands, and what it lacks."""

    row: Consent
    standing: rules.Standing
    missing: tuple[str, ...]

    @property
    def active(self) -> bool:
        return self.standing.state is rules.StandingState.ACTIVE


def consents_of(by: Actor, patient: Patient, *, at: datetime) -> list[ConsentOnFile]:
    """Every consent of the patient, newest first, for staff who may see consents and for the patient."""
    if not patients_for(by, Permission.CONSENT_READ).filter(pk=patient.pk).exists():
        return []
    return [_shown(row, at) for row in _rows(Consent.objects.filter(patient=patient))]


def consent_for(by: Actor, patient: Patient, consent_id: int, *, at: datetime) -> ConsentOnFile:
    """One consent of the patient. Raises `Consent.DoesNotExist`."""
    visible = Consent.objects.filter(patient__in=patients_for(by, Permission.CONSENT_READ), patient=patient)
    return _shown(_rows(visible).get(pk=consent_id), at)


def permitted_to_family(member: FamilyMember, *, at: datetime) -> frozenset[rules.Category]:
    """What this family member may see at this instant. Empty when nothing is permitted or anything is unclear."""
    rows = _rows(Consent.objects.filter(patient_id=member.patient_id))
    ask = rules.Ask(
        patient_id=member.patient_id,
        recipient_key=family_key(member.pk),
        purpose=rules.Purpose.FAMILY_SUPPORT,
        category=rules.Category.SCHEDULE,
        at=at,
    )
    return rules.categories_permitted(readable(rows), ask)


def permits_family(
    members: Iterable[FamilyMember], *, category: rules.Category, at: datetime
) -> dict[int, rules.Decision]:
    """Family member's id -> may this one be told? As `permits`, two statements for any number of members."""
    asked = list(members)
    papers: dict[int, list[Consent]] = defaultdict(list)
    if asked:
        for row in _rows(Consent.objects.filter(patient__in={one.patient_id for one in asked})):
            papers[row.patient_id].append(row)
    return {
        one.pk: rules.permits(
            readable(papers[one.patient_id]),
            rules.Ask(
                patient_id=one.patient_id,
                recipient_key=family_key(one.pk),
                purpose=rules.Purpose.FAMILY_SUPPORT,
                category=category,
                at=at,
            ),
        )
        for one in asked
    }


def permits_each(
    patient: Patient,
    *,
    recipient_keys: Iterable[str],
    purpose: rules.Purpose,
    category: rules.Category,
    at: datetime,
) -> dict[str, rules.Decision]:
    """Recipient's key -> may this one be told? As `permits`, two statements for any number of recipients."""
    asked = set(recipient_keys)
    papers = readable(_rows(Consent.objects.filter(patient=patient))) if asked else []
    return {
        key: rules.permits(
            papers,
            rules.Ask(patient_id=patient.pk, recipient_key=key, purpose=purpose, category=category, at=at),
        )
        for key in asked
    }


def permits(
    patient: Patient,
    *,
    recipient_key: str,
    purpose: rules.Purpose,
    category: rules.Category,
    at: datetime,
    recipient_class: str | None = None,
) -> rules.Decision:
    """May this be told? The one way in which any code asks before a disclosure."""
    ask = rules.Ask(
        patient_id=patient.pk,
        recipient_key=recipient_key,
        recipient_class=recipient_class,
        purpose=purpose,
        category=category,
        at=at,
    )
    return rules.permits(readable(_rows(Consent.objects.filter(patient=patient))), ask)


def disclosures_of(by: Actor, patient: Patient) -> list[Disclosure]:
    """The accounting for one patient (42 CFR 2.25), newest first."""
    rows = Disclosure.objects.filter(
        patient__in=patients_for(by, Permission.CONSENT_READ), patient=patient
    ).select_related("consent", "made_by")
    return list(rows.order_by("-at"))


def disclosure_for(by: Actor, patient: Patient, disclosure_id: int) -> Disclosure:
    """One line of the patient's accounting. Raises `Disclosure.DoesNotExist`."""
    seen = Disclosure.objects.filter(patient__in=patients_for(by, Permission.CONSENT_READ), patient=patient)
    return seen.select_related("consent", "made_by").get(pk=disclosure_id)


def disclosures(by: Actor, *, limit: int = 200) -> list[Disclosure]:
    """Every disclosure at the sites of `by`, newest first: the compliance officer's page."""
    rows = Disclosure.objects.filter(patient__in=patients_for(by, Permission.DISCLOSURE_READ))
    return list(rows.select_related("patient", "consent", "made_by").order_by("-at")[:limit])


def expiring(by: Actor, *, at: datetime, until: datetime) -> list[Consent]:
    """Consents in force that end by `until`, both as days of the patient's site: work before something stops.

    A consent stands no more on the day it names (`as_rule`), so one that names today is over already.
    """
    rows = Consent.objects.filter(
        patient__in=patients_for(by, Permission.CONSENT_READ),
        superseded_at__isnull=True,
        signed_at__isnull=False,
        expires_on__gt=LocalDay(Value(at), F("patient__site__zone")),
        expires_on__lte=LocalDay(Value(until), F("patient__site__zone")),
        revocations__isnull=True,
    )
    return list(rows.select_related("patient").order_by("expires_on", "pk"))


def family_key(member_id: int) -> str:
    """The recipient key of a family member, as it stands in a consent."""
    return f"family:{member_id}"


def _rows(rows: Any) -> Any:
    return (
        rows.select_related("patient__site", "recorded_by")
        .prefetch_related("revocations")
        .order_by("-recorded_at")
    )


def _shown(row: Consent, at: datetime) -> ConsentOnFile:
    paper = as_rule(row)
    return ConsentOnFile(row, rules.standing(paper, at), rules.missing_elements(paper))


def readable(rows: Iterable[Consent]) -> list[rules.Consent]:
    """The rows as the pure rule reads them; one that cannot be read permits nothing and is left out."""
    papers = []
    for row in rows:
        try:
            papers.append(as_rule(row))
        except (ValueError, KeyError):
            continue
    return papers


def as_rule(row: Consent) -> rules.Consent:
    """The row as `rules.Consent`. Raises ValueError when a word on it is not known.

    Instants are told in the zone of the patient's site, so that the sentences name the site's days.
    """
    zone = ZoneInfo(row.patient.site.zone)

    def there(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(zone)

    return rules.Consent(
        id=row.pk,
        patient_id=row.patient_id,
        kind=rules.ConsentKind(row.kind),
        discloser=row.discloser,
        information=frozenset(rules.Category(word) for word in row.information),
        recipient=rules.Recipient(
            kind=rules.RecipientKind(row.recipient_kind), name=row.recipient_name, key=row.recipient_key
        ),
        purposes=frozenset(rules.Purpose(word) for word in row.purposes),
        expiry=_expiry(row, zone),
        right_to_revoke_stated=row.right_to_revoke_stated,
        redisclosure_stated=row.redisclosure_stated,
        consequences_stated=row.consequences_stated,
        signed_by=row.signed_by,
        signed_at=there(row.signed_at),
        effective_from=there(row.effective_from),
        intermediary=_intermediary(row),
        event_occurred=there(row.event_occurred_at),
        revocations=tuple(_revocation(r, zone) for r in row.revocations.all()) if row.pk else (),
        superseded_at=there(row.superseded_at),
    )


def _intermediary(row: Consent) -> rules.Intermediary | None:
    if not row.intermediary and not row.intermediary_participants and not row.intermediary_class:
        return None
    return rules.Intermediary(
        key=rules.named_key(row.intermediary) if row.intermediary.strip() else "",
        name=row.intermediary,
        participant_keys=frozenset(rules.named_key(n) for n in row.intermediary_participants if n.strip()),
        participant_class=row.intermediary_class,
        list_right_stated=row.list_right_stated,
    )


def _expiry(row: Consent, zone: ZoneInfo) -> rules.Expiry:
    kind = rules.ExpiryKind(row.expiry)
    if kind is rules.ExpiryKind.ON and row.expires_on is not None:
        # The consent holds up to the first instant of its last day's morning in the site's zone.
        return rules.Expiry(kind=kind, at=datetime.combine(row.expires_on, time.min, zone))
    return rules.Expiry(kind=kind, event=row.expires_event)


def _revocation(row: ConsentRevocation, zone: ZoneInfo) -> rules.Revocation:
    return rules.Revocation(at=row.at.astimezone(zone), party_key=row.party_key)
