"""The plan as a document to keep: PDF in the patient's language."""

from __future__ import annotations

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.plan import queries
from stepwell.desk.chart.frame import open_chart
from stepwell.desk.pages import staff_page
from stepwell.ui.typeset import pdf_answer


@staff_page(P.PLAN_READ)
def plan_pdf(request: Request, code: str, number: int) -> HttpResponse:
    """A signed version, as it was signed; the same bytes every time until somebody signs it besides."""
    chart = open_chart(request, code, "plan")
    plans = queries.plans_of(request.actor, chart.patient).filter(signed_at__isnull=False)
    held = queries.whole(plans).get(pk=number)
    sheet = queries.sheet_of(held, chart.patient)
    return pdf_answer("plan", sheet, name=f"plan-{chart.patient.code}-{held.version}.pdf")
