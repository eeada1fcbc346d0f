"""What the gallery shows: an invented week of invented people. No page of the clinic reads this."""

from datetime import time
from typing import Any

from stepwell.ui import charts
from stepwell.ui.weekly_times import WeeklyTime

Block = dict[str, Any]


def _block(
    start: str, minutes: int, title: str, line: str, kind: str, taken: int, capacity: int, **more: Any
) -> Block:
    hour, minute = start.split(":")
    return {
        "start_minute": int(hour) * 60 + int(minute),
        "minutes": minutes,
        "title": title,
        "line": line,
        "kind": kind,
        "taken": taken,
        "capacity": capacity,
        "href": "#week",
        **more,
    }


def week() -> list[dict[str, Any]]:
    """The week of the still: six days, twenty sessions, one being looked at, two proposed."""
    return [
        {
            "label": "Mon 23",
            "blocks": [
                _block("9:00", 90, "Early recovery skills", "Okafor · Room A", "skills", 9, 10),
                _block("10:45", 90, "Relapse prevention", "Okafor · Room A", "skills", 10, 10),
                _block("18:00", 90, "Process group", "Lindqvist · Room B", "process", 8, 10),
                _block("19:30", 90, "CBT for cravings", "Lindqvist · Room B", "skills", 8, 10),
            ],
        },
        {
            "label": "Tue 24",
            "blocks": [
                _block("9:00", 90, "Trauma education", "Haddad · Room A", "education", 7, 8),
                _block("10:45", 90, "Yoga & breath", "Reyes · Studio", "holistic", 6, 12),
                _block("17:30", 90, "DBT: emotion regulation", "Haddad · Telehealth", "skills", 9, 10),
            ],
        },
        {
            "label": "Wed 25",
            "today": True,
            "blocks": [
                _block("9:00", 90, "Early recovery skills", "Okafor · Room A", "skills", 9, 10),
                _block("10:45", 90, "Process group", "Lindqvist · Room A", "process", 9, 10),
                _block("13:00", 50, "Individual", "Okafor · Office 2", "", 1, 1, lane=0, lanes=2),
                _block("13:15", 45, "Intake", "Reyes", "", 1, 1, lane=1, lanes=2),
                _block(
                    "18:00", 90, "CBT for cravings", "Lindqvist · Room B", "skills", 8, 10, state="chosen"
                ),
                _block("19:30", 90, "Family education", "Haddad · Room A", "family", 14, 16),
            ],
        },
        {
            "label": "Thu 26",
            "blocks": [
                _block("9:00", 90, "Relapse prevention", "Okafor · Room A", "skills", 10, 10),
                _block("10:45", 90, "Life skills: money", "Reyes · Room B", "education", 8, 12),
                _block("18:00", 90, "DBT: emotion regulation", "Haddad · Telehealth", "skills", 9, 10),
                _block("19:30", 90, "Peer support", "M. Cole · Room B", "peer", 11, 14),
            ],
        },
        {
            "label": "Fri 27",
            "blocks": [
                _block("9:00", 90, "CBT for cravings", "Lindqvist · Room A", "skills", 9, 10),
                _block("10:45", 90, "12-step study", "M. Cole · Room B", "peer", 9, 14),
                _block("13:00", 120, "Medication clinic", "Dr Amari · Clinic", "medical", 6, 8),
                _block("18:00", 90, "Process group", "Haddad · Room A", "process", 11, 10, state="clash"),
            ],
        },
        {
            "label": "Sat 28",
            "blocks": [
                _block("9:00", 120, "Weekend process", "Okafor · Room A", "process", 7, 10, proposal=True),
                _block("11:15", 90, "Relapse prevention", "Okafor · Room A", "skills", 7, 10, proposal=True),
            ],
        },
    ]


WELLS = [
    {
        "name": "Ana R.",
        "detail": "IOP evening",
        "ordered": 540,
        "delivered": 270,
        "booked": 180,
        "at_risk": 90,
    },
    {"name": "Ben T.", "detail": "IOP day", "ordered": 720, "delivered": 360, "booked": 360, "at_risk": 0},
    {"name": "Carla M.", "detail": "IOP day", "ordered": 540, "delivered": 270, "booked": 270, "at_risk": 0},
    {"name": "Ellis W.", "detail": "PHP", "ordered": 1200, "delivered": 480, "booked": 720, "at_risk": 0},
    {
        "name": "Farah K.",
        "detail": "IOP evening",
        "ordered": 540,
        "delivered": 540,
        "booked": 60,
        "at_risk": 0,
    },
    {"name": "Gus N.", "detail": "IOP day", "ordered": 540, "delivered": 90, "booked": 270, "at_risk": 0},
    {"name": "Hana S.", "detail": "OP", "ordered": 180, "delivered": 90, "booked": 90, "at_risk": 0},
]

RAIL = [
    {"label": "Today", "url": "#today"},
    {"label": "Week", "url": "#week", "current": True},
    {"label": "Patients", "url": "#patients", "count": 64},
    {"label": "Inquiries", "url": "#inquiries", "count": 5},
    {"label": "Notes to sign", "url": "#notes", "count": 3},
    {"label": "Medication", "url": "#medication"},
    {"label": "Drug tests", "url": "#tests"},
    {"label": "Authorizations", "url": "#authorizations", "count": 2, "tone": "warn"},
    {"label": "Billing", "url": "#billing"},
    {"label": "Outcomes", "url": "#outcomes"},
]

