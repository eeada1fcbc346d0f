"""The hidden week: a week that works, built before the case that asks for one.

First the patients' half days, then in each block the groups for those who are there, then rooms, leaders
and the sessions owed. What the case asks for is read off this week, so nobody needs to be short.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from weekplan.case import DAY, Mode, Span
from weekplan.make.people import LIVES, Person, choose_half_days, come_on, live, people, starts_of
from weekplan.make.site import BLOCK, GROUPS, TOPICS, Group, blocks


@dataclass(slots=True)
class Meeting:
    """A group session of the hidden week."""

    group: Group
    start: int
    mode: Mode
    who: list[int]
    offer: str = ""
    room: int | None = None
    leaders: list[int] = field(default_factory=list)

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + BLOCK)


@dataclass(slots=True)
class HiddenWeek:
    size: int
    rng: Random
    least: int
    persons: list[Person]
    groups: tuple[Group, ...]
    meetings: list[Meeting] = field(default_factory=list)
    members: dict[str, frozenset[int]] = field(default_factory=dict)  # closed series by offer
    apart: list[tuple[int, int]] = field(default_factory=list)

    # -- what one patient has ------------------------------------------------

    def of(self, number: int) -> list[Meeting]:
        return [meeting for meeting in self.meetings if number in meeting.who]

    def may_join(self, person: Person, group: Group, had_here: Counter[str]) -> bool:
        return (
            group.needs <= person.tags
            and (not group.tracks or person.track in group.tracks)
            and (group.topic is None or group.topic not in person.had)
            and had_here[group.id] < group.each
            and person.number in self.members.get(group.id, (person.number,))
        )

    # -- building ------------------------------------------------------------

    def gather(self) -> None:
        """Half days for everybody, then groups in every block."""
        coming = {person.number: choose_half_days(person, self.rng, self.size) for person in self.persons}
        self._leave_empty_half_days(coming)
        present: dict[tuple[int, Mode], list[int]] = {}
        for person in self.persons:
            for day, half, both in coming[person.number]:
                two = blocks(day, half)
                for start in two if both else (two[1],):
                    present.setdefault((start, person.mode_on(day)), []).append(person.number)
        had: dict[int, Counter[str]] = {person.number: Counter() for person in self.persons}
        kinds: dict[int, Counter[str]] = {person.number: Counter() for person in self.persons}
        for start, mode in sorted(present):
            self._share_out(start, mode, present[start, mode], had, kinds)
        for person in self.persons:
            self.seat_anywhere(person, person.blocks - len(self.of(person.number)))

    def _leave_empty_half_days(self, coming: dict[int, list[tuple[int, int, bool]]]) -> None:
        """Where fewer come than a group needs, they come on a fuller half day instead."""
        for _ in range(4):
            count = Counter(
                (day, half, person.mode_on(day))
                for person in self.persons
                for day, half, _ in coming[person.number]
            )
            for person in self.persons:
                mine = coming[person.number]
                for place, (day, half, both) in enumerate(mine):
                    if count[day, half, person.mode_on(day)] > self.least:
                        continue
                    days = {other for other, _, _ in mine}
                    fuller = [
                        (count[d, h, person.mode_on(d)], -d, h)
                        for d, h in person.halves
                        if d not in days and count[d, h, person.mode_on(d)] > self.least
                    ]
                    if fuller:
                        count[day, half, person.mode_on(day)] -= 1
                        _, minus, other_half = max(fuller)
                        mine[place] = (-minus, other_half, both)
                        count[-minus, other_half, person.mode_on(-minus)] += 1

    def _share_out(
        self,
        start: int,
        mode: Mode,
        there: list[int],
        had: dict[int, Counter[str]],
        kinds: dict[int, Counter[str]],
    ) -> None:
        """Groups for the patients who are there in one block by one mode."""
        left = list(there)
        self.rng.shuffle(left)
        opened: list[Meeting] = []
        while len(left) >= self.least:
            sessions = max(1, round(len(left) / 9))
            best: tuple[float, Group, list[int]] | None = None
            for group in self.groups:
                if mode not in group.modes:
                    continue
                able = [n for n in left if self.may_join(self.persons[n], group, had[n])]
                able.sort(key=lambda n: kinds[n][group.kind] - self.persons[n].wants[group.kind])
                able = able[: min(group.most, -(-len(left) // sessions))]
                if len(able) < self.least:
                    continue
                wanting = sum(kinds[n][group.kind] < self.persons[n].wants[group.kind] for n in able)
                score = wanting + 0.4 * len(able) + self.rng.random()
                if group.needs:  # few people, so a general group would always look better
                    score += 3.0 if any(m.group is group for m in self.meetings) else 12.0
                score -= 2.5 * sum(meeting.group is group for meeting in opened)
                if best is None or score > best[0]:
                    best = (score, group, able)
            if best is None:
                break
            opened.append(Meeting(best[1], start, mode, best[2]))
            for number in best[2]:
                left.remove(number)
                had[number][best[1].id] += 1
                kinds[number][best[1].kind] += 1
        for number in left:
            for meeting in sorted(opened, key=lambda m: len(m.who)):
                if len(meeting.who) < meeting.group.most and self.may_join(
                    self.persons[number], meeting.group, had[number]
                ):
                    meeting.who.append(number)
                    had[number][meeting.group.id] += 1
                    break
        self.meetings += opened

    def seat_anywhere(self, person: Person, wanted: int) -> None:
        """Seats a patient in so many more groups that already run, at home in this life if possible."""
        usual = starts_of(person)
        for _ in range(wanted):
            mine = self.of(person.number)
            taken = {meeting.start for meeting in mine}
            had = Counter(meeting.group.id for meeting in mine)
            by_day = Counter(meeting.start // DAY for meeting in mine)
            fitting = [
                (meeting.start not in usual, by_day[meeting.start // DAY] != 1, len(meeting.who), place)
                for place, meeting in enumerate(self.meetings)
                if meeting.start not in taken
                and len(meeting.who) < meeting.group.most
                and (meeting.mode == Mode.ON_SITE or meeting.start // DAY in person.video_days)
                and self.may_join(person, meeting.group, had)
                and by_day[meeting.start // DAY] < 2
                and (by_day[meeting.start // DAY] or len(by_day) < 5)
            ]
            if not fitting:
                return
            meeting = self.meetings[min(fitting)[3]]
            meeting.who.append(person.number)

    def change_lives(self) -> None:
        """Last week is what stands now; then the lives of every tenth patient change."""
        for person in self.persons:
            person.used_to = tuple((m.offer, m.start) for m in self.of(person.number))
        lives = [life for life, _ in LIVES]
        for person in self.persons:
            mine = self.of(person.number)
            if self.rng.random() >= 0.1 or any(
                len(m.who) <= self.least or m.offer in self.members for m in mine
            ):
                continue
            before = (person.life, person.halves, person.windows, person.video_days, person.track)
            live(person, self.rng.choice(lives), self.rng, self.size)
            for meeting in mine:
                meeting.who.remove(person.number)
            self.seat_anywhere(person, len(mine))
            if len(self.of(person.number)) < len(mine):  # no seats for that life: nothing changes after all
                person.life, person.halves, person.windows, person.video_days, person.track = before
                for meeting in self.meetings:
                    if person.number in meeting.who:
                        meeting.who.remove(person.number)
                for meeting in mine:
                    meeting.who.append(person.number)

    def close_some_series(self) -> None:
        """Names the offers; some sessions become closed series that only their members attend."""
        for meeting in self.meetings:
            meeting.offer = meeting.group.id
        wanted = 0 if self.size < 20 else 1 + self.size // 100
        open_to_it = [m for m in self.meetings if m.group.kind == "skills" and not m.group.needs]
        for number, meeting in enumerate(self.rng.sample(open_to_it, min(wanted, len(open_to_it))), start=1):
            meeting.offer = f"series-{number}"
            meeting.group = Group(
                meeting.offer, "skills", 12, 1, meeting.group.modes, tracks=meeting.group.tracks
            )
            self.members[meeting.offer] = frozenset(meeting.who)

    def give_rooms(self) -> list[tuple[int, frozenset[str]]]:
        """Rooms for all meetings on site; returns the capacity and features of each room."""
        largest: list[int] = []
        features: list[set[str]] = []
        for start in sorted({m.start for m in self.meetings}):
            here = [m for m in self.meetings if m.start == start and m.mode == Mode.ON_SITE]
            here.sort(key=lambda m: (not m.group.features, -len(m.who), m.offer))
            for room, meeting in enumerate(here):
                if room == len(largest):
                    largest.append(0)
                    features.append(set())
                meeting.room = room
                largest[room] = max(largest[room], len(meeting.who))
                features[room] |= meeting.group.features
        sizes = (8, 10, 12, 16, 20)
        return [
            (next(size for size in sizes if size >= most), frozenset(has))
            for most, has in zip(largest, features, strict=True)
        ]

    def keep_some_apart(self) -> None:
        """A few pairs who never sit together in the hidden week."""
        together = {(a, b) for m in self.meetings for a in m.who for b in m.who if a < b}
        for _ in range(round(self.size * 0.03) if self.size >= 15 else 0):
            for _ in range(50):
                a, b = sorted(self.rng.sample(range(self.size), 2))
                same = self.persons[a].track == self.persons[b].track
                if same and (a, b) not in together and (a, b) not in self.apart:
                    self.apart.append((a, b))
                    break

    def open_windows(self) -> None:
        """Everybody can come to what the hidden week holds for them."""
        for meeting in self.meetings:
            for number in meeting.who:
                come_on(self.persons[number], meeting.span, meeting.mode)


def hidden_week(size: int, rng: Random) -> HiddenWeek:
    """The groups of the hidden week with people in them, still without rooms and leaders."""
    least = 3 if size < 25 else 4
    topics = frozenset(rng.sample(TOPICS, 2)) if size < 40 else frozenset(TOPICS)
    groups = tuple(
        group for group in GROUPS if group.at_least <= size and (group.topic is None or group.topic in topics)
    )
    week = HiddenWeek(size, rng, least, people(size, rng), groups)
    week.gather()
    week.close_some_series()
    week.change_lives()
    week.keep_some_apart()
    week.open_windows()
    return week
