from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.drug_tests import actions, queries, rules
from stepwell.clinic.drug_tests.models import Collection, PanelResult, RandomDraw, TestOrder
from stepwell.clinic.placement.models import Placement
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.drug_tests.making import CLEAN, make_result, make_test
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

DAYS = tuple(TODAY + timedelta(days=n) for n in range(14))


def entries() -> list[str]:
    return list(Entry.objects.filter(action__startswith="drug_tests").values_list("action", flat=True))


def test_a_test_is_ordered_once_for_a_day(by, patient):
    row = make_test(patient, by)
    assert (row.panel, row.reason, row.due_on, row.by_id) == ("opioid", "clinical", TODAY, by.staff_id)
    with pytest.raises(Refused, match="ordered for that day already"):
        make_test(patient, by)
    assert entries() == ["drug_tests.order"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"panel": "nonsense"}, "no test panel"),
        ({"due_on": TODAY - timedelta(days=1)}, "has passed"),
        ({"reason": "random"}, "drawn, not picked"),
        ({"reason": "revenge"}, "drawn, not picked"),
    ],
)
def test_a_senseless_order_is_refused(by, patient, changed, sentence):
    with pytest.raises(Refused, match=sentence):
        make_test(patient, by, **changed)
    assert TestOrder.objects.count() == 0


@pytest.mark.parametrize("role", [Role.PEER, Role.CASE_MANAGER, Role.BILLER, Role.DIRECTOR])
def test_who_does_not_order_tests_is_denied(site, patient, role):
    with pytest.raises(Denied):
        make_test(patient, actor(make_staff(site, role)))


# random days ---------------------------------------------------------------------------------------------


def draw(by, site, patients, *, seed=None, **changed):
    actions.seal_seed(by=by, at=NOW, site=site, seed=seed)
    facts = {"panel": "standard", "days": DAYS, "tests": 2, **changed}
    return actions.order_random_tests(by=by, at=NOW, site=site, patients=patients, **facts)


SEED = b"0123456789abcdef0123456789abcdef"


def test_a_draw_keeps_its_seed_and_its_pool_so_that_anybody_can_check_it(by, site, patient):
    other = make_patient(site, "Ben", "Tran")
    drawing = draw(by, site, [patient, other], seed=SEED)
    pool = rules.Pool((patient.code, other.code), DAYS, 2, rules.least_gap_days(), "standard", 2)
    again = rules.drawn(SEED, pool)
    for one in (patient, other):
        kept = drawing.orders.filter(patient=one).order_by("due_on").values_list("due_on", flat=True)
        assert tuple(kept) == again[one.code]
    assert set(drawing.orders.values_list("reason", flat=True)) == {"random"}
    assert drawing.sealed.commitment == rules.commitment(SEED)
    assert entries() == ["drug_tests.seal", "drug_tests.draw", "drug_tests.draw"]
    checked = queries.checked_draw(by, drawing.pk, today=TODAY + timedelta(days=30))
    assert checked.check == rules.Check(True, ())


def test_the_mark_of_the_seed_is_in_the_trail_before_the_pool_is_known(by, site, patient):
    row = actions.seal_seed(by=by, at=NOW, site=site)
    assert Entry.objects.get(action="drug_tests.seal").detail == {"commitment": row.commitment}
    assert row.seed not in str(list(Entry.objects.values()))
    drawing = actions.order_random_tests(
        by=by,
        at=NOW + timedelta(hours=1),
        site=site,
        patients=[patient],
        panel="standard",
        days=DAYS,
        tests=2,
    )
    assert (drawing.sealed_id, drawing.sealed.at < drawing.at) == (row.pk, True)


def test_without_a_sealed_seed_nothing_is_drawn_and_one_seed_is_one_draw(by, site, patient):
    facts = {
        "by": by,
        "at": NOW,
        "site": site,
        "patients": [patient],
        "panel": "standard",
        "days": DAYS,
        "tests": 1,
    }
    with pytest.raises(Refused, match="Seal a seed first"):
        actions.order_random_tests(**facts)
    sealed = actions.seal_seed(by=by, at=NOW, site=site)
    assert actions.seal_seed(by=by, at=NOW, site=site) == sealed
    actions.order_random_tests(**facts, sealed=sealed.commitment)
    with pytest.raises(Refused, match="held already"):
        actions.order_random_tests(**facts, sealed=sealed.commitment)
    assert RandomDraw.objects.count() == 1


