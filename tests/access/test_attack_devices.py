"""What somebody would try with a device in hand: the tablet of the lobby, and a plan handed over to be signed."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from stepwell.clinic.assessment.models import LobbyTurn, Screening
from stepwell.clinic.plan.models import PlanHandOver, PlanSignature
from tests.access.asking import browser, of, page_of
from tests.access.test_fuzz import EVIL, RUBBISH
from tests.access.world import P, Q

# -- the tablet of the lobby --


def opened(world, who):
    client = Client(raise_request_exception=False)
    assert client.post("/tablet/", {"code": world.tablet[who]}).status_code == 302
    return client


def gad7(client, **more):
    found = re.findall(r'name="(item_[^"]+)"', client.get("/tablet/").content.decode())
    return client.post("/tablet/", {"instrument": "gad-7", **dict.fromkeys(found, "1"), **more})


def test_nobody_can_fill_in_a_questionnaire_in_the_place_of_who_has_the_tablet(world):
    """P sends from her phone what would be the key of Q's turn: Q is still asked, and her answers are kept."""
    turn = LobbyTurn.objects.get(pk=world.value("lobby_turn", Q))
    phone, page = browser(world, "patient P"), page_of("pocket:questionnaire", slug="gad-7")
    names = re.findall(r'name="(item_[^"]+)"', phone.get(page).content.decode())
    for key in (f"lobby-{turn.pk}-gad-7", f"lobby-{turn.pk}"):
        phone.post(page, {"once_key": key, **dict.fromkeys(names, "1")})
    tablet = opened(world, Q)
    assert "item_" in tablet.get("/tablet/").content.decode()
    assert gad7(tablet).status_code == 200
    assert Screening.objects.get(patient=of(world, Q), instrument="gad-7").way == "tablet"


def test_a_tablet_where_somebody_was_signed_in_has_no_login_any_more(world):
    """The code typed into a browser of staff: the login ends before the tablet is in the patient's hands."""
    client = browser(world, "counselor")
    assert client.get("/patients/").status_code == 200
    assert client.post("/tablet/", {"code": world.tablet[P]}).status_code == 302
    assert "item_" in client.get("/tablet/").content.decode()
    assert client.get("/patients/").status_code == 302
    assert client.get(f"/patients/{world.codes[Q]}/").status_code == 302


def test_the_tablet_opens_its_page_and_nothing_else_and_nothing_after_it_is_given_back(world):
    client = opened(world, P)
    body = client.get("/tablet/").content.decode()
    assert P not in body.lower()
    assert world.codes[P] not in body
    for page in ("/patients/", f"/patients/{world.codes[P]}/", "/today/"):
        assert client.get(page).status_code == 302
    cookie = client.cookies["lobby"].value
    assert client.post("/tablet/end/").status_code == 200
    client.cookies["lobby"] = cookie
    assert "item_" not in client.get("/tablet/").content.decode()
    assert Client().post("/tablet/", {"code": world.tablet[P]}).status_code == 422


def test_a_tablet_keeps_nothing_of_another_turn(world):
    """Ids of others in the form change nothing: the turn alone says whose answers they are."""
    client = opened(world, P)
    told = {"patient": of(world, Q).pk, "code": world.codes[Q], "turn": world.value("lobby_turn", Q)}
    assert gad7(client, **told, once_key="mine", way="staff").status_code == 200
    row = Screening.objects.get(instrument="gad-7")
    assert (row.patient.code, row.way, row.recorded_by_id) == (world.codes[P], "tablet", None)


# -- a plan on a device that was handed over --


@pytest.fixture
def handed(world):
    client = browser(world, "counselor")
    answer = client.post(f"/patients/{world.codes[P]}/plan/hand-over/")
    assert (answer.status_code, answer["Location"]) == (302, "/plan-in-hand/")
    return client


def test_a_device_that_was_handed_over_shows_one_plan_and_no_login_is_left_on_it(world, handed):
    body = handed.get("/plan-in-hand/").content.decode()
    assert f"{P}-goal" in body
    assert Q not in body.lower()
    links = set(re.findall(r'(?:href|action)="([^"#]*)"', body))
    assert {link for link in links if "/patients/" in link or "/today" in link} == set()
    for page in ("/patients/", f"/patients/{world.codes[P]}/plan/", "/today/"):
        assert handed.get(page).status_code == 302
    assert handed.get("/plan-in-hand/")["Cache-Control"] == "no-store"


def test_a_signature_on_the_device_is_of_its_plan_whatever_the_form_names(world, handed):
    handed.post("/plan-in-hand/", {"name": "X", "agree": "on", "plan": world.value("plan_version", Q),
                                   "hand_over": PlanHandOver.objects.latest("pk").pk, "code": world.codes[Q]})  # fmt: skip
    signed = PlanSignature.objects.filter(role="patient", name="X").values_list("plan_id", flat=True)
    assert list(signed) == [world.value("plan_version", P)]


@pytest.mark.parametrize("how", ["signed", "given back"])
def test_after_the_device_is_given_back_its_cookie_opens_nothing(world, handed, how):
    cookie = handed.cookies["plan-in-hand"].value
    said = {"name": "X", "agree": "on"} if how == "signed" else {"back": "1"}
    assert handed.post("/plan-in-hand/", said).status_code == 200
    handed.cookies["plan-in-hand"] = cookie
    assert handed.get("/plan-in-hand/").status_code == 404
    handed.cookies["plan-in-hand"] = cookie
    assert handed.post("/plan-in-hand/", {"name": "Y", "agree": "on"}).status_code == 302
    assert not PlanSignature.objects.filter(name="Y").exists()


def test_a_cookie_of_one_hand_over_opens_no_other(world, handed):
    theirs = PlanHandOver.objects.get(plan_id=world.value("plan_version", Q))
    number, rest = handed.cookies["plan-in-hand"].value.split(".", 1)
    handed.cookies["plan-in-hand"] = f"{theirs.pk}.{rest}"
    assert number != str(theirs.pk)
    assert handed.get("/plan-in-hand/").status_code == 404


@pytest.mark.parametrize("kind", sorted(RUBBISH))
def test_rubbish_on_a_device_breaks_nothing_and_signs_nothing(world, handed, kind):
    """Forms that only a device with a cookie shows: what the other tests of rubbish do not reach."""
    tablet, broken = opened(world, P), []
    items = dict.fromkeys(re.findall(r'name="(item_[^"]+)"', tablet.get("/tablet/").content.decode()))
    for value in RUBBISH[kind]:
        for client, page, fields in (
            (Client(raise_request_exception=False), "/tablet/", ("code",)),
            (tablet, "/tablet/", ("instrument", "code")),
            (tablet, "/tablet/", (*items, "once_key")),
            (handed, "/plan-in-hand/", ("name", "seen")),
        ):
            known = {"instrument": "gad-7"} if fields[0] in items else {}
            answer = client.post(page, known | dict.fromkeys(fields, value))
            broken += [f"{page} {value!r:.30}: {answer.status_code}"] if answer.status_code >= 500 else []
            broken += [f"{page}: takes {value!r:.30} for markup"] if EVIL in answer.content.decode() else []
    for cookie in ("lobby", "plan-in-hand"):
        client = Client(raise_request_exception=False)
        client.cookies[cookie] = RUBBISH[kind][0].replace("\x00", "0")[:3000]
        broken += [p for p in ("/tablet/", "/plan-in-hand/") if client.get(p).status_code >= 500]
    assert broken == []
    assert not PlanSignature.objects.filter(role="patient", plan_id=world.value("plan_version", P)).exists()
