from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.recovery import actions, queries
from stepwell.clinic.recovery.models import CheckIn, Homework, HomeworkAnswer, RecoveryPlan
from stepwell.clinic.recovery.rules import HomeworkState, RecoveryPlanKind
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.consent.making import consent_for_family
from tests.clinic.recovery.making import family_acting, make_check_in, make_homework, patient_acting
from tests.making import NOW, TODAY, actor, make_family_member, make_patient, make_site, make_staff

RELAPSE = RecoveryPlanKind.RELAPSE_PREVENTION


def entries() -> list[str]:
    return list(Entry.objects.filter(action__startswith="recovery").values_list("action", flat=True))


# check-ins -----------------------------------------------------------------------------------------------


def test_a_check_in_is_kept_as_said(patient):
    row = make_check_in(patient, mood=6, craving=2, sleep_hours=Decimal("7.5"), used=False)
    assert (row.mood, row.craving, row.sleep_hours, row.used, row.at) == (6, 2, Decimal("7.5"), False, NOW)
    assert entries() == ["recovery.check_in"]
    assert Alert.objects.count() == 0


def test_one_tap_is_one_check_in(patient):
    assert make_check_in(patient, mood=6).pk == make_check_in(patient, mood=6).pk
    assert CheckIn.objects.count() == 1


def test_nobody_checks_in_for_the_patient(by, patient, site):
    other = patient_acting(make_patient(site, "Ben", "Tran"))
    for somebody in (by, other):
        with pytest.raises(Denied, match="Only the patient can check in"):
            actions.check_in(by=somebody, at=NOW, patient=patient, once_key="x", mood=5)


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ({"used": True}, [("used", "soon")]),
        ({"note": "I want to die"}, [("wants_to_die", "urgent")]),
        ({"craving": 9}, []),
    ],
)
def test_use_and_words_of_suicide_alert_in_the_same_transaction(patient, said, kinds):
    row = make_check_in(patient, **said)
    assert list(Alert.objects.values_list("kind", "severity")) == kinds
    assert [alert.kind.value for alert in queries.alerts_of(row)] == [kind for kind, _ in kinds]


def test_a_strong_craving_twice_within_a_day_alerts(patient):
    make_check_in(patient, "a", craving=8, at=NOW - timedelta(hours=5))
    assert Alert.objects.count() == 0
    make_check_in(patient, "b", craving=7)
    assert list(Alert.objects.values_list("kind", flat=True)) == ["craving_twice"]


@pytest.mark.parametrize("said", [{}, {"mood": 11}, {"sleep_hours": Decimal("25")}, {"note": "  "}])
def test_an_empty_or_impossible_check_in_is_refused(patient, said):
    with pytest.raises(Refused):
        make_check_in(patient, **said)
    assert CheckIn.objects.count() == 0


