"""What a version changed, in words; and the plan as a document to keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from stepwell.clinic.people.models import Patient
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.plan.models import Intervention, Objective, Plan
from stepwell.ui.typeset import pdf
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_plan, tree
from tests.making import NOW, make_login, make_patient

EARLIER = NOW - timedelta(days=10)


@pytest.fixture
def second(by, episode):
    """The first version with two objectives; the second without one, with another target and a new problem."""
    goal = tree()[0]["goals"][0]
    both = [goal["objectives"][0], tree("Sleep")[0]["goals"][0]["objectives"][0]]
    first = make_plan(by, episode, EARLIER, problems=[tree()[0] | {"goals": [goal | {"objectives": both}]}])
    sleep = Objective.objects.get(measure="Sleep")
    actions.review_plan(
        by=by, at=NOW, plan=first, outcome="revise", summary="Sleeps.", begin_next=True,
        found=[rules.Found(sleep.pk, rules.Verdict.DISCONTINUED, "Sleeps well.")],
    )  # fmt: skip
    draft = Plan.objects.get(signed_at=None)
    left = Objective.objects.get(goal__problem__plan=draft)
    actions.change_part(by=by, at=NOW, part=left, facts={"target": "30 of 30"})
    skills = Intervention.objects.get(objective=left, kind="skills")
    actions.change_part(by=by, at=NOW, part=skills, facts={"minutes_per_week": 90})
    actions.add_problem(by=by, at=NOW, plan=draft, statement="No place to live.", condition="life")
    problem = draft.problems.get(number=2)
    added = actions.add_goal(by=by, at=NOW, problem=problem, words="A door to close.")
    objective = actions.add_objective(
        by=by, at=NOW, goal=added, measure="A safe place", target="moved in", due_on=NOW.date()
    )
    actions.add_intervention(by=by, at=NOW, objective=objective, kind="case_management", minutes_per_week=60)
    actions.sign_plan(by=by, at=NOW, plan=draft)
    return Plan.objects.get(pk=draft.pk)


def test_a_version_says_what_it_added_changed_and_took_out(client, second, page):
    first = Plan.objects.get(version=1)
    for address in (f"{page}versions/{second.pk}/changes/", f"{page}versions/{second.pk}/changes/print/"):
        body = client.get(address).content.decode()
        for words in (
            "Problem 2: No place to live.",
            "Goal 2.1: “A door to close.”",
            "Objective 1.1.1: Days without alcohol",
            "Target was “28 of 30” and is “30 of 30”.",
            "Skills training was “3 h a week, CBT skills, Nia Okafor” and is “1 h 30 min a week, CBT skills, Nia Okafor”.",
            "Objective 1.1.2: Sleep",
            "Given up at the review of 18 Mar 2026: Sleeps well.",
        ):
            assert words in body, words
    assert "the first" in client.get(f"{page}versions/{first.pk}/changes/").content.decode()
    assert f"{page}versions/{second.pk}/changes/" in client.get(page).content.decode()


def test_a_version_begun_and_signed_unchanged_says_so(client, by, episode, page):
    make_plan(by, episode, EARLIER)
    again = actions.begin_plan(by=by, at=NOW, episode=episode)
    actions.sign_plan(by=by, at=NOW, plan=again)
    assert "Nothing changed in words" in client.get(f"{page}versions/{again.pk}/changes/").content.decode()


def test_versions_of_somebody_else_are_404(client, by, site, episode, page):
    other = make_plan(by, make_episode(by, make_patient(site, "Ben", "Ito"), EARLIER), EARLIER)
    assert client.get(f"{page}versions/{other.pk}/changes/").status_code == 404
    assert client.get(f"{page}versions/{other.pk}/plan.pdf").status_code == 404


def sheet(by, patient):
    return queries.sheet_of(
        queries.plan_in_force(by, patient), queries.plan_in_force(by, patient).episode.patient
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_document_is_tagged_in_the_patients_language_and_the_same_bytes_each_time(
    client, by, patient, second, page, language
):
    Patient.objects.filter(pk=patient.pk).update(language=language)
    address = f"{page}versions/{second.pk}/plan.pdf"
    answer = client.get(address)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    assert answer.content.startswith(b"%PDF")
    assert f"/Lang({language})".encode() in answer.content
    assert b"pdfuaid:part" in answer.content
    assert answer.content == client.get(address).content


def test_the_frame_is_put_into_spanish_and_the_patients_words_stay(by, patient, second):
    Patient.objects.filter(pk=patient.pk).update(language="es")
    said = sheet(by, patient)
    assert said["title"] == "Plan de tratamiento"
    assert said["words"]["goal"] == "Lo que quiero"
    assert said["problems"][0]["goals"][0]["words"] == "I want to be home for dinner, sober."
    assert said["problems"][0]["goals"][0]["objectives"][0]["due"] == "hasta el 1 de mayo de 2026"
    assert said["lines"] == ["Ana Reyes, paciente"]
    assert "30 días" not in str(said)


def test_a_language_without_a_frame_gets_english(by, patient, second):
    Patient.objects.filter(pk=patient.pk).update(language="vi")
    assert sheet(by, patient)["title"] == "Treatment plan"


def test_what_somebody_wrote_is_never_read_as_markup(by, patient, second):
    said = sheet(by, patient)
    said["strengths"] = '#read("/etc/passwd") *bold* $x$ \\u{1F600} @ref <tag> \x00\x07'
    assert pdf("plan", said).startswith(b"%PDF")


def test_the_patient_keeps_the_own_plan_from_the_phone(by, patient, second):
    phone = Client()
    phone.force_login(make_login(patient), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert phone.get("/my/plan/plan.pdf").content.startswith(b"%PDF")
