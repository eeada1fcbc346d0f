"""Reading questions and answers: of a patient, of an inquiry, what is due, and what waits for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.coverage import rules as coverage_rules
from stepwell.clinic.coverage.eligibility import rules
from stepwell.clinic.coverage.eligibility.models import (
    AnswerState,
    EligibilityAnswer,
    EligibilityFile,
    EligibilityRequest,
    QuestionState,
    VerificationRule,
)
from stepwell.clinic.coverage.models import Benefits, Payer, Policy
from stepwell.clinic.coverage.queries import as_rule
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.people.queries import patients_for

OPEN = (QuestionState.QUEUED, QuestionState.SENT)


@dataclass(frozen=True)
class DueAgain:
    """A policy of an admitted patient whose benefits are to be verified; `open` when an answer is awaited."""

    policy: Policy
    verified_on: date | None
    due: rules.Due
    overdue_days: int
    open: EligibilityRequest | None
    objection: str
    """Why it cannot be asked electronically; empty when it can."""


def objection_to_asking(site: Site, payer: Payer) -> str:
    """Why this payer cannot be asked electronically for this site, in one sentence; empty when it can."""
    if getattr(settings.ENVIRONMENT, "clearinghouse", None) is None:
        return "No clearinghouse is set up, so payers cannot be asked electronically. Ask by phone or in the portal."
    if not site.npi:
        return f"{site.name} has no NPI on file, and payers answer to an NPI only. Ask the program director to add it."
    if not payer.payer_code:
        return f"{payer.name} has no number for electronic questions. Add it on the payers page, or ask by phone."
    return ""


def requests_for(by: Actor) -> QuerySet[EligibilityRequest]:
    """Questions of patients and inquiries that `by` may see."""
    of_patients = Q(patient__in=patients_for(by, Permission.COVERAGE_READ))
    both = set(by.sites_with(Permission.COVERAGE_READ)) & set(by.sites_with(Permission.INQUIRY_READ))
    return EligibilityRequest.objects.filter(of_patients | Q(patient__isnull=True, site_id__in=both))


def requests_of(by: Actor, patient: Patient) -> list[EligibilityRequest]:
    """The patient's questions, newest first."""
    rows = requests_for(by).filter(patient=patient).select_related("payer", "asked_by")
    return list(rows.order_by("-asked_at", "-pk"))


def requests_of_inquiry(by: Actor, inquiry: Inquiry) -> list[EligibilityRequest]:
    """The inquiry's questions, newest first."""
    rows = requests_for(by).filter(inquiry=inquiry).select_related("payer", "asked_by")
    return list(rows.order_by("-asked_at", "-pk"))


def request_for(by: Actor, number: int, **of: Any) -> EligibilityRequest:
    """One question of that patient (`patient=`) or inquiry (`inquiry=`). Raises `EligibilityRequest.DoesNotExist`."""
    rows = requests_for(by).select_related("payer", "asked_by", "policy", "inquiry", "site", "number")
    return rows.get(pk=number, **of)


def newest_answer(request: EligibilityRequest) -> EligibilityAnswer | None:
    """The answer that holds for this question."""
    rows = request.answers.filter(state=AnswerState.MATCHED).select_related("file", "benefits")
    return rows.order_by("-received_at", "-pk").first()


def benefits_before(answer: EligibilityAnswer) -> Benefits | None:
    """What was on file of the same policy before this answer."""
    if answer.request is None or answer.request.policy_id is None:
        return None
    rows = Benefits.objects.filter(policy_id=answer.request.policy_id, verified_at__lte=answer.received_at)
    return rows.exclude(pk=answer.benefits_id or 0).order_by("verified_at", "pk").last()


