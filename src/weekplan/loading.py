"""From the bytes of a file to the objects of JSON, refusing what JSON readers quietly let through."""

from __future__ import annotations

import json

from weekplan.nonsense import Nonsense


def load(raw: bytes | str) -> object:
    """The JSON value in `raw` (UTF-8, with or without a byte order mark).

    Raises `Nonsense` when it is empty, not UTF-8, not JSON, nested too deeply, holds NaN or Infinity, or
    names a key twice in one object (of which Python would keep the last without a word).
    """
    text = raw if isinstance(raw, str) else _decoded(raw)
    if not text.strip():
        raise Nonsense("", "there is nothing in it.")
    try:
        value: object = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_key_once)
    except json.JSONDecodeError as fault:
        raise Nonsense(
            "", f"it is not JSON: {fault.msg} (line {fault.lineno}, column {fault.colno})."
        ) from fault
    except RecursionError as fault:
        raise Nonsense("", "it is nested too deeply.") from fault
    except Nonsense:
        raise
    except ValueError as fault:  # Python refuses to read whole numbers of more than 4,300 digits
        raise Nonsense("", "it holds a number of too many digits.") from fault
    return value


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Nonsense("", f"it is not UTF-8 text (byte {fault.start}).") from fault


def _no_number(name: str) -> object:
    raise Nonsense("", f"it holds {name}, which is not a number of JSON.")


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made: dict[str, object] = {}
    for key, value in pairs:
        if key in made:
            raise Nonsense("", f"the key {json.dumps(key[:60])} stands twice in one object.")
        made[key] = value
    return made
