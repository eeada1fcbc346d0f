"""The intake papers on the staff's side: made, sent with neutral words, looked at when they come back, accepted."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.inquiry import actions, queries
from stepwell.clinic.inquiry.rules import PacketState, load_papers, load_red_flags
from stepwell.desk.inquiry import forms, papers_forms, words
from stepwell.desk.inquiry.qr import picture_of
from stepwell.desk.inquiry.views import load, page
from stepwell.desk.pages import refusals_on, render, staff_page

_SUBJECT = {"en": "A message from your appointment office", "es": "Un mensaje de su oficina de citas"}
LIVE = (PacketState.WAITING, PacketState.OPENED)


@staff_page(P.INQUIRY_WORK)
@require_POST
def new_papers(request: Request, code: str) -> HttpResponse:
    row, form = load(request, code), papers_forms.NewPapers(request.POST)
    if form.is_valid():
        with refusals_on(form):
            packet = actions.make_packet(by=request.actor, at=request.at, inquiry=row, **form.cleaned_data)
            return redirect("desk:papers", row.code, packet.pk)
    return page(request, row, new_papers=form)


@staff_page(P.INQUIRY_READ)
def papers(request: Request, code: str, number: int) -> HttpResponse:
    """Where the papers stand: the address to send while they are on their way, then what came back."""
    row = load(request, code)
    found = queries.packet_for(request.actor, row.code, number, request.at)
    trail.record(
        by=request.actor,
        at=request.at,
        action="inquiry.papers_access",
        kind="access",
        subject=f"Packet {found.row.pk}",
        patient_id=row.patient_id,
    )
    return _page(request, row, found)


@staff_page(P.INQUIRY_WORK)
@require_POST
def papers_sent(request: Request, code: str, number: int) -> HttpResponse:
    """The address went to the person: by text from the clinic's phone, by e-mail from here, or shown on a screen."""
    row, form = load(request, code), forms.Note({"note": ""})
    found = queries.packet_for(request.actor, row.code, number, request.at)
    how = request.POST.get("how", "")
    form.is_valid()
    with refusals_on(form):
        if how == "email":
            fault = _mailed(request, row, found)
            if fault:
                form.add_error(None, fault)
                return _page(request, row, found, form)
        actions.mark_packet_sent(by=request.actor, at=request.at, packet=found.row, how=how)
        messages.success(request, "Written down: the papers were sent.")
        return redirect("desk:inquiry", row.code)
    return _page(request, row, found, form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def papers_acceptance(request: Request, code: str, number: int) -> HttpResponse:
    row, form = load(request, code), papers_forms.Acceptance(request.POST)
    found = queries.packet_for(request.actor, row.code, number, request.at)
    if form.is_valid():
        with refusals_on(form):
            actions.accept_packet(
                by=request.actor, at=request.at, packet=found.row, take=form.cleaned_data["take"]
            )
            messages.success(
                request, "Accepted. The consents are on file, and the address opens nothing any more."
            )
            return redirect("desk:inquiry", row.code)
    return _page(request, row, found, form)


@staff_page(P.INQUIRY_WORK)
@require_POST
def papers_end(request: Request, code: str, number: int) -> HttpResponse:
    row, form = load(request, code), papers_forms.Ending(request.POST)
    found = queries.packet_for(request.actor, row.code, number, request.at)
    if form.is_valid():
        with refusals_on(form):
            actions.end_packet(by=request.actor, at=request.at, packet=found.row, **form.cleaned_data)
            messages.success(request, "The papers are ended. With new ones the answers are there again.")
            return redirect("desk:inquiry", row.code)
    return _page(request, row, found, form)


def address_of(request: Request, packet: Any) -> str:
    """The secret address in the language of the papers; empty when the site's key has changed since."""
    token = queries.token_of(packet)
    if token is None:
        return ""
    name = "front:papers" if packet.language == "en" else f"front:{packet.language}:papers"
    return request.build_absolute_uri(reverse(name, args=[token]))


def _page(request: Request, row: Any, found: Any, form: BaseForm | None = None) -> HttpResponse:
    by, packet, rule = request.actor, found.row, load_papers()
    live = found.state in LIVE
    address = address_of(request, packet) if live else ""
    message = rule.message[packet.language].format(address=address)
    ways = {way.key: way for way in words.ways_of(row.patient or row, timezone.localtime(request.at))}
    context = {
        "inquiry": row,
        "shown": found,
        "packet": packet,
        "live": live,
        "state": found.state,
        "state_words": words.packet_words(found),
        "address": address,
        "picture": picture_of(address, "The address of the papers, for the camera of a phone") if address else "",
        "message": message,
        "sms": f"sms:{ways['text'].address}?body={quote(message)}",
        "ways": ways,
        "mails": mail_goes_out(),
        "papers": [(rule.paper(key), next((s for s in found.signatures if s.paper == key), None)) for key in packet.papers],
        "parts": [(part.title, [(q.label, words.answer_words(q, packet.answers)) for q in part.questions]) for part in rule.parts],
        "flags": [load_red_flags()[f].words for f in packet.answers.get("red_flags", []) if f in load_red_flags()],
        "may_work": by.may(P.INQUIRY_WORK, row.site_id),
        "may_accept": by.may(P.CONSENT_RECORD, row.site_id),
        "acceptance": form if isinstance(form, papers_forms.Acceptance) else papers_forms.Acceptance(initial={"take": ["contact", "language", "emergency"]}),
        "ending": form if isinstance(form, papers_forms.Ending) else papers_forms.Ending(),
        "form": form,
    }  # fmt: skip
    return render(request, "desk/inquiry/papers.html", context)


def mail_goes_out() -> bool:
    """Letters leave only when the site has named its mail server; else they are files in the home folder."""
    return not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")


def _mailed(request: Request, row: Any, found: Any) -> str:
    """Sends the neutral words; the sentence when that was not possible."""
    ways = {way.key: way for way in words.ways_of(row.patient or row, timezone.localtime(request.at))}
    address = address_of(request, found.row) if found.state in LIVE else ""
    if not ways["email"].permitted or not mail_goes_out() or not address:
        return "E-mail is not a safe way for this person, or it cannot leave from here. Nothing was sent."
    packet = found.row
    letter = EmailMessage(
        subject=_SUBJECT[packet.language],
        body=load_papers().message[packet.language].format(address=address),
        to=[ways["email"].address],
    )
    try:
        letter.send()
    except (OSError, SMTPException):
        return (
            "The mail server did not take the letter. Try again, or send the address from the clinic's phone."
        )
    return ""
