from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.actions import correct_screening, mark_in_error
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.placement import actions, queries
from stepwell.clinic.placement.models import (
    Episode,
    LevelReview,
    OutsidePlacement,
    PlacementTable,
    Recommendation,
)
from stepwell.clinic.placement.rules import Edition, Progress
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.assessment.making import make_screening
from tests.clinic.placement.making import make_episode, make_recommendation
from tests.making import NOW, actor, make_patient, make_site, make_staff

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def review(by, episode, **facts):
    asked = {
        "by": by, "at": NOW + HOUR, "episode": episode, "outcome": "continue-progress", "recommended": "2.1",
        "progress": Progress(phq9=12), "summary": "Comes every day.", "once_key": "k1", **facts,
    }  # fmt: skip
    return actions.review_level(**asked)


def test_a_review_keeps_the_outcome_and_what_it_was_prepared_with(by, patient):
    episode = make_episode(by, patient)
    row = review(by, episode)
    assert (row.number, row.outcome, row.clinical_level, row.recommended_level) == (
        1,
        "continue-progress",
        "2.1",
        "2.1",
    )
    assert row.next_due_on == date(2026, 3, 25)
    assert row.findings["facts"] == {"phq9": 12}
    assert row.findings["suggested"] == "continue-working"
    assert row.rating == DimensionalRating.objects.get()
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.action, entry.patient_id) == ("placement.review", patient.pk)
    assert episode.placements.count() == 1, "a review moves nobody"


def test_a_form_sent_twice_is_one_review(by, patient):
    episode = make_episode(by, patient)
    assert review(by, episode).pk == review(by, episode, summary="Again.").pk
    assert LevelReview.objects.count() == 1
    assert review(by, episode, once_key="k2").number == 2


def test_a_key_of_another_episode_is_refused(by, patient, site):
    review(by, make_episode(by, patient))
    other = make_episode(by, make_patient(site, "Ben", "Ito"))
    with pytest.raises(Refused, match="another review"):
        review(by, other)


def test_changed_ratings_are_a_new_rating_with_the_summary_as_reason_and_the_rule_is_asked_again(by, patient):
    episode = make_episode(by, patient)
    row = review(by, episode, changed={5: 4}, summary="Drank on Sunday.")
    assert [getattr(row.rating, f"d{n}") for n in range(1, 7)] == [0, 0, 1, 2, 4, 1]
    assert (row.rating.reasons["d5"], row.rating.reasons["d4"]) == ("Drank on Sunday.", "Reason 4.")
    assert Recommendation.objects.filter(rating=row.rating).count() == 1


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"recommended": "2.5"}, "Going on means level 2.1"),
        ({"recommended": "9"}, "There is no level 9"),
        ({"outcome": "bored"}, "Choose from the list"),
        ({"next_due_on": date(2026, 3, 18)}, "1 to 60 days ahead"),
        ({"changed": {5: 4}, "summary": " "}, "why the ratings have changed"),
        ({"outcome": "move-worse", "recommended": "2.5", "summary": ""}, "A move needs its reason"),
    ],
)
def test_a_review_that_cannot_be_is_refused_and_leaves_nothing(by, patient, facts, sentence):
    episode = make_episode(by, patient)
    with pytest.raises(Refused, match=sentence):
        review(by, episode, **facts)
    assert (LevelReview.objects.count(), DimensionalRating.objects.count()) == (0, 1)


