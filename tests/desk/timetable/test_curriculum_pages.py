"""Pages of curricula: a site's files, a group's topics, what a session has from its topic, the chart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.recovery.models import Homework
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.curriculum import actions, rules
from stepwell.clinic.timetable.curriculum.models import SiteCurriculum
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.sessions.making import BEFORE, group_of, written
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, TODAY, actor, make_site, make_staff

PREVENTION = rules.load("relapse-prevention")


@pytest.fixture
def director(site):
    return make_staff(site, Role.DIRECTOR)


@pytest.fixture
def directing(signed_in, director):
    return signed_in(director)


@pytest.fixture
def leading(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def session(site, counselor, director):
    """This morning's, over as NOW begins, with two people and a topic."""
    found, _ = group_of(site, counselor)
    actions.give_curriculum(by=actor(director), at=BEFORE, group=found.group, key=PREVENTION.key)
    found.refresh_from_db()
    return found


def page(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def upload(client, content: bytes | str):
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/curricula/preview/", {"file": SimpleUploadedFile("own.json", raw)})


def own(**changes) -> rules.Curriculum:
    return replace(PREVENTION, key="evenings", title="Evenings", **changes)


def hidden(answer) -> dict[str, str]:
    """What the page sends when *Take it* is pressed."""
    form = answer.context["form"] if answer.context else None
    assert form is not None
    return {name: form[name].value() for name in ("content", "seen")}


# -- files --


def test_the_list_shows_what_ships_and_who_may_add(directing, leading):
    shown = page(directing, "/curricula/")
    assert all(f"/curricula/of/{key}/" in shown for key in rules.shipped())
    assert "Look at it" in shown
    assert "Look at it" not in page(leading, "/curricula/")


def test_a_file_is_looked_at_before_it_is_taken(directing, site):
    answer = upload(directing, rules.as_file(own()))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "It is new here." in shown
    assert "Urge surfing" in shown
    assert SiteCurriculum.objects.count() == 0
    sent = {"content": rules.as_file(own()), "seen": "0"}
    taken = directing.post("/curricula/taking/", sent)
    assert (taken.status_code, taken["Location"]) == (302, "/curricula/of/evenings/")
    assert SiteCurriculum.objects.get().site_id == site.pk
    assert "Version 1" in page(directing, "/curricula/of/evenings/")
    again = directing.post("/curricula/taking/", sent)
    assert again.status_code == 422
    assert "Somebody else replaced this curriculum meanwhile" in again.content.decode()


def test_what_a_replacement_changes_is_said(directing, session):
    new = replace(PREVENTION, topics=PREVENTION.topics[1:])
    shown = upload(directing, rules.as_file(new)).content.decode()
    assert "It replaces Relapse prevention as it comes with Stepwell." in shown
    assert "Relapse prevention will follow it at once" in shown
    assert "Topics that go" in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "<code>line 1, column 1</code>: The file is not JSON: Expecting value."),
        (b"\xff\xfe\x00", "The file is not text in UTF-8. Save it as UTF-8 and send it again."),
        (json.dumps([1]), "The file holds no curriculum: it must be one object with the topics in it."),
        (json.dumps({**rules.as_document(PREVENTION), "minutes": 5}), "<code>minutes</code>: This must be between 15 and 480."),
        (json.dumps({**rules.as_document(PREVENTION), "<b>x</b>": 5}), "<code>&lt;b&gt;x&lt;/b&gt;</code>: Nothing of this name is known here."),
        (b" " * (rules.SIZE_LIMIT + 1), "The file is larger than 300 kB. Take pictures and other files out of it."),
    ],
    ids=["empty", "no text", "a list", "minutes", "markup", "large"],
)  # fmt: skip
def test_a_bad_file_is_refused_with_place_and_sentence(directing, content, said):
    answer = upload(directing, content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert SiteCurriculum.objects.count() == 0


@pytest.mark.parametrize(
    "sent",
    [{}, {"content": "", "seen": "0"}, {"content": "{", "seen": "0"}, {"content": "x\x00", "seen": "-1"}],
)
def test_what_was_not_looked_at_is_not_taken(directing, sent):
    answer = directing.post("/curricula/taking/", sent)
    assert answer.status_code in (200, 422)
    assert SiteCurriculum.objects.count() == 0


def test_no_file_at_all_is_said(directing):
    answer = directing.post("/curricula/preview/", {})
    assert answer.status_code == 422


def test_one_is_downloaded_in_any_version_and_taken_in_again(directing, site, director):
    actions.take_curriculum(by=actor(director), at=NOW, site=site, curriculum=own(about="First."))
    actions.take_curriculum(by=actor(director), at=NOW, site=site, curriculum=own(about="Second."))
    newest = directing.get("/curricula/of/evenings/file/")
    assert newest["Content-Disposition"] == 'attachment; filename="evenings-2.json"'
    assert rules.read(newest.content) == own(about="Second.")
    older = directing.get("/curricula/of/evenings/file/?version=1")
    assert rules.read(older.content) == own(about="First.")
    assert directing.get("/curricula/of/evenings/file/?version=9").status_code == 404
    assert directing.get("/curricula/of/no-such/file/").status_code == 404
    assert directing.get("/curricula/of/no-such/").status_code == 404


def test_the_schema_is_published(leading):
    assert json.loads(leading.get("/curricula/schema/").content)["title"] == "Stepwell curriculum"


def test_the_stimulant_program_shows_its_week(leading):
    shown = page(leading, "/curricula/of/stimulant-16-weeks/")
    assert "It gives 4.5 to 7 hours a week by itself" in shown
    assert "1 to 16" in shown


def test_a_hand_out_prints_for_the_room(leading):
    shown = page(leading, "/curricula/of/relapse-prevention/hand-outs/urge-surfing/")
    assert "like a surfer on a wave" in shown
    page(leading, "/curricula/of/relapse-prevention/hand-outs/no-such/", 404)


# -- a group's topics --


def test_the_page_of_a_group_proposes_the_next_topic_and_uses_it(
    directing, leading, site, counselor, director, session
):
    by = actor(counselor)
    written(by, session, [seat.patient for seat in session.seats.all()])
    Occurrence.objects.filter(pk=session.pk).update(topic="Warning signs")
    session.note.topic = "Warning signs"
    session.note.save()
    shown = page(leading, f"/groups/{session.group_id}/topics/")
    assert "None of the 2 people in the group has had it." not in shown  # nobody is booked further on
    later = Occurrence.objects.filter(group=session.group, starts__gt=NOW).earliest("starts")
    for seat in session.seats.all():
        timetable.book_seat(by=by, at=NOW, patient=seat.patient, occurrence=later)
    shown = page(leading, f"/groups/{session.group_id}/topics/")
    assert "None of the 2 people in the group has had it." in shown
    assert "2 of 2" in shown
    answer = leading.post(f"/sessions/{later.pk}/topic/", {"topic": "saying-no"})
    assert answer["Location"] == f"/groups/{session.group_id}/topics/"
    later.refresh_from_db()
    assert later.topic == "Saying no"


def test_another_role_may_look_and_not_change(signed_in, site, session):
    peer = signed_in(make_staff(site, Role.PEER))
    later = Occurrence.objects.filter(group=session.group, starts__gt=NOW).earliest("starts")
    assert "Change<span" not in page(peer, f"/groups/{session.group_id}/topics/")
    assert peer.post(f"/sessions/{later.pk}/topic/", {"topic": "saying-no"}).status_code == 403
    assert (
        signed_in(make_staff(site, Role.BILLER)).get(f"/groups/{session.group_id}/topics/").status_code == 403
    )
    stranger = signed_in(make_staff(make_site("Elsewhere"), Role.DIRECTOR))
    assert stranger.get(f"/groups/{session.group_id}/topics/").status_code == 404
    assert stranger.post(f"/sessions/{later.pk}/topic/", {"topic": "saying-no"}).status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"topic": "yoga"}, {"topic": "x" * 99}, {"topic": "a\x00"}, {"topic": "ü ö"}]
)
def test_nonsense_changes_no_topic(leading, session, sent):
    later = Occurrence.objects.filter(group=session.group, starts__gt=NOW).earliest("starts")
    assert leading.post(f"/sessions/{later.pk}/topic/", sent).status_code == 302
    before = later.topic
    later.refresh_from_db()
    assert later.topic == before