def facts_told(answer: rules.Answer, request: EligibilityRequest) -> dict[str, Any]:
    """Columns of `Benefits` as the answer tells them; what is unknown is not among them."""
    summary = rules.summarize(answer, network=request.in_network, on=request.on, reading=rules.load_reading())
    columns = {field.name for field in Benefits._meta.fields}
    return {v.key: v.value for v in summary.values if v.key in columns} | {"in_network": request.in_network}


def benefits_of_inquiry(by: Actor, inquiry: Inquiry) -> tuple[Payer, coverage_rules.Benefits] | None:
    """The payer that answered for this inquiry last, with its benefits as the estimate reads them; None without an answer."""
    for asked in requests_of_inquiry(by, inquiry):
        answer = newest_answer(asked) if asked.state == QuestionState.ANSWERED else None
        if answer is not None and answer.reading:
            told = facts_told(rules.answer_from(answer.reading["answer"]), asked)
            heard = Benefits(**told, channel="edi", verified_at=answer.received_at)
            return asked.payer, as_rule(heard, ZoneInfo(inquiry.site.zone))
    return None


def answers_before_the_record(by: Actor, patient: Patient) -> list[EligibilityAnswer]:
    """Answers that came while the patient was an inquiry and are in no benefits yet, newest first."""
    rows = EligibilityAnswer.objects.filter(
        state=AnswerState.MATCHED,
        benefits__isnull=True,
        request__inquiry__patient=patient,
        request__state=QuestionState.ANSWERED,
        request__in=requests_for(by),
    )
    return list(rows.select_related("request__payer").order_by("-received_at", "-pk"))


def answer_waiting(by: Actor, number: int) -> EligibilityAnswer:
    """One answer that waits for a person. Raises `EligibilityAnswer.DoesNotExist`."""
    return waiting(by).select_related("file", "site").get(pk=number)


def file_waiting(by: Actor, number: int) -> EligibilityFile:
    """The whole file behind an answer that waits because it could not be read or is something else.

    Raises `EligibilityAnswer.DoesNotExist`, also where the file holds answers about people of other sites.
    """
    row = waiting(by).filter(reading__isnull=True).select_related("file").get(pk=number)
    others = row.file.answers.exclude(pk=row.pk)
    if others.exclude(site_id__in=by.sites_with(Permission.COVERAGE_RECORD)).exists():
        raise EligibilityAnswer.DoesNotExist
    return row.file


def waiting(by: Actor) -> QuerySet[EligibilityAnswer]:
    """Answers that found no question, and files that could not be read: the count beside 'Eligibility'."""
    nobodys = bool(by.sites_with(Permission.STAFF_MANAGE))
    return EligibilityAnswer.objects.filter(
        Q(site_id__in=by.sites_with(Permission.COVERAGE_RECORD))
        | (Q(site__isnull=True) if nobodys else Q(pk=0)),
        state=AnswerState.WAITING,
    )


def waiting_list(by: Actor) -> list[EligibilityAnswer]:
    """The same, oldest first."""
    return list(waiting(by).select_related("file", "site").order_by("received_at", "pk"))


def open_questions(by: Actor) -> list[EligibilityRequest]:
    """What was asked and is not answered yet, oldest first."""
    rows = _of_sites(by).filter(state__in=OPEN)
    return list(rows.select_related("payer", "patient", "inquiry", "asked_by").order_by("asked_at", "pk"))


def ended_badly(by: Actor, since: datetime) -> list[EligibilityRequest]:
    """Questions refused or not sent since then to which no newer one of the same person was put."""
    rows = _of_sites(by).filter(state__in=[QuestionState.REJECTED, QuestionState.FAILED], ended_at__gte=since)
    found = list(rows.select_related("payer", "patient", "inquiry", "asked_by").order_by("-ended_at", "-pk"))
    newest = dict(
        _of_sites(by)
        .filter(policy__in=[row.policy_id for row in found if row.policy_id])
        .values_list("policy")
        .annotate(newest=Max("pk"))
    )
    return [row for row in found if newest.get(row.policy_id, row.pk) == row.pk]


