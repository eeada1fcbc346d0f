"""A plan in plain words."""

from tests.weekplan.small_week import small_case, small_plan

from weekplan.plan import Mend, Shortfall
from weekplan.reading import case_from_json
from weekplan.telling import shortfalls_as_text, week_as_text
from weekplan.writing import plan_from_json

WEEK = """\
Peachtree, first week of March: 3 sessions, 670 points, optimal (no week costs less than 670)

Monday, March 2
  09:00-10:30  Skills (skills), on site in Elm, with Ann: Ida, Jon and Kim
  10:45-12:15  Process (process), by video, with Ann and Ben: 2 others [locked]

Tuesday, March 3
  09:00-10:00  individual, on site, with Ben: Ida

Friday, March 6, closed"""


def test_the_week_is_told_day_by_day():
    case, plan = small_case() | {"closed": [4]}, small_plan()
    plan["sessions"][1] |= {
        "people": [], "others": 2, "fixed": "locked", "mode": "video", "room": None, "leaders": ["Ann", "Ben"],
    }  # fmt: skip
    assert week_as_text(case_from_json(case), plan_from_json(plan)) == WEEK


def test_nobody_is_short():
    assert shortfalls_as_text(()) == "Everybody gets what was ordered."


SHORT = """\
Ida is short of 90 minutes, 60 minutes of skills and the session Ida alone.
  Her Tuesday ends at noon.
  - Open Oak on Tuesday afternoon. (90 minutes more; costs 60 points; also helps Jon and Kim)
  - Let her join by video. (saves 20 points)
  - Ask her. (costs nothing)

Jon is short of 15 minutes of process.
  No group has a seat."""


def test_who_is_short_is_told_with_the_mends():
    ida = Shortfall(
        patient="Ida",
        minutes=90,
        doses=(("skills", 60),),
        owed=("Ida alone",),
        because="Her Tuesday ends at noon.",
        mends=(
            Mend("Open Oak on Tuesday afternoon.", 90, 60, ("Jon", "Kim")),
            Mend("Let her join by video.", 0, -20, ()),
            Mend("Ask her.", 0, 0, ()),
        ),
    )
    jon = Shortfall("Jon", 0, (("process", 15),), (), "No group has a seat.", ())
    assert shortfalls_as_text([ida, jon]) == SHORT
