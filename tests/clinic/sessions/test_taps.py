"""What the taps of the room write, what a raised risk starts, and clones that are asked for a sentence."""

from datetime import timedelta

import pytest

from stepwell.audit.models import Entry as Entered
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Note, NotePart
from stepwell.clinic.sessions.queries.last import last_parts
from stepwell.clinic.sessions.rules import sentence_of
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.sessions.making import group_of, part, signed, written
from tests.clinic.timetable.making import make_session
from tests.making import NOW, make_patient


@pytest.fixture
def group(site, counselor):
    return group_of(site, counselor)


def draft(by, session, *parts, revision=0, topic="Triggers", **facts):
    return actions.save_draft(
        by=by, at=NOW, occurrence=session, revision=revision, shared="We mapped triggers.", topic=topic,
        parts=parts, **facts,
    )  # fmt: skip


def said_of(patient):
    return NotePart.objects.get(patient=patient).text


TAPS = {"participation": "active", "affect": "calm", "response": "practiced"}


def test_an_empty_text_becomes_the_sentence_of_the_taps(by, group):
    session, (ana, _) = group
    Patient.objects.filter(pk=ana.pk).update(pronouns="she/her")
    draft(by, session, part(ana, text=""))
    assert said_of(ana) == sentence_of("Ana", "she/her", TAPS, "", "", "Triggers")


def test_an_untouched_sentence_follows_the_taps_the_skill_and_the_topic(by, group):
    session, (ana, _) = group
    draft(by, session, part(ana, text=""))
    draft(
        by,
        session,
        part(ana, text=said_of(ana), response="unsure", skill="breathing"),
        revision=1,
        topic="Sleep",
    )
    assert said_of(ana) == sentence_of("Ana", "", TAPS | {"response": "unsure"}, "breathing", "", "Sleep")


def test_what_somebody_wrote_stays_whatever_is_tapped(by, group):
    session, (ana, _) = group
    draft(by, session, part(ana, text=""))
    own = said_of(ana) + " Called her sister."
    draft(by, session, part(ana, text=own, response="unsure"), revision=1)
    draft(by, session, part(ana, text=own, response="opposed"), revision=2)
    assert said_of(ana) == own


def test_no_taps_write_nothing(by, group):
    session, (ana, _) = group
    draft(by, session, actions.DraftPart(patient_id=ana.pk, risk="none"))
    assert said_of(ana) == ""


def test_saving_the_sentence_again_as_empty_or_as_it_is_writes_nothing(by, group):
    session, (ana, _) = group
    draft(by, session, part(ana, text=""))
    assert draft(by, session, part(ana, text=""), revision=1).revision == 1
    assert draft(by, session, part(ana, text=said_of(ana)), revision=1).revision == 1


def test_a_note_in_sections_gets_no_sentence(site, by, counselor):
    session = make_session(site, counselor, [make_patient(site)], starts=NOW - timedelta(hours=1))
    patient = session.seats.get().patient
    note = draft(by, session, part(patient, text="", sections={"data": "x"}))
    assert (note.format, said_of(patient)) == ("DAP", "")


@pytest.mark.parametrize(
    ("kind", "format", "fitting"),
    [("individual", "GROUP", "DAP or BIRP or SOAP or GIRP"), ("medical", "BIRP", "SOAP or DAP")],
)
def test_a_format_of_another_kind_of_session_is_refused(site, by, counselor, kind, format, fitting):
    session = make_session(site, counselor, [make_patient(site)], starts=NOW - timedelta(hours=1))
    Occurrence.objects.filter(pk=session.pk).update(kind=kind)
    with pytest.raises(Refused, match=f"“{kind}” is not written as {format}; choose {fitting}."):
        draft(by, session, format=format)


