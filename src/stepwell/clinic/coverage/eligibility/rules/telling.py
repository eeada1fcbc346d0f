"""An answer while it is read: which of its lines are ours, and what is known and doubted so far."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from .code_words import percent_words
from .reading import Reading
from .summary import LABELS, Told, Unknown, Value
from .told import Answer, BenefitTold, Source


class Telling:
    """The lines told for our place of service, and the values and doubts read out of them until now."""

    def __init__(self, answer: Answer, network: bool | None, on: date, reading: Reading) -> None:
        self.answer, self.network, self.on, self.reading = answer, network, on, reading
        self.lines = [b for b in answer.benefits if not b.places or reading.places & set(b.places)]
        self.values: list[Value] = []
        self.unknown: list[Unknown] = []

    # choosing lines

    def nearest(self, wanted: Callable[[BenefitTold], bool], but: Sequence[str] = ()) -> list[BenefitTold]:
        """The lines of the first group of service types, nearest to ours, about which anything of the kind was told."""
        lines = [b for b in self.lines if wanted(b)]
        for group in self.reading.ours:
            if group & set(but):
                continue
            found = [b for b in lines if group & set(b.service_types)]
            if found:
                return found
        return [b for b in lines if not b.service_types] if "30" not in but else []

    def for_our_network(self, lines: list[BenefitTold]) -> list[BenefitTold]:
        """Those that hold for us: of our side of the network, else those that hold on both."""
        if self.network is None:
            return lines
        own = [b for b in lines if b.network == ("Y" if self.network else "N")]
        return own or [b for b in lines if b.network not in ("Y", "N")]

    def rank(self, line: BenefitTold) -> int:
        """How near to ours its service types are, 0 the nearest."""
        types = set(line.service_types)
        return next((n for n, group in enumerate(self.reading.ours) if group & types), len(self.reading.ours))

    @staticmethod
    def ways(lines: Sequence[BenefitTold]) -> str:
        """The amounts or shares as they were told, each with its side of the network."""
        sides = {"Y": " in network", "N": " out of network"}
        return ", ".join(
            dict.fromkeys(
                (percent_words(b.share) if b.share is not None else f"${b.amount:,.2f}")
                + sides.get(b.network, "")
                for b in lines
                if b.share is not None or b.amount is not None
            )
        )

    # what was found

    def know(self, key: str, value: Told, lines: Sequence[BenefitTold], more: Iterable[Source] = ()) -> None:
        """One more value, with the lines and whatever else it was read from."""
        self.values.append(
            Value(
                key=key,
                label=LABELS[key],
                value=value,
                sources=tuple(dict.fromkeys((*sources_of(lines), *more))),
            )
        )

    def doubt(self, key: str, because: str, sources: Iterable[Source]) -> None:
        """One more fact that stays unknown, and why."""
        self.unknown.append(Unknown(key=key, label=LABELS[key], because=because, sources=tuple(sources)))


def sources_of(lines: Sequence[BenefitTold]) -> tuple[Source, ...]:
    """Where these lines stand in the answer."""
    return tuple(b.source for b in lines)
