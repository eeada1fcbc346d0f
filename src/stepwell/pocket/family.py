"""What a family member may see: nothing but what the patient's consent permits at this very moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.recovery import actions, queries, rules
from stepwell.clinic.timetable.queries import family_seats
from stepwell.pocket.forms import Answer
from stepwell.pocket.pages import Relative, family_page, refusals_on, render_family


@family_page
def family(request: Request, relatives: list[Relative]) -> HttpResponse:
    """For each patient: the next sessions when the schedule is permitted, homework when homework is."""
    by, at = request.actor, request.at
    shown = []
    for one in relatives:
        homework = queries.family_homework(by, one.member, at=at)
        shown.append(
            {
                "relative": one,
                "may": sorted(word.replace("_", " ") for word in one.permitted),
                "schedule": one.may_see(Category.SCHEDULE),
                "seats": list(family_seats(by, one.member, at, until=at + timedelta(days=14)))[:6],
                "homework": [h for h in homework if h.open],
                "done": [h for h in homework if not h.open][:5],
            }
        )
    return render_family(request, "pocket/family.html", {"shown": shown})


@family_page
def family_homework(
    request: Request, relatives: list[Relative], member_id: int, homework_id: int
) -> HttpResponse:
    one = next((r for r in relatives if r.member.pk == member_id), None)
    if one is None:
        raise Http404
    row = queries.family_homework_for(request.actor, one.member, homework_id, at=request.at)
    form = Answer(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.answer_homework(
                by=request.actor, at=request.at, homework=row, text=form.cleaned_data["text"]
            )
            messages.success(request, "Handed in. Thank you.")
            return redirect("pocket:family")
    return render_family(request, "pocket/family_homework.html", {"form": form, "row": row, "one": one})


@family_page
def family_reading(request: Request, relatives: list[Relative]) -> HttpResponse:
    """What helps families; the same for everybody."""
    context: dict[str, Any] = {"texts": rules.family_reading(), "groups": rules.family_groups()}
    return render_family(request, "pocket/family_reading.html", context)


def family_help(request: Request) -> HttpResponse:
    """What to do in a crisis: needs no consent, names nobody, reads no record."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not request.actor.family_ids:
        raise Http404
    return render_family(request, "pocket/family_help.html", {"lines": rules.crisis_lines()})


family_help.audience = "family"  # type: ignore[attr-defined] # the access matrix reads it
