"""Own statements, as they were printed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.clinic.billing import queries
from stepwell.pocket.pages import patient_page, render


@patient_page
def statements(request: Request, patient: Any) -> HttpResponse:
    """The newest first, with its lines; the figures stay as they were told then."""
    shown = [
        {
            "row": row,
            "lines": [
                {
                    "on": date.fromisoformat(line["on"]),
                    "label": line["label"],
                    "amount": Decimal(line["amount"]) * (1 if line["kind"] in ("charge", "opening") else -1),
                    "balance": Decimal(line["balance"]),
                }
                for line in row.lines
            ],
        }
        for row in queries.statements_of(request.actor, patient)
    ]
    return render(request, "pocket/statements.html", {"shown": shown, "site": patient.site})
