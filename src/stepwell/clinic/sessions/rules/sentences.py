"""The sentence that a person's taps write, for the facilitator to change.

Plain words from dated data, several forms of each. Which form is taken follows from the person's name and the topic
alone, so the same taps always write the same sentence: what still equals it was not touched by anybody.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

Forms = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """The forms by what they say. `on` stands after a verb when there is a topic; `no_skill` when no skill is named."""

    participation: Mapping[str, Forms]
    affect: Mapping[str, Forms]
    response: Mapping[str, Forms]
    on: Forms
    no_skill: Forms
    objective: Forms


@cache
def load_sentences() -> Sentences:
    """The forms that ship with this version."""
    raw = json.loads(files("stepwell.clinic.sessions").joinpath("data/sentences.json").read_text("utf-8"))
    by_value: dict[str, Mapping[str, Forms]] = {
        name: {value: tuple(forms) for value, forms in raw[name].items()} for name in _BY_VALUE
    }
    plain: dict[str, Forms] = {name: tuple(raw[name]) for name in ("on", "no_skill", "objective")}
    return Sentences(
        participation=by_value["participation"],
        affect=by_value["affect"],
        response=by_value["response"],
        **plain,
    )


_BY_VALUE = ("participation", "affect", "response")


def sentence_of(
    called: str, pronouns: str, chips: Mapping[str, str], skill: str, objective: str, topic: str
) -> str:
    """What the taps say of one person; "" while neither participation nor response is chosen.

    `chips` holds participation, affect and response by their values; a value that is no longer offered is left out.
    `pronouns` as the person gave them ("she/her"); without any, or with others than she, he and they, the name is
    said again, so that nobody is given a pronoun. `objective` and `topic` are quoted as they are, "" for none.
    """
    known = load_sentences()
    said = {name: getattr(known, name).get(chips.get(name, ""), ()) for name in _BY_VALUE}
    if not (said["participation"] or said["response"]):
        return ""
    pick = _Pick(called, topic)
    words = _words(called, pronouns)
    topic, skill, objective = (_one_line(text).rstrip(".") for text in (topic, skill, objective))
    words["on"] = pick.one("on", known.on).replace("{topic}", topic) if topic else ""
    words["skill"] = skill or pick.one("no_skill", known.no_skill)
    words["objective"] = objective
    sentences = [pick.one(name, forms) for name, forms in said.items() if forms]
    if objective:
        sentences.append(pick.one("objective", known.objective))
    # Whoever is not introduced by the first sentence is introduced by the name.
    if not said["participation"]:
        sentences[0] = sentences[0].replace("{They}", "{Name}").replace("{Their}", "{Name}'s")
    return " ".join(_filled(sentence, words) for sentence in sentences)


class _Pick:
    """Chooses forms by name and topic: the same for the same, spread for different people."""

    def __init__(self, called: str, topic: str) -> None:
        self.seed = f"{called}\n{topic}"

    def one(self, slot: str, forms: Forms) -> str:
        number = int.from_bytes(sha256(f"{slot}\n{self.seed}".encode()).digest()[:4], "big")
        return forms[number % len(forms)]


def _words(called: str, pronouns: str) -> dict[str, str]:
    they, their = _PRONOUNS.get(pronouns.partition("/")[0].strip().casefold(), (called, f"{called}'s"))
    return {
        "Name": _upper(called),
        "name": called,
        "They": _upper(they),
        "they": they,
        "Their": _upper(their),
        "their": their,
    }


_PRONOUNS = {"she": ("she", "her"), "he": ("he", "his"), "they": ("they", "their")}


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _filled(form: str, words: Mapping[str, str]) -> str:
    """The form with its words, each put in once: a topic or a name with braces in it is not read as a form."""
    pieces = []
    for piece in form.split("{"):
        name, brace, rest = piece.partition("}")
        pieces.append(words[name] + rest if brace and name in words else piece)
    return "".join(pieces)
