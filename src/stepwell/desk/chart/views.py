from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from stepwell.accounts.permissions import Permission as P
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import staff_page


@staff_page(P.CHART_READ)
def overview(request: HttpRequest, code: str) -> HttpResponse:
    chart = open_chart(request, code, "overview")
    return chart_page(request, chart, "desk/chart/overview.html")
