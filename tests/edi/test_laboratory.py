"""What laboratories send is kept once by its content, given to its test, and says the same in whatever order it comes."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.drug_tests import actions, queries
from stepwell.clinic.drug_tests.models import LabFile, LabMessage, LabReport, PanelResult, TestOrder
from stepwell.clinic.drug_tests.rules import laboratory as lab
from stepwell.clinic.medication.actions import record_medication
from stepwell.clinic.refusal import Denied, Refused
from stepwell.edi.hl7 import cut, framed
from stepwell.edi.laboratory import take_in
from tests.clinic.drug_tests.making import make_test
from tests.clinic.medication.making import make_order
from tests.laboratory_messages import DIALECTS, Said, many, message
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

pytestmark = pytest.mark.django_db
NONE = lambda patient, on: ((), ())  # noqa: E731 -- nothing is prescribed


@pytest.fixture
def site():
    return make_site("Peachtree", npi="1234567893")


@pytest.fixture
def by(site):
    return actor(make_staff(site, Role.COUNSELOR))


@pytest.fixture
def patient(site):
    return make_patient(site)


@pytest.fixture
def order(by, patient):
    row = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=row, specimen="S-1", temperature_f=Decimal("96"))
    return row


def said(patient, order=None, **changed) -> Said:
    facts = {
        "code": patient.code, "family": patient.family_name, "given": patient.given_name,
        "born": f"{patient.birth_date:%Y%m%d}", "placer": lab.order_number(order.pk) if order else "",
        "results": {"opiates": "negative", "fentanyl": "positive"}, **changed,
    }  # fmt: skip
    return Said(**facts)


def send(*told: Said, control: str = "C1", dialect=DIALECTS[0], **more) -> bytes:
    content = message(dialect, told, control=control, **more)
    take_in(content, via="mllp")
    return content


def state():
    """What stands, told without row numbers: what holds of every test, whose each report is, what replaced what."""
    results = PanelResult.objects.filter(source="laboratory", corrected_by__isnull=True)
    reports = LabReport.objects.select_related("message", "superseded_by__message")
    return (
        sorted((r.order_id, r.method, sorted(r.analytes.items()), r.reading["outcome"]) for r in results),
        sorted(
            (r.message.content_key, r.position, r.state, r.patient_id or 0, r.order_id or 0,
             r.superseded_by.message.content_key if r.superseded_by else "")
            for r in reports
        ),
        sorted(LabMessage.objects.values_list("content_key", flat=True)),
    )  # fmt: skip


def test_a_result_finds_its_test_and_is_read_against_what_is_prescribed(by, patient, order):
    make_order(patient, drug="buprenorphine", dose=Decimal(16), frequency="daily", route="sublingual")
    content = send(said(patient, order, results={"buprenorphine": "positive", "fentanyl": "negative"}))
    row = PanelResult.objects.get()
    assert (row.order_id, row.source, row.method, row.by_id) == (order.pk, "laboratory", "presumptive", None)
    assert row.analytes == {"buprenorphine": "positive", "fentanyl": "negative"}
    assert row.reading["outcome"] == "as expected"
    file = LabFile.objects.get()
    assert bytes(file.content) == content
    assert {"drug_tests.receive_results"} == set(
        Entry.objects.filter(action__startswith="drug_tests.rec").values_list("action", flat=True)
    )


def test_a_prescribed_drug_that_is_missing_is_a_finding(by, patient, order):
    make_order(patient, drug="buprenorphine", dose=Decimal(16), frequency="daily", route="sublingual")
    send(said(patient, order, results={"buprenorphine": "negative"}))
    (finding,) = PanelResult.objects.get().reading["findings"]
    assert finding["state"] == "unexpected negative"
    assert Alert.objects.get().kind == "drug_test"


@pytest.mark.parametrize(
    ("name", "source", "state"),
    [
        ("Adderall XR 20 mg", "handoff", "expected"),
        ("dextroamphetamine 10 mg", "reported", "unexpected positive"),
        ("sertraline 50 mg", "handoff", "unexpected positive"),
    ],
)
def test_a_prescription_from_elsewhere_explains_a_positive_and_a_mere_telling_asks_to_see_it(
    by, patient, order, name, source, state
):
    record_medication(by=by, at=NOW, patient=patient, name=name, source=source)
    order = make_test(patient, by, panel="standard")
    actions.collect(by=by, at=NOW, order=order, specimen="S-2")
    send(said(patient, order, results={"19261-7": "positive"}))
    (finding,) = PanelResult.objects.get().reading["findings"]
    assert finding["state"] == state
    assert ("ask to see the prescription" in finding["sentence"]) is (source == "reported")


def test_an_order_of_a_drug_that_the_drug_list_does_not_know_explains_its_positive(by, patient, order):
    make_order(patient, drug="Clonazepam", dose=Decimal(1), frequency="daily", route="oral")
    send(said(patient, order, results={"3390-2": "positive"}))
    assert PanelResult.objects.get().reading["outcome"] == "as expected"


def test_a_line_that_cannot_be_read_stands_beside_the_result_in_the_laboratorys_words(by, patient, order):
    send(said(patient, order, results={"opiates": "negative", "18282-5": "positive"}))
    reading = PanelResult.objects.get().reading
    assert reading["reasons"][-1] == (
        "In the laboratory's words: 18282-5: POSITIVE (its code 18282-5 is unverified)."
    )
    assert "One line of the laboratory could not" in reading["sentence"]
    assert LabReport.objects.get().state == "filed"


def test_the_same_content_is_answered_again_and_kept_once_whatever_its_line_ends(patient, order):
    content = send(said(patient, order))
    again = take_in(content, via="mllp")
    other_ends = take_in(content.replace(b"\r", b"\r\n"), via="file", name="again.hl7")
    assert (again.new, again.again, other_ends.new, other_ends.again) == (0, 1, 0, 1)
    assert b"MSA|AA|C1" in again.answers[0]
    assert (LabMessage.objects.count(), PanelResult.objects.count(), Alert.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "problem", ["The connection broke off in the middle of it.", "It came without the frame of MLLP."]
)
def test_what_broke_off_behind_the_last_letter_does_not_keep_the_message_itself_out(patient, order, problem):
    content = message(DIALECTS[0], [said(patient, order)], control="C1")
    take_in(content, via="mllp", problem=problem)
    again = take_in(content, via="mllp")
    assert (again.new, again.filed, PanelResult.objects.count()) == (1, 1, 1)
    assert [m.problem for m in LabMessage.objects.order_by("pk")] == [problem, ""]
    assert take_in(content, via="mllp", problem=problem).new == 0


def test_two_messages_with_the_same_control_id_are_two(patient, order):
    send(said(patient, order), control="SAME")
    send(said(patient, order, results={"opiates": "positive"}, filler="F2"), control="SAME")
    assert list(LabMessage.objects.values_list("control_id", flat=True)) == ["SAME", "SAME"]


def test_the_same_result_under_another_control_id_is_another_message_and_no_other_result(patient, order):
    send(said(patient, order), control="C1")
    send(said(patient, order), control="C2")
    assert (LabMessage.objects.count(), PanelResult.objects.count(), Alert.objects.count()) == (2, 1, 1)


def test_a_correction_supersedes_and_what_it_replaces_stays_as_history(by, patient, order):
    send(said(patient, order), control="C1")
    send(
        said(patient, order, results={"fentanyl": "negative"}, status="C", at="20260319120000-0500"),
        control="C2",
    )
    first, second = PanelResult.objects.order_by("pk")
    assert second.corrects == first
    assert second.analytes == {"fentanyl": "negative", "opiates": "negative"}  # the line not repeated stays
    assert [r.pk for r in queries.to_review(by)] == [second.pk]
    with pytest.raises(Refused, match="corrected this result"):
        actions.review_result(by=by, at=NOW, result=first)
    older, newer = LabReport.objects.order_by("pk")
    assert (older.superseded_by, newer.superseded_by) == (newer, None)
    columns = queries.grid(queries.tests_of(by, patient, today=TODAY), today=TODAY).columns
    assert [column.result.pk for column in columns] == [second.pk]


@pytest.mark.parametrize(
    ("late", "why"),
    [
        ({"at": "20260317120000-0500"}, "an older final"),
        ({"status": "P", "at": "20260325120000-0500"}, "a preliminary one, even if newer"),
    ],
)
def test_what_comes_late_never_overwrites_a_final_result(patient, order, late, why):
    send(said(patient, order), control="C1")
    send(said(patient, order, results={"fentanyl": "negative", "opiates": "positive"}, **late), control="C2")
    assert PanelResult.objects.get().analytes == {"fentanyl": "positive", "opiates": "negative"}, why


def test_a_preliminary_result_waits_for_its_final_one(by, patient, order):
    send(said(patient, order, status="P", results={"fentanyl": "negative"}), control="C1")
    assert PanelResult.objects.get().reading["outcome"] == "pending"
    assert queries.to_review(by) == []
    send(said(patient, order, results={"fentanyl": "negative"}), control="C2")
    assert PanelResult.objects.get(corrected_by__isnull=True).reading["outcome"] == "as expected"


def test_lines_taken_back_by_the_laboratory_leave_the_chart(patient, order):
    send(said(patient, order), control="C1")
    send(said(patient, order, status="W", at="20260319120000-0500"), control="C2")
    row = PanelResult.objects.get(corrected_by__isnull=True)
    assert (set(row.analytes.values()), row.reading["outcome"]) == ({"invalid"}, "invalid")


# whose is it? ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"code": "UNKNOWN1", "placer": ""}, "no number in the message is known"),
        ({"family": "Reyez"}, "the name is another"),
        ({"born": "19900505"}, "the birth date is another"),
        ({"born": ""}, "no birth date"),
        ({"family": ""}, "no full name"),
        ({"given": "Anabel"}, "the name is another"),
        ({"code": "", "family": "Nobody", "born": "19000101", "placer": ""}, "No patient here"),
    ],
)
def test_doubt_waits_for_a_person(by, patient, order, changed, sentence):
    send(said(patient, order, **changed))
    (row,) = queries.waiting_reports(by)
    assert sentence in row.because
    assert (row.patient_id, PanelResult.objects.count()) == (None, 0)


def test_accents_capitals_and_the_preferred_name_are_no_doubt(by, site):
    one = make_patient(site, "Zoë-Ann", "O’Brien", preferred_name="Zed")
    for number, (given, family) in enumerate([("ZOE ANN", "OBRIEN"), ("Zed", "O'Brien")]):
        send(said(one, given=given, family=family, filler=f"F{number}"), control=f"C{number}")
    assert set(LabReport.objects.values_list("patient_id", "state")) == {(one.pk, "filed")}


def test_an_order_number_is_a_number_too_but_the_name_must_agree(by, site, patient, order):
    send(said(patient, order, code=""))
    assert LabReport.objects.get().order_id == order.pk
    other = make_patient(site, "Ben", "Tran")
    send(said(other, order, code="", filler="F9"), control="C2")
    assert LabReport.objects.order_by("-pk")[0].state == "waiting"


def test_numbers_of_two_patients_are_ambiguous(by, site, patient, order):
    other = make_patient(site, "Ana", "Reyes")
    send(said(patient, order, code=other.code))
    assert queries.waiting_reports(by)[0].because == "Its numbers belong to more than one patient."


def test_a_person_gives_it_to_its_patient_and_can_take_it_out_again(by, patient, order):
    send(said(patient, order, code="X", placer="", given="A."))
    (row,) = queries.waiting_reports(by)
    assert [p.pk for p in queries.people_for(by, row)] == [patient.pk]
    filed = actions.file_report(by=by, at=NOW, report=row, patient=patient, explained=NONE)
    assert (filed.state, filed.order_id, filed.decided_by_id) == ("filed", order.pk, by.staff_id)
    assert PanelResult.objects.get().analytes["fentanyl"] == "positive"
    with pytest.raises(Refused, match="waits no more"):
        actions.file_report(by=by, at=NOW, report=row, patient=patient, explained=NONE)
    actions.take_out_report(by=by, at=NOW, report=row, because="Another Ana.", explained=NONE)
    assert PanelResult.objects.get(corrected_by__isnull=True).analytes == {
        "fentanyl": "invalid",
        "opiates": "invalid",
    }
    actions.set_report_aside(by=by, at=NOW, report=row, because="Not ours.")
    assert queries.waiting_reports(by) == []
    with pytest.raises(Refused, match="waits no more"):
        actions.set_report_aside(by=by, at=NOW, report=row, because="Again.")
    assert list(Entry.objects.filter(subject=f"LabReport {row.pk}").values_list("action", flat=True)) == [
        "drug_tests.file_report", "drug_tests.take_out_report", "drug_tests.set_report_aside",
    ]  # fmt: skip


def test_what_has_no_test_here_stays_in_the_laboratorys_words_until_somebody_names_one(by, patient):
    order = make_test(patient, by, due_on=TODAY)
    actions.collect(by=by, at=NOW - timedelta(days=9), order=order, specimen="S-9")
    send(said(patient))
    (row,) = queries.reports_without_test(by)
    assert (row.patient_id, row.order_id, PanelResult.objects.count()) == (patient.pk, None, 0)
    actions.file_report(by=by, at=NOW, report=row, patient=patient, order=order, explained=NONE)
    assert (PanelResult.objects.get().order_id, queries.reports_without_test(by)) == (order.pk, [])


def test_a_correction_that_names_another_patient_takes_the_result_from_the_first(by, site, patient, order):
    other = make_patient(site, "Ben", "Tran", birth_date=patient.birth_date)
    theirs = make_test(other, by)
    actions.collect(by=by, at=NOW, order=theirs, specimen="S-2")
    send(said(patient, order), control="C1")
    send(said(other, theirs, status="C", at="20260320120000-0500"), control="C2")
    current = PanelResult.objects.filter(corrected_by__isnull=True)
    assert set(current.get(order=order).analytes.values()) == {"invalid"}
    assert current.get(order=theirs).analytes["fentanyl"] == "positive"


def test_another_site_sees_nothing_of_it_and_only_stepwell_takes_in(by, patient, order):
    send(said(patient, order, given="X"))
    row = LabReport.objects.get()
    stranger = actor(make_staff(make_site(), Role.NURSE))
    assert queries.waiting_reports(stranger) == []
    with pytest.raises(LabReport.DoesNotExist):
        queries.report_for(stranger, row.pk)
    with pytest.raises(Denied):
        actions.set_report_aside(by=stranger, at=NOW, report=row, because="Mine.")
    with pytest.raises(Denied):
        actions.receive_results(by=by, at=NOW, content=b"x", via="file", pieces=cut(b"x"), explained=NONE)


def test_what_came_is_never_changed(patient, order):
    send(said(patient, order))
    for table in (LabFile, LabMessage):
        with pytest.raises(DatabaseError), transaction.atomic():
            table.objects.update(received_at=NOW)


# what cannot be read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\0\0garbage\0", "AR"),
        (b"MSH|^~\\&|A|B|C|D|2026||ORU^R01|C9|P|2.5.1\r", "AE"),
        (b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|C9|P|2.5.1\rPID|1\r", "AR"),
        (b"MSH|^~\\&|A|B|C|D|2026||ORU^R01||P|2.5.1\rOBR|1\r", "AR"),
        (b"MSH|^~\\&|A|B|C|D|2026||ORU^R01|C9|P|2.5.1\rOBR|1\rOBX|1|ST|a\0b^c||d\0e\r", "AA"),
        (b"", "AR"),
    ],
)
def test_whatever_comes_is_answered_and_kept_whole(by, content, code):
    taken = take_in(content, via="mllp")
    assert f"MSA|{code}|".encode() in taken.answers[0]
    assert bytes(LabFile.objects.get().content) == content
    assert len(queries.waiting_reports(by)) == 1
    assert take_in(content, via="mllp").new == 0


def test_over_long_is_refused_with_a_reason_and_not_kept():
    taken = take_in(b"x" * (16 * 1024 * 1024 + 1), via="mllp")
    assert (taken.kept, LabFile.objects.count()) == (False, 0)
    assert b"MSA|AR||Longer than 16 MB" in taken.answers[0]


def test_a_batch_file_with_several_patients_is_one_delivery(by, site, patient, order):
    other = make_patient(site, "Ben", "Tran")
    first = message(DIALECTS[0], [said(patient, order), said(other, filler="F7")], control="C1")
    batch = b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r" + first + message(DIALECTS[0], [said(other, filler="F8")], control="C2") + b"BTS|2\rFTS|1\r"  # fmt: skip
    taken = take_in(batch, via="file", name="night.hl7")
    assert (taken.new, taken.filed, len(taken.answers)) == (2, 3, 2)
    row = LabReport.objects.filter(message__control_id="C1").first()
    assert queries.content_of(by, row.pk)[1] == first
    assert LabFile.objects.get().name == "night.hl7"


# in any order ------------------------------------------------------------------------------------------------


def test_139_messages_three_times_in_any_order_are_each_kept_once_and_say_the_same(by, site):
    orders = {}
    for number, name in enumerate(("Reyes", "Tran", "Okoye")):
        one = make_patient(site, f"Ana{number}", name)
        for day in range(2):
            row = make_test(one, by, due_on=TODAY + timedelta(days=day))
            actions.collect(by=by, at=NOW, order=row, specimen=f"S-{number}-{day}")
            orders[row.pk] = (
                one.code,
                name,
                f"Ana{number}",
                f"{one.birth_date:%Y%m%d}",
                lab.order_number(row.pk),
            )
    messages = many(list(orders.values()))
    ends = []
    for seed in range(2):
        mark = transaction.savepoint()
        three_times = messages * 3
        random.Random(seed).shuffle(three_times)
        for content in three_times:
            take_in(content, via="mllp")
        assert LabMessage.objects.count() == 139
        ends.append(state())
        transaction.savepoint_rollback(mark)
    assert ends[0] == ends[1]
    assert len(ends[0][0]) >= len(orders)
    assert TestOrder.objects.count() == len(orders)


def test_a_frame_within_a_file_is_no_other_message(patient, order):
    content = send(said(patient, order))
    assert take_in(framed(content), via="file", name="frame").new == 0
