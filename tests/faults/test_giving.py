"""A dose given while the ground gives way, and by two nurses at once: always once, always whole."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections

from stepwell.accounts.roles import Role
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.clinic.medication import actions
from stepwell.clinic.medication.models import Dose, MedicationOrder, StartCheck
from stepwell.clinic.people.models import Patient, Site, Staff
from stepwell.clinic.site_days import site_day
from tests.clinic.medication.making import make_order
from tests.faults.test_signing import AUDIT_CHAIN, wait_until_a_writer_waits, wait_until_the_dead_let_go
from tests.making import actor, make_patient, make_site, make_staff

pytestmark = pytest.mark.processes

KILLS = int(os.environ.get("STEPWELL_KILLS", "2"))
RACES = int(os.environ.get("STEPWELL_RACES", "2"))
WHOLE = {"doses": 1, "entries": 1, "checks": 1}
NOTHING = {"doses": 0, "entries": 0, "checks": 0}


class Window:
    """A nurse's window with two nurses; each try has a person and an order of their own."""

    def __init__(self) -> None:
        self.site: Site = make_site()
        self.nurses: list[Staff] = [make_staff(self.site, Role.NURSE, credential="RN") for _ in range(2)]
        self.prescriber = actor(make_staff(self.site, Role.PRESCRIBER, credential="MD"))
        self.made = 0

    def next_order(self) -> MedicationOrder:
        """Disulfiram once a day, ordered now; the last drink is long ago, so the first dose keeps its check."""
        self.made += 1
        now = datetime.now(UTC)
        person: Patient = make_patient(self.site, f"P{self.made}", f"Family{self.made}")
        actions.record_fact(by=self.prescriber, at=now, patient=person, kind="last_alcohol", value="none")
        return make_order(
            person, by=self.prescriber, at=now, drug="disulfiram", dose=Decimal(250), route="oral",
            frequency="daily", given_here=True, starts_on=site_day(self.site, now),
        )  # fmt: skip


def path_of(order: MedicationOrder) -> str:
    return f"/patients/{order.patient.code}/medication/orders/{order.pk}/doses/new/"


def the_form(key: str) -> dict[str, object]:
    return {"outcome": "given", "amount": "250", "observed": "on", "once_key": key}


def what_stands(order: MedicationOrder) -> dict[str, int]:
    connections.close_all()
    doses = list(Dose.objects.filter(order=order).values_list("pk", flat=True))
    return {
        "doses": len(doses),
        "entries": Entry.objects.filter(
            action="medication.dose", patient_id=order.patient_id, detail__order=order.pk
        ).count(),
        "checks": StartCheck.objects.filter(order=order, code="alcohol_window").count(),
    }


class Click(threading.Thread):
    """Somebody who presses Record: `status` is None when no answer came."""

    def __init__(self, pages: Any, order: MedicationOrder, cookie: str, key: str) -> None:
        super().__init__()
        self.pages, self.cookie, self.path, self.fields = pages, cookie, path_of(order), the_form(key)
        self.status: int | None = None
        self.began = threading.Event()

    def run(self) -> None:
        self.began.set()
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.status = self.pages.post(self.path, self.cookie, self.fields).status


def test_a_double_click_and_two_nurses_at_once_give_one_dose(pages, cookie_of, all_at_once):
    window = Window()
    cookies = [cookie_of(nurse) for nurse in window.nurses]
    for turn in range(RACES):
        order = window.next_order()
        asks = [
            lambda cookie=cookie, key=key, order=order: pages.post(path_of(order), cookie, the_form(key))
            for cookie, key in ((cookies[0], f"a{turn}"), (cookies[0], f"a{turn}"), (cookies[1], f"b{turn}"))
        ]
        answers = all_at_once(*asks)
        statuses = [answer.status for answer in answers]
        # One nurse's two clicks are one dose and both are answered as done; the other's is told it was given,
        # or the other way round.
        assert sorted(statuses) in ([302, 302, 422], [302, 422, 422]), statuses
        assert statuses[0] == statuses[1]
        assert what_stands(order) == WHOLE
    assert trail.verify().ok


def test_a_server_killed_when_all_of_a_dose_is_written_but_its_commit_has_given_nothing(pages, cookie_of):
    window = Window()
    cookie, order = cookie_of(window.nurses[0]), window.next_order()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [AUDIT_CHAIN])
        click = Click(pages, order, cookie, "k")
        click.start()
        wait_until_a_writer_waits(cursor)  # the dose and its check are written, the entry is not
        pages.kill()
        click.join()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [AUDIT_CHAIN])
    wait_until_the_dead_let_go(order)
    assert (click.status, what_stands(order)) == (None, NOTHING)
    pages.start()
    for _ in range(2):
        assert pages.post(path_of(order), cookie, the_form("k")).status == 302
    assert what_stands(order) == WHOLE
    assert trail.verify().ok


def test_kill_9_at_a_random_moment_of_a_dose_leaves_all_of_it_or_nothing(pages, cookie_of):
    window = Window()
    cookie, chance = cookie_of(window.nurses[0]), random.Random(KILLS)
    order, began = window.next_order(), time.monotonic()
    for key in ("warm", "warm"):
        began = time.monotonic()
        assert pages.post(path_of(order), cookie, the_form(key)).status == 302
    takes = time.monotonic() - began
    assert what_stands(order) == WHOLE
    for turn in range(KILLS):
        order = window.next_order()
        click = Click(pages, order, cookie, f"k{turn}")
        click.start()
        click.began.wait()
        time.sleep(chance.uniform(0, 1.5 * takes))
        pages.kill()
        click.join()
        wait_until_the_dead_let_go(order)
        found = what_stands(order)
        assert found in (WHOLE, NOTHING), found
        assert click.status != 302 or found == WHOLE, "a dose that was acknowledged is lost"
        pages.start()
        # the same form sent again: one dose, whatever came of the first
        assert pages.post(path_of(order), cookie, the_form(f"k{turn}")).status == 302
        assert what_stands(order) == WHOLE
    assert trail.verify().ok
