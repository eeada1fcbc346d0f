"""Reading hand-offs: the one of an inquiry, who on file looks like its person, what was accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.inquiry.models import Handoff, HandoffItem
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.people.rules.likeness import Match, PersonFacts, phone_digits, probable_duplicates

PERSON = "person"


@dataclass(frozen=True)
class Alike:
    """A record on file that may be the same person, with what speaks for and against it."""

    patient: Patient
    match: Match


def handoffs_for(by: Actor) -> QuerySet[Handoff]:
    """Hand-offs of the sites where `by` may see inquiries, with how many facts wait for a decision."""
    return Handoff.objects.filter(inquiry__site_id__in=by.sites_with(Permission.INQUIRY_READ)).annotate(
        to_decide=Count("items", filter=Q(items__decision="pending")), facts=Count("items")
    )


def handoffs_waiting(by: Actor) -> QuerySet[Handoff]:
    """Hand-offs with a fact that nobody has decided about: the count beside 'Hand-offs'."""
    undecided = HandoffItem.objects.filter(handoff=OuterRef("pk"), decision="pending")
    return Handoff.objects.filter(
        Exists(undecided), inquiry__site_id__in=by.sites_with(Permission.INQUIRY_READ)
    )


def handoff_for(by: Actor, inquiry_code: str) -> Handoff:
    """The hand-off of one inquiry. Raises `Handoff.DoesNotExist` for another site's and a missing one alike."""
    found: Handoff = (
        handoffs_for(by)
        .select_related("inquiry__site", "inquiry__patient")
        .get(inquiry__code=inquiry_code.upper())
    )
    return found


def items_of(handoff: Handoff) -> list[HandoffItem]:
    """All facts of a hand-off that was found for the person asking: the person first, then as in the file."""
    rows = handoff.items.select_related("decided_by").order_by("pk")
    return sorted(rows, key=lambda row: row.kind != PERSON)


def alike(by: Actor, handoff: Handoff) -> list[Alike]:
    """Records that `by` may see and that look like the hand-off's person, most alike first."""
    person = handoff.person
    born, phone = handoff.inquiry.birth_date, handoff.inquiry.phone
    new = PersonFacts(
        given_name=person.get("given", ""),
        family_name=person.get("family", ""),
        preferred_name=person.get("preferred_name", ""),
        birth_date=born,
        phone=phone,
        email=handoff.inquiry.email,
    )
    near = Q(family_name__iexact=new.family_name)
    if born:
        near |= Q(birth_date=born)
    if phone_digits(phone):
        near |= Q(phone_digits=phone_digits(phone)[-10:])
    on_file = {row.pk: row for row in _visible(by).filter(near)[:500]}
    found = probable_duplicates(new, [(pk, _facts(row)) for pk, row in on_file.items()])
    return [Alike(on_file[int(key)], match) for key, match in found]


def accepted_items(patient: Patient, *kinds: str) -> QuerySet[HandoffItem]:
    """What a person accepted of this patient's hand-offs, for the later steps that take it up.

    `kinds` are problem, medication, allergy, encounter, coverage or contact; none for all. The caller has
    asked whether the record may be seen; rows with `part2` are substance-use data.
    """
    rows = HandoffItem.objects.filter(handoff__inquiry__patient=patient, decision="accepted").exclude(
        kind=PERSON
    )
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return rows.select_related("handoff").order_by("-starts", "pk")


def known_handoff(content_key: str) -> Handoff | None:
    """The hand-off with that content, when it was imported before."""
    return Handoff.objects.filter(content_key=content_key).select_related("inquiry").first()


def _visible(by: Actor) -> Any:
    return Patient.objects.all() if by.is_system else patients_for(by, Permission.PEOPLE_READ)


def _facts(row: Patient) -> PersonFacts:
    born: date = row.birth_date
    return PersonFacts(
        given_name=row.given_name,
        family_name=row.family_name,
        preferred_name=row.preferred_name,
        birth_date=born,
        phone=row.phone,
        email=row.email,
    )
