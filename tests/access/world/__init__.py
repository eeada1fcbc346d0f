"""Two sites, everybody who can log in, and for three patients one row of every kind that an address can name.

P and Q are patients of site A and sit in the same groups; S is a stranger at site B. Every text that can be
written about them starts with a word of their own (`quokkap-…`, `quokkaq-…`, `quokkas-…`): a canary. What stands
in a page can then be held against who may read it. Everything is made by the actions that people use.
"""

from __future__ import annotations

from stepwell.accounts.actor import stepwell_itself
from stepwell.clinic.aftercare import actions as aftercare
from stepwell.clinic.aftercare.models import FollowUp
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.drug_tests.models import RewardPlan, SealedSeed
from stepwell.clinic.people.models import Patient
from stepwell.clinic.timetable.models import PatientTag
from tests.access.world.care import Care
from tests.access.world.ground import MISSING, MISSING_CODE, B, Clinic, P, Q, S, World
from tests.access.world.inquiries import Inquiries
from tests.access.world.medicine import Medicine
from tests.access.world.money import Money
from tests.access.world.persons import Persons
from tests.access.world.places import Places
from tests.access.world.rooms import Rooms
from tests.making import NOW, make_patient

__all__ = ["MISSING", "MISSING_CODE", "B", "Clinic", "P", "Q", "S", "World", "make_world"]


def make_world() -> World:
    """About a thousand rows; the clock must stand at `tests.making.NOW`."""
    made = Making()
    a, b = made.clinic("Peachtree", "Desk"), made.clinic(f"{B} site", B)
    p, q, s = made.person(a, P), made.person(a, Q), made.person(b, S)
    made.sessions(a, {P: p, Q: q})
    made.sessions(b, {S: s})
    made.kept_apart(a, {P: p, Q: q}, q)
    made.kept_apart(b, {S: s}, make_patient(b.site))
    for clinic, who, patient in ((a, P, p), (a, Q, q), (b, S, s)):
        made.chart(clinic, who, patient)
        made.queue(clinic, who)
        made.eligibility(clinic, who, patient)
    made.planning(a, {P: p, Q: q})
    made.planning(b, {S: s})
    aftercare.plan_follow_ups(by=stepwell_itself(), at=NOW)
    for who, patient in ((P, p), (Q, q), (S, s)):
        call = FollowUp.objects.filter(episode__patient=patient).order_by("day")[0]
        made.put("follow_up", who, call.pk)
    made.family(a, p)
    assessment.escalate_alerts(by=stepwell_itself(), at=NOW)
    return World(made.rows, made.logins, {P: p.code, Q: q.code, S: s.code}, made.tablet, _secrets())


def _secrets() -> dict[str, str]:
    seeds = {f"the seed of a draw, {one.pk}": one.seed for one in SealedSeed.objects.all()}
    return seeds | {f"the seed of rewards, {one.pk}": one.seed for one in RewardPlan.objects.all()}


class Making(Places, Persons, Rooms, Money, Care, Medicine, Inquiries):
    """Makes the world step by step, in the order of the journey."""

    def chart(self, clinic: Clinic, who: str, patient: Patient) -> None:
        word = f"{who}-"
        PatientTag.objects.create(patient=patient, tag=f"{word}tag", at=NOW)
        self._consents(clinic, who, patient, word)
        self._coverage(clinic, who, patient, word)
        self._assistance(clinic, who, patient, word)
        self._assessment(clinic, who, patient, word)
        self._plan(clinic, who, patient, word)
        self._medication(clinic, who, patient, word)
        self._tests(clinic, who, patient)
        self._recovery(clinic, who, patient, word)
        self._billing(clinic, who, patient, word)