DOCK = [
    {"label": "Today", "url": "#today", "icon": "today", "current": True},
    {"label": "Week", "url": "#week", "icon": "week"},
    {"label": "I need help now", "url": "#help", "help": True},
    {"label": "Plan", "url": "#plan", "icon": "plan"},
    {"label": "Messages", "url": "#messages", "icon": "messages", "count": 2},
]

CRISIS = [
    {"label": "Call or text 988", "url": "tel:988", "text": "Suicide and Crisis Lifeline, day and night"},
    {"label": "Call 911", "url": "tel:911", "text": "if someone is in danger or has overdosed"},
]

JOURNEY = [
    {"label": "First call", "state": "done", "note": "2 Oct"},
    {"label": "Assessment", "state": "done", "note": "6 Oct"},
    {"label": "PHP", "state": "done", "note": "3 weeks"},
    {"label": "IOP", "state": "now", "note": "week 4, 9 h"},
    {"label": "Outpatient", "state": "ahead", "note": "from 14 Dec"},
    {"label": "Aftercare", "state": "ahead"},
]

WEEK_STEPS = [
    {"label": "Mon", "state": "done", "note": "Process group"},
    {"label": "Tue", "state": "done", "note": "DBT"},
    {"label": "Wed", "state": "now", "note": "CBT for cravings"},
    {"label": "Thu", "state": "ahead", "note": "DBT"},
    {"label": "Thu", "state": "ahead", "note": "Peer support"},
    {"label": "Sat", "state": "ahead", "note": "Relapse prevention"},
]

TIMELINE = [
    {"at": "Today, 9:04 am", "title": "Came 4 minutes late", "by": "Okafor", "tone": "good"},
    {
        "at": "Mon 23 Nov",
        "title": "Step down recommended",
        "text": "Two weeks without use, PHQ-9 from 14 to 8.",
        "tone": "water",
    },
    {
        "at": "Fri 20 Nov",
        "title": "Missed the evening group",
        "text": "Called at 7:10 pm, no answer.",
        "tone": "warn",
    },
    {"at": "Thu 19 Nov", "title": "Authorization denied", "tone": "bad", "href": "#authorizations"},
    {"at": "2 Oct", "title": "First call"},
]

TIMES = [
    WeeklyTime(weekday=0, starts_at=time(17, 30), ends_at=time(21)),
    WeeklyTime(weekday=2, starts_at=time(17, 30), ends_at=time(21), preferred=False),
    WeeklyTime(weekday=5, starts_at=time(9), ends_at=time(13), video=False),
]

WEEKS = ["Oct 5", "Oct 12", "Oct 19", "Oct 26", "Nov 2", "Nov 9", "Nov 16", "Nov 23"]


def _scores() -> dict[str, Any]:
    phq, gad = [18, 17, 14, None, 12, 11, 9, 8], [14, 13, 13, None, 11, 9, 8, 7]
    bands = [charts.Band("mild", 5, 10), charts.Band("moderate", 10, 15), charts.Band("severe", 15, 20)]
    return {
        "svg": charts.line(
            WEEKS,
            [charts.Series("PHQ-9", phq), charts.Series("GAD-7", gad)],
            bands,
            says="PHQ-9 fell from 18 to 8 and GAD-7 from 14 to 7 in eight weeks",
        ),
        "rows": [list(row) for row in zip(WEEKS, phq, gad, strict=True)],
    }


def _hours() -> dict[str, Any]:
    ordered, delivered = [340, 352, 352, 360], [301, 322, 339, 351]
    return {
        "svg": charts.bars(
            WEEKS[4:],
            [charts.Series("Ordered", ordered), charts.Series("Delivered", delivered)],
            says="Hours ordered and delivered in four weeks",
        ),
        "rows": [list(row) for row in zip(WEEKS[4:], ordered, delivered, strict=True)],
    }


def gallery() -> dict[str, Any]:
    """Everything the page of components needs."""
    return {
        "days": week(),
        "wells": WELLS,
        "journey": JOURNEY,
        "broken": [
            *JOURNEY[:3],
            {"label": "IOP", "state": "missed", "note": "away 2 weeks"},
            *JOURNEY[4:5],
            {"label": "Alumni", "state": "gone"},
        ],
        "week_steps": WEEK_STEPS,
        "timeline": TIMELINE,
        "scores": _scores(),
        "hours_chart": _hours(),
        "kinds": ["skills", "process", "education", "family", "medical", "peer", "holistic", "other"],
    }


def page(part: str) -> dict[str, Any]:
    """The context of one whole sample page."""
    shared: dict[str, Any] = {"days": week(), "wells": WELLS, "week_steps": WEEK_STEPS, "journey": JOURNEY}
    if part == "week":
        who = {"name": "N. Okafor", "credential": "LPC", "site": "Peachtree site"}
        return {**shared, "rail": RAIL, "who": who}
    if part == "pocket":
        return {**shared, "dock": DOCK}
    if part == "public":
        nav = [{"label": "Is it right for me?", "url": "#screen"}, {"label": "What it costs", "url": "#cost"}]
        return {**shared, "program": "Peachtree Recovery", "nav": nav, "crisis": CRISIS}
    return shared
