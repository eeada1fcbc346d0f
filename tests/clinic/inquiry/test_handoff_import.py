"""A hand-off becomes an inquiry once; a person decides what of it is taken up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor, stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.inquiry.actions import (
    accept_person,
    book_intake,
    decide_item,
    decide_items,
    import_handoff,
)
from stepwell.clinic.inquiry.handoff.reading import read_handoff
from stepwell.clinic.inquiry.models import Handoff, HandoffItem, Inquiry
from stepwell.clinic.inquiry.queries import accepted_items, alike, handoff_for, handoffs_for, items_of
from stepwell.clinic.people.models import Patient, Reservation, Site
from stepwell.clinic.refusal import Denied, Refused
from tests.handoff_bundles import as_bytes, bundle, real_files, whole_bundle
from tests.handoff_bundles import patient as patient_of
from tests.making import NOW, actor, make_patient, make_room, make_site, make_staff


@pytest.fixture
def admissions(site: Site) -> Actor:
    return actor(make_staff(site, Role.ADMISSIONS, name="Rosa Lim"))


@pytest.fixture
def handoff(site: Site, admissions: Actor) -> Handoff:
    """The small bundle with one of everything, imported."""
    return taken_in(site, admissions)


def taken_in(site: Site, by: Actor, tree: dict[str, Any] | None = None) -> Handoff:
    read = read_handoff(as_bytes(tree or whole_bundle()))
    return import_handoff(by=by, at=NOW, site=site, handoff=read).inquiry.handoff


def item(handoff: Handoff, resource_id: str) -> HandoffItem:
    return handoff.items.get(
        resource_id=resource_id, kind__in=["problem", "medication", "allergy", "coverage"]
    )


def everything() -> list[int]:
    return [model.objects.count() for model in (Inquiry, Handoff, HandoffItem, Patient, Entry)]


def test_a_hand_off_makes_an_inquiry_that_says_who_sent_whom(handoff: Handoff):
    inquiry = handoff.inquiry
    assert (inquiry.source, inquiry.referred_by, inquiry.name) == (
        "handoff",
        "River Hospital",
        "Ana Luísa Nakamura",
    )
    assert (inquiry.birth_date, inquiry.phone, inquiry.email) == (
        date(1988, 2, 29),
        "555-0100",
        "ana@example.org",
    )
    assert (inquiry.insurance, inquiry.received_at, inquiry.patient) == (
        "State Medicaid, Medicaid",
        NOW,
        None,
    )


def test_nobody_may_be_called_because_a_hospital_sent_a_number(handoff: Handoff):
    inquiry = handoff.inquiry
    assert (inquiry.may_call, inquiry.may_text, inquiry.may_voicemail, inquiry.may_email) == (False,) * 4


def test_every_fact_waits_for_a_decision_and_keeps_its_source(handoff: Handoff, admissions: Actor):
    rows = items_of(handoff_for(admissions, handoff.inquiry.code))
    assert [(r.kind, r.place, r.decision, r.part2) for r in rows] == [
        ("person", "entry[0].resource", "pending", False),
        ("contact", "entry[0].resource.contact[0]", "pending", False),
        ("encounter", "entry[3].resource", "pending", True),
        ("problem", "entry[4].resource", "pending", True),
        ("problem", "entry[5].resource", "pending", True),
        ("problem", "entry[6].resource", "pending", False),
        ("medication", "entry[7].resource", "pending", False),
        ("medication", "entry[8].resource", "pending", True),
        ("allergy", "entry[9].resource", "pending", False),
        ("coverage", "entry[10].resource", "pending", False),
        ("contact", "entry[11].resource", "pending", False),
    ]
    assert handoff.skipped[0] == {
        "type": "Observation",
        "count": 1,
        "why": "Measurements and test results are not taken; the clinic makes its own.",
    }


def test_an_import_is_one_entry_in_the_trail_without_a_name_in_it(site: Site, admissions: Actor):
    before = Entry.objects.count()
    handoff = taken_in(site, admissions)
    entry = Entry.objects.latest("seq")
    assert Entry.objects.count() == before + 1
    assert (entry.action, entry.subject) == ("inquiry.import_handoff", f"Inquiry {handoff.inquiry_id}")
    assert (entry.detail["items"], entry.detail["content_key"]) == (11, handoff.content_key)
    assert "Nakamura" not in str(entry.detail)


def test_the_same_content_again_changes_nothing(site: Site, admissions: Actor):
    first = import_handoff(by=admissions, at=NOW, site=site, handoff=read_handoff(as_bytes(whole_bundle())))
    decide_items(
        by=admissions,
        at=NOW,
        handoff=first.inquiry.handoff,
        items=[first.inquiry.handoff.items.last().pk],
        accept=True,
    )
    before = everything()
    again = b"\xef\xbb\xbf" + as_bytes(whole_bundle()) + b"\n"
    second = import_handoff(by=admissions, at=NOW + timedelta(days=1), site=site, handoff=read_handoff(again))
    assert (first.created, second.created) == (True, False)
    assert second.inquiry == first.inquiry
    assert everything() == before
    assert first.inquiry.handoff.items.filter(decision="accepted").count() == 1


def test_the_database_refuses_a_second_hand_off_of_the_same_content(handoff: Handoff):
    other = Inquiry.objects.create(
        code="OTHER2", site=handoff.inquiry.site, source="handoff", name="Ana", received_at=NOW
    )
    with pytest.raises(IntegrityError, match="content_key"), transaction.atomic():
        Handoff.objects.create(
            content_key=handoff.content_key, inquiry=other, person={}, imported_at=NOW, imported_by="x"
        )


def test_a_person_without_the_role_imports_nothing(site: Site):
    nurse = actor(make_staff(site, Role.NURSE))
    before = everything()
    with pytest.raises(Denied, match="answer an inquiry"):
        taken_in(site, nurse)
    assert everything() == before


def test_the_command_itself_may_import(site: Site):
    assert taken_in(site, stepwell_itself()).imported_by == "Stepwell"


def test_another_sites_staff_do_not_find_it(handoff: Handoff):
    stranger = actor(make_staff(make_site("Elsewhere"), Role.ADMISSIONS))
    assert list(handoffs_for(stranger)) == []
    with pytest.raises(Handoff.DoesNotExist):
        handoff_for(stranger, handoff.inquiry.code)


# -- deciding ---------------------------------------------------------------------------------------


def test_an_accepted_fact_waits_for_later_steps_once_the_person_is_a_patient(
    handoff: Handoff, admissions: Actor
):
    wanted = [item(handoff, "c1"), item(handoff, "m2"), item(handoff, "v")]
    decide_items(by=admissions, at=NOW, handoff=handoff, items=[w.pk for w in wanted], accept=True)
    decide_item(
        by=admissions, at=NOW, item=item(handoff, "m1"), accept=False, because="stopped in the hospital"
    )
    ana = accept_person(by=admissions, at=NOW, handoff=handoff)
    assert [i.display for i in accepted_items(ana, "medication")] == [
        "acamprosate 333 MG Delayed Release Oral Tablet"
    ]
    assert {i.kind for i in accepted_items(ana)} == {"problem", "medication", "coverage"}
    rejected = item(handoff, "m1")
    assert (rejected.decision, rejected.because, rejected.decided_by_id) == (
        "rejected",
        "stopped in the hospital",
        admissions.staff_id,
    )


def test_a_decision_is_one_entry_in_the_trail_however_many_facts_it_is_about(
    handoff: Handoff, admissions: Actor
):
    ids = list(handoff.items.exclude(kind="person").values_list("pk", flat=True))
    before = Entry.objects.count()
    assert decide_items(by=admissions, at=NOW, handoff=handoff, items=ids, accept=True) == 10
    entry = Entry.objects.latest("seq")
    assert Entry.objects.count() == before + 1
    assert (entry.action, entry.detail) == (
        "inquiry.decide_handoff",
        {"decision": "accepted", "items": sorted(ids)},
    )


def test_the_same_decision_twice_changes_nothing(handoff: Handoff, admissions: Actor):
    fact = item(handoff, "c1")
    decide_item(by=admissions, at=NOW, item=fact, accept=True)
    before = everything()
    assert decide_items(by=admissions, at=NOW, handoff=handoff, items=[fact.pk], accept=True) == 0
    assert everything() == before


def test_a_decision_is_turned_round_only_with_a_reason(handoff: Handoff, admissions: Actor):
    fact = decide_item(by=admissions, at=NOW, item=item(handoff, "c1"), accept=True)
    with pytest.raises(Refused, match="Say why it is now to be rejected"):
        decide_item(by=admissions, at=NOW, item=fact, accept=False)
    fact = decide_item(by=admissions, at=NOW, item=fact, accept=False, because="wrong patient's problem")
    assert (fact.decision, fact.because) == ("rejected", "wrong patient's problem")


def test_a_fact_of_another_hand_off_is_refused_and_nothing_is_saved(
    site: Site, handoff: Handoff, admissions: Actor
):
    other = taken_in(site, admissions, bundle(patient_of(id="q")))
    with pytest.raises(Refused, match="is not part of this hand-off"):
        decide_items(
            by=admissions,
            at=NOW,
            handoff=handoff,
            items=[item(handoff, "c1").pk, other.items.get().pk],
            accept=True,
        )
    assert item(handoff, "c1").decision == "pending"


def test_a_person_without_the_role_decides_nothing(site: Site, handoff: Handoff):
    biller = actor(make_staff(site, Role.BILLER))
    with pytest.raises(Denied):
        decide_item(by=biller, at=NOW, item=item(handoff, "c1"), accept=True)


# -- the person -------------------------------------------------------------------------------------


def test_accepting_the_person_makes_a_record_that_gives_no_leave_to_call(handoff: Handoff, admissions: Actor):
    ana = accept_person(by=admissions, at=NOW, handoff=handoff)
    assert (ana.given_name, ana.family_name, ana.birth_date) == ("Ana Luísa", "Nakamura", date(1988, 2, 29))
    assert (ana.phone, ana.email, ana.may_call, ana.may_text) == ("555-0100", "ana@example.org", False, False)
    handoff.inquiry.refresh_from_db()
    assert handoff.inquiry.patient == ana
    assert handoff.items.get(kind="person").decision == "accepted"


def test_the_intake_that_was_booked_before_becomes_the_patients_own(handoff: Handoff, admissions: Actor):
    site = handoff.inquiry.site
    intake = book_intake(
        by=admissions, at=NOW, inquiry=handoff.inquiry, staff=make_staff(site, Role.COUNSELOR),
        room=make_room(site), starts=NOW + timedelta(days=1), minutes=60,
    )  # fmt: skip
    ana = accept_person(by=admissions, at=NOW, handoff=handoff)
    intake.refresh_from_db()
    assert intake.patient == ana
    held = Reservation.objects.get(patient=ana, released_at=None)
    assert (held.during.lower, held.subject_id) == (intake.starts, intake.pk)


def test_accepting_the_person_twice_makes_one_record(handoff: Handoff, admissions: Actor):
    first = accept_person(by=admissions, at=NOW, handoff=handoff)
    assert accept_person(by=admissions, at=NOW, handoff=handoff) == first
    assert Patient.objects.count() == 1


def test_a_record_that_looks_like_the_person_is_shown_before_a_second_one_is_made(
    site: Site, handoff: Handoff, admissions: Actor
):
    known = make_patient(site, "Ana", "Nakamura", birth_date=date(1988, 2, 29), phone="555-0100")
    assert [found.patient for found in alike(admissions, handoff)] == [known]
    with pytest.raises(Refused, match="A patient on file looks like this person"):
        accept_person(by=admissions, at=NOW, handoff=handoff)
    assert accept_person(by=admissions, at=NOW, handoff=handoff, existing=known) == known
    assert Patient.objects.count() == 1


def test_somebody_who_looked_may_say_that_it_is_another_person(
    site: Site, handoff: Handoff, admissions: Actor
):
    known = make_patient(site, "Ana", "Nakamura", birth_date=date(1988, 2, 29))
    made = accept_person(by=admissions, at=NOW, handoff=handoff, another_person=True, because="a cousin")
    assert made != known


def test_a_hand_off_is_not_moved_to_another_patient(site: Site, handoff: Handoff, admissions: Actor):
    accept_person(by=admissions, at=NOW, handoff=handoff)
    other = make_patient(site, "Li", "Wen")
    with pytest.raises(Refused, match="already belongs to Ana Luísa Nakamura"):
        accept_person(by=admissions, at=NOW, handoff=handoff, existing=other)


def test_a_patient_of_another_site_is_not_chosen(handoff: Handoff, admissions: Actor):
    stranger = make_patient(make_site("Elsewhere"), "Ana", "Nakamura")
    with pytest.raises(Refused, match="belongs to another site"):
        accept_person(by=admissions, at=NOW, handoff=handoff, existing=stranger)


@pytest.mark.parametrize(
    "facts",
    [{"birthDate": "1988"}, {"name": [{"text": "Ana"}]}, {"name": [{"family": "N" * 120, "given": ["A"]}]}],
)
def test_a_person_who_cannot_be_filed_is_registered_by_hand(
    site: Site, admissions: Actor, facts: dict[str, Any]
):
    handoff = taken_in(site, admissions, bundle(patient_of(**facts)))
    with pytest.raises(Refused, match="Register the person by hand"):
        accept_person(by=admissions, at=NOW, handoff=handoff)
    assert Patient.objects.count() == 0


def test_the_person_is_not_accepted_like_any_other_fact(handoff: Handoff, admissions: Actor):
    with pytest.raises(Refused, match="make a new record of this person or to use one on file"):
        decide_item(by=admissions, at=NOW, item=handoff.items.get(kind="person"), accept=True)


# -- files that nobody here wrote -------------------------------------------------------------------

FILES = real_files()


@pytest.mark.skipif(
    not FILES, reason="the folder of real hand-off files is absent (set STEPWELL_SHARED_DATA)"
)
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.split("_")[0])
def test_a_real_file_is_imported_once_and_all_of_it_fits(site: Site, admissions: Actor, path):
    read = read_handoff(path.read_bytes())
    result = import_handoff(by=admissions, at=NOW, site=site, handoff=read)
    assert result.inquiry.handoff.items.count() == 1 + len(read.items)
    assert result.inquiry.handoff.items.filter(part2=True).count() == sum(i.part2 for i in read.items)
    before = everything()
    assert not import_handoff(by=admissions, at=NOW, site=site, handoff=read).created
    assert everything() == before
