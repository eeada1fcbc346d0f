"""Every write about curricula: a site takes one, a group is given one, a session gets its topic."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.curriculum import policies, rules
from stepwell.clinic.timetable.curriculum.models import SiteCurriculum
from stepwell.clinic.timetable.curriculum.queries import Shelf, shelf_of_site
from stepwell.clinic.timetable.models import Occurrence, TherapyGroup
from stepwell.clinic.timetable.rules import topic_of_week


@transaction.atomic
def take_curriculum(
    *, by: Actor, at: datetime, site: Site, curriculum: rules.Curriculum, seen: int | None = None
) -> SiteCurriculum:
    """The site uses this curriculum from now on; groups that follow its key follow the new version, and so do their
    coming sessions whose note is not begun. `seen`: the version that whoever looked at it replaces.

    Raises `Refused` for what the site has already, and when somebody else replaced it meanwhile.
    """
    policies.may_set_up(by, site.pk)
    shelf = shelf_of_site(site.pk)
    before = shelf.version(curriculum.key)
    if seen is not None and seen != before:
        raise Refused(
            "Somebody else replaced this curriculum meanwhile. Look at it again; nothing was saved."
        )
    if shelf.newest(curriculum.key) == curriculum:
        raise Refused(
            f"{curriculum.title} is here already, just as it stands in this file. Nothing was saved."
        )
    groups = list(
        TherapyGroup.objects.select_for_update(no_key=True)
        .filter(site=site, curriculum=curriculum.key)
        .order_by("pk")
    )
    try:
        with transaction.atomic():
            row = SiteCurriculum.objects.create(
                site=site,
                key=curriculum.key,
                version=before + 1,
                title=curriculum.title,
                content=rules.as_file(curriculum),
                at=at,
                by_id=by.staff_id,
            )
    except IntegrityError as twice:
        raise Refused(
            "Somebody else replaced this curriculum meanwhile. Look at it again; nothing was saved."
        ) from twice
    changed = 0
    for group in groups:
        group.topics = curriculum.titles
        group.save(update_fields=["topics"])
        changed += _follow(group, curriculum, shelf, at)
    trail.record(
        by=by,
        at=at,
        action="timetable.take_curriculum",
        subject=f"SiteCurriculum {row.pk}",
        detail={"key": row.key, "version": row.version, "groups": len(groups), "sessions": changed},
    )
    return row


@transaction.atomic
def give_curriculum(*, by: Actor, at: datetime, group: TherapyGroup, key: str) -> TherapyGroup:
    """The group follows this curriculum from now on: its topics roll by the week, and its coming sessions whose note is
    not begun get theirs. "" ends it; the topics stay as a list of the group's own. Raises `Refused`."""
    policies.may_set_up(by, group.site_id)
    locked = TherapyGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    before = locked.curriculum
    if key == before:
        raise Refused(f"{locked.name} has this already. Nothing was changed.")
    changed = 0
    if key:
        chosen = shelf_of_site(locked.site_id).newest(key)
        if chosen is None:
            raise Refused("This curriculum is not here any more. Choose another one; nothing was changed.")
        locked.curriculum, locked.topics = key, chosen.titles
        locked.save(update_fields=["curriculum", "topics"])
        changed = _follow(locked, chosen, None, at)
    else:
        locked.curriculum = ""
        locked.save(update_fields=["curriculum"])
        changed = _coming(locked, at).update(curriculum="")
    announce(f"site:{locked.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.give_curriculum",
        subject=f"TherapyGroup {locked.pk}",
        detail={"before": before, "after": key, "sessions": changed},
    )
    return locked


@transaction.atomic
def choose_topic(*, by: Actor, at: datetime, occurrence: Occurrence, topic: str) -> Occurrence:
    """This session is about that topic of its group's curriculum (the topic's key). Raises `Refused` once the note is begun."""
    locked = (
        Occurrence.objects.select_for_update(no_key=True, of=("self",))
        .select_related("group")
        .get(pk=occurrence.pk)
    )
    policies.may_choose_topic(by, locked)
    if locked.cancelled_at is not None:
        raise Refused("This session is cancelled, so it has no topic.")
    if locked.group is None or not locked.group.curriculum:
        raise Refused("This group follows no curriculum. Write the topic into the session's note.")
    if Occurrence.objects.filter(pk=locked.pk, note__isnull=False).exists():
        raise Refused("The note of this session is begun, so its topic is written there.")
    key = locked.group.curriculum
    shelf = shelf_of_site(locked.site_id)
    curriculum = shelf.newest(key)
    chosen = curriculum.topic(topic) if curriculum else None
    if chosen is None:
        raise Refused(
            "This topic is not part of the group's curriculum. Choose another one; nothing was changed."
        )
    before = shelf.topic(locked.curriculum, locked.topic)
    locked.curriculum, locked.topic = key, chosen.title
    locked.save(update_fields=["curriculum", "topic"])
    announce(f"occurrence:{locked.pk}", f"site:{locked.site_id}")
    trail.record(
        by=by,
        at=at,
        action="timetable.choose_topic",
        subject=f"Occurrence {locked.pk}",
        detail={"curriculum": key, "before": before.key if before else "", "after": chosen.key},
    )
    return locked


def _coming(group: TherapyGroup, at: datetime) -> QuerySet[Occurrence]:
    return Occurrence.objects.filter(group=group, starts__gt=at, cancelled_at__isnull=True, note__isnull=True)


def _follow(group: TherapyGroup, curriculum: rules.Curriculum, before: Shelf | None, at: datetime) -> int:
    """Coming sessions get their topics; one whose topic is still there keeps it, under its title of now."""
    # Read first and locked by id: a lock over the left join to the notes is refused by the database.
    ids = list(_coming(group, at).order_by("pk").values_list("pk", flat=True))
    rows = list(Occurrence.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    for row in rows:
        old = before.topic(row.curriculum, row.topic) if before else None
        kept = curriculum.topic(old.key) if old else None
        rolled = topic_of_week(curriculum.titles, group.starts_on, row.local_date)
        row.curriculum, row.topic = curriculum.key, kept.title if kept else rolled
    Occurrence.objects.bulk_update(rows, ["curriculum", "topic"], batch_size=100)
    return len(rows)
