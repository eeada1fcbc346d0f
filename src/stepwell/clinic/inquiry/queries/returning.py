"""Who asked before: earlier inquiries of the same person, with what came of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower

from stepwell.accounts.actor import Actor
from stepwell.clinic.inquiry import rules
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.inquiry.queries.inquiries import (
    _with_story,
    inquiries_for,
    person_asked_for,
    standing_of,
)
from stepwell.clinic.people.rules import folded


@dataclass(frozen=True)
class Earlier:
    """Another inquiry that looks like the same person's, where it stands, and what is the same."""

    row: Inquiry
    standing: rules.InquiryStanding
    same: tuple[str, ...]


def earlier_of(by: Actor, inquiry: Inquiry, *, limit: int = 10) -> list[Earlier]:
    """Other inquiries with the same phone, e-mail, name and date of birth, or record; newest first.

    Only of sites where `by` may see inquiries. Three queries however many there are.
    """
    person = person_asked_for(inquiry)
    name = f"{person.given_name} {person.family_name}".strip()
    near = Q(pk__in=[])
    if inquiry.email:
        near |= Q(low_email=inquiry.email.lower())
    if len(inquiry.phone_tail) >= 7:
        near |= Q(phone_tail=inquiry.phone_tail)
    if inquiry.birth_date:
        near |= Q(birth_date=inquiry.birth_date)
    if inquiry.patient_id:
        near |= Q(patient=inquiry.patient_id)
    if person.family_name:
        near |= Q(low_name=name.lower())
    rows = (
        _with_story(inquiries_for(by))
        .annotate(low_email=Lower("email"), low_name=Lower("name"))
        .filter(near)
        .exclude(pk=inquiry.pk)
        .order_by("-received_at", "-pk")[: limit * 4]
    )
    found = [Earlier(row, standing_of(row), _same(inquiry, row)) for row in rows]
    return [one for one in found if one.same][:limit]


def _same(one: Inquiry, other: Inquiry) -> tuple[str, ...]:
    """What both have in common, in words; empty when it is too little to speak of."""
    same = []
    if one.patient_id and one.patient_id == other.patient_id:
        same.append("same record")
    name = folded(one.name) == folded(other.name)
    born = one.birth_date is not None and one.birth_date == other.birth_date
    if name and one.asking_for == other.asking_for:
        same.append("same name")
    if born:
        same.append("same date of birth")
    if len(one.phone_tail) >= 7 and one.phone_tail == other.phone_tail:
        same.append("same phone")
    if one.email and one.email.lower() == other.email.lower():
        same.append("same e-mail")
    # A date of birth alone, or a name of one word alone, is shared by many people.
    alone = same in (["same date of birth"], ["same name"])
    if alone and not (name and len(one.name.split()) > 1):
        return ()
    return tuple(same)
