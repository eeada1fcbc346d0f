"""The move with all that belongs to it, in one transaction, and the packet that goes along."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.consent import rules as consent_rules
from stepwell.clinic.people.models import Staff
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.placement import queries as placement_queries
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.plan import actions as plan
from stepwell.clinic.plan.models import CareTeamMember
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import date_words
from stepwell.clinic.site_days import site_day
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Enrollment, TherapyGroup
from stepwell.clinic.transition import policies, queries, rules
from stepwell.clinic.transition.models import HandOverPacket


@transaction.atomic
def move(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    up: bool,
    to: str,
    because: str,
    override: str = "",
    override_note: str = "",
    order: Mapping[str, Any] | None = None,
    leave: Sequence[Enrollment] = (),
    join: Sequence[TherapyGroup] = (),
    joins_on: date | None = None,
    out_of_team: Sequence[CareTeamMember] = (),
    into_team: Sequence[tuple[Staff, str]] = (),
) -> Placement:
    """A step up or down with all that belongs to it: the new weekly order, the groups left and joined with their seats,
    who leaves and joins the care team. All of it happens or nothing.

    `order`: `minutes_per_week`, `days_least`, `days_most`, `doses`, `starts_on` as `plan.order_treatment`; None leaves
    what is ordered. `joins_on`: first day in the new groups, today at the site if None. What the payer must be asked
    follows by itself (`queries.moves_to_authorize`). Raises `Refused` and `Denied` of every step, and saves nothing then.
    """
    policies.may_hand_over(by, episode.site_id)
    step = placement.step_up if up else placement.step_down
    placed = step(
        by=by, at=at, episode=episode, to=to, because=because, override=override, override_note=override_note
    )
    today = site_day(episode.site, at)
    for enrollment in leave:
        _of_this_patient(enrollment.patient_id, episode)
        timetable.end_enrollment(
            by=by,
            at=at,
            enrollment=enrollment,
            last_on=today - timedelta(days=1),
            because=f"Moved to level {to}.",
        )
    if order is not None:
        plan.order_treatment(by=by, at=at, episode=episode, **order)
    for group in join:
        timetable.enroll(by=by, at=at, patient=episode.patient, group=group, starts_on=joins_on or today)
    for member in out_of_team:
        _of_this_patient(member.episode.patient_id, episode)
        plan.end_in_care_team(by=by, at=at, member=member)
    for staff, role in into_team:
        plan.add_to_care_team(by=by, at=at, episode=episode, staff=staff, role=role)
    trail.record(
        by=by,
        at=at,
        action="transition.move",
        subject=f"Placement {placed.pk}",
        patient_id=episode.patient_id,
        detail={
            "level": placed.level,
            "ordered": order["minutes_per_week"] if order else None,
            "left": [one.group_id for one in leave],
            "joined": [one.pk for one in join],
            "out_of_team": [one.staff_id for one in out_of_team],
            "into_team": [one.pk for one, _ in into_team],
        },
    )
    return placed


@transaction.atomic
def make_packet(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    once_key: str,
    recipient_key: str = "",
    recipient: str = "",
    contact: str = "",
    appointment_on: date | None = None,
) -> HandOverPacket:
    """What goes along at the newest move, kept as it was made, to be printed and exported.

    Without a recipient it is for the care team of this program. With one it holds only what the consents in force
    permit to them for treatment, and is entered into the accounting of disclosures. The same `once_key` a second time
    returns the first packet. Raises `Refused` when no consent permits anything, or for an appointment that cannot be.
    """
    staff_id = policies.may_hand_over(by, episode.site_id)
    locked = (
        Episode.objects.select_for_update(of=("self",))
        .select_related("patient__site", "site")
        .get(pk=episode.pk)
    )
    before = HandOverPacket.objects.filter(once_key=once_key).first()
    if before is not None:
        if before.episode_id != locked.pk:
            raise Refused("This form belongs to another packet; open the page again.")
        return before
    patient, today = locked.patient, site_day(locked.site, at)
    rules.may_be_on(appointment_on, today)
    if bool(recipient_key) != bool(recipient.strip()):
        raise Refused("Choose who receives the packet, and write their name; nobody else receives anything.")
    treating = recipient_key == queries.TREATING
    key = consent_rules.named_key(recipient) if treating else recipient_key
    its_class = queries.TREATING.removeprefix("class:") if treating else None
    allowed = (
        queries.permitted_to(by, patient, key, at=at, recipient_class=its_class) if recipient_key else None
    )
    if allowed is not None and not allowed:
        raise Refused(f"No consent permits anything to {recipient.strip()}; nothing was made.")
    permitted, _ = rules.given_and_withheld(None if allowed is None else {one.value for one in allowed})
    given = queries.readable_parts(by, patient, permitted)
    withheld = tuple(part.code for part in rules.parts() if part.code not in given)
    language = rules.packet_language(patient.language)
    parts = queries.parts_of(
        by,
        patient,
        given,
        at=at,
        consent_ids=None if allowed is None else frozenset(allowed.values()),
        language=language,
    )
    if "appointment" in given:
        parts["appointment"] = _appointment(contact.strip()[:300], appointment_on)
    notice = consent_rules.notice_for(today, consent_rules.NoticeLength.SHORT).text if recipient_key else ""
    content = {
        "language": language,
        "patient": {
            "name": patient.full_name,
            "given": patient.given_name,
            "family": patient.family_name,
            "birth_date": patient.birth_date.isoformat(),
            "born": date_words(patient.birth_date),
            "language": patient.language,
        },
        "program": {"name": locked.site.name},
        "recipient": {"key": key, "class": its_class or "", "name": recipient.strip()},
        "made": {
            "at": at.isoformat(),
            "on": date_words(at.astimezone(ZoneInfo(locked.site.zone)).date()),
            "by": by.name,
            "key": once_key,
        },
        "given": list(given),
        "withheld": list(withheld),
        "parts": parts,
        "notice": notice,
    }
    disclosure = None
    if allowed is not None:
        disclosure = consent.disclose(
            by=by,
            at=at,
            patient=patient,
            recipient_key=key,
            recipient=recipient.strip()[:200],
            recipient_class=its_class,
            purpose=consent_rules.Purpose.TREATMENT,
            information=frozenset(
                consent_rules.Category(category)
                for part in rules.parts()
                if part.code in given
                for category in part.categories
            ),
            what=f"Hand-over packet: {', '.join(given)}.",
        )
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    row = HandOverPacket.objects.create(
        episode=locked,
        placement=placement_queries.latest_placement(locked),
        recipient=recipient.strip()[:200],
        content=content,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        disclosure=disclosure,
        at=at,
        by_id=staff_id,
        once_key=once_key,
    )
    trail.record(
        by=by,
        at=at,
        action="transition.packet",
        subject=f"HandOverPacket {row.pk}",
        patient_id=patient.pk,
        detail={"given": list(given), "withheld": list(withheld), "disclosure": disclosure and disclosure.pk},
    )
    return row


def _appointment(contact: str, on: date | None) -> list[dict[str, Any]]:
    if not contact and on is None:
        return []
    said = ", ".join(word for word in (date_words(on) if on else "", contact) if word)
    return [{"text": said, "on": on.isoformat() if on else ""}]


def _of_this_patient(patient_id: int, episode: Episode) -> None:
    if patient_id != episode.patient_id:
        raise Refused("This belongs to another patient; nothing was saved.")
