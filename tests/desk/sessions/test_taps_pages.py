"""What the session room tells after each save: texts that followed the taps, how alike, what is missing."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import NotePart, NoteSignature
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.sessions.making import group_of, signed
from tests.clinic.timetable.making import make_session
from tests.desk.sessions.test_sessions_pages import filled
from tests.making import NOW, actor, make_patient, make_staff


@pytest.fixture
def leading(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def group(site, counselor):
    return group_of(site, counselor)


def saved(client, session, sent):
    answer = client.post(f"/sessions/{session.pk}/draft/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_save_writes_the_sentence_and_tells_the_open_page(leading, group):
    session, (ana, ben) = group
    page = saved(leading, session, filled(session, [ana, ben]) | {f"{ana.code}-text": ""})
    text = NotePart.objects.get(patient=ana).text
    assert text.startswith("Ana") or "Ana" in text
    field = re.search(rf'<textarea id="{ana.code}-text"[^>]*>\s*([^<]*)</textarea>', page)
    assert field is not None
    assert unescape(field[1]) == text
    assert 'hx-swap-oob="true" data-was=""' in field[0]
    assert f'id="{ben.code}-text"' not in page, "what Ben's field holds was not written by the save"


def test_the_likeness_of_each_person_is_told_and_what_is_missing_named(leading, group, by):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    same = "Talked about the weekend and named two people to call."
    page = saved(leading, session, filled(session, [ana, ben]) | {f"{p.code}-text": same for p in (ana, ben)})
    assert page.count("100 % alike") == 2
    assert "100 % of Ana&#39;s part as in Ben&#39;s." in page
    assert "Add one sentence that is only about Ben&#39;s session." in page
    assert "Signs 2 charts, 60 minutes." in page
    mended = {f"{ana.code}-text": f"{same} She cried about the hearing.", f"{ben.code}-text": same}
    page = saved(leading, session, filled(session, [ana, ben], revision="1") | mended)
    assert "only about" not in page
    assert "Nothing is missing" in page


def test_a_raised_risk_has_its_steps_and_asks_what_was_done(leading, group, by):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    page = leading.get(f"/sessions/{session.pk}/").content.decode()
    for step in ("tests/new/", "recovery/plans/safety/", "consent/without-consent/crime_on_premises/"):
        assert f'href="/patients/{ana.code}/{step}"' in page, step
    assert "Do not let Ana drive" in page
    assert f"/patients/{ana.code}/recovery/plans/safety/" in page
    sent = filled(session, [ana, ben]) | {f"{ana.code}-risk": "suicidal"}
    refused = leading.post(f"/sessions/{session.pk}/signature/", sent)
    assert refused.status_code == 422
    assert "Write what Ana said, what was asked and what was done about it." in refused.content.decode()
    assert Alert.objects.get().patient_id == ana.pk
    sent |= {f"{ana.code}-done": "Safety plan read together; her sister came.", "revision": "1"}
    assert leading.post(f"/sessions/{session.pk}/signature/", sent).status_code == 302
    assert NoteSignature.objects.count() == 1
    chart = leading.get(f"/patients/{ana.code}/notes/").content.decode()
    assert "Safety plan read together" in chart
    assert "Safety plan read together" not in leading.get(f"/patients/{ben.code}/notes/").content.decode()


def test_who_may_not_take_a_step_is_not_offered_it(site, signed_in):
    peer = make_staff(site, Role.PEER, credential="CPS")
    session, patients = group_of(site, make_staff(site, Role.COUNSELOR))
    Occurrence.objects.filter(pk=session.pk).update(facilitator=peer)
    page = signed_in(peer).get(f"/sessions/{session.pk}/").content.decode()
    assert "Do not let Ana drive" in page
    assert f"/patients/{patients[0].code}/tests/" not in page


def test_a_goal_of_the_plan_is_not_typed_again_and_the_formats_are_those_of_the_kind(
    site, leading, counselor
):
    patient = make_patient(site)
    session = make_session(site, counselor, [patient], starts=NOW - timedelta(hours=1))
    page = leading.get(f"/sessions/{session.pk}/").content.decode()
    offered = re.findall(r'<option value="([A-Z]+)"', page)
    assert offered == ["DAP", "BIRP", "SOAP", "GIRP"]
    assert 'value="DAP" selected' in page


def test_the_page_of_a_group_costs_the_same_for_three_people_and_for_twelve(
    site, signed_in, django_assert_max_num_queries
):
    counts = []
    for people in (3, 12):
        leader = make_staff(site, Role.COUNSELOR)
        session, patients = group_of(site, leader, people)
        client, by = signed_in(leader), actor(leader)
        actions.all_here(by=by, at=NOW, occurrence=session)
        sent = filled(session, patients)
        saved(client, session, sent)
        with django_assert_max_num_queries(60) as asked:
            saved(client, session, sent | {"shared": "More."})
        counts.append(len(asked))
    assert counts[0] == counts[1]


# entered in error -----------------------------------------------------------------------------------------


def test_a_note_entered_in_error_says_so_in_the_list_the_note_and_on_paper(leading, group, by):
    session, (ana, ben) = group
    note = signed(by, session, [ana, ben])
    actions.add_addendum(
        by=by, at=NOW, note=note, patient=ana, kind="entered_in_error", text="Another Ana.", reason="Wrong person"
    )  # fmt: skip
    where = f"/patients/{ana.code}/notes/"
    for page in (where, f"{where}{note.pk}/", f"{where}{note.pk}/print/"):
        said = leading.get(page).content.decode()
        assert "entered in error" in said.lower(), page
        assert "Another Ana." in said, page
    other = leading.get(f"/patients/{ben.code}/notes/{note.pk}/print/").content.decode()
    assert "Another Ana." not in other
    assert "entered in error" not in other.lower().split("add to this note")[0]


def test_each_chart_shows_its_own_person_and_never_another_name(leading, group, by):
    session, (ana, ben) = group
    note = signed(by, session, [ana, ben])
    mine = {ana: NotePart.objects.get(patient=ana).text, ben: NotePart.objects.get(patient=ben).text}
    for person, other in ((ana, ben), (ben, ana)):
        for page in (
            "notes/",
            f"notes/{note.pk}/",
            f"notes/{note.pk}/print/",
            "",
            "plan/",
            "schedule/",
            "documents/",
        ):
            said = leading.get(f"/patients/{person.code}/{page}").content.decode()
            assert mine[other] not in said, page
            assert other.full_name not in said, page
            assert f"/patients/{other.code}/" not in said, page
        assert mine[person] in leading.get(f"/patients/{person.code}/notes/").content.decode()
