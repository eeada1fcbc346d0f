"""What is logged says how Stepwell does, never how a patient does."""

import contextlib
import http.client
import io
import json
import logging
from urllib.parse import quote, urlencode

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory
from tests.operate.ground import clinic_in

from stepwell.project.environment import Environment
from stepwell.project.logs import RequestLog, keep_places_only, logging_config

CANARY = "Zebulon-Quartzfeather"


@pytest.fixture
def lines():
    """A stream that gets what stderr would get."""
    stream = io.StringIO()
    config = logging_config(Environment.read({"STEPWELL_LOG": "json"}))
    formatter = dict(config["formatters"]["lines"])
    made = formatter.pop("()")(**formatter)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(made)
    names = ("stepwell", "django", "procrastinate", "somebody_else")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for name in names:
        logging.getLogger(name).removeHandler(handler)
    structlog.contextvars.clear_contextvars()


def test_a_request_is_one_line_without_path_query_or_form(lines):
    asked = RequestFactory().post(
        f"/patients/{CANARY}/?q={CANARY}",
        {"name": CANARY},
        headers={"X-Request-ID": CANARY, "User-Agent": CANARY, "Referer": CANARY},
    )
    answer = RequestLog(lambda _request: HttpResponse(CANARY, status=418))(asked)
    (line,) = lines()
    assert (line["event"], line["method"], line["route"], line["status"]) == (
        "request",
        "POST",
        "(none)",
        418,
    )
    assert line["request"] == answer["X-Request-ID"]
    assert CANARY not in json.dumps(line)


def test_the_id_a_proxy_gave_is_kept(lines):
    asked = RequestFactory().get("/", headers={"X-Request-ID": "0123456789abcdef"})
    RequestLog(lambda _request: HttpResponse())(asked)
    assert lines()[0]["request"] == "0123456789abcdef"


def _refused_by_the_database() -> None:
    raise ValueError(f"Key (name)=({CANARY}) already exists.")


@pytest.mark.parametrize(
    "logger", ["stepwell.anything", "django.request", "procrastinate.worker", "somebody_else"]
)
def test_a_fault_is_logged_as_kind_and_places_without_its_text(lines, logger: str):
    try:
        _refused_by_the_database()
    except ValueError:
        logging.getLogger(logger).exception("It failed for %s", CANARY)
    (line,) = lines()
    assert line["fault"] == "ValueError"
    assert line["places"][-1].endswith("_refused_by_the_database")
    assert CANARY not in json.dumps(line)


def test_a_fault_of_our_own_logger_has_no_text_either(lines):
    try:
        _refused_by_the_database()
    except ValueError:
        structlog.get_logger("stepwell.test").exception("export_failed", patient_id=7)
    (line,) = lines()
    assert (line["event"], line["patient_id"], line["fault"]) == ("export_failed", 7, "ValueError")
    assert CANARY not in json.dumps(line)


def test_words_that_were_put_together_before_logging_are_left_out(lines):
    logging.getLogger("somebody_else").error(f"Could not send to {CANARY}")
    (line,) = lines()
    assert line["event"].startswith("(words left out) test_logs:")


def test_an_exception_given_as_an_object_is_stripped_too():
    assert keep_places_only(None, "error", {"event": "x", "exc_info": ValueError(CANARY)}) == {
        "event": "x",
        "fault": "ValueError",
        "places": [],
    }


def status(
    port: int, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        line.request(method, path, body, headers or {})
        with line.getresponse() as answer:
            answer.read()
            return answer.status


@pytest.mark.processes
def test_a_canary_sent_every_way_never_reaches_the_log_of_a_running_server(tmp_path):
    with clinic_in(tmp_path) as clinic:
        clinic.start()
        form = urlencode({"login": f"{CANARY}@example.org", "password": CANARY})
        asked = [
            ("GET", f"/patients/{CANARY}/", None),
            ("GET", f"/accounts/login/?next=/{CANARY}", None),
            ("POST", "/accounts/login/", form),
            ("GET", f"/health/ready?{CANARY}", None),
            (CANARY.upper().replace("-", ""), "/", None),
            ("GET", f"/%00{quote(CANARY)}", None),
        ]
        for method, path, body in asked:
            headers = {"Cookie": f"sessionid={CANARY}", "X-Request-ID": CANARY, "Referer": CANARY}
            if body:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            assert status(clinic.port, method, path, body, headers) in range(200, 500), path
        assert status(clinic.port, "GET", "/", headers={"Host": f"{CANARY}.example"}) == 400
        listening = f"/live?topics={CANARY}"
        assert status(clinic.port + 1, "GET", listening, headers={"Cookie": f"sessionid={CANARY}"}) == 403
        clinic.stop()
        assert '"event": "request"' in clinic.said
        assert CANARY.lower() not in clinic.said.lower()
        assert CANARY.lower().replace("-", "") not in clinic.said.lower()
        database_log = (clinic.home / "postgres" / "log").read_text()
        assert CANARY.lower() not in database_log.lower()
