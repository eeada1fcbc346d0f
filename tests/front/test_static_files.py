"""Sheets and scripts go out squeezed where that is taken, and are the same bytes either way."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import stepwell.ui

HERE = Path(stepwell.ui.__file__).parent / "static/ui"
pytestmark = pytest.mark.django_db  # nothing is read, but whoever ends a request looks at the connection
SHEET, SCRIPT = "/static/ui/components.css", "/static/ui/elements/sw-board.js"
FONT = "/static/ui/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"


def body(answer) -> bytes:
    return answer.getvalue()


@pytest.mark.parametrize("address", [SHEET, SCRIPT])
def test_text_is_squeezed_for_a_browser_that_takes_it(client, address):
    raw = (HERE / address.removeprefix("/static/ui/")).read_bytes()
    plain = client.get(address)
    assert (body(plain), "Content-Encoding" in plain) == (raw, False)
    squeezed = client.get(address, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert squeezed["Content-Encoding"] == "gzip"
    assert gzip.decompress(body(squeezed)) == raw
    assert int(squeezed["Content-Length"]) == len(body(squeezed)) < len(raw) / 2
    for answer in (plain, squeezed):
        assert answer["Vary"] == "Accept-Encoding"
        assert answer["Cache-Control"] == "max-age=3600, public"
    assert squeezed["Content-Type"] == plain["Content-Type"]


@pytest.mark.parametrize("taken", ["", "br", "gzip;q=0", "gzip; q=0.0, br", "x-gzipper"])
def test_who_does_not_take_it_gets_it_plain(client, taken):
    answer = client.get(SHEET, headers={"Accept-Encoding": taken})
    assert body(answer) == (HERE / "components.css").read_bytes()
    assert "Content-Encoding" not in answer


def test_fonts_ranges_heads_and_what_is_known_already_are_left_alone(client):
    takes = {"Accept-Encoding": "gzip"}
    font = client.get(FONT, headers=takes)
    assert (body(font)[:4], "Content-Encoding" in font) == (b"wOF2", False)
    part = client.get(SHEET, headers={**takes, "Range": "bytes=0-99"})
    assert (part.status_code, len(body(part)), "Content-Encoding" in part) == (206, 100, False)
    known = client.get(SHEET, headers={**takes, "If-None-Match": client.get(SHEET, headers=takes)["ETag"]})
    assert (known.status_code, body(known)) == (304, b"")
    assert body(client.head(SHEET, headers=takes)) == b""
    assert client.get("/static/ui/nothing.css", headers=takes).status_code == 404
