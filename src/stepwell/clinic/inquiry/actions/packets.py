"""The intake papers: made by staff, opened and signed by the person without an account, sent in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.actions.letting_go import _end_packets
from stepwell.clinic.inquiry.actions.story import _happens, _locked
from stepwell.clinic.inquiry.models import Inquiry, InquiryEventKind, Packet, PacketSignature
from stepwell.clinic.inquiry.queries.inquiries import danger_of, standing_of
from stepwell.clinic.inquiry.queries.packets import digest_of, made_token, packet_state_of
from stepwell.clinic.people.rules import age_on, birth_date_fault
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day

_WHOLE = {"title", "lead", "sections", "statement"}
"""What the words of a paper have, and every page that shows a signed one reads."""

CLOSED = "These papers can be changed no more. Please call the office that sent them."


@transaction.atomic
def make_packet(
    *, by: Actor, at: datetime, inquiry: Inquiry, birth_date: date | None = None, language: str = "en"
) -> Packet:
    """Papers for the person's own phone; papers still on their way end, and what was answered in them is kept.

    The date of birth opens them: of the record, else of the inquiry, else `birth_date`, which is then kept there.
    Raises `Refused` for somebody else's phone, for minors, and while danger was told and not acted on.
    """
    policies.may_work(by, inquiry)
    row = _locked(inquiry)
    born = _born(row, birth_date, at)
    _check_making(row, language)
    before = Packet.objects.filter(inquiry=row, birth_date=born).order_by("-made_at", "-pk").first()
    _end_packets(by, at, row, "made anew")
    rule, nonce = rules.load_papers(), secrets.token_hex(16)
    packet = Packet.objects.create(
        inquiry=row,
        nonce=nonce,
        token_digest=digest_of(made_token(nonce)),
        birth_date=born,
        language=language,
        papers=[paper.key for paper in rule.papers],
        made_at=at,
        made_by_id=by.staff_id,
        expires_at=at + rule.valid,
        answers=_answered_before(row, before),
    )
    if row.birth_date is None:
        row.birth_date = born
        row.save(update_fields=["birth_date"])
    _recorded(by, at, packet, "make")
    return packet


@transaction.atomic
def mark_packet_sent(*, by: Actor, at: datetime, packet: Packet, how: str) -> Packet:
    """The address went to the person by text or e-mail, or was shown to them on a screen."""
    locked = _held(packet)
    policies.may_work(by, locked.inquiry)
    if how not in ("text", "email", "shown"):
        raise Refused("Say how the papers were sent: by text, by e-mail, or shown. Nothing was saved.")
    if packet_state_of(locked, at) not in (rules.PacketState.WAITING, rules.PacketState.OPENED):
        raise Refused("These papers are not on their way any more. Make new ones; nothing was saved.")
    locked.sent_at, locked.sent_how = at, how
    locked.save(update_fields=["sent_at", "sent_how"])
    _recorded(by, at, locked, "send", {"how": how})
    return locked


@transaction.atomic
def end_packet(*, by: Actor, at: datetime, packet: Packet, because: str) -> Packet:
    """The papers can be opened no more; with new ones the answers are there again. Twice is once."""
    locked = _held(packet)
    policies.may_work(by, locked.inquiry)
    if locked.accepted_at is not None:
        raise Refused("These papers were accepted already. Nothing was changed.")
    if not because.strip():
        raise Refused("Say why the papers are ended, so that the next person knows. Nothing was changed.")
    if locked.ended_at is None:
        locked.ended_at, locked.ended_by_id, locked.ended_because = at, by.staff_id, because.strip()[:300]
        locked.save(update_fields=["ended_at", "ended_by", "ended_because"])
        _recorded(by, at, locked, "end")
    return locked


@transaction.atomic
def open_packet(*, by: Actor, at: datetime, packet: Packet, birth_date: date) -> bool:
    """Was this the date of birth? A wrong one is counted; after too many the papers stay locked for good."""
    locked = _held(packet)
    if packet_state_of(locked, at) not in (rules.PacketState.WAITING, rules.PacketState.OPENED):
        return False
    right = locked.birth_date == birth_date
    if right:
        locked.opened_at, locked.wrong_tries = locked.opened_at or at, 0
    else:
        locked.wrong_tries += 1
    locked.save(update_fields=["opened_at", "wrong_tries"])
    _recorded(by, at, locked, "open" if right else "wrong_birth_date", {"tries": locked.wrong_tries})
    return right


@transaction.atomic
def keep_answers(*, by: Actor, at: datetime, packet: Packet, answers: Mapping[str, Any]) -> Packet:
    """Keep what was answered so far; what cannot be read is left as it was. Danger goes to the queue at once."""
    locked = _open(packet, at)
    read = rules.read_answers(answers, rules.load_papers())
    before = set(_flags(locked.answers))
    locked.answers = {**locked.answers, **read}
    locked.saved_at = at
    locked.save(update_fields=["answers", "saved_at"])
    new = [flag for flag in _flags(locked.answers) if flag not in before]
    if new:
        _danger_told(by, at, locked, new)
    _recorded(by, at, locked, "answer", {"answers": len(read)})
    return locked


@transaction.atomic
def sign_paper(
    *,
    by: Actor,
    at: datetime,
    packet: Packet,
    paper: str,
    words: Mapping[str, Any],
    language: str,
    name: str,
    typed: str = "",
    drawing: list[Any] | None = None,
) -> PacketSignature:
    """Sign one paper, with its words as they stood on the screen. Signing twice answers with the first signature.

    Raises `Refused` without a name, without a drawn or typed signature, and for papers that cannot be signed.
    """
    locked = _open(packet, at)
    found = rules.load_papers().paper(paper)
    if found is None or paper not in locked.papers or _WHOLE - set(words) or not words["statement"]:
        raise Refused("This paper is not among those you were sent. Nothing was signed.")
    before = PacketSignature.objects.filter(packet=locked, paper=paper).first()
    if before is not None:
        return before
    if not rules.may_be_signed(found, locked.answers):
        raise Refused("Say first who your emergency contact is. Nothing was signed.")
    strokes = rules.read_drawing(drawing)
    fault = rules.signature_fault(name, typed, strokes)
    if fault:
        raise Refused(
            "Write your full name. Nothing was signed."
            if fault == "name"
            else "Draw your signature or type it. Nothing was signed."
        )
    row = PacketSignature.objects.create(
        packet=locked,
        paper=paper,
        edition=found.edition,
        language=language,
        words=dict(words),
        signed_name=name.strip()[:160],
        typed=typed.strip()[:160],
        drawing=strokes,
        signed_at=at,
    )
    if paper in locked.later:
        locked.later = [key for key in locked.later if key != paper]
        locked.save(update_fields=["later"])
    _recorded(by, at, locked, "sign", {"paper": paper})
    return row


@transaction.atomic
def put_off_paper(*, by: Actor, at: datetime, packet: Packet, paper: str) -> Packet:
    """The person wants to talk about a paper before signing it; staff see that it is open."""
    locked = _open(packet, at)
    found = rules.load_papers().paper(paper)
    if found is None or paper not in locked.papers or not found.may_wait:
        raise Refused("This paper cannot be left for later. Nothing was changed.")
    if paper not in locked.later and not locked.signatures.filter(paper=paper).exists():
        locked.later = [*locked.later, paper]
        locked.save(update_fields=["later"])
        _recorded(by, at, locked, "put_off", {"paper": paper})
    return locked


@transaction.atomic
def send_in_packet(*, by: Actor, at: datetime, packet: Packet) -> Packet:
    """Hand the papers in: from now on the address opens nothing. Raises `Refused` while anything is missing."""
    locked = _open(packet, at)
    signed = set(locked.signatures.values_list("paper", flat=True))
    missing = rules.gaps(locked.answers, signed, locked.later, locked.papers, rules.load_papers())
    if missing:
        raise Refused("Something is still missing. Nothing was sent.")
    locked.sent_in_at = at
    locked.save(update_fields=["sent_in_at"])
    _recorded(by, at, locked, "send_in")
    return locked


def _born(row: Inquiry, told: date | None, at: datetime) -> date:
    """The date of birth that opens the papers, of somebody who may sign them alone."""
    if row.asking_for != "self" and row.patient is None:
        raise Refused(
            "This request came from somebody else, so the phone number is not the person's own. Make the person's "
            "record first; no papers were made."
        )
    on_file = row.patient.birth_date if row.patient is not None else row.birth_date
    born = on_file or told
    if born is None:
        raise Refused("The date of birth is needed: it opens the papers. Ask for it; no papers were made.")
    today, rule = site_day(row.site, at), rules.load_papers()
    if fault := birth_date_fault(born, today):
        raise Refused(f"The date of birth {fault}. Check the year; no papers were made.")
    if age_on(born, today) < rule.adult_from:
        raise Refused(
            f"Papers of somebody younger than {rule.adult_from} are signed on site, with a parent or guardian where "
            "the state asks for one. No papers were made."
        )
    return born


def _check_making(row: Inquiry, language: str) -> None:
    if danger_of(row):
        raise Refused(rules.DANGER_FIRST)
    if standing_of(row).state in (rules.InquiryState.SCREENED_OUT, rules.InquiryState.CLOSED):
        raise Refused("This inquiry is closed; open it again first.")
    if language not in ("en", "es"):
        raise Refused("The papers are there in English and Spanish. Choose one; no papers were made.")
    if Packet.objects.filter(inquiry=row, sent_in_at__isnull=False, accepted_at=None, ended_at=None).exists():
        raise Refused("The papers came back already. Look at them, and accept them or send them back first.")


def _answered_before(row: Inquiry, before: Packet | None) -> dict[str, Any]:
    """The answers of earlier papers of the same person, else what was told with the request."""
    if before is not None:
        return {key: value for key, value in before.answers.items() if key != "red_flags"}
    if row.asking_for != "self":
        return {"language": row.language if row.language in ("en", "es") else "other"}
    given, _, family = row.name.strip().rpartition(" ")
    ways = ("call", "voicemail", "text", "email")
    told = {
        "given_name": given or family,
        "family_name": family if given else "",
        "phone": row.phone,
        "email": row.email,
        "ways": [way for way in ways if getattr(row, f"may_{way}")],
        "safe_times": row.safe_times,
        "language": row.language if row.language in ("en", "es") else "other",
    }
    return rules.read_answers(told, rules.load_papers())


def _held(packet: Packet) -> Packet:
    return Packet.objects.select_for_update(of=("self",)).select_related("inquiry__site").get(pk=packet.pk)


def _open(packet: Packet, at: datetime) -> Packet:
    """The papers, held, while the person may still change them."""
    locked = _held(packet)
    if packet_state_of(locked, at) is not rules.PacketState.OPENED:
        raise Refused(CLOSED)
    return locked


def _flags(answers: Mapping[str, Any]) -> list[str]:
    found = answers.get("red_flags", [])
    return [str(flag) for flag in found] if isinstance(found, list) else []


def _danger_told(by: Actor, at: datetime, packet: Packet, new: list[str]) -> None:
    """What is dangerous stands with the inquiry from now on, and nobody takes it away by a second thought."""
    row = _locked(packet.inquiry)
    row.red_flags = [*row.red_flags, *(flag for flag in new if flag not in row.red_flags)]
    row.save(update_fields=["red_flags"])
    if rules.red_flags(new).danger is not rules.Danger.NONE:
        _happens(by, at, row, InquiryEventKind.DANGER)


def _recorded(
    by: Actor, at: datetime, packet: Packet, verb: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Tell the open queues, and leave the entry in the trail, without a word of what was told."""
    announce(f"inquiries:{packet.inquiry.site_id}")
    trail.record(
        by=by,
        at=at,
        action=f"inquiry.papers_{verb}",
        subject=f"Packet {packet.pk}",
        patient_id=packet.inquiry.patient_id,
        detail={"inquiry": packet.inquiry_id, **(detail or {})},
    )
