"""Reading curricula and who has had which topic, starting from who asks. Each function is a fixed number of statements.

A topic was had by whoever attended a session about it: the topic that the session's note names, and before there is a
note the one that was planned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.timetable.curriculum import rules
from stepwell.clinic.timetable.curriculum.models import SiteCurriculum
from stepwell.clinic.timetable.models import Enrollment, Occurrence, Seat

_SAID = Coalesce(NullIf(F("occurrence__note__topic"), Value("")), F("occurrence__topic"))
_COMING_SHOWN = 6


@dataclass(frozen=True)
class OnFile:
    """A curriculum as a site has it. `version` 0: as it comes with Stepwell."""

    curriculum: rules.Curriculum
    version: int = 0
    at: datetime | None = None
    by: str = ""


class Shelf:
    """The curricula of one site in all their versions, and those that come with Stepwell."""

    def __init__(self, rows: Iterable[SiteCurriculum]) -> None:
        """`rows`: newest version first."""
        self._rows: dict[str, list[SiteCurriculum]] = defaultdict(list)
        for row in rows:
            self._rows[row.key].append(row)

    def version(self, key: str) -> int:
        """The version in use; 0 for the shipped one, and where there is none."""
        return self._rows[key][0].version if key in self._rows else 0

    def newest(self, key: str) -> rules.Curriculum | None:
        """The one in use; None where there is none of this key."""
        return next(iter(self._all(key)), None)

    def topic(self, key: str, title: str) -> rules.Topic | None:
        """A topic by its title in the newest version that has it: titles may have changed since a session was held."""
        if not key or not title:
            return None
        return next((found for one in self._all(key) if (found := one.called(title)) is not None), None)

    def on_file(self, key: str) -> list[OnFile]:
        """Every version, newest first."""
        own = [
            OnFile(_read(row.content), row.version, row.at, row.by.name if row.by else "the command line")
            for row in self._rows.get(key, ())
        ]
        shipped = rules.shipped().get(key)
        return own + ([OnFile(shipped)] if shipped else [])

    def in_use(self) -> list[OnFile]:
        """Each curriculum in its newest version, by title."""
        keys = {*self._rows, *rules.shipped()}
        return sorted((self.on_file(key)[0] for key in keys), key=lambda one: one.curriculum.title.lower())

    def _all(self, key: str) -> Iterable[rules.Curriculum]:
        for row in self._rows.get(key, ()):
            yield _read(row.content)
        if key in rules.shipped():
            yield rules.shipped()[key]


@lru_cache(maxsize=200)
def _read(content: str) -> rules.Curriculum:
    return rules.read(content)


_OF_SITE = Prepared(
    lambda *, site_id: (
        SiteCurriculum.objects.filter(site_id=site_id).select_related("by").order_by("key", "-version")
    )
)


def shelf_of_site(site_id: int) -> Shelf:
    """For actions, whose policy has been asked. One statement."""
    return Shelf(_OF_SITE.rows(site_id=site_id))


def shelf_for(by: Actor, site_id: int) -> Shelf:
    """The curricula of a site: for its staff and its patients; for others those that come with Stepwell. One statement."""
    if by.is_staff and site_id in by.sites_with(Permission.TIMETABLE_READ):
        return shelf_of_site(site_id)
    if by.patient_id is not None:
        own = Patient.objects.filter(pk=by.patient_id, site_id=site_id).values("site")
        return Shelf(
            SiteCurriculum.objects.filter(site__in=own).select_related("by").order_by("key", "-version")
        )
    return Shelf(())


def topic_of(by: Actor, occurrence: Occurrence, title: str = "") -> rules.Topic | None:
    """The topic of a session, or the one of that title, with all that its curriculum says. One statement, none without."""
    if not occurrence.curriculum:
        return None
    return shelf_for(by, occurrence.site_id).topic(occurrence.curriculum, title or occurrence.topic)


@dataclass(frozen=True)
class HadTopic:
    """Somebody attended a session about a topic."""

    patient_id: int
    curriculum: str
    topic: str
    on: date
    title: str


def _had(seats: Any, shelf: Shelf) -> list[HadTopic]:
    """Oldest first; titles that no version knows are left out. One statement."""
    rows = (
        seats.filter(
            released_at__isnull=True, attendance__outcome="present", occurrence__cancelled_at__isnull=True
        )
        .exclude(occurrence__curriculum="")
        .annotate(said=_SAID)
        .order_by("occurrence__starts", "pk")
        .values_list(
            "patient_id", "occurrence__curriculum", "said", "occurrence__local_date", "occurrence__title"
        )
    )
    return [
        HadTopic(patient, key, topic.key, on, title)
        for patient, key, said, on, title in rows
        if (topic := shelf.topic(key, said)) is not None
    ]


@dataclass(frozen=True)
class TopicRow:
    """A topic on a group's page: when the group held it, who of its people had it, who still needs it."""

    topic: rules.Topic
    held: tuple[date, ...]
    had: tuple[Patient, ...]
    needs: tuple[Patient, ...]


