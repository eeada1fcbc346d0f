"""The one way in which a hand-off file is turned away."""

from __future__ import annotations


class HandoffRefused(Exception):
    """The whole file is refused; nothing of it may be kept.

    `sentence` is one plain sentence for the person at the desk, which already tells the place.
    `place` is that place alone: `line 3, column 18`, `byte 212`, `entry[4].resource.onsetDateTime`,
    or empty when the file as a whole is meant.
    """

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.place = place
