"""Reading check-ins, plans and homework, starting from who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent.queries import permitted_to_family
from stepwell.clinic.consent.rules import Category
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.recovery import rules
from stepwell.clinic.recovery.models import CheckIn, Homework, RecoveryPlan
from stepwell.clinic.timetable.models import Occurrence


@dataclass(frozen=True)
class HomeworkOnFile:
    """Homework with where it stands."""

    row: Homework
    state: rules.HomeworkState

    @property
    def open(self) -> bool:
        """Nothing was handed in yet."""
        return self.state in (
            rules.HomeworkState.OPEN,
            rules.HomeworkState.DUE_TODAY,
            rules.HomeworkState.OVERDUE,
        )


def check_ins_of(by: Actor, patient: Patient, *, since: datetime) -> list[CheckIn]:
    """Check-ins since an instant, newest first."""
    rows = CheckIn.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient, at__gte=since)
    return list(rows.order_by("-at", "-pk"))


def alerts_of(check_in: CheckIn) -> tuple[rules.Alert, ...]:
    """What this check-in alerted, read again: decides whether the patient is shown the crisis card."""
    return rules.alerts(as_rule(check_in), [as_rule(row) for row in earlier_than(check_in)])


def earlier_than(check_in: CheckIn) -> Any:
    """The check-ins of the same patient that the craving rule may count."""
    since = check_in.at - rules.default_thresholds().craving_within
    return CheckIn.objects.filter(patient_id=check_in.patient_id, at__gte=since, at__lte=check_in.at).exclude(
        pk=check_in.pk
    )


def as_rule(row: CheckIn) -> rules.CheckIn:
    """The row as the rules read it."""
    return rules.CheckIn(row.at, row.mood, row.craving, row.sleep_hours, row.used, row.note, row.feeling)


def plans_of(by: Actor, patient: Patient) -> list[RecoveryPlan]:
    """Every version of both plans, newest first."""
    rows = RecoveryPlan.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient)
    return list(rows.select_related("by").order_by("kind", "-version"))


def plan_of(by: Actor, patient: Patient, kind: rules.RecoveryPlanKind) -> RecoveryPlan | None:
    """The newest version of one plan."""
    rows = RecoveryPlan.objects.filter(
        patient__in=patients_for(by, _read(by)), patient=patient, kind=kind.value
    )
    found: RecoveryPlan | None = rows.select_related("by").order_by("-version").first()
    return found


def newest(plans: Iterable[RecoveryPlan], kind: rules.RecoveryPlanKind) -> RecoveryPlan | None:
    """The newest version among plans already read. No query."""
    return max((p for p in plans if p.kind == kind.value), key=lambda p: p.version, default=None)


def homework_of(by: Actor, patient: Patient, *, at: datetime) -> list[HomeworkOnFile]:
    """All homework of the patient and the family: for staff. What waits for a review first, then by day due."""
    rows = _homework(Homework.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient))
    order = {rules.HomeworkState.HANDED_IN: 0, rules.HomeworkState.REVIEWED: 2}
    found = [_on_file(row, at) for row in rows]
    return sorted(found, key=lambda h: (order.get(h.state, 1), -h.row.due_on.toordinal(), -h.row.pk))


def given_in(by: Actor, occurrence: Occurrence, title: str) -> frozenset[int]:
    """Ids of the patients who were given homework of this title in that session. One statement."""
    rows = Homework.objects.filter(
        patient__in=patients_for(by, Permission.RECOVERY_READ),
        occurrence=occurrence,
        title=title,
        family_member__isnull=True,
    )
    return frozenset(rows.values_list("patient_id", flat=True))


def homework_for(by: Actor, patient: Patient, number: int) -> Homework:
    """One piece of homework. Raises `Homework.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.RECOVERY_READ)
    found: Homework = _homework(Homework.objects.filter(patient=patient, patient__in=seen)).get(pk=number)
    return found


def own_homework(by: Actor, *, at: datetime) -> list[HomeworkOnFile]:
    """What the patient who asks was given, the open ones by day due first. Never the family's."""
    rows = _homework(Homework.objects.filter(patient__in=_own(by), family_member__isnull=True))
    return _open_first(_on_file(row, at) for row in rows)


def own_homework_for(by: Actor, number: int) -> Homework:
    """One piece of the patient's own. Raises `Homework.DoesNotExist` for anybody else's."""
    mine = Homework.objects.filter(patient__in=_own(by), family_member__isnull=True)
    found: Homework = _homework(mine).get(pk=number)
    return found


def family_homework(by: Actor, member: FamilyMember, *, at: datetime) -> list[HomeworkOnFile]:
    """What this family member was given, while a live consent permits homework at this instant; else nothing."""
    if not may_have_homework(by, member, at=at):
        return []
    rows = _homework(Homework.objects.filter(family_member=member, patient_id=member.patient_id))
    return _open_first(_on_file(row, at) for row in rows)


def family_homework_for(by: Actor, member: FamilyMember, number: int, *, at: datetime) -> Homework:
    """One piece of theirs. Raises `Homework.DoesNotExist` for anybody else's and without a live consent."""
    if not may_have_homework(by, member, at=at):
        raise Homework.DoesNotExist
    mine = Homework.objects.filter(family_member=member, patient_id=member.patient_id)
    found: Homework = _homework(mine).get(pk=number)
    return found


def may_have_homework(by: Actor, member: FamilyMember, *, at: datetime) -> bool:
    """The member is who asks, still named by the patient, and a consent permits homework now."""
    mine = member.pk in by.family_ids and member.removed_at is None
    return mine and Category.HOMEWORK in permitted_to_family(member, at=at)


def waiting(by: Actor) -> Any:
    """Homework handed in that nobody has reviewed, at the sites of `by`."""
    return Homework.objects.filter(
        patient__site_id__in=by.sites_with(Permission.RECOVERY_WRITE),
        answer__isnull=False,
        review__isnull=True,
    )


def sobriety_of(check_ins: Iterable[CheckIn], started: date, today: date, zone: str) -> rules.Sobriety:
    """Days of sobriety as the check-ins tell them. No query."""
    where = ZoneInfo(zone)
    uses = [row.at.astimezone(where).date() for row in check_ins if row.used]
    return rules.sobriety(started, uses, today)


def _homework(rows: Any) -> Any:
    return rows.select_related(
        "patient__site", "family_member", "by", "answer", "review__by", "occurrence"
    ).order_by("due_on", "pk")


def _on_file(row: Homework, at: datetime) -> HomeworkOnFile:
    today = at.astimezone(ZoneInfo(row.patient.site.zone)).date()
    answered, reviewed = hasattr(row, "answer"), hasattr(row, "review")
    return HomeworkOnFile(
        row,
        rules.homework_state(due_on=row.due_on, answered=answered, reviewed=reviewed, today=today),
    )


def _open_first(found: Iterable[HomeworkOnFile]) -> list[HomeworkOnFile]:
    rows = list(found)
    done = sorted((h for h in rows if not h.open), key=lambda h: h.row.due_on, reverse=True)
    return [h for h in rows if h.open] + done


def _own(by: Actor) -> Any:
    """The patient who asks, and nobody else: for staff and family it is empty."""
    return patients_for(by, Permission.OWN_RECORD)


def _read(by: Actor) -> Permission:
    """Patients read their own; staff need the permission."""
    return Permission.RECOVERY_READ if by.is_staff else Permission.OWN_RECORD
