"""Attended days that were not charged yet, each judged by the payer's rule: a charge, or every reason why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Exists, Func, JSONField, OuterRef, Q, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.billing import rules
from stepwell.clinic.billing.models import Charge
from stepwell.clinic.billing.queries.terms import Terms, terms_of
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.coverage.rules import Money
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.sessions.models import Addendum, Attendance, NoteSignature


@dataclass(frozen=True)
class Ready:
    """A day that becomes a charge. `share`: the patient's part, None while the plan has not told enough."""

    patient: Patient
    policy: Policy | None
    charge: rules.Charge
    allowed: Money | None
    share: Money | None


@dataclass(frozen=True)
class Waiting:
    """A day that does not, with every reason. `who`: whose signature it waits for."""

    patient: Patient
    payer: str
    on: date
    reasons: tuple[str, ...]
    mendable: bool
    who: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """Days that are ready, and those that are not (`mendable` ones first), each by patient and day."""

    ready: tuple[Ready, ...]
    waiting: tuple[Waiting, ...]

    @property
    def total(self) -> Money:
        return Money.of(sum((one.charge.amount.amount for one in self.ready), start=Money.of(0).amount))


def patients_with_unbilled(by: Actor, *, at: datetime, through: date) -> list[int]:
    """Ids of patients with an attended session that no charge rests on yet."""
    return sorted(set(_uncharged(by, at, through).order_by().values_list("patient_id", flat=True)))


def judged(by: Actor, *, at: datetime, through: date, patient_ids: Collection[int] | None = None) -> Judged:
    """Every uncharged day up to `through`. A fixed number of queries, whatever the number of days."""
    rows = _uncharged(by, at, through)
    if patient_ids is not None:
        rows = rows.filter(patient__in=patient_ids)
    signature = NoteSignature.objects.filter(note=OuterRef("occurrence__note"), role="author")
    days: dict[tuple[int, date], list[Any]] = defaultdict(list)
    found = (
        rows.annotate(signed_with=Subquery(signature.values("credential")[:1], output_field=CharField()))
        .select_related("patient__site", "occurrence__note__author", "occurrence__facilitator")
        .defer("occurrence__note__shared", "occurrence__note__topic")
        .order_by("occurrence__local_date", "patient__family_name", "patient_id", "occurrence__starts")
    )
    for row in found:
        days[row.patient_id, row.occurrence.local_date].append(row)
    terms = terms_of(by, days)
    ready: list[Ready] = []
    waiting: list[Waiting] = []
    for (_, on), attended in days.items():
        made, not_made = _judge(attended, on, terms)
        ready += made
        waiting += not_made
    return Judged(tuple(ready), tuple(sorted(waiting, key=lambda w: (not w.mendable, w.on))))


def _judge(attended: list[Any], on: date, terms: Terms) -> tuple[list[Ready], list[Waiting]]:
    """One patient's day by the payer's rules for the level of care that was in force on it."""
    patient = attended[0].patient
    policy = terms.policy_on(patient.pk, on)
    payer = policy.payer.name if policy else "Self-pay"
    followed = terms.rules_on(policy, on)
    if not followed:
        reason = f"No billing rule is on file for {payer} on this day; say which one they follow."
        return [], [Waiting(patient, payer, on, (reason,), True, _unsigned(attended))]
    zone = ZoneInfo(patient.site.zone)
    level = terms.level_on(patient.pk, attended[0].occurrence.starts, on, zone)
    day = rules.ServiceDay(
        patient_id=patient.pk,
        on=on,
        services=tuple(_service(row, on, terms) for row in attended),
        rate=None,
        charged_codes=frozenset(terms.charged[patient.pk, on]),
    )

    def with_terms(rule: rules.PayerRule, codes: frozenset[str]) -> rules.ServiceDay:
        return replace(
            day,
            rate=terms.rate(patient.site_id, rule.code, on),
            authorization=terms.cover(patient.pk, policy, rule.code, on),
            charged_codes=codes,
        )

    answer = rules.judge_day(
        day,
        followed,
        level=level,
        level_words=level_words(level),
        payer=payer if policy else "",
        terms=with_terms,
    )
    ready = []
    for charge in answer.charges:
        terms.take(charge)
        allowed, share = terms.share(patient, policy, charge)
        ready.append(Ready(patient, policy, charge, allowed, share))
    if not answer.reasons:
        return ready, []
    late = [row for row in attended if row.occurrence.pk in answer.waiting]
    return ready, [Waiting(patient, payer, on, answer.reasons, answer.mendable, _unsigned(late))]


def _service(row: Any, on: date, terms: Terms) -> rules.Service:
    session = row.occurrence
    note = getattr(session, "note", None)
    staff_id = note.author_id if note is not None else session.facilitator_id
    credential, valid = terms.credential(staff_id, row.signed_with or "", on)
    return rules.Service(
        session_id=session.pk,
        kind=session.kind,
        minutes=row.minutes,
        note_id=note.pk if note is not None else None,
        signed=note is not None and note.signed_at is not None and row.locked_at is not None,
        cosignature_pending=note is not None and note.cosigner_id is not None and note.cosigned_at is None,
        credential=credential,
        credential_valid=valid,
    )


def _unsigned(attended: list[Any]) -> tuple[str, ...]:
    names = []
    for row in attended:
        note = getattr(row.occurrence, "note", None)
        if note is None or note.signed_at is None:
            who = note.author if note is not None else row.occurrence.facilitator
            names.append(who.name if who is not None else "nobody yet")
    return tuple(dict.fromkeys(names))


def _uncharged(by: Actor, at: datetime, through: date) -> Any:
    """Attended, over, not entered in error, and in no charge that stands."""
    first = through - timedelta(days=rules.load_filing_limits().look_back_days)
    rests_on = Charge.objects.filter(
        patient=OuterRef("patient"),
        day=OuterRef("occurrence__local_date"),
        voided_at__isnull=True,
        notes__contains=Func(OuterRef("occurrence__note__id"), function="to_jsonb", output_field=JSONField()),
    )
    in_error = Addendum.objects.filter(
        Q(patient__isnull=True) | Q(patient=OuterRef("patient")),
        note=OuterRef("occurrence__note"),
        kind=Addendum.Kind.IN_ERROR,
    )
    return Attendance.objects.filter(
        ~Exists(rests_on),
        ~Exists(in_error),
        patient__in=patients_for(by, Permission.BILLING_READ),
        outcome=Attendance.Outcome.PRESENT,
        minutes__gt=0,
        occurrence__cancelled_at__isnull=True,
        occurrence__ends__lte=at,
        occurrence__local_date__gte=first,
        occurrence__local_date__lte=through,
    )