def candidates(by: Actor, answer: EligibilityAnswer) -> list[EligibilityRequest]:
    """Questions to which a waiting answer might belong: open or unanswered ones, those of the same name or birth date first."""
    rows = _of_sites(by).exclude(state=QuestionState.ANSWERED).filter(asked_at__lte=answer.received_at)
    if answer.site_id is not None:
        rows = rows.filter(site_id=answer.site_id)
    found = list(rows.select_related("payer", "patient", "inquiry").order_by("-asked_at", "-pk")[:60])
    told = ((answer.reading or {}).get("answer") or {}) if answer.reading else {}
    person = told.get("dependent") or told.get("subscriber") or {}
    return sorted(found, key=lambda row: not _alike(row, person))[:12]


def due_again(
    by: Actor,
    admitted: Mapping[int, date],
    *,
    today: date,
    ahead: int = 0,
) -> list[DueAgain]:
    """Policies in force of admitted patients (id -> day of admission) whose benefits are due, the longest overdue first.

    Six statements whatever the number. `ahead` adds what falls due in so many days.
    """
    policies = (
        Policy.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            patient__in=patients_for(by, Permission.COVERAGE_RECORD),
            patient_id__in=list(admitted),
            starts_on__lte=today,
        )
        .select_related("payer", "patient__site")
        .annotate(verified_at=Max("benefits__verified_at"))
        .order_by("pk")
    )
    found = list(policies)
    awaited = {
        row.policy_id: row
        for row in EligibilityRequest.objects.filter(policy__in=found, state__in=OPEN).order_by("pk")
    }
    rule_of = verification_rules({p.patient.site_id for p in found}, today)
    due = []
    for policy in found:
        zone = ZoneInfo(policy.patient.site.zone)
        heard: Any = policy.verified_at
        verified_on = heard.astimezone(zone).date() if heard is not None else None
        next_one = rules.next_verification(
            verified_on, admitted[policy.patient_id], rule_of[policy.patient.site_id]
        )
        if next_one is not None and (next_one.on - today).days <= ahead:
            due.append(
                DueAgain(
                    policy=policy,
                    verified_on=verified_on,
                    due=next_one,
                    overdue_days=(today - next_one.on).days,
                    open=awaited.get(policy.pk),
                    objection=objection_to_asking(policy.patient.site, policy.payer),
                )
            )
    return sorted(due, key=lambda one: (one.due.on, one.policy.pk))


def verification_rules(site_ids: Iterable[int], today: date) -> dict[int, rules.Reverify]:
    """The rule in force on that day at each of the sites."""
    usual = rules.load_asking().reverify
    found: dict[int, rules.Reverify] = defaultdict(lambda: usual)
    for row in VerificationRule.objects.filter(site_id__in=list(site_ids), starts_on__lte=today).order_by(
        "starts_on"
    ):
        found[row.site_id] = rules.Reverify(every_days=row.every_days, at_month_start=row.at_month_start)
    return found


def to_send(at: datetime) -> list[int]:
    """Ids of questions whose time to be sent has come: for the worker."""
    rows = EligibilityRequest.objects.filter(state=QuestionState.QUEUED, next_try_at__lte=at)
    return list(rows.order_by("next_try_at", "pk").values_list("pk", flat=True)[:100])


def answers_are_awaited() -> bool:
    """Whether any question was sent and not answered: for the worker."""
    return EligibilityRequest.objects.filter(state=QuestionState.SENT).exists()


def _of_sites(by: Actor) -> QuerySet[EligibilityRequest]:
    return requests_for(by).filter(site_id__in=by.sites_with(Permission.COVERAGE_RECORD))


def _alike(row: EligibilityRequest, person: Mapping[str, Any]) -> bool:
    same_day = person.get("birth_date") == row.birth_date.isoformat()
    return same_day or str(person.get("family_name", "")).casefold() == row.family_name.casefold()
