"""From a `Case` and a `Plan` to the JSON that is published, and back from a plan's JSON.

Reading what was written gives the same again. Every key is written, whether it has its default or not, except
`starts` where they are what the reader would find by itself: a week has hundreds of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Final

from weekplan import shapes
from weekplan.case import DAY, Case, Facilitator, Fixed, Mode, Offer, Owed, Patient, Span, Standing, Window
from weekplan.fitting import starts_of_offer, starts_of_owed
from weekplan.parts import LONGEST_SENTENCE, WEEK, Part, clock_of, session_of
from weekplan.plan import Mend, Met, Plan, Session, Shortfall, Status
from weekplan.reading import MOST_PEOPLE, must_be_format

_MOST_POINTS: Final = 10**15
Json = dict[str, object]


def case_to_json(case: Case) -> Json:
    """The case as `schema/case-1.json` has it; `reading.case_from_json` reads it."""
    return {
        "format": shapes.CASE_FORMAT,
        "version": shapes.VERSION,
        "name": case.name,
        "zone": case.zone,
        "starts_on": case.starts_on,
        "grid": case.grid,
        "closed": sorted(case.closed),
        # The end of the week, which no day of it begins with, is the last day's 24:00.
        "now": {"day": 6, "at": "24:00"} if case.now >= WEEK else _start(case.now),
        "rooms": [
            {
                "id": room.id,
                "capacity": room.capacity,
                "features": sorted(room.features),
                "hours": [_span(span) for span in room.hours],
            }
            for room in case.rooms
        ],
        "facilitators": [_facilitator(one) for one in case.facilitators],
        "offers": [_offer(one, case) for one in case.offers],
        "patients": [_patient(one, case) for one in case.patients],
        "standing": [_session(one) for one in case.standing],
        "weights": asdict(case.weights),
    }


def _span(span: Span) -> Json:
    return {
        "day": span.day,
        "from": clock_of(span.start - span.day * DAY),
        "to": clock_of(span.end - span.day * DAY),
    }


def _start(minute: int) -> Json:
    return {"day": minute // DAY, "at": clock_of(minute % DAY)}


def _modes(modes: Iterable[Mode]) -> list[str]:
    return sorted(mode.value for mode in modes)


def _facilitator(one: Facilitator) -> Json:
    return {
        "id": one.id,
        "leads": sorted(one.leads),
        "coleads": sorted(one.coleads),
        "credentials": sorted(one.credentials),
        "available": [_span(span) for span in one.available],
        "day_most": one.day_most,
        "week_most": one.week_most,
        "week_usual": one.week_usual,
        "rest": one.rest,
        "travel": one.travel,
    }


def _offer(offer: Offer, case: Case) -> Json:
    made: Json = {
        "id": offer.id,
        "kind": offer.kind,
        "minutes": offer.minutes,
        "least": offer.least,
        "good": offer.good,
        "most": offer.most,
        "modes": _modes(offer.modes),
        "times": {"least": offer.times[0], "most": offer.times[1]},
        "each": offer.each,
        "leaders": offer.leaders,
        "needs": sorted(offer.needs),
        "tracks": sorted(offer.tracks),
        "members": None if offer.members is None else sorted(offer.members),
        "topic": offer.topic,
        "credentials": sorted(offer.credentials),
        "features": sorted(offer.features),
    }
    if offer.starts != starts_of_offer(offer, case.rooms, case.facilitators, case.grid):
        made["starts"] = [_start(start) for start in offer.starts]
    return made


def _patient(patient: Patient, case: Case) -> Json:
    return {
        "id": patient.id,
        "ordered": patient.ordered,
        "most": patient.most,
        "days": {"least": patient.days[0], "most": patient.days[1]},
        "day": {"least": patient.day_least, "most": patient.day_most},
        "countable": patient.countable,
        "windows": [_window(window) for window in patient.windows],
        "doses": dict(patient.doses),
        "video_most": patient.video_most,
        "owed": [_owed(owed, case) for owed in patient.owed],
        "apart": sorted(patient.apart),
        "tags": sorted(patient.tags),
        "track": patient.track,
        "had": sorted(patient.had),
        "used_to": [{"offer": offer, **_start(start)} for offer, start in patient.used_to],
    }


def _window(window: Window) -> Json:
    return {**_span(window.span), "preferred": window.preferred, "modes": _modes(window.modes)}


def _owed(owed: Owed, case: Case) -> Json:
    made: Json = {
        "id": owed.id,
        "kind": owed.kind,
        "minutes": owed.minutes,
        "leaders": list(owed.leaders),
        "modes": _modes(owed.modes),
        "room": None if owed.room is None else sorted(owed.room),
    }
    if owed.starts != starts_of_owed(owed, case.rooms, case.facilitators, case.grid):
        made["starts"] = [_start(start) for start in owed.starts]
    return made


def _session(session: Standing | Session) -> Json:
    """A session of a plan or one that stands; what a plan holds can stand in the next case as it is,
    without its `kind`, which the offer tells."""
    return {
        "id": session.id,
        "offer": session.offer,
        "owed": session.owed,
        **_start(session.span.start),
        "minutes": session.span.minutes,
        "mode": session.mode.value,
        "room": session.room,
        "leaders": list(session.leaders),
        "people": list(session.people),
        "fixed": str(session.fixed),
        "others": session.others,
    }


def plan_to_json(plan: Plan) -> Json:
    """The plan as `schema/plan-1.json` has it."""
    return {
        "format": shapes.PLAN_FORMAT,
        "version": shapes.VERSION,
        "case": plan.case,
        "status": plan.status.value,
        "cost": plan.cost,
        "costs": dict(plan.costs),
        "bound": plan.bound,
        "seconds": plan.seconds,
        "seed": plan.seed,
        "sessions": [{**_session(one), "kind": one.kind} for one in plan.sessions],
        "met": [
            {
                "patient": met.patient,
                "ordered": met.ordered,
                "minutes": met.minutes,
                "short": met.short,
                "doses_short": dict(met.doses_short),
                "owed_missing": list(met.owed_missing),
                "days": met.days,
                "countable_days": met.countable_days,
                "days_missing": met.days_missing,
            }
            for met in plan.met
        ],
        "shortfalls": [_shortfall(one) for one in plan.shortfalls],
    }


def _shortfall(short: Shortfall) -> Json:
    return {
        "patient": short.patient,
        "minutes": short.minutes,
        "doses": dict(short.doses),
        "owed": list(short.owed),
        "because": short.because,
        "mends": [
            {"sentence": m.sentence, "minutes": m.minutes, "cost": m.cost, "also": list(m.also)}
            for m in short.mends
        ],
    }


def plan_from_json(value: object) -> Plan:
    """The plan that a JSON value tells. Raises `Nonsense`; whether it fits its case is for `check`."""
    keys = Part(value, "").keys(shapes.PLAN)
    must_be_format(keys, shapes.PLAN_FORMAT)
    bound = keys["bound"]
    return Plan(
        case=keys["case"].text(),
        status=keys["status"].choice(Status),
        sessions=tuple(_session_from(part) for part in keys["sessions"]),
        cost=keys["cost"].whole(0, _MOST_POINTS),
        costs={name.text(): one.whole(0, _MOST_POINTS) for name, one in keys["costs"].entries()},
        bound=None if bound.value is None else bound.whole(-_MOST_POINTS, _MOST_POINTS),
        seconds=keys["seconds"].number(),
        seed=keys["seed"].whole(-_MOST_POINTS, _MOST_POINTS),
        met=tuple(_met_from(part.keys(shapes.MET)) for part in keys["met"]),
        shortfalls=tuple(_shortfall_from(part.keys(shapes.SHORTFALL)) for part in keys["shortfalls"]),
    )


def _session_from(part: Part) -> Session:
    keys = part.keys(shapes.SESSION)
    offer, owed = keys["offer"].text_or_none(), keys["owed"].text_or_none()
    if (offer is None) == (owed is None):
        raise part.wrong('must name an "offer" or an "owed" session, and not both.')
    return Session(
        id=keys["id"].text(),
        offer=offer,
        owed=owed,
        kind=keys["kind"].text(),
        # A plan does not say its grid: `check` holds its starts against those of the case.
        span=session_of(part, keys, keys["minutes"].length(1), 1),
        mode=keys["mode"].choice(Mode),
        room=keys["room"].text_or_none(),
        leaders=tuple(one.text() for one in keys["leaders"]),
        people=tuple(one.text() for one in keys["people"]),
        fixed=keys["fixed"].choice(Fixed).value,
        others=keys["others"].whole(0, MOST_PEOPLE),
    )


def _met_from(keys: Mapping[str, Part]) -> Met:
    return Met(
        patient=keys["patient"].text(),
        ordered=keys["ordered"].whole(0, WEEK),
        minutes=keys["minutes"].whole(0, WEEK),
        short=keys["short"].whole(0, WEEK),
        doses_short=_minutes_by_kind(keys["doses_short"]),
        owed_missing=keys["owed_missing"].texts(),
        days=keys["days"].whole(0, 7),
        countable_days=keys["countable_days"].whole(0, 7),
        days_missing=keys["days_missing"].whole(0, 7),
    )


def _shortfall_from(keys: Mapping[str, Part]) -> Shortfall:
    return Shortfall(
        patient=keys["patient"].text(),
        minutes=keys["minutes"].whole(0, WEEK),
        doses=_minutes_by_kind(keys["doses"]),
        owed=keys["owed"].texts(),
        because=keys["because"].text(LONGEST_SENTENCE),
        mends=tuple(_mend_from(part.keys(shapes.MEND)) for part in keys["mends"]),
    )


def _mend_from(keys: Mapping[str, Part]) -> Mend:
    return Mend(
        sentence=keys["sentence"].text(LONGEST_SENTENCE),
        minutes=keys["minutes"].whole(-WEEK, WEEK),
        cost=keys["cost"].whole(-_MOST_POINTS, _MOST_POINTS),
        also=keys["also"].texts(),
    )


def _minutes_by_kind(part: Part) -> tuple[tuple[str, int], ...]:
    return tuple((kind.text(), one.whole(0, WEEK)) for kind, one in part.entries())
