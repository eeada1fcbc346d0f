"""A paper as it is read: its words with the program's and the person's own facts filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from stepwell.clinic.inquiry.rules import Paper, recipient_named
from stepwell.clinic.site_days import site_day
from stepwell.front.content import load
from stepwell.front.saying import saying


def words_of(paper: Paper, packet: Any, at: Any, language: str) -> dict[str, Any]:
    """Title, lead, sections and the sentence one signs; kept with the signature as they stand here."""
    text = load("papers", language)["papers"][paper.key]
    site = packet.inquiry.site
    days = paper.terms.expires_after_days if paper.terms is not None else None
    until = site_day(site, at) + timedelta(days=days) if days else None
    facts = {
        "program": site.name,
        "address": " ".join(site.address.split()) or site.name,
        "phone": site.phone or "911",
        "contact": recipient_named(packet.answers),
        "until": saying(language).date(until) if until else "",
    }
    return {
        "title": _filled(text["title"], facts),
        "lead": _filled(text["lead"], facts),
        "sections": [
            {"key": s["key"], "title": s["title"], "text": _filled(s["text"], facts)}
            for s in text["sections"]
        ],
        "statement": _filled(text["statement"], facts),
    }


def _filled(text: str, facts: Mapping[str, str]) -> str:
    """The facts in their places; a name with braces in it stays as it was typed."""
    for key, value in facts.items():
        text = text.replace("{" + key + "}", value)
    return text
