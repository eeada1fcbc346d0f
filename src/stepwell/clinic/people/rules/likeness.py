"""Is this person already on file? Names, birth date, phone and e-mail, weighed with reasons.

The score is only for ordering and for asking a person to look; nothing is ever merged by it.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """What is known of somebody when a record is about to be made."""

    given_name: str
    family_name: str
    preferred_name: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Match:
    """From 0 (nothing in common) to 100, with what speaks for and against. `probable` asks a person to look."""

    score: int
    probable: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Weights:
    probable_from: int
    points: dict[str, int]
    nicknames: dict[str, frozenset[str]]


@cache
def _weights() -> _Weights:
    raw = json.loads(files("stepwell.clinic.people").joinpath("data/matching.json").read_text("utf-8"))
    known_as: dict[str, set[str]] = {}
    for number, names in enumerate(raw["nicknames"]):
        for name in names:
            known_as.setdefault(name, set()).add(str(number))
    return _Weights(
        probable_from=raw["probable_from"],
        points=raw["points"],
        nicknames={name: frozenset(groups) for name, groups in known_as.items()},
    )


def folded(name: str) -> str:
    """A name without accents, case, punctuation and doubled spaces: "Núñez-O’Brien " is "nunez obrien"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    plain = plain.replace("ø", "o").replace("ł", "l").replace("đ", "d").replace("æ", "ae")
    plain = re.sub(r"['’`.]", "", plain)
    return " ".join(re.sub(r"[^\w]+", " ", plain).split())


def phone_digits(phone: str) -> str:
    """The digits of a phone number without the country code 1 and without an extension."""
    digits = re.sub(r"\D", "", re.split(r"(?i)\s*(?:x|ext\.?)\s*\d", phone)[0])
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def likeness(a: PersonFacts, b: PersonFacts) -> Match:
    """How likely it is that these are one person; the same whichever is named first."""
    weights = _weights()
    found = [
        *_family(a, b),
        *_given(a, b, weights),
        *_birth(a, b),
        *_reach(a, b),
    ]
    score = max(0, min(100, sum(weights.points[key] for key, _ in found)))
    return Match(
        score=score,
        probable=score >= weights.probable_from,
        reasons=tuple(sentence for _, sentence in found),
    )


def probable_duplicates(
    new: PersonFacts, on_file: Iterable[tuple[int | str, PersonFacts]]
) -> tuple[tuple[int | str, Match], ...]:
    """The records a person should look at before a new one is made, most alike first."""
    matches = [(key, likeness(new, facts)) for key, facts in on_file]
    return tuple(sorted((m for m in matches if m[1].probable), key=lambda m: -m[1].score))


def _family(a: PersonFacts, b: PersonFacts) -> list[tuple[str, str]]:
    left, right = folded(a.family_name), folded(b.family_name)
    if not left or not right:
        return []
    if left == right:
        return [("family_name_same", "Same family name.")]
    if set(left.split()) & set(right.split()):
        return [("family_name_shared", "Part of the family name is the same.")]
    if _one_slip(left, right):
        return [("family_name_close", "The family names differ by one letter.")]
    if left in _all_names(b) and right in _all_names(a):
        return [("names_swapped", "Given and family name are the other way round.")]
    return [("family_name_differs", "The family names differ.")]


def _given(a: PersonFacts, b: PersonFacts, weights: _Weights) -> list[tuple[str, str]]:
    left, right = _all_names(a), _all_names(b)
    if not left or not right:
        return []
    if left & right:
        return [("given_name_same", "Same given name.")]
    if _nickname_groups(left, weights) & _nickname_groups(right, weights):
        return [("given_name_nickname", "One given name is a short form of the other.")]
    if any(_one_slip(x, y) for x in left for y in right):
        return [("given_name_close", "The given names differ by one letter.")]
    if any(x[0] == y[0] and 1 in (len(x), len(y)) for x in left for y in right):
        return [("given_name_initial", "Same initial.")]
    return [("given_name_differs", "The given names differ.")]


def _all_names(person: PersonFacts) -> frozenset[str]:
    names = {folded(person.given_name), folded(person.preferred_name)}
    names |= {name.split()[0] for name in names if name}
    return frozenset(names - {""})


def _nickname_groups(names: frozenset[str], weights: _Weights) -> frozenset[str]:
    return frozenset().union(*(weights.nicknames.get(name, frozenset()) for name in names))


def _birth(a: PersonFacts, b: PersonFacts) -> list[tuple[str, str]]:
    one, other = a.birth_date, b.birth_date
    if one is None or other is None:
        return []
    if one == other:
        return [("birth_date_same", "Same date of birth.")]
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return [("birth_date_swapped", "Day and month of birth are the other way round.")]
    differing = sum(x != y for x, y in zip(one.isoformat(), other.isoformat(), strict=True))
    if differing == 1:
        return [("birth_date_close", "The dates of birth differ by one digit.")]
    return [("birth_date_differs", "The dates of birth differ.")]


def _reach(a: PersonFacts, b: PersonFacts) -> list[tuple[str, str]]:
    found = []
    left, right = phone_digits(a.phone), phone_digits(b.phone)
    if len(left) >= 7 and len(right) >= 7 and (left.endswith(right) or right.endswith(left)):
        found.append(("phone_same", "Same phone number."))
    if a.email.strip() and a.email.strip().casefold() == b.email.strip().casefold():
        found.append(("email_same", "Same e-mail address."))
    return found


def _one_slip(a: str, b: str) -> bool:
    """One letter changed, added or left out, or two neighbors swapped; only in names of four letters and more."""
    if min(len(a), len(b)) < 4 or abs(len(a) - len(b)) > 1 or a == b:
        return False
    if len(a) == len(b):
        wrong = [i for i in range(len(a)) if a[i] != b[i]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return len(wrong) == 1 or (swapped and a[wrong[0]] == b[wrong[1]] and a[wrong[1]] == b[wrong[0]])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
