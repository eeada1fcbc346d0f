"""Statements that are written once: the same rows as the queryset itself, and no value left in the text."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import MOST_TEXTS, Prepared
from stepwell.clinic.sessions.models import Attendance
from tests.making import NOW, actor, make_patient, make_site, make_staff

pytestmark = pytest.mark.django_db


def _coded(by: Actor, permission: Permission, *, code: str) -> object:
    return patients_for(by, permission).select_related("site").filter(code=code)


def test_a_prepared_statement_gives_each_person_the_rows_of_their_own_site():
    coded = Prepared(_coded)
    first, second = make_site(), make_site(name="Second")
    here, there = make_patient(first), make_patient(second)
    ann, bo = (actor(make_staff(site, Role.COUNSELOR)) for site in (first, second))
    asked = [(by, patient) for by in (ann, bo) for patient in (here, there)] * 2

    found = [coded.rows(by, Permission.CHART_READ, code=patient.code) for by, patient in asked]

    assert found == [[here], [], [], [there]] * 2
    assert found[0][0].site == first


def test_colleagues_of_one_role_share_a_text_and_nothing_else():
    written = []

    def mine(by: Actor) -> object:
        written.append(by)
        return Patient.objects.filter(pk=by.staff_id)

    prepared, site = Prepared(mine), make_site()
    staff = [make_staff(site, Role.COUNSELOR) for _ in range(2)]
    asking = [actor(one) for one in staff]
    texts = []

    def listen(execute, sql, parameters, many, context):
        texts.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(listen):
        for by in asking:
            prepared.rows(by)

    assert len(written) == 1
    assert len({sql for sql, _ in texts}) == 1
    assert [parameters for _, parameters in texts] == [(one.pk,) for one in staff]


def test_a_role_that_sees_nothing_asks_nothing(django_assert_num_queries):
    by = actor(make_staff(make_site(), Role.SYSTEM_ADMIN))
    with django_assert_num_queries(0):
        assert Prepared(_coded).rows(by, Permission.CHART_READ, code="K7Q2") == []


def test_a_reading_counts_as_one_statement(django_assert_num_queries):
    site = make_site()
    by, patient, coded = actor(make_staff(site, Role.COUNSELOR)), make_patient(site), Prepared(_coded)
    for _ in range(3):
        with django_assert_num_queries(1):
            coded.rows(by, Permission.CHART_READ, code=patient.code)


def test_a_value_that_is_computed_with_would_stay_in_the_text_and_is_refused():
    def since(*, at: datetime) -> object:
        return Patient.objects.filter(made_at__gte=at - timedelta(days=3))

    with pytest.raises(TypeError, match="computes with a value"):
        Prepared(since).rows(at=NOW)


def test_a_value_that_never_arrives_in_the_statement_is_refused():
    with pytest.raises(TypeError, match="does not use code"):
        Prepared(lambda *, code: Patient.objects.all()).rows(code="K7Q2")


def test_the_name_of_who_asks_cannot_get_into_a_shared_text():
    by = actor(make_staff(make_site(), Role.COUNSELOR))
    with pytest.raises(TypeError, match="computes with a value"):
        Prepared(lambda by: Patient.objects.filter(made_by=by.name)).rows(by)


def test_a_day_is_a_value_and_not_a_text_of_its_own():
    site, since = make_site(), Prepared(lambda *, day: Patient.objects.filter(birth_date=day))
    ana = make_patient(site, "Ana", birth_date=date(1990, 3, 4))
    assert since.rows(day=date(1990, 3, 4)) == [ana]
    assert since.rows(day=date(1990, 3, 5)) == []
    assert len(since._texts) == 1


def test_more_values_than_before_are_another_text():
    site = make_site()
    ana, bea, cleo = (make_patient(site, name) for name in ("Ana", "Bea", "Cleo"))
    those = Prepared(lambda **ids: Patient.objects.filter(pk__in=list(ids.values())).order_by("pk"))
    assert those.rows(a=ana.pk) == [ana]
    assert those.rows(a=ana.pk, b=bea.pk, c=cleo.pk) == [ana, bea, cleo]


def test_a_constant_word_is_written_out_so_that_an_index_of_some_rows_fits():
    absences = Prepared(
        lambda *, patient_id: Attendance.objects.exclude(outcome="present").filter(patient=patient_id)
    )
    asked = []

    def listen(execute, sql, parameters, many, context):
        asked.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(listen):
        assert absences.rows(patient_id=1) == []
    ((sql, parameters),) = asked
    assert """NOT ("clinic_attendance"."outcome" = 'present')""" in sql
    assert [int(p) for p in parameters] == [1]


def test_a_word_that_is_no_plain_word_stays_beside_the_text():
    site, odd = make_site(), "100% O'Hara"
    named = Prepared(lambda *, site_id: Patient.objects.filter(site=site_id, family_name=odd))
    ana = make_patient(site, "Ana", odd)
    assert named.rows(site_id=site.pk) == [ana]


def test_texts_do_not_pile_up():
    prepared = Prepared(lambda number: Patient.objects.filter(pk=number))
    for number in range(MOST_TEXTS + 5):
        prepared.rows(number)
    assert len(prepared._texts) == MOST_TEXTS
