"""A case with its model: everything that is written once before the search begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from weekplan.case import Case
from weekplan.groups import Groups, groups_of
from weekplan.linear import Ints, Linear, Matrix
from weekplan.model.cuts import add_cuts
from weekplan.model.hard import add_rules
from weekplan.model.variables import Variables
from weekplan.model.wishes import add_wishes
from weekplan.naming import point_of
from weekplan.plan import Session
from weekplan.slots import Candidates


class WeekModel:
    """Candidates, variables, matrix and owners of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.candidates = Candidates(case)
        linear = Linear()
        self.variables = Variables(self.candidates, linear)
        add_rules(self.variables)
        self.decided = len(linear.lower)
        add_wishes(self.variables)
        add_cuts(self.variables)
        self.matrix: Matrix = linear.frozen()
        self.groups: Groups = groups_of(self.variables, self.matrix, self.decided)

    def point(self, sessions: Iterable[Session]) -> Ints:
        """The values of all variables for sessions that keep the rules."""
        return point_of(self.variables, self.matrix, list(sessions), self.decided)

    def without(self, sessions: Iterable[Session], lost: Iterable[tuple[int, int]]) -> list[Session]:
        """The sessions that are left when people kept apart find no common seating: the naming leaves them out,
        and a group that falls below its least is not held."""
        least = {offer.id: offer.least for offer in self.case.offers}
        return [
            replace(one)
            for one in sessions
            if one.offer is None or one.fixed != "no" or len(one.people) + one.others >= least[one.offer]
        ]
