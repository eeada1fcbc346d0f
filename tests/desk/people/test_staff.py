"""Staff, credentials, sites, permissions and logins, as the director and the administrator see them."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.models import User
from stepwell.accounts.permissions import EXPLAINED
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Credential, Room, Site, SiteHours, Staff, StaffRole
from tests.making import make_login, make_site, make_staff


@pytest.fixture
def director(site):
    return make_staff(site, Role.DIRECTOR, name="Dana Cho")


@pytest.fixture
def client(signed_in, director):
    return signed_in(director)


def test_the_credential_that_ends_first_stands_first_and_names_its_mend(client, site, counselor):
    Credential.objects.filter(staff=counselor).update(expires_on=date(2026, 3, 30))
    gone = make_staff(site, name="Aaron Able")
    Credential.objects.filter(staff=gone).update(expires_on=date(2026, 3, 1))
    page = client.get("/staff/").content.decode()
    assert page.index("Aaron Able") < page.index("Nia Okafor") < page.rindex("Dana Cho")
    assert "expires in 12 days" in page
    assert "Enter the renewed one" in page


def test_the_staff_list_asks_as_much_for_thirty_as_for_one(client, site):
    counts = []
    for so_many in (1, 29):
        for _ in range(so_many):
            make_staff(site)
        client.get("/staff/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/staff/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_new_colleague_gets_roles_a_login_and_a_letter(client):
    client.post(
        "/staff/new/", {"name": "Ben Ruiz", "email": "ben@example.org", "roles": ["counselor", "facilitator"]}
    )
    member = Staff.objects.get(name="Ben Ruiz")
    assert sorted(member.roles.values_list("role", flat=True)) == ["counselor", "facilitator"]
    assert (member.user.is_staff, member.user.has_usable_password(), member.short_name) == (
        True,
        False,
        "Ruiz",
    )
    assert mail.outbox[0].to == ["ben@example.org"]


def test_a_role_ends_today_and_its_row_stays(client, counselor, site):
    client.post(f"/staff/{counselor.pk}/roles/", {"roles-roles": ["counselor", "peer"]})
    rows = set(StaffRole.objects.filter(staff=counselor).values_list("role", "starts_on", "ends_on"))
    assert rows == {
        ("counselor", date(2020, 1, 1), None),
        ("facilitator", date(2020, 1, 1), date(2026, 3, 17)),
        ("peer", date(2026, 3, 18), None),
    }


def test_no_director_takes_the_role_from_themselves(client, director):
    response = client.post(f"/staff/{director.pk}/roles/", {"roles-roles": ["counselor"]})
    assert response.status_code == 422
    assert "Ask another director" in response.content.decode()


def test_a_renewed_credential_is_a_new_row(client, counselor):
    client.post(
        f"/staff/{counselor.pk}/credentials/",
        {
            "paper-kind": "LCSW",
            "paper-state": "ga",
            "paper-issued_on": "2026-01-01",
            "paper-expires_on": "2028-01-01",
        },
    )
    assert sorted(counselor.credentials.values_list("kind", "state")) == [("LCSW", "GA"), ("LPC", "")]


def test_a_credential_that_expires_before_its_issue_is_refused(client, counselor):
    paper = counselor.credentials.get()
    response = client.post(
        f"/credentials/{paper.pk}/", {"kind": "LPC", "issued_on": "2026-01-01", "expires_on": "2025-01-01"}
    )
    assert response.status_code == 422
    assert "expires before it was issued" in response.content.decode()


def test_staff_of_another_site_are_not_there(client):
    stranger = make_staff(make_site())
    assert client.get(f"/staff/{stranger.pk}/").status_code == 404
    assert client.get(f"/credentials/{stranger.credentials.get().pk}/").status_code == 404


def test_a_site_has_its_zone_rooms_and_hours(client, site):
    assert (
        client.post(f"/sites/{site.pk}/rooms/", {"room-name": "Blue room", "room-capacity": "12"}).status_code
        == 302
    )
    assert (
        client.post(
            f"/sites/{site.pk}/hours/", {"hours-opens_0": "09:00", "hours-closes_0": "20:30"}
        ).status_code
        == 302
    )
    assert (Room.objects.get().name, SiteHours.objects.get().weekday) == ("Blue room", 0)
    details = {"site-name": "Peachtree", "site-zone": "America/Chicago", "site-week_starts_on": "6"}
    assert client.post(f"/sites/{site.pk}/", details).status_code == 302
    site.refresh_from_db()
    assert (site.zone, site.week_starts_on) == ("America/Chicago", 6)


@pytest.mark.parametrize(
    ("part", "data", "sentence"),
    [
        (
            "",
            {"site-name": "P", "site-zone": "Mars/Base", "site-week_starts_on": "0"},
            "time zone is not known",
        ),
        (
            "",
            {"site-name": "P", "site-zone": "../etc/passwd", "site-week_starts_on": "0"},
            "time zone is not known",
        ),
        ("hours/", {"hours-opens_0": "20:00", "hours-closes_0": "09:00"}, "closes before it opens"),
        ("hours/", {"hours-opens_0": "20:00"}, "Give both times of Monday"),
        ("rooms/", {"room-name": "x", "room-capacity": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_site_refuses_nonsense_with_a_sentence(client, site, part, data, sentence):
    response = client.post(f"/sites/{site.pk}/{part}", data)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_the_permission_table_is_a_page_with_every_line(client):
    page = client.get("/permissions/").content.decode()
    assert [words for words in EXPLAINED.values() if words.replace("'", "&#39;") not in page] == []


def test_an_administrator_sees_logins_and_no_patient(signed_in, site, patient):
    make_login(patient)
    admin = signed_in(make_staff(site, Role.SYSTEM_ADMIN, credential=""))
    page = admin.get("/logins/").content.decode()
    for hidden in ("Reyes", "Ana", patient.code, patient.user.email):
        assert hidden not in page
    assert f"Login {patient.user_id}" in page
    for closed in ("/patients/", f"/patients/{patient.code}/", "/staff/", "/permissions/"):
        assert admin.get(closed).status_code == 403
    own = admin.get(f"/logins/{patient.user_id}/").content.decode()
    assert patient.user.email not in own


def test_ending_the_sessions_of_a_login_shows_the_sign_in_page_at_the_next_click(client, counselor):
    counselor.user.set_password("a long enough secret")
    counselor.user.save()
    theirs = Client()
    theirs.post("/accounts/login/", {"login": counselor.user.email, "password": "a long enough secret"})
    assert theirs.get("/patients/").status_code == 200
    client.post(f"/logins/{counselor.user_id}/sessions/end/")
    assert theirs.get("/patients/")["Location"].startswith("/accounts/login/")
    assert Entry.objects.latest("seq").action == "accounts.end_sessions"


def test_a_closed_login_is_out_at_once_and_nobody_closes_their_own(client, signed_in, director, counselor):
    theirs = signed_in(counselor)
    theirs.get("/patients/")
    client.post(f"/logins/{counselor.user_id}/closing/", {"open": "0"})
    assert User.objects.get(pk=counselor.user_id).is_active is False
    assert theirs.get("/patients/").status_code == 302
    page = client.post(f"/logins/{director.user_id}/closing/", {"open": "0"}, follow=True).content.decode()
    assert "You cannot close your own login." in page
    assert Session.objects.count() >= 1


SECOND = {"name": "Decatur", "zone": "America/Chicago", "week_starts_on": "0"}


def test_who_opens_a_second_site_is_its_director_at_once(client, site, director):
    assert "Open a site" in client.get("/sites/").content.decode()
    answer = client.post("/sites/new/", SECOND)
    opened = Site.objects.get(name="Decatur")
    assert (answer.status_code, answer["Location"]) == (302, f"/sites/{opened.pk}/")
    assert client.get(f"/sites/{opened.pk}/").status_code == 200
    assert list(
        StaffRole.objects.filter(site=opened).values_list("staff_id", "role", "starts_on", "ends_on")
    ) == [(director.pk, "director", date(2026, 3, 18), None)]
    assert list(
        Entry.objects.filter(kind="write").order_by("seq").values_list("action", "subject", "detail")
    )[-2:] == [
        ("people.open_site", f"Site {opened.pk}", {"zone": "America/Chicago"}),
        ("people.set_roles", f"Staff {director.pk}", {"site": opened.pk, "added": ["director"], "ended": []}),
    ]


def test_a_site_that_cannot_be_is_refused_and_grants_nothing(client, site, director):
    for wrong, said in (({"name": site.name}, "no other site has"), ({"zone": "Mars/Base"}, "time zone")):
        answer = client.post("/sites/new/", {**SECOND, **wrong})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert Site.objects.count() == 1
    assert StaffRole.objects.filter(staff=director).count() == 1


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.COMPLIANCE, Role.SYSTEM_ADMIN])
def test_nobody_but_a_director_opens_a_site(signed_in, site, role):
    assert signed_in(make_staff(site, role)).post("/sites/new/", SECOND).status_code == 403
    assert Site.objects.count() == 1
