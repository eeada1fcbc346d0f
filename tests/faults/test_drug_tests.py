"""One result, one line of rewards, whatever happens: double clicks, a server that dies, a cap that many run against."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from stepwell.accounts.roles import Role
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.drug_tests import actions
from stepwell.clinic.drug_tests.models import PanelResult, RewardEntry
from tests.clinic.drug_tests.making import CLEAN, make_test
from tests.faults.test_signing import AUDIT_CHAIN, wait_until_a_writer_waits
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

pytestmark = pytest.mark.processes


def a_specimen() -> tuple[Any, Any, str, dict[str, object]]:
    site = make_site()
    nurse = make_staff(site, Role.NURSE)
    patient, by = make_patient(site), actor(nurse)
    order = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=order, specimen="S-1")
    fields = {f"class_{code}": word for code, word in CLEAN.items()} | {"class_fentanyl": "positive"}
    form = {"method": "presumptive", "once_key": "the-form", **fields}
    return nurse, order, f"/patients/{patient.code}/tests/{order.pk}/result/", form


def standing(order: Any) -> tuple[int, int, int]:
    return (
        PanelResult.objects.filter(order=order).count(),
        Alert.objects.count(),
        Entry.objects.filter(action="drug_tests.result").count(),
    )


def test_a_double_click_on_a_result_keeps_one_with_one_alert(pages, cookie_of, all_at_once):
    nurse, order, path, form = a_specimen()
    cookie = cookie_of(nurse)
    answers = all_at_once(*[lambda: pages.post(path, cookie, form)] * 2)
    assert [answer.status for answer in answers] == [302, 302]
    assert standing(order) == (1, 1, 1)


def test_a_server_killed_in_the_middle_of_a_result_has_kept_nothing_of_it(pages, cookie_of):
    nurse, order, path, form = a_specimen()
    cookie = cookie_of(nurse)

    def click() -> None:
        with pytest.raises(ConnectionError):
            pages.post(path, cookie, form)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [AUDIT_CHAIN])
        clicking = threading.Thread(target=click)
        clicking.start()
        wait_until_a_writer_waits(cursor)
        pages.kill()
        clicking.join()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [AUDIT_CHAIN])
    assert standing(order) == (0, 0, 0)
    pages.start()
    assert pages.post(path, cookie, form).status == 302
    assert standing(order) == (1, 1, 1)
    assert trail.verify().ok


def test_rewards_pressed_by_many_at_once_stay_within_the_cap_and_each_test_has_one_line(
    pages, cookie_of, all_at_once
):
    site = make_site()
    nurse = make_staff(site, Role.NURSE)
    patient, by = make_patient(site), actor(nurse)
    long_ago = NOW - timedelta(days=70)
    plan = actions.begin_rewards(by=by, at=long_ago, patient=patient, schedule="voucher", target="stimulants")
    orders = []
    for day in range(32):
        at = long_ago + timedelta(days=day)
        order = make_test(patient, by, panel="standard", due_on=TODAY - timedelta(days=70 - day), at=at)
        actions.collect(by=by, at=at, order=order, specimen=f"S-{day}")
        none = dict.fromkeys(("cocaine", "amphetamine", "methamphetamine"), "negative")
        actions.record_result(by=by, at=at, order=order, results=none)
        orders.append(order)
    for order in orders[:25]:
        actions.reward_test(by=by, at=NOW, plan=plan, order=order)
    cookie = cookie_of(nurse)
    root = f"/patients/{patient.code}/tests/rewards/{plan.pk}"
    # $65 are left of the year: two tests at $40 each would pass it.
    answers = all_at_once(*[lambda o=o: pages.post(f"{root}/tests/{o.pk}/", cookie) for o in orders[25:] * 2])
    assert {answer.status for answer in answers} == {302}
    for order in orders[25:]:
        assert pages.post(f"{root}/tests/{order.pk}/", cookie).status == 302
    entries = list(RewardEntry.objects.order_by("number"))
    assert [one.number for one in entries] == list(range(1, len(entries) + 1))
    assert len({one.order_id for one in entries}) == len(entries) > 25
    earned = sum(one.amount for one in entries)
    assert earned == entries[-1].in_year == entries[-1].waiting
    assert earned == min(Decimal(750), Decimal(685) + 40 * (len(entries) - 25))
    hand = {"amount": "400", "what": "Voucher"}
    answers = all_at_once(*[
        lambda key=key: pages.post(f"{root}/hand/", cookie, {**hand, "once_key": key}) for key in ("a", "a", "b", "c")
    ])  # fmt: skip
    assert sorted(answer.status for answer in answers) in ([302, 302, 422, 422], [302, 422, 422, 422])
    assert RewardEntry.objects.filter(kind="handed").count() == 1
    assert RewardEntry.objects.order_by("-number")[0].waiting == earned - 400