# a raised risk --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("risk", "severity"), [("intoxicated", "soon"), ("suicidal", "urgent"), ("threat", "urgent")]
)
def test_a_raised_risk_is_an_alert_that_stays_when_the_tap_is_taken_back(by, group, risk, severity):
    session, (ana, ben) = group
    draft(by, session, part(ana, risk=risk), part(ben))
    alert = Alert.objects.get()
    assert (alert.patient_id, alert.kind, alert.severity) == (ana.pk, f"session_{risk}", severity)
    assert alert.sentence.endswith(f" in {session.title}; Nia Okafor marked it.")
    draft(by, session, part(ana, risk="none"), part(ben), revision=1)
    draft(by, session, part(ana, risk=risk), part(ben), revision=2)
    assert Alert.objects.count() == 1
    assert Entered.objects.filter(action="assessment.raise_alert", patient_id=ana.pk).count() == 1


@pytest.mark.parametrize("risk", ["none", "watch", ""])
def test_no_risk_and_watching_are_no_alert(by, group, risk):
    session, (ana, _) = group
    draft(by, session, part(ana, risk=risk))
    assert Alert.objects.count() == 0


def test_a_raised_risk_is_signed_with_what_was_done(by, group):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, part(ana, risk="suicidal"), part(ben))
    with pytest.raises(Refused, match="Write what Ana said, what was asked and what was done about it"):
        actions.sign_note(by=by, at=NOW, note=note, revision=1)
    note = draft(
        by, session, part(ana, risk="suicidal", done="Went through the safety plan; her sister came."), part(ben),
        revision=1,
    )  # fmt: skip
    assert actions.sign_note(by=by, at=NOW, note=note, revision=2).signed_at == NOW


# clones ---------------------------------------------------------------------------------------------------

SAME = "Talked about the weekend and named two people to call."


def test_clones_are_not_signed_until_each_has_a_sentence_of_its_own(by, group):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, part(ana, text=SAME), part(ben, text=SAME))
    with pytest.raises(Refused, match="Add one sentence that is only about Ana's session"):
        actions.sign_note(by=by, at=NOW, note=note, revision=1)
    note = draft(
        by, session, part(ana, text=f"{SAME} She cried about the hearing."), part(ben, text=SAME), revision=1
    )
    assert actions.sign_note(by=by, at=NOW, note=note, revision=2).signed_at == NOW


def test_what_stood_in_the_last_signed_part_is_no_sentence_of_its_own(site, by, counselor, group):
    session, (ana, ben) = group
    first = written(by, session, [ana, ben])
    note = draft(by, session, part(ana, text=SAME), part(ben), revision=first.revision)
    actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    group = Occurrence.objects.filter(group=session.group).order_by("starts")[1]
    for patient in (ana, ben):
        timetable.book_seat(by=by, at=NOW, patient=patient, occurrence=group)
    later = group.ends
    actions.all_here(by=by, at=later, occurrence=group)
    note = actions.save_draft(
        by=by, at=later, occurrence=group, revision=0, shared="More.", topic="Sleep",
        parts=[part(ana, text=SAME), part(ben, text="Slept eight hours on Sunday for the first time.")],
    )  # fmt: skip
    with pytest.raises(Refused) as no:
        actions.sign_note(by=by, at=later, note=note, revision=note.revision)
    assert no.value.sentence.endswith("Add one sentence that is only about Ana's session.")


def test_the_last_parts_are_the_newest_signed_ones_of_those_with_a_seat(site, by, group):
    session, (ana, ben) = group
    assert last_parts(session, 3) == {}
    signed(by, session, [ana, ben])
    found = last_parts(session, 3)
    assert {pk: len(texts) for pk, texts in found.items()} == {ana.pk: 1, ben.pk: 1}
    assert last_parts(session, 0) == {}
    assert Note.objects.count() == 1


def test_the_last_part_of_a_note_in_sections_is_its_sections_in_their_order(site, by, counselor):
    patient = make_patient(site)
    session = make_session(site, counselor, [patient], starts=NOW - timedelta(hours=1))
    actions.all_here(by=by, at=NOW, occurrence=session)
    sections = {"data": "Slept badly.", "assessment": "Stress.", "plan": "A diary."}
    note = draft(by, session, part(patient, text="", sections=sections))
    actions.sign_note(by=by, at=NOW, note=note, revision=1)
    assert last_parts(session, 3) == {patient.pk: ["Stress. Slept badly. A diary."]}
