"""Random days: a seed is sealed, then people and days are chosen, then the draw is held; and checking it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import orjson
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.drug_tests import actions, queries, rules
from stepwell.clinic.people.queries import patients_for, site_of
from stepwell.clinic.placement.queries import with_current
from stepwell.clinic.refusal import Refused
from stepwell.desk.drug_tests.forms import RandomTests
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.DRUG_TEST_ORDER)
@require_POST
def seal(request: Request) -> HttpResponse:
    """Makes the seed of the next draw, and writes its commitment down before anybody is chosen."""
    try:
        actions.seal_seed(by=request.actor, at=request.at, site=site_of(request.actor))
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:random_tests")


@staff_page(P.DRUG_TEST_ORDER)
def random_tests(request: Request) -> HttpResponse:
    """Days that nobody can foresee, for everybody chosen."""
    by = request.actor
    site = site_of(by)
    today = request.at.astimezone(ZoneInfo(by.home.zone)).date()
    sealed = queries.sealed_seed(by, site)
    in_treatment = with_current(patients_for(by, P.DRUG_TEST_ORDER).filter(site_id=by.home.site_id)).filter(
        episode_id__isnull=False
    )
    people = list(in_treatment.order_by("family_name", "given_name", "pk"))
    first = {
        "first_on": today,
        "last_on": today + load_looking().random_tests_span - timedelta(days=1),
        "weekdays": [0, 1, 2, 3, 4],
        "patients": [p.pk for p in people],
        "sealed": sealed.commitment if sealed is not None else "",
    }
    form = RandomTests(
        request.POST if request.method == "POST" else None,
        people=[(p.pk, p.full_name) for p in people],
        initial=first,
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        with refusals_on(form):
            drawing = actions.order_random_tests(
                by=by,
                at=request.at,
                site=site,
                patients=[p for p in people if p.pk in facts["patients"]],
                panel=facts["panel"],
                days=actions.weekdays_from(facts["first_on"], facts["last_on"], facts["weekdays"]),
                tests=facts["tests"],
                chosen=facts["chosen"],
                sealed=facts["sealed"],
            )
            # The next one is sealed at once, long before anybody knows of whom it will be.
            actions.seal_seed(by=by, at=request.at, site=site)
            messages.success(
                request,
                f"Drawn: draw {drawing.pk}. Each test shows on its day and not before.",
            )
            return redirect("desk:drug_tests")
    context = {"form": form, "people": people, "sealed": sealed}
    return render(request, "desk/drug_tests/random_tests.html", context)


@staff_page(P.DRUG_TEST_READ)
def draws(request: Request) -> HttpResponse:
    """Every draw, with what was written down before it."""
    today = request.at.astimezone(ZoneInfo(request.actor.home.zone)).date()
    context = {"rows": queries.draws(request.actor), "today": today, "panels": _panels()}
    return render(request, "desk/drug_tests/draws.html", context)


@staff_page(P.DRUG_TEST_READ)
def draw(request: Request, draw_id: int) -> HttpResponse:
    """One draw, computed anew from its seed and its pool."""
    today = request.at.astimezone(ZoneInfo(request.actor.home.zone)).date()
    found = queries.checked_draw(request.actor, draw_id, today=today)
    return render(
        request, "desk/drug_tests/draw.html", {"found": found, "row": found.row, "panels": _panels()}
    )


@staff_page(P.DRUG_TEST_READ)
def paper(request: Request, draw_id: int) -> HttpResponse:
    """What `stepwell draw check` reads; there is none while days are still to come."""
    today = request.at.astimezone(ZoneInfo(request.actor.home.zone)).date()
    found = queries.checked_draw(request.actor, draw_id, today=today)
    if found.paper is None:
        raise Http404
    answer = HttpResponse(
        orjson.dumps(found.paper, option=orjson.OPT_INDENT_2), content_type="application/json"
    )
    answer["Content-Disposition"] = f'attachment; filename="draw-{found.row.pk}.json"'
    return answer


def _panels() -> dict[str, str]:
    return {panel.code: panel.label for panel in rules.panels()}
