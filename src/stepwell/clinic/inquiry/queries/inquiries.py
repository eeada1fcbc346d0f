"""Reading inquiries: the queue with what is due first, one inquiry, who looks alike, and free times for the intake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import TABLE, Permission
from stepwell.clinic.inquiry import rules
from stepwell.clinic.inquiry.models import Inquiry, InquiryEvent, InquiryEventKind, IntakeAppointment
from stepwell.clinic.inquiry.queries.handoffs import Alike
from stepwell.clinic.inquiry.rules.intake_times import Span
from stepwell.clinic.people.models import Patient, Reservation, Room, Site, Staff
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.people.rules.likeness import PersonFacts, phone_digits, probable_duplicates
from stepwell.clinic.site_days import LocalDay, site_day

_OPEN = (InquiryEventKind.ANSWERED, InquiryEventKind.REOPENED)
_ASIDE = (InquiryEventKind.ATTEMPTED, InquiryEventKind.DANGER, InquiryEventKind.SAFETY)


@dataclass(frozen=True)
class InLine:
    """One inquiry of the queue: where it stands, how long it waits, and what danger was ticked."""

    row: Inquiry
    standing: rules.InquiryStanding
    waiting: rules.Waiting
    flags: rules.RedFlags
    danger: bool = False
    """Danger to life was told, and nobody has written down what was done about it."""

    told_since: bool = False
    """Danger of any kind was told in the papers, and nobody has written down since what was done."""

    came_before: bool = False
    """Somebody with the same phone number asked before."""


@dataclass(frozen=True)
class Queue:
    """`to_answer`: danger now and overdue first, then by when an answer is due. `to_book`: spoken with, longest first."""

    to_answer: list[InLine]
    to_book: list[InLine]

    @property
    def overdue(self) -> int:
        return sum(line.waiting.overdue for line in self.to_answer)


@dataclass(frozen=True)
class Offer:
    """A time that can be booked, with the people it names."""

    time: rules.IntakeTime
    staff: Staff
    room: Room | None


def inquiries_for(by: Actor) -> QuerySet[Inquiry]:
    """Inquiries of the sites where `by` may see them, each with the kind of its latest deciding event."""
    deciding = InquiryEvent.objects.filter(inquiry=OuterRef("pk")).exclude(kind__in=_ASIDE)
    return Inquiry.objects.filter(site_id__in=by.sites_with(Permission.INQUIRY_READ)).annotate(
        latest=Subquery(deciding.order_by("-at", "-pk").values("kind")[:1])
    )


def waiting(by: Actor) -> QuerySet[Inquiry]:
    """Open inquiries, and those in which danger was told since: the count beside 'Inquiries'."""
    acted = InquiryEvent.objects.filter(
        inquiry=OuterRef("inquiry"), kind=InquiryEventKind.SAFETY, at__gte=OuterRef("at")
    )
    danger = InquiryEvent.objects.filter(inquiry=OuterRef("pk"), kind=InquiryEventKind.DANGER)
    unsafe = Exists(danger.exclude(Exists(acted)))
    return _of_latest(inquiries_for(by), Q(latest__isnull=True) | Q(latest__in=_OPEN) | Q(unsafe))


def queue(by: Actor, at: datetime) -> Queue:
    """Everything that is open, in the order in which it should be worked on. Five queries at most."""
    before = Inquiry.objects.filter(
        site_id__in=by.sites_with(Permission.INQUIRY_READ),
        phone_tail=OuterRef("phone_tail"),
        received_at__lt=OuterRef("received_at"),
    )
    rows: Any = _with_story(waiting(by)).prefetch_related("site__hours", "site__answer_times")
    known = ~Q(phone_tail="") & Exists(before)
    found = [in_line(row, at) for row in rows.annotate(came_before=known)]
    answered = rules.InquiryState.ANSWERED
    first = [line.danger or line.told_since or line.standing.state is not answered for line in found]
    to_answer = [line for line, now in zip(found, first, strict=True) if now]
    to_book = [line for line, now in zip(found, first, strict=True) if not now]
    return Queue(
        to_answer=sorted(to_answer, key=_urgency),
        to_book=sorted(to_book, key=lambda line: line.standing.since),
    )


def settled(by: Actor, *, limit: int = 30) -> list[tuple[Inquiry, rules.InquiryStanding]]:
    """The inquiries that ended lately: referred elsewhere or closed, newest first."""
    ended = (InquiryEventKind.SCREENED_OUT, InquiryEventKind.CLOSED)
    deciding = InquiryEvent.objects.filter(inquiry=OuterRef("pk")).exclude(kind__in=_ASIDE)
    rows: Any = _with_story(_of_latest(inquiries_for(by), Q(latest__in=ended)))
    rows = rows.annotate(ended_at=Subquery(deciding.order_by("-at", "-pk").values("at")[:1]))
    rows = rows.order_by("-ended_at", "-pk")[:limit]
    found = [(row, standing_of(row)) for row in rows]
    return sorted(found, key=lambda pair: pair[1].since, reverse=True)


def coming_intakes(by: Actor, since: datetime, *, limit: int = 60) -> list[IntakeAppointment]:
    """Booked intakes that end after `since`, soonest first."""
    return list(
        IntakeAppointment.objects.filter(
            site_id__in=by.sites_with(Permission.INQUIRY_READ),
            cancelled_at=None,
            ends__gt=since,
            inquiry__isnull=False,
        )
        .select_related("inquiry", "site", "staff", "room", "patient")
        .order_by("starts", "pk")[:limit]
    )


def intakes_missed(by: Actor, today: date) -> QuerySet[IntakeAppointment]:
    """Intakes of days that are over to which nobody is known to have come: counted beside 'Inquiries'."""
    rows: Any = IntakeAppointment.objects.filter(
        site_id__in=by.sites_with(Permission.INQUIRY_READ),
        cancelled_at=None,
        arrived_at=None,
        inquiry__isnull=False,
    )
    found: QuerySet[IntakeAppointment] = rows.annotate(day=LocalDay(F("ends"), F("site__zone"))).filter(
        day__lt=today
    )
    return found


def missed_intakes(by: Actor, today: date) -> list[IntakeAppointment]:
    """The same, longest ago first."""
    return list(intakes_missed(by, today).select_related("inquiry", "staff").order_by("starts", "pk"))


def inquiry_for(by: Actor, code: str) -> Inquiry:
    """One inquiry with its events and its live intake. Raises `Inquiry.DoesNotExist` for another site's alike."""
    rows = _with_story(inquiries_for(by)).prefetch_related("site__hours", "site__answer_times")
    found: Inquiry = rows.get(code=code.upper())
    return found


