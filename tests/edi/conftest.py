from __future__ import annotations

from tests.clinic.conftest import by, counselor, patient, site

__all__ = ["by", "counselor", "patient", "site"]
