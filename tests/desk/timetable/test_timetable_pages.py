"""The week's board, the schedule of a chart, and the set-up of programs."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.models import (
    Enrollment,
    Meeting,
    Occurrence,
    Program,
    Seat,
    TherapyGroup,
    Track,
)
from tests.clinic.timetable.making import MONDAY, admitted, first_session, make_group, make_session
from tests.making import NOW, TODAY, actor, make_patient, make_room, make_site, make_staff


@pytest.fixture
def client(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def director(site):
    return make_staff(site, Role.DIRECTOR)


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_week_shows_every_session_in_its_place(site, client, counselor):
    make_group(site, counselor)
    shown = page(client, "/week/")
    assert "Week of 16 March" in shown
    assert shown.count(">Relapse prevention<") == 2
    assert "<span>Okafor</span> <span>· Room" in shown
    # Six in the evening, on a board that begins at eight, in rows of five minutes.
    assert "r-120 s-18" in shown


def test_sessions_at_the_same_time_stand_side_by_side(site, client):
    for name in ("Yoga", "Education"):
        make_group(site, name=name, meets=((3, time(9)),))
    shown = page(client, "/week/")
    assert "c-0 w-6" in shown
    assert "c-6 w-6" in shown


def test_the_notice_names_who_is_most_at_risk_and_links_the_mend(site, client):
    make_group(site)
    patient = admitted(site, minutes=90)
    shown = page(client, "/week/")
    session = Occurrence.objects.order_by("starts")[0]
    assert "Ana R. has 0 min of 1 h 30 min this week." in shown
    assert f"/patients/{patient.code}/schedule/?offer={session.pk}" in shown


def test_another_week_is_reached_and_nonsense_is_this_week(client):
    assert "Week of 23 March" in page(client, "/week/?on=2026-03-25")
    for nonsense in ("2026-02-31", "x", "0001-01-01", "9999-12-31", ""):
        assert "Week of 16 March" in page(client, f"/week/?on={nonsense}")


def test_who_may_not_see_hours_sees_the_board_without_them(site, signed_in):
    admitted(site)
    shown = page(signed_in(make_staff(site, Role.COMPLIANCE)), "/week/")
    assert "Hours this week" not in shown
    assert "Ana R." not in shown


def test_a_seat_is_booked_and_released_from_the_chart(site, client):
    patient, session = admitted(site), first_session(make_group(site))
    path = f"/patients/{patient.code}/schedule/"
    assert "Seats that fit" in page(client, f"{path}?offer={session.pk}")
    assert client.post(path + "seats/", {"occurrence": session.pk}).status_code == 302
    seat = Seat.objects.get()
    assert "Release" in page(client, path)
    release = f"{path}seats/{seat.pk}/release/"
    assert client.get(release).status_code == 200
    assert client.post(release, {"because": ""}).status_code == 422
    assert client.post(release, {"because": "Works tonight"}).status_code == 302
    assert Seat.objects.get().released_because == "Works tonight"


def test_somebody_is_enrolled_and_leaves(site, client):
    patient, group = admitted(site), make_group(site)
    path = f"/patients/{patient.code}/schedule/groups/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"group": group.pk, "starts_on": "2026-03-18"}).status_code == 302
    assert Seat.objects.count() == 6
    again = client.post(path, {"group": group.pk, "starts_on": "2026-03-18"})
    assert again.status_code == 422
    assert "already belongs to Relapse prevention" in again.content.decode()
    leave = f"{path}{Enrollment.objects.get().pk}/leave/"
    assert client.get(leave).status_code == 200
    assert client.post(leave, {"last_on": "2026-03-18", "because": "Moved"}).status_code == 302
    assert Seat.objects.filter(released_at=None).count() == 1


def test_a_single_session_is_scheduled_and_a_clash_is_said(site, client, counselor):
    patient = admitted(site)
    path = f"/patients/{patient.code}/schedule/sessions/"
    sent = {"kind": "individual", "day": "2026-03-19", "starts_at": "10:00", "minutes": 60,
            "facilitator": counselor.pk, "mode": "on_site", "room": make_room(site).pk}  # fmt: skip
    assert client.get(path).status_code == 200
    assert client.post(path, sent).status_code == 302
    clash = client.post(path, sent | {"starts_at": "10:30"})
    assert clash.status_code == 422
    assert "Individual session on Thu 19 Mar, 10:00 am" in clash.content.decode()
    assert client.post(path, sent | {"minutes": "many"}).status_code == 422


def test_a_program_a_track_and_a_group_are_set_up(site, signed_in, director, counselor):
    client = signed_in(director)
    program = {
        "name": "IOP",
        "level": "2.1",
        "hours_least": "9",
        "hours_most": "19",
        "planned_weeks": 12,
    }
    assert client.post("/programs/new/", program | {"hours_most": "2"}).status_code == 422
    assert client.post("/programs/new/", program).status_code == 302
    made = Program.objects.get()
    assert (made.minutes_least, made.minutes_most) == (540, 1140)
    assert (
        client.post(f"/programs/{made.pk}/tracks/new/", {"name": "Evening", "kind": "evening"}).status_code
        == 302
    )
    group = {"name": "CBT", "kind": "skills", "tracks": [Track.objects.get().pk], "facilitator": counselor.pk,
             "mode": "on_site", "room": make_room(site).pk, "least": 3, "good": 6, "leaders": 1, "each_week": 5, "capacity": 12, "topics": "Triggers\nCravings\n",
             "weekdays": [0, 3], "starts_at": "18:00", "minutes": 90, "every_weeks": 1, "first_on": "2026-03-18"}  # fmt: skip
    assert client.get("/groups/new/").status_code == 200
    refused = client.post("/groups/new/", group | {"room": ""})
    assert refused.status_code == 422
    assert "A group on site needs a room." in refused.content.decode()
    assert client.post("/groups/new/", group).status_code == 302
    cbt = TherapyGroup.objects.get()
    assert (cbt.topics, Meeting.objects.count(), Occurrence.objects.count()) == (
        ["Triggers", "Cravings"],
        2,
        5,
    )
    assert "Mon, Thu 6:00 pm, 90 min" in page(client, "/programs/")
    assert client.get(f"/groups/{cbt.pk}/").status_code == 200
    end = f"/groups/{cbt.pk}/meetings/{Meeting.objects.get(weekday=3).pk}/end/"
    assert client.get(end).status_code == 200
    assert client.post(end, {"last_on": "2026-03-20"}).status_code == 302
    assert Occurrence.objects.filter(cancelled_at=None).count() == 3


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.ADMISSIONS, Role.COMPLIANCE, Role.SYSTEM_ADMIN])
def test_only_the_director_opens_the_set_up(site, signed_in, role):
    client = signed_in(make_staff(site, role))
    assert [client.get(path).status_code for path in ("/programs/", "/programs/new/", "/groups/new/")] == [
        403
    ] * 3


def test_another_sites_patients_and_groups_are_not_there(site, signed_in, director):
    patient, group = admitted(site), make_group(site)
    other = make_site()
    stranger = signed_in(make_staff(other, Role.COUNSELOR, Role.DIRECTOR))
    path = f"/patients/{patient.code}/schedule/"
    for each in (
        path,
        f"{path}groups/",
        f"{path}sessions/",
        f"{path}seats/1/release/",
        f"/groups/{group.pk}/",
    ):
        assert stranger.get(each).status_code == 404
    own = admitted(other)
    session = first_session(group)
    assert (
        stranger.post(f"/patients/{own.code}/schedule/seats/", {"occurrence": session.pk}).status_code == 404
    )
    assert (
        stranger.post(
            f"/patients/{own.code}/schedule/groups/", {"group": group.pk, "starts_on": "2026-03-18"}
        ).status_code
        == 422
    )
    assert Seat.objects.count() == 0


@pytest.mark.parametrize("occurrence", ["", "x", "-1", "9" * 30, "\x00"])
def test_a_session_that_is_none_is_a_404(site, client, occurrence):
    patient = admitted(site)
    assert (
        client.post(f"/patients/{patient.code}/schedule/seats/", {"occurrence": occurrence}).status_code
        == 404
    )


def count(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_pages_cost_the_same_for_one_row_and_for_thirty(site, signed_in, client, director, counselor):
    by = actor(counselor)
    patient = admitted(site)
    lead = signed_in(director)

    def costs():
        return [
            count(client, "/week/?all=1"),
            count(client, f"/patients/{patient.code}/schedule/"),
            count(lead, "/programs/"),
        ]

    group = make_group(site, room=None, mode="video", capacity=40)
    actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)
    before = costs()
    for n in range(30):
        actions.enroll(by=by, at=NOW, patient=admitted(site, f"P{n}"), group=group, starts_on=TODAY)
    for n in range(10):
        more = make_group(site, name=f"Group {n}", meets=((n % 5, time(7 + n)),), minutes=50)
        actions.enroll(by=by, at=NOW, patient=patient, group=more, starts_on=MONDAY)
        make_session(site, make_staff(site), [admitted(site, f"S{n}")], starts=NOW + timedelta(hours=n))
    after = costs()
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] <= before[1]  # what could save a week is read only where something is lacking


def test_of_many_sessions_side_by_side_a_number_leads_to_the_days_list(site, signed_in, counselor):
    for n in range(8):
        make_session(
            site, make_staff(site, name=f"Lee {n}"), [make_patient(site)], starts=NOW + timedelta(hours=1), title=f"Talk {n}"
        )  # fmt: skip
    make_session(site, counselor, [make_patient(site)], starts=NOW + timedelta(hours=1), title="Own talk")
    client = signed_in(counselor)
    shown = page(client, "/week/?single=1")
    assert ("Own talk" in shown, "4 more" in shown) == (True, True)
    assert [n for n in range(8) if f"Talk {n}<" in shown] == [0, 1, 2, 3]
    whole = page(client, f"/week/?day={NOW.date().isoformat()}&single=1")
    assert [n for n in range(8) if f"Talk {n}<" in whole] == [*range(8)]
    assert "The whole week" in whole