def test_two_seeds_are_different(by, site, patient):
    first, second = draw(by, site, [patient]), draw(by, site, [patient])
    assert first.sealed.seed != second.sealed.seed
    assert len(first.sealed.seed) == 64


def test_a_seed_is_told_only_after_the_last_day(by, site, patient):
    drawing = draw(by, site, [patient], seed=SEED)
    before = queries.checked_draw(by, drawing.pk, today=drawing.last_on)
    assert (before.open, before.paper, before.check.holds) == (False, None, True)
    after = queries.checked_draw(by, drawing.pk, today=drawing.last_on + timedelta(days=1))
    assert after.paper["seed"] == SEED.hex()


def test_a_day_that_somebody_moved_is_found_by_the_check(by, site, patient):
    drawing = draw(by, site, [patient], seed=SEED)
    first = drawing.orders.order_by("due_on").first()
    free = next(day for day in DAYS if day not in set(drawing.orders.values_list("due_on", flat=True)))
    with pytest.raises(DatabaseError), transaction.atomic():
        TestOrder.objects.filter(pk=first.pk).update(due_on=free)
    with connection.cursor() as cursor:  # somebody who may change the tables themselves
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE clinic_testorder DISABLE TRIGGER USER")
        cursor.execute("UPDATE clinic_testorder SET due_on = %s WHERE id = %s", [free, first.pk])
    found = queries.checked_draw(by, drawing.pk, today=TODAY)
    assert found.check == rules.Check(
        False, (f"The days of {patient.code} are not the ones that were drawn.",)
    )


def test_so_many_of_the_people_are_drawn_as_were_asked_for(by, site, patient):
    people = [patient, *(make_patient(site, "Ben", f"Tran{n}") for n in range(5))]
    drawing = draw(by, site, people, seed=SEED, chosen=2, tests=1)
    assert drawing.orders.values("patient").distinct().count() == 2
    with pytest.raises(Refused, match="between 1 and 6"):
        draw(by, site, people, chosen=7)


def test_an_excuse_draws_no_other_day(by, site, patient):
    people = [patient, make_patient(site, "Ben", "Tran")]
    drawing = draw(by, site, people, seed=SEED, days=[TODAY], tests=1, chosen=1)
    order = drawing.orders.get()
    row = actions.excuse_test(by=by, at=NOW, order=order, because="The site was closed.")
    assert (row.because, drawing.orders.count(), TestOrder.objects.count()) == ("The site was closed.", 1, 1)
    assert queries.to_collect(by, today=TODAY) == []
    assert queries.checked_draw(by, drawing.pk, today=TODAY).check.holds
    with pytest.raises(Refused, match="excused already"):
        actions.excuse_test(by=by, at=NOW, order=order, because="Again.")
    with pytest.raises(Refused, match="excused; order another"):
        actions.collect(by=by, at=NOW, order=order, specimen="S-1")


@pytest.mark.parametrize(
    ("days", "because", "sentence"), [(0, " ", "Say why"), (3, "Ill.", "on its day or after")]
)
def test_an_excuse_has_a_reason_and_tells_nobody_a_day_beforehand(by, patient, days, because, sentence):
    order = make_test(patient, by, due_on=TODAY + timedelta(days=days))
    with pytest.raises(Refused, match=sentence):
        actions.excuse_test(by=by, at=NOW, order=order, because=because)


