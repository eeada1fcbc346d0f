"""The board of a draft week through its pages: what is shown, what is checked, what is changed, and who may."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.timetable.actions.board import lock_planned, move_planned
from stepwell.clinic.timetable.models import PlannedSession, Publication, StaffTreatment
from tests.clinic.timetable.drafts import make_draft, on, plan
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, actor, make_room, make_site, make_staff

HTMX = {"HTTP_HX_REQUEST": "true"}


class World:
    def __init__(self, site) -> None:
        self.site = site
        self.director = make_staff(site, Role.DIRECTOR, name="Dana Director")
        self.okafor = make_staff(site, Role.FACILITATOR, name="Nia Okafor")
        self.reyes = make_staff(site, Role.FACILITATOR, name="Sol Reyes")
        for kind in ("skills", "process"):
            StaffTreatment.objects.create(staff=self.reyes, kind=kind)
        self.room, self.other_room = make_room(site, name="Room 1"), make_room(site, name="Room 2")
        meets = ((5, time(9)),)
        self.skills = make_group(site, self.okafor, name="Skills", room=self.room, meets=meets, least=1)
        self.process = make_group(
            site, self.reyes, name="Process group", kind="process", room=self.other_room, meets=meets, least=1
        )
        self.ana, self.ben = (
            admitted(site, "Ana", "Reed", minutes=90),
            admitted(site, "Ben", "Tate", minutes=90),
        )
        self.draft = make_draft(site)
        self.session = plan(self.draft, self.skills, on(1, 9), [self.ana])
        self.other = plan(self.draft, self.process, on(3, 17, 30), [self.ben])
        self.path = f"/weeks/{self.draft.pk}/board/"
        self.page = f"/planning/versions/{self.draft.pk}/"


@pytest.fixture
def world(site):
    return World(site)


@pytest.fixture
def client(signed_in, world):
    return signed_in(world.director)


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def side(shown):
    """What stands under "To mend", as words."""
    part = shown[shown.index('id="plan-wrong"') :].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", part))


def test_the_board_shows_every_session_in_its_place_with_what_a_screen_reader_says(world, client):
    shown = page(client, world.page)
    assert "Week of 23 March" in shown
    assert "Draft 1 · 2 sessions · 2 patients · 2 facilitators" in shown
    assert 'aria-label="Skills, Tue 9:00 am to 10:30 am, Okafor, Room 1, 1 of 4 seats taken"' in shown
    assert "r-12 s-18" in shown  # nine in the morning on a board that begins at eight
    assert "Nothing is wrong in this week, and nobody is short." in shown


def test_what_is_wrong_stands_beside_the_board_with_its_mend(world, client):
    PlannedSession.objects.filter(pk=world.other.pk).update(
        starts=on(1, 9), ends=on(1, 10, 30), facilitator=world.okafor
    )
    shown = page(client, world.page)
    assert "Okafor leads two sessions on Tue 9:00 am. Let Reyes lead the second" in side(shown)
    assert "check leader" in shown


def test_a_mend_is_applied_by_its_button(world, client):
    world.session.seats.all().delete()
    shown = page(client, world.page)
    assert "Ana R. is 90 minutes short. Seat Ana R. in Skills, Tue 9:00 am" in side(shown)
    answer = client.post(
        f"{world.path}seats/",
        {"person": world.ana.pk, "joins": world.session.pk, "revision": world.draft.revision},
        **HTMX,
    )
    assert answer.status_code == 200
    assert (
        "Ana R.: done. Nothing breaks. Nobody falls short. Ana R. gains 90 minutes."
        in answer.content.decode()
    )
    assert list(world.session.seats.values_list("patient_id", flat=True)) == [world.ana.pk]


def test_a_move_is_checked_before_it_is_made(world, client):
    answer = client.get(
        f"{world.path}check/", {"session": world.other.pk, "start": 1440 + 540, "room": world.room.pk}
    )
    assert answer.json() == {
        "ok": False,
        "said": "Process group, Tue 9:00 am. Room 1 holds two sessions on Tue 9:00 am. "
        "Move Process group to Room 2. Nobody falls short.",
        "breaks": [
            {
                "sentence": "Room 1 holds two sessions on Tue 9:00 am.",
                "mend": "Move Process group to Room 2",
            }
        ],
        "lose": [],
        "gain": [],
    }
    assert PlannedSession.objects.get(pk=world.other.pk).starts == on(3, 17, 30)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"session": "x"},
        {"session": "999999", "start": "0"},
        {"session": "own", "start": "99999"},
        {"session": "own", "mode": "by pigeon"},
    ],
)
def test_a_check_of_nonsense_is_answered_by_a_sentence(world, client, asked):
    asked = {name: world.session.pk if value == "own" else value for name, value in asked.items()}
    answer = client.get(f"{world.path}check/", asked)
    assert answer.status_code == 400
    assert answer.json()["said"].startswith("This change could not be read.")
    moved = client.post(f"{world.path}moves/", asked, **HTMX)
    assert moved.status_code == 422
    assert "This change could not be read." in moved.content.decode()


def test_a_move_by_the_board_answers_with_the_parts_that_change(world, client):
    answer = client.post(
        f"{world.path}moves/", {"session": world.session.pk, "start": 2 * 1440 + 600, "revision": 0}, **HTMX
    )
    shown = answer.content.decode()
    assert shown.lstrip().startswith('<div id="board-parts"')
    assert 'data-said="Skills: Wed 10:00 am. Nothing breaks. Nobody falls short."' in shown
    assert "Undo moving Skills" in shown
    moved = PlannedSession.objects.get(pk=world.session.pk)
    assert (moved.starts, moved.room, moved.facilitator) == (on(2, 10), world.room, world.okafor)


def test_a_move_without_scripts_leads_back_to_the_same_board(world, client):
    answer = client.post(
        f"{world.path}moves/?by=room&of={world.room.pk}",
        {"session": world.session.pk, "start": 2 * 1440 + 600},
    )
    assert (answer.status_code, answer["Location"]) == (302, f"{world.page}?by=room&of={world.room.pk}")


def test_what_somebody_else_changed_is_not_overwritten(world, client):
    move_planned(
        by=actor(make_staff(world.site, Role.DIRECTOR, name="Lee Second")),
        at=NOW,
        session=world.session,
        starts=on(4, 9),
        mode="on_site",
        room=world.room,
        leader=world.okafor,
    )
    answer = client.post(
        f"{world.path}moves/", {"session": world.session.pk, "start": 600, "revision": 0}, **HTMX
    )
    assert answer.status_code == 422
    assert "Lee Second changed Skills while you were looking." in answer.content.decode()
    assert PlannedSession.objects.get(pk=world.session.pk).starts == on(4, 9)


def test_undo_and_redo_are_buttons(world, client):
    client.post(f"{world.path}moves/", {"session": world.session.pk, "start": 2 * 1440 + 600})
    undone = client.post(f"{world.path}undo/", {"revision": 1}, **HTMX).content.decode()
    assert "Undone: Skills." in undone
    assert "Redo moving Skills" in undone
    assert PlannedSession.objects.get(pk=world.session.pk).starts == on(1, 9)
    assert (
        "Made again: Skills." in client.post(f"{world.path}redo/", {"revision": 2}, **HTMX).content.decode()
    )
    again = client.post(f"{world.path}redo/", {"revision": 3}, **HTMX)
    assert (again.status_code, "there is nothing to make again" in again.content.decode()) == (422, True)


def test_a_session_is_locked_and_dropped_by_one_button(world, client):
    client.post(f"{world.path}locks/", {"session": world.session.pk, "locked": 1})
    shown = page(client, world.page)
    assert "seats taken, locked" in shown
    assert 'aria-label="Unlock Skills, Tue 24"' in shown
    refused = client.post(f"{world.path}drops/", {"session": world.session.pk}, **HTMX)
    assert "Skills is locked. Unlock it first" in refused.content.decode()
    client.post(f"{world.path}locks/", {"session": world.session.pk, "locked": 0})
    dropped = client.post(f"{world.path}drops/", {"session": world.session.pk}, **HTMX)
    assert (
        "Skills is dropped. Nothing breaks. Ana R. loses 90 minutes and is 90 minutes short."
        in dropped.content.decode()
    )
    assert list(PlannedSession.objects.values_list("pk", flat=True)) == [world.other.pk]


def test_the_form_moves_a_session_in_two_steps(world, client):
    path = f"{world.path}sessions/{world.session.pk}/"
    assert "Move this session" in page(client, path)
    asked = {
        "day": 3,
        "at": "17:30",
        "mode": "on_site",
        "room": world.other_room.pk,
        "leader": world.okafor.pk,
        "coleader": "",
    }
    looked = client.get(path, asked).content.decode()
    assert "Room 2 holds two sessions on Thu 5:30 pm." in looked
    assert "Move it all the same" in looked
    assert PlannedSession.objects.get(pk=world.session.pk).starts == on(1, 9)
    answer = client.post(path, {**asked, "revision": 0})
    assert (answer.status_code, answer["Location"]) == (302, world.page)
    assert PlannedSession.objects.get(pk=world.session.pk).room == world.other_room


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"at": "noon"}, "Enter a valid time."),
        ({"day": "9"}, "Select a valid choice."),
        ({"leader": "0"}, "Select a valid choice."),
        ({"at": "23:45"}, "The session would run past midnight."),
    ],
)
def test_a_form_that_cannot_be_is_answered_by_a_sentence(world, client, wrong, sentence):
    path = f"{world.path}sessions/{world.session.pk}/"
    asked = {"day": 1, "at": "09:00", "mode": "on_site", "room": world.room.pk, "leader": world.okafor.pk}
    answer = client.post(path, asked | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_session_page_seats_and_unseats(world, client):
    cleo = admitted(world.site, "Cleo", "Vance", minutes=90)
    shown = page(client, f"{world.path}sessions/{world.other.pk}/")
    assert "1 person of 4" in shown
    assert ">Cleo V., 1.5 h short</option>" in shown
    client.post(f"{world.path}seats/", {"person": cleo.pk, "joins": world.other.pk})
    client.post(f"{world.path}seats/", {"person": world.ben.pk, "leaves": world.other.pk})
    assert list(world.other.seats.values_list("patient_id", flat=True)) == [cleo.pk]


def test_one_more_session_of_a_group_is_added_in_two_steps(world, client):
    asked = {
        "group": world.skills.pk,
        "day": 4,
        "at": "14:00",
        "minutes": 90,
        "mode": "on_site",
        "room": world.room.pk,
        "leader": world.okafor.pk,
        "coleader": "",
    }
    world.session.seats.all().delete()
    looked = client.get(f"{world.path}sessions/new/", asked).content.decode()
    assert "1 person could have a seat in it: Ana R." in looked
    client.post(f"{world.path}sessions/new/", asked)
    assert PlannedSession.objects.filter(version=world.draft, starts=on(4, 14)).count() == 1


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("by=day&of=1", ">Skills<", ">Process group<"),
        ("by=day&of=1", ">Room 2<", None),
        ("by=leader&of=reyes", ">Process group<", ">Skills<"),
        ("by=room&of=room", ">Skills<", ">Process group<"),
        ("by=patient&of=ana", ">Skills<", ">Process group<"),
        ("by=nonsense", ">Skills<", None),
        ("by=room&of=nonsense", ">Skills<", None),
    ],
)
def test_the_week_is_looked_at_by_day_room_facilitator_and_patient(world, client, query, there, not_there):
    for name, value in (("reyes", world.reyes.pk), ("=room", f"={world.room.pk}"), ("ana", world.ana.code)):
        query = query.replace("by=room", "by=r") if name == "=room" else query
        query = query.replace(name, str(value)).replace("by=r&", "by=room&")
    shown = page(client, f"{world.page}?{query}")
    board = shown[shown.index('class="board-days"') : shown.index('class="plan-side"')]
    assert there in board
    assert not_there is None or not_there not in board


def test_a_published_week_is_looked_at_and_not_changed(world, client):
    Publication.objects.create(week=world.draft.week, version=world.draft, number=1, at=NOW)
    shown = page(client, world.page)
    assert "This week is published. Make a draft from it, and change that." in shown
    assert "data-free" not in shown
    answer = client.post(f"{world.path}drops/", {"session": world.session.pk}, **HTMX)
    assert (answer.status_code, PlannedSession.objects.count()) == (422, 2)


def test_who_may_not_change_the_week_looks_at_it(world, signed_in):
    counselor = signed_in(make_staff(world.site, Role.COUNSELOR))
    shown = page(counselor, world.page)
    assert "data-free" not in shown
    assert "Add a session" not in shown
    for path in ("moves/", "seats/", "drops/", "locks/", "undo/", "redo/", "sessions/new/"):
        assert counselor.post(f"{world.path}{path}", {}).status_code == 403
    watcher = page(signed_in(make_staff(world.site, Role.COMPLIANCE)), world.page)
    assert "Hours this week" not in watcher
    assert "Ana R." not in side(watcher)
    assert "by=patient" not in watcher


def test_a_draft_of_another_site_is_not_there(world, signed_in):
    stranger = signed_in(make_staff(make_site("Elsewhere"), Role.DIRECTOR))
    for path in ("", "check/", f"sessions/{world.session.pk}/", "sessions/new/"):
        page(stranger, f"{world.path}{path}", 404)


def test_a_session_of_another_draft_is_not_changed_through_this_one(world, client):
    elsewhere = plan(make_draft(world.site, number=2), world.skills, on(1, 9), [world.ana])
    page(client, f"{world.path}sessions/{elsewhere.pk}/", 404)
    for path, asked in (
        ("moves/", {"session": elsewhere.pk, "start": 600}),
        ("drops/", {"session": elsewhere.pk}),
        ("locks/", {"session": elsewhere.pk, "locked": 1}),
        ("seats/", {"person": world.ana.pk, "leaves": elsewhere.pk}),
    ):
        assert client.post(f"{world.path}{path}", asked, **HTMX).status_code == 422
    assert PlannedSession.objects.get(pk=elsewhere.pk).revision == 0


def test_a_locked_session_is_not_offered_to_be_moved(world, client):
    lock_planned(by=actor(world.director), at=NOW, session=world.session, locked=True)
    shown = page(client, f"{world.path}sessions/{world.session.pk}/")
    assert "Move this session" not in shown
    assert "Unlock" in shown


def test_the_page_takes_the_same_statements_for_five_sessions_and_for_sixty(world, client):
    many = make_draft(world.site, number=2)
    for number in range(60):
        plan(
            many,
            world.skills,
            on(number % 6, 8) + timedelta(minutes=15 * (number // 6)),
            [world.ana, world.ben],
            key=f"s{number}",
        )
    counts = []
    for path in (world.page, world.page, f"/planning/versions/{many.pk}/"):
        with CaptureQueriesContext(connection) as statements:
            page(client, path)
        counts.append(len(statements))
    assert counts[1] == counts[2] == 31
