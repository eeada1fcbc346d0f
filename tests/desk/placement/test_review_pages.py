from __future__ import annotations

import re
from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.placement import actions
from stepwell.clinic.placement.models import LevelReview, OutsidePlacement
from stepwell.clinic.placement.rules import Progress
from tests.clinic.assessment.making import make_screening
from tests.clinic.placement.making import make_episode
from tests.making import NOW, make_patient, make_staff

EARLIER = NOW - timedelta(days=30)


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/placement/"


def typed(body: str) -> dict[str, str]:
    """What the form holds as it is opened."""
    found = {}
    form = (
        body.split("<form", 2)[-1]
        if body.count("<form") == 1
        else body[body.index('name="once_key"') - 400 :]
    )
    for tag in re.findall(r"<input[^>]*>", form):
        attrs = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attrs.get("type") in ("radio", "checkbox") and "checked" not in tag:
            continue
        if "name" in attrs:
            found[attrs["name"]] = attrs.get("value", "")
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option[^>]*value="([^"]*)"[^>]*selected', inner)
        found[name] = chosen.group(1) if chosen else ""
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = inner.strip()
    return found


def test_a_prepared_review_is_kept_with_one_press(signed_in, counselor, by, patient, page):
    make_episode(by, patient, EARLIER)
    client = signed_in(counselor)
    body = client.get(page + "review/").content.decode()
    assert "Proposed: <strong>2.1 Intensive outpatient</strong>" in body
    answer = client.post(page + "review/", typed(body), follow=True)
    assert "The review is on file." in answer.content.decode()
    row = LevelReview.objects.get()
    assert (row.outcome, row.recommended_level) == ("continue-working", "2.1")
    assert DimensionalRating.objects.count() == 1
    shown = client.get(page).content.decode()
    for word in ("Clinical level", "Authorized level", "Indicated level", "Recommended level"):
        assert word in shown


def test_a_form_sent_twice_is_one_review(signed_in, counselor, by, patient, page):
    make_episode(by, patient, EARLIER)
    client = signed_in(counselor)
    form = typed(client.get(page + "review/").content.decode())
    for _ in range(2):
        assert client.post(page + "review/", form).status_code == 302
    assert LevelReview.objects.count() == 1


def test_a_changed_rating_is_a_new_rating_and_a_sign_for_more_care_leads_on(
    signed_in, counselor, by, patient, page
):
    make_episode(by, patient, EARLIER)
    make_screening(by, patient, "phq-9", (3, 3, 3, 3, 3, 3, 3, 0, 0, 0), NOW - timedelta(days=2))
    client = signed_in(counselor)
    body = client.get(page + "review/").content.decode()
    assert "Proposed: <strong>2.5 Partial hospitalization</strong>" in body
    answer = client.post(page + "review/", {**typed(body), "d4": "3", "overdose": "on"})
    assert answer.headers["Location"] == page + "step-up/"
    row = LevelReview.objects.get()
    assert (row.outcome, row.rating.d4) == ("move-worse", 3)
    assert "overdose" in [one["code"] for one in row.findings["signals"]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recommended": "2.5"}, "Going on means level 2.1"),
        ({"outcome": "bored"}, "One answer needs another look"),
        ({"recommended": "9"}, "One answer needs another look"),
        ({"d1": "7"}, "One answer needs another look"),
        ({"next_due_on": "2026-02-30"}, "One answer needs another look"),
        ({"next_due_on": "2030-01-01"}, "1 to 60 days ahead"),
        ({"d5": "4", "summary": ""}, "why the ratings have changed"),
        ({"once_key": ""}, "needs another look"),
        ({"summary": "a\x00b"}, "One answer needs another look"),
    ],
)
def test_a_review_that_cannot_be_is_answered_with_a_sentence(
    signed_in, counselor, by, patient, page, change, sentence
):
    make_episode(by, patient, EARLIER)
    client = signed_in(counselor)
    form = typed(client.get(page + "review/").content.decode())
    answer = client.post(page + "review/", {**form, **change})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not LevelReview.objects.exists()


def test_without_an_open_episode_there_is_nothing_to_review(signed_in, counselor, page):
    assert signed_in(counselor).get(page + "review/").status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_and_the_form_ask_a_fixed_number_of_times(
    signed_in, counselor, by, patient, page, site, many, django_assert_num_queries
):
    episode = make_episode(by, patient, NOW - timedelta(days=90))
    for n in range(many):
        make_episode(by, make_patient(site, "P", f"Q{n}"), EARLIER)
        make_screening(by, patient, "phq-9", (1,), EARLIER + timedelta(hours=n))
        actions.review_level(
            by=by, at=EARLIER + timedelta(hours=n), episode=episode, outcome="continue-working", recommended="2.1",
            progress=Progress(), summary="", once_key=f"k{n}",
        )  # fmt: skip
    client = signed_in(counselor)
    for path, asked in (("/level-reviews/", LIST), (page + "review/", FORM)):
        client.get(path)
        with django_assert_num_queries(asked):
            client.get(path)


LIST, FORM = 6, 17


def test_who_is_due_stands_first(signed_in, counselor, by, patient, site):
    make_episode(by, patient, NOW - timedelta(days=2))
    late = make_patient(site, "Lena", "Ode")
    make_episode(by, late, NOW - timedelta(days=9))
    body = signed_in(counselor).get("/level-reviews/").content.decode()
    assert body.index("Lena Ode") < body.index(patient.full_name)
    assert "1 due of 2 in treatment" in body
    assert "9 days since the last review." in body


@pytest.mark.parametrize(("role", "status"), [(Role.PRESCRIBER, 200), (Role.NURSE, 403), (Role.BILLER, 403)])
def test_who_may_review(signed_in, site, by, patient, page, role, status):
    make_episode(by, patient, EARLIER)
    client = signed_in(make_staff(site, role))
    assert client.get("/level-reviews/").status_code == status
    assert client.get(page + "review/").status_code == status


OUTSIDE = {"result_of": "locus:4", "on": "2026-03-01", "rater": "Dr. Ames", "document": "Fax 12", "note": ""}


def test_another_instruments_result_is_recorded_compared_and_struck_out(
    signed_in, counselor, by, patient, page
):
    make_episode(by, patient, EARLIER)
    client = signed_in(counselor)
    assert "CONTINUUM level 2.1" in client.get(page + "outside/").content.decode()
    client.post(page + "outside/", OUTSIDE)
    body = client.get(page).content.decode()
    assert "LOCUS: level 4" in body
    assert "It asks for more care than ours: about level 2.5 against 2.1." in body
    row = OutsidePlacement.objects.get()
    client.post(f"{page}outside/{row.pk}/strike/", {"because": "Another person's."})
    assert "Entered in error: Another person&#39;s." in client.get(page).content.decode()
    assert client.get(f"{page}outside/{row.pk + 1}/strike/").status_code == 404


@pytest.mark.parametrize(
    "change", [{"result_of": "dice:1"}, {"on": "2026-04-01"}, {"on": "x"}, {"rater": " "}, {"document": ""}]
)
def test_an_outside_result_that_cannot_be_is_answered_with_a_sentence(
    signed_in, counselor, patient, page, change
):
    answer = signed_in(counselor).post(page + "outside/", {**OUTSIDE, **change})
    assert answer.status_code == 422
    assert not OutsidePlacement.objects.exists()
