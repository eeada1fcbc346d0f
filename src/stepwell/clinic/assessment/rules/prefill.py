"""What is known already: answers to begin the interview with, each naming where it comes from. Never asked twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

_HOUSING = {"own", "rent", "with_others", "shelter", "none"}
_TRANSPORT = {"car", "ride", "bus", "walk", "hard"}
_LANGUAGES = {"en": "English", "es": "Spanish"}


@dataclass(frozen=True)
class AskedFor:
    """An inquiry: what was written, who sent the person, and on which day."""

    on: date
    about: str
    source: str
    asking_for: str
    referred_by: str


@dataclass(frozen=True)
class HandedOver:
    """One accepted fact of a hand-off. ``kind``: problem, medication, allergy, encounter …"""

    kind: str
    said: str
    code: str
    on: date


@dataclass(frozen=True)
class Earlier:
    """An episode here that is over."""

    began: date
    ended: date | None
    level: str
    ended_with: str

    def say(self) -> str:
        """'Here from 3 Jan 2025 to 2 Mar 2025, 2.1 Intensive outpatient: completed'."""
        until = f" to {self.ended:%-d %b %Y}" if self.ended else ""
        level = f", {self.level}" if self.level else ""
        how = f": {self.ended_with}" if self.ended_with else ""
        return f"Here from {self.began:%-d %b %Y}{until}{level}{how}."


@dataclass(frozen=True)
class Offered:
    """An answer and where it comes from, as the page says it: 'from the hand-off of 3 Mar 2026'."""

    answer: str
    source: str


def prefill(
    *,
    inquiries: Sequence[AskedFor] = (),
    papers: Mapping[str, object] | None = None,
    papers_on: date | None = None,
    handed_over: Sequence[HandedOver] = (),
    earlier: Sequence[Earlier] = (),
    language: str = "",
) -> dict[str, Offered]:
    """Field key -> what is known already. Sequences newest first; what is newer or more exact wins."""
    found: dict[str, Offered] = {}
    for asked in inquiries:
        for key, answer in _of_inquiry(asked).items():
            found.setdefault(key, Offered(answer, f"told when asking for help, {asked.on:%-d %b %Y}"))
    if papers and papers_on is not None:
        for key, answer in _of_papers(papers).items():
            found[key] = Offered(answer, f"from the intake papers, {papers_on:%-d %b %Y}")
    if language:
        found.setdefault(
            "culture.language", Offered(_LANGUAGES.get(language, language), "from the registration")
        )
    past = [(one.say(), f"from earlier episodes here, last {one.began:%-d %b %Y}") for one in earlier]
    stays = [h for h in handed_over if h.kind == "encounter"]
    history = [said for said, _ in past] + [f"{h.said}." for h in stays]
    if history:
        sources = [source for _, source in past[:1]] + ([_from(stays)] if stays else [])
        found["treatment-history"] = Offered("\n".join(history), "; ".join(sources))
    if earlier:
        found["treatment-history.iop"] = Offered(str(len(earlier)), past[0][1])
    for key, rows in {
        "health": [h for h in handed_over if h.kind == "problem" and not h.code.startswith("F")],
        "mental-health.diagnosed": [
            h
            for h in handed_over
            if h.kind == "problem" and h.code.startswith("F") and not h.code.startswith("F1")
        ],
        "substances": [h for h in handed_over if h.kind == "problem" and h.code.startswith("F1")],
        "health.medicines": [h for h in handed_over if h.kind == "medication"],
        "health.allergies": [h for h in handed_over if h.kind == "allergy"],
    }.items():
        if rows:
            said = "; ".join(dict.fromkeys(h.said for h in rows))
            most = 300 if key in ("health.allergies", "mental-health.diagnosed") else 8000
            found[key] = Offered(said[:most], _from(rows))
    if handed_over and "reason.route" not in found:
        found["reason.route"] = Offered("inpatient", _from(handed_over))
    return found


def _from(rows: Sequence[HandedOver]) -> str:
    return f"from the hand-off of {max(row.on for row in rows):%-d %b %Y}"


def _of_inquiry(asked: AskedFor) -> dict[str, str]:
    told = {"reason": asked.about.strip(), "reason.referred": asked.referred_by.strip()}
    if asked.source == "handoff":
        told["reason.route"] = "inpatient"
    elif asked.asking_for == "family":
        told["reason.route"] = "family"
    elif asked.asking_for == "self" and asked.source in ("web", "phone"):
        told["reason.route"] = "self"
    return {key: answer[:8000] for key, answer in told.items() if answer}


def _of_papers(papers: Mapping[str, object]) -> dict[str, str]:
    told: dict[str, str] = {}
    if str(papers.get("housing")) in _HOUSING:
        told["housing.kind"] = str(papers["housing"])
    if str(papers.get("home_safe")) in ("yes", "no", "unsure"):
        told["trauma.safe"] = str(papers["home_safe"])
    if str(papers.get("transport")) in _TRANSPORT:
        told["work-school.transport"] = str(papers["transport"])
    spoken = str(papers.get("language_other") or "") or _LANGUAGES.get(str(papers.get("language") or ""), "")
    if spoken:
        told["culture.language"] = spoken[:300]
    people = []
    if papers.get("household"):
        people.append(f"{papers['household']} in the household")
    if papers.get("children"):
        people.append(f"{papers['children']} of them children")
    lines = [", ".join(people)] if people else []
    if papers.get("emergency_name"):
        relation = f" ({papers['emergency_relation']})" if papers.get("emergency_relation") else ""
        lines.append(f"In an emergency: {papers['emergency_name']}{relation}")
    if lines:
        told["family"] = ". ".join(lines) + "."
    return told
