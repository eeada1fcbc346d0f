"""Reading what others wrote: JSON that says one thing only, and a site's rule table.

Whatever cannot be right is refused with its place in the file and one sentence.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from stepwell.clinic.assessment.rules import Edition
from stepwell.clinic.placement.rules.editions import Scale, scale_of
from stepwell.clinic.placement.rules.levels import Level, levels_of
from stepwell.clinic.placement.rules.table import AtLeast, Both, Condition, Either, Rule, Table, Variable
from stepwell.clinic.refusal import Refused

TABLE_FORMAT = "stepwell-placement-table-1"
MOST_BYTES = 1_000_000
DEEPEST = 24
MOST_RULES = 200
_CODE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_TABLE = ("name", "version", "advisory", "rules")
_MAY = ("format", "edition", "source", "facts")
_RULE = ("id", "level", "admit", "because", "when")


class Misread(Refused):
    """A file that cannot be right. ``path`` is the place in it, such as `rules[2].when.at_least`; '' is the whole."""

    def __init__(self, path: str, says: str) -> None:
        super().__init__(f"{path}: {says}" if path else says)
        self.path = path


def strict_json(raw: bytes | str) -> object:
    """The value in a JSON text. `Misread` for what is not JSON, or says a name twice, or holds NaN, a number of
    absurd length, broken characters, or more than 24 levels of nesting."""
    if len(raw) > MOST_BYTES:
        raise Misread(
            "", f"The file is larger than {MOST_BYTES // 1_000_000} MB; nothing here needs so much."
        )
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
        text.encode("utf-8")
    except UnicodeError:
        raise Misread("", "The file is not text in UTF-8; save it as UTF-8.") from None
    try:
        value = json.loads(text, object_pairs_hook=_Object)
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise Misread(where, f"This is not JSON: {fault.msg}.") from None
    except (RecursionError, ValueError):
        raise Misread("", "The file is nested too deeply or holds a number too long to read.") from None
    for path, depth, part in _parts(value):
        _sound(path, depth, part)
    return value


class _Object(dict[str, Any]):
    """An object as it was written: it remembers the name that stood twice."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.twice = next((name for n, name in enumerate(names) if name in self and name in names[:n]), None)


def _sound(path: str, depth: int, part: object) -> None:
    if depth > DEEPEST:
        raise Misread("", f"The file is nested deeper than {DEEPEST} levels; nothing here needs that.")
    if isinstance(part, float) and not math.isfinite(part):
        raise Misread(path, "This is no number; leave the entry out when it is not known.")
    if isinstance(part, _Object) and part.twice is not None:
        raise Misread(within(path, part.twice), "This name stands twice in one object; keep one of them.")
    if isinstance(part, str) and any(
        (ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) < 0xE000 for c in part
    ):
        raise Misread(path, "There is a character in this text that cannot be printed; take it out.")


def within(path: str, name: str) -> str:
    """The path of a name in the object at a path; what cannot be printed is a question mark, and long is cut."""
    shown = "".join(c if c.isprintable() else "?" for c in name[:60])
    return f"{path}.{shown}" if path else shown


def _parts(value: object) -> Iterator[tuple[str, int, object]]:
    """Every value and every name in it, with its path and depth, in the order of the file, without recursion."""
    waiting: list[tuple[str, int, object]] = [("", 1, value)]
    while waiting:
        path, depth, part = waiting.pop()
        yield path, depth, part
        inner: list[tuple[str, int, object]] = []
        if isinstance(part, dict):
            for name, one in part.items():
                yield path, depth, name
                inner.append((within(path, name), depth + 1, one))
        elif isinstance(part, list):
            inner = [(f"{path}[{n}]", depth + 1, one) for n, one in enumerate(part)]
        waiting += reversed(inner)


def fields_of(
    value: object, path: str, must: Sequence[str], may: Sequence[str], what: str
) -> Mapping[str, Any]:
    """The object at a place, with all names it must have and none that it may not have."""
    if not isinstance(value, dict):
        raise Misread(path, f"{what} must be an object with names and values.")
    for name in value:
        if name not in (*must, *may):
            known = ", ".join((*must, *may))
            raise Misread(within(path, name), f"There is no such entry in {what.lower()}; there are {known}.")
    for name in must:
        if name not in value:
            raise Misread(within(path, name), "This entry is missing; add it.")
    return value


def text_at(value: object, path: str, longest: int) -> str:
    """Text that says something, of at most so many characters."""
    if not isinstance(value, str) or not value.strip():
        raise Misread(path, "This must be text that says something.")
    if len(value) > longest:
        raise Misread(path, f"This text is longer than {longest} characters; shorten it.")
    return value.strip()


def edition_at(value: object, path: str) -> Edition:
    """'third' or 'fourth'."""
    if value not in [one.value for one in Edition]:
        raise Misread(path, "There is no such edition; write “third” or “fourth”.")
    return Edition(value)


@cache
def default_table(edition: Edition = Edition.THIRD) -> Table:
    """Stepwell's own table for an edition. It is not the ASAM Criteria's."""
    name = "rules-default.json" if edition is Edition.THIRD else "rules-fourth.json"
    path = files("stepwell.clinic.placement").joinpath("data", name)
    return read_table(json.loads(path.read_text("utf-8")))


def table_from(raw: bytes | str) -> Table:
    """The table in a site's file. `Misread` as `strict_json` and `read_table`."""
    return read_table(strict_json(raw))