def test_a_random_day_is_seen_by_nobody_before_it_comes(by, site, patient):
    day = TODAY + timedelta(days=2)
    drawing = draw(by, site, [patient, make_patient(site, "Ben", "Tran")], days=[day], tests=1, chosen=1)
    row = drawing.orders.get()
    patient = row.patient
    assert queries.tests_of(by, patient, today=TODAY) == []
    with pytest.raises(TestOrder.DoesNotExist):
        queries.test_for(by, patient, row.pk, today=TODAY)
    assert [t.pk for t in queries.tests_of(by, patient, today=day)] == [row.pk]
    assert [t.pk for t in queries.to_collect(by, today=day)] == [row.pk]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"days": [TODAY - timedelta(days=1)], "tests": 1}, "has passed"),
        ({"days": [TODAY], "tests": 2}, "do not fit"),
        ({"days": []}, "at least one"),
        ({"seed": b"short"}, "too short"),
        ({"chosen": 0}, "between 1 and 1"),
        ({"days": [TODAY], "tests": 1}, "nothing to chance"),
        ({"days": DAYS[:3], "tests": 3}, "nothing to chance"),
    ],
)
def test_a_draw_that_cannot_be_done_leaves_nothing(by, site, patient, changed, sentence):
    with pytest.raises(Refused, match=sentence), transaction.atomic():
        draw(by, site, [patient], **changed)
    assert (RandomDraw.objects.count(), TestOrder.objects.count()) == (0, 0)


def test_nobody_of_another_site_is_drawn(by, site):
    with pytest.raises(Refused, match="another site"):
        draw(by, site, [make_patient(make_site())])


def test_weekdays_are_the_days_on_which_the_site_collects():
    assert actions.weekdays_from(date(2026, 3, 16), date(2026, 3, 22), (0, 4)) == (
        date(2026, 3, 16),
        date(2026, 3, 20),
    )


# specimen ------------------------------------------------------------------------------------------------


def test_a_specimen_has_a_label_and_is_taken_once(by, patient):
    row = make_test(patient, by)
    with pytest.raises(Refused, match="number on the label"):
        actions.collect(by=by, at=NOW, order=row)
    actions.collect(by=by, at=NOW, order=row, specimen="S-1", temperature_f=Decimal("96"))
    with pytest.raises(Refused, match="on file already"):
        actions.collect(by=by, at=NOW, order=row, refused=True)
    assert Collection.objects.get().specimen == "S-1"


def test_a_refusal_is_kept_as_itself_and_has_no_result(by, patient):
    row = make_test(patient, by)
    taken = actions.collect(by=by, at=NOW, order=row, refused=True, specimen="S-1")
    assert (taken.refused, taken.specimen) == (True, "")
    with pytest.raises(Refused, match="no specimen"):
        actions.record_result(by=by, at=NOW, order=row, results=CLEAN)
    assert [t.pk for t in queries.refused_since(by, since=NOW - timedelta(days=1))] == [row.pk]
    assert Alert.objects.count() == 0


def test_the_database_refuses_a_specimen_without_label_and_a_drawn_test_that_is_not_random(by, site, patient):
    row = make_test(patient, by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Collection.objects.create(order=row, at=NOW, by_id=by.staff_id)
    drawing = draw(by, site, [patient])
    with pytest.raises(IntegrityError), transaction.atomic():
        TestOrder.objects.filter(pk=row.pk).update(draw=drawing)
    with pytest.raises(IntegrityError), transaction.atomic():
        RandomDraw.objects.filter(pk=drawing.pk).update(pool_hash=" ")


# results -------------------------------------------------------------------------------------------------


def test_a_result_is_read_against_what_is_prescribed(by, patient):
    row = make_result(patient, by, buprenorphine="positive", prescribed={"buprenorphine"})
    states = {f["class"]: f["state"] for f in row.reading["findings"]}
    assert (row.reading["outcome"], states["buprenorphine"]) == ("as expected", "expected")
    assert Alert.objects.count() == 0


def test_something_unexpected_says_confirm_first_and_has_no_other_consequence(by, patient):
    before = Placement.objects.count()
    row = make_result(patient, by, fentanyl="positive")
    assert list(Alert.objects.values_list("kind", "severity", "sentence", "subject")) == [
        (
            "drug_test",
            "soon",
            "A drug screen was not as expected: confirm it first. Nothing follows from it until then.",
            f"PanelResult {row.pk}",
        )
    ]
    assert Placement.objects.count() == before
    assert not TestOrder.objects.exclude(pk=row.order_id).exists()


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        ({}, "No result"),
        ({"thc": "positive"}, "does not test for thc"),
        ({"opiates": "perhaps"}, "negative, positive, pending or invalid"),
    ],
)
def test_a_senseless_result_is_refused(by, patient, results, sentence):
    row = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=row, specimen="S-1")
    with pytest.raises(Refused, match=sentence):
        actions.record_result(by=by, at=NOW, order=row, results=results)


