"""Writes about people: the row, the entry in the trail, the refusal."""

from __future__ import annotations

from datetime import date, time, timedelta
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people import actions
from stepwell.clinic.people.models import (
    Credential,
    EmergencyContact,
    FamilyMember,
    Patient,
    Room,
    SiteHours,
    Staff,
    StaffRole,
)
from stepwell.clinic.people.queries import actor_of, duplicates_of, found
from stepwell.clinic.people.rules import PersonFacts, read_search
from stepwell.clinic.refusal import Denied, Refused
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff


def last_entry() -> tuple:
    entry = Entry.objects.latest("seq")
    return entry.action, entry.patient_id, entry.detail


def register(by, site, **facts):
    return actions.register_patient(
        **{
            "by": by, "at": NOW, "site": site, "given_name": " Ana ", "family_name": "Reyes",
            "birth_date": date(1990, 5, 4), **facts,
        }
    )  # fmt: skip


def test_a_record_is_made_with_a_code_that_says_nothing(by, site):
    patient = register(by, site, facts={"phone": "+1 (555) 010-0142 ext. 3"})
    assert (patient.given_name, patient.phone_digits, len(patient.code)) == ("Ana", "5550100142", 6)
    assert last_entry() == ("people.register", patient.pk, {})


@pytest.mark.parametrize("birth_date", [TODAY + timedelta(days=1), date(1899, 12, 31)])
def test_a_birth_date_that_cannot_be_is_refused(by, site, birth_date):
    with pytest.raises(Refused, match="Check the year; nothing was saved"):
        register(by, site, birth_date=birth_date)


def test_somebody_born_today_at_the_site_is_no_birth_ahead(by):
    tokyo = make_site("Tokyo", zone="Asia/Tokyo")
    clerk = actor(make_staff(tokyo, Role.ADMISSIONS))
    assert register(clerk, tokyo, birth_date=TODAY).birth_date == TODAY


def test_a_look_alike_that_nobody_looked_at_refuses_the_record(by, site):
    other = register(by, site)
    with pytest.raises(Refused, match="very like this is on file already"):
        register(by, site, others=())
    assert register(by, site, others=[other.pk]).pk != other.pk
    assert last_entry()[2] == {"not_the_same_as": [other.pk]}


def test_two_desks_registering_one_person_at_once_make_one_record(committed_database):
    site = make_site()
    clerks = [actor(make_staff(site, Role.ADMISSIONS)) for _ in range(4)]
    refused: list[str] = []

    def work(by) -> None:
        try:
            register(by, site, others=())
        except Refused as no:
            refused.append(no.sentence)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(by,)) for by in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Patient.objects.count(), len(refused)) == (1, 3)


def test_a_change_is_in_the_trail_by_its_columns_never_by_its_words(by, patient):
    actions.change_patient(
        by=by, at=NOW, patient=patient, facts={"preferred_name": "Annie", "phone": "555 0101"}
    )
    assert last_entry() == (
        "people.change",
        patient.pk,
        {"changed": ["phone", "phone_digits", "preferred_name"]},
    )
    assert "Annie" not in str(Entry.objects.latest("seq").detail)


def test_a_change_of_nothing_leaves_no_entry(by, patient):
    before = Entry.objects.count()
    actions.change_patient(by=by, at=NOW, patient=patient, facts={"given_name": patient.given_name})
    assert Entry.objects.count() == before


@pytest.mark.parametrize("role", [Role.BILLER, Role.NURSE, Role.SYSTEM_ADMIN, Role.COMPLIANCE])
def test_a_role_that_may_not_register_is_told_so(site, role):
    with pytest.raises(Denied, match="Ask the program director"):
        register(actor(make_staff(site, role)), site)


def test_nobody_registers_at_another_site(by):
    with pytest.raises(Denied):
        register(by, make_site())


def test_stepwell_itself_may_register_what_a_hand_off_brings(site):
    assert register(stepwell_itself(), site).pk