def test_a_closed_episode_is_not_reviewed_and_a_review_is_never_changed(by, patient):
    episode = make_episode(by, patient)
    row = review(by, episode)
    for change in (lambda: LevelReview.objects.update(outcome="x"), row.delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()
    actions.discharge(by=by, at=NOW + 2 * HOUR, episode=episode, reason="completed", because="x")
    with pytest.raises(Refused, match="closed"):
        review(by, Episode.objects.get(), at=NOW + 3 * HOUR, once_key="k2")


def test_only_who_decides_reviews(patient, by, site):
    episode = make_episode(by, patient)
    with pytest.raises(Denied):
        review(actor(make_staff(site, Role.NURSE)), episode)


@pytest.mark.parametrize("many", [1, 12])
def test_who_is_to_be_looked_at_is_one_statement(by, site, many, django_assert_num_queries):
    for n in range(many):
        episode = make_episode(by, make_patient(site, "P", f"Q{n}"))
        if n % 2:
            review(by, episode, once_key=f"k{n}")
    with django_assert_num_queries(1):
        found = [
            (row.level, row.reviews, row.patient.code and row.site.zone) for row in queries.to_review(by)
        ]
    assert len(found) == many
    assert found[0][:2] == ("2.1", None)


# other instruments --------------------------------------------------------------------------------------


def outside(by, patient, **facts):
    asked = {
        "instrument": "locus",
        "level": "4",
        "on": date(2026, 3, 1),
        "rater": "Dr. Ames",
        "document": "Fax 12",
    }
    return actions.record_outside_placement(by=by, at=NOW, patient=patient, **{**asked, **facts})


def test_an_outside_result_stands_beside_ours_and_changes_nothing(by, patient):
    episode = make_episode(by, patient)
    row = outside(by, patient)
    assert (row.instrument, row.level, row.matches, row.document) == ("locus", "4", "2.5", "Fax 12")
    assert list(episode.placements.values_list("level", flat=True)) == ["2.1"]
    assert Recommendation.objects.get().level == "2.1"
    with pytest.raises(Refused, match="on file already"):
        outside(by, patient)


def test_an_outside_result_is_struck_out_once_and_can_then_be_recorded_again(by, patient):
    row = outside(by, patient)
    with pytest.raises(Refused, match="Say why"):
        actions.strike_outside_placement(by=by, at=NOW, outside=row, because=" ")
    actions.strike_outside_placement(by=by, at=NOW, outside=row, because="Another Ito.")
    with pytest.raises(Refused, match="already"):
        actions.strike_outside_placement(by=by, at=NOW, outside=row, because="x")
    outside(by, patient)
    assert OutsidePlacement.objects.count() == 2


@pytest.mark.parametrize(
    "facts",
    [{"rater": " "}, {"document": ""}, {"level": "7"}, {"instrument": "x"}, {"on": date(2026, 3, 20)}],
)
def test_an_outside_result_without_a_source_or_that_cannot_be_is_refused(by, patient, facts):
    with pytest.raises(Refused):
        outside(by, patient, **facts)
    assert not OutsidePlacement.objects.exists()


# the site's own table ------------------------------------------------------------------------------------

TABLE = {
    "name": "Harbor", "version": "1", "advisory": "Harbor's own.",
    "rules": [{"id": "rest", "level": "1", "admit": True, "because": "Rest.", "when": {}}],
}  # fmt: skip


def test_a_site_decides_by_the_table_it_took_in_and_earlier_decisions_stay(by, patient, site):
    before = make_recommendation(by, patient)
    director = actor(make_staff(site, Role.DIRECTOR))
    actions.take_table(by=director, at=NOW, site=site, document=TABLE)
    after = make_recommendation(by, patient, at=NOW + HOUR)
    assert (before.level, after.level) == ("2.1", "1")
    assert queries.decision_of(after).table == "Harbor 1"
    far = make_site()
    assert queries.table_at(far.pk, Edition.THIRD).name == "Stepwell default"
    assert queries.table_at(site.pk, Edition.FOURTH).name == "Stepwell default, fourth edition"


def test_a_table_that_cannot_be_or_is_here_already_is_refused(by, site):
    director = actor(make_staff(site, Role.DIRECTOR))
    with pytest.raises(Refused, match=r"rules\[0\]\.level: There is no such level"):
        actions.take_table(
            by=director, at=NOW, site=site, document={**TABLE, "rules": [{**TABLE["rules"][0], "level": "9"}]}
        )
    actions.take_table(by=director, at=NOW, site=site, document=TABLE)
    with pytest.raises(Refused, match="here already"):
        actions.take_table(by=director, at=NOW, site=site, document=TABLE)
    with pytest.raises(Denied):
        actions.take_table(by=by, at=NOW, site=site, document={**TABLE, "version": "2"})
    assert PlacementTable.objects.count() == 1


# withdrawal ----------------------------------------------------------------------------------------------

COWS = (4, 4, 5, 1, 0)


def test_nobody_is_admitted_while_the_newest_withdrawal_score_is_high(by, patient):
    row = make_recommendation(by, patient)
    make_screening(by, patient, "cows", COWS, NOW + HOUR)
    asked = {"by": by, "patient": patient, "recommendation": row, "level": "2.1", "because": "x"}
    with pytest.raises(
        Refused, match=r"COWS was 14 on 18 March \(13 or more\)\. Severe withdrawal is possible"
    ):
        actions.admit(at=NOW + 2 * HOUR, **asked)
    assert not Episode.objects.exists()
    make_screening(by, patient, "cows", (0,), NOW + 3 * HOUR)
    assert actions.admit(at=NOW + 4 * HOUR, **asked).level == "2.1"


def test_a_high_score_closes_the_gate_of_the_recommendation_too(by, patient):
    make_screening(by, patient, "cows", COWS, NOW - HOUR)
    row = make_recommendation(by, patient)
    gate = queries.decision_of(row).gates[0]
    assert (gate.code, gate.state.value) == ("severe_withdrawal_risk", "closed")


def test_an_old_score_says_nothing_about_today(by, patient):
    make_screening(by, patient, "cows", COWS, NOW - 31 * DAY)
    assert queries.measured(by, patient, at=NOW) == ()


def test_a_score_that_was_corrected_counts_no_more_whatever_became_of_the_correction(by, patient):
    wrong = make_screening(by, patient, "cows", COWS, NOW - HOUR)
    right = correct_screening(
        by=by, at=NOW, screening=wrong, answers={**wrong.answers, "1": 0, "2": 0}, because="Read wrongly."
    )
    assert [one.points for one in queries.measured(by, patient, at=NOW)] == [6]
    mark_in_error(by=by, at=NOW, screening=right, because="Another person's.")
    assert queries.measured(by, patient, at=NOW) == ()


def test_nobody_comes_back_from_a_transfer_while_the_score_is_high(by, patient):
    episode = make_episode(by, patient)
    actions.transfer(
        by=by, at=NOW + HOUR, episode=episode, to="3.7", receiving="Harbor", because="Withdrawal."
    )
    make_screening(by, patient, "cows", COWS, NOW + 2 * HOUR)
    with pytest.raises(Refused, match="COWS was 14"):
        actions.step_down(by=by, at=NOW + 3 * HOUR, episode=episode, to="2.1", because="Back.")
