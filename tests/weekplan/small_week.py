"""A week that fits on one page: three patients, two facilitators, two rooms. Cost 670, nothing broken."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
WORKING_DAYS = range(5)
WEIGHTS = {
    "short_per_minute": 40,
    "dose_short_per_minute": 20,
    "owed_missing": 2000,
    "countable_day_missing": 1500,
    "day_missing": 600,
    "thin_day": 120,
    "offer_missing": 400,
    "session": 200,
    "thin_group_per_seat": 30,
    "overtime_per_minute": 4,
    "idle_per_minute": 1,
    "trip": 60,
    "possible_time": 30,
    "unaccustomed": 20,
    "moved": 80,
    "changed_session": 40,
    "idle_free": 30,
}


def span(day: int, start: str, end: str, **more: Any) -> Json:
    return {"day": day, "from": start, "to": end, **more}


def start(day: int, at: str) -> Json:
    return {"day": day, "at": at}


def small_case() -> Json:
    open_hours = [span(day, "09:00", "17:00") for day in WORKING_DAYS]
    return {
        "format": "stepwell.week.case",
        "version": 1,
        "name": "Peachtree, first week of March",
        "zone": "America/New_York",
        "starts_on": "2026-03-02",
        "rooms": [
            {"id": "Oak", "capacity": 2, "features": ["quiet"], "hours": open_hours},
            {"id": "Elm", "capacity": 8, "hours": open_hours},
        ],
        "facilitators": [
            {
                "id": "Ann",
                "leads": ["skills", "process"],
                "credentials": ["LCSW"],
                "available": open_hours[:2],
                "day_most": 300,
                "week_most": 600,
                "rest": 15,
                "travel": 30,
            },
            {
                "id": "Ben",
                "leads": ["process"],
                "coleads": ["skills"],
                "available": open_hours[:2],
                "week_usual": 300,
            },
        ],
        "offers": [
            {
                "id": "Skills",
                "kind": "skills",
                "minutes": 90,
                "least": 2,
                "good": 3,
                "most": 4,
                "modes": ["on_site", "video"],
                "times": {"least": 1, "most": 2},
                "each": 1,
                "starts": [start(0, "09:00"), start(1, "09:00"), start(2, "09:00")],
                "credentials": ["LCSW"],
            },
            {"id": "Process", "kind": "process", "minutes": 90, "least": 1, "most": 4},
        ],
        "patients": [_patient("Ida", 240), _patient("Jon", 180), _patient("Kim", 180)],
        "weights": dict(WEIGHTS),
    }


def _patient(name: str, ordered: int) -> Json:
    return {
        "id": name,
        "ordered": ordered,
        "windows": [span(0, "09:00", "13:00"), span(1, "09:00", "12:00", preferred=False)],
        "doses": {"skills": 90},
        "owed": [{"id": "Ida alone", "kind": "individual", "minutes": 60, "leaders": ["Ben"]}]
        if name == "Ida"
        else [],
    }


def small_plan() -> Json:
    return {
        "format": "stepwell.week.plan",
        "version": 1,
        "case": "Peachtree, first week of March",
        "status": "optimal",
        "cost": 670,
        "costs": {"session": 400, "trip": 240, "possible_time": 30},
        "bound": 670,
        "seconds": 0.1,
        "seed": 1,
        "sessions": [
            group("one", "Skills", 0, "09:00", "Elm", "Ann"),
            group("two", "Process", 0, "10:45", "Elm", "Ann"),
            {
                "id": "three",
                "owed": "Ida alone",
                "kind": "individual",
                "day": 1,
                "at": "09:00",
                "minutes": 60,
                "mode": "on_site",
                "leaders": ["Ben"],
                "people": ["Ida"],
            },
        ],
        "met": [_met("Ida", 240, 2), _met("Jon", 180, 1), _met("Kim", 180, 1)],
    }


def group(id: str, offer: str, day: int, at: str, room: str | None, *leaders: str) -> Json:
    return {
        "id": id,
        "offer": offer,
        "kind": offer.lower(),
        "day": day,
        "at": at,
        "minutes": 90,
        "mode": "on_site" if room else "video",
        "room": room,
        "leaders": list(leaders),
        "people": ["Ida", "Jon", "Kim"],
    }


def _met(name: str, minutes: int, days: int) -> Json:
    return {
        "patient": name,
        "ordered": minutes,
        "minutes": minutes,
        "short": 0,
        "days": days,
        "countable_days": days,
        "days_missing": 0,
    }


def standing(session: Json, fixed: str = "no", **changed: Any) -> Json:
    """A session of the plan as it stands in a case."""
    return {key: value for key, value in session.items() if key != "kind"} | {"fixed": fixed} | changed
