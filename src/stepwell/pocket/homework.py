"""Own homework and its answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.clinic.recovery import actions, queries
from stepwell.pocket.forms import Answer
from stepwell.pocket.pages import patient_page, refusals_on, render


@patient_page
def homework(request: Request, patient: Any) -> HttpResponse:
    found = queries.own_homework(request.actor, at=request.at)
    context = {"open": [h for h in found if h.open], "done": [h for h in found if not h.open][:20]}
    return render(request, "pocket/homework.html", context)


@patient_page
def one_homework(request: Request, patient: Any, homework_id: int) -> HttpResponse:
    row = queries.own_homework_for(request.actor, homework_id)
    form = Answer(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.answer_homework(
                by=request.actor, at=request.at, homework=row, text=form.cleaned_data["text"]
            )
            messages.success(request, "Handed in. You will talk about it in your next session.")
            return redirect("pocket:homework")
    return render(request, "pocket/one_homework.html", {"form": form, "row": row})
