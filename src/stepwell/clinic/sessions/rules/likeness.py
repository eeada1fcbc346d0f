"""How alike texts are, to warn of cloned notes before a payer does. It counts, it does not scold.

The measure: fold case, keep letters and digits, cut into words, take every run of three words (a shingle) as a
set, and divide the shingles both texts have by those either has (Jaccard index): 0 is nothing in common, 1 the
same words in the same order. Texts below three words are compared as one whole. The person's own name is left out
first, so that a name alone makes no two parts different. docs/algorithms/likeness.md works an example.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

SHINGLE_WORDS = 3

_Shingles = frozenset[tuple[str, ...]]
_NAME = "·"
"""Stands for the person's own name; no word of a text is it."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What is written of one person. `called` is left out of the comparison."""

    key: int | str
    called: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How much a part has in common with the one most like it: 0 to 1, two decimals.

    `with_whom` is the key of the other person's part; None with one of the person's own earlier parts or with
    nothing. `own_sentence`: the part has a sentence that stands in none of the others.
    """

    value: Decimal
    with_whom: int | str | None
    own_sentence: bool
    sentence: str

    @property
    def percent(self) -> int:
        return int(self.value * 100)


@dataclass(frozen=True, kw_only=True)
class Clone:
    """Two people whose parts are too much alike, and by how much."""

    first: int | str
    second: int | str
    likeness: Decimal
    sentence: str


def text_likeness(a: str, b: str) -> Decimal:
    """From 0 to 1 with two decimals; two empty texts are not alike (there is nothing that was copied)."""
    return _jaccard(_shingles(_words(a)), _shingles(_words(b)))


def likeness_of(
    part: Written,
    others: Iterable[Written],
    own_last: Sequence[str],
    *,
    ignoring: Iterable[str] = (),
    own_words: int = 4,
) -> Likeness:
    """How like this part is to the parts of the others and to the person's own last parts: the highest counts.

    `ignoring` are texts that are meant to be the same for all, such as the shared part. `own_words`: words that a
    sentence needs to count as a sentence of the person's own.
    """
    return likenesses([part, *others], {part.key: own_last}, ignoring=ignoring, own_words=own_words)[part.key]


def likenesses(
    parts: Sequence[Written],
    own_last: Mapping[int | str, Sequence[str]],
    *,
    ignoring: Iterable[str] = (),
    own_words: int = 4,
) -> dict[int | str, Likeness]:
    """`likeness_of` of every part at once, by key: each text is cut once. Keys are all different."""
    shared = frozenset().union(*(_shingles(_words(text)) for text in ignoring))
    words = {part.key: _words(part.text, part.called) for part in parts}
    cut = {key: _shingles(found) - shared for key, found in words.items()}
    earlier = {part.key: [_words(text, part.called) for text in own_last.get(part.key, ())] for part in parts}
    most: dict[int | str, tuple[Decimal, int | str | None]] = {}
    for part in parts:
        own = max(
            (_jaccard(cut[part.key], _shingles(each) - shared) for each in earlier[part.key]), default=_NONE
        )
        most[part.key] = (own, None)
    for first, second in combinations(cut, 2):
        value = _jaccard(cut[first], cut[second])
        for one, other in ((first, second), (second, first)):
            if value > most[one][0]:
                most[one] = (value, other)
    called = {part.key: part.called for part in parts}
    running = {key: _running(found) for key, found in words.items()}
    found = {}
    for part in parts:
        value, whom = most[part.key]
        elsewhere = [running[key] for key in words if key != part.key] + [
            _running(each) for each in earlier[part.key]
        ]
        found[part.key] = Likeness(
            value=value,
            with_whom=whom,
            own_sentence=value == 0 or _has_own_sentence(part, elsewhere, own_words),
            sentence=_said(value, called[part.key], None if whom is None else called[whom]),
        )
    return found


def clones(
    parts: Mapping[int | str, str], threshold: Decimal, ignoring: Iterable[str] = ()
) -> tuple[Clone, ...]:
    """Pairs of personal parts at or above the threshold, most alike first.

    `ignoring` are texts that are meant to be the same for all, such as the shared part: their shingles are
    left out of the comparison.
    """
    shared = frozenset().union(*(_shingles(_words(text)) for text in ignoring))
    cut = {key: _shingles(_words(text)) - shared for key, text in parts.items()}
    found = []
    for first, second in combinations(cut, 2):
        likeness = _jaccard(cut[first], cut[second])
        if likeness >= threshold and likeness > 0:
            found.append(
                Clone(
                    first=first,
                    second=second,
                    likeness=likeness,
                    sentence=f"These two parts are {likeness * 100:.0f} % the same; say what was different for each.",
                )
            )
    return tuple(sorted(found, key=lambda clone: -clone.likeness))


def _said(value: Decimal, called: str, other: str | None) -> str:
    if value == 0:
        return f"Nothing of {called}'s part stands in another one."
    if other is None:
        return f"{value * 100:.0f} % of {called}'s part as in an earlier session."
    return f"{value * 100:.0f} % of {called}'s part as in {other}'s."


def _running(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _has_own_sentence(part: Written, elsewhere: Sequence[str], least: int) -> bool:
    for sentence in re.split(r"[.!?…\n]+", part.text):
        words = _words(sentence, part.called)
        if len(words) >= least and not any(_running(words) in text for text in elsewhere):
            return True
    return False


def _words(text: str, called: str = "") -> list[str]:
    """The words, folded; those of the name are replaced by one mark."""
    words = re.findall(r"\w+", text.casefold())
    name = re.findall(r"\w+", called.casefold())
    return [_NAME if word in name else word for word in words] if name else words


def _shingles(words: Sequence[str]) -> _Shingles:
    if not words:
        return frozenset()
    if len(words) < SHINGLE_WORDS:
        return frozenset({tuple(words)})
    return frozenset(zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False))


_NONE = Decimal("0.00")


def _jaccard(a: _Shingles, b: _Shingles) -> Decimal:
    both = len(a & b)
    return (Decimal(both) / Decimal(len(a) + len(b) - both)).quantize(_NONE) if both else _NONE
