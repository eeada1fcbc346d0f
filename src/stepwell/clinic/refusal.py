"""The two ways in which the clinic says no: one full sentence each, shown to the person as it stands."""


class Refused(Exception):
    """Can it be done? No: the rules of the step forbid it. The sentence tells why and what to do."""

    @property
    def sentence(self) -> str:
        """The sentence shown to the user."""
        return str(self)


class Denied(Exception):
    """May this person do it? No. The sentence tells why and whom to ask."""

    @property
    def sentence(self) -> str:
        """The sentence shown to the user."""
        return str(self)
