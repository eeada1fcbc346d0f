from __future__ import annotations

from tests.clinic.conftest import by, counselor, site

__all__ = ["by", "counselor", "site"]
