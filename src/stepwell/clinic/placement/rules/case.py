"""A case from a file, as `stepwell place` takes it, and the refusal that names the place in it."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules import Edition, fourth_dimensions, load_instrument
from stepwell.clinic.placement.rules.editions import Scale, scale_of
from stepwell.clinic.placement.rules.reading import (
    Misread,
    edition_at,
    fields_of,
    strict_json,
    text_at,
    within,
)
from stepwell.clinic.placement.rules.recommend import Case, Measured, Rated, gate_codes, gate_instruments
from stepwell.clinic.placement.rules.table import Table

CASE_FORMAT = "stepwell-placement-case-1"


def case_from(raw: bytes | str, table: Table | None = None) -> Case:
    """The case in a JSON text. `Misread` with the path and one sentence when it cannot be read."""
    return read_case(strict_json(raw), table)


def read_case(document: object, table: Table | None = None) -> Case:
    """A case from data. `table`: the site's own, whose edition and facts count; else Stepwell's of the edition."""
    whole = fields_of(document, "", ("ratings",), ("format", "edition", "facts", "scores"), "The case")
    if whole.get("format", CASE_FORMAT) != CASE_FORMAT:
        raise Misread("format", f"This must be “{CASE_FORMAT}”; cases of another format are not read.")
    usual = table.edition if table else Edition.THIRD
    edition = edition_at(whole.get("edition", usual.value), "edition")
    if table and table.edition is not edition:
        raise Misread(
            "edition",
            f"The rule table is of the {table.edition.value} edition and the case of the {edition.value}; "
            "ratings are never carried from one to the other.",
        )
    scale = scale_of(edition)
    rated, undecided = _ratings(whole["ratings"], scale)
    return Case(
        edition,
        tuple(sorted(rated, key=lambda one: one.dimension)),
        _answers(whole.get("facts", {}), table),
        _scores(whole.get("scores", {})),
        tuple(sorted(undecided)),
    )


def _ratings(value: object, scale: Scale) -> tuple[list[Rated], list[int]]:
    """A list in the order of the dimensions, or an object by their numbers, with or without a `d` in front."""
    if isinstance(value, list):
        if len(value) > len(scale.dimensions):
            raise Misread(
                "ratings",
                f"There are {len(value)} ratings and only {len(scale.dimensions)} rated dimensions.",
            )
        entries = [(n, f"ratings[{n - 1}]", one) for n, one in enumerate(value, start=1)]
    elif isinstance(value, dict):
        entries = [(_number(name, scale), within("ratings", name), one) for name, one in value.items()]
    else:
        raise Misread(
            "ratings", "This must be a list in the order of the dimensions, or an object by their numbers."
        )
    rated: list[Rated] = []
    undecided: list[int] = []
    seen: set[int] = set()
    for number, path, one in entries:
        if number in seen:
            raise Misread(path, f"Dimension {number} is rated twice; keep one rating.")
        seen.add(number)
        if one is None:
            continue
        rank, because = _rating(one, path, scale)
        if rank is None:
            undecided.append(number)
        else:
            rated.append(Rated(number, rank, because))
    return rated, undecided


def _number(name: str, scale: Scale) -> int:
    bare = name.removeprefix("d")
    if bare in {str(n) for n in scale.dimensions}:
        return int(bare)
    path = within("ratings", name)
    if scale.edition is Edition.FOURTH and bare == "6":
        raise Misread(
            path, "The sixth dimension of the fourth edition is talked about and never rated; leave it out."
        )
    known = ", ".join(map(str, scale.dimensions))
    raise Misread(
        path, f"There is no such dimension in the {scale.edition.value} edition; there are {known}."
    )


def _rating(one: object, path: str, scale: Scale) -> tuple[int | None, str]:
    because = ""
    value, place = one, path
    if isinstance(one, dict):
        row = fields_of(one, path, ("value",), ("because",), "A rating")
        value, place = row["value"], f"{path}.value"
        because = text_at(row["because"], f"{path}.because", 500) if "because" in row else ""
        if value is None:
            return None, because
    if scale.edition is Edition.THIRD:
        if type(value) is not int or not 0 <= value <= scale.most:
            raise Misread(place, f"A rating of the third edition is a whole number from 0 to {scale.most}.")
        return value, because
    word = "0" if type(value) is int and value == 0 else value
    if not isinstance(word, str) or word not in scale.words:
        told = ", ".join(scale.words)
        raise Misread(
            place, f"A rating of the fourth edition is the least level that is needed, as text: {told}."
        )
    return scale.rank(word), because


def _answers(value: object, table: Table | None) -> dict[str, bool | None]:
    codes = (*gate_codes(), *(code for code in (table.facts if table else ()) if code not in gate_codes()))
    given: Mapping[str, Any] = fields_of(value, "facts", (), codes, "The list of facts")
    for code, answer in given.items():
        if answer is not None and not isinstance(answer, bool):
            raise Misread(within("facts", code), "This must be true, false, or null for not known.")
    return {code: given.get(code) for code in codes}


def _scores(value: object) -> tuple[Measured, ...]:
    given = fields_of(value, "scores", (), sorted(gate_instruments()), "The list of scores")
    found = []
    for code, points in given.items():
        if points is None:
            continue
        most = (load_instrument(code).total_range or (0, 0))[1]
        if type(points) is not int or not 0 <= points <= most:
            raise Misread(within("scores", code), f"This must be the whole score, from 0 to {most}.")
        found.append(Measured(code, points))
    return tuple(found)


def case_of_parts(
    parts: Mapping[str, Mapping[str, str]],
    answers: Mapping[str, bool | None],
    scores: tuple[Measured, ...] = (),
) -> Case:
    """A rating of the fourth edition by its parts (`assessment`): a dimension is as high as its highest part, and is
    not rated while a part of it is not, or waits for a medical evaluation."""
    scale = scale_of(Edition.FOURTH)
    rated: list[Rated] = []
    undecided: list[int] = []
    for dimension in fourth_dimensions():
        said = [parts[part.key] for part in dimension.parts if part.key in parts]
        ranks = [scale.rank(one["least"]) for one in said]
        known = [(rank, one["because"]) for rank, one in zip(ranks, said, strict=True) if rank is not None]
        if None in ranks:
            undecided.append(dimension.number)
        if dimension.parts and len(known) == len(dimension.parts):
            rank, because = max(known, key=lambda pair: pair[0])
            rated.append(Rated(dimension.number, rank, because))
    return Case(Edition.FOURTH, tuple(rated), answers, scores, tuple(undecided))


@cache
def schema(name: str) -> str:
    """A published JSON Schema: 'case', 'table' or 'decision'."""
    return files("stepwell.clinic.placement").joinpath("schema", f"{name}.schema.json").read_text("utf-8")