def live_intake(inquiry: Inquiry) -> IntakeAppointment | None:
    """The intake that is booked and not cancelled, the newest when one was kept before."""
    standing = [i for i in inquiry.intakes.all() if i.cancelled_at is None]
    return max(standing, key=lambda i: i.booked_at, default=None)


def in_line(row: Inquiry, at: datetime) -> InLine:
    """Where one inquiry stands; uses what was prefetched. Any danger is answered without regard to opening hours."""
    flags = rules.red_flags(row.red_flags)
    return InLine(
        row=row,
        standing=standing_of(row),
        waiting=rules.waiting(
            asked_at(row),
            at,
            ZoneInfo(row.site.zone),
            answer_rule_of(row.site, at),
            urgent=flags.danger is not rules.Danger.NONE,
            open_hours=open_hours(row.site),
        ),
        flags=flags,
        danger=danger_of(row),
        told_since=rules.danger_unanswered(_events(row)),
        came_before=getattr(row, "came_before", False),
    )


def standing_of(inquiry: Inquiry) -> rules.InquiryStanding:
    """The state of an inquiry from its rows."""
    return rules.state_of(inquiry.received_at, _events(inquiry))


def danger_of(inquiry: Inquiry) -> bool:
    """Was danger to life told, and has nobody written down what was done about it?"""
    now = rules.red_flags(inquiry.red_flags).danger is rules.Danger.NOW
    return rules.danger_stands(now, inquiry.received_at, _events(inquiry))


def answer_rule_of(site: Site, at: datetime) -> rules.AnswerRule:
    """Within how many minutes the site answers, as its director set it for the day of `at`."""
    return rules.answer_rule_on(
        site_day(site, at),
        [
            rules.AnswerTimes(
                usual_minutes=row.usual_minutes,
                urgent_minutes=row.urgent_minutes,
                starts_on=row.starts_on,
                set_at=row.set_at,
            )
            for row in site.answer_times.all()
        ],
    )


def asked_at(inquiry: Inquiry) -> datetime:
    """Since when somebody waits: the last time the inquiry was opened, or danger was told."""
    since = (InquiryEventKind.REOPENED, InquiryEventKind.DANGER)
    opened = [e.at for e in inquiry.events.all() if e.kind in since]
    return max([inquiry.received_at, *opened])


def open_hours(site: Site) -> tuple[rules.OpenHours, ...]:
    """The site's hours as the rules take them."""
    return tuple(rules.OpenHours(weekday=h.weekday, opens=h.opens, closes=h.closes) for h in site.hours.all())


def already_received(once_key: str) -> bool:
    """Was the form with this key taken in before? For the public page, which must not count it twice."""
    return bool(once_key) and Inquiry.objects.filter(once_key=once_key).exists()


def patients_like(by: Actor, new: PersonFacts) -> list[Alike]:
    """Records that `by` may see and that look like this person, most alike first."""
    near = Q(family_name__iexact=new.family_name) | Q(given_name__iexact=new.given_name)
    if new.birth_date:
        near |= Q(birth_date=new.birth_date)
    digits = phone_digits(new.phone)[-10:]
    if len(digits) >= 7:
        near |= Q(phone_digits=digits)
    if new.email:
        near |= Q(email__iexact=new.email)
    on_file = {row.pk: row for row in patients_for(by, Permission.PEOPLE_READ).filter(near)[:500]}
    found = probable_duplicates(new, [(pk, _facts(row)) for pk, row in on_file.items()])
    return [Alike(on_file[int(key)], match) for key, match in found]