def test_a_cold_specimen_cannot_be_read(by, patient):
    row = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=row, specimen="S-1", temperature_f=Decimal("80"))
    result = actions.record_result(by=by, at=NOW, order=row, results=CLEAN)
    assert (result.validity, result.reading["outcome"]) == ("invalid", "invalid")


def test_a_result_is_reviewed_once_and_not_while_it_is_open(by, patient):
    row = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=row, specimen="S-1")
    pending = actions.record_result(by=by, at=NOW, order=row, results={**CLEAN, "fentanyl": "pending"})
    with pytest.raises(Refused, match="still to come"):
        actions.review_result(by=by, at=NOW, result=pending)
    assert [t.pk for t in queries.to_read(by)] == [row.pk]
    result = actions.record_result(by=by, at=NOW, order=row, results=CLEAN, method="definitive")
    assert queries.to_read(by) == []
    assert [r.pk for r in queries.to_review(by)] == [result.pk]
    reviewed = actions.review_result(by=by, at=NOW, result=result, note="Talked it over.")
    assert (reviewed.reviewed_at, reviewed.review_note) == (NOW, "Talked it over.")
    with pytest.raises(Refused, match="reviewed already"):
        actions.review_result(by=by, at=NOW, result=result)
    assert PanelResult.objects.count() == 2


def test_what_is_prescribed_counts_on_the_day_the_specimen_was_given(by, patient):
    order = make_test(patient, by, due_on=TODAY)
    assert queries.day_of(TestOrder.objects.get(pk=order.pk)) == TODAY
    actions.collect(by=by, at=NOW + timedelta(days=2), order=order, specimen="S-1")
    assert queries.day_of(TestOrder.objects.get(pk=order.pk)) == TODAY + timedelta(days=2)


@pytest.mark.parametrize("table", ["sealedseed", "randomdraw", "testorder", "testexcuse", "collection"])
def test_the_database_changes_nothing_of_a_draw_and_takes_nothing_back(by, site, patient, table):
    people = [patient, make_patient(site, "Ben", "Tran")]
    for order in draw(by, site, people, days=[TODAY, TODAY + timedelta(days=1)], tests=1).orders.all():
        at = NOW + timedelta(days=1)
        if order.patient_id == patient.pk:
            actions.excuse_test(by=by, at=at, order=order, because="Ill.")
        else:
            actions.collect(by=by, at=at, order=order, specimen="S-1")
    for words in ("UPDATE {} SET at = now()", "DELETE FROM {}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(words.format(f"clinic_{table}"))


def test_the_grid_has_a_row_for_each_class_and_a_column_for_each_result(by, patient):
    make_result(patient, by, fentanyl="positive")
    tests = queries.tests_of(by, patient, today=TODAY)
    grid = queries.grid(tests, today=TODAY)
    assert [c.code for c in grid.classes][:3] == ["opiates", "oxycodone", "fentanyl"]
    assert [cell.state for cell in grid.cells["fentanyl"]] == ["unexpected positive"]
    assert [column.word for column in grid.columns] == ["unexpected"]


def test_another_site_sees_no_tests(by, patient):
    row = make_result(patient, by)
    stranger = actor(make_staff(make_site(), Role.NURSE))
    assert queries.tests_of(stranger, patient, today=TODAY) == []
    assert queries.to_review(stranger) == []
    with pytest.raises(PanelResult.DoesNotExist):
        queries.result_for(stranger, patient, row.pk)


@pytest.mark.parametrize("rows", [1, 30])
def test_lists_take_a_fixed_number_of_queries(by, patient, django_assert_num_queries, rows):
    for number in range(rows):
        make_result(patient, by, order=make_test(patient, by, due_on=TODAY + timedelta(days=number)))
    with django_assert_num_queries(
        2
    ):  # tests with their specimens, results with who entered and reviewed them
        tests = queries.tests_of(by, patient, today=TODAY)
        assert len(queries.grid(tests, today=TODAY, columns=40).columns) == rows
    with django_assert_num_queries(1):
        assert len(queries.to_review(by)) == rows
