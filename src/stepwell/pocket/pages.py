"""What every pocket page shares: who may open it, whose record it shows, how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import render as django_render
from django.urls import reverse
from django.utils import timezone

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.consent.queries import permitted_to_family
from stepwell.clinic.hours.queries import with_orders
from stepwell.clinic.people.queries import own_family_records, patients_for
from stepwell.clinic.refusal import Denied, Refused

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Relative:
    """A family member as who asks, and the kinds of information that a live consent permits at this instant."""

    member: Any
    permitted: frozenset[Any]

    @property
    def patient(self) -> Any:
        return self.member.patient

    def may_see(self, word: str) -> bool:
        """Whether this kind of information is permitted now."""
        return word in self.permitted


def patient_page(view: View) -> View:
    """For a patient, about the own record: the view gets it as its second argument. Everybody else: login or 404.

    The record carries its site and `hours.queries.with_orders`, so that the week costs no further statement.
    """

    @wraps(view)
    def answer(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        by = request.actor
        if by.patient_id is None:
            raise Http404
        own = with_orders(patients_for(by, Permission.OWN_RECORD)).select_related("site")
        with _as_asked():
            patient = own.get()
            with timezone.override(ZoneInfo(patient.site.zone)):
                if request.method in ("GET", "HEAD"):
                    trail.record_access(
                        by=by, at=request.at, patient_id=patient.pk, subject=f"Pocket {view.__name__}"
                    )
                return view(request, patient, *args, **kwargs)

    answer.audience = "patient"  # type: ignore[attr-defined] # the access matrix reads it
    return answer


def family_page(view: View) -> View:
    """For a family member: the view gets those `Relative`s of whom something is permitted at this very moment.

    When nothing is, the page says so and names nobody. Each look into a patient's record is in the trail.
    """

    @wraps(view)
    def answer(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        by = request.actor
        if not by.family_ids:
            raise Http404
        members = own_family_records(by)
        found = [Relative(m, permitted_to_family(m, at=request.at)) for m in members]
        relatives = [r for r in found if r.permitted]
        if not relatives:
            return nothing_to_see(request)
        for one in relatives:
            trail.record_access(
                by=by,
                at=request.at,
                patient_id=one.member.patient_id,
                subject=f"Family {view.__name__}",
                why="family support",
                detail={"family_member": one.member.pk, "permitted": sorted(one.permitted)},
            )
        with _as_asked(), timezone.override(ZoneInfo(relatives[0].patient.site.zone)):
            return view(request, relatives, *args, **kwargs)

    answer.audience = "family"  # type: ignore[attr-defined] # the access matrix reads it
    return answer


@contextmanager
def _as_asked() -> Iterator[None]:
    """A row that is not there and a row of somebody else are the same 404."""
    try:
        yield
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except Denied as no:
        raise PermissionDenied(no.sentence) from no


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """What a rule refuses becomes the form's error: one sentence, nothing typed is lost."""
    try:
        yield
    except Refused as no:
        form.add_error(None, no.sentence)


_PATIENT_DOCK = (
    ("Today", "pocket:today", "today", False),
    ("Week", "pocket:week", "week", False),
    ("I need help now", "pocket:help", None, True),
    ("Plan", "pocket:plan", "plan", False),
    ("Check-in", "pocket:check_in", "check-in", False),
)
_FAMILY_DOCK = (
    ("Family", "pocket:family", "today", False),
    ("I need help now", "pocket:family_help", None, True),
    ("Reading", "pocket:family_reading", "plan", False),
)


def render(request: Request, template: str, context: dict[str, Any] | None = None) -> HttpResponse:
    """A patient's page with its dock. 422 when `context["form"]` has errors."""
    return _answer(request, template, _PATIENT_DOCK, {"worker": reverse("pocket:worker"), **(context or {})})


def render_family(request: Request, template: str, context: dict[str, Any] | None = None) -> HttpResponse:
    """A family page with its dock."""
    return _answer(request, template, _FAMILY_DOCK, {"worker": None, **(context or {})})


def nothing_to_see(request: Request) -> HttpResponse:
    """No consent in force: nobody is named, not even that somebody is a patient; the crisis lines stand."""
    return render_family(request, "pocket/family_nothing.html")


def _answer(request: Request, template: str, dock: Any, context: dict[str, Any]) -> HttpResponse:
    here = request.path
    items = [(label, reverse(name), icon, help_) for label, name, icon, help_ in dock]
    inside = max((url for _, url, _, _ in items if here.startswith(url)), key=len, default="")
    full = {
        "dock": [
            {"label": label, "url": url, "icon": icon, "help": help_, "current": url == inside}
            for label, url, icon, help_ in items
        ],
        "now": request.at,
        "back": True,
        **context,
    }
    form = full.get("form")
    bad = request.method == "POST" and form is not None and bool(getattr(form, "errors", None))
    return django_render(request, template, full, status=422 if bad else 200, using="jinja2")
