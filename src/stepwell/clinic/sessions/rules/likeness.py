"""How alike two texts are, to warn of cloned notes before a payer does.

The measure: fold case, keep letters and digits, cut into words, take every run of three words (a shingle) as a
set, and divide the shingles both texts have by those either has (Jaccard index): 0 is nothing in common, 1 the
same words in the same order. Texts below three words are compared as one whole.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

SHINGLE_WORDS = 3


@dataclass(frozen=True, kw_only=True)
class Clone:
    """Two people whose parts are too much alike, and by how much."""

    first: int | str
    second: int | str
    likeness: Decimal
    sentence: str


def text_likeness(a: str, b: str) -> Decimal:
    """From 0 to 1 with two decimals; two empty texts are not alike (there is nothing that was copied)."""
    return _jaccard(_shingles(a), _shingles(b))


def clones(
    parts: Mapping[int | str, str], threshold: Decimal, ignoring: Iterable[str] = ()
) -> tuple[Clone, ...]:
    """Pairs of personal parts at or above the threshold, most alike first.

    `ignoring` are texts that are meant to be the same for all, such as the shared part: their shingles are
    left out of the comparison.
    """
    shared = frozenset().union(*(_shingles(text) for text in ignoring))
    cut = {key: _shingles(text) - shared for key, text in parts.items()}
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


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    if not words:
        return frozenset()
    if len(words) < SHINGLE_WORDS:
        return frozenset({tuple(words)})
    return frozenset(tuple(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1))


def _jaccard(a: frozenset[tuple[str, ...]], b: frozenset[tuple[str, ...]]) -> Decimal:
    if not a or not b:
        return Decimal("0.00")
    return (Decimal(len(a & b)) / Decimal(len(a | b))).quantize(Decimal("0.01"))
