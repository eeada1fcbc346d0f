"""The trail: append-only, numbered without a gap, chained, and every tampering named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.audit.queries import PAUSE, visits, visits_of_patient

AT = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
NIA = Actor(user_id=7, name="Nia Okafor", address="10.0.0.4", request_id="r1")
BEN = Actor(user_id=8, name="Ben Ruiz", address="10.0.0.5", request_id="r2", purpose="payment")


def write(count: int, by: Actor = NIA, **facts) -> None:
    for number in range(count):
        trail.record(by=by, at=AT, action="people.change", subject=f"Patient {number}", patient_id=3, **facts)


def look(by: Actor, minutes: float, tab: str = "overview", patient_id: int = 3) -> None:
    trail.record_access(
        by=by, at=AT + timedelta(minutes=minutes), patient_id=patient_id, subject=f"Chart {tab}"
    )


def behind_the_triggers(statement: str, *values: object) -> None:
    """What somebody with the keys of the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


def test_an_entry_says_who_what_whose_when_why_and_from_where(db):
    trail.record(by=NIA, at=AT, action="plan.sign", subject="Plan 4", patient_id=3, detail={"version": 2})
    entry = Entry.objects.get()
    assert (entry.seq, entry.actor_id, entry.actor_name, entry.action, entry.kind, entry.patient_id) == (
        1, 7, "Nia Okafor", "plan.sign", "write", 3,
    )  # fmt: skip
    assert (entry.subject, entry.why, entry.address, entry.request_id, entry.at, entry.detail) == (
        "Plan 4", "treatment", "10.0.0.4", "r1", AT, {"version": 2},
    )  # fmt: skip


def test_entries_are_numbered_and_each_follows_from_the_one_before(db):
    write(3)
    rows = list(Entry.objects.order_by("seq").values_list("seq", "prev_hash", "hash"))
    assert [seq for seq, _, _ in rows] == [1, 2, 3]
    assert [previous for _, previous, _ in rows] == ["", rows[0][2], rows[1][2]]
    assert trail.verify() == trail.Verdict(True, 3)


def test_an_empty_trail_is_whole(db):
    assert trail.verify() == trail.Verdict(True, 0)


def test_a_group_note_is_one_statement_and_an_entry_for_each_chart(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        trail.record_each(by=NIA, at=AT, action="note.sign", of=[(n, "Note 9", {}) for n in range(1, 13)])
    assert list(Entry.objects.order_by("seq").values_list("seq", "patient_id")) == [
        (n, n) for n in range(1, 13)
    ]
    assert trail.verify().ok


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_name = 'Somebody Else' WHERE seq = 2",
        "DELETE FROM audit_entry WHERE seq = 2",
        "TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_to_change_or_lose_an_entry(db, statement):
    write(3)
    with (
        pytest.raises(DatabaseError, match="The audit trail is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Entry.objects.count() == 3


def test_a_number_and_a_hash_that_somebody_brings_along_are_not_taken(db):
    write(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (seq, hash, prev_hash, at, actor_name, action, kind, subject, why, address,"
            " request_id, detail) VALUES (99, 'x', 'y', now(), 'A', 'b', 'write', '', '', '', '', '{}')"
        )
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert trail.verify().ok


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_name", "'Somebody Else'"), ("actor_id", "99"), ("action", "'x'"), ("kind", "'access'"),
        ("patient_id", "NULL"), ("subject", "''"), ("why", "'x'"), ("address", "'x'"), ("request_id", "'x'"),
        ("detail", "'{\"a\": 1}'"), ("at", "at + interval '1 microsecond'"),
    ],
)  # fmt: skip
def test_a_change_of_any_column_is_named_by_its_entry(db, column, value):
    write(5)
    behind_the_triggers(f"UPDATE audit_entry SET {column} = {value} WHERE seq = 3")  # noqa: S608 - columns of the table above
    verdict = trail.verify()
    assert (verdict.ok, verdict.first_broken_seq) == (False, 3)
    assert verdict.why == "Entry 3 was changed after it was written."


def test_an_entry_taken_out_is_named(db):
    write(5)
    behind_the_triggers("DELETE FROM audit_entry WHERE seq = 3")
    assert trail.verify() == trail.Verdict(False, 2, 4, "Entry 3 is missing; the next one found is 4.")


def test_an_entry_taken_out_with_all_later_ones_renumbered_is_named(db):
    write(5)
    behind_the_triggers("DELETE FROM audit_entry WHERE seq = 3")
    # By way of negative numbers: rows are changed in any order, and no number may stand twice on the way.
    behind_the_triggers("UPDATE audit_entry SET seq = -seq WHERE seq > 3")
    behind_the_triggers("UPDATE audit_entry SET seq = -seq - 1 WHERE seq < 0")
    verdict = trail.verify()
    assert (verdict.ok, verdict.first_broken_seq) == (False, 3)


def test_an_entry_put_in_between_is_named(db):
    write(4)
    behind_the_triggers("UPDATE audit_entry SET seq = -seq WHERE seq > 2")
    behind_the_triggers("UPDATE audit_entry SET seq = -seq + 1 WHERE seq < 0")
    behind_the_triggers(
        "INSERT INTO audit_entry (seq, at, actor_name, action, kind, subject, why, address, request_id, detail,"
        " prev_hash, hash) SELECT 3, at, 'Forged', action, kind, subject, why, address, request_id, detail,"
        " hash, 'forged' FROM audit_entry WHERE seq = 2"
    )
    verdict = trail.verify()
    assert (verdict.ok, verdict.first_broken_seq) == (False, 3)


def test_a_forged_entry_with_a_right_hash_of_its_own_breaks_the_one_after_it(db):
    write(4)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, prev_hash, (extract(epoch from at) * 1000000)::bigint, actor_id, 'Somebody Else', action,"
            " kind, patient_id, subject, why, address, request_id, detail::text FROM audit_entry WHERE seq = 2"
        )
        seq, previous, *fields = cursor.fetchone()
    behind_the_triggers(
        "UPDATE audit_entry SET actor_name = 'Somebody Else', hash = %s WHERE seq = 2",
        trail.seal(seq, previous, fields),
    )
    assert trail.verify() == trail.Verdict(False, 2, 3, "Entry 3 does not follow from entry 2.")


def test_a_long_trail_is_verified_in_batches(db):
    write(7)
    assert trail.verify(batch=2) == trail.Verdict(True, 7)


@given(texts=st.lists(st.text(), min_size=2, max_size=6))
def test_moving_text_from_one_field_to_the_next_changes_the_seal(texts):
    shifted = ["", texts[0] + texts[1], *texts[2:]] if texts[0] else [texts[1][:1], texts[1][1:], *texts[2:]]
    if shifted != texts:
        assert trail.seal(1, "", texts) != trail.seal(1, "", shifted)


@pytest.mark.parametrize("odd", ["é", "🙂", "a:3", "\n", "ﬁ", "\u202e", "x" * 10_000])
def test_python_and_the_database_seal_any_text_alike(db, odd):
    trail.record(
        by=Actor(user_id=None, name=odd, address=odd),
        at=AT,
        action=odd,
        subject=odd,
        why=odd,
        detail={odd: [odd, 1.5]},
    )
    assert trail.verify() == trail.Verdict(True, 1)


def test_a_transaction_that_is_taken_back_leaves_no_gap(db):
    write(1)
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)
    write(1)
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]


