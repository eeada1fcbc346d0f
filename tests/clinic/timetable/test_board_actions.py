"""A draft changed by hand: the row, what was before and after, the entry in the trail, and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable.actions.board import (
    add_planned,
    drop_planned,
    lock_planned,
    move_planned,
    redo,
    reseat,
    undo,
)
from stepwell.clinic.timetable.models import (
    PlannedChange,
    PlannedSeat,
    PlannedSession,
    Publication,
    WeekVersion,
)
from tests.clinic.timetable.drafts import make_draft, on, plan
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, actor, make_room, make_site, make_staff


class World:
    """A draft with two groups, three people, two rooms, two leaders and a director."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.director = make_staff(site, Role.DIRECTOR, name="Dana Director")
        self.by = actor(self.director)
        self.okafor = make_staff(site, Role.FACILITATOR, name="Nia Okafor")
        self.reyes = make_staff(site, Role.FACILITATOR, name="Sol Reyes")
        self.room, self.small = make_room(site, name="Room 1"), make_room(site, name="Room 2", capacity=2)
        self.skills = make_group(
            site, self.okafor, name="Skills", room=self.room, meets=((5, on(5, 9).time()),)
        )
        self.ana, self.ben = admitted(site, "Ana", "Reed"), admitted(site, "Ben", "Tate")
        self.draft = make_draft(site)
        self.session = plan(self.draft, self.skills, on(1, 9), [self.ana])
        self.other = plan(self.draft, self.skills, on(3, 17, 30), [self.ben])

    def move(self, **facts: Any) -> PlannedSession:
        return move_planned(
            **{
                "by": self.by,
                "at": NOW,
                "session": self.session,
                "starts": on(2, 10),
                "mode": "on_site",
                "room": self.room,
                "leader": self.okafor,
                **facts,
            }
        )


@pytest.fixture
def world(site: Site) -> World:
    return World(site)


def everything(draft: WeekVersion) -> list[tuple[Any, ...]]:
    """The draft whole: what must be the same after an undo."""
    return [
        (
            one.pk,
            one.key,
            one.starts,
            one.ends,
            one.local_date,
            one.facilitator_id,
            one.cofacilitator_id,
            one.room_id,
            one.mode,
            one.locked,
            one.capacity,
            sorted(one.seats.values_list("patient_id", flat=True)),
        )
        for one in PlannedSession.objects.filter(version=draft).order_by("pk")
    ]


def last_entry() -> tuple[str, str, dict[str, Any]]:
    return Entry.objects.order_by("-pk").values_list("action", "subject", "detail")[0]


def test_a_session_moves_with_its_people_and_the_change_is_written_down(world: World):
    moved = world.move(starts=on(2, 10), room=world.small, leader=world.reyes)

    assert everything(world.draft)[0] == (
        world.session.pk,
        world.session.key,
        on(2, 10),
        on(2, 11, 30),
        on(2, 10).date(),
        world.reyes.pk,
        None,
        world.small.pk,
        "on_site",
        False,
        4,
        [world.ana.pk],
    )
    change = PlannedChange.objects.get(version=world.draft)
    assert (change.number, change.verb, change.title, change.by_id) == (
        1,
        "move",
        "Skills",
        world.director.pk,
    )
    assert (change.before[0]["room_id"], change.after[0]["room_id"]) == (world.room.pk, world.small.pk)
    assert moved.revision == 1
    assert last_entry() == (
        "timetable.move_planned_session",
        f"WeekVersion {world.draft.pk}",
        {"change": 1, "sessions": [world.session.pk]},
    )


def test_what_computing_said_ends_with_a_change_and_comes_back_with_its_undo(world: World):
    said = {"cost": 900, "bound": 850, "short_minutes": 30, "seconds": 2.5, "shortfalls": [{"patient": "p1"}]}
    WeekVersion.objects.filter(pk=world.draft.pk).update(**said)
    lock_planned(by=world.by, at=NOW, session=world.other, locked=True)
    assert WeekVersion.objects.values(*said).get(pk=world.draft.pk) == said
    world.move()
    nothing = {**dict.fromkeys(said), "shortfalls": []}
    assert WeekVersion.objects.values(*said).get(pk=world.draft.pk) == nothing
    undo(by=world.by, at=NOW, version=world.draft)
    assert WeekVersion.objects.values(*said).get(pk=world.draft.pk) == said
    redo(by=world.by, at=NOW, version=world.draft)
    assert WeekVersion.objects.values(*said).get(pk=world.draft.pk) == nothing


