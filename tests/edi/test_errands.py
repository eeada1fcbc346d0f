"""Whole errands: a question goes out, its answer comes back and becomes benefits, whatever the clearinghouse does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from stepwell.clinic.coverage.eligibility.models import EligibilityAnswer, EligibilityFile, EligibilityRequest
from stepwell.clinic.coverage.models import Benefits
from stepwell.edi.demo_payer import answer_to
from stepwell.edi.eligibility import collect, send
from stepwell.edi.timers import carry_eligibility
from stepwell.edi.transports.folder import Folder
from tests.clinic.coverage.eligibility.making import ask, ready_policy, set_up_clearinghouse
from tests.edi.servers import closed_port, http_clearinghouse, sftp_clearinghouse
from tests.making import make_site
from tests.x12_samples import OTHERS


@pytest.fixture
def asked(db, settings, patient) -> EligibilityRequest:
    set_up_clearinghouse(settings)
    return ask(ready_policy(patient), in_network=True)


def by_http(settings, port: int, envelope: str = "soap") -> None:
    set_up_clearinghouse(
        settings, kind="https", scheme="http", host="127.0.0.1", port=port, path="/core", envelope=envelope, user="clinic", password="word"
    )  # fmt: skip


def again(row: EligibilityRequest) -> None:
    """Its next try is due."""
    EligibilityRequest.objects.filter(pk=row.pk).update(next_try_at=datetime.now(UTC) - timedelta(seconds=1))


@pytest.mark.parametrize("envelope", ["soap", "mime"])
def test_by_https_the_benefits_are_there_at_once(asked, settings, envelope):
    with http_clearinghouse() as house:
        by_http(settings, house.port, envelope)
        assert send(asked.pk) is True
        assert send(asked.pk) is False, "a second job for the same click sends nothing"
    asked.refresh_from_db()
    assert (asked.state, len(house.asked)) == ("answered", 1)
    assert Benefits.objects.get().reference == asked.trace


def test_while_it_is_down_it_is_tried_again_with_the_same_text(asked, settings):
    by_http(settings, closed_port())
    assert send(asked.pk) is False
    asked.refresh_from_db()
    assert (asked.state, asked.message) == ("queued", "The clearinghouse cannot be reached.")
    kept = asked.payload
    again(asked)
    with http_clearinghouse() as house:
        by_http(settings, house.port)
        assert send(asked.pk) is True
    assert house.asked == [kept.strip()]
    asked.refresh_from_db()
    assert (asked.state, asked.payload) == ("answered", kept)


def test_an_answer_that_is_cut_off_is_kept_and_asked_for_again(asked, settings):
    make_site()  # of several sites the one that asked sees it
    with http_clearinghouse() as house:
        by_http(settings, house.port)
        whole = house.answer
        house.answer = lambda question: whole(question)[:-60]
        send(asked.pk)
        asked.refresh_from_db()
        assert asked.state == "queued"
        assert asked.message.startswith("The answer came damaged.")
        again(asked)
        house.answer = whole
        send(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, EligibilityFile.objects.count(), Benefits.objects.count()) == ("answered", 2, 1)
    assert [(a.state, a.site) for a in EligibilityAnswer.objects.order_by("pk")] == [
        ("waiting", asked.site),
        ("matched", asked.site),
    ]


def test_a_clearinghouse_that_answers_twice_makes_one_row(asked, settings):
    with http_clearinghouse() as house:
        by_http(settings, house.port)
        whole = house.answer
        house.answer = lambda question: whole(question) + whole(question)
        send(asked.pk)
    assert (EligibilityAnswer.objects.count(), Benefits.objects.count()) == (1, 1)


def test_another_transaction_as_an_answer_waits_for_a_person(asked, settings):
    with http_clearinghouse() as house:
        by_http(settings, house.port)
        house.answer = lambda _: OTHERS["835"]
        send(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, EligibilityAnswer.objects.get().because) == (
        "sent", "The file holds a remittance (835), which is not looked for here.",
    )  # fmt: skip


def test_a_refused_login_ends_the_question_with_what_to_do(asked, settings):
    with http_clearinghouse() as house:
        by_http(settings, house.port)
        house.error = "UnAuthorized"
        send(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.message) == (
        "failed", "The clearinghouse refuses our user name or password. Ask by phone, or ask again later.",
    )  # fmt: skip


def test_by_a_folder_the_answer_is_found_when_it_lies_there(asked, settings, tmp_path):
    set_up_clearinghouse(settings, path=str(tmp_path))
    way = Folder(tmp_path, still=0)
    assert send(asked.pk, by_way_of=way) is True
    asked.refresh_from_db()
    assert asked.state == "sent"
    [question] = (tmp_path / "out").iterdir()
    text = answer_to(question.read_text(), at=datetime.now(UTC))
    for name in ("a.271", "the same again.271"):
        (tmp_path / "in" / name).write_text(text)
    (tmp_path / "in" / "noise").write_bytes(b"\x00noise")
    assert collect(by_way_of=way) == 2
    asked.refresh_from_db()
    assert (asked.state, Benefits.objects.count()) == ("answered", 1)
    assert sorted(p.name for p in (tmp_path / "in" / "taken").iterdir()) == [
        "a.271",
        "noise",
        "the same again.271",
    ]
    assert collect(by_way_of=way) == 0


def test_by_sftp_a_cut_answer_waits_and_the_whole_one_counts_once(asked, settings, tmp_path):
    folder = tmp_path / "served"
    for name in ("out", "in"):
        (folder / name).mkdir(parents=True)
    with sftp_clearinghouse(folder) as (port, known):
        set_up_clearinghouse(
            settings, kind="sftp", host="127.0.0.1", port=port, path="/", user="clinic", password="right", known_hosts=str(known)
        )  # fmt: skip
        assert send(asked.pk) is True
        [question] = (folder / "out").iterdir()
        text = answer_to(question.read_text(), at=datetime.now(UTC))
        for name, content in (("1.271", text[:-80]), ("2.271", text), ("3.271", text)):
            (folder / "in" / name).write_text(content)
        assert collect() == 2
        assert collect() == 0
    asked.refresh_from_db()
    assert (asked.state, Benefits.objects.count()) == ("answered", 1)
    assert sorted(a.state for a in EligibilityAnswer.objects.all()) == ["matched", "waiting"]
    assert sorted(p.name for p in (folder / "in" / "taken").iterdir()) == ["1.271", "2.271", "3.271"]


def test_a_file_that_cannot_be_taken_holds_up_none_of_the_others(asked, settings, tmp_path):
    set_up_clearinghouse(settings, path=str(tmp_path))
    way = Folder(tmp_path, still=0)
    send(asked.pk, by_way_of=way)
    [question] = (tmp_path / "out").iterdir()
    (tmp_path / "in" / "1.271").write_bytes(b"first in line")
    (tmp_path / "in" / "2.271").write_text(answer_to(question.read_text(), at=datetime.now(UTC)))
    with connection.cursor() as cursor:  # the database refuses the first one
        cursor.execute(
            "ALTER TABLE clinic_eligibilityfile ADD CONSTRAINT refused CHECK (name <> '1.271') NOT VALID"
        )
    assert collect(by_way_of=way) == 1
    asked.refresh_from_db()
    assert asked.state == "answered"
    assert [p.name for p in (tmp_path / "in").iterdir() if p.is_file()] == ["1.271"]


def test_what_a_file_holds_beside_an_answer_waits_for_a_person(asked, settings):
    with http_clearinghouse() as house:
        by_http(settings, house.port)
        whole = house.answer
        house.answer = lambda question: whole(question) + OTHERS["835"]
        send(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "answered"
    assert [(a.state, a.because) for a in EligibilityAnswer.objects.order_by("position")] == [
        ("waiting", "Beside an answer the file holds a remittance (835), which is not looked for here."),
        ("matched", ""),
    ]


def test_the_demos_payer_answers_by_itself_in_its_folder(asked, settings, tmp_path):
    set_up_clearinghouse(settings, kind="demo", path=str(tmp_path))
    carry_eligibility(int(datetime.now(UTC).timestamp()))
    asked.refresh_from_db()
    assert asked.state == "answered"
    heard = Benefits.objects.get()
    assert (heard.covered, heard.deductible, heard.deductible_met, heard.day_limit) == (True, 1500, 900, 52)


def test_every_minute_does_nothing_without_a_clearinghouse(asked, settings):
    import dataclasses

    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, given_clearinghouse=None, demo=False)
    carry_eligibility(int(datetime.now(UTC).timestamp()))
    asked.refresh_from_db()
    assert asked.state == "queued"
