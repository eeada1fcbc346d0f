"""All alerts nobody has answered, at the sites of whoever asks."""

from __future__ import annotations

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import open_alerts, told_about
from stepwell.desk.pages import render, staff_page

MOST = 200


@staff_page(P.ALERT_ACKNOWLEDGE)
def open_alerts_page(request: Request) -> HttpResponse:
    """What was passed on to who asks first, then urgent ones, then by age. Beyond `MOST` the page says that there are more; answering makes room."""
    rows = list(open_alerts(request.actor)[: MOST + 1])
    told = told_about(rows)
    mine = {a for a, found in told.items() if any(t.staff_id == request.actor.staff_id for t in found)}
    rows.sort(key=lambda row: row.pk not in mine)  # stable: urgent and oldest first within both
    return render(
        request,
        "desk/assessment/alerts.html",
        {"alerts": rows[:MOST], "more": len(rows) > MOST, "now": request.at, "told": told, "mine": len(mine)},
    )
