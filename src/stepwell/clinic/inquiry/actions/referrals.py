"""What came of a warm referral: asked on the day that was planned, and asked again while nobody is reached."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.models import ReferralFollowUp
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


@transaction.atomic
def record_follow_up(
    *, by: Actor, at: datetime, follow_up: ReferralFollowUp, outcome: str, note: str = ""
) -> ReferralFollowUp:
    """Write down whether the person arrived there. Somebody not reached is asked again, until the tries are used up.

    Answers with the follow-up that was settled. Raises `Refused` when that was done already.
    """
    locked = (
        ReferralFollowUp.objects.select_for_update(of=("self",))
        .select_related("referral__inquiry__site", "who")
        .get(pk=follow_up.pk)
    )
    inquiry = locked.referral.inquiry
    policies.may_work(by, inquiry)
    if locked.done_at is not None:
        raise Refused("Somebody wrote down a moment ago what came of it. Look again; nothing was saved.")
    if outcome not in {one.value for one in rules.ReferralOutcome}:
        raise Refused(
            "Say whether the person arrived there, did not go, or was not reached. Nothing was saved."
        )
    came = rules.ReferralOutcome(outcome)
    locked.done_at, locked.done_by_id = at, by.staff_id
    locked.outcome, locked.note = came.value, note.strip()
    locked.save(update_fields=["done_at", "done_by", "outcome", "note"])
    tries = locked.referral.follow_ups.filter(done_at__isnull=False).count()
    again = rules.asked_again_on(came, tries, site_day(inquiry.site, at), rules.load_follow_up_rule())
    if again is not None:
        ReferralFollowUp.objects.create(referral=locked.referral, due_on=again, who=locked.who, planned_at=at)
    announce(f"inquiries:{inquiry.site_id}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.follow_up",
        subject=f"ReferralFollowUp {locked.pk}",
        patient_id=inquiry.patient_id,
        detail={"outcome": came.value, "again": again is not None},
    )
    return locked
