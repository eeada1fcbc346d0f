"""What staff do about an inquiry: answer, try again, refer elsewhere, close, open again; danger comes first."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.actions.letting_go import _end_packets, _let_go
from stepwell.clinic.inquiry.actions.story import _happens, _locked, _recorded
from stepwell.clinic.inquiry.models import (
    Inquiry,
    InquiryEvent,
    InquiryEventKind,
    IntakeAppointment,
    ReferralFollowUp,
)
from stepwell.clinic.inquiry.queries.inquiries import standing_of
from stepwell.clinic.people.models import Staff
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


@transaction.atomic
def act_on_danger(*, by: Actor, at: datetime, inquiry: Inquiry, note: str) -> InquiryEvent:
    """What was done about danger to life, in words; only then goes everything else on. Raises `Refused` for blanks."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    if not note.strip():
        raise Refused("Write down what was done about the danger, and who knows of it; nothing was saved.")
    event = _happens(by, at, row, InquiryEventKind.SAFETY, note=note)
    return _recorded(by, at, row, event, "act_on_danger")


@transaction.atomic
def answer_inquiry(*, by: Actor, at: datetime, inquiry: Inquiry, note: str = "") -> InquiryEvent:
    """Somebody spoke with the person: the clock of the answer stops."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    return _recorded(by, at, row, _happens(by, at, row, InquiryEventKind.ANSWERED, note=note), "answer")


@transaction.atomic
def log_attempt(*, by: Actor, at: datetime, inquiry: Inquiry, how: str, note: str = "") -> InquiryEvent:
    """Tried by call, voicemail, text or email and not reached; the person still waits."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    if how not in ("call", "voicemail", "text", "email"):
        raise Refused("Say how the person was tried: call, voicemail, text or e-mail. Nothing was saved.")
    event = _happens(by, at, row, InquiryEventKind.ATTEMPTED, reason=how, note=note)
    return _recorded(by, at, row, event, "attempt", {"how": how})


@transaction.atomic
def screen_out(
    *,
    by: Actor,
    at: datetime,
    inquiry: Inquiry,
    reason: str,
    referred_to: str,
    contact: str = "",
    note: str = "",
    follow_up_on: date | None = None,
    follow_up_by: Staff | None = None,
) -> InquiryEvent:
    """A warm referral: why not here, where to, and who there expects the person. Frees a booked intake.

    A warm one is followed up: on `follow_up_on`, or on the rule's day, by `follow_up_by` or by anybody who
    answers inquiries; until then it stands in the queue. Raises `Refused` while any of that is missing.
    """
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    gaps = rules.screen_out_gaps(reason, referred_to, contact)
    if gaps:
        raise Refused(f"{' '.join(gaps)} Nothing was saved.")
    due_on = _follow_up_day(row, at, reason, follow_up_on, follow_up_by)
    event = _happens(
        by,
        at,
        row,
        InquiryEventKind.SCREENED_OUT,
        reason=reason,
        referred_to=referred_to.strip()[:200],
        referral_contact=contact.strip()[:200],
        note=note,
    )
    for intake in IntakeAppointment.objects.select_for_update().filter(
        inquiry=row, cancelled_at=None, arrived_at=None
    ):
        _let_go(intake, at)
    if due_on is not None:
        ReferralFollowUp.objects.create(referral=event, due_on=due_on, who=follow_up_by, planned_at=at)
    _end_packets(by, at, row, "referred elsewhere")
    return _recorded(by, at, row, event, "screen_out", {"reason": reason})


@transaction.atomic
def close_inquiry(*, by: Actor, at: datetime, inquiry: Inquiry, reason: str, note: str = "") -> InquiryEvent:
    """It ends without a referral. As 'not reached' only after enough tries. Raises `Refused`."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    standing = standing_of(row)
    answered = standing.state is rules.InquiryState.ANSWERED
    if standing.open:
        gap = rules.closing_gap(reason, standing.attempts, answered, rules.load_intake_rule())
        if gap:
            raise Refused(gap)
    event = _happens(by, at, row, InquiryEventKind.CLOSED, reason=reason, note=note)
    _end_packets(by, at, row, "closed")
    return _recorded(by, at, row, event, "close", {"reason": reason})


@transaction.atomic
def reopen_inquiry(*, by: Actor, at: datetime, inquiry: Inquiry, note: str = "") -> InquiryEvent:
    """It waits for an answer again, from now on. An intake that is booked is cancelled instead."""
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    if IntakeAppointment.objects.filter(inquiry=row, cancelled_at=None, arrived_at=None).exists():
        raise Refused("An intake is booked; cancel the intake, and the inquiry is open again.")
    event = _happens(by, at, row, InquiryEventKind.REOPENED, note=note)
    return _recorded(by, at, row, event, "reopen")


def _follow_up_day(
    row: Inquiry, at: datetime, reason: str, wanted: date | None, who: Staff | None
) -> date | None:
    """The day of the first follow-up; None for a reason that is not warm and for which nobody wants one."""
    rule, today = rules.load_follow_up_rule(), site_day(row.site, at)
    if wanted is None:
        if not rules.load_screen_out_reasons()[reason].warm:
            return None
        wanted = today + timedelta(days=rule.first_after_days)
    fault = rules.follow_up_fault(wanted, today, rule)
    if fault:
        raise Refused(fault)
    if who is not None and who.site_id != row.site_id:
        raise Refused(f"{who.short_name} works at another site. Choose somebody else; nothing was saved.")
    return wanted
