"""The queue of people who asked for help, the call screen of one of them, and a call written down."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from stepwell.accounts.actor import Actor, Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.coverage.queries import payers
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.rules import (
    Danger,
    InquiryState,
    free_week,
    load_day_parts,
    load_follow_up_rule,
    load_intake_rule,
    red_flags,
    told_words,
)
from stepwell.clinic.people.queries import all_sites
from stepwell.clinic.placement.queries import episodes_of_each
from stepwell.clinic.site_days import site_day
from stepwell.clinic.timetable.queries import seats_that_fit
from stepwell.clinic.timetable.rules.next_seats import meets_words
from stepwell.clinic.timetable.rules.windows import Window
from stepwell.desk.inquiry import call_forms, forms, intake_forms, papers_forms, record_forms, words
from stepwell.desk.inquiry.out import fault_of, out_of
from stepwell.desk.inquiry.price import programs_of, side_by_side
from stepwell.desk.live import live_for
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.INQUIRY_READ)
def inquiries(request: Request) -> HttpResponse:
    """Who waits, danger and overdue first; then intakes to book, booked ones, and what has ended."""
    by = request.actor
    queue = queries.queue(by, request.at)
    intakes = queries.coming_intakes(by, timezone.localtime(request.at).replace(hour=0, minute=0))
    out = out_of(by.sites_with(P.INQUIRY_READ), request.at)
    follow_ups: list[Any] = queries.follow_ups_open(by, request.at)
    context = {
        "queue": queue,
        "follow_ups": follow_ups,
        "due": sum(one.due_on <= one.today for one in follow_ups),
        "came_back": queries.packets_to_review(by),
        "may_report": by.may(P.OUTCOMES_READ),
        "may_set": by.may(P.STAFF_MANAGE),
        "next": queue.to_answer[0] if queue.to_answer else None,
        "missed": queries.missed_intakes(by, site_day(by.home, request.at)),
        "intakes": [(intake, fault_of(out, intake)) for intake in intakes],
        "settled": queries.settled(by),
        "words": words,
        "Danger": Danger,
        "may_work": by.may(P.INQUIRY_WORK),
        "live": live_for(request, *(f"inquiries:{site}" for site in by.sites_with(P.INQUIRY_READ))),
    }
    return render(request, "desk/inquiry/inquiries.html", context)


@staff_page(P.INQUIRY_WORK)
def new_inquiry(request: Request) -> HttpResponse:
    """A call or a referral, written down once however often the button is pressed."""
    by = request.actor
    sites = list(all_sites().filter(pk__in=by.sites_with(P.INQUIRY_WORK)))
    home = next((s for s in sites if s.pk == by.home.site_id), sites[0])
    form = call_forms.NewInquiry(
        request.POST or None,
        sites=sites,
        initial={"once_key": secrets.token_urlsafe(24), "site": str(home.pk)},
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        with refusals_on(form):
            row = actions.receive_inquiry(
                by=by,
                at=request.at,
                site=next(s for s in sites if str(s.pk) == told["site"]),
                source=told["source"],
                name=told["name"],
                facts=form.facts(),
                once_key=told["once_key"],
            )
            messages.success(request, "The inquiry is in the queue.")
            return redirect("desk:inquiry", row.code)
    context = {"form": form, "parts": load_day_parts().values()}
    return render(request, "desk/inquiry/new_inquiry.html", context)


@staff_page(P.INQUIRY_READ)
def inquiry(request: Request, code: str) -> HttpResponse:
    """The call screen: what they said, danger, how to reach them, free times, and every next step."""
    row = load(request, code)
    trail.record(
        by=request.actor,
        at=request.at,
        action="inquiry.access",
        kind="access",
        subject=f"Inquiry {row.pk}",
        patient_id=row.patient_id,
    )
    return page(request, row)


def load(request: Request, code: str) -> Any:
    """The inquiry, within the sites of who asks; from here on times are said in its site's zone."""
    row = queries.inquiry_for(request.actor, code)
    timezone.activate(ZoneInfo(row.site.zone))
    return row


