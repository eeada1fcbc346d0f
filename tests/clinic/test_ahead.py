"""Statements sent ahead: answered as if each had been asked on its own, and nothing is left under way."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from psycopg.pq import PipelineStatus

from stepwell.clinic.ahead import all_planned_once, planned_once, send, together, unanswered

TWICE = "SELECT %s::int * 2, 'a%%b'"
NAMED = "SELECT %(word)s::text || %(word)s::text, %(number)s::int"


@pytest.fixture(autouse=True)
def kept(django_db_setup, django_db_blocker, monkeypatch):
    """Outside of a test's transaction, and as on a connection that is kept; nothing here writes into a table."""
    with django_db_blocker.unblock():
        here = connections["default"]
        here.ensure_connection()
        options = {**here.settings_dict["OPTIONS"], "pool": {}}
        with monkeypatch.context() as patch:
            patch.setattr(here, "settings_dict", {**here.settings_dict, "OPTIONS": options})
            yield
        here.close()


def under_way() -> bool:
    return connection.connection.pgconn.pipeline_status != PipelineStatus.OFF


def plainly(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_answers_come_in_any_order_they_are_read():
    with together():
        first, second, third = send(TWICE, [1]), send(NAMED, {"word": "ab", "number": 7}), send(TWICE, [3])
        assert under_way()
        found = [third.rows(), first.rows(), second.rows()]
    assert (found, under_way()) == ([[(6, "a%b")], [(2, "a%b")], [("abab", 7)]], False)


def test_a_statement_is_planned_once_for_each_connection():
    for number in range(4):
        with together():
            assert send("SELECT %s::int + 40", [number]).rows() == [(number + 40,)]
    kept = plainly("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int + 40'")
    assert kept == [(1,)]


def test_an_answer_that_nobody_reads_is_written_all_the_same():
    with together():
        send("SELECT set_config('stepwell.seen', %s::text, false)", ["yes"])
    assert plainly("SELECT current_setting('stepwell.seen')") == [("yes",)]


def test_a_page_that_fails_leaves_nothing_under_way():
    def fail() -> None:
        with together():
            send("SELECT set_config('stepwell.failed', %s::text, false)", ["written"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not under_way()
    assert plainly("SELECT current_setting('stepwell.failed')") == [("written",)]


def test_any_other_statement_first_fetches_what_is_under_way():
    with together():
        before = send(TWICE, [5])
        assert plainly("SELECT 1") == [(1,)]
        assert not under_way()
        after = send(TWICE, [6])
        assert (before.rows(), after.rows()) == ([(10, "a%b")], [(12, "a%b")])


def test_a_statement_that_the_database_refuses_says_why_and_harms_no_other():
    with together():
        good, bad, late = send(TWICE, [1]), send("SELECT 1 / %s::int", [0]), send(TWICE, [2])
        assert (good.rows(), late.rows()) == ([(2, "a%b")], [(4, "a%b")])
        with pytest.raises(DatabaseError, match="division by zero"):
            bad.rows()
        bad.came(list)
    assert not under_way()


def test_a_refused_write_is_not_swallowed_at_the_end():
    with pytest.raises(DatabaseError, match="division by zero"), together():
        send("SELECT 1 / %s::int", [0])
    assert not under_way()


def test_plans_that_were_thrown_away_are_made_anew():
    with together():
        assert send("SELECT %s::int + 1", [1]).rows() == [(2,)]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    for number in (2, 3):
        with together():
            assert send("SELECT %s::int + 1", [number]).rows() == [(number + 1,)]


def test_a_broken_connection_is_an_error_and_not_an_endless_wait():
    def kill() -> None:
        with together():
            send("SELECT pg_terminate_backend(pg_backend_pid()), %s::int", [1])

    with pytest.raises(DatabaseError):
        kill()


def test_inside_a_transaction_a_statement_is_asked_at_once():
    with transaction.atomic(), together():
        answer = send(TWICE, [4])
        assert not under_way()
        assert answer.rows() == [(8, "a%b")]


def test_outside_of_a_block_a_statement_is_asked_at_once():
    assert (send(TWICE, [4]).rows(), under_way()) == ([(8, "a%b")], False)


SUM, KEPT = (
    "SELECT %s::int + 41",
    "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%::int + 41'",
)


def asked(number: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(SUM, [number])
        return cursor.fetchall()


def test_within_one_piece_every_statement_is_planned_once_and_afterwards_none_is_kept():
    with transaction.atomic():
        with all_planned_once(20):
            found = [asked(number) for number in range(5)]
            within = plainly(KEPT)
        afterwards = plainly(KEPT)
    assert (found, within, afterwards) == ([[(n + 41,)] for n in range(5)], [(1,)], [(0,)])
    assert asked(1) == [(42,)]


def test_what_fails_within_one_piece_leaves_the_connection_as_it_was():
    before = connection.connection.cursor_factory, connection.connection.prepare_threshold

    def fail() -> None:
        with transaction.atomic(), all_planned_once(20):
            for number in range(5):
                asked(number)
            plainly("SELECT 1 / 0")

    with pytest.raises(DatabaseError):
        fail()
    assert (connection.connection.cursor_factory, connection.connection.prepare_threshold) == before
    assert (plainly(KEPT), asked(2)) == ([(0,)], [(43,)])


def test_writes_whose_answers_nobody_reads_are_refused_with_all_of_the_transaction():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE seen (number int PRIMARY KEY)")

    def write(*numbers: int) -> None:
        with transaction.atomic(), unanswered():
            for number in numbers:
                with planned_once() as cursor:
                    cursor.execute("INSERT INTO seen VALUES (%s::int)", [number])

    with pytest.raises(IntegrityError):
        write(1, 2, 1, 3)
    assert not under_way()
    assert plainly("SELECT number FROM seen") == []
    write(4)
    assert plainly("SELECT number FROM seen") == [(4,)]


def test_writes_that_are_given_up_in_between_leave_nothing_behind_and_nothing_under_way():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE seen (number int PRIMARY KEY)")

    def give_up() -> None:
        with transaction.atomic(), unanswered(), planned_once() as cursor:
            cursor.execute("INSERT INTO seen VALUES (%s::int)", [1])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert not under_way()
    assert plainly("SELECT number FROM seen") == []