def test_looks_of_one_visit_are_one_line(db):
    look(NIA, 0)
    look(BEN, 1, "coverage")
    look(NIA, 2, "plan")
    write(1)
    (later, earlier) = sorted(
        visits_of_patient(3, zone="America/New_York").visits, key=lambda v: v.who, reverse=True
    )
    assert (later.who, later.looked_at, later.wrote, later.entries) == (
        "Nia Okafor", ["Chart overview", "Chart plan"], ["people.change"], 3,
    )  # fmt: skip
    assert (earlier.who, earlier.why, earlier.address) == ("Ben Ruiz", "payment", "10.0.0.5")


@pytest.mark.parametrize(
    ("minutes", "lines"),
    [(PAUSE.total_seconds() / 60 - 1, 1), (PAUSE.total_seconds() / 60 + 1, 2), (60 * 24, 2)],
)
def test_a_long_pause_or_another_day_is_another_visit(db, minutes, lines):
    look(NIA, 0)
    look(NIA, minutes)
    assert len(visits_of_patient(3, zone="America/New_York").visits) == lines


def test_a_visit_over_midnight_at_the_site_is_two(db):
    midnight = datetime(2026, 3, 19, 4, 0, tzinfo=UTC)  # in New York
    for at in (midnight - timedelta(minutes=5), midnight + timedelta(minutes=5)):
        trail.record_access(by=NIA, at=at, patient_id=3, subject="Chart overview")
    newest_first = list(Entry.objects.order_by("-seq"))
    assert (len(visits(newest_first, "America/New_York")), len(visits(newest_first, "UTC"))) == (2, 1)


def test_every_entry_is_on_exactly_one_page(db):
    trail.record_each(
        by=NIA, at=AT, action="chart.access", kind="access", of=[(3, f"Chart {n}", {}) for n in range(450)]
    )
    look(BEN, 0, patient_id=4)
    seen, before, pages = 0, None, 0
    while True:
        page = visits_of_patient(3, zone="UTC", before_seq=before)
        seen += sum(visit.entries for visit in page.visits)
        pages, before = pages + 1, page.older
        if before is None:
            break
    assert (seen, pages) == (450, 8)


def the_threads_of(count: int, work: Callable[[int], None]) -> None:
    from threading import Thread

    threads = [Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_writers_at_once_make_one_chain_without_gaps_and_forks(committed_database):
    failed: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(15):
                with transaction.atomic():
                    write(1, Actor(user_id=number, name=f"Writer {number}"))
                    if turn % 5 == 4:
                        transaction.set_rollback(True)  # a taken-back one must leave no gap either
        except Exception as fault:
            failed.append(fault)
        finally:
            connection.close()

    the_threads_of(6, work)
    assert failed == []
    rows = list(Entry.objects.order_by("seq").values_list("seq", "prev_hash"))
    assert [seq for seq, _ in rows] == list(range(1, 6 * 12 + 1))
    assert len({previous for _, previous in rows}) == len(rows)
    assert trail.verify() == trail.Verdict(True, 72)


def test_entries_kept_together_stand_in_the_order_in_which_they_were_made(db):
    with transaction.atomic(), trail.kept_together():
        write(2)
        look(BEN, 5)
        assert Entry.objects.count() == 0
    found = list(Entry.objects.order_by("seq").values_list("seq", "actor_name", "subject"))
    assert found == [
        (1, "Nia Okafor", "Patient 0"),
        (2, "Nia Okafor", "Patient 1"),
        (3, "Ben Ruiz", "Chart overview"),
    ]
    assert trail.verify() == trail.Verdict(True, 3)


def test_entries_are_not_kept_without_a_transaction_around_them():
    with pytest.raises(RuntimeError, match="only within a transaction"), trail.kept_together():
        pass