def page(request: Request, row: Any, **bound: BaseForm) -> HttpResponse:
    """The call screen; `bound` holds the form that was sent and has errors, by its name."""
    by, line = request.actor, queries.in_line(row, request.at)
    ways = words.ways_of(row, timezone.localtime(request.at))
    may_work, intake = by.may(P.INQUIRY_WORK, row.site_id), queries.live_intake(row)
    waiting = (InquiryState.NEW, InquiryState.TRYING, InquiryState.ANSWERED)
    can_book = may_work and not line.danger and line.standing.state in waiting
    can_register = (
        may_work
        and not line.danger
        and row.patient is None
        and row.source != "handoff"
        and by.may(P.PEOPLE_REGISTER, row.site_id)
    )
    context: dict[str, Any] = {
        "inquiry": row,
        "line": line,
        "flags": red_flags(row.red_flags),
        "from_screen": told_words(row.told_from_screen),
        "Danger": Danger,
        "ways": ways,
        "reach": words.reach_sentence(row, ways),
        "asking_for": words.ASKING_FOR.get(row.asking_for, ""),
        "free": words.free_words(row.free_times),
        "story": words.story_of(row),
        "intake": intake,
        "intake_fault": fault_of(out_of([row.site_id], request.at), intake)
        if intake is not None and intake.arrived_at is None
        else "",
        "intake_day": None if intake is None else intake_day(row, intake, request.at),
        "others": queries.earlier_of(by, row),
        "may_work": may_work,
        "can_book": can_book,
        "can_register": can_register,
        "spoken": bound.get("spoken") or forms.Spoken(),
        "tried": bound.get("tried") or forms.Tried(ways=ways),
        "referral": bound.get("referral") or _referral(row, request),
        "danger_done": bound.get("danger_done") or forms.DangerDone(),
        "followed_up": bound.get("followed_up") or forms.FollowedUp(),
        "follow_ups": queries.follow_ups_of(row),
        "words": words,
        "new_papers": bound.get("new_papers") or papers_forms.NewPapers(initial=_of_papers(row)),
        "packets": queries.packets_of(row, request.at),
        "closing": bound.get("closing") or forms.Closing(),
        "cancelling": bound.get("cancelling") or forms.Note(),
        "reopening": bound.get("reopening") or forms.Note(),
        "form": next(iter(bound.values()), None),
        "sent": next(iter(bound), ""),
        "meets_words": meets_words,
    }
    if line.standing.open and by.may(P.TIMETABLE_READ, row.site_id) and row.site_id == by.home.site_id:
        context["seats"], context["seats_wanted"] = _seats(request, row)
    if by.may(P.COVERAGE_READ, row.site_id) and state_of_price(line):
        context.update(_price(request, row, bound.get("price_asked")))
    if can_book:
        context.update(_booking(request, row, bound.get("booking")))
    if row.patient is None:
        known = alike(by, row, request.POST)
        context["alike"] = known
    else:
        known = []
    if by.may(P.PLACEMENT_READ):
        people = [row.patient] if row.patient else [one.patient for one in known]
        context["episodes"] = episodes_of_each(by, people)
    if can_register:
        person = queries.person_asked_for(row)
        initial = {
            "given_name": person.given_name,
            "family_name": person.family_name,
            "birth_date": row.birth_date,
        }
        context["record"] = bound.get("record") or record_forms.Record(alike=known, initial=initial)
    return render(request, "desk/inquiry/inquiry.html", context)


def intake_day(row: Any, intake: Any, at: Any) -> str:
    """Is the intake's day "ahead", "today" or "over"? The site's calendar says so."""
    day, today = site_day(row.site, intake.starts), site_day(row.site, at)
    return "today" if day == today else "ahead" if day > today else "over"


def state_of_price(line: Any) -> bool:
    """The price is talked about while the inquiry is open or an intake is booked."""
    return line.standing.open or line.standing.state is InquiryState.BOOKED


