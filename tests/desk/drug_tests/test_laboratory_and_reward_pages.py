"""The pages around a test: telling, excusing, custody, what laboratories sent, draws, rewards, the person's own page."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.cli.commands import draw as draw_command
from stepwell.clinic.drug_tests import actions
from stepwell.clinic.drug_tests.models import (
    CustodyStep,
    LabReport,
    RewardEntry,
    RewardPlan,
    TestExcuse,
    TestNotice,
)
from stepwell.clinic.drug_tests.rules.laboratory import order_number
from stepwell.edi.hl7 import cut
from tests.clinic.drug_tests.making import CLEAN, make_result, make_test
from tests.clinic.timetable.making import admitted
from tests.laboratory_messages import DIALECTS, Said, message
from tests.making import NOW, TODAY, make_login, make_patient, make_staff


def text(answer) -> str:
    return answer.content.decode()


def sent(patient, order=None, control="C1", **changed) -> bytes:
    facts = {
        "code": patient.code, "family": patient.family_name, "given": patient.given_name,
        "born": f"{patient.birth_date:%Y%m%d}", "placer": order_number(order.pk) if order else "",
        "results": {"fentanyl": "positive", "12345-9": "strange"}, **changed,
    }  # fmt: skip
    content = message(DIALECTS[0], [Said(**facts)], control=control)
    actions.receive_results(
        by=stepwell_itself(),
        at=NOW,
        content=content,
        via="mllp",
        pieces=cut(content),
        explained=lambda p, on: ((), ()),
    )
    return content


def test_a_report_that_waits_is_given_to_its_patient_by_a_person(signed_in, counselor, by, patient):
    order = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=order, specimen="S-1")
    content = sent(patient, order, given="Anna")
    row = LabReport.objects.get()
    client = signed_in(counselor)
    assert "From laboratories (1)" in text(client.get("/drug-tests/"))
    assert "the name is another" in text(client.get("/drug-tests/laboratory/"))
    page = text(client.get(f"/drug-tests/laboratory/{row.pk}/"))
    assert "unverified" in page
    assert "strange" in page
    assert client.get(f"/drug-tests/laboratory/{row.pk}/message/").content == content
    answer = client.post(f"/drug-tests/laboratory/{row.pk}/patient/", {"patient": patient.pk})
    assert answer["Location"] == "/drug-tests/laboratory/"
    assert "Nothing waits" in text(client.get("/drug-tests/laboratory/"))
    chart = text(client.get(f"/patients/{patient.code}/tests/"))
    assert "holds" in chart
    assert "laboratory" in chart
    again = client.post(f"/drug-tests/laboratory/{row.pk}/patient/", {"patient": patient.pk})
    assert again.status_code == 422
    assert "waits no more" in text(again)
    taken_out = client.post(f"/drug-tests/laboratory/{row.pk}/out/", {"because": "Another Anna."})
    assert taken_out.status_code == 302
    aside = client.post(f"/drug-tests/laboratory/{row.pk}/aside/", {"because": ""})
    assert "Say why" in text(aside)
    assert client.post(f"/drug-tests/laboratory/{row.pk}/aside/", {"because": "Not ours."}).status_code == 302


@pytest.mark.parametrize(
    "fields", [{}, {"patient": "x"}, {"patient": "9" * 40}, {"patient": "1\0"}, {"patient": "-1"}]
)
def test_garbage_for_a_report_gets_a_sentence(signed_in, counselor, patient, fields):
    sent(patient, given="Anna")
    row = LabReport.objects.get()
    answer = signed_in(counselor).post(f"/drug-tests/laboratory/{row.pk}/patient/", fields)
    assert answer.status_code == 422
    assert "Choose the patient." in text(answer)


def test_a_message_that_cannot_be_read_is_shown_and_kept(signed_in, counselor, site):
    content = b"MSH|^~\\&|\0broken"
    actions.receive_results(
        by=stepwell_itself(),
        at=NOW,
        content=content,
        via="file",
        pieces=cut(content),
        explained=lambda p, on: ((), ()),
    )
    client, row = signed_in(counselor), LabReport.objects.get()
    assert "It could not be read" in text(client.get(f"/drug-tests/laboratory/{row.pk}/"))
    assert client.get(f"/drug-tests/laboratory/{row.pk}/message/").content == content


def test_telling_keeps_to_the_ways_a_person_allowed(signed_in, counselor, by, patient):
    order = make_test(patient, by)
    client, root = signed_in(counselor), f"/patients/{patient.code}/tests/{order.pk}/"
    client.post(f"{root}notice/", {"channel": "text", "reached": "on"})
    assert TestNotice.objects.count() == 0
    assert "did not allow text messages" in text(client.get(f"{root}collection/"))
    client.post(f"{root}notice/", {"channel": "in person", "reached": "on"})
    assert list(TestNotice.objects.values_list("channel", "reached")) == [("in person", True)]
    assert "told, in person" in text(client.get("/drug-tests/"))
    client.post(f"{root}excuse/", {"because": "Fever."})
    assert TestExcuse.objects.get().because == "Fever."
    assert "Fever." in text(client.get(f"/patients/{patient.code}/tests/"))


def test_an_observed_collection_needs_a_reason_of_the_policy_and_the_wish(signed_in, counselor, by, patient):
    order = make_test(patient, by)
    client, path = signed_in(counselor), f"/patients/{patient.code}/tests/{order.pk}/collection/"
    given = {"specimen": "S-1", "observed": "on"}
    assert "only for a reason of the program" in text(client.post(path, given))
    given["observed_because"] = "last_tampered"
    assert "Ask first whom" in text(client.post(path, given))
    assert client.post(path, given | {"observer_wish": "woman", "tampered": "A tube."}).status_code == 302
    result = {f"class_{code}": word for code, word in CLEAN.items()} | {"method": "presumptive"}
    client.post(f"/patients/{patient.code}/tests/{order.pk}/result/", result)
    chart = text(client.get(f"/patients/{patient.code}/tests/"))
    assert "tampered" in chart
    assert "Seen at the collection: A tube." in chart


def test_custody_is_a_row_for_each_pair_of_hands(signed_in, counselor, by, patient):
    order = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=order, specimen="S-1", seal="A1")
    client, path = signed_in(counselor), f"/patients/{patient.code}/tests/{order.pk}/custody/"
    assert "the chain is whole" in text(client.get(path))
    step = {"kind": "stored", "to": "Fridge 2", "seal": "A1"}
    assert client.post(path, step).status_code == 302
    twice = client.post(path, step)
    assert (twice.status_code, CustodyStep.objects.count()) == (422, 2)
    client.post(path, {"kind": "sent", "to": "Courier", "seal": "B2", "broken": "on"})
    page = text(client.get(path))
    assert "the chain is broken" in page
    assert "The seal was A1, then B2." in page
    assert order_number(order.pk) in page


def test_the_trend_says_each_test_in_words_and_prints(signed_in, counselor, by, patient):
    make_result(patient, by, fentanyl="positive")
    refused = make_test(patient, by)
    actions.collect(by=by, at=NOW, order=refused, refused=True)
    client = signed_in(counselor)
    for path in ("", "print/"):
        page = text(client.get(f"/patients/{patient.code}/tests/{path}"))
        assert "no specimen given" in page
        assert "Fentanyl" in page


def test_a_draw_can_be_checked_on_the_page_and_with_the_command_alone(
    signed_in, counselor, by, site, tmp_path, capsys
):
    patient = admitted(site)
    old = NOW - timedelta(days=20)
    actions.seal_seed(by=by, at=old, site=site)
    days = [TODAY - timedelta(days=n) for n in range(18, 12, -1)]
    row = actions.order_random_tests(
        by=by, at=old, site=site, patients=[patient], panel="opioid", days=days, tests=2
    )
    client = signed_in(counselor)
    assert f"Draw {row.pk}" in text(client.get("/drug-tests/draws/"))
    assert "it holds" in text(client.get(f"/drug-tests/draws/{row.pk}/"))
    paper = client.get(f"/drug-tests/draws/{row.pk}/paper/").content
    file = tmp_path / "paper.json"
    file.write_bytes(paper)
    assert run_draw(file) == 0
    assert "The draw holds" in capsys.readouterr().out
    changed = json.loads(paper)
    changed["days"][patient.code][0] = TODAY.isoformat()
    file.write_text(json.dumps(changed))
    assert run_draw(file) == 1
    assert "are not the ones that were drawn" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"seed": 3}', b"9" * 5_000_000])
def test_what_is_no_paper_of_a_draw_gets_one_sentence(tmp_path, content):
    from stepwell.project.unready import Unready

    file = tmp_path / "paper.json"
    file.write_bytes(content)
    with pytest.raises(Unready, match="paper of a draw"):
        run_draw(file)


def run_draw(file) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    draw_command.arguments(parser)
    return draw_command.run(parser.parse_args(["check", str(file)]))


def test_days_still_to_come_have_no_paper(signed_in, counselor, by, site):
    patient = admitted(site)
    actions.seal_seed(by=by, at=NOW, site=site)
    row = actions.order_random_tests(
        by=by,
        at=NOW,
        site=site,
        patients=[patient],
        panel="opioid",
        days=[TODAY + timedelta(days=2), TODAY + timedelta(days=3)],
        tests=1,
    )
    client = signed_in(counselor)
    page = text(client.get(f"/drug-tests/draws/{row.pk}/"))
    assert row.sealed.seed not in page
    assert client.get(f"/drug-tests/draws/{row.pk}/paper/").status_code == 404


# rewards -----------------------------------------------------------------------------------------------------


def test_rewards_from_the_plan_to_the_receipt(signed_in, counselor, by, patient):
    client, root = signed_in(counselor), f"/patients/{patient.code}/tests/rewards/"
    assert "No rewards under way" in text(client.get(root))
    begun = {"target": "stimulants", "schedule": "voucher"}
    assert client.post(f"{root}new/", begun).status_code == 302
    assert client.post(f"{root}new/", begun).status_code == 422
    plan = RewardPlan.objects.get()
    order = make_test(patient, by, panel="standard")
    actions.collect(by=by, at=NOW, order=order, specimen="S-1")
    none = dict.fromkeys(("cocaine", "amphetamine", "methamphetamine"), "negative")
    actions.record_result(by=by, at=NOW, order=order, results=none)
    for _ in range(2):
        assert client.post(f"{root}{plan.pk}/tests/{order.pk}/").status_code == 302
    assert RewardEntry.objects.count() == 1
    assert "$10.00" in text(client.get(root))
    hand = {"amount": "4", "what": "Bus pass", "once_key": "k"}
    assert client.post(f"{root}{plan.pk}/hand/", hand)["Location"] == f"{root}receipts/2/"
    assert client.post(f"{root}{plan.pk}/hand/", hand)["Location"] == f"{root}receipts/2/"
    assert "Bus pass: $4.00" in text(client.get(f"{root}receipts/2/"))
    too_much = client.post(f"{root}{plan.pk}/hand/", hand | {"amount": "7", "once_key": "l"})
    assert (too_much.status_code, "at most what waits" in text(too_much)) == (422, True)
    assert client.post(f"{root}{plan.pk}/end/").status_code == 302
    assert "These rewards ended" in text(client.get(root))


@pytest.mark.parametrize("rows", [1, 20])
def test_the_new_pages_take_a_fixed_number_of_queries(
    signed_in, counselor, by, site, patient, rows, django_assert_max_num_queries
):
    plan = actions.begin_rewards(by=by, at=NOW, patient=patient, schedule="voucher", target="stimulants")
    none = dict.fromkeys(("cocaine", "amphetamine", "methamphetamine"), "negative")
    for number in range(rows):
        at = NOW + timedelta(minutes=number)
        order = make_test(patient, by, panel="standard", at=at, due_on=TODAY + timedelta(days=number))
        actions.collect(by=by, at=at, order=order, specimen=f"S-{number}")
        actions.record_result(by=by, at=at, order=order, results=none)
        actions.reward_test(by=by, at=at, plan=plan, order=order)
        sent(patient, given="X", filler=f"F{number}", control=f"C{number}")
        actions.seal_seed(by=by, at=NOW, site=site)
        actions.order_random_tests(
            by=by,
            at=NOW,
            site=site,
            patients=[patient],
            panel="opioid",
            tests=1,
            days=[TODAY, TODAY + timedelta(days=1)],
        )
    client = signed_in(counselor)
    client.get("/drug-tests/laboratory/")
    report = LabReport.objects.first()
    for path in (
        "/drug-tests/laboratory/", f"/drug-tests/laboratory/{report.pk}/", "/drug-tests/draws/",
        f"/patients/{patient.code}/tests/rewards/", f"/patients/{patient.code}/tests/print/",
    ):  # fmt: skip
        with django_assert_max_num_queries(13):
            assert client.get(path).status_code == 200


# the person's own page ---------------------------------------------------------------------------------------


def test_the_person_sees_the_test_of_the_day_and_no_other_and_results_once_reviewed(
    signed_in, by, patient, client
):
    user = make_login(patient)
    make_test(patient, by, due_on=TODAY + timedelta(days=1))
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "No test today" in text(client.get("/my/tests/"))
    order = make_test(patient, by)
    page = text(client.get("/my/tests/"))
    assert page.count("A test is due today") == 1
    result = make_result(patient, by, order=order)
    assert "nobody has looked at it yet" in text(client.get("/my/tests/"))
    actions.review_result(by=by, at=NOW, result=result)
    assert "Everything was as expected." in text(client.get("/my/tests/"))


def test_stdin_is_a_paper_too(monkeypatch):
    from pathlib import Path

    from stepwell.project.unready import Unready

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"no")))
    with pytest.raises(Unready, match="paper of a draw"):
        run_draw(Path("-"))


@pytest.mark.parametrize(("role", "status"), [(Role.BILLER, 403), (Role.CASE_MANAGER, 200)])
def test_who_sees_what_laboratories_sent(signed_in, site, role, status):
    assert signed_in(make_staff(site, role)).get("/drug-tests/laboratory/").status_code == status


def test_another_patients_receipt_is_not_there(signed_in, counselor, site, patient):
    other = make_patient(site, "Ben", "Tran")
    assert signed_in(counselor).get(f"/patients/{other.code}/tests/rewards/receipts/1/").status_code == 404
