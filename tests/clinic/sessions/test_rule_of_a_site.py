"""What a site sets for its notes, and what no note of any site may hold: an objective out of force, another's name."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import stepwell
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry as Entered
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.plan.models import Objective, Plan
from stepwell.clinic.plan.queries import objectives_in_force
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.sessions.models import Addendum, Attendance, Note, NotePart
from stepwell.clinic.sessions.rules import content_hash, load_note_rule, rule_of
from stepwell.clinic.sessions.rules.sealing import sealed
from stepwell.clinic.timetable.models import Seat
from tests.clinic.plan.making import make_draft, make_plan
from tests.clinic.sessions.making import group_of, held_at, part, signed
from tests.clinic.timetable.making import make_session
from tests.making import NOW, actor, make_site, make_staff


@pytest.fixture
def group(site, counselor):
    return group_of(site, counselor)


def set_at(site, **facts):
    """As the director sets it on the site's page."""
    people.change_site(by=actor(make_staff(site, Role.DIRECTOR)), at=NOW, site=site, facts=facts)
    site.refresh_from_db()


def draft(by, session, *parts, revision=0, **facts):
    facts = {"shared": "We mapped triggers.", "topic": "Triggers", **facts}
    return actions.save_draft(
        by=by, at=NOW, occurrence=session, revision=revision, parts=list(parts), **facts
    )


# the hours --


@pytest.mark.parametrize(("hours", "late"), [(None, False), (2, True), (3, False)])
def test_a_note_of_a_group_is_late_by_the_hours_of_its_site(site, by, group, hours, late):
    set_at(site, note_due_hours=hours)
    session, patients = group
    note = signed(by, session, patients, at=session.ends + timedelta(hours=2))
    assert note.late is late


def test_the_hours_of_the_site_hold_for_sessions_without_a_group_too(site, by, counselor):
    set_at(site, note_due_hours=1)
    patient = group_of(site, counselor, 1)[1][0]
    session = make_session(site, counselor, [patient], starts=NOW + timedelta(hours=1))
    at = session.ends + timedelta(hours=1)
    actions.all_here(by=by, at=at, occurrence=session)
    sections = {"data": "Slept badly.", "assessment": "Tired.", "plan": "Earlier evenings."}
    note = actions.save_draft(
        by=by, at=at, occurrence=session, revision=0, shared="Went through the week.", topic="Sleep",
        parts=[part(patient, text="", sections=sections)], format="DAP",
    )  # fmt: skip
    assert actions.sign_note(by=by, at=at, note=note, revision=note.revision).late is True


def test_whoever_leads_the_program_sees_what_is_late_by_the_hours_of_the_site(site, counselor, group):
    director = actor(make_staff(site, Role.DIRECTOR))
    session, _ = group
    at = session.ends + timedelta(hours=5)
    assert list(queries.late_of_others(director, at)) == []
    set_at(site, note_due_hours=5)
    assert list(queries.late_of_others(director, at)) == [session]
    assert list(queries.late_of_others(director, at - timedelta(minutes=1))) == []


def test_another_site_keeps_its_own_hours(db):
    first, second = make_site(note_due_hours=24), make_site()
    shipped = load_note_rule()
    assert (rule_of(first).due_hours, rule_of(second).due_hours) == (24, shipped.due_hours)
    assert rule_of(make_site(note_alike_percent=50)).clone_likeness == Decimal("0.5")
    assert rule_of(second) == shipped


# the likeness --


def test_the_site_says_from_which_likeness_a_sentence_of_the_own_is_asked_for(site, by, group):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(
        by,
        session,
        part(ana, text="Listened closely and tried the breathing exercise twice today."),
        part(ben, text="Listened closely and tried the breathing exercise once today."),
    )
    seats = queries.roster_of(by, session)

    def asked():
        decision = queries.readiness(by, NOW, site_session(session), note, seats)
        return sorted(missing.patient_id for missing in decision.missing if missing.part == "own sentence")

    assert asked() == []
    # Both have a sentence of their own, as one word differs; so the threshold alone asks for nothing.
    set_at(site, note_alike_percent=30)
    assert asked() == []
    draft(by, session, part(ana, text="Tried breathing."), part(ben, text="Tried breathing."), revision=1)
    assert asked() == [ana.pk, ben.pk]


def site_session(session):
    session.site = Site.objects.get(pk=session.site_id)
    return session


