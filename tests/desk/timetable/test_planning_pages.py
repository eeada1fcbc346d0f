"""Planning a week in the browser's words: open, compute, look, compare, publish, mend."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.actions import planning
from stepwell.clinic.timetable.models import (
    Occurrence,
    Publication,
    Solve,
    Week,
    WeekNotice,
    WeekVersion,
)
from tests.clinic.timetable.week_making import NEXT_MONDAY, Clinic
from tests.making import NOW, make_site, make_staff
from weekplan.solving import solve


@pytest.fixture
def clinic(site) -> Clinic:
    return Clinic(site)


@pytest.fixture
def client(signed_in, clinic):
    return signed_in(clinic.director)


def page(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def opened(client) -> Week:
    answer = client.post("/planning/", {"starts_on": NEXT_MONDAY.isoformat()})
    week = Week.objects.get()
    assert answer.url == f"/planning/{week.pk}/"
    return week


def test_the_weeks_to_come_are_listed_and_one_is_opened(client):
    assert "Week of 23 March" in page(client, "/planning/")
    week = opened(client)
    shown = page(client, f"/planning/{week.pk}/")
    assert "Compute a week that fits" in shown
    assert ">Draft 1<" in shown


@pytest.mark.parametrize("asked", ["", "yesterday", "2026-02-31"])
def test_a_day_that_is_none_opens_nothing(client, asked):
    assert client.post("/planning/", {"starts_on": asked}).status_code == 404


def test_a_week_that_is_over_is_refused_with_a_sentence(client):
    answer = client.post("/planning/", {"starts_on": "2026-03-02"}, follow=True)
    assert "This week is over" in answer.content.decode()


def test_only_who_manages_the_timetable_plans_it(client, signed_in, clinic):
    week = opened(client)
    counselor = signed_in(make_staff(clinic.site, Role.COUNSELOR))
    assert counselor.get("/planning/").status_code == 403
    assert counselor.get(f"/planning/{week.pk}/").status_code == 403
    version = WeekVersion.objects.get()
    for name in ("copy", "name", "drop", "update", "publication"):
        assert counselor.post(f"/planning/versions/{version.pk}/{name}/").status_code == 403
    assert counselor.get(f"/planning/versions/{version.pk}/").status_code == 200


def test_the_week_of_another_site_is_not_there(client, signed_in):
    week = opened(client)
    stranger = signed_in(make_staff(make_site(), Role.DIRECTOR))
    assert stranger.get(f"/planning/{week.pk}/").status_code == 404
    assert stranger.get(f"/planning/versions/{WeekVersion.objects.get().pk}/").status_code == 404


def test_computing_shows_how_far_it_is_and_can_be_stopped(client):
    week = opened(client)
    assert client.post(f"/planning/{week.pk}/solves/", {"seconds": "20"}).status_code == 302
    assert "Waiting for a free worker" in page(client, f"/planning/{week.pk}/")
    solve = Solve.objects.get()
    claim = planning.claim_solve(by=stepwell_itself(), at=NOW, solve_id=solve.pk)
    claim.heard(NOW, cost=1000, bound=900, short=90)
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        shown = page(client, f"/planning/{week.pk}/progress/")
    assert "Computing a week" in shown
    assert "<strong>1.5 h short in all</strong>" in shown
    assert "at most 10 % from the best" in shown
    assert "<strong>5 s</strong> of 20 s" in shown
    client.post(f"/planning/{week.pk}/solves/{solve.pk}/stop/")
    assert "Stopping, the best week so far is kept" in page(client, f"/planning/{week.pk}/")


def test_a_second_solve_and_a_strange_time_are_refused_with_a_sentence(client):
    week = opened(client)
    client.post(f"/planning/{week.pk}/solves/", {"seconds": "20"})
    again = client.post(f"/planning/{week.pk}/solves/", {"seconds": "20"})
    assert (again.status_code, "computed already" in again.content.decode()) == (422, True)
    strange = client.post(f"/planning/{week.pk}/solves/", {"seconds": "9999"})
    assert (strange.status_code, "Choose how long" in strange.content.decode()) == (422, True)


def test_a_failed_solve_says_why(client):
    week = opened(client)
    client.post(f"/planning/{week.pk}/solves/", {"seconds": "20"})
    claim = planning.claim_solve(by=stepwell_itself(), at=NOW, solve_id=Solve.objects.get().pk)
    occurrence = Occurrence.objects.filter(local_date__gte=NEXT_MONDAY).first()
    planning.fail_solve(
        by=stepwell_itself(), at=NOW, claim=claim, because=f"c{occurrence.pk} is locked on a closed day."
    )
    assert f"{occurrence.title} is locked on a closed day." in page(client, f"/planning/{week.pk}/")


def test_what_is_locked_and_clashes_is_said_and_the_best_week_with_it_is_there(client, clinic):
    """From the page down to the solver and back: nothing is computed away, and nothing stays without an answer."""
    week = opened(client)
    draft = planning.copy_version(by=clinic.by, at=NOW, version=week.versions.get())
    for session in draft.sessions.all():  # both on Tuesday at 6 pm, in one room
        skills = draft.sessions.get(group=clinic.skills)
        session.starts, session.ends, session.local_date = skills.starts, skills.ends, skills.local_date
        session.room, session.locked = clinic.room, True
        session.save()
    late = clinic.patient(9, 270)
    client.post(f"/planning/{week.pk}/solves/", {"seconds": "10", "keeping": str(draft.number)})
    claim = planning.claim_solve(by=stepwell_itself(), at=NOW, solve_id=Solve.objects.get().pk)
    made = planning.finish_solve(
        by=stepwell_itself(), at=NOW, claim=claim, plan=solve(claim.case, seconds=claim.seconds, workers=1)
    )
    said = page(client, f"/planning/{week.pk}/")
    assert "sits in Relapse prevention and Process group at the same time, and one is locked." in said
    assert "Unlock one of them and compute again." in said
    assert "See the best week with it" in said
    best = {
        (one.group, one.starts, one.locked, one.seats.count()) for one in made.sessions.filter(locked=True)
    }
    locked = draft.sessions.get(group=clinic.skills)
    assert {(group, starts) for group, starts, _, _ in best} == {
        (clinic.skills, locked.starts),
        (clinic.process, locked.starts),
    }
    shown = page(client, f"/planning/versions/{made.pk}/")
    assert f"{late.board_name}" in shown
    assert "are ordered and" in shown  # who is short, and why
    assert Solve.objects.get().state == "done"


def test_a_version_shows_the_week_and_what_publishing_would_do(client, clinic):
    version = clinic.computed()
    shown = page(client, f"/planning/versions/{version.pk}/")
    assert "Draft 2 · 2 sessions · 4 patients · 2 facilitators" in shown
    assert "Relapse prevention" in shown
    assert "Publish and notify" not in shown  # it is what stands already


def test_who_is_short_is_said_with_the_reason_and_a_mend(client, clinic):
    version = clinic.opened()
    ana = clinic.patients[0]
    version.shortfalls = [
        {
            "patient": f"p{ana.pk}",
            "minutes": 90,
            "doses": {},
            "owed": [],
            "because": f"180 minutes are ordered and 90 found: the other groups are held when p{ana.pk} cannot come.",
            "mends": [
                {
                    "sentence": f"Hold g{clinic.skills.pk}-90 once more, on day 3 at 18:00-19:30, led by s{clinic.okafor.pk}.",
                    "minutes": 90,
                    "cost": 60,
                    "also": [f"p{clinic.patients[1].pk}"],
                }
            ],
        }
    ]
    version.save()
    shown = page(client, f"/planning/versions/{version.pk}/")
    assert "the other groups are held when Ana0 R. cannot come." in shown
    assert "Hold Relapse prevention once more, on Wed 25 Mar, 6:00 – 7:30 pm, led by Okafor." in shown


def changed(clinic: Clinic) -> WeekVersion:
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened(), note="Later on Tuesday")
    session = draft.sessions.get(group=clinic.skills)
    session.starts, session.ends = session.starts + timedelta(hours=1), session.ends + timedelta(hours=1)
    session.save()
    return draft


def test_two_versions_are_compared_counts_first(client, clinic):
    draft = changed(clinic)
    shown = page(client, f"/planning/versions/{draft.pk}/comparison/")
    assert "against the calendar as it stands" in shown
    assert 'moves to <strong class="num">Tue 7:00 pm</strong>' in shown
    against = page(client, f"/planning/versions/{draft.pk}/comparison/?with=1")
    assert "against draft 1" in against
    assert "Nothing differs" in page(
        client, f"/planning/versions/{clinic.opened().pk}/comparison/?with=nonsense"
    )


def test_publishing_asks_once_more_and_tells_those_affected(client, clinic):
    draft = changed(clinic)
    assert "Publish and notify 5" in page(client, f"/planning/versions/{draft.pk}/publication/")
    answer = client.post(f"/planning/versions/{draft.pk}/publication/", {"because": ""}, follow=True)
    assert "5 people are told of it" in answer.content.decode()
    assert WeekNotice.objects.count() == 5
    assert "Published by Ruth Abara" in page(client, f"/planning/versions/{draft.pk}/")


def test_a_calendar_that_has_changed_is_said_with_the_button_that_mends_it(client, clinic):
    draft, other = changed(clinic), changed(clinic)
    client.post(f"/planning/versions/{other.pk}/publication/")
    assert "Bring it up to date" in page(client, f"/planning/versions/{draft.pk}/")
    answer = client.post(f"/planning/versions/{draft.pk}/publication/")
    assert answer.status_code == 422
    assert "Ruth Abara published draft" in answer.content.decode()
    fresh = client.post(f"/planning/versions/{draft.pk}/update/")
    assert fresh.url == f"/planning/versions/{WeekVersion.objects.latest('pk').pk}/"
    assert Publication.objects.count() == 1


def test_copying_naming_and_putting_aside(client, clinic):
    version = clinic.opened()
    client.post(f"/planning/versions/{version.pk}/copy/")
    copy = WeekVersion.objects.get(number=2)
    client.post(f"/planning/versions/{copy.pk}/name/", {"note": "With Saturday"})
    assert "With Saturday" in page(client, f"/planning/versions/{copy.pk}/")
    client.post(f"/planning/versions/{copy.pk}/drop/")
    assert "With Saturday" not in page(client, f"/planning/{copy.week_id}/")


def test_a_sick_call_is_mended_and_published_with_one_click_each(clinic, signed_in):
    tuesday = Occurrence.objects.get(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=1))
    morning = tuesday.starts - timedelta(hours=10)
    with time_machine.travel(morning, tick=False):
        client = signed_in(clinic.director)
        actions.declare_absence(
            by=clinic.by, at=morning, staff=clinic.okafor, starts=morning, ends=tuesday.ends, because="Ill"
        )
        assert "cannot be held: Okafor is away." in page(client, "/planning/")
        mended = client.post("/planning/", {"starts_on": NEXT_MONDAY.isoformat(), "then": "mend"})
        shown = page(client, mended.url)
        assert "Okafor is away · Draft 2" in shown
        assert "Publish and notify" in shown
        client.post(f"{mended.url}publication/", {"because": "The facilitator is away."})
    tuesday.refresh_from_db()
    assert tuesday.facilitator_id == clinic.haddad.pk


def test_a_facilitator_is_told_on_todays_page_until_it_is_put_away(client, clinic, signed_in):
    draft = changed(clinic)
    client.post(f"/planning/versions/{draft.pk}/publication/")
    okafor = signed_in(clinic.okafor)
    notice = WeekNotice.objects.get(staff=clinic.okafor)
    assert "Your week of 23 March has changed." in page(okafor, "/today/")
    assert client.post(f"/planning/notices/{notice.pk}/seen/").status_code == 404
    okafor.post(f"/planning/notices/{notice.pk}/seen/")
    assert "has changed." not in page(okafor, "/today/")


def test_it_is_said_who_is_planned_without_windows_and_what_nobody_may_lead(client, clinic):
    clinic.patients[0].windows.all().delete()
    clinic.okafor.treatments.filter(kind="skills").delete()
    clinic.haddad.treatments.filter(kind="skills").delete()
    shown = page(client, f"/planning/{opened(client).pk}/")
    assert "1 patient has not said when they can come" in shown
    assert "Relapse prevention: nobody may lead it" in shown


def test_the_list_says_what_is_unlike_other_weeks(client, clinic):
    actions.close_day(by=clinic.by, at=NOW, site=clinic.site, on=NEXT_MONDAY, because="Snow", cancel=False)
    shown = page(client, "/planning/")
    assert shown.count("Mon 23 Mar is closed, Snow") == 1