def person_asked_for(inquiry: Inquiry) -> PersonFacts:
    """What the inquiry tells of the person who is to be treated.

    When somebody asks for another, name, phone and e-mail are of who asks, and nothing is known of the person.
    """
    if inquiry.asking_for != "self" and inquiry.source != "handoff":
        return PersonFacts(given_name="", family_name="", birth_date=inquiry.birth_date)
    given, _, family = inquiry.name.strip().rpartition(" ")
    return PersonFacts(
        given_name=given or family,
        family_name=family if given else "",
        birth_date=inquiry.birth_date,
        phone=inquiry.phone,
        email=inquiry.email,
    )


def intake_staff(site: Site, on: date) -> list[Staff]:
    """Staff who may take an intake at the site that day: the roles that record assessments."""
    lasting = Q(roles__ends_on__isnull=True) | Q(roles__ends_on__gte=on)
    return list(
        Staff.objects.filter(
            lasting,
            roles__site=site,
            roles__starts_on__lte=on,
            roles__role__in=[str(role) for role in TABLE[Permission.ASSESSMENT_RECORD]],
        )
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
        .distinct()
        .order_by("short_name", "pk")
    )


def rooms_of(site: Site) -> list[Room]:
    """The site's rooms, the smallest first: an intake does not take the group room when another is free."""
    return list(Room.objects.filter(site=site).order_by("capacity", "name"))


def offers_for(
    inquiry: Inquiry,
    at: datetime,
    *,
    minutes: int,
    by_video: bool,
    staff: Sequence[Staff],
    rooms: Sequence[Room],
    out: rules.Out = rules.NOTHING_OUT,
) -> list[Offer]:
    """The next times in which one of `staff` (and one of `rooms`) is free in the site's hours. One query.

    `out`: who is away, which room cannot be used, and when the site is closed.
    """
    rule = rules.load_intake_rule()
    until = at + timedelta(days=rule.days_ahead + 2)
    people: dict[int, list[Span]] = {one.pk: [] for one in staff}
    places: dict[int, list[Span]] = {one.pk: [*out.rooms.get(one.pk, ())] for one in rooms}
    taken = Reservation.objects.filter(
        Q(staff__in=people) | Q(room__in=places), released_at=None, during__overlap=DateTimeTZRange(at, until)
    )
    for staff_id, room_id, during in taken.values_list("staff_id", "room_id", "during"):
        (people[staff_id] if staff_id else places[room_id]).append((during.lower, during.upper))
    # The least busy comes first, so that intakes do not all fall to the first of the alphabet.
    order = sorted(people, key=lambda key: len(people[key]))
    least_busy = {key: [*people[key], *out.staff.get(key, ())] for key in order}
    times = rules.intake_times(
        now=at,
        zone=ZoneInfo(inquiry.site.zone),
        rule=rule,
        minutes=minutes,
        open_hours=open_hours(inquiry.site),
        staff=least_busy,
        rooms=None if by_video else places,
        free=rules.free_week(inquiry.free_times),
        closed=out.closed.get(inquiry.site_id, {}),
    )
    named = {one.pk: one for one in staff}
    located = {one.pk: one for one in rooms}
    return [Offer(t, named[t.staff_id], located[t.room_id] if t.room_id else None) for t in times]


def _of_latest(rows: Any, condition: Q) -> QuerySet[Inquiry]:
    """Rows by their latest deciding event, a column that types do not know."""
    found: QuerySet[Inquiry] = rows.filter(condition)
    return found


def _with_story(rows: QuerySet[Inquiry]) -> QuerySet[Inquiry]:
    return rows.select_related("site", "patient", "handoff").prefetch_related(
        Prefetch("events", InquiryEvent.objects.select_related("by").order_by("at", "pk")),
        Prefetch(
            "intakes",
            IntakeAppointment.objects.select_related("site", "staff", "room").order_by("booked_at"),
        ),
    )


def _events(inquiry: Inquiry) -> list[rules.InquiryEvent]:
    return [
        rules.InquiryEvent(kind=rules.InquiryEventKind(e.kind), at=e.at)
        for e in sorted(inquiry.events.all(), key=lambda e: (e.at, e.pk))
    ]


def _urgency(line: InLine) -> tuple[int, float]:
    first = 0 if line.danger else 1 if line.waiting.overdue else 2
    return first, line.waiting.due_at.timestamp()


def _facts(row: Patient) -> PersonFacts:
    return PersonFacts(
        given_name=row.given_name,
        family_name=row.family_name,
        preferred_name=row.preferred_name,
        birth_date=row.birth_date,
        phone=row.phone,
        email=row.email,
    )
