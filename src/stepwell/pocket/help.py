"""Help now: the crisis lines, the program's own line, the own safety plan; and what of it works offline.

The worker in the browser keeps `/help-now/` and static files and nothing else: that page is the same for
everybody and holds no word about any patient.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render as django_render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

from stepwell.accounts.actor import Request
from stepwell.clinic.people.queries import all_sites
from stepwell.clinic.recovery import queries, rules
from stepwell.pocket.pages import patient_page, render

_KEPT = (
    "ui/ground.css",
    "ui/components.css",
    "ui/board.css",
    "ui/pocket.css",
    "ui/pocket.svg",
    "ui/elements/sw-theme.js",
    "ui/elements/sw-once.js",
    "ui/elements/sw-confirm.js",
    "ui/elements/sw-live.js",
    "ui/elements/sw-leave.js",
    "ui/elements/sw-offline.js",
    "ui/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    "ui/fonts/newsreader-latin-wght-normal.woff2",
)


@patient_page
def help_now(request: Request, patient: Any) -> HttpResponse:
    """One tap away from every page."""
    safety = rules.RecoveryPlanKind.SAFETY
    context = {
        "lines": rules.crisis_lines(),
        "site": patient.site,
        "form": None,
        "plan": rules.form(safety),
        "row": queries.plan_of(request.actor, patient, safety),
    }
    return render(request, "pocket/help.html", context)


def crisis(request: Request) -> HttpResponse:
    """For everybody, without a login: the lines alone. Reads nobody's record."""
    own = sorted({site.crisis_line for site in all_sites() if site.crisis_line})
    dock = [
        {"label": "Today", "url": reverse("pocket:today"), "icon": "today"},
        {"label": "I need help now", "url": reverse("pocket:crisis"), "help": True, "current": True},
    ]
    context = {"lines": rules.crisis_lines(), "own": own, "dock": dock, "worker": None, "back": False}
    # Rendered without the request: no token, no message and no theme of whoever asks can stand in it.
    return HttpResponse(render_to_string("pocket/crisis.html", context, using="jinja2"))


def worker(request: Request) -> HttpResponse:
    """The program that runs in the browser when there is no network; its scope is the folder it stands in."""
    kept = [reverse("pocket:crisis"), *(static(path) for path in _KEPT)]
    version = hashlib.sha256(" ".join(kept).encode()).hexdigest()[:12]
    context = {"help": kept[0], "kept": kept, "version": version}
    answer = django_render(
        request, "pocket/worker.js", context, content_type="text/javascript", using="jinja2"
    )
    answer["Cache-Control"] = "no-cache"
    return answer
