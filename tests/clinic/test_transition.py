"""The move with all that belongs to it, and the packet that goes along."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.consent import actions as consent_actions
from stepwell.clinic.consent.models import Disclosure
from stepwell.clinic.inquiry.handoff.reading import read_handoff
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.placement.rules import Progress
from stepwell.clinic.plan import actions as plan
from stepwell.clinic.plan.models import CareTeamMember, TreatmentOrder
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Enrollment, Seat
from stepwell.clinic.transition import actions, queries
from stepwell.clinic.transition.models import HandOverPacket
from stepwell.clinic.transition.rules import as_bundle, as_pages, given_and_withheld, parts
from tests.clinic.authorization.making import ask
from tests.clinic.consent.making import give_consent
from tests.clinic.coverage.making import make_policy, tell_benefits
from tests.clinic.placement.making import make_episode
from tests.clinic.timetable.making import make_group
from tests.making import NOW, actor, make_patient, make_staff

HOUR = timedelta(hours=1)
WEEK = {
    "minutes_per_week": 1200,
    "days_least": 4,
    "days_most": 5,
    "doses": {},
    "starts_on": date(2026, 3, 18),
}


@pytest.fixture
def episode(by, patient) -> Episode:
    return make_episode(by, patient, NOW - timedelta(days=20))


def move(by, episode, **facts):
    asked = {"by": by, "at": NOW, "episode": episode, "up": True, "to": "2.5", "because": "Relapse.", **facts}
    return actions.move(**asked)


def test_level_order_groups_and_team_move_together(by, patient, site, episode):
    evening, days = make_group(site, name="Evening"), make_group(site, name="Days")
    old = timetable.enroll(by=by, at=NOW - HOUR, patient=patient, group=evening, starts_on=date(2026, 3, 18))
    leaves, comes = (
        make_staff(site, Role.COUNSELOR, name="Leaves"),
        make_staff(site, Role.NURSE, name="Comes"),
    )
    member = plan.add_to_care_team(by=by, at=NOW - HOUR, episode=episode, staff=leaves, role="Counselor")
    placed = move(
        by, episode, order=WEEK, leave=[old], join=[days], out_of_team=[member], into_team=[(comes, "Nurse")]
    )
    assert (placed.kind, placed.level) == ("step_up", "2.5")
    assert TreatmentOrder.objects.get(episode=episode).minutes_per_week == 1200
    assert list(Enrollment.objects.filter(ends_on__isnull=True).values_list("group__name", flat=True)) == [
        "Days"
    ]
    assert not Seat.objects.filter(
        occurrence__group=evening, occurrence__starts__gt=NOW, released_at__isnull=True
    ).exists()
    assert Seat.objects.filter(occurrence__group=days, patient=patient, released_at__isnull=True).exists()
    assert list(
        CareTeamMember.objects.filter(ends_at__isnull=True).values_list("staff__name", flat=True)
    ) == ["Comes"]
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.action, entry.patient_id) == ("transition.move", patient.pk)
    assert (entry.detail["ordered"], entry.detail["joined"]) == (1200, [days.pk])


@pytest.mark.parametrize("broken", ["order", "join", "team"])
def test_when_one_part_cannot_be_nothing_moves(by, patient, site, episode, broken):
    group = make_group(site, name="Days")
    facts = {"order": WEEK, "join": [group], "into_team": [(make_staff(site, Role.NURSE), "Nurse")]}
    if broken == "order":
        facts["order"] = {**WEEK, "minutes_per_week": 9000}
    elif broken == "join":
        timetable.enroll(by=by, at=NOW - HOUR, patient=patient, group=group, starts_on=date(2026, 3, 18))
    else:
        facts["into_team"] = [(make_staff(site, Role.NURSE), " ")]
    with pytest.raises(Refused), transaction.atomic():
        move(by, episode, **facts)
    assert list(episode.placements.values_list("level", flat=True)) == ["2.1"]
    assert not TreatmentOrder.objects.exists()
    assert not CareTeamMember.objects.exists()


def test_a_group_of_another_patient_is_not_left(by, site, episode):
    other = make_patient(site, "Ben", "Ito")
    make_episode(by, other, NOW - timedelta(days=2))
    theirs = timetable.enroll(
        by=by, at=NOW - HOUR, patient=other, group=make_group(site), starts_on=date(2026, 3, 18)
    )
    with pytest.raises(Refused, match="another patient"), transaction.atomic():
        move(by, episode, leave=[theirs])


def test_only_who_decides_moves_and_a_move_of_groups_needs_leave_to_book(site, episode):
    with pytest.raises(Denied):
        move(actor(make_staff(site, Role.NURSE)), episode)
    with pytest.raises(Denied), transaction.atomic():
        move(actor(make_staff(site, Role.PRESCRIBER)), episode, join=[make_group(site)])
    assert move(actor(make_staff(site, Role.PRESCRIBER)), episode, order=WEEK).level == "2.5"


def test_after_a_move_the_payer_is_to_be_asked_until_somebody_has(by, patient, site, episode):
    review = actor(make_staff(site, Role.UTILIZATION))
    policy = make_policy(patient)
    tell_benefits(policy, authorization_required=True)
    assert queries.moves_to_authorize(review, date(2026, 3, 18)) == []
    move(by, episode)
    found = queries.moves_to_authorize(review, date(2026, 3, 18))
    assert [(row.patient, row.level, row.kind) for row in found] == [(patient, "2.5", "step_up")]
    ask(patient, policy=policy, level="2.5")
    assert queries.moves_to_authorize(review, date(2026, 3, 18)) == []


# the packet ----------------------------------------------------------------------------------------------

HARBOR = {"recipient_key": "person:harbor", "recipient_name": "Harbor Days", "purposes": ["treatment"]}


def packet(by, episode, **facts):
    return actions.make_packet(**{"by": by, "at": NOW, "episode": episode, "once_key": "k1", **facts})


def to_harbor(by, episode, **facts):
    return packet(by, episode, recipient_key="person:harbor", recipient="Harbor Days", **facts)


def test_inside_the_program_everything_goes_along_and_nothing_is_a_disclosure(by, episode):
    row = packet(by, episode, appointment_on=date(2026, 3, 20), contact="Ward 4")
    assert row.content["given"] == [part.code for part in parts()]
    assert row.content["withheld"] == []
    assert (row.recipient, row.disclosure, row.content["notice"]) == ("", None, "")
    assert row.content["parts"]["appointment"] == [{"text": "20 Mar 2026, Ward 4", "on": "2026-03-20"}]
    assert [r["value"] for r in row.content["parts"]["rating"]] == [0, 0, 1, 2, 3, 1]


def test_only_what_the_consent_permits_goes_to_a_recipient_and_it_is_accounted_for(by, patient, episode):
    given = give_consent(patient, information=["medication", "labs"], **HARBOR)
    row = to_harbor(by, episode)
    assert row.content["given"] == ["medication", "allergy", "test", "consent"]
    assert set(row.content["parts"]) == {"medication", "allergy", "test", "consent"}
    assert "risk" in row.content["withheld"]
    told = Disclosure.objects.get()
    assert (row.disclosure, told.consent, told.recipient) == (told, given, "Harbor Days")
    assert sorted(told.information) == ["labs", "medication"]
    assert "42 CFR part 2 prohibits" in row.content["notice"]
    assert [r["id"] for r in row.content["parts"]["consent"]] == [given.pk]


def test_an_alert_leaves_only_where_tests_medicines_and_progress_may_all_be_told(by, patient, episode):
    raise_alert(
        by=by,
        at=NOW,
        patient=patient,
        kind="drug_test",
        sentence="Cocaine was found.",
        subject="x",
        urgent=False,
    )
    inside = packet(by, episode)
    assert [row["text"] for row in inside.content["parts"]["alert"]] == ["Cocaine was found. (18 Mar 2026)"]
    give_consent(patient, information=["plan", "progress", "medication"], **HARBOR)
    row = to_harbor(by, episode, once_key="k2")
    assert "alert" in row.content["withheld"]
    assert "Cocaine" not in str(row.content)
    give_consent(patient, information=["labs"], **HARBOR)
    assert "Cocaine was found." in str(to_harbor(by, episode, once_key="k3").content["parts"]["alert"])


def test_without_a_consent_nothing_is_made(by, patient, episode):
    with pytest.raises(Refused, match="No consent permits anything to Harbor Days"):
        to_harbor(by, episode)
    given = give_consent(patient, information=["medication"], **HARBOR)
    consent_actions.revoke_consent(by=by, at=NOW + HOUR, consent=given, said_by="Ana Reyes")
    with pytest.raises(Refused, match="No consent permits anything"):
        to_harbor(by, episode, at=NOW + 2 * HOUR)
    assert (HandOverPacket.objects.count(), Disclosure.objects.count()) == (0, 0)


def test_a_form_sent_twice_is_one_packet_and_one_disclosure(by, patient, episode):
    give_consent(patient, information=["entire_record"], **HARBOR)
    assert to_harbor(by, episode).pk == to_harbor(by, episode).pk
    assert (HandOverPacket.objects.count(), Disclosure.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "facts",
    [
        {"appointment_on": date(2026, 3, 17)}, {"appointment_on": date(2027, 3, 17)},
        {"recipient": "Harbor Days"}, {"recipient_key": "person:harbor"},
    ],
)  # fmt: skip
def test_a_packet_that_cannot_be_is_refused(by, episode, facts):
    with pytest.raises(Refused):
        packet(by, episode, **facts)
    assert not HandOverPacket.objects.exists()


def test_a_packet_is_never_changed(by, episode):
    row = packet(by, episode)
    for change in (lambda: HandOverPacket.objects.update(recipient="x"), row.delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()


def test_a_stranger_finds_no_packet(by, patient, episode):
    packet(by, episode)
    stranger = actor(make_staff(make_patient(type(patient.site).objects.create(name="Far", zone="UTC")).site))
    assert list(queries.packets_of(stranger, patient)) == []


def references(tree) -> list[str]:
    if isinstance(tree, dict):
        own = [tree["reference"]] if isinstance(tree.get("reference"), str) else []
        return own + [r for value in tree.values() for r in references(value)]
    return [r for value in tree for r in references(value)] if isinstance(tree, list) else []


def test_the_bundle_is_a_document_whose_references_are_in_it_and_whose_parts_are_labelled(by, episode):
    content = packet(by, episode, appointment_on=date(2026, 3, 20)).content
    bundle = as_bundle(content)
    assert bundle["type"] == "document"
    assert bundle["entry"][0]["resource"]["resourceType"] == "Composition"
    inside = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(inside) == len(set(inside))
    assert set(references(bundle)) <= set(inside)
    for entry in bundle["entry"]:
        labels = {label["code"] for label in entry["resource"]["meta"]["security"]}
        assert {"R", "42CFRPart2", "SUD"} <= labels
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds.count("Observation") == 6
    assert "Appointment" in kinds


def test_what_is_withheld_is_nowhere_in_the_bundle(by, patient, episode):
    give_consent(patient, information=["schedule"], **HARBOR)
    whole = json.dumps(as_bundle(to_harbor(by, episode, appointment_on=date(2026, 3, 20)).content))
    for word in ("Reason 5", "Relapse is likely", "Observation", "MedicationStatement", "Goal"):
        assert word not in whole
    assert "Appointment" in whole


def test_the_same_packet_is_the_same_bundle_and_the_same_words(by, episode):
    row = packet(by, episode)
    again = HandOverPacket.objects.get(pk=row.pk)
    assert json.dumps(as_bundle(row.content)) == json.dumps(as_bundle(again.content))
    assert as_pages(row.content) == as_pages(again.content)


def test_the_hand_off_reader_of_another_program_reads_the_bundle(by, patient, episode):
    bundle = as_bundle(packet(by, episode).content)
    read = read_handoff(json.dumps(bundle).encode(), latest=date(2026, 3, 18))
    assert (read.patient.given, read.patient.family) == (patient.given_name, patient.family_name)


def test_the_paper_speaks_the_language_of_the_patient(by, patient, episode):
    type(patient).objects.filter(pk=patient.pk).update(language="es")
    pages = as_pages(packet(by, episode).content)
    assert (pages["language"], pages["title"], pages["parts"][0]["title"]) == (
        "es",
        "Traspaso",
        "Por qué ahora",
    )
    assert pages["parts"][0]["rows"][0].startswith("2.1 Ambulatorio intensivo")


def test_what_may_leave_follows_from_what_the_consent_names():
    assert given_and_withheld(set())[0] == ("consent",)
    assert given_and_withheld({"labs"})[0] == ("test", "consent")
    assert given_and_withheld(None)[1] == ()
    for part in parts():
        assert part.title["en"]
        assert part.title["es"]
        assert part.empty["en"]
        assert part.empty["es"]


@pytest.mark.parametrize("many", [1, 12])
def test_a_packet_reads_a_fixed_number_of_times(
    by, patient, site, episode, many, django_assert_max_num_queries
):
    for n in range(many):
        placement.review_level(
            by=by, at=NOW, episode=episode, outcome="continue-working", recommended="2.1",
            progress=Progress(), summary="", once_key=f"r{n}",
        )  # fmt: skip
    with django_assert_max_num_queries(45):
        packet(by, episode)
