"""The keys of a case and of a plan, and what holds for a key that is left out.

`schema/case-1.json` and `schema/plan-1.json` say the same with their meaning; a test compares them.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from weekplan.case import Weights
from weekplan.parts import SPAN, START, Default, Shape

REQUIRED: Final = Default.REQUIRED
COMPUTED: Final = Default.COMPUTED

CASE_FORMAT: Final = "stepwell.week.case"
PLAN_FORMAT: Final = "stepwell.week.plan"
VERSION: Final = 1

CASE: Final[Shape] = {
    "format": REQUIRED,
    "version": REQUIRED,
    "name": REQUIRED,
    "zone": REQUIRED,
    "starts_on": REQUIRED,
    "grid": 15,
    "closed": [],
    "now": {"day": 0, "at": "00:00"},
    "rooms": REQUIRED,
    "facilitators": REQUIRED,
    "offers": REQUIRED,
    "patients": REQUIRED,
    "standing": [],
    "weights": {},
}
ROOM: Final[Shape] = {"id": REQUIRED, "capacity": REQUIRED, "features": [], "hours": REQUIRED}
FACILITATOR: Final[Shape] = {
    "id": REQUIRED,
    "leads": REQUIRED,
    "coleads": [],
    "credentials": [],
    "available": REQUIRED,
    "day_most": 480,
    "week_most": 2400,
    "week_usual": COMPUTED,  # week_most
    "rest": 0,
    "travel": 0,
}
OFFER: Final[Shape] = {
    "id": REQUIRED,
    "kind": REQUIRED,
    "minutes": REQUIRED,
    "least": REQUIRED,
    "good": COMPUTED,  # least
    "most": REQUIRED,
    "modes": ["on_site"],
    "times": {},
    "each": 1,
    "starts": COMPUTED,  # fitting.starts_of_offer
    "leaders": 1,
    "needs": [],
    "tracks": [],
    "members": None,
    "topic": None,
    "credentials": [],
    "features": [],
}
TIMES: Final[Shape] = {"least": 0, "most": 1}
PATIENT: Final[Shape] = {
    "id": REQUIRED,
    "ordered": REQUIRED,
    "most": COMPUTED,  # ordered + 30
    "days": {},
    "day": {},
    "countable": 0,
    "windows": REQUIRED,
    "doses": {},
    "video_most": COMPUTED,  # most
    "owed": [],
    "apart": [],
    "tags": [],
    "track": None,
    "had": [],
    "used_to": [],
}
DAYS: Final[Shape] = {"least": 0, "most": 7}
DAY_MINUTES: Final[Shape] = {"least": 0, "most": 1440}
WINDOW: Final[Shape] = {**SPAN, "preferred": True, "modes": ["on_site", "video"]}
OWED: Final[Shape] = {
    "id": REQUIRED,
    "kind": REQUIRED,
    "minutes": REQUIRED,
    "leaders": REQUIRED,
    "modes": ["on_site"],
    "starts": COMPUTED,  # fitting.starts_of_owed
    "room": None,
}
USED_TO: Final[Shape] = {"offer": REQUIRED, **START}
STANDING: Final[Shape] = {
    "id": REQUIRED,
    "offer": None,
    "owed": None,
    **START,
    "minutes": COMPUTED,  # those of the offer or of the owed session
    "mode": REQUIRED,
    "room": None,
    "leaders": REQUIRED,
    "people": REQUIRED,
    "fixed": "no",
    "others": 0,
}
WEIGHTS: Final[Shape] = asdict(Weights())

PLAN: Final[Shape] = {
    "format": REQUIRED,
    "version": REQUIRED,
    "case": REQUIRED,
    "status": REQUIRED,
    "cost": REQUIRED,
    "costs": REQUIRED,
    "bound": None,
    "seconds": REQUIRED,
    "seed": REQUIRED,
    "sessions": REQUIRED,
    "met": REQUIRED,
    "shortfalls": [],
}
SESSION: Final[Shape] = {
    "id": REQUIRED,
    "offer": None,
    "owed": None,
    "kind": REQUIRED,
    **START,
    "minutes": REQUIRED,
    "mode": REQUIRED,
    "room": None,
    "leaders": REQUIRED,
    "people": REQUIRED,
    "fixed": "no",
    "others": 0,
}
MET: Final[Shape] = {
    "patient": REQUIRED,
    "ordered": REQUIRED,
    "minutes": REQUIRED,
    "short": REQUIRED,
    "doses_short": {},
    "owed_missing": [],
    "days": REQUIRED,
    "countable_days": REQUIRED,
    "days_missing": REQUIRED,
}
SHORTFALL: Final[Shape] = {
    "patient": REQUIRED,
    "minutes": REQUIRED,
    "doses": {},
    "owed": [],
    "because": REQUIRED,
    "mends": [],
}
MEND: Final[Shape] = {"sentence": REQUIRED, "minutes": REQUIRED, "cost": REQUIRED, "also": []}
