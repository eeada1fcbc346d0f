"""An address as a picture that a phone reads from the screen."""

from __future__ import annotations

from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

_QUIET = 4
"""Blank squares around the code, as the standard asks (ISO/IEC 18004)."""


def picture_of(address: str, label: str) -> Markup:
    """One path of an SVG in the text's color; `label` is what a screen reader says."""
    code: QRCode[object] = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(address)
    code.make(fit=True)
    rows = code.get_matrix()
    squares = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Markup(
        '<svg viewBox="0 0 {n} {n}" role="img" aria-label="{label}" shape-rendering="crispEdges"><path d="{d}"/></svg>'
    ).format(n=len(rows), label=label, d=squares)