def test_the_director_gives_a_group_another_curriculum(directing, leading, session):
    path = f"/groups/{session.group_id}/curriculum/"
    assert directing.post(path, {"curriculum": "life-skills"}).status_code == 302
    session.group.refresh_from_db()
    assert session.group.curriculum == "life-skills"
    same = directing.post(path, {"curriculum": "life-skills"})
    assert same.status_code == 422
    assert "has this already" in same.content.decode()
    assert directing.post(path, {"curriculum": "no-such"}).status_code == 422
    assert leading.post(path, {"curriculum": ""}).status_code == 403
    shown = page(directing, f"/groups/{session.group_id}/topics/")
    assert "The curriculum is made for" in shown


def test_a_group_without_one_says_so(directing, leading, site, counselor):
    group = make_group(site, counselor, mode="video")
    assert "This group follows no curriculum" in page(leading, f"/groups/{group.pk}/topics/")
    assert "Follow a curriculum" in page(directing, f"/groups/{group.pk}/")


# -- in the session room --


def test_the_room_opens_with_the_shared_part_the_skills_and_the_hand_out_of_the_topic(leading, session):
    shown = page(leading, f"/sessions/{session.pk}/")
    warning = PREVENTION.topics[0]
    assert f">{warning.shared}</textarea>" in shown
    assert 'value="Warning signs"' in shown
    for skill in warning.skills:
        assert shown.count(f'type="button">{skill}</button>') == 2
    assert "/curricula/of/relapse-prevention/hand-outs/warning-signs/" in shown


