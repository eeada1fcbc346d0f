"""Reading a file from a payer or clearinghouse: answers about eligibility (271), receipts (TA1, 999), what else came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stepwell.clinic.coverage.eligibility.rules.told import (
    Answer,
    BenefitTold,
    Dated,
    Entity,
    PersonTold,
    Receipt,
    Reference,
    Rejection,
    Source,
)

from .segments import Delimiters, Interchange, Segment, Transaction, interchanges, repeated
from .values import day, number, share, span

_LEVELS = {"20": "payer", "21": "provider", "22": "subscriber", "23": "dependent"}
_NAMES = {
    "270": "a question about eligibility (270)",
    "276": "a question about a claim (276)",
    "277": "the state of a claim (277)",
    "278": "an authorization (278)",
    "834": "an enrollment (834)",
    "835": "a remittance (835)",
    "837": "a claim (837)",
    "997": "a receipt (997)",
    "999": "a receipt (999)",
}


_MOST = 9_999_999
"""Dollars; more is no benefit of one person but a slip."""
_MOST_OF_ANYTHING = 9_999


@dataclass(frozen=True)
class X12File:
    """What a file held."""

    control_numbers: tuple[str, ...]
    answers: tuple[Answer, ...]
    receipts: tuple[Receipt, ...]
    others: tuple[str, ...]
    """What else was in it, in words."""

    @property
    def held(self) -> str:
        """What the file is, in words, when it has no answer."""
        if self.receipts:
            return "a receipt"
        return " and ".join(dict.fromkeys(self.others)) or "an empty envelope"


def read_file(raw: bytes) -> X12File:
    """Everything in the file. Raises `NotX12` with one sentence; never anything else."""
    answers: list[Answer] = []
    receipts: list[Receipt] = []
    others: list[str] = []
    found = interchanges(raw)
    for one in found:
        receipts += [_technical(segment) for segment in one.receipts]
        for transaction in one.transactions:
            if transaction.kind == "271" and transaction.guide.startswith("005010X279"):
                answers += _Reader(one, transaction).answers()
            elif transaction.kind == "999":
                receipts += _functional(transaction)
            elif transaction.kind == "271":
                others.append(f"an answer about eligibility in the version {transaction.guide or 'not told'}")
            else:
                others.append(_NAMES.get(transaction.kind, f"a transaction {transaction.kind[:6]}"))
    return X12File(tuple(one.control_number for one in found), tuple(answers), tuple(receipts), tuple(others))


def _source(segment: Segment) -> Source:
    return Source(segment.number, segment.text)


def _technical(segment: Segment) -> Receipt:
    """TA1: of the envelope. E means taken with errors."""
    taken = segment[4] in ("A", "E")
    codes = () if segment[4] == "A" else (segment[5],)
    return Receipt(control_number=segment[1], taken=taken, codes=codes, source=_source(segment))


def _functional(transaction: Transaction) -> list[Receipt]:
    """999: of a group, with the codes of what was wrong in it."""
    group, codes, answer = "", [], None
    for segment in transaction.segments:
        if segment.name == "AK1":
            group = segment[2]
        elif segment.name == "IK5" and segment[1] not in ("A", "E"):
            codes += [code for code in segment.elements[1:] if code.strip()] or ["R"]
        elif segment.name == "AK9":
            answer = segment
    if answer is None:
        return []
    return [
        Receipt(
            control_number=group,
            taken=answer[1] in ("A", "E"),
            codes=tuple(dict.fromkeys(codes)),
            source=_source(answer),
        )
    ]


@dataclass
class _Subject:
    """One hierarchical level (HL) and what stands under it."""

    level: str
    segments: list[Segment]


class _Reader:
    """One 271, its levels from the payer down to each person."""

    def __init__(self, interchange: Interchange, transaction: Transaction) -> None:
        self.interchange, self.transaction = interchange, transaction
        self.delimiters: Delimiters = interchange.delimiters

    def answers(self) -> list[Answer]:
        head, subjects = self._levels()
        beginning = next((s for s in head if s.name == "BHT"), None)
        payer = provider = None
        above: list[Rejection] = []
        made: list[Answer] = []
        subscriber: Answer | None = None
        plain = Answer(
            control_number=self.interchange.control_number,
            test=self.interchange.test,
            sent_on=(day(beginning[4]) if beginning else None) or day(self.interchange.date),
            reference=beginning[3] if beginning else "",
            traces=(), payer=None, provider=None, subscriber=None, dependent=None, references=(), dates=(),
            benefits=(), rejections=(), remarks=self.transaction.remarks,
        )  # fmt: skip
        for place, subject in enumerate(subjects):
            if subject.level == "payer":
                payer, provider, subscriber = self._entity_of(subject), None, None
                above = self._rejections(subject)
            elif subject.level == "provider":
                provider = self._entity_of(subject)
                above = [r for r in above if r.level == "payer"] + self._rejections(subject)
            else:
                one = self._person(replace(plain, payer=payer, provider=provider), subject)
                one = replace(one, rejections=(*above, *one.rejections))
                if subject.level == "subscriber":
                    subscriber = one
                    if self._next_level(subjects, place) == "dependent":
                        continue  # the subscriber is only named; the dependents are what was asked
                elif subscriber is not None:
                    one = replace(
                        one,
                        subscriber=subscriber.subscriber,
                        traces=one.traces or subscriber.traces,
                        references=(*subscriber.references, *one.references),
                        dates=one.dates or subscriber.dates,
                        benefits=one.benefits or subscriber.benefits,
                        rejections=(*subscriber.rejections, *(r for r in one.rejections if r not in above)),
                    )
                made.append(one)
        if not made:
            # Refused before anybody was named: the reference alone says what it answers.
            made.append(replace(plain, payer=payer, provider=provider, rejections=tuple(above)))
        return made

    def _levels(self) -> tuple[list[Segment], list[_Subject]]:
        head: list[Segment] = []
        subjects: list[_Subject] = []
        for segment in self.transaction.segments[:-1]:
            if segment.name == "HL":
                subjects.append(_Subject(_LEVELS.get(segment[3], "other"), []))
            elif subjects:
                subjects[-1].segments.append(segment)
            else:
                head.append(segment)
        return head, [s for s in subjects if s.level != "other"]

    @staticmethod
    def _next_level(subjects: Sequence[_Subject], place: int) -> str:
        return subjects[place + 1].level if place + 1 < len(subjects) else ""

    def _entity_of(self, subject: _Subject) -> Entity | None:
        found: Entity | None = None
        for segment in subject.segments:
            if segment.name == "NM1" and found is None:
                found = _entity(segment)
            elif segment.name == "PER" and found is not None:
                found = replace(found, contacts=(*found.contacts, *_contacts(segment)))
        return found

    @staticmethod
    def _rejections(subject: _Subject) -> list[Rejection]:
        return [_rejection(s, subject.level) for s in subject.segments if s.name == "AAA" and s[3]]

    def _person(self, plain: Answer, subject: _Subject) -> Answer:
        person: PersonTold | None = None
        traces: list[str] = []
        references: list[Reference] = []
        dates: list[Dated] = []
        rejections: list[Rejection] = []
        remarks = list(plain.remarks)
        benefits: list[_Benefit] = []
        inside = False
        for s in subject.segments:
            name = s.name
            if name == "EB":
                benefits.append(_Benefit(s, self.delimiters))
                inside = False
            elif name in ("LS", "LE"):
                inside = name == "LS"
            elif (
                benefits
                and name not in ("TRN", "INS", "DMG")
                and not (name == "NM1" and s[1] in ("IL", "03"))
            ):
                if name == "AAA" and s[3]:
                    rejections.append(_rejection(s, "benefit"))
                else:
                    benefits[-1].take(s, inside)
            elif name == "TRN" and s[2]:
                traces.append(s[2])
            elif name == "NM1" and s[1] in ("IL", "03"):
                member = s[9] if s[8] in ("MI", "II", "ZZ", "") else ""
                person = PersonTold(
                    given_name=s[4],
                    family_name=s[3],
                    member_id=member,
                    birth_date=None,
                    sex="",
                    source=_source(s),
                )
            elif name == "DMG" and person is not None:
                born = day(s[2]) if s[1] in ("D8", "") else None
                person = replace(person, birth_date=born, sex=s[3] if s[3] in ("F", "M") else "")
            elif name == "REF" and s[2]:
                references.append(_reference(s))
            elif name == "DTP":
                told = _dated(s)
                if told is None:
                    remarks.append(f"A date could not be read (segment {s.number}).")
                else:
                    dates.append(told)
            elif name == "AAA" and s[3]:
                rejections.append(_rejection(s, subject.level))
        told_benefits = [b.told() for b in benefits]
        remarks += [remark for b in benefits for remark in b.remarks]
        return replace(
            plain,
            traces=tuple(dict.fromkeys(traces)),
            subscriber=person if subject.level == "subscriber" else None,
            dependent=person if subject.level == "dependent" else None,
            references=tuple(references),
            dates=tuple(dates),
            benefits=tuple(told_benefits),
            rejections=tuple(rejections),
            remarks=tuple(dict.fromkeys(remarks)),
        )


class _Benefit:
    """An EB segment while what belongs to it is read."""

    def __init__(self, segment: Segment, delimiters: Delimiters) -> None:
        self.segment, self.delimiters = segment, delimiters
        self.messages: list[str] = []
        self.dates: list[Dated] = []
        self.references: list[Reference] = []
        self.entities: list[Entity] = []
        self.places: list[str] = []
        self.deliveries: list[str] = []
        self.remarks: list[str] = []

    def take(self, s: Segment, inside: bool) -> None:
        """A segment behind the EB; `inside` of the loop that names others (LS to LE)."""
        if s.name == "NM1":
            self.entities.append(_entity(s))
        elif s.name == "PER" and self.entities:
            last = self.entities[-1]
            self.entities[-1] = replace(last, contacts=(*last.contacts, *_contacts(s)))
        elif inside or self.entities:
            return  # address and specialty of a named party
        elif s.name == "MSG" and s[1]:
            self.messages.append(s[1])
        elif s.name == "REF" and s[2]:
            self.references.append(_reference(s))
        elif s.name == "III" and s[1] == "ZZ" and s[2]:
            self.places.append(s[2])
        elif s.name == "HSD":
            self.deliveries.append(
                " ".join(part for part in (s[position] for position in range(1, 9)) if part)
            )
        elif s.name == "DTP":
            told = _dated(s)
            if told is None:
                self.remarks.append(f"A date could not be read (segment {s.number}).")
            else:
                self.dates.append(told)

    def told(self) -> BenefitTold:
        s = self.segment
        amount, part, quantity = number(s[7]), share(s[8]), number(s[10])
        if amount is not None and not (0 <= amount <= _MOST and amount == round(amount, 2)):
            amount = None
        if quantity is not None and not 0 <= quantity <= _MOST_OF_ANYTHING:
            quantity = None
        for what, text, read in (
            ("amount", s[7], amount),
            ("share", s[8], part),
            ("quantity", s[10], quantity),
        ):
            if text and read is None:
                self.remarks.append(f"The {what} “{text[:20]}” could not be read (segment {s.number}).")
        return BenefitTold(
            kind=s[1],
            level=s[2],
            service_types=tuple(dict.fromkeys(repeated(s[3], self.delimiters))),
            insurance=s[4],
            plan=s[5],
            period=s[6],
            amount=amount,
            share=part,
            quantity_kind=s[9],
            quantity=quantity,
            authorization=s[11],
            network=s[12],
            procedure=s[13],
            places=tuple(self.places),
            deliveries=tuple(self.deliveries),
            messages=tuple(self.messages),
            dates=tuple(self.dates),
            references=tuple(self.references),
            entities=tuple(self.entities),
            source=_source(s),
        )


def _entity(s: Segment) -> Entity:
    name = " ".join(part for part in (s[4], s[3]) if part) if s[2] == "1" else s[3]
    return Entity(kind=s[1], name=name, id_kind=s[8], id=s[9], contacts=(), source=_source(s))


def _contacts(s: Segment) -> tuple[str, ...]:
    """Numbers and addresses of a PER segment, the name before them."""
    kinds = {"TE": "phone", "WP": "phone", "FX": "fax", "EM": "e-mail", "UR": "web", "EX": "extension"}
    found = [f"{kinds[s[p]]} {s[p + 1]}" for p in (3, 5, 7) if s[p] in kinds and s[p + 1]]
    return ((s[2],) if s[2] else ()) + tuple(found)


def _reference(s: Segment) -> Reference:
    return Reference(kind=s[1], value=s[2], note=s[3], source=_source(s))


def _dated(s: Segment) -> Dated | None:
    found = span(s[2], s[3])
    return None if found is None else Dated(kind=s[1], first=found[0], last=found[1], source=_source(s))


def _rejection(s: Segment, level: str) -> Rejection:
    return Rejection(level=level, code=s[3], then=s[4], source=_source(s))
