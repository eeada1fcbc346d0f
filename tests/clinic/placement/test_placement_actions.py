from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement import actions, queries
from stepwell.clinic.placement.models import Episode, Placement, Recommendation
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.assessment.making import make_rating
from tests.clinic.placement.making import make_episode, make_recommendation
from tests.making import NOW, actor, make_patient, make_staff

HOUR = timedelta(hours=1)


def moves(episode: Episode) -> list[tuple[int, str, str]]:
    return list(episode.placements.order_by("number").values_list("number", "kind", "level"))


def test_a_recommendation_keeps_the_whole_decision(by, patient):
    row = make_recommendation(by, patient)
    decision = queries.decision_of(row)
    assert (row.level, row.rule) == ("2.1", "several-days-a-week")
    assert decision.reasons[0].text.startswith("Relapse, mood or readiness needs support several days a week")
    assert "Risk of relapse or continued use is rated 3: Reason 5." in [r.text for r in decision.reasons]
    assert decision.what_would_change_it
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.action, entry.patient_id) == ("placement.recommend", patient.pk)


def test_a_recommendation_from_partial_ratings_has_no_level_and_names_what_is_missing(by, patient):
    row = make_recommendation(by, patient, (0, None, 1, 1, 1, 1))
    assert row.level == ""
    assert queries.decision_of(row).missing == ("Physical health",)
    with pytest.raises(Refused, match="not decided yet: rate Physical health"):
        actions.admit(by=by, at=NOW, patient=patient, recommendation=row, level="2.1", because="x")


def test_ratings_of_another_patient_make_no_recommendation(by, patient, site):
    rating = make_rating(by, make_patient(site, "Ben", "Ito"))
    with pytest.raises(Refused, match="another patient"):
        actions.recommend(by=by, at=NOW, patient=patient, rating=rating)


def test_admission_opens_an_episode_with_placement_number_one(by, patient):
    episode = make_episode(by, patient)
    assert (episode.patient_id, episode.admitted_at, episode.closed_at) == (patient.pk, NOW, None)
    assert moves(episode) == [(1, "admit", "2.1")]
    entry = Entry.objects.order_by("-seq")[0]
    assert entry.action == "placement.admit"
    assert entry.detail["level"] == "2.1"


def test_a_second_admission_is_refused_while_an_episode_is_open(by, patient):
    make_episode(by, patient)
    with pytest.raises(Refused, match="admitted already"):
        make_episode(by, patient, NOW + HOUR)
    assert Episode.objects.count() == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (True, "Severe withdrawal is possible"),
        (None, "Nobody has recorded yet whether severe withdrawal is possible"),
    ],
)
def test_a_gate_that_is_closed_or_not_answered_refuses_admission(by, patient, answer, sentence):
    row = make_recommendation(by, patient, severe_withdrawal_risk=answer)
    with pytest.raises(Refused, match=sentence):
        actions.admit(by=by, at=NOW, patient=patient, recommendation=row, level="2.1", because="x")
    assert not Episode.objects.exists()


def test_another_level_than_recommended_needs_a_coded_reason(by, patient):
    row = make_recommendation(by, patient)
    asked = {
        "by": by,
        "at": NOW,
        "patient": patient,
        "recommendation": row,
        "level": "1",
        "because": "Works nights.",
    }
    with pytest.raises(Refused, match="choose a reason to admit to level 1 instead"):
        actions.admit(**asked)
    with pytest.raises(Refused, match="write in a sentence why it is safe"):
        actions.admit(**asked, override="patient-choice")
    with pytest.raises(Refused, match="Choose a reason for the other level"):
        actions.admit(**asked, override="because", override_note="x")
    placement = actions.admit(**asked, override="patient-choice", override_note="Sister stays with him.")
    assert (placement.level, placement.indicated_level, placement.override) == ("1", "2.1", "patient-choice")
    assert placement.because == "Works nights.\nSister stays with him."


