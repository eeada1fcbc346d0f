"""The patients of a made case: how they live, when they can come, what they were ordered."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from weekplan.case import DAY, Mode, Span, Window
from weekplan.make.site import BLOCK, BOTH, SATURDAY, TOPICS, blocks

MORNING, AFTERNOON, EVENING = 0, 1, 2

LIVES: Final = (
    ("works days", 22),
    ("works shifts", 12),
    ("children at home until 14:30", 15),
    ("student", 10),
    ("no car on some days", 13),
    ("retired", 10),
    ("second job", 8),
    ("between jobs", 10),
)
_VIDEO = frozenset({Mode.VIDEO})


@dataclass(slots=True)
class Person:
    """A patient in the making. `halves`: the half days on which this life leaves room for treatment."""

    number: int
    life: str = ""
    halves: list[tuple[int, int]] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    video_days: tuple[int, ...] = ()
    ordered: int = 540
    countable: int = 0
    owed_kinds: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    track: str = "day"
    had: frozenset[str] = frozenset()
    wants: dict[str, int] = field(default_factory=dict)
    used_to: tuple[tuple[str, int], ...] = ()

    @property
    def id(self) -> str:
        return f"p{self.number + 1:03d}"

    @property
    def blocks(self) -> int:
        """How many groups fill the order beside the sessions owed."""
        rest = self.ordered - 60 * len(self.owed_kinds)
        return -(-rest // BLOCK)

    def mode_on(self, day: int) -> Mode:
        return Mode.VIDEO if day in self.video_days else Mode.ON_SITE


def live(person: Person, life: str, rng: Random, size: int) -> None:
    """Gives the person a life: its half days and windows. `size`: patients of the house."""
    person.life = life
    person.video_days = ()
    week = list(range(5))
    halves: list[tuple[int, int]]
    windows: list[Window] = []
    modes = BOTH if rng.random() < 0.5 else frozenset({Mode.ON_SITE})

    def can(
        day: int, start: int, end: int, preferred: bool = True, by: frozenset[Mode] | None = None
    ) -> None:
        windows.append(Window(Span(day * DAY + start, day * DAY + end), preferred, by or modes))

    if life == "works days":
        halves = [(day, EVENING) for day in week] + [(SATURDAY, MORNING)]
        if rng.random() < 0.35:  # from home on one or two evenings
            person.video_days, modes = rng.choice(((1,), (1, 3))), BOTH
        for day in week:
            can(day, 1035 if rng.random() < 0.7 else 960, 1260)
        can(SATURDAY, 510, 840, rng.random() < 0.4)
    elif life == "works shifts":
        late = frozenset(rng.sample(week, 2))
        halves = [(day, MORNING if day in late or size < 12 else EVENING) for day in week]
        for day, half in halves:
            can(day, 510, 840) if half == MORNING else can(day, 960, 1260)
        can(rng.choice(week), 840, 960, False)
    elif life == "children at home until 14:30":
        halves = [(day, MORNING) for day in week]
        for day in week:
            can(day, 510, 870)
        can(rng.choice(week), 1050, 1260, False)
    elif life == "student":
        halves = [(day, AFTERNOON) for day in week]
        if rng.random() < 0.3:
            person.video_days, modes = (2,), BOTH
        for day in week:
            can(day, 660, 1050)
            if rng.random() < 0.4:
                can(day, 1050, 1260, False)
            if rng.random() < 0.3:
                can(day, 525, 660, False)
    elif life == "no car on some days":
        halves = [(day, MORNING) for day in week]
        person.video_days = (1, 3) if rng.random() < 0.7 else (0, 2, 4)
        for day in week:
            by = _VIDEO if day in person.video_days else BOTH
            can(day, 510, 975 if rng.random() < 0.6 else 825, by=by)
    elif life == "retired":
        half = rng.choice((MORNING, MORNING, AFTERNOON))
        halves = [(day, half) for day in week]
        for day in week:
            can(day, 510, 780, half == MORNING)
            can(day, 780, 1020, half == AFTERNOON)
    elif life == "second job":
        work = rng.choice(week)
        halves = [(day, EVENING) for day in week if day != work] + [(SATURDAY, MORNING)]
        for day in week:
            if day != work:
                can(day, 1020, 1260)
        can(SATURDAY, 510, 840)
    else:
        half = rng.choice((MORNING, AFTERNOON, EVENING))
        halves = [(day, half) for day in week]
        for day in week:
            can(day, 510, 1020, half != EVENING)
            can(day, 1020, 1260, half == EVENING)
    if size < 40:  # a small house has no afternoon track, and holds everything on site
        halves = [(day, MORNING if half == AFTERNOON else half) for day, half in halves]
        person.video_days = person.video_days if size >= 25 else ()
    if size < 12:
        halves = [(day, MORNING) for day in week]
    person.halves = halves
    person.track = "evening" if sum(half == EVENING for _, half in halves) >= 3 else "day"
    person.windows = windows


def choose_half_days(person: Person, rng: Random, size: int) -> list[tuple[int, int, bool]]:
    """Which half days the person comes on: day, half, and whether for both blocks.

    Most people of a house come on the same days (Monday, Wednesday, Friday; in the evening Monday, Tuesday,
    Thursday); the larger the house the more of them choose otherwise.
    """
    pairs, single = divmod(person.blocks, 2)
    by_day = dict(person.halves)
    usual = (0, 1, 3, 2, 5, 4) if person.track == "evening" else (0, 2, 4, 1, 3, 5)
    days = [day for day in usual if day in by_day]
    if rng.random() < (0.0 if size < 25 else 0.35):
        rng.shuffle(days)
    chosen = days[: pairs + single]
    return [(day, by_day[day], place < pairs) for place, day in enumerate(chosen)]


def people(size: int, rng: Random) -> list[Person]:
    """So many patients with lives, orders and wants."""
    lives = [life for life, _ in LIVES]
    weights = [weight for _, weight in LIVES]
    made = []
    for number in range(size):
        person = Person(number)
        live(person, rng.choices(lives, weights)[0], rng, size)
        person.ordered = rng.choices((540, 630, 720, 900), (55, 8, 25, 12))[0]
        if len(person.halves) < 5 and person.ordered == 900:
            person.ordered = 720
        person.countable = 180 if rng.random() < 0.4 else 0
        weekly = rng.random() < 0.5
        owed = ("individual",) if weekly or rng.random() < 0.5 else ()
        person.owed_kinds = (*owed, "family") if rng.random() < 0.25 else owed
        tags = []
        if rng.random() < 0.45:
            tags.append("women")
        if rng.random() < 0.22:
            tags.append("trauma")
        if rng.random() < 0.12:
            tags.append("spanish")
        person.tags = frozenset(tags)
        person.had = frozenset(topic for topic in TOPICS if rng.random() < 0.3)
        person.wants = {"process": 2, "skills": 2, "education": 1, "peer": 1, "holistic": 1, "family": 1}
        person.wants["medical"] = 1 if rng.random() < 0.3 else 0
        person.wants["case_management"] = 1 if rng.random() < 0.5 else 0
        made.append(person)
    return made


def come_on(person: Person, span: Span, mode: Mode) -> None:
    """Adds a window for a session that none of the person's windows holds."""
    if not any(mode in window.modes and window.span.holds(span) for window in person.windows):
        person.windows.append(Window(span, True, frozenset({mode})))


def starts_of(person: Person) -> frozenset[int]:
    """The starts of blocks that lie within the half days of the person's life."""
    return frozenset(start for day, half in person.halves for start in blocks(day, half))