@pytest.mark.parametrize(("percent", "refused"), [(None, False), (50, True)])
def test_below_the_thresholds_own_words_a_site_may_ask_earlier(site, by, group, percent, refused):
    """7 of 11 runs are the same; no sentence is long enough to be somebody's own."""
    set_at(site, note_alike_percent=percent)
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    same = "Came on time. Sat near door. Named one trigger."
    note = draft(by, session, part(ana, text=f"{same} Left early."), part(ben, text=f"{same} Stayed on."))
    if refused:
        with pytest.raises(Refused, match="Add one sentence that is only about Ana's session"):
            actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    else:
        assert actions.sign_note(by=by, at=NOW, note=note, revision=note.revision).signed_at == NOW


# objectives --


def test_only_an_objective_of_the_plan_in_force_is_linked(by, group):
    session, (ana, _) = group
    episode = ana.episodes.get()
    make_draft(by, episode)
    in_draft = Objective.objects.get(goal__problem__plan__episode=episode)
    with pytest.raises(Refused, match="“Days without alcohol” is not in the plan in force"):
        draft(by, session, part(ana, objective_id=in_draft.pk))
    assert NotePart.objects.count() == 0


def test_one_that_was_linked_while_it_was_in_force_stays(by, group):
    session, (ana, ben) = group
    episode = ana.episodes.get()
    make_plan(by, episode)
    old = Objective.objects.get(goal__problem__plan__episode=episode)
    draft(by, session, part(ana, objective_id=old.pk))
    old.goal.problem.plan.__class__.objects.update(superseded_at=NOW)
    note = draft(by, session, part(ana, objective_id=old.pk, text="Another word."), revision=1)
    assert note.parts.get(patient=ana).objective == old
    with pytest.raises(Refused, match="another person's plan"):
        draft(by, session, part(ben, objective_id=old.pk), revision=2)


def test_a_note_written_after_the_plan_ended_links_what_was_worked_on(by, group):
    session, (ana, _) = group
    episode = ana.episodes.get()
    make_plan(by, episode)
    old = Objective.objects.get(goal__problem__plan__episode=episode)
    plan = Plan.objects.filter(pk=old.goal.problem.plan_id)
    plan.update(superseded_at=session.starts)
    with pytest.raises(Refused, match="“Days without alcohol” is not in the plan in force"):
        draft(by, session, part(ana, objective_id=old.pk))
    assert objectives_in_force(by, [ana.pk], since=session.starts) == {}
    plan.update(superseded_at=session.starts + timedelta(minutes=1))
    assert objectives_in_force(by, [ana.pk], since=session.starts) == {ana.pk: [old]}
    assert objectives_in_force(by, [ana.pk]) == {}
    note = draft(by, session, part(ana, objective_id=old.pk))
    assert note.parts.get(patient=ana).objective == old


# names --


@pytest.mark.parametrize(
    "facts",
    [
        {"topic": "What happened to Ben Family1"},
        {"shared": "The group heard how Ben F. got here."},
        {"shared": "The group heard how Benny Family1 got here."},
    ],
)
def test_what_every_chart_shows_names_nobody(by, group, facts):
    session, patients = group
    Patient.objects.filter(pk=patients[1].pk).update(preferred_name="Benny" if "Benny" in str(facts) else "")
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, *(part(patient) for patient in patients), **facts)
    with pytest.raises(Refused, match=r"names (Ben|Benny); take the name out"):
        actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)


@pytest.mark.parametrize("field", ["text", "skill", "done"])
def test_a_part_names_no_other_patient_in_any_of_its_fields(by, group, field):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, part(ana, **{field: "Sat with Ben F. for a while."}), part(ben))
    with pytest.raises(Refused, match="Ana's part names another patient"):
        actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)


def test_two_people_of_one_name_may_both_be_written_about(site, by, group):
    session, (ana, ben) = group
    Patient.objects.filter(pk=ben.pk).update(given_name="Ana", family_name="Franklin")
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, part(ana, text="Ana F. spoke first."), part(ben, text="Listened to the end."))
    assert actions.sign_note(by=by, at=NOW, note=note, revision=note.revision).signed_at == NOW


def test_a_first_name_alone_is_pointed_out_and_stops_nothing(by, group):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, part(ana, text="Ben helped Ana with the exercise."), part(ben))
    decision = queries.readiness(by, NOW, session, note, queries.roster_of(by, session))
    assert (decision.allowed, decision.warnings) == (
        True,
        ("Ana's part says “Ben”. If that is another person, take the name out.",),
    )


