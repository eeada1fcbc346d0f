"""How the text of a variable is read: a whole number, several words, a host as it stands in an address."""

from collections.abc import Mapping

from stepwell.project.unready import Unready


def number(given: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """A whole number, `default` without the variable. Raises `Unready` outside of `least` to `most`."""
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Unready(f"{name} is {text!r}; it must be a whole number from {least} to {most}.")
    return int(text)


def several(text: str) -> tuple[str, ...]:
    """What stands between commas, without the gaps."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def in_url(host: str) -> str:
    """An IPv6 address in brackets, anything else as it is."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
