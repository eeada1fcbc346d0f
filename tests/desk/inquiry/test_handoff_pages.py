"""The pages on which a person takes in a hand-off and decides what of it counts."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.inquiry.actions import accept_person, decide_items, import_handoff
from stepwell.clinic.inquiry.handoff.reading import read_handoff
from stepwell.clinic.inquiry.models import Handoff, Inquiry
from stepwell.clinic.people.models import Patient
from tests.handoff_bundles import as_bytes, bundle, whole_bundle
from tests.handoff_bundles import patient as patient_of
from tests.making import NOW, actor, make_patient, make_site, make_staff


@pytest.fixture
def rosa(site):
    return make_staff(site, Role.ADMISSIONS, name="Rosa Lim")


@pytest.fixture
def desk(signed_in, rosa) -> Client:
    """The browser of the admissions coordinator."""
    return signed_in(rosa)


@pytest.fixture
def handoff(site, rosa) -> Handoff:
    return import_handoff(
        by=actor(rosa), at=NOW, site=site, handoff=read_handoff(as_bytes(whole_bundle()))
    ).inquiry.handoff


def send(desk: Client, raw: bytes):
    return desk.post("/hand-offs/new/", {"file": SimpleUploadedFile("hand-off.json", raw)})


def address(handoff: Handoff, part: str = "") -> str:
    return f"/hand-offs/{handoff.inquiry.code}/{part}"


def test_a_file_is_taken_in_and_shown_with_everything_that_waits(desk):
    answer = send(desk, as_bytes(whole_bundle()))
    inquiry = Inquiry.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/hand-offs/{inquiry.code}/")
    page = desk.get(answer["Location"]).content.decode()
    for words in (
        "Ana Luísa Nakamura",
        "River Hospital",
        "10 facts to decide",
        "4 facts under 42 CFR Part 2",
    ):
        assert words in page
    for words in (
        "0.5 tablet, 3× every day, by mouth",
        "Hives, moderate",
        "entry[9].resource",
        "1 × Observation",
    ):
        assert words in page


def test_the_same_file_again_leads_to_the_same_page(desk, handoff):
    answer = send(desk, as_bytes(whole_bundle()))
    assert answer["Location"] == address(handoff)
    assert "was here already" in desk.get(answer["Location"]).content.decode()
    assert Handoff.objects.count() == 1


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (as_bytes(whole_bundle())[:-1], "This file breaks off in the middle at line 1, column"),
        (b"", "This file is empty"),
        (b"\x89PNG\r\n", "This file is not written in UTF-8"),
        (
            as_bytes(bundle(patient_of(birthDate="2031-01-01"))),
            "entry[0].resource.birthDate lies in the future",
        ),
    ],
)
def test_a_file_that_cannot_be_read_gets_its_sentence_and_leaves_no_row(desk, raw, words):
    answer = send(desk, raw)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (Inquiry.objects.count(), Handoff.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_a_hand_off_taken_in_at_another_site_is_not_shown(signed_in, handoff):
    stranger = signed_in(make_staff(make_site("Elsewhere"), Role.ADMISSIONS))
    answer = send(stranger, as_bytes(whole_bundle()))
    assert answer.status_code == 422
    assert "at another site already" in answer.content.decode()
    assert handoff.inquiry.code not in answer.content.decode()


def test_chosen_facts_are_accepted_and_rejected(desk, handoff):
    problem, drug = handoff.items.get(resource_id="c1"), handoff.items.get(resource_id="m1")
    desk.post(address(handoff, "decisions/"), {"items": [problem.pk], "decide": "accept"})
    desk.post(address(handoff, "decisions/"), {"items": [drug.pk], "decide": "reject", "because": "stopped"})
    found = {row.resource_id: row.decision for row in handoff.items.exclude(decision="pending")}
    assert found == {"c1": "accepted", "m1": "rejected"}
    page = desk.get(address(handoff)).content.decode()
    assert "Lim: stopped" in page
    assert "8 facts to decide" in page


def test_all_problems_are_accepted_with_one_button(desk, handoff):
    desk.post(address(handoff, "decisions/"), {"decide": "accept:problem"})
    assert set(handoff.items.filter(decision="accepted").values_list("kind", flat=True)) == {"problem"}
    assert handoff.items.filter(decision="accepted").count() == 3


@pytest.mark.parametrize(
    "sent", [{"decide": "accept"}, {"decide": "accept", "items": ["9999999"]}, {"decide": "eat"}]
)
def test_a_decision_about_nothing_is_refused_on_the_page(desk, handoff, sent):
    answer = desk.post(address(handoff, "decisions/"), sent)
    assert answer.status_code == 422
    assert handoff.items.exclude(decision="pending").count() == 0


def test_turning_a_decision_round_without_a_reason_keeps_the_choice(desk, handoff):
    fact = handoff.items.get(resource_id="c1")
    desk.post(address(handoff, "decisions/"), {"items": [fact.pk], "decide": "accept"})
    answer = desk.post(address(handoff, "decisions/"), {"items": [fact.pk], "decide": "reject"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say why it is now to be rejected" in page
    assert f'value="{fact.pk}" aria-label="Choose {fact.display}" checked' in page


def test_the_person_becomes_a_patient(desk, handoff):
    answer = desk.post(address(handoff, "person/"), {"which": "new"})
    ana = Patient.objects.get()
    assert (answer.status_code, ana.family_name) == (302, "Nakamura")
    assert "belongs to Ana Luísa Nakamura" in desk.get(address(handoff)).content.decode()


def test_a_record_that_looks_alike_is_offered_and_taken(desk, site, handoff):
    known = make_patient(site, "Ana", "Nakamura", birth_date=date(1988, 2, 29))
    page = desk.get(address(handoff)).content.decode()
    assert "Ana Nakamura, born 29 Feb 1988, on file here" in page
    assert desk.post(address(handoff, "person/"), {"which": "new"}).status_code == 422
    desk.post(address(handoff, "person/"), {"which": known.code})
    handoff.inquiry.refresh_from_db()
    assert handoff.inquiry.patient == known


def test_the_list_opens_on_what_is_to_be_decided(desk, handoff):
    page = desk.get("/hand-offs/").content.decode()
    assert "Ana Luísa Nakamura" in page
    assert "No hand-off waits" not in page
    assert '<span>Hand-offs</span> <span class="count">1<' in page
    desk.post(address(handoff, "person/"), {"which": "new"})
    ids = list(handoff.items.exclude(kind="person").values_list("pk", flat=True))
    desk.post(address(handoff, "decisions/"), {"decide": "reject", "items": ids})
    page = desk.get("/hand-offs/").content.decode()
    assert "No hand-off waits" in page
    assert '<span>Hand-offs</span> <span class="count">' not in page


def test_looking_at_a_hand_off_is_in_the_trail(desk, rosa, handoff):
    desk.get(address(handoff))
    entry = Entry.objects.filter(kind="access").get()
    assert (entry.action, entry.actor_name, entry.subject) == (
        "inquiry.access",
        "Rosa Lim",
        f"Handoff {handoff.pk}",
    )


@pytest.mark.parametrize("role", [Role.BILLER, Role.PEER, Role.COMPLIANCE])
def test_a_role_without_inquiries_sees_no_hand_off(signed_in, site, handoff, role):
    client = signed_in(make_staff(site, role))
    for path in ("/hand-offs/", "/hand-offs/new/", address(handoff)):
        assert client.get(path).status_code == 403


def test_another_sites_hand_off_is_not_there(signed_in, handoff):
    client = signed_in(make_staff(make_site("Elsewhere"), Role.ADMISSIONS))
    assert client.get(address(handoff)).status_code == 404
    assert client.post(address(handoff, "person/"), {"which": "new"}).status_code == 404
    assert client.post(address(handoff, "decisions/"), {"decide": "accept:problem"}).status_code == 404


def test_a_page_asks_the_same_number_of_questions_however_long_the_hand_off(
    desk, site, rosa, handoff, django_assert_max_num_queries
):
    with django_assert_max_num_queries(14):
        desk.get(address(handoff))
    long = whole_bundle()
    for n in range(60):
        copy = {**long["entry"][6]["resource"], "id": f"extra{n}"}
        long["entry"].append({"fullUrl": f"urn:uuid:extra{n}", "resource": copy})
    big = import_handoff(
        by=actor(rosa), at=NOW, site=site, handoff=read_handoff(as_bytes(long))
    ).inquiry.handoff
    with django_assert_max_num_queries(14):
        desk.get(address(big))


def test_what_was_accepted_stands_in_the_chart_with_its_source(signed_in, site, handoff, rosa):
    by = actor(rosa)
    patient = accept_person(by=by, at=NOW, handoff=handoff)
    decide_items(by=by, at=NOW, handoff=handoff, items=[i.pk for i in handoff.items.all()], accept=True)
    counselor = signed_in(make_staff(site, Role.COUNSELOR))
    shown = {
        tab: counselor.get(f"/patients/{patient.code}/{tab}/").content.decode()
        for tab in ("assessment", "medication", "coverage")
    }
    for tab, kinds, heading in (
        ("assessment", ["problem"], "from the hand-off"),
        ("medication", ["medication", "allergy"], "Told by the hospital, not gone through yet"),
        ("coverage", ["coverage"], "from the hand-off"),
    ):
        assert heading in shown[tab]
        for item in handoff.items.filter(kind__in=kinds):
            assert escape(item.display) in shown[tab]


def test_what_was_rejected_stands_nowhere_in_the_chart(signed_in, site, handoff, rosa):
    by = actor(rosa)
    patient = accept_person(by=by, at=NOW, handoff=handoff)
    items = handoff.items.filter(kind="medication")
    decide_items(
        by=by, at=NOW, handoff=handoff, items=[i.pk for i in items], accept=False, because="Stopped."
    )
    page = signed_in(make_staff(site, Role.COUNSELOR)).get(f"/patients/{patient.code}/medication/")
    assert "from the hand-off" not in page.content.decode()
