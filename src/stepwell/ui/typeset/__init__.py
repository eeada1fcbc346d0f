"""Documents to keep: PDF by Typst, from a template beside this file and plain data.

PDF/UA-1 (tagged, for screen readers), with the fonts that Typst carries and no others, and without a clock: the same
data give the same bytes. Data go in as data, never as markup: what somebody wrote cannot change the document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from django.http import HttpResponse


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The document of `template` (a file here without its `.typ`) with `data` as its `#data`.

    `data` must hold `date` ([year, month, day]) for the document's date, `language` and `title`. With letters that
    no carried font shows (Chinese, Arabic, an emoji) it is no PDF/UA-1, and they print as empty boxes.
    """
    words = json.dumps(_clean(data), ensure_ascii=False, sort_keys=True)
    try:
        return _set(template, words, accessible=True)
    except typst.TypstError as fault:
        if "could not be displayed" not in str(fault):
            raise
        return _set(template, words, accessible=False)


def _set(template: str, words: str, *, accessible: bool) -> bytes:
    found = typst.compile(
        _source(template),
        format="pdf",
        sys_inputs={"data": words},
        pdf_standards=["ua-1"] if accessible else [],
        ignore_system_fonts=True,
    )
    if not isinstance(found, bytes):
        raise TypeError("Typst gave several files for one document.")
    return found


def pdf_answer(template: str, data: Mapping[str, Any], *, name: str) -> HttpResponse:
    """The document as an answer that is kept nowhere; it opens in the browser."""
    answer = HttpResponse(pdf(template, data), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@cache
def _source(template: str) -> bytes:
    return files("stepwell.ui.typeset").joinpath(f"{template}.typ").read_bytes()


def _clean(value: Any) -> Any:
    """Without control characters, which no font shows and PDF/UA refuses."""
    if isinstance(value, str):
        return "".join(c for c in value if c in "\n\t" or (ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0))
    if isinstance(value, Mapping):
        return {str(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value
