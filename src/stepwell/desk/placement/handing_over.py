"""The hand-over packet: made for the care team or for a recipient of a consent, printed as PDF, exported as FHIR."""

from __future__ import annotations

import json
import secrets
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.placement import queries as placement
from stepwell.clinic.transition import actions, queries
from stepwell.clinic.transition.rules import as_bundle, as_pages, late_appointment
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.ui.typeset import pdf

_STOPPED = (
    "The consents on file no longer permit this packet: it is not printed or exported any more. Ask for a new "
    "consent, then make a new packet."
)
_TODAY = forms.DateInput(attrs={"type": "date"})


class Packet(forms.Form):
    """Who receives it, and where the person goes next."""

    recipient = forms.ChoiceField(label="For", required=False)
    name = forms.CharField(
        label="Name of the provider", max_length=160, required=False,
        help_text="Only for another treating provider.",
    )  # fmt: skip
    contact = forms.CharField(label="Contact there", max_length=200, required=False)
    appointment_on = forms.DateField(
        label="First appointment", required=False, widget=_TODAY, help_text="Within 7 days is the aim."
    )
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, recipients: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = dict(recipients)
        self.fields["recipient"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "The care team of this program"),
            *recipients,
        ]

    def packet(self) -> dict[str, Any]:
        """What `make_packet` takes."""
        key = self.cleaned_data["recipient"]
        name = self.cleaned_data["name"] if key == queries.TREATING else self._names.get(key, "")
        return {
            "recipient_key": key,
            "recipient": name,
            **{field: self.cleaned_data[field] for field in ("contact", "appointment_on", "once_key")},
        }


@staff_page(P.PLACEMENT_DECIDE)
def hand_over(request: Request, code: str) -> HttpResponse:
    """Make a packet; those made before stand below."""
    chart = open_chart(request, code, "placement")
    by, patient = request.actor, chart.patient
    episode = placement.episodes_of(by, patient).select_related("patient__site").get(closed_at__isnull=True)
    leaves = by.may(P.CONSENT_RECORD, patient.site_id)
    form = Packet(
        request.POST or None,
        recipients=queries.recipients_of(by, patient, at=request.at) if leaves else [],
        initial={"once_key": secrets.token_urlsafe(24)},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.make_packet(by=by, at=request.at, episode=episode, **form.packet())
            messages.success(request, "The packet is made. Print it or export it.")
            return redirect("desk:packet", patient.code, row.pk)
    packets = list(queries.packets_of(by, patient)[:12])
    return chart_page(
        request, chart, "desk/placement/hand_over.html", {"form": form, "packets": packets, "leaves": leaves}
    )


@staff_page(P.PLACEMENT_DECIDE)
def packet(request: Request, code: str, number: int) -> HttpResponse:
    """What is in it and what is not, with the two ways out."""
    chart = open_chart(request, code, "placement")
    row = queries.packet(request.actor, chart.patient, number)
    context = {
        "packet": row,
        "pages": as_pages(row.content),
        "late": _late(row, chart.today),
        "stopped": _STOPPED if not queries.still_permitted(request.actor, row, at=request.at) else "",
    }
    return chart_page(request, chart, "desk/placement/packet.html", context)


@staff_page(P.PLACEMENT_DECIDE)
def packet_pdf(request: Request, code: str, number: int) -> HttpResponse:
    """The paper; the same packet is the same bytes."""
    chart, row = _taken_out(request, code, number, "PDF")
    if row is None:
        return redirect("desk:packet", chart.patient.code, number)
    return _file(
        pdf("packet", as_pages(row.content)),
        "application/pdf",
        f"hand-over-{chart.patient.code}-{row.pk}.pdf",
    )


@staff_page(P.PLACEMENT_DECIDE)
def packet_bundle(request: Request, code: str, number: int) -> HttpResponse:
    """The FHIR R4 document; the same packet is the same bytes."""
    chart, row = _taken_out(request, code, number, "FHIR")
    if row is None:
        return redirect("desk:packet", chart.patient.code, number)
    text = json.dumps(as_bundle(row.content), ensure_ascii=False, indent=1)
    name = f"hand-over-{chart.patient.code}-{row.pk}.json"
    return _file(text.encode(), "application/fhir+json", name)


def _taken_out(request: Request, code: str, number: int, form: str) -> tuple[Any, Any]:
    """The packet, with who took it out in the trail; None in its place when no consent permits it any more."""
    chart = open_chart(request, code, "placement", record=False)
    row = queries.packet(request.actor, chart.patient, number)
    if not queries.still_permitted(request.actor, row, at=request.at):
        return chart, None
    trail.record_access(
        by=request.actor,
        at=request.at,
        patient_id=chart.patient.pk,
        subject=f"HandOverPacket {row.pk} {form}",
    )
    return chart, row


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _late(row: Any, today: Any) -> bool:
    """Whether the first appointment is missing or too far away, as of the day on which the packet was made."""
    rows = row.content["parts"].get("appointment", ())
    on = date.fromisoformat(rows[0]["on"]) if rows and rows[0]["on"] else None
    return late_appointment(on, today)