def test_a_recommendation_older_than_the_ratings_is_refused(by, patient):
    row = make_recommendation(by, patient)
    make_rating(by, patient, at=NOW + HOUR)
    with pytest.raises(Refused, match="The six ratings have changed"):
        actions.admit(by=by, at=NOW + 2 * HOUR, patient=patient, recommendation=row, level="2.1", because="x")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"because": " "}, "Write in a sentence"),
        ({"level": "9"}, "There is no level 9"),
        ({"planned_weeks": 0}, "1 to 104 weeks"),
        ({"starts_at": NOW + HOUR}, "lies ahead"),
        ({"level": "3.1", "override": "geography", "override_note": "x"}, "is not offered here"),
    ],
)
def test_an_admission_that_cannot_be_is_refused(by, patient, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        make_episode(by, patient, **facts)
    assert not Episode.objects.exists()


def test_a_relapse_a_step_up_a_step_down_and_a_discharge_are_rows_without_gaps(by, patient):
    episode = make_episode(by, patient)
    actions.step_up(by=by, at=NOW + HOUR, episode=episode, to="2.5", because="Relapse.")
    actions.step_down(by=by, at=NOW + 2 * HOUR, episode=episode, to="2.1", because="Stable again.")
    actions.transfer(
        by=by, at=NOW + 3 * HOUR, episode=episode, to="3.7", receiving="Harbor Detox", because="Withdrawal."
    )
    actions.step_down(by=by, at=NOW + 4 * HOUR, episode=episode, to="2.1", because="Back from detox.")
    actions.discharge(by=by, at=NOW + 5 * HOUR, episode=episode, reason="completed", because="Goals met.")
    assert moves(episode) == [
        (1, "admit", "2.1"), (2, "step_up", "2.5"), (3, "step_down", "2.1"), (4, "transfer", "3.7"),
        (5, "step_down", "2.1"), (6, "discharge", ""),
    ]  # fmt: skip
    assert Episode.objects.get().closed_at == NOW + 5 * HOUR
    with pytest.raises(Refused, match="closed already"):
        actions.step_up(by=by, at=NOW + 6 * HOUR, episode=episode, to="2.5", because="x")
    assert make_episode(by, patient, NOW + 6 * HOUR).pk != episode.pk


@pytest.mark.parametrize(
    ("verb", "facts", "sentence"),
    [
        (actions.step_up, {"to": "2.1"}, "is not more care"),
        (actions.step_down, {"to": "2.5"}, "is not less care"),
        (actions.step_up, {"to": "3.5"}, "is not offered here"),
        (actions.step_down, {"to": "1", "because": ""}, "Write in a sentence why"),
        (actions.transfer, {"to": "3.5", "receiving": " "}, "Name the program"),
        (actions.discharge, {"reason": "bored"}, "no discharge reason bored"),
        (actions.discharge, {"reason": "transferred"}, "Name the program"),
        (actions.step_up, {"to": "2.5", "starts_at": NOW - HOUR}, "The last move is later"),
    ],
)
def test_a_move_that_cannot_be_is_refused_and_leaves_no_row(by, patient, verb, facts, sentence):
    episode = make_episode(by, patient)
    with pytest.raises(Refused, match=sentence):
        verb(**{"by": by, "at": NOW + HOUR, "episode": episode, "because": "Because.", **facts})
    assert moves(episode) == [(1, "admit", "2.1")]


def test_a_step_is_measured_against_the_recommendation_made_since_the_last_move(by, patient):
    episode = make_episode(by, patient)
    row = make_recommendation(by, patient, (0, 0, 1, 0, 1, 0), NOW + HOUR)
    assert row.level == "1"
    with pytest.raises(Refused, match="Level 1 is recommended"):
        actions.step_up(by=by, at=NOW + 2 * HOUR, episode=episode, to="2.5", because="x")
    placement = actions.step_down(by=by, at=NOW + 2 * HOUR, episode=episode, to="1", because="Goals met.")
    assert (placement.recommendation, placement.indicated_level, placement.override) == (row, "1", "")


def test_a_placement_is_never_changed_or_deleted(by, patient):
    placement = make_episode(by, patient).placements.get()
    for change in (lambda: Placement.objects.update(level="1"), placement.delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"number": 1}, "placement_number_once_an_episode"),
        ({"kind": "leap"}, "placement_kind_known"),
        ({"because": " "}, "placement_says_why"),
        ({"level": ""}, "placement_has_a_level"),
        ({"kind": "discharge", "level": ""}, "discharge_has_a_reason"),
    ],
)
def test_the_database_refuses_a_placement_that_is_nonsense(by, patient, facts, name):
    episode = make_episode(by, patient)
    sound = {"number": 2, "kind": "step_up", "level": "2.5", "because": "x", "starts_at": NOW, "at": NOW}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Placement.objects.create(episode=episode, by_id=by.staff_id, **{**sound, **facts})


