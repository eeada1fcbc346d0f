"""A hand-off comes in, and a person decides what of it is taken up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.inquiry.actions.registering import _hold_patient
from stepwell.clinic.inquiry.handoff.items import Item
from stepwell.clinic.inquiry.handoff.person import PersonRead
from stepwell.clinic.inquiry.handoff.reading import Handoff as HandoffRead
from stepwell.clinic.inquiry.handoff.reading import Skipped
from stepwell.clinic.inquiry.models import Handoff, HandoffItem, Inquiry
from stepwell.clinic.inquiry.queries.handoffs import PERSON, alike, known_handoff
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Refused

ACCEPTED, PENDING, REJECTED = "accepted", "pending", "rejected"


@dataclass(frozen=True)
class ImportResult:
    """The inquiry of the hand-off; `created` is False when it was here already and nothing changed.

    `taken` counts the items by kind as they are stored, `skipped` lists the records that were not taken.
    """

    inquiry: Inquiry
    created: bool
    taken: dict[str, int]
    skipped: tuple[Skipped, ...]


@transaction.atomic
def import_handoff(*, by: Actor, at: datetime, site: Site, handoff: HandoffRead) -> ImportResult:
    """Make an inquiry of a hand-off that was read; every fact waits for a person's decision.

    The same content a second time, at the same moment too, changes nothing and answers with the inquiry
    that it made the first time. Raises `Denied` without the role at `site`.
    """
    need(by, Permission.INQUIRY_WORK, site_id=site.pk)
    taken = dict(Counter(str(item.kind) for item in handoff.items))
    known = known_handoff(handoff.content_key)
    if known is None:
        try:
            with transaction.atomic():
                return ImportResult(_write(by, at, site, handoff), True, taken, handoff.skipped)
        except IntegrityError:
            # Somebody else brought the same file in between; anything but that is a fault.
            known = known_handoff(handoff.content_key)
            if known is None:
                raise
    return ImportResult(known.inquiry, False, taken, handoff.skipped)


@transaction.atomic
def decide_items(
    *, by: Actor, at: datetime, handoff: Handoff, items: Sequence[int], accept: bool, because: str = ""
) -> int:
    """Accept or reject facts of one hand-off, by their ids; returns how many of them changed.

    A decision can be turned round, with a reason; the trail keeps both. Whose record it is to be is decided
    by `accept_person`. Raises `Refused` for an id of another hand-off, a missing reason, or a person already
    made a patient.
    """
    need(by, Permission.INQUIRY_WORK, site_id=handoff.inquiry.site_id)
    wanted = set(items)
    rows = list(handoff.items.select_for_update().filter(pk__in=wanted).order_by("pk"))
    if len(rows) != len(wanted):
        raise Refused("One of these facts is not part of this hand-off. Reload the page; nothing was saved.")
    decision = ACCEPTED if accept else REJECTED
    changed = [row for row in rows if row.decision != decision]
    for row in changed:
        if row.kind == PERSON:
            _check_person_decision(handoff, accept)
        if row.decision != PENDING and not because.strip():
            raise Refused(
                f"“{row.display}” was already {row.decision}. Say why it is now to be {decision}; nothing was saved."
            )
    _mark(by, at, changed, decision, because)
    if changed:
        _record(by, at, handoff, "inquiry.decide_handoff", changed, decision)
    return len(changed)


@transaction.atomic
def decide_item(
    *, by: Actor, at: datetime, item: HandoffItem, accept: bool, because: str = ""
) -> HandoffItem:
    """Accept or reject one fact; see `decide_items`."""
    decide_items(by=by, at=at, handoff=item.handoff, items=[item.pk], accept=accept, because=because)
    item.refresh_from_db()
    return item


@transaction.atomic
def accept_person(
    *,
    by: Actor,
    at: datetime,
    handoff: Handoff,
    existing: Patient | None = None,
    another_person: bool = False,
    because: str = "",
) -> Patient:
    """Tie the hand-off to a patient: to `existing`, or to a new record made of what the file says.

    A new record is refused while a record on file looks like the same person, unless somebody has looked and
    says that it is `another_person`. Doing it again answers with the same patient. Raises `Refused`.
    """
    inquiry = (
        Inquiry.objects.select_for_update(of=("self",))
        .select_related("site", "patient")
        .get(pk=handoff.inquiry_id)
    )
    need(by, Permission.INQUIRY_WORK, site_id=inquiry.site_id)
    if inquiry.patient is not None:
        if existing is not None and existing.pk != inquiry.patient.pk:
            raise Refused(
                f"This hand-off already belongs to {inquiry.patient.full_name}. Nothing was changed; "
                "ask the program director if that is the wrong person."
            )
        return inquiry.patient
    row = handoff.items.select_for_update().get(kind=PERSON)
    patient = existing
    if patient is None:
        if not another_person and alike(by, handoff):
            raise Refused(
                "A patient on file looks like this person. Look at the record, then choose it or say that this is "
                "another person; nothing was saved."
            )
        patient = _registered(by, at, inquiry.site, handoff)
    elif patient.site_id != inquiry.site_id:
        raise Refused("This patient belongs to another site. Ask the program director; nothing was saved.")
    inquiry.patient = patient
    inquiry.save(update_fields=["patient"])
    _hold_patient(inquiry, patient, at)
    announce(f"inquiries:{inquiry.site_id}")
    _mark(by, at, [row], ACCEPTED, because)
    _record(by, at, handoff, "inquiry.accept_person", [row], ACCEPTED, patient_id=patient.pk)
    return patient


def _write(by: Actor, at: datetime, site: Site, read: HandoffRead) -> Inquiry:
    person, source = read.patient, read.source
    inquiry = Inquiry.objects.create(
        code=people.new_code(),
        site=site,
        source=Inquiry.Source.HANDOFF,
        referred_by=(source.organization or source.system)[:200],
        name=person.name,
        birth_date=_day(person),
        phone=_first([p for p in person.phones if len(p) <= 40]),
        email=_first([e for e in person.emails if _is_email(e)]),
        asking_for="professional",
        about=" ".join(read.remarks),
        insurance=", ".join(dict.fromkeys(i.display for i in read.items if i.kind == "coverage"))[:200],
        language=_language(person),
        received_at=at,
    )
    row = Handoff.objects.create(
        content_key=read.content_key,
        inquiry=inquiry,
        source=(source.organization or source.system)[:200],
        person=_person(read),
        skipped=[
            {"type": s.resource_type, "count": s.count, "why": s.why}
            for s in (*read.skipped, *read.skipped_fields)
        ],
        imported_at=at,
        imported_by=by.name[:160],
    )
    facts = [_person_row(row, person), *(_row(row, item) for item in read.items)]
    HandoffItem.objects.bulk_create(facts)
    announce(f"inquiries:{site.pk}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.import_handoff",
        subject=f"Inquiry {inquiry.pk}",
        detail={"content_key": read.content_key, "sha256": read.sha256, "items": len(facts)},
    )
    return inquiry


def _person(read: HandoffRead) -> dict[str, Any]:
    """The patient and the sender as the file has them, and what somebody must see first."""
    person, source = read.patient, read.source
    found: dict[str, Any] = {
        "given": person.given,
        "family": person.family,
        "preferred_name": person.preferred_name,
        "other_names": list(person.other_names),
        "birth_date": person.birth_date.text if person.birth_date else "",
        "gender": person.gender,
        "phones": list(person.phones),
        "emails": list(person.emails),
        "address": person.address.text if person.address else "",
        "language": person.language,
        "language_name": person.language_name,
        "marital": person.marital,
        "record_number": person.record_number,
        "deceased": person.deceased,
    }
    return {
        **{key: value for key, value in found.items() if value},
        "place": person.path,
        "remarks": list(read.remarks),
        "sender": {
            "organization": source.organization,
            "phone": source.phone,
            "system": source.system,
            "when": source.when,
        },
    }


def _person_row(handoff: Handoff, person: PersonRead) -> HandoffItem:
    born = f", born {person.birth_date.text}" if person.birth_date else ""
    return HandoffItem(
        handoff=handoff,
        kind=PERSON,
        resource_type="Patient",
        resource_id=person.resource_id,
        place=person.path,
        display=f"{person.name}{born}",
    )


def _row(handoff: Handoff, item: Item) -> HandoffItem:
    return HandoffItem(
        handoff=handoff,
        kind=str(item.kind),
        resource_type=item.resource_type,
        resource_id=item.resource_id,
        place=item.path,
        display=item.display,
        system=item.system,
        code=item.code,
        status=item.status,
        starts=item.starts,
        ends=item.ends,
        detail=item.detail,
        part2=item.part2,
        labels=list(item.labels),
    )


def _registered(by: Actor, at: datetime, site: Site, handoff: Handoff) -> Patient:
    """A new record. Nothing of it says how the person may be reached: nobody has asked yet."""
    facts = handoff.person
    given, family, born = facts.get("given", ""), facts.get("family", ""), handoff.inquiry.birth_date
    if not (given and family and born) or max(len(given), len(family)) > 100:
        raise Refused(
            "The file does not have given name, family name and full date of birth in a form that can be filed. "
            "Register the person by hand and choose that record here; nothing was saved."
        )
    return people.register_patient(
        by=by,
        at=at,
        site=site,
        given_name=given,
        family_name=family,
        birth_date=born,
        facts={
            "preferred_name": facts.get("preferred_name", "")[:100],
            "phone": handoff.inquiry.phone,
            "email": handoff.inquiry.email,
            "address": facts.get("address", ""),
            "language": handoff.inquiry.language,
        },
    )


def _check_person_decision(handoff: Handoff, accept: bool) -> None:
    if accept:
        raise Refused(
            "Choose whether to make a new record of this person or to use one on file; nothing was saved."
        )
    if handoff.inquiry.patient_id is not None:
        raise Refused(
            "A patient's record is already tied to this hand-off, so the person cannot be rejected."
        )


def _mark(by: Actor, at: datetime, rows: Sequence[HandoffItem], decision: str, because: str) -> None:
    for row in rows:
        row.decision, row.decided_at, row.decided_by_id = decision, at, by.staff_id
        row.because = because.strip()[:200]
    HandoffItem.objects.bulk_update(rows, ["decision", "decided_at", "decided_by", "because"])


def _record(
    by: Actor,
    at: datetime,
    handoff: Handoff,
    action: str,
    rows: Sequence[HandoffItem],
    decision: str,
    *,
    patient_id: int | None = None,
) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"Handoff {handoff.pk}",
        patient_id=patient_id or handoff.inquiry.patient_id,
        detail={"decision": decision, "items": [row.pk for row in rows]},
    )


def _day(person: PersonRead) -> date | None:
    """The day of birth; a file that has only the year has none."""
    return person.birth_date.first_day if person.birth_date and person.birth_date.is_day else None


def _language(person: PersonRead) -> str:
    return (person.language.split("-")[0] or "en")[:20]


def _first(found: Sequence[str]) -> str:
    return found[0] if found else ""


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254
