"""Log lines without patient data.

One line for each request: its id, method, route name, status and duration. Never a path (paths hold
patients' codes), a query, a form field, or the text of an exception (a database quotes the values it
refuses). A traceback is kept as kind and places. Foreign libraries are trusted with their fixed words
only: what they fill in is left out.

Settings call `logging_config(environment)`; the middleware is `stepwell.project.logs.RequestLog`.
"""

import copy
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.typing import EventDict, WrappedLogger

from stepwell.project.environment import Environment

_GIVEN_ID = re.compile(r"[0-9a-f-]{8,64}")
_FIXED_WORDS = ("stepwell", "uvicorn", "granian", "_granian")
"""Loggers whose whole text is fixed words, written without anybody's data."""

log = structlog.get_logger("stepwell.request")


class RequestLog:
    """Middleware, outermost: names the request, times it, writes its one line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined] # the audit trail writes it down
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else None
        response["X-Request-ID"] = request_id
        if not (route or "").startswith("health"):
            log.info(
                "request",
                method=request.method if request.method in _METHODS else "other",
                route=route or "(none)",
                status=response.status_code,
                ms=round((time.perf_counter() - began) * 1000, 1),
            )
        return response


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def logging_config(environment: Environment) -> dict[str, Any]:
    """Sets structlog up and returns Django's LOGGING: every line through one door, to stderr."""
    ours: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_places_only,
    ]
    structlog.configure(
        processors=[*ours, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if environment.log == "pretty"
        else structlog.processors.JSONRenderer(default=str)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": FixedWords,
                "foreign_pre_chain": ours,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "stepwell": {"level": "INFO"},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # Below an error it only repeats, with the path, what RequestLog has said without.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }


def keep_places_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces an exception by its kind and the places it passed; its text may quote a patient."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if found and found[0] is not None:
        event["fault"] = found[0].__name__
        event["places"] = [
            f"{frame.filename.rsplit('/site-packages/', 1)[-1]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(found[2])
        ]
        cause = found[1].__cause__ if found[1] is not None else None
        if cause is not None:
            event["cause"] = type(cause).__name__
    event.pop("stack_info", None)
    return event


class FixedWords(structlog.stdlib.ProcessorFormatter):
    """Strips from foreign records whatever was filled in; what cannot be told apart is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; the record itself stays as it is for other readers."""
        if isinstance(record.msg, dict):  # ours, on its way through structlog
            return super().format(record)
        record = copy.copy(record)
        if record.name.startswith("procrastinate"):
            job = getattr(record, "job", None)
            name = job.get("task_name", "") if isinstance(job, dict) else ""
            number = job.get("id", "") if isinstance(job, dict) else ""
            record.msg = f"{getattr(record, 'action', 'job machinery')} {name} {number}".strip()
        elif record.args:
            record.msg = str(record.msg)
        elif not record.name.startswith(_FIXED_WORDS):
            record.msg = f"(words left out) {record.module}:{record.lineno}"
        record.args = ()
        return super().format(record)
