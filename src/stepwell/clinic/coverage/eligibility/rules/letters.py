"""Names in the letters that payers read: A to Z without accents."""

import unicodedata

from stepwell.clinic.people.rules import folded

_WRITTEN_AS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "đ": "d", "Đ": "D",
     "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ı": "i", "’": "'", "‘": "'", "ʻ": "'", "ʼ": "'"}
)  # fmt: skip


def without_accents(text: str) -> str:
    """“Zoë Åström” as “Zoe Astrom”; letters of other scripts stay as they are."""
    folded = unicodedata.normalize("NFKD", text.translate(_WRITTEN_AS))
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


def can_be_written(text: str) -> bool:
    """Whether a payer could read anything of it."""
    return any(sign.isascii() and sign.isalnum() for sign in without_accents(text))


def same_letters(one: str, other: str) -> bool:
    """Whether two names are the same but for accents, capitals and signs."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return folded(without_accents(name)).replace(" ", "")
