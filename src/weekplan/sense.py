"""What no week could give, however well it is planned: refused before anything is computed.

A week in which somebody is short is an answer; a group that nobody may lead is a mistake in the case.
"""

from __future__ import annotations

from weekplan.case import Case, Mode, Offer, Patient
from weekplan.fitting import may_colead, may_lead
from weekplan.nonsense import Nonsense
from weekplan.parts import shown


def refuse_the_impossible(case: Case) -> None:
    """Raises `Nonsense` for the first offer that cannot be held and the first dose that nothing gives."""
    for place, offer in enumerate(case.offers):
        if offer.times[1] > 0:  # an offer that is not held this week only names what stands
            _somebody_may_lead(case, offer, f"offers[{place}]")
            _a_room_fits(case, offer, f"offers[{place}]")
    for place, patient in enumerate(case.patients):
        _doses_are_offered(case, patient, f"patients[{place}].doses")


def _somebody_may_lead(case: Case, offer: Offer, path: str) -> None:
    leading = [one.id for one in case.facilitators if may_lead(one, offer)]
    if not leading:
        also = f" with {_listed(offer.credentials)}" if offer.credentials else ""
        raise Nonsense(path, f"nobody may lead it: no facilitator leads {shown(offer.kind)}{also}.")
    beside = [one.id for one in case.facilitators if may_colead(one, offer)]
    if offer.leaders == 2 and len(set(leading) | set(beside)) < 2:
        raise Nonsense(
            path, f"needs two to lead it, and only {shown(leading[0])} leads or co-leads {shown(offer.kind)}."
        )


def _a_room_fits(case: Case, offer: Offer, path: str) -> None:
    if Mode.VIDEO in offer.modes:
        return
    featured = [room for room in case.rooms if offer.features <= room.features]
    if not featured:
        what = f"with {_listed(offer.features)}" if offer.features else "at all"
        raise Nonsense(path, f"is only held on site, and there is no room {what}.")
    largest = max(room.capacity for room in featured)
    if largest < offer.least:
        raise Nonsense(
            path,
            f"is only held on site for at least {offer.least} people, and the largest room that fits "
            f"seats {largest}.",
        )


def _doses_are_offered(case: Case, patient: Patient, path: str) -> None:
    """A kind that nobody offers is nonsense; one that is not open to her is a shortfall, and the plan says so."""
    given = {offer.kind for offer in case.offers} | {owed.kind for owed in patient.owed}
    for kind, minutes in patient.doses:
        if minutes > 0 and kind not in given:
            raise Nonsense(path, f"orders {minutes} minutes of {shown(kind)}, which nobody offers.")


def _listed(names: frozenset[str]) -> str:
    return " and ".join(shown(name) for name in sorted(names))