def test_taking_off_twice_is_one_entry(by, patient):
    contact = actions.add_emergency_contact(
        by=by, at=NOW, patient=patient, name="Luz", relation="sister", phone="555-0101"
    )
    for _ in range(2):
        actions.remove_emergency_contact(by=by, at=NOW, contact=contact)
    assert Entry.objects.filter(action="people.remove_emergency_contact").count() == 1


def test_one_person_may_be_family_of_two_patients_with_one_login(by, site, patient):
    other = make_patient(site, "Luis", "Reyes")
    members = [
        actions.add_family_member(
            by=by, at=NOW, patient=p, name="Maria", relation="mother", email="m@example.org"
        )
        for p in (patient, other)
    ]
    first, second = (actions.invite_family_member(by=by, at=NOW, member=m) for m in members)
    assert first.pk == second.pk
    assert set(actor_of(first, at=NOW).family_ids) == {m.pk for m in members}


def test_a_family_member_taken_off_sees_nothing_from_then_on(by, patient):
    member = actions.add_family_member(
        by=by, at=NOW, patient=patient, name="M", relation="mother", email="m@example.org"
    )
    user = actions.invite_family_member(by=by, at=NOW, member=member)
    actions.remove_family_member(by=by, at=NOW, member=member)
    assert actor_of(user, at=NOW).family_ids == ()
    with pytest.raises(Refused, match="no longer on the list"):
        actions.invite_family_member(by=by, at=NOW, member=member)


def test_an_address_without_which_no_login_can_be_made_is_asked_for(by, patient):
    member = actions.add_family_member(by=by, at=NOW, patient=patient, name="M", relation="mother")
    with pytest.raises(Refused, match="no e-mail address on file"):
        actions.invite_family_member(by=by, at=NOW, member=member)


def test_staff_who_left_are_nobody_from_the_next_day(site):
    director = actor(make_staff(site, Role.DIRECTOR))
    leaver = make_staff(site, Role.NURSE)
    actions.change_staff(by=director, at=NOW, staff=leaver, facts={"ends_on": TODAY})
    assert actor_of(leaver.user, at=NOW).is_staff
    assert not actor_of(leaver.user, at=NOW + timedelta(days=1)).is_staff


def test_the_rights_of_a_role_end_with_it(site):
    director = actor(make_staff(site, Role.DIRECTOR))
    member = make_staff(site, Role.PRESCRIBER)
    actions.set_roles(by=director, at=NOW, staff=member, site=site, roles=[Role.BILLER])
    assert actor_of(member.user, at=NOW).all_roles == {Role.BILLER}
    assert last_entry()[2] == {"site": site.pk, "added": ["biller"], "ended": ["prescriber"]}


@pytest.mark.parametrize("roles", [[], [Role.PATIENT], [Role.NURSE, Role.FAMILY]])
def test_roles_that_staff_cannot_hold_are_refused(site, roles):
    director = actor(make_staff(site, Role.DIRECTOR))
    with pytest.raises(Refused, match="nothing was saved"):
        actions.set_roles(by=director, at=NOW, staff=make_staff(site), site=site, roles=roles)


def test_opening_hours_that_overlap_are_refused(site):
    director = actor(make_staff(site, Role.DIRECTOR))
    hours = [(0, time(9), time(13)), (0, time(12), time(20))]
    with pytest.raises(Refused, match="Two spans on Monday overlap"):
        actions.set_opening_hours(by=director, at=NOW, site=site, hours=hours)


