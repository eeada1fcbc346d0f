"""Which records are substance-use data under 42 CFR Part 2, and their DS4P labels.

A record is labelled by its own codes, by the words people read in it, by labels that the sender put on
it, and by what it points at: a drug prescribed for a labelled problem, or in a labelled stay, is
labelled too. The lists are `data/handoff_part2.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stepwell.clinic.inquiry.handoff.bundle import Bundle, references
from stepwell.clinic.inquiry.handoff.data import listed
from stepwell.clinic.inquiry.handoff.tree import Coding, Node

PART_2 = "42CFRPart2"

# These name people and places, or hang together with everything: a label must not spread through them.
_NO_BRIDGE = frozenset(
    {"Patient", "Organization", "Practitioner", "PractitionerRole", "Location", "RelatedPerson"}
)
_READ_BY_PEOPLE = frozenset({"display", "text", "patientInstruction", "description", "title"})
_CODE_LISTS = ("icd", "icd9", "snomed", "rxnorm", "service")
_LOOKS_ICD = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")


def labels_by_path(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    """The labels of each record of the bundle, by its path; records without any are absent.

    Labels come in a fixed order: those of every Part 2 record, then sensitivities, then other labels
    of the sender.
    """
    found: dict[str, set[str]] = {}
    read: dict[str, frozenset[str]] = {}  # the same words come again and again; kept for this file only
    for resource in bundle.resources:
        own = own_sensitivities(resource.node, read)
        if own:
            found[resource.path] = own
    _spread(bundle, found)
    return {r.path: labels for r in bundle.resources if (labels := _ordered(found.get(r.path), r.node))}


def own_sensitivities(node: Node, read: dict[str, frozenset[str]]) -> set[str]:
    """ETH, ETHUD, OPIOIDUD or SUD, as far as this record alone tells. `read` remembers texts compared."""
    found: set[str] = set()
    for coding in _codings(node.value):
        found |= of_coding(coding)
    for text in _texts(node.value):
        if text not in read:
            read[text] = of_words(text)
        found |= read[text]
    rules = listed("handoff_part2")
    sent = {c for c in _sender_labels(node) if c in rules["sender"]}
    if sent:
        found |= {c for c in sent if not c.startswith(PART_2)} or {"SUD"}
    return found


def of_coding(coding: Coding) -> set[str]:
    """The sensitivity of one code; empty when it is not in the lists."""
    rules: dict[str, Any] = listed("handoff_part2")
    code = coding.code.strip().upper()
    for name in _CODE_LISTS:
        table = rules[name]
        if coding.system in table["systems"]:
            break
    else:
        if coding.system or not _LOOKS_ICD.fullmatch(code):
            return set()
        table = rules["icd"]  # hospitals do send ICD-10 codes without their list's name
    if "begins" in table:
        bare = code.replace(".", "")
        longest = max((b for b in table["begins"] if bare.startswith(b)), key=len, default="")
        label = table["begins"].get(longest, "")
    else:
        label = table["codes"].get(code, "")
    return {label} if label else set()


def of_words(text: str) -> frozenset[str]:
    """The sensitivity that the words of one text tell; empty when they tell none."""
    words = listed("handoff_part2")["words"]
    plain = _plain(text)
    for phrase in words["never"]:
        plain = plain.replace(f" {phrase} ", " ")
    found = {label for phrase, label in words["alone"].items() if f" {phrase} " in plain}
    if any(f" {state} " in plain for state in words["states"]["any"]):
        found |= {label for substance, label in words["substances"].items() if f" {substance} " in plain}
    return frozenset(found)


def _plain(text: str) -> str:
    """Small letters, single blanks, nothing but letters and digits, a blank at each end."""
    return " " + " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split()) + " "


def _spread(bundle: Bundle, found: dict[str, set[str]]) -> None:
    """Give each record the labels of what it points at, however long the way."""
    pointed_at_by: dict[str, list[str]] = {}
    for resource in bundle.resources:
        for text, _ in references(resource.node):
            target = bundle.find(text, resource)
            if target and target.type not in _NO_BRIDGE:
                pointed_at_by.setdefault(target.path, []).append(resource.path)
    to_tell = list(found)
    while to_tell:
        path = to_tell.pop()
        for pointing in pointed_at_by.get(path, []):
            gained = found[path] - found.get(pointing, set())
            if gained:
                found.setdefault(pointing, set()).update(gained)
                to_tell.append(pointing)


def _ordered(sensitivities: set[str] | None, node: Node) -> tuple[str, ...]:
    sent = _sender_labels(node)
    ours = [*listed("handoff_part2")["always"], *sorted(sensitivities)] if sensitivities else []
    return (*ours, *sorted({s for s in sent if s not in ours and len(s) <= 60}))


def _sender_labels(node: Node) -> tuple[str, ...]:
    meta = node.node("meta")
    return tuple(s.text("code") for s in meta.nodes("security") if s.text("code")) if meta else ()


def _codings(value: object) -> Iterator[Coding]:
    for inner in _objects(value):
        code = inner.get("code")
        if isinstance(code, str):
            system, display = inner.get("system"), inner.get("display")
            yield Coding(
                system if isinstance(system, str) else "", code, display if isinstance(display, str) else ""
            )


def _texts(value: object) -> Iterator[str]:
    for inner in _objects(value):
        for key, text in inner.items():
            if key in _READ_BY_PEOPLE and isinstance(text, str):
                yield text


def _objects(value: object) -> Iterator[dict[str, object]]:
    """Every object below, contained records, labels and the drawn-up narrative left out."""
    waiting = [value]
    top = True
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(v for k, v in found.items() if not (top and k in ("contained", "meta", "text")))
            top = False
        elif isinstance(found, list):
            waiting.extend(found)
