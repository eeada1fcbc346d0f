"""Who is in the room, as the page says it: times of each person, what follows an absence, what to look out for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import zip_longest
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.queries import open_alerts_about
from stepwell.clinic.people.rules import Channel, contact_rules_of, may_contact
from stepwell.clinic.sessions import queries
from stepwell.clinic.sessions.rules.room import load_room
from stepwell.ui.jinja import address


def times_of(seat: Any, zone: ZoneInfo, form: Any | None) -> dict[str, Any]:
    """What stands in the fields of one person: as recorded, or as it was typed and refused."""
    came, code = getattr(seat, "attendance", None), seat.patient.code
    away = [(wall(out, zone), wall(back, zone)) for out, back in _stepped_out(came)]

    def value(name: str, stored: str) -> str:
        return str(form.data.get(f"{code}-{name}", stored)) if form is not None else stored

    if form is not None and f"{code}-out" in form.data:
        outs, backs = (form.data.getlist(f"{code}-{name}") for name in ("out", "back"))
        typed = [pair for pair in zip(outs, backs, strict=False) if any(pair)]
    else:
        typed = away
    return {
        "came": came,
        "absent": came is not None and came.outcome != "present",
        "arrived": value("arrived", wall(came.arrived_at if came else None, zone)),
        "left": value("left", wall(came.left_at if came else None, zone)),
        "away": typed,
        "away_said": away,
        "mode": value("mode", came.mode if came else seat.mode),
        "reason": value("reason", came.reason if came and came.outcome != "present" else ""),
    }


def not_recorded(request: Request, seats: Iterable[Any], zone: ZoneInfo) -> str:
    """Whose times the page that was sent shows otherwise than they are recorded, in a sentence; "" for nobody.

    A time is recorded with Enter. Signing freezes the minutes, so a time that was only typed must not be passed over.
    An empty field says nothing: the page may be older than a check-in at the desk.
    """
    whose = [seat.patient.board_name for seat in seats if _differs(request, seat, zone)]
    if not whose:
        return ""
    said = whose[0] if len(whose) == 1 else f"{', '.join(whose[:-1])} and {whose[-1]}"
    return f"The times of {said} are typed but not recorded. Press Enter in the field, or Record; nothing was signed."


def _differs(request: Request, seat: Any, zone: ZoneInfo) -> bool:
    came, code, sent = getattr(seat, "attendance", None), seat.patient.code, request.POST
    if came is None or came.outcome != "present":
        return False
    typed = ((sent.get(f"{code}-arrived"), came.arrived_at), (sent.get(f"{code}-left"), came.left_at))
    if any(text and text[:5] != wall(instant, zone) for text, instant in typed):
        return True
    mode = sent.get(f"{code}-mode")
    if mode and (mode == "video") != (came.mode == "video"):
        return True
    known = [[wall(out, zone), wall(back, zone)] for out, back in _stepped_out(came)]
    pairs = zip_longest(sent.getlist(f"{code}-out"), sent.getlist(f"{code}-back"), fillvalue="")
    return any([out[:5], back[:5]] not in known for out, back in pairs if out or back)


def wall(instant: datetime | None, zone: ZoneInfo) -> str:
    """The time on the wall of the site, for a field; "" for none."""
    return "" if instant is None else f"{instant.astimezone(zone):%H:%M}"


def _stepped_out(came: Any | None) -> list[tuple[datetime, datetime | None]]:
    return [
        (datetime.fromisoformat(out), datetime.fromisoformat(back) if back else None)
        for out, back in (came.stepped_out if came else ())
    ]


def what_follows(request: Request, seat: Any, zone: ZoneInfo) -> list[dict[str, str]]:
    """After an absence, what can be done now: each with its words and, where it may be done, its address."""
    by, person = request.actor, seat.patient
    found = []
    if by.may(P.PEOPLE_READ, person.site_id):
        decision = may_contact(contact_rules_of(person), Channel.CALL, request.at.astimezone(zone))
        if decision.allowed and person.phone:
            found.append(
                {"label": f"Call {person.phone}", "url": f"tel:{person.phone}", "said": decision.wording}
            )
        else:
            said = decision.reason if person.phone else "No phone number is on file."
            details = address("desk:patient_details", person.code)
            found.append({"label": "How to reach", "url": details, "said": said})
        found += _message(person, request.at.astimezone(zone))
    if by.may(P.SEAT_BOOK, person.site_id):
        schedule = f"{address('desk:schedule', person.code)}#openings"
        found.append({"label": "Offer a make-up", "url": schedule, "said": "Seats that fit this week."})
    return found


def _message(person: Any, at_local: datetime) -> list[dict[str, str]]:
    """A message with the neutral words in it, from the device's own program: a text, else an e-mail; none where the
    contact rules allow neither now."""
    for channel, to, label, scheme, first in (
        (Channel.TEXT, person.phone, "Text", "sms", "?&body="),
        (Channel.EMAIL, person.email, "E-mail", "mailto", "?body="),
    ):
        decision = may_contact(contact_rules_of(person), channel, at_local)
        if to and decision.allowed:
            where = quote(to.replace(" ", ""), safe="+@")
            words = quote(decision.wording)
            return [
                {"label": f"{label} {to}", "url": f"{scheme}:{where}{first}{words}", "said": decision.wording}
            ]
    return []


def look_out(request: Request, occurrence: Any, ids: Collection[int]) -> dict[int, list[dict[str, str]]]:
    """Patient id -> what to know before the group begins: alerts nobody has answered, a risk in the last note.

    Two statements; only what the reader may see.
    """
    by = request.actor
    found: dict[int, list[dict[str, str]]] = {pk: [] for pk in ids}
    for pk, alerts in open_alerts_about(by, ids).items():
        found[pk] += [
            {
                "said": alert.sentence,
                "tone": "bad" if alert.severity == "urgent" else "warn",
                "label": "Answer it",
                "route": "desk:acknowledge_alert",
                "number": str(alert.pk),
            }
            for alert in alerts
        ]
    for pk, part in queries.last_risks(by, occurrence, ids).items():
        label = load_room().label("risk", part.risk).lower()
        found[pk].append(
            {
                "said": f"The last note says: {label}.",
                "tone": "warn",
                "label": "Read it",
                "route": "desk:chart_note",
                "number": str(part.note_id),
            }
        )
    return found
