"""For the director: what became of those who asked, and how soon the site promises to answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.rules import load_intake_rule, load_screen_out_reasons, load_sources
from stepwell.clinic.outcomes.conversion.queries import conversion_of
from stepwell.clinic.outcomes.conversion.rules import Stage
from stepwell.clinic.people.queries import all_sites
from stepwell.clinic.site_days import site_day
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.ui.charts import Series, bars

STAGES = {
    Stage.ASKED: "Asked",
    Stage.REACHED: "Spoken with",
    Stage.BOOKED: "Intake booked",
    Stage.CAME: "Came to the intake",
    Stage.ADMITTED: "Admitted",
    Stage.FIRST_SESSION: "First session",
}
_CAME = {"web": "Public page", "phone": "Phone", "referral": "Referral", "handoff": "Inpatient hand-off"}


@staff_page(P.OUTCOMES_READ)
def inquiry_report(request: Request) -> HttpResponse:
    """Conversion by stage, source and month, days on the way, reasons lost: counted now, on screen and on paper."""
    report = conversion_of(request.actor, at=request.at)
    found = report.found
    heard = {**load_sources(), "": "Not asked"}
    months = [(line, date.fromisoformat(line.key)) for line in found.by_month]
    names = [f"{month:%b %Y}" for _, month in reversed(months)]
    context = {
        "found": found,
        "since": report.since,
        "stages": list(STAGES.items()),
        "came": [(_CAME.get(line.key, line.key), line) for line in found.by_source],
        "heard": [(heard.get(line.key, line.key), line) for line in found.by_heard],
        "months": [(f"{month:%B %Y}", line) for line, month in months],
        "delays": [("All", found.delays)]
        + [(f"{date.fromisoformat(key):%B %Y}", one) for key, one in found.delays_by_month],
        "reasons": [(reason_words(key), count) for key, count in found.reasons],
        "chart": bars(
            names,
            [
                Series("Asked", [line.stages[Stage.ASKED] for line, _ in reversed(months)]),
                Series("First session", [line.stages[Stage.FIRST_SESSION] for line, _ in reversed(months)]),
            ],
            top=_whole_top(max(line.stages[Stage.ASKED] for line, _ in months)),
            says="People who asked and who came to a first session, by month",
        )
        if months
        else "",
        "chart_rows": [
            [f"{month:%b %Y}", line.stages[Stage.ASKED], line.stages[Stage.FIRST_SESSION]]
            for line, month in reversed(months)
        ],
        "said": span_words,
    }
    return render(request, "desk/inquiry/report.html", context)


class AnswerTimes(forms.Form):
    """Within how many minutes the site answers, from a day on."""

    usual_minutes = forms.IntegerField(
        label="Usually, in open minutes", min_value=5, max_value=10_080, help_text="Four open hours are 240."
    )
    urgent_minutes = forms.IntegerField(
        label="With danger, in minutes by the clock", min_value=5, max_value=240
    )
    starts_on = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@staff_page(P.STAFF_MANAGE)
def answer_times(request: Request) -> HttpResponse:
    """Within how many minutes the site answers, from a day on."""
    by = request.actor
    site = all_sites().prefetch_related("answer_times__set_by").get(pk=by.home.site_id)
    rule, today = queries.answer_rule_of(site, request.at), site_day(site, request.at)
    form = AnswerTimes(
        request.POST or None,
        initial={
            "usual_minutes": rule.usual_minutes,
            "urgent_minutes": rule.urgent_minutes,
            "starts_on": today,
        },
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.set_answer_time(by=by, at=request.at, site=site, **form.cleaned_data)
            messages.success(request, "Set. Everybody who works on inquiries sees it.")
            return redirect("desk:answer_times")
    rows: Any = sorted(site.answer_times.all(), key=lambda row: (row.starts_on, row.set_at), reverse=True)
    return render(
        request, "desk/inquiry/answer_times.html", {"form": form, "rows": rows, "rule": rule, "site": site}
    )


def _whole_top(most: int) -> float:
    """The top of a scale of four steps on which each is a whole number of people."""
    return float(max(4, -(-most // 4) * 4))


def reason_words(key: str) -> str:
    """Why somebody was lost, in words: referred elsewhere or closed."""
    referred = load_screen_out_reasons().get(key)
    if referred is not None:
        return f"Referred: {referred.words[0].lower()}{referred.words[1:]}"
    closed = load_intake_rule().closing_reasons.get(key)
    return closed.words if closed is not None else "No reason was written"


def span_words(span: timedelta | None) -> str:
    """'25 min', '5 h', '3.5 days'."""
    if span is None:
        return "—"
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h"
    return f"{minutes / (24 * 60):.1f} days"