@dataclass(frozen=True)
class GroupTopics:
    """Everything about the topics of a group. Without a curriculum only `coming` and `people` are filled."""

    curriculum: rules.Curriculum | None
    version: int
    rows: tuple[TopicRow, ...]
    people: tuple[Patient, ...]
    needs: Mapping[int, tuple[rules.Topic, ...]]
    proposal: rules.Decision | None
    coming: tuple[Any, ...]
    choices: tuple[OnFile, ...]


def topics_of_group(by: Actor, at: datetime, group: Any, today: date) -> GroupTopics:
    """The topics with when they were held and who has had them, what each person needs, and what comes next.

    `people`: who belongs to the group or has a seat in a coming session of it. Five statements.
    """
    shelf = shelf_for(by, group.site_id)
    coming = tuple(
        Occurrence.objects.filter(group_id=group.pk, ends__gt=at, cancelled_at__isnull=True)
        .annotate(begun=F("note__pk"))
        .order_by("starts", "pk")[:_COMING_SHOWN]
    )
    people = tuple(_people(by, at, group, today))
    curriculum = shelf.newest(group.curriculum) if group.curriculum else None
    if curriculum is None:
        return GroupTopics(None, 0, (), people, {}, None, coming, tuple(shelf.in_use()))
    had: dict[int, set[str]] = {person.pk: set() for person in people}
    of = Seat.objects.filter(occurrence__curriculum=curriculum.key, patient__in=[p.pk for p in people])
    for one in _had(of, shelf):
        had[one.patient_id].add(one.topic)
    held = _held(at, group, curriculum, shelf)
    rows = tuple(
        TopicRow(
            topic,
            tuple(sorted((one.on for one in held if one.topic == topic.key), reverse=True)),
            tuple(p for p in people if topic.key in had[p.pk]),
            tuple(p for p in people if topic.key not in had[p.pk]),
        )
        for topic in curriculum.topics
    )
    return GroupTopics(
        curriculum,
        shelf.version(curriculum.key),
        rows,
        people,
        {pk: rules.still_needed(curriculum, keys) for pk, keys in had.items()},
        rules.next_topic(curriculum, held, had),
        coming,
        tuple(shelf.in_use()),
    )


def _people(by: Actor, at: datetime, group: Any, today: date) -> Any:
    belongs = Enrollment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), patient=OuterRef("pk"), group_id=group.pk
    )
    booked = Seat.objects.filter(
        patient=OuterRef("pk"),
        released_at__isnull=True,
        occurrence__group_id=group.pk,
        occurrence__ends__gt=at,
        occurrence__cancelled_at__isnull=True,
    )
    return (
        patients_for(by, Permission.PLAN_READ)
        .filter(Exists(belongs) | Exists(booked), site_id=group.site_id)
        .order_by("given_name", "family_name", "pk")
    )


