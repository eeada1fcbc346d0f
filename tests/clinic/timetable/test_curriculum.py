"""A site's curricula, the one a group follows, a session's topic, and who has had which."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import IntegrityError

from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.audit.models import Entry
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.curriculum import actions, queries, rules
from stepwell.clinic.timetable.curriculum.models import SiteCurriculum
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.recovery.making import patient_acting
from tests.clinic.sessions.making import BEFORE, group_of, held_at, part, written
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, TODAY, actor, make_login, make_patient, make_site, make_staff

PREVENTION = rules.load("relapse-prevention")


@pytest.fixture
def director(site):
    return actor(make_staff(site, Role.DIRECTOR))


@pytest.fixture
def group(site, counselor, director):
    """Wednesdays and Fridays at 6 pm, following relapse prevention since the day before NOW."""
    made = make_group(site, counselor, mode="video", made_at=BEFORE)
    return actions.give_curriculum(by=director, at=BEFORE, group=made, key=PREVENTION.key)


def changed(*, title: str = "Warning signs", key: str = PREVENTION.key, **facts) -> rules.Curriculum:
    """Relapse prevention of the own: its first topic under another title."""
    first, *others = PREVENTION.topics
    return replace(PREVENTION, key=key, topics=(replace(first, title=title), *others), **facts)


def entry() -> tuple[str, str, dict]:
    row = Entry.objects.latest("pk")
    return row.action, row.subject, row.detail


# -- a site takes one --


def test_a_site_takes_a_curriculum_in_versions_and_the_older_ones_stay(site, director):
    row = actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="Early signs"))
    assert (row.key, row.version, row.title, row.by_id) == (
        "relapse-prevention",
        1,
        "Relapse prevention",
        director.staff_id,
    )
    assert entry() == (
        "timetable.take_curriculum",
        f"SiteCurriculum {row.pk}",
        {"key": "relapse-prevention", "version": 1, "groups": 0, "sessions": 0},
    )
    actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="First signs"))
    on_file = queries.shelf_for(director, site.pk).on_file("relapse-prevention")
    assert [(one.version, one.curriculum.topics[0].title) for one in on_file] == [
        (2, "First signs"), (1, "Early signs"), (0, "Warning signs"),
    ]  # fmt: skip


def test_groups_that_follow_it_follow_the_new_version_and_keep_the_topic_that_is_still_there(
    site, director, group
):
    before = list(Occurrence.objects.filter(group=group).order_by("starts"))
    chosen = actions.choose_topic(by=director, at=NOW, occurrence=before[1], topic="urge-surfing")
    new = replace(changed(title="Early signs"), topics=changed(title="Early signs").topics[:3])
    actions.take_curriculum(by=director, at=NOW, site=site, curriculum=new)
    group.refresh_from_db()
    assert group.topics == ["Early signs", "High-risk situations", "Urge surfing"]
    after = list(Occurrence.objects.filter(group=group).order_by("starts"))
    assert {one.topic for one in after} == {"Early signs", "High-risk situations", "Urge surfing"}
    assert after[0].topic == "Early signs"
    assert after[1].topic == chosen.topic == "Urge surfing"
    assert entry()[2]["groups"] == 1


def test_a_session_whose_note_is_begun_keeps_its_topic(site, counselor, director):
    session, patients = group_of(site, counselor)
    actions.give_curriculum(by=director, at=BEFORE, group=session.group, key=PREVENTION.key)
    session.refresh_from_db()
    assert (session.curriculum, session.topic) == ("relapse-prevention", "Warning signs")
    written(actor(counselor), session, patients)
    actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="Early signs"))
    session.refresh_from_db()
    assert session.topic == "Warning signs"


def test_another_site_keeps_its_own(site, director):
    elsewhere = make_site("Elsewhere")
    actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="Early signs"))
    theirs = actor(make_staff(elsewhere, Role.DIRECTOR))
    assert queries.shelf_for(theirs, elsewhere.pk).newest("relapse-prevention") == PREVENTION
    assert queries.shelf_for(theirs, site.pk).newest("relapse-prevention") == PREVENTION
    with pytest.raises(Denied):
        actions.take_curriculum(by=theirs, at=NOW, site=site, curriculum=changed(title="Theirs"))
    assert SiteCurriculum.objects.count() == 1


def test_what_is_here_already_or_was_replaced_meanwhile_is_refused(site, director):
    with pytest.raises(Refused, match="Relapse prevention is here already, just as it stands in this file"):
        actions.take_curriculum(by=director, at=NOW, site=site, curriculum=PREVENTION)
    actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="A"), seen=0)
    with pytest.raises(Refused, match="Somebody else replaced this curriculum meanwhile"):
        actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="B"), seen=0)
    assert SiteCurriculum.objects.count() == 1


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_only_who_sets_up_the_timetable_takes_one_and_gives_one(site, role, group):
    by = actor(make_staff(site, role))
    may = role is Role.DIRECTOR
    for act in (
        lambda: actions.take_curriculum(by=by, at=NOW, site=site, curriculum=changed(title="A")),
        lambda: actions.give_curriculum(by=by, at=NOW, group=group, key="life-skills"),
    ):
        if may:
            act()
        else:
            with pytest.raises(Denied):
                act()
    assert SiteCurriculum.objects.count() == may


# -- a group follows one --


def test_a_group_is_given_a_curriculum_and_its_coming_sessions_get_its_topics(site, counselor, director):
    made = make_group(site, counselor, mode="video", made_at=BEFORE)
    given = actions.give_curriculum(by=director, at=BEFORE, group=made, key="stress-management")
    assert (given.curriculum, given.topics) == ("stress-management", rules.load("stress-management").titles)
    rows = Occurrence.objects.filter(group=made).order_by("starts")
    assert {row.curriculum for row in rows} == {"stress-management"}
    assert [row.topic for row in rows][:4] == [
        "Breathing",
        "Breathing",
        "Stress and the body",
        "Stress and the body",
    ]
    assert entry() == (
        "timetable.give_curriculum",
        f"TherapyGroup {made.pk}",
        {"before": "", "after": "stress-management", "sessions": len(rows)},
    )


def test_the_next_horizon_knows_the_curriculum(site, counselor, director, group):
    timetable.extend_horizon(by=director, at=NOW + timedelta(weeks=2), site=site)
    last = Occurrence.objects.filter(group=group).latest("starts")
    assert last.curriculum == "relapse-prevention"
    assert last.topic in PREVENTION.titles


def test_a_group_that_follows_none_any_more_keeps_its_list(director, group):
    given = actions.give_curriculum(by=director, at=NOW, group=group, key="")
    assert (given.curriculum, given.topics) == ("", PREVENTION.titles)
    coming = Occurrence.objects.filter(group=group, starts__gt=NOW)
    assert {(row.curriculum, row.topic in PREVENTION.titles) for row in coming} == {("", True)}


@pytest.mark.parametrize(
    ("key", "sentence"),
    [("relapse-prevention", "has this already"), ("no-such", "This curriculum is not here any more")],
)
def test_a_curriculum_that_cannot_be_given_is_refused(director, group, key, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.give_curriculum(by=director, at=NOW, group=group, key=key)


# -- a session's topic --


def test_who_leads_chooses_the_topic_of_a_session_and_the_trail_says_so(by, group):
    session = Occurrence.objects.filter(group=group, starts__gt=NOW).earliest("starts")
    row = actions.choose_topic(by=by, at=NOW, occurrence=session, topic="saying-no")
    assert (row.topic, row.curriculum) == ("Saying no", "relapse-prevention")
    assert entry() == (
        "timetable.choose_topic",
        f"Occurrence {session.pk}",
        {"curriculum": "relapse-prevention", "before": "warning-signs", "after": "saying-no"},
    )


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_only_who_leads_and_the_director_choose_it(site, group, role):
    session = Occurrence.objects.filter(group=group, starts__gt=NOW).earliest("starts")
    by = actor(make_staff(site, role))
    if role is Role.DIRECTOR:
        assert actions.choose_topic(by=by, at=NOW, occurrence=session, topic="saying-no").topic == "Saying no"
    else:
        with pytest.raises(Denied, match="Only who leads this session, or the program director"):
            actions.choose_topic(by=by, at=NOW, occurrence=session, topic="saying-no")


def test_a_topic_that_cannot_be_is_refused(site, by, counselor, director, group):
    session = Occurrence.objects.filter(group=group, starts__gt=NOW).earliest("starts")
    with pytest.raises(Refused, match="not part of the group's curriculum"):
        actions.choose_topic(by=by, at=NOW, occurrence=session, topic="yoga")
    timetable.cancel_occurrence(by=director, at=NOW, occurrence=session, because="Ill")
    with pytest.raises(Refused, match="cancelled"):
        actions.choose_topic(by=by, at=NOW, occurrence=session, topic="saying-no")
    plain, patients = group_of(site, counselor, name="Plain")
    with pytest.raises(Refused, match="follows no curriculum"):
        actions.choose_topic(by=by, at=NOW, occurrence=plain, topic="saying-no")
    actions.give_curriculum(by=director, at=BEFORE, group=plain.group, key="relapse-prevention")
    written(by, plain, patients)
    with pytest.raises(Refused, match="The note of this session is begun"):
        actions.choose_topic(by=by, at=NOW, occurrence=plain, topic="saying-no")


# -- who has had which --


def session_about(topic: str, group, counselor, patients, *, days_ago: int, **facts) -> Occurrence:
    """A session of the group about a topic, some days ago."""
    return held_at(
        group.site, counselor, patients, group=group, starts=NOW - timedelta(days=days_ago),
        topic=topic, curriculum=group.curriculum, **facts,
    )  # fmt: skip


def came(counselor, session) -> None:
    sessions.all_here(by=actor(counselor), at=session.ends, occurrence=session)


@pytest.fixture
def ana(site, director, group):
    found = admitted(site)
    timetable.enroll(by=director, at=NOW, patient=found, group=group, starts_on=TODAY)
    return found


@pytest.fixture
def ben(site, director, group):
    found = admitted(site, "Ben", "Stone")
    timetable.enroll(by=director, at=NOW, patient=found, group=group, starts_on=TODAY)
    return found


def test_rolling_admission_who_came_has_had_it_and_the_next_topic_is_what_most_need(
    by, counselor, group, ana, ben
):
    first = session_about("Warning signs", group, counselor, [ana, ben], days_ago=14)
    second = session_about("Urge surfing", group, counselor, [ana], days_ago=7)
    came(counselor, first)
    came(counselor, second)
    found = queries.topics_of_group(by, NOW, group, TODAY)
    assert [p.given_name for p in found.people] == ["Ana", "Ben"]
    rows = {
        row.topic.key: ([str(on) for on in row.held], [p.given_name for p in row.had]) for row in found.rows
    }
    assert rows["warning-signs"] == (["2026-03-04"], ["Ana", "Ben"])
    assert rows["urge-surfing"] == (["2026-03-11"], ["Ana"])
    assert rows["saying-no"] == ([], [])
    assert {pk: len(topics) for pk, topics in found.needs.items()} == {ana.pk: 6, ben.pk: 7}
    assert found.proposal.topic.key == "high-risk-situations"
    assert found.proposal.reasons == (
        "None of the 2 people in the group has had it.",
        "6 topics are needed by as many; this group has never held it.",
    )


def test_who_did_not_come_has_not_had_it_and_a_cancelled_session_was_not_held(
    by, counselor, director, group, ana
):
    missed = session_about("Warning signs", group, counselor, [ana], days_ago=7)
    sessions.record_attendance(
        by=by, at=missed.ends, occurrence=missed,
        entries=[sessions.Entry(patient_id=ana.pk, outcome="excused", reason="Ill")],
    )  # fmt: skip
    found = queries.topics_of_group(by, NOW, group, TODAY)
    assert found.rows[0].held == ()
    assert found.rows[0].had == ()


def test_the_note_says_what_the_session_was_about_when_it_differs(site, by, counselor, group, ana):
    session = session_about("Warning signs", group, counselor, [ana], days_ago=1)
    came(counselor, session)
    sessions.save_draft(
        by=by, at=session.ends, occurrence=session, revision=0, shared="We did something else.",
        topic="Saying no", parts=[part(ana)],
    )  # fmt: skip
    (one,) = queries.progress_of(by, ana)
    assert [topic.key for topic, _ in one.had] == ["saying-no"]


def test_what_was_had_in_another_group_of_the_same_curriculum_counts(
    site, by, counselor, director, group, ana
):
    other = make_group(site, counselor, name="Mornings", mode="video", meets=((1, time(9)),), made_at=BEFORE)
    other = actions.give_curriculum(by=director, at=BEFORE, group=other, key=group.curriculum)
    came(counselor, session := session_about("Urge surfing", other, counselor, [ana], days_ago=3))
    found = queries.topics_of_group(by, NOW, group, TODAY)
    row = next(row for row in found.rows if row.topic.key == "urge-surfing")
    assert (row.held, [p.pk for p in row.had]) == ((), [ana.pk])
    assert session.group_id != group.pk


def test_a_topic_had_under_its_old_title_was_had(site, by, director, counselor, group, ana):
    came(counselor, session_about("Warning signs", group, counselor, [ana], days_ago=3))
    actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="Early signs"))
    (one,) = queries.progress_of(by, ana)
    assert [(topic.title, str(on)) for topic, on in one.had] == [("Early signs", "2026-03-15")]
    assert len(one.needs) == 7
    assert one.groups == ("Relapse prevention",)


def test_a_curriculum_whose_group_was_left_shows_what_was_had_and_asks_nothing_more(
    by, director, counselor, group, ana
):
    came(counselor, session_about("Warning signs", group, counselor, [ana], days_ago=3))
    enrollment = ana.enrollments.get()
    timetable.end_enrollment(by=director, at=NOW, enrollment=enrollment, last_on=TODAY, because="Moved")
    (one,) = queries.progress_of(by, ana)
    assert (len(one.had), one.needs, one.groups) == (1, (), ())


def test_a_stranger_s_topics_are_not_read(site, counselor, group, ana):
    came(counselor, session_about("Warning signs", group, counselor, [ana], days_ago=3))
    elsewhere = actor(make_staff(make_site("Elsewhere"), Role.DIRECTOR))
    biller = actor(make_staff(site, Role.BILLER))
    for by in (elsewhere, biller):
        assert [p for p in queries.progress_of(by, ana) if p.had] == []
        assert queries.topics_of_group(by, NOW, group, TODAY).people == ()


def test_the_page_of_a_group_costs_the_same_for_one_and_for_thirty(
    site, by, counselor, director, group, ana, django_assert_num_queries
):
    def asked() -> None:
        with django_assert_num_queries(5):
            queries.topics_of_group(by, NOW, group, TODAY)
        with django_assert_num_queries(3):
            queries.progress_of(by, ana)

    came(counselor, session_about("Warning signs", group, counselor, [ana], days_ago=3))
    asked()
    many = [make_patient(site, f"Name{n}", "Many") for n in range(30)]
    for n, title in enumerate(PREVENTION.titles):
        session = session_about(title, group, counselor, [ana, *many], days_ago=20 + n)
        came(counselor, session)
    for row in Occurrence.objects.filter(group=group, starts__gt=NOW):
        Occurrence.objects.filter(pk=row.pk).update(capacity=60)
    seats = Occurrence.objects.filter(group=group, starts__gt=NOW).earliest("starts")
    Seat.objects.bulk_create(
        Seat(occurrence=seats, patient=p, number=n + 10, capacity=60, mode="video", at=NOW)
        for n, p in enumerate(many)
    )
    asked()
    assert len(queries.topics_of_group(by, NOW, group, TODAY).people) == 31


# -- hand-outs --


def test_a_patient_has_the_hand_outs_of_what_she_attended_and_no_other(site, counselor, group, ana, ben):
    make_login(ana)
    make_login(ben)
    came(counselor, session_about("Warning signs", group, counselor, [ana, ben], days_ago=9))
    came(counselor, session_about("Urge surfing", group, counselor, [ana], days_ago=2))
    mine = queries.own_handouts(patient_acting(ana), site.pk)
    assert [(h.topic.key, str(h.on)) for h in mine] == [
        ("urge-surfing", "2026-03-16"), ("warning-signs", "2026-03-09"),
    ]  # fmt: skip
    assert [h.topic.key for h in queries.own_handouts(patient_acting(ben), site.pk)] == ["warning-signs"]
    assert queries.own_handout(patient_acting(ben), site.pk, "relapse-prevention", "urge-surfing") is None
    assert queries.own_handouts(actor(counselor), site.pk) == []


def test_a_hand_out_stays_hers_when_the_topic_is_dropped(site, counselor, director, group, ana):
    make_login(ana)
    came(counselor, session_about("Warning signs", group, counselor, [ana], days_ago=9))
    without = replace(PREVENTION, topics=PREVENTION.topics[1:])
    actions.take_curriculum(by=director, at=NOW, site=site, curriculum=without)
    found = queries.own_handout(patient_acting(ana), site.pk, "relapse-prevention", "warning-signs")
    assert found is not None
    assert found.topic == PREVENTION.topics[0]


def test_the_database_knows_each_version_once(site, director):
    row = actions.take_curriculum(by=director, at=NOW, site=site, curriculum=changed(title="A"))
    row.pk = None
    with pytest.raises(IntegrityError, match="curriculum_version_once"):
        row.save(force_insert=True)
