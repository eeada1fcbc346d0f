"""The refusal of a case or a plan that makes no sense: where in the JSON, and one sentence."""

from __future__ import annotations


class Nonsense(ValueError):
    """`str()` is the whole refusal: "patients[3].windows[0]: ends before it starts (12:00 to 09:00)."."""

    def __init__(self, path: str, sentence: str) -> None:
        self.path = path
        self.sentence = sentence
        super().__init__(f"{path}: {sentence}" if path else sentence[:1].upper() + sentence[1:])