def _held(at: datetime, group: Any, curriculum: rules.Curriculum, shelf: Shelf) -> list[rules.Held]:
    """Topics of sessions of this group to which somebody came. One statement."""
    came = Seat.objects.filter(
        occurrence=OuterRef("pk"), released_at__isnull=True, attendance__outcome="present"
    )
    rows = (
        Occurrence.objects.filter(
            Exists(came),
            group_id=group.pk,
            curriculum=curriculum.key,
            starts__lte=at,
            cancelled_at__isnull=True,
        )
        .annotate(said=Coalesce(NullIf(F("note__topic"), Value("")), F("topic")))
        .order_by("starts")
        .values_list("local_date", "said")
    )
    return [
        rules.Held(on, topic.key)
        for on, said in rows
        if (topic := shelf.topic(curriculum.key, said)) is not None
    ]


@dataclass(frozen=True)
class Progress:
    """One person in one curriculum. `had`: topic and the day she had it last; `needs`: what is still to come."""

    curriculum: rules.Curriculum
    had: tuple[tuple[rules.Topic, date], ...]
    needs: tuple[rules.Topic, ...]
    groups: tuple[str, ...] = field(default=())


def progress_of(by: Actor, patient: Patient, groups: Sequence[Any] | None = None) -> tuple[Progress, ...]:
    """What the patient had of each curriculum that her groups follow, or that she began. `groups`: those to which she
    belongs, when they are read already. Three statements, two with `groups`."""
    mine = patients_for(by, Permission.PLAN_READ)
    shelf = shelf_for(by, patient.site_id)
    if groups is None:
        rows = Enrollment.objects.filter(patient__in=mine, patient_id=patient.pk, ends_on__isnull=True)
        groups = [row.group for row in rows.select_related("group").order_by("starts_on", "pk")]
    had: dict[str, dict[str, date]] = defaultdict(dict)
    for one in _had(Seat.objects.filter(patient__in=mine, patient_id=patient.pk), shelf):
        had[one.curriculum][one.topic] = one.on
    following: dict[str, list[str]] = defaultdict(list)
    for group in groups:
        if group.curriculum:
            following[group.curriculum].append(group.name)
    found = []
    for key in [*following, *(key for key in had if key not in following)]:
        curriculum = shelf.newest(key)
        if curriculum is not None:
            done = tuple((t, had[key][t.key]) for t in curriculum.topics if t.key in had[key])
            needs = rules.still_needed(curriculum, had[key]) if key in following else ()
            found.append(Progress(curriculum, done, needs, tuple(dict.fromkeys(following.get(key, ())))))
    return tuple(found)


@dataclass(frozen=True)
class Handout:
    """A hand-out of a topic that somebody attended."""

    curriculum: rules.Curriculum
    topic: rules.Topic
    on: date


def own_handouts(by: Actor, site_id: int) -> list[Handout]:
    """The hand-outs of topics that the patient who asks attended, newest first; never anybody else's. Two statements."""
    if by.patient_id is None:
        return []
    shelf = shelf_for(by, site_id)
    own = Seat.objects.filter(patient__in=patients_for(by, Permission.OWN_RECORD))
    latest = {(one.curriculum, one.topic): one.on for one in _had(own, shelf)}
    found = []
    for (key, word), on in sorted(latest.items(), key=lambda item: item[1], reverse=True):
        # A topic that the newest version dropped was attended all the same: its hand-out stays hers.
        for one in shelf.on_file(key):
            topic = one.curriculum.topic(word)
            if topic is not None:
                found.append(Handout(one.curriculum, topic, on))
                break
    return found


def own_handout(by: Actor, site_id: int, key: str, topic: str) -> Handout | None:
    """One of them; None for a topic she did not attend."""
    return next(
        (h for h in own_handouts(by, site_id) if (h.curriculum.key, h.topic.key) == (key, topic)), None
    )


def next_day_of_group(by: Actor, occurrence: Occurrence) -> date | None:
    """The day of the group's next session that stands; None when none is planned. One statement."""
    if occurrence.group_id is None or occurrence.site_id not in by.sites_with(Permission.TIMETABLE_READ):
        return None
    found: date | None = (
        Occurrence.objects.filter(
            group_id=occurrence.group_id, starts__gt=occurrence.starts, cancelled_at__isnull=True
        )
        .order_by("starts")
        .values_list("local_date", flat=True)
        .first()
    )
    return found