TRIED = [
    ("patient_has_a_given_name", lambda s, p: Patient.objects.filter(pk=p.pk).update(given_name="  ")),
    ("patient_has_a_family_name", lambda s, p: Patient.objects.filter(pk=p.pk).update(family_name="")),
    ("patient_sex_for_screening_known", lambda s, p: Patient.objects.filter(pk=p.pk).update(sex_for_screening="X")),
    ("patient_birth_date_sensible", lambda s, p: Patient.objects.filter(pk=p.pk).update(birth_date=date(1800, 1, 1))),
    ("room_name_once_at_a_site", lambda s, p: [Room.objects.create(site=s, name="A", capacity=3) for _ in "ab"]),
    ("room_capacity_sensible", lambda s, p: Room.objects.create(site=s, name="A", capacity=0)),
    ("site_hours_on_a_weekday", lambda s, p: SiteHours.objects.create(site=s, weekday=7, opens=time(9), closes=time(10))),
    ("site_hours_close_after_opening", lambda s, p: SiteHours.objects.create(site=s, weekday=1, opens=time(9), closes=time(9))),
    ("staff_has_a_name", lambda s, p: Staff.objects.create(site=s, name=" ", short_name="x", starts_on=TODAY)),
    ("staff_ends_after_start", lambda s, p: Staff.objects.create(site=s, name="x", short_name="x", starts_on=TODAY, ends_on=date(2020, 1, 1))),
    ("staff_role_held_once", lambda s, p: StaffRole.objects.create(staff=make_staff(s, Role.NURSE), site=s, role="nurse", starts_on=TODAY) and StaffRole.objects.create(staff=Staff.objects.latest("pk"), site=s, role="nurse", starts_on=TODAY)),
    ("credential_expires_after_issue", lambda s, p: Credential.objects.create(staff=make_staff(s), kind="LPC", issued_on=TODAY, expires_on=TODAY)),
    ("credential_not_own_supervisor", lambda s, p: Credential.objects.filter(staff=(m := make_staff(s))).update(supervisor=m)),
    ("emergency_contact_has_a_name", lambda s, p: EmergencyContact.objects.create(patient=p, name="", relation="x", phone="1")),
    ("emergency_contact_has_a_phone", lambda s, p: EmergencyContact.objects.create(patient=p, name="x", relation="x", phone=" ")),
    ("family_member_has_a_name", lambda s, p: FamilyMember.objects.create(patient=p, name=" ", relation="x")),
    ("user_email_once_whatever_its_case", lambda s, p: [User.objects.create(email=e, name="x") for e in ("a@x.org", "A@x.org")]),
    ("user_has_a_name", lambda s, p: User.objects.create(email="a@x.org", name="")),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "attempt"), TRIED, ids=[name for name, _ in TRIED])
def test_the_database_refuses(site, patient, constraint, attempt):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        attempt(site, patient)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("Ana", {"Ana", "Anastasia"}),
        ("ana reyes", {"Ana"}),
        ("reyes ana", {"Ana"}),
        ("stasi", {"Anastasia"}),
        ("5/4/1990", {"Ana"}),
        ("5/4/90", {"Ana"}),
        ("1990.05.04", {"Ana"}),
        ("05041990", {"Ana"}),
        ("4th May 1990", {"Ana"}),
        ("may 4, 1990", {"Ana"}),
        ("30/1/1971", {"Anastasia"}),
        ("0142", {"Ana"}),
        ("+1 555 010 0142", {"Ana"}),
        ("nobody", set()),
        ("", set()),
    ],
)
def test_a_search_finds_by_any_part_of_a_name_any_way_of_a_date_and_any_figures_of_a_phone(
    by, site, asked, names
):
    make_patient(site, "Ana", "Reyes", birth_date=date(1990, 5, 4), phone="555-010-0142")
    make_patient(site, "Anastasia", "Smith", birth_date=date(1971, 1, 30), phone="555-999-8888")
    assert {p.given_name for p in found(by, read_search(asked, today=TODAY))} == names


def test_look_alikes_of_other_sites_are_not_told(by, site):
    make_patient(make_site(), "Ana", "Reyes")
    assert (
        duplicates_of(by, PersonFacts(given_name="Ana", family_name="Reyes", birth_date=date(1990, 5, 4)))
        == []
    )
