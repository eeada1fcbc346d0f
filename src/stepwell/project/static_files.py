"""Sheets, scripts and drawings go out squeezed, where the browser takes that: squeezed once, kept in memory.

Static files stand in the packages and are never collected, so there is no step that could leave squeezed copies
beside them. Fonts and pictures are squeezed already.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

_TEXT = re.compile(r"text/|application/(javascript|json|manifest\+json)|image/svg\+xml")
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
_SMALLEST = 256


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # the library carries no types
    """WhiteNoise with squeezed text."""

    def serve(self, static_file: Any, request: HttpRequest) -> HttpResponseBase:
        plain: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        if not _TEXT.match(plain.get("Content-Type", "")) or plain.status_code not in (200, 304):
            return plain
        plain["Vary"] = "Accept-Encoding"
        if (
            plain.status_code != 200
            or request.method != "GET"
            or not _TAKES_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", ""))
            or int(plain["Content-Length"]) < _SMALLEST
        ):
            return plain
        headers = dict(plain.items())
        path, _ = static_file.get_path_and_headers({})
        plain.close()
        body = _squeezed(path, headers["ETag"])
        answer = HttpResponse(body, headers={**headers, "Content-Length": str(len(body))})
        answer["Content-Encoding"] = "gzip"
        return answer


@lru_cache(maxsize=256)
def _squeezed(path: str, _etag: str) -> bytes:
    """The file's bytes squeezed; `_etag` changes when the file does."""
    with open(path, "rb") as file:
        return gzip.compress(file.read(), mtime=0)