def test_once_there_is_a_note_its_own_words_stand(leading, counselor, session):
    written(actor(counselor), session, [seat.patient for seat in session.seats.all()])
    shown = page(leading, f"/sessions/{session.pk}/")
    assert "The group mapped triggers and practiced urge surfing." in shown
    assert PREVENTION.topics[0].shared not in shown


def test_homework_is_given_to_all_who_are_here_with_one_button_and_to_nobody_twice(
    leading, counselor, session
):
    path = f"/sessions/{session.pk}/topic/homework/"
    leading.post(path)
    assert Homework.objects.count() == 0  # nobody is here yet
    sessions.all_here(by=actor(counselor), at=NOW - timedelta(minutes=30), occurrence=session)
    assert "Give it to the 2 present" in page(leading, f"/sessions/{session.pk}/")
    answer = leading.post(path, headers={"HX-Request": "true"})
    assert "2 people got it" in answer.content.decode()
    warning = PREVENTION.topics[0]
    given = list(Homework.objects.values_list("title", "instructions", "occurrence_id", "due_on"))
    after = Occurrence.objects.filter(group=session.group, starts__gt=NOW).earliest("starts").local_date
    assert given == [(warning.title, warning.homework, session.pk, after)] * 2
    again = leading.post(path, headers={"HX-Request": "true"})
    assert "Everybody who is here has it already." in again.content.decode()
    assert Homework.objects.count() == 2


def test_homework_needs_the_right_and_the_site(signed_in, site, session):
    path = f"/sessions/{session.pk}/topic/homework/"
    assert signed_in(make_staff(site, Role.BILLER)).post(path).status_code == 403
    assert signed_in(make_staff(make_site("Elsewhere"), Role.COUNSELOR)).post(path).status_code == 404


def test_without_a_topic_of_a_curriculum_there_is_no_homework_to_give(leading, site, counselor):
    plain, _ = group_of(site, counselor, name="Plain")
    answer = leading.post(f"/sessions/{plain.pk}/topic/homework/", headers={"HX-Request": "true"})
    assert "no topic of a curriculum" in answer.content.decode()
    assert 'id="session-topic"' not in page(leading, f"/sessions/{plain.pk}/")


# -- in the chart --


def test_the_chart_says_what_was_had_and_what_is_still_to_come(
    leading, signed_in, site, counselor, director, session
):
    patient = session.seats.order_by("pk")[0].patient
    timetable.enroll(by=actor(director), at=NOW, patient=patient, group=session.group, starts_on=TODAY)
    sessions.all_here(by=actor(counselor), at=NOW - timedelta(minutes=30), occurrence=session)
    shown = page(leading, f"/patients/{patient.code}/schedule/")
    part = shown[shown.index('id="topics"') :]
    assert 'Warning signs <span class="soft small">Wed 18 Mar</span>' in part
    assert "High-risk situations; Urge surfing" in part
    biller = signed_in(make_staff(site, Role.BILLER))
    assert 'id="topics"' not in page(biller, f"/patients/{patient.code}/schedule/")


def test_pages_cost_the_same_however_many_topics_were_had(leading, site, counselor, director, session):
    ana = session.seats.order_by("pk")[0].patient
    timetable.enroll(by=actor(director), at=NOW, patient=ana, group=session.group, starts_on=TODAY)

    def cost() -> list[int]:
        found = []
        for path in (f"/patients/{ana.code}/schedule/", f"/groups/{session.group_id}/topics/", "/curricula/"):
            with CaptureQueriesContext(connection) as asked:
                page(leading, path)
            found.append(len(asked))
        return found

    sessions.all_here(by=actor(counselor), at=NOW - timedelta(minutes=30), occurrence=session)
    cost()  # the first look at a chart is written into the trail
    few = cost()
    for n in range(8):
        another = admitted(site, f"Name{n}", "More")
        timetable.enroll(by=actor(director), at=NOW, patient=another, group=session.group, starts_on=TODAY)
    for n in range(3):
        actions.take_curriculum(by=actor(director), at=NOW, site=site, curriculum=own(about=f"Version {n}."))
    assert cost() == few