@pytest.mark.parametrize("wrong", [{}, {"mood": 11}, {"craving": -1}, {"sleep_hours": 25}])
def test_the_database_refuses_a_senseless_check_in(patient, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.create(patient=patient, at=NOW, once_key="x", **wrong)


# plans ---------------------------------------------------------------------------------------------------


def save(by, patient, text, based_on=0):
    return actions.save_recovery_plan(
        by=by, at=NOW, patient=patient, kind=RELAPSE, sections={"reasons": text}, based_on=based_on
    )


def test_each_edit_is_a_version_and_the_same_text_is_none(by, patient):
    first = save(by, patient, "My daughter")
    assert (first.version, save(by, patient, "My daughter").pk) == (1, first.pk)
    second = save(patient_acting(patient), patient, "My daughter, and work", based_on=1)
    assert (second.version, second.by_id) == (2, None)
    assert entries() == ["recovery.save_plan", "recovery.save_plan"]


def test_two_writers_never_overwrite_each_other_unseen(by, patient):
    save(by, patient, "one")
    with pytest.raises(Refused, match="Version 1 of this plan was saved meanwhile"):
        save(by, patient, "two", based_on=0)
    assert RecoveryPlan.objects.count() == 1


def test_an_empty_plan_is_not_kept(by, patient):
    with pytest.raises(Refused, match="still empty"):
        save(by, patient, "  ")


def test_the_database_keeps_a_version_once(by, patient):
    first = save(by, patient, "one")
    with pytest.raises(IntegrityError), transaction.atomic():
        RecoveryPlan.objects.create(patient=patient, kind=first.kind, version=1, sections={}, at=NOW)


# homework ------------------------------------------------------------------------------------------------


def test_homework_is_given_answered_and_reviewed(by, patient):
    me, row = patient_acting(patient), make_homework(patient, by=by)
    assert [h.state for h in queries.own_homework(me, at=NOW)] == [HomeworkState.DUE_TODAY]
    actions.answer_homework(by=me, at=NOW, homework=row, text="I will call Sam.")
    assert queries.waiting(by).count() == 1
    actions.review_homework(by=by, at=NOW, homework=row, text="Good.")
    assert [h.state for h in queries.homework_of(by, patient, at=NOW)] == [HomeworkState.REVIEWED]
    assert entries() == ["recovery.give_homework", "recovery.answer_homework", "recovery.review_homework"]


def test_homework_is_answered_once_and_never_blank(by, patient):
    me, row = patient_acting(patient), make_homework(patient, by=by)
    with pytest.raises(Refused, match="write a few words"):
        actions.answer_homework(by=me, at=NOW, homework=row, text="  ")
    actions.answer_homework(by=me, at=NOW, homework=row, text="done")
    with pytest.raises(Refused, match="handed in already"):
        actions.answer_homework(by=me, at=NOW, homework=row, text="again")
    assert HomeworkAnswer.objects.count() == 1


def test_review_waits_for_an_answer_and_happens_once(by, patient):
    row = make_homework(patient, by=by)
    with pytest.raises(Refused, match="Nothing was handed in"):
        actions.review_homework(by=by, at=NOW, homework=row)
    actions.answer_homework(by=patient_acting(patient), at=NOW, homework=row, text="done")
    actions.review_homework(by=by, at=NOW, homework=row)
    with pytest.raises(Refused, match="reviewed already"):
        actions.review_homework(by=by, at=NOW, homework=row)


def test_family_homework_needs_a_live_consent_when_given_seen_and_answered(by, patient):
    member = make_family_member(patient)
    with pytest.raises(Refused, match="No consent in force lets Maria Reyes"):
        make_homework(patient, by=by, family_member=member)
    paper = consent_for_family(member, "homework")
    row = make_homework(patient, by=by, family_member=member)
    mother = family_acting(member)
    assert [h.row.pk for h in queries.family_homework(mother, member, at=NOW)] == [row.pk]
    consent.revoke_consent(by=by, at=NOW, consent=paper, said_by="Ana Reyes")
    later = NOW + timedelta(seconds=1)
    assert queries.family_homework(mother, member, at=later) == []
    with pytest.raises(Homework.DoesNotExist):
        queries.family_homework_for(mother, member, row.pk, at=later)
    with pytest.raises(Refused, match="No consent in force"):
        actions.answer_homework(by=mother, at=later, homework=row, text="too late")


def test_homework_is_answered_only_by_whom_it_was_given_to(by, patient, site):
    member, other = make_family_member(patient), make_family_member(patient, "Luis Reyes")
    consent_for_family(member, "homework")
    consent_for_family(other, "homework")
    row = make_homework(patient, by=by, family_member=member)
    for somebody in (by, patient_acting(patient), family_acting(other)):
        with pytest.raises(Denied, match="given to somebody else"):
            actions.answer_homework(by=somebody, at=NOW, homework=row, text="x")
    assert queries.own_homework(patient_acting(patient), at=NOW) == []


def test_homework_for_another_patients_family_or_for_yesterday_is_refused(by, patient, site):
    stranger = make_family_member(make_patient(site, "Ben", "Tran"))
    with pytest.raises(Refused, match="does not belong"):
        make_homework(patient, by=by, family_member=stranger)
    with pytest.raises(Refused, match="has passed"):
        make_homework(patient, by=by, due_on=TODAY - timedelta(days=1))


@pytest.mark.parametrize("role", [Role.BILLER, Role.ADMISSIONS, Role.COMPLIANCE])
def test_the_office_neither_gives_homework_nor_reads_check_ins(site, patient, role):
    make_check_in(patient, mood=3)
    office = actor(make_staff(site, role))
    with pytest.raises(Denied):
        make_homework(patient, by=office)
    assert queries.check_ins_of(office, patient, since=NOW - timedelta(days=9)) == []


def test_a_stranger_site_sees_nothing(by, patient):
    row = make_homework(patient, by=by)
    stranger = actor(make_staff(make_site(), Role.COUNSELOR))
    assert queries.homework_of(stranger, patient, at=NOW) == []
    with pytest.raises(Homework.DoesNotExist):
        queries.homework_for(stranger, patient, row.pk)


@pytest.mark.parametrize("rows", [1, 30])
def test_lists_take_one_query_whatever_their_length(by, patient, django_assert_num_queries, rows):
    for number in range(rows):
        make_homework(patient, by=by, title=f"No. {number}")
        make_check_in(patient, f"k{number}", mood=5)
    with django_assert_num_queries(1):
        assert len(queries.homework_of(by, patient, at=NOW)) == rows
    with django_assert_num_queries(1):
        assert len(queries.check_ins_of(by, patient, since=NOW - timedelta(days=1))) == rows


def test_homework_talked_about_in_a_session_is_reviewed_without_an_answer(patient, by):
    row = make_homework(patient)
    review = actions.review_homework(by=by, at=NOW, homework=row, outcome="partly", text="Half of the week.")
    assert (review.outcome, review.text, review.by_id) == ("partly", "Half of the week.", by.staff_id)
    [found] = queries.homework_of(by, patient, at=NOW)
    assert found.state is HomeworkState.REVIEWED
    with pytest.raises(Refused, match="reviewed already"):
        actions.review_homework(by=by, at=NOW, homework=row, outcome="done")


def test_an_unknown_outcome_of_homework_is_refused(patient, by):
    with pytest.raises(Refused, match="done, partly done or not done"):
        actions.review_homework(by=by, at=NOW, homework=make_homework(patient), outcome="eaten")
