"""The ordered weekly dose is one row: the timetable and the ledger both read it."""

from __future__ import annotations

from datetime import timedelta

from stepwell.clinic.hours.queries import week_of
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.plan.models import Plan
from stepwell.clinic.timetable.queries import case_of
from tests.clinic.plan.making import make_plan, tree
from tests.clinic.timetable.week_making import NEXT_MONDAY, Clinic
from tests.making import NOW, actor, make_staff


def test_one_change_of_dose_changes_the_ledger_and_the_week_in_the_making(site):
    clinic = Clinic(site)
    counselor = actor(make_staff(site, credential="LCSW"))
    ana = clinic.patients[0]
    week = clinic.opened().week

    def both() -> tuple[int, int]:
        case = case_of(clinic.by, week, NOW).case
        planned = next(one.ordered for one in case.patients if one.id == f"p{ana.pk}")
        ledger = week_of(by=clinic.by, at=NOW, patient=ana, week_start=NEXT_MONDAY)
        return planned, ledger.ordered

    assert both() == (180, 180)
    actions.order_treatment(
        by=counselor, at=NOW, episode=Episode.objects.get(patient=ana), minutes_per_week=360, days_least=2,
        days_most=3, doses={"skills": 180, "process": 180}, starts_on=NEXT_MONDAY,
    )  # fmt: skip
    assert both() == (360, 360)


def test_the_dose_of_a_new_version_is_what_the_order_begins_with(by, patient):
    from tests.clinic.placement.making import make_episode

    episode = make_episode(by, patient, NOW - timedelta(days=40))
    plan = make_plan(by, episode, NOW - timedelta(days=30))
    held = queries.whole(Plan.objects.filter(pk=plan.pk)).get()
    dose = rules.weekly_dose(queries.as_rules(held))
    assert rules.less_than_ordered(dose, 540) is None
    assert rules.less_than_ordered(dose, 600) is not None
    assert sum(dose.values()) == sum(
        i["minutes_per_week"] for i in tree()[0]["goals"][0]["objectives"][0]["interventions"]
    )