def test_an_addendum_names_no_other_patient_either(by, group):
    session, (ana, ben) = group
    note = signed(by, session, [ana, ben])
    for facts in ({"text": "It was Ben F. who said so."}, {"reason": "Ben Family1 called"}):
        with pytest.raises(Refused, match=r"This names Ben F\., who was in the same session"):
            actions.add_addendum(
                by=by, at=NOW, note=note, patient=ana, kind="addendum", **{"text": "More.", "reason": "Late", **facts}
            )  # fmt: skip
    with pytest.raises(Refused, match=r"This names Ana F\."):
        actions.add_addendum(
            by=by, at=NOW, note=note, kind="addendum", text="Ana Family0 led it.", reason="Late"
        )
    assert Addendum.objects.count() == 0
    own = actions.add_addendum(
        by=by, at=NOW, note=note, patient=ana, kind="addendum", text="Ana Family0 called again.", reason="Later"
    )  # fmt: skip
    assert own.patient == ana


# who was there --


def test_whoever_gave_the_seat_up_gets_nothing_of_the_draft_into_the_chart(by, group):
    session, (ana, ben) = group
    draft(by, session, part(ana), part(ben))
    Seat.objects.filter(occurrence=session, patient=ben).update(released_at=NOW)
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = Note.objects.get()
    actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    assert [row.patient for row in NotePart.objects.all()] == [ana]
    assert list(queries.notes_of(by, ben)) == []
    assert list(Entered.objects.filter(patient_id=ben.pk, action__startswith="sessions.").order_by("seq")
                .values_list("action", flat=True)) == ["sessions.save_draft", "sessions.drop_part"]  # fmt: skip


def test_the_seal_holds_how_and_when_somebody_took_part(by, group):
    session, (ana, ben) = group
    note = signed(by, session, [ana, ben])
    seats = queries.roster_of(by, session)
    parts = {row.patient_id: row for row in NotePart.objects.all()}
    seats = sorted(seats, key=lambda seat: seat.pk)
    assert content_hash(sealed(session, note, seats, parts)) == note.content_hash
    for change in (
        {"mode": "on_site"},
        {"stepped_out": [[NOW.isoformat(), None]]},
        {"minutes": 1},
        {"reason": "x"},
    ):
        before = {name: getattr(seats[0].attendance, name) for name in change}
        for name, value in change.items():
            setattr(seats[0].attendance, name, value)
        assert content_hash(sealed(session, note, seats, parts)) != note.content_hash, change
        for name, value in before.items():
            setattr(seats[0].attendance, name, value)


def test_a_chart_says_who_took_part_by_video_though_the_group_has_a_room(site, by, counselor):
    ana, ben = group_of(site, counselor)[1]
    session = held_at(site, counselor, [ana, ben], starts=NOW - timedelta(hours=3), mode="both")
    entries = [
        actions.Entry(patient_id=ana.pk, outcome="present", mode="video"),
        actions.Entry(patient_id=ben.pk, outcome="present", mode="on_site"),
    ]
    actions.record_attendance(by=by, at=NOW, occurrence=session, entries=entries)
    note = draft(by, session, part(ana), part(ben))
    actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    assert [queries.note_part_for(by, one, note.pk).mode for one in (ana, ben)] == ["video", "on_site"]
    assert Attendance.objects.filter(locked_at=NOW).count() == 2


# one way in --


def test_the_words_of_notes_have_no_separate_way_in():
    """Pages, print and every list read them through `queries.room`; search, other steps and exports do not read them."""
    here = Path(stepwell.__file__).parent
    named = re.compile(r"\bNotePart\b|clinic_notepart\b|\bnote_parts\b|\bnotes_of\b|\bnote_part_for\b")
    found = {
        str(path.relative_to(here))
        for path in here.rglob("*.py")
        if "/migrations/" not in str(path) and named.search(path.read_text("utf-8"))
    }
    assert found == {
        "clinic/chart/queries/timeline.py",  # minutes and the day, no words
        "clinic/sessions/actions/signing.py",
        "clinic/sessions/actions/writing.py",
        "clinic/sessions/models.py",
        "clinic/sessions/queries/__init__.py",
        "clinic/sessions/queries/joining.py",
        "clinic/sessions/queries/last.py",
        "clinic/sessions/queries/on_objectives.py",
        "clinic/sessions/queries/room.py",
        "clinic/sessions/rules/drafts.py",
        "desk/sessions/notes.py",
    }