def _price(request: Request, row: Any, form: BaseForm | None) -> dict[str, Any]:
    """Benefits and price side by side; `form` holds what the caller just told."""
    programs, listed = programs_of(row.site_id), payers()
    told = {p.name.casefold(): p for p in listed}
    guess = told.get(row.insurance.strip().casefold())
    asked = form if isinstance(form, forms.PriceAsked) else None
    if asked is None:
        asked = forms.PriceAsked(
            programs=programs, payers=listed, initial={"payer": str(guess.pk) if guess else ""}
        )
    known = asked.asked()
    if guess is not None and not asked.is_bound:
        known["payer"] = guess
    return {
        "price": side_by_side(request.actor, row, request.at, known),
        "price_asked": asked,
        "may_record_coverage": request.actor.may(P.COVERAGE_RECORD, row.site_id),
    }


def _referral(row: Any, request: Request) -> forms.Referral:
    today = site_day(row.site, request.at)
    usual = today + timedelta(days=load_follow_up_rule().first_after_days)
    return forms.Referral(staff=queries.who_follows_up(row.site, today), initial={"follow_up_on": usual})


def _of_papers(row: Any) -> dict[str, Any]:
    """What the papers open with: the date of birth that is known, the person's language."""
    born = row.patient.birth_date if row.patient else row.birth_date
    return {"birth_date": born, "language": "es" if row.language == "es" else "en"}


def alike(by: Actor, row: Any, typed: Mapping[str, str]) -> list[Any]:
    """Records on file that look like who was told of, or like the names typed for the new record."""
    person = queries.person_asked_for(row)
    given, family = (typed.get(k, "").replace("\0", "").strip()[:100] for k in ("given_name", "family_name"))
    found = queries.patients_like(by, person) if person.given_name else []
    if given and family and (given, family) != (person.given_name, person.family_name):
        found += queries.patients_like(
            by,
            replace(
                person,
                given_name=given,
                family_name=family,
                birth_date=record_forms.day_typed(typed) or person.birth_date,
            ),
        )
    return list({one.patient.pk: one for one in found}.values())


def _seats(request: Request, row: Any) -> tuple[Any, int]:
    """The ways to begin that fit the free times that were told: what can be said on the first call."""
    free = free_week(row.free_times).times
    windows = [Window(weekday=t.weekday, starts_at=t.starts, ends_at=t.ends) for t in free] or None
    minutes = load_looking().seats_asked_minutes
    found = seats_that_fit(request.actor, request.at, minutes=minutes, windows=windows)
    return found[:2], minutes


def _booking(request: Request, row: Any, booking: BaseForm | None) -> dict[str, Any]:
    """Free times for the length, place and person asked for."""
    rule = load_intake_rule()
    staff, rooms = queries.intake_staff(row.site, site_day(row.site, request.at)), queries.rooms_of(row.site)
    usual: dict[str, Any] = {"minutes": rule.minutes[0], "mode": "on_site", "staff": ""}
    asked = request.POST if booking is not None else request.GET
    look = intake_forms.IntakeSearch({**usual, **{k: asked[k] for k in usual if k in asked}}, staff=staff)
    wanted = look.cleaned_data if look.is_valid() else usual
    if not look.is_valid():
        look = intake_forms.IntakeSearch(usual, staff=staff)
    offers = queries.offers_for(
        row,
        request.at,
        minutes=int(wanted["minutes"]),
        by_video=wanted["mode"] == "video",
        staff=[s for s in staff if wanted["staff"] in ("", str(s.pk))],
        rooms=rooms,
        out=out_of([row.site_id], request.at),
    )
    days: dict[Any, list[Any]] = {}
    for offer in offers:
        days.setdefault(timezone.localtime(offer.time.starts).date(), []).append(
            (intake_forms.token_of(offer), offer)
        )
    fitting = next((o for o in offers if o.time.fits), offers[0] if offers else None)
    return {
        "search": look,
        "wanted": wanted,
        "days": days,
        "first": intake_forms.token_of(fitting) if fitting else intake_forms.OWN,
        "booking": booking or intake_forms.Booking(staff=staff, rooms=rooms, initial=wanted),
    }