def test_the_database_refuses_two_open_episodes_and_an_end_before_the_start(by, patient):
    episode = make_episode(by, patient)
    with pytest.raises(IntegrityError, match="one_open_episode_a_patient"), transaction.atomic():
        Episode.objects.create(
            patient=patient, site=patient.site, admitted_at=NOW, admitted_by_id=by.staff_id
        )
    with pytest.raises(IntegrityError, match="episode_closes_after_admission"), transaction.atomic():
        Episode.objects.filter(pk=episode.pk).update(closed_at=NOW - HOUR)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PATIENT, Role.FAMILY}))
def test_who_may_decide_about_the_level(by, site, patient, role):
    row = make_recommendation(by, patient)
    who = actor(make_staff(site, role))
    asked = {"by": who, "at": NOW, "patient": patient, "recommendation": row, "level": "2.1", "because": "x"}
    if role in {Role.COUNSELOR, Role.PRESCRIBER, Role.DIRECTOR}:
        assert actions.admit(**asked).by_id == who.staff_id
    else:
        with pytest.raises(Denied, match="Your role does not include: admit"):
            actions.admit(**asked)


@pytest.mark.parametrize("many", [1, 30])
def test_patients_come_with_their_episode_and_level_in_one_query(by, site, many, django_assert_num_queries):
    people = [make_patient(site, "P", f"Q{n}") for n in range(many)]
    episode = make_episode(by, people[0])
    actions.step_up(by=by, at=NOW + HOUR, episode=episode, to="2.5", because="Relapse.")
    for one in people[1:]:
        make_episode(by, one)
    outside = make_patient(site, "Not", "Admitted")
    with django_assert_num_queries(1):
        rows = {p.pk: p for p in queries.with_current(patients_for(by))}
    first = rows[people[0].pk]
    assert (first.episode_id, first.level, first.admitted_at, first.planned_weeks) == (
        episode.pk,
        "2.5",
        NOW,
        12,
    )
    assert rows[outside.pk].episode_id is None
    assert rows[outside.pk].level is None


def test_what_was_true_at_an_instant_can_be_asked_later(by, patient):
    episode = make_episode(by, patient)
    actions.step_up(by=by, at=NOW + 2 * HOUR, episode=episode, to="2.5", because="Relapse.")
    assert queries.placement_on(episode, NOW + HOUR).level == "2.1"
    assert queries.placement_on(episode, NOW + 2 * HOUR).level == "2.5"
    assert queries.placement_on(episode, NOW - HOUR) is None


def test_a_stranger_reads_nothing(by, patient, site):
    make_episode(by, patient)
    stranger = actor(make_staff(make_patient(site.__class__.objects.create(name="Far", zone="UTC")).site))
    assert list(queries.placements_of(stranger, patient)) == []
    assert queries.open_episode(stranger, patient) is None
    assert list(queries.recommendations_of(stranger, patient)) == []
    assert Recommendation.objects.count() == 1
    assert Patient.objects.count() == 2
