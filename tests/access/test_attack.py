"""What somebody with bad intentions, or a broken browser, would try."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from stepwell.accounts.live_topics import read_topics, sign_topics
from stepwell.accounts.models import User
from stepwell.audit import trail
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import FamilyMember, Patient, Staff
from stepwell.clinic.refusal import Denied, Refused
from tests.access.asking import ask, browser
from tests.access.routes import routes
from tests.access.table import ROUTES, Audience
from tests.access.world import P, Q, S
from tests.making import NOW, actor

# -- rows of somebody else, named in a form --

STRANGERS_ROWS = [
    ("counselor", "desk:book_seat", {"occurrence": "coming_session"}, {}),
    ("counselor", "desk:enroll", {"group": "group"}, {"starts_on": "2026-03-20"}),
    ("biller", "desk:new_estimate", {"policy": "policy"}, {"weeks": 4, "days_per_week": 3, "starts_on": "2026-03-18", "code": "H0015"}),
    ("biller", "desk:new_authorization", {"policy": "policy"}, {"service_code": "H0015", "level": "2.1", "unit": "day", "units_asked": 3, "starts_on": "2026-03-18", "ends_on": "2026-03-30"}),
    ("counselor", "desk:new_homework", {"family_member": "member"}, {"title": "T", "instructions": "I", "due_on": "2026-03-19", "who": "family"}),
    ("counselor", "desk:new_consent", {"supersedes": "consent", "family_member": "member"}, {}),
    ("counselor", "desk:care_team", {"staff": "staff"}, {"role": "Counselor"}),
    ("counselor", "desk:new_problem", {"diagnosis": "diagnosis"}, {"statement": "A problem"}),
    ("counselor", "desk:plan_review", {"met": "signed_objective"}, {"outcome": "continue", "summary": "Seen", "next_due_on": "2026-04-15"}),
    ("counselor", "desk:new_session", {"facilitator": "staff", "room": "room"}, {"kind": "individual", "day": "2026-03-19", "starts_at": "10:00", "minutes": 60, "mode": "on_site"}),
    ("director", "desk:new_group", {"facilitator": "staff", "room": "room"}, {"name": "New", "kind": "skills", "mode": "on_site", "least": 1, "capacity": 5, "starts_on": "2026-03-20", "weekday": 0, "starts_at": "10:00", "minutes": 60, "every_weeks": 1, "first_on": "2026-03-23"}),
    ("nurse", "desk:new_side_effect", {"order": "order"}, {"effect": "Nausea", "severity": "mild"}),
    ("prescriber", "desk:new_order", {"replaces": "order"}, {"drug": "acamprosate", "dose": 666, "unit": "mg", "route": "oral", "frequency": "daily", "starts_on": "2026-03-18"}),
    ("biller", "desk:post_payment", {"charge": "charge"}, {"source": "payer", "amount": "10.00", "once_key": "k" * 24}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "name", "named", "rest"), STRANGERS_ROWS, ids=[row[1] for row in STRANGERS_ROWS]
)
@pytest.mark.parametrize("other", [S, Q])
def test_a_form_cannot_name_somebody_elses_row(world, who, name, named, rest, other):
    """P's page is sent with ids of the stranger's (and the neighbor's) rows: nothing of theirs is linked to P."""
    same_site = {"staff", "room", "group", "coming_session"}
    if other == Q and set(named.values()) <= same_site:
        pytest.skip("the neighbor's rows of this kind are the site's own")
    client = browser(world, who)
    url = routes()[name].address(
        **({"code": world.codes[P]} if "code" in routes()[name].names_in_address else {})
    )
    answer = ask(
        client, "post", url, {**rest, **{key: str(world.value(kind, other)) for key, kind in named.items()}}
    )
    assert answer.status < 500
    assert other not in answer.body.lower()
    assert (
        links_between(
            world, url, client, {**rest, **{k: str(world.value(v, other)) for k, v in named.items()}}, other
        )
        == []
    )


def links_between(world, url, client, data, other):
    """Rows that hang on P and on the other person alike after the form was sent."""
    pairs = [
        ("clinic_estimate", "policy_id", "clinic_policy"), ("clinic_authorization", "policy_id", "clinic_policy"),
        ("clinic_homework", "family_member_id", "clinic_familymember"), ("clinic_consent", "supersedes_id", "clinic_consent"),
        ("clinic_sideeffect", "order_id", "clinic_medicationorder"), ("clinic_payment", "charge_id", "clinic_charge"),
    ]  # fmt: skip
    found = []
    with transaction.atomic():
        client.post(url, data)
        with connection.cursor() as cursor:
            for table, column, towards in pairs:
                cursor.execute(
                    "SELECT 1 FROM information_schema.columns WHERE table_name=%s AND column_name=%s",
                    [table, column],
                )
                if not cursor.fetchone():
                    continue
                cursor.execute(
                    f"SELECT count(*) FROM {table} a JOIN {towards} b ON a.{column} = b.id WHERE a.patient_id <> b.patient_id"  # noqa: S608 - names of our own
                )
                found += [table] * cursor.fetchone()[0]
            crossing = {
                "seat": "SELECT count(*) FROM clinic_seat s JOIN clinic_occurrence o ON o.id = s.occurrence_id JOIN clinic_patient p ON p.id = s.patient_id WHERE o.site_id <> p.site_id",
                "enrollment": "SELECT count(*) FROM clinic_enrollment e JOIN clinic_therapygroup g ON g.id = e.group_id JOIN clinic_patient p ON p.id = e.patient_id WHERE g.site_id <> p.site_id",
                "care team": "SELECT count(*) FROM clinic_careteammember c JOIN clinic_episode e ON e.id = c.episode_id JOIN clinic_staff s ON s.id = c.staff_id WHERE s.site_id <> e.site_id",
                "facilitator": "SELECT count(*) FROM clinic_occurrence o JOIN clinic_staff s ON s.id = o.facilitator_id WHERE s.site_id <> o.site_id",
                "group's room": "SELECT count(*) FROM clinic_therapygroup g JOIN clinic_room r ON r.id = g.room_id WHERE r.site_id <> g.site_id",
                "room": "SELECT count(*) FROM clinic_occurrence o JOIN clinic_room r ON r.id = o.room_id WHERE r.site_id <> o.site_id",
                "diagnosis": "SELECT count(*) FROM clinic_problem b JOIN clinic_plan l ON l.id = b.plan_id JOIN clinic_episode e ON e.id = l.episode_id JOIN clinic_diagnosis d ON d.id = b.diagnosis_id WHERE d.patient_id <> e.patient_id",
                "met": f"SELECT count(*) FROM clinic_planreview WHERE met @> '[{int(world.value('signed_objective', other))}]'",  # noqa: S608 - a number
            }  # fmt: skip
            for what, statement in crossing.items():
                cursor.execute(statement)
                found += [what] * cursor.fetchone()[0]
        transaction.set_rollback(True)
    return found


# -- search --


@pytest.mark.parametrize("who", ["director", "admissions", "peer", "compliance"])
@pytest.mark.parametrize(
    "asked", [S, f"{S}-family", "404-555-7303", "7303", f"{S}-mail@example.org", "%", "_", "quokka%"]
)
def test_the_search_never_finds_a_patient_of_another_site(world, who, asked):
    answer = ask(browser(world, who), "get", "/patients/", {"q": asked})
    assert answer.status == 200
    assert len(re.findall(S, answer.body)) <= answer.body.count(asked) if S in asked else S not in answer.body
    assert world.codes[S] not in answer.body


def test_look_alikes_before_a_record_are_only_of_the_own_site(world):
    answer = ask(
        browser(world, "admissions"), "post", "/patients/new/",
        {"given_name": "X", "family_name": "Y", "birth_date": "1981-07-04", "phone": "404-555-7303", "email": f"{S}-mail@example.org"},
    )  # fmt: skip
    assert answer.status < 500
    assert f"{S}-family" not in answer.body
    assert world.codes[S] not in answer.body


# -- addresses and query strings --

HOSTILE = ["9999999999999999999", "99999999999999999999999999", "0", "-1", "%00", "abc", "1e9", "../1", "١"]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_number_in_an_address_breaks_a_page(world, value):
    """Huge ids are rows that are not there; what is no number is no address."""
    client, broken = browser(world, "director"), []
    counselor = browser(world, "prescriber")
    for route in routes().values():
        numbers = [n for n in route.names_in_address if n.endswith("_id") or n in ("number", "inside")]
        if not numbers or not route.view.startswith("stepwell."):
            continue
        values = {
            "code": world.codes[P],
            "kind": "goal",
            "slug": "phq-9",
            "secret": "no-such-secret",
            **dict.fromkeys(numbers, 7),
        }
        url = route.address(**{n: values[n] for n in route.names_in_address}).replace("/7/", f"/{value}/")
        for browsing in (client, counselor):
            answer = ask(browsing, "get", url)
            if answer.status >= 500:
                broken.append(f"{route.name}: {answer.status}")
    assert broken == []


HOSTILE_QUERIES = {
    "day": ("9999-99-99", "%00", "99999-01-01", "0001-01-01"),
    "week": ("0000-00-00", "9999-12-31"),
    "before": ("abc", "99999999999999999999", "-1"),
    "page": ("99999999999999999999", "-1"),
    "q": ("%00", "a" * 5000, "%F0%9F%92%A9"),
    "starts": ("2026-13-45",), "date": ("9999-12-31",), "from": ("x",), "to": ("y",), "month": ("13",),
    "staff": ("9999999999999999999999",), "group": ("99999999999999999999",), "state": ("%27%22%3E",),
} | dict.fromkeys(("kind", "only", "show", "n", "next", "in", "for"), ("%00",))  # fmt: skip
"""What is asked behind the address, by name. A page reads few names, so each page is asked for all names at once."""


@pytest.mark.parametrize("turn", range(max(map(len, HOSTILE_QUERIES.values()))))
def test_no_query_string_breaks_a_page(world, turn):
    query = "&".join(f"{name}={values[turn % len(values)]}" for name, values in HOSTILE_QUERIES.items())
    client, broken = browser(world, "director"), []
    for name, route in routes().items():
        line = ROUTES.get(name)
        if line is None or line.audience is not Audience.STAFF or 200 not in line.get:
            continue
        if set(route.names_in_address) <= {"code"} and line.kinds == {}:
            url = route.address(**({"code": world.codes[P]} if route.names_in_address else {}))
            answer = ask(client, "get", f"{url}?{query}")
            if answer.status >= 500:
                broken.append(f"{url}?{query}: {answer.status}")
    assert broken == []


# -- logins --


def test_a_director_neither_sees_nor_ends_logins_of_another_site(world):
    theirs = User.objects.get(pk=world.logins["other site's counselor"])
    director = Staff.objects.get(user_id=world.logins["director"])
    client = browser(world, "director")
    assert theirs.email not in ask(client, "get", "/logins/").body
    assert ask(client, "get", f"/logins/{theirs.pk}/").status == 404
    for action, more in ((people.end_sessions, {}), (people.set_login_open, {"is_open": False})):
        with pytest.raises(Denied, match="another site"):
            action(by=actor(director), at=NOW, user=theirs, **more)


def test_a_shared_mailbox_does_not_open_the_record_to_the_family(world):
    """The patient's address is a relative's: the invitation must not make the relative's login the patient's."""
    director = actor(Staff.objects.get(user_id=world.logins["director"]))
    patient = Patient.objects.get(code=world.codes[P])
    Patient.objects.filter(pk=patient.pk).update(user=None)
    relative = FamilyMember.objects.filter(patient=patient).exclude(user=None)[0]
    Patient.objects.filter(pk=patient.pk).update(email=relative.user.email)
    with pytest.raises(Refused, match="family member signs in"):
        people.invite_patient(by=director, at=NOW, patient=patient)


def test_signing_in_gives_a_new_session(world):
    user = User.objects.get(pk=world.logins["patient P"])
    user.set_password("a long enough passphrase")
    user.save()
    client = Client()
    client.get("/accounts/login/")
    client.session["planted"] = "x"
    planted = client.session
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    answer = client.post("/accounts/login/", {"login": user.email, "password": "a long enough passphrase"})
    assert answer.status_code == 302
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
    ],
)
def test_nobody_is_sent_to_a_foreign_site_after_signing_in(world, onward):
    user = User.objects.get(pk=world.logins["patient P"])
    user.set_password("a long enough passphrase")
    user.save()
    answer = Client().post(
        "/accounts/login/", {"login": user.email, "password": "a long enough passphrase", "next": onward}
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


def test_a_forgotten_password_does_not_tell_who_has_a_login(world):
    known = User.objects.get(pk=world.logins["patient P"]).email
    answers = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in (known, "nobody@example.org")
    ]
    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_a_wrong_host_is_refused(world):
    answer = Client(raise_request_exception=False).get("/accounts/login/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


# -- forms --


KNOW_NOBODY = {f"front:{part}{form}" for part in ("", "es:") for form in ("fit", "find", "cost", "ask_with")}
"""Forms of a stranger that only answer: they write nothing and ask for no cookie, so a forged one does no harm."""


def test_every_form_needs_its_token(world):
    """Without the CSRF token nothing is taken, whoever sends it."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for who in ("director", "patient P"):
        client.force_login(
            User.objects.get(pk=world.logins[who]),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        taken = []
        for name, route in routes().items():
            line = ROUTES.get(name)
            if line is None or not route.view.startswith(
                ("stepwell.desk", "stepwell.pocket", "stepwell.front")
            ):
                continue
            values = {"code": world.codes[P], "kind": "safety", "slug": "phq-9", "measure": "stayed-30"}
            url = route.address(**{n: values.get(n, 7) for n in route.names_in_address})
            answer = ask(client, "post", url, {"because": "x"})
            refused = answer.status == 403 or name in KNOW_NOBODY
            if not refused or answer.wrote:
                taken.append(f"{name}: {answer.status} {answer.wrote}")
        assert taken == []


def test_an_oversized_form_is_refused_in_a_sentence(world):
    client = browser(world, "director")
    answer = client.post(
        "/patients/new/",
        "given_name=" + "x" * (6 * 1024 * 1024),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code in (400, 413)


# -- live --


def test_a_page_is_told_only_of_its_own_site(world):
    """The token in a page of site A names no topic of site B."""
    topics = set()
    for url in ("/today/", "/week/", f"/sessions/{world.value('session', P)}/", "/inquiries/"):
        body = ask(browser(world, "counselor"), "get", url).body
        topics |= {topic for found in re.findall(r'topics="([^"]*)"', body) for topic in found.split()}
    strange = {str(world.value(kind, S)) for kind in ("site", "session", "coming_session")}
    assert topics
    assert [topic for topic in topics if topic.rpartition(":")[2] in strange] == []


def test_a_token_of_another_session_grants_nothing_new():
    one, other = (sign_topics(user_id=1, session_key=key, topics=["board:1"]) for key in ("a", "b"))
    assert read_topics(one).session_digest != read_topics(other).session_digest


# -- the trail --


def test_the_trail_is_whole_after_all_of_it(world):
    assert trail.verify().ok