def read_table(document: object) -> Table:
    """A table from data, such as a site's licensed one. `Misread`, with the place, when it cannot be right."""
    whole = fields_of(document, "", _TABLE, _MAY, "The rule table")
    if whole.get("format", TABLE_FORMAT) != TABLE_FORMAT:
        raise Misread("format", f"This must be “{TABLE_FORMAT}”; tables of another format are not read.")
    edition = edition_at(whole.get("edition", "third"), "edition")
    facts = _facts(whole.get("facts", {}))
    if not isinstance(whole["rules"], list) or len(whole["rules"]) > MOST_RULES:
        raise Misread("rules", f"This must be a list of at most {MOST_RULES} rules.")
    rules = tuple(
        _rule(row, f"rules[{place}]", scale_of(edition), facts) for place, row in enumerate(whole["rules"])
    )
    _in_order(rules)
    return Table(
        name=text_at(whole["name"], "name", 120),
        version=text_at(whole["version"], "version", 40),
        advisory=text_at(whole["advisory"], "advisory", 600),
        rules=rules,
        edition=edition,
        facts=facts,
    )


def _facts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 40:
        raise Misread("facts", "This must be an object of at most 40 facts: code and what a yes means.")
    for code in value:
        if not _CODE.fullmatch(code) or len(code) > 60:
            raise Misread(within("facts", code), "This is no code; use small letters, digits and hyphens.")
    return {code: text_at(label, f"facts.{code}", 200) for code, label in value.items()}


def _in_order(rules: tuple[Rule, ...]) -> None:
    if not rules or rules[-1].when != Both(()):
        raise Misread(
            f"rules[{len(rules) - 1}].when" if rules else "rules",
            "The rule table leaves some ratings without a level; end it with a rule without condition.",
        )
    seen: dict[str, int] = {}
    for place, rule in enumerate(rules):
        if rule.id in seen:
            raise Misread(f"rules[{place}].id", f"Rule {rule.id} stands twice; give each its own name.")
        seen[rule.id] = place
    for place, (before, after) in enumerate(pairwise(rules), start=1):
        if after.level > before.level:
            raise Misread(
                f"rules[{place}].level",
                f"Rule {after.id} (level {after.level}) stands below rule {before.id} (level {before.level}); "
                "order the rules from the highest level to the lowest.",
            )
        if before.when == Both(()):
            raise Misread(f"rules[{place}]", f"Rule {before.id} above always holds, so this one never can.")


def _rule(value: object, path: str, scale: Scale, facts: Mapping[str, str]) -> Rule:
    row = fields_of(value, path, _RULE, ("alongside",), "A rule")
    code = text_at(row["id"], f"{path}.id", 60)
    if not _CODE.fullmatch(code):
        raise Misread(f"{path}.id", "A rule is named with small letters, digits and hyphens.")
    if not isinstance(row["admit"], bool):
        raise Misread(f"{path}.admit", "This must be true or false.")
    alongside = row.get("alongside")
    return Rule(
        id=code,
        level=_level(row["level"], f"{path}.level", scale.edition),
        alongside=None if alongside is None else _level(alongside, f"{path}.alongside", scale.edition),
        admit=row["admit"],
        because=text_at(row["because"], f"{path}.because", 600),
        when=_condition(row["when"], f"{path}.when", scale, facts),
    )


def _level(value: object, path: str, edition: Edition) -> Level:
    codes = [level.value for level in levels_of(edition)]
    if value not in codes:
        raise Misread(
            path, f"There is no such level in the {edition.value} edition; there are {', '.join(codes)}."
        )
    return Level(value)


def _condition(value: object, path: str, scale: Scale, facts: Mapping[str, str]) -> Condition:
    if not isinstance(value, dict):
        raise Misread(path, "A condition must be an object; an empty one always holds.")
    match value:
        case {"any_of": dimensions, "at_least": least, **rest} if not rest:
            return AtLeast(
                _dimensions(dimensions, f"{path}.any_of", scale), _least(least, f"{path}.at_least", scale)
            )
        case {"fact": code, **rest} if not rest:
            if code not in facts:
                raise Misread(
                    f"{path}.fact", "This fact is not named under “facts” of the table; add it there."
                )
            return AtLeast((str(code),), 1)
        case {"all": parts, **rest} if not rest:
            return Both(_conditions(parts, f"{path}.all", scale, facts))
        case {"any": parts, **rest} if not rest:
            return Either(_conditions(parts, f"{path}.any", scale, facts))
        case _ if not value:
            return Both(())
    raise Misread(
        path,
        "A condition is “any_of” with “at_least”, or “fact”, or “all”, or “any”, or empty; nothing else.",
    )


def _conditions(value: object, path: str, scale: Scale, facts: Mapping[str, str]) -> tuple[Condition, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 40:
        raise Misread(path, "This must be a list of 1 to 40 conditions.")
    return tuple(_condition(part, f"{path}[{n}]", scale, facts) for n, part in enumerate(value))


def _dimensions(value: object, path: str, scale: Scale) -> tuple[Variable, ...]:
    if not isinstance(value, list) or not value:
        raise Misread(path, "This must be a list of dimension numbers.")
    for n, one in enumerate(value):
        if type(one) is not int or one not in scale.dimensions:
            known = ", ".join(map(str, scale.dimensions))
            raise Misread(
                f"{path}[{n}]",
                f"There is no such rated dimension in the {scale.edition.value} edition; there are {known}.",
            )
        if one in value[:n]:
            raise Misread(f"{path}[{n}]", f"Dimension {one} stands twice; keep one.")
    return tuple(value)


def _least(value: object, path: str, scale: Scale) -> int:
    number = scale.edition is Edition.THIRD
    rank = scale.rank(str(value)) if type(value) is (int if number else str) else None
    if rank is None or rank == 0:
        told = "1 to 4" if number else ", ".join(step[0] for step in scale.steps[1:])
        raise Misread(path, f"This must be a rating above the lowest one: {told}.")
    return rank