def test_a_session_by_video_gives_its_room_back(world: World):
    assert world.move(mode="video").room_id is None


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"starts": on(7, 9)}, "That day is not in this week."),
        ({"starts": on(1, 23)}, "The session would run past midnight."),
        ({"starts": on(1, 9, 30), "mode": "telepathy"}, "Choose on site or video"),
    ],
)
def test_a_move_that_cannot_be_is_refused(world: World, facts: dict[str, Any], sentence: str):
    before = everything(world.draft)
    with pytest.raises(Refused, match=re.escape(sentence)):
        world.move(**facts)
    assert everything(world.draft) == before


def test_a_move_into_the_past_is_refused(world: World):
    with pytest.raises(Refused, match="That time has passed"):
        world.move(at=on(0, 12), starts=on(0, 9))


def test_one_person_is_not_both_leaders(world: World):
    with pytest.raises(Refused, match="Okafor cannot be both leaders"):
        world.move(coleader=world.okafor)


def test_nobody_and_nothing_of_another_site_is_planned(world: World):
    strange = make_site("Elsewhere")
    with pytest.raises(Refused, match="is at another site"):
        world.move(room=make_room(strange))
    with pytest.raises(Refused, match="does not work at this site"):
        world.move(leader=make_staff(strange, name="Far Away"))
    with pytest.raises(Refused, match="belongs to another site"):
        reseat(
            by=world.by,
            at=NOW,
            version=world.draft,
            patient=admitted(strange, "Zed", "Yu"),
            joins=world.session,
        )


def test_a_locked_session_stays_until_it_is_unlocked(world: World):
    lock_planned(by=world.by, at=NOW, session=world.session, locked=True)
    with pytest.raises(Refused, match=r"Skills is locked\. Unlock it first"):
        world.move()
    with pytest.raises(Refused, match="Skills is locked"):
        drop_planned(by=world.by, at=NOW, session=world.session)
    with pytest.raises(Refused, match="those in it stay"):
        reseat(by=world.by, at=NOW, version=world.draft, patient=world.ana, leaves=world.session)
    reseat(
        by=world.by, at=NOW, version=world.draft, patient=world.ben, joins=world.session
    )  # others may join

    lock_planned(by=world.by, at=NOW, session=world.session, locked=False)
    assert world.move().starts == on(2, 10)


def test_a_session_that_has_begun_stays_as_it_was(world: World):
    with pytest.raises(Refused, match="Skills has begun; it stays as it was"):
        world.move(at=on(1, 9, 5), starts=on(4, 9))


def test_a_seat_is_changed_for_another_in_one_step(world: World):
    reseat(
        by=world.by, at=NOW, version=world.draft, patient=world.ana, leaves=world.session, joins=world.other
    )

    assert [row[-1] for row in everything(world.draft)] == [[], sorted([world.ana.pk, world.ben.pk])]
    assert PlannedChange.objects.get().verb == "seat"
    assert Entry.objects.order_by("-pk")[0].patient_id == world.ana.pk
    undo(by=world.by, at=NOW, version=world.draft)
    assert [row[-1] for row in everything(world.draft)] == [[world.ana.pk], [world.ben.pk]]


@pytest.mark.parametrize(
    ("who", "leaves", "joins", "sentence"),
    [
        ("ana", None, "session", "Ana R. already sits in Skills."),
        ("ben", "session", None, "Ben T. has no seat in Skills."),
        ("ben", None, None, "Choose a session to join or to leave"),
    ],
)
def test_a_seat_that_is_there_or_not_there_is_refused(world: World, who, leaves, joins, sentence):
    with pytest.raises(Refused, match=re.escape(sentence)):
        reseat(
            by=world.by,
            at=NOW,
            version=world.draft,
            patient=getattr(world, who),
            leaves=leaves and getattr(world, leaves),
            joins=joins and getattr(world, joins),
        )


def test_nobody_joins_a_single_session(world: World):
    single = plan(world.draft, world.skills, on(4, 9), [world.ana], kind="individual")
    with pytest.raises(Refused, match="is not a group"):
        reseat(by=world.by, at=NOW, version=world.draft, patient=world.ben, joins=single)


def test_a_session_of_a_group_is_added_and_taken_back(world: World):
    before = everything(world.draft)
    added = add_planned(
        by=world.by,
        at=NOW,
        version=world.draft,
        group=world.skills,
        starts=on(4, 14),
        minutes=60,
        mode="on_site",
        room=world.room,
        leader=world.reyes,
    )
    assert (added.key, added.ends, added.capacity, added.treatment) == ("hand-1", on(4, 15), 4, "skills")
    after = everything(world.draft)
    undo(by=world.by, at=NOW, version=world.draft)
    assert everything(world.draft) == before
    redo(by=world.by, at=NOW, version=world.draft)
    assert everything(world.draft) == after


