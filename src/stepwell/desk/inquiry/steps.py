"""What staff do with an inquiry: each next step is one form of the call screen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.coverage.queries import payers
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.people.queries import patient_for
from stepwell.clinic.site_days import site_day
from stepwell.desk.inquiry import forms, intake_forms, words
from stepwell.desk.inquiry.out import out_of
from stepwell.desk.inquiry.price import programs_of
from stepwell.desk.inquiry.record_forms import ANOTHER, NEW, Record
from stepwell.desk.inquiry.views import alike, load, page
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.ui.filters import moment


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_danger(request: Request, code: str) -> HttpResponse:
    """What was done about danger to life; then the rest of the screen opens."""
    row, form = load(request, code), forms.DangerDone(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.act_on_danger(by=request.actor, at=request.at, inquiry=row, **form.cleaned_data)
            messages.success(request, "Written down. Go on with the next step.")
            return redirect("desk:inquiry", row.code)
    return page(request, row, danger_done=form)


@staff_page(P.COVERAGE_READ)
@require_POST
def inquiry_price(request: Request, code: str) -> HttpResponse:
    """The price with what the caller tells of insurance, household and income; nothing of it is kept."""
    row = load(request, code)
    form = forms.PriceAsked(request.POST, programs=programs_of(row.site_id), payers=payers())
    form.is_valid()
    return page(request, row, price_asked=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_follow_up(request: Request, code: str, number: int) -> HttpResponse:
    """Did the person arrive where they were referred to?"""
    row, form = load(request, code), forms.FollowedUp(request.POST)
    follow_up = queries.follow_ups_for(request.actor).get(pk=number, referral__inquiry=row)
    if form.is_valid():
        with refusals_on(form):
            actions.record_follow_up(
                by=request.actor, at=request.at, follow_up=follow_up, **form.cleaned_data
            )
            messages.success(request, "Written down.")
            return redirect("desk:inquiries")
    return page(request, row, followed_up=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_answer(request: Request, code: str) -> HttpResponse:
    row, form = load(request, code), forms.Spoken(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.answer_inquiry(by=request.actor, at=request.at, inquiry=row, **form.cleaned_data)
            messages.success(request, "Answered. The next step is the intake.")
            return redirect("desk:inquiry", row.code)
    return page(request, row, spoken=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_attempt(request: Request, code: str) -> HttpResponse:
    row = load(request, code)
    form = forms.Tried(request.POST, ways=words.ways_of(row, timezone.localtime(request.at)))
    if form.is_valid():
        with refusals_on(form):
            actions.log_attempt(by=request.actor, at=request.at, inquiry=row, **form.cleaned_data)
            messages.success(request, "Written down. The person stays in the queue.")
            return redirect("desk:inquiries")
    return page(request, row, tried=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_referral(request: Request, code: str) -> HttpResponse:
    row = load(request, code)
    form = forms.Referral(
        request.POST, staff=queries.who_follows_up(row.site, site_day(row.site, request.at))
    )
    if form.is_valid():
        with refusals_on(form):
            actions.screen_out(by=request.actor, at=request.at, inquiry=row, **form.facts())
            messages.success(request, f"{row.name} was referred to {form.cleaned_data['referred_to']}.")
            return redirect("desk:inquiries")
    return page(request, row, referral=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_intake(request: Request, code: str) -> HttpResponse:
    row = load(request, code)
    form = intake_forms.Booking(
        request.POST,
        staff=queries.intake_staff(row.site, site_day(row.site, request.at)),
        rooms=queries.rooms_of(row.site),
    )
    if form.is_valid():
        told = form.cleaned_data
        with refusals_on(form):
            intake = actions.book_intake(
                by=request.actor,
                at=request.at,
                inquiry=row,
                staff=told["who"],
                room=told["where"],
                starts=told["starts"],
                minutes=told["minutes"],
                mode=told["mode"],
                out=out_of([row.site_id], request.at),
            )
            when = timezone.localtime(intake.starts)
            messages.success(
                request,
                f"The intake is booked: {moment(when)}, with {intake.staff.short_name}.",
            )
            return redirect("desk:inquiry", row.code)
    return page(request, row, booking=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_cancellation(request: Request, code: str) -> HttpResponse:
    row, form = load(request, code), forms.Note(request.POST)
    intake = _intake(row)
    if form.is_valid():
        with refusals_on(form):
            actions.cancel_intake(
                by=request.actor, at=request.at, intake=intake, note=form.cleaned_data["note"]
            )
            over = intake.ends <= request.at
            messages.success(
                request,
                "Written down: did not come. The inquiry is open again."
                if over
                else "The intake is cancelled. The inquiry is open again.",
            )
            return redirect("desk:inquiry", row.code)
    return page(request, row, cancelling=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_arrival(request: Request, code: str) -> HttpResponse:
    row, form = load(request, code), forms.Note({"note": ""})
    intake = _intake(row)
    form.is_valid()
    with refusals_on(form):
        actions.arrive_intake(by=request.actor, at=request.at, intake=intake)
        late = site_day(row.site, intake.starts) != site_day(row.site, request.at)
        messages.success(request, f"{row.name} {'was' if late else 'is'} here.")
        return redirect("desk:inquiry", row.code)
    return page(request, row, arriving=form)


@staff_page(P.PEOPLE_REGISTER)
@require_POST
def inquiry_patient(request: Request, code: str) -> HttpResponse:
    row, by = load(request, code), request.actor
    form = Record(request.POST, alike=alike(by, row, request.POST))
    if form.is_valid():
        told = form.cleaned_data
        which = told["which"]
        on_file = None if which in (NEW, ANOTHER) else patient_for(by, which, P.PEOPLE_READ)
        with refusals_on(form):
            patient = actions.make_patient_of(
                by=by,
                at=request.at,
                inquiry=row,
                given_name=told["given_name"],
                family_name=told["family_name"],
                birth_date=told["birth_date"],
                existing=on_file,
                another_person=which == ANOTHER,
            )
            messages.success(request, f"The inquiry belongs to {patient.full_name}.")
            return redirect("desk:inquiry", row.code)
    return page(request, row, record=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_closing(request: Request, code: str) -> HttpResponse:
    row, form = load(request, code), forms.Closing(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.close_inquiry(by=request.actor, at=request.at, inquiry=row, **form.cleaned_data)
            messages.success(request, f"The inquiry of {row.name} is closed.")
            return redirect("desk:inquiries")
    return page(request, row, closing=form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def inquiry_reopening(request: Request, code: str) -> HttpResponse:
    row, form = load(request, code), forms.Note(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.reopen_inquiry(by=request.actor, at=request.at, inquiry=row, **form.cleaned_data)
            messages.success(request, "The inquiry is open again.")
            return redirect("desk:inquiry", row.code)
    return page(request, row, reopening=form)


def _intake(row: Any) -> Any:
    """The live intake; none is the same 404 as no inquiry."""
    intake = queries.live_intake(row)
    if intake is None:
        raise type(row).DoesNotExist
    return intake