def test_a_dropped_session_comes_back_as_it_was_with_its_number_and_its_people(world: World):
    before = everything(world.draft)
    drop_planned(by=world.by, at=NOW, session=world.session)
    assert len(everything(world.draft)) == 1
    undo(by=world.by, at=NOW, version=world.draft)
    assert everything(world.draft) == before


def test_everything_is_undone_one_by_one_and_made_again(world: World):
    states = [everything(world.draft)]
    world.move()
    states.append(everything(world.draft))
    reseat(by=world.by, at=NOW, version=world.draft, patient=world.ben, joins=world.session)
    states.append(everything(world.draft))
    lock_planned(by=world.by, at=NOW, session=world.other, locked=True)
    states.append(everything(world.draft))
    for state in reversed(states[:-1]):
        undo(by=world.by, at=NOW, version=world.draft)
        assert everything(world.draft) == state
    with pytest.raises(Refused, match="there is nothing to undo"):
        undo(by=world.by, at=NOW, version=world.draft)
    for state in states[1:]:
        redo(by=world.by, at=NOW, version=world.draft)
        assert everything(world.draft) == state
    with pytest.raises(Refused, match="there is nothing to make again"):
        redo(by=world.by, at=NOW, version=world.draft)
    assert last_entry()[0] == "timetable.redo_planned_change"


def test_what_was_undone_is_lost_once_something_else_is_changed(world: World):
    world.move()
    undo(by=world.by, at=NOW, version=world.draft)
    world.move(starts=on(4, 9))
    with pytest.raises(Refused, match="there is nothing to make again"):
        redo(by=world.by, at=NOW, version=world.draft)
    assert list(PlannedChange.objects.order_by("number").values_list("number", "lost_at")) == [
        (1, NOW),
        (2, None),
    ]


def test_two_planners_do_not_overwrite_each_other_unseen(world: World):
    seen = world.draft.revision
    other = actor(make_staff(world.site, Role.DIRECTOR, name="Lee Second"))
    world.move(by=other, seen=seen)
    with pytest.raises(
        Refused, match=r"Lee Second changed Skills while you were looking\. Nothing was overwritten"
    ):
        world.move(starts=on(4, 9), seen=seen)
    with pytest.raises(
        Refused, match=r"Lee Second changed this draft while you were looking\. Nothing was undone"
    ):
        undo(by=world.by, at=NOW, version=world.draft, seen=seen)
    moved = move_planned(  # another session of the same draft is free to be changed
        by=world.by,
        at=NOW,
        session=world.other,
        starts=on(4, 9),
        mode="on_site",
        room=world.room,
        leader=world.okafor,
        seen=seen,
    )
    assert moved.starts == on(4, 9)
    drop_planned(by=other, at=NOW, session=world.session)
    with pytest.raises(Refused, match="Lee Second dropped this session meanwhile"):
        world.move(seen=seen)


def test_a_published_week_and_a_draft_put_aside_are_not_changed(world: World):
    published = Publication.objects.create(
        week=world.draft.week, version=world.draft, number=1, at=NOW, by=world.director
    )
    for change in (
        world.move,
        lambda: undo(by=world.by, at=NOW, version=world.draft),
        lambda: drop_planned(by=world.by, at=NOW, session=world.session),
    ):
        with pytest.raises(Refused, match=r"This week is published\. Make a draft from it"):
            change()
    published.delete()
    WeekVersion.objects.filter(pk=world.draft.pk).update(dropped_at=NOW)
    with pytest.raises(Refused, match="This draft was put aside"):
        world.move()


def test_only_who_sets_up_the_timetable_changes_a_draft(world: World):
    with pytest.raises(Denied, match="Ask the program director"):
        world.move(by=actor(make_staff(world.site, Role.COUNSELOR)))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("planned_change_verb_known", {"verb": "juggle"}),
        ("planned_change_number_once_in_a_version", {"number": 1}),
        ("only_an_undone_change_is_lost", {"lost_at": NOW}),
    ],
)
def test_the_database_refuses_a_change_that_cannot_be(world: World, name: str, wrong: dict[str, Any]):
    world.move()
    right = {"number": 2, "verb": "move", "title": "Skills", "before": [], "after": [], "at": NOW}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PlannedChange.objects.create(version=world.draft, **(right | wrong))


def test_an_undo_that_would_bring_a_session_back_into_the_past_is_refused(world: World):
    world.move(starts=on(4, 9))
    with pytest.raises(Refused, match="back at a time that has passed"):
        undo(by=world.by, at=on(2, 9) + timedelta(minutes=1), version=world.draft)
    assert PlannedSeat.objects.filter(session=world.session).count() == 1
