"""Reading what comes after discharge: summaries, plans for continuing care, calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.aftercare import rules
from stepwell.clinic.aftercare.models import ContinuingCarePlan, DischargeSummary, FollowUp, FollowUpAttempt
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.people.rules import Channel, ContactDecision, contact_rules_of, may_contact
from stepwell.clinic.placement.models import Episode, Placement, PlacementKind


@dataclass(frozen=True)
class Call:
    """One call after discharge: the row with its attempts, where it stands, and in which words to call."""

    row: FollowUp
    standing: rules.FollowUpStanding
    contact: ContactDecision

    @property
    def patient(self) -> Patient:
        return self.row.episode.patient


_CALLS_DUE = """
SELECT f.id FROM clinic_followup f
JOIN clinic_episode e ON e.id = f.episode_id
JOIN clinic_site s ON s.id = e.site_id
LEFT JOIN LATERAL (
  SELECT count(DISTINCT (a.at AT TIME ZONE s.zone)::date) AS days, min((a.at AT TIME ZONE s.zone)::date) AS first,
    max((a.at AT TIME ZONE s.zone)::date) AS last
  FROM clinic_followupattempt a WHERE a.follow_up_id = f.id) t ON true
WHERE f.due_on <= %(on)s
  -- The next call of the same episode takes the place of the one before it.
  AND NOT EXISTS (SELECT FROM clinic_followup n WHERE n.episode_id = f.episode_id AND n.day > f.day AND n.due_on <= %(on)s)
  AND NOT EXISTS (SELECT FROM clinic_followupattempt a WHERE a.follow_up_id = f.id AND a.outcome <> 'not_reached')
  -- Who has died, does not want calls, or is in treatment again is not called.
  AND NOT EXISTS (SELECT FROM clinic_followupattempt a JOIN clinic_followup o ON o.id = a.follow_up_id
                  WHERE o.episode_id = f.episode_id AND a.outcome IN ('refused', 'deceased'))
  AND NOT EXISTS (SELECT FROM clinic_placement p WHERE p.episode_id = e.id AND p.discharge_reason = 'died')
  AND NOT EXISTS (SELECT FROM clinic_episode again WHERE again.patient_id = e.patient_id AND again.admitted_at > e.admitted_at)
  -- rules.follow_up_standing: unreachable, or the day of the next attempt.
  AND CASE WHEN t.days = 0 THEN true
           WHEN t.days >= %(attempts)s AND t.last >= t.first + %(over)s - 1 THEN false
           WHEN %(attempts)s - t.days <= 1 THEN greatest(t.first + %(over)s - 1, t.last + 1) <= %(on)s
           ELSE t.last + greatest(1, (t.first + %(over)s - 1 - t.last) / (%(attempts)s - t.days))::int <= %(on)s END
"""


def _follow_ups_due(on: date) -> QuerySet[FollowUp]:
    rule = rules.load_follow_up_rule()
    values = {"on": on, "attempts": rule.attempts, "over": rule.over_days}
    # Django numbers parameters by position; names become positions in the order of the text.
    text, ordered = _CALLS_DUE, []
    while (start := text.find("%(")) >= 0:
        end = text.index(")s", start)
        ordered.append(values[text[start + 2 : end]])
        text = text[:start] + "%s" + text[end + 2 :]
    return FollowUp.objects.filter(pk__in=RawSQL(text, ordered))  # noqa: S611 - the text is constant, every value is a parameter


def waiting(by: Actor, on: date) -> QuerySet[FollowUp]:
    """Calls to make today, for the count in the rail."""
    sites = by.sites_with(Permission.AFTERCARE_WRITE)
    return _follow_ups_due(on).filter(episode__patient__site_id__in=sites)


def due_calls(by: Actor, *, at: datetime, on: date) -> list[Call]:
    """Calls to make on a day, the longest due first. Two queries."""
    rows = _follow_ups_due(on).filter(episode__patient__in=patients_for(by, Permission.AFTERCARE_READ))
    return [_call(row, at) for row in _with_attempts(rows).order_by("due_on", "pk")]


def calls_of(by: Actor, patient: Patient, *, at: datetime) -> list[Call]:
    """Every call of the patient, in the order of their days. Two queries."""
    rows = FollowUp.objects.filter(
        episode__patient=patient, episode__patient__in=patients_for(by, Permission.AFTERCARE_READ)
    )
    return [_call(row, at) for row in _with_attempts(rows).order_by("-episode__admitted_at", "day")]


def call(by: Actor, number: int, *, at: datetime) -> Call:
    """One call. Raises `FollowUp.DoesNotExist` for a stranger's."""
    rows = FollowUp.objects.filter(episode__patient__in=patients_for(by, Permission.AFTERCARE_READ))
    return _call(_with_attempts(rows).get(pk=number), at)


def standing_of(row: FollowUp, attempts: Any, on: date, zone: str) -> rules.FollowUpStanding:
    """Where a call stands; attempts are counted by the site's days."""
    where = ZoneInfo(zone)
    return rules.follow_up_standing(
        row.due_on,
        [
            rules.Attempt(on=a.at.astimezone(where).date(), outcome=rules.AttemptOutcome(a.outcome))
            for a in attempts
        ],
        on,
        rules.load_follow_up_rule(),
    )


def summaries_missing(by: Actor) -> list[Any]:
    """Closed episodes without a signed discharge summary, the oldest first; `.draft` says that one is begun."""
    return list(
        episodes_for(by)
        .filter(closed_at__isnull=False)
        .exclude(discharge_summary__signed_at__isnull=False)
        .annotate(draft=Exists(DischargeSummary.objects.filter(episode=OuterRef("pk"))))
        .order_by("closed_at", "pk")
    )


def episodes_for(by: Actor) -> Any:
    """Episodes of the patients whom `by` may see, with the reason they ended (`.ended_because`, '' while open)."""
    end = Placement.objects.filter(episode=OuterRef("pk"), kind=PlacementKind.DISCHARGE)
    return (
        Episode.objects.filter(patient__in=patients_for(by, Permission.AFTERCARE_READ))
        .annotate(ended_because=Subquery(end.values("discharge_reason")[:1]))
        .select_related("patient__site", "site")
    )


def episodes_of(by: Actor, patient: Patient) -> list[Any]:
    """Every episode, newest first, with `.summary` (or None) and `.care_plans`, newest version first. Two queries."""
    plans = ContinuingCarePlan.objects.select_related("by").order_by("-version")
    rows = list(
        episodes_for(by)
        .filter(patient=patient)
        .select_related("discharge_summary__written_by")
        .prefetch_related(Prefetch("continuing_care_plans", queryset=plans, to_attr="care_plans"))
        .order_by("-admitted_at")
    )
    for row in rows:
        row.summary = getattr(row, "discharge_summary", None)
    return rows


def episode(by: Actor, patient: Patient, number: int) -> Any:
    """One episode as in `episodes_of`. Raises `Episode.DoesNotExist` for another patient's."""
    for found in episodes_of(by, patient):
        if found.pk == number:
            return found
    raise Episode.DoesNotExist


def appointment_after(episode: Any) -> rules.NextAppointment | None:
    """Whether care goes on soon enough after a discharge; None while the episode is open or the person has died."""
    if episode.closed_at is None or episode.ended_because == "died":
        return None
    closed = episode.closed_at.astimezone(ZoneInfo(episode.site.zone)).date()
    plan = episode.care_plans[0] if episode.care_plans else None
    within = rules.load_follow_up_rule().next_appointment_within_days
    return rules.next_appointment(closed, plan.next_appointment_on if plan else None, within)


def episodes_without_calls(by: Actor) -> QuerySet[Episode]:
    """Closed episodes for which calls are still to be planned, at the sites of `by` (everywhere for Stepwell)."""
    rows = Episode.objects.filter(closed_at__isnull=False)
    if not by.is_system:
        rows = rows.filter(site_id__in=by.sites_with(Permission.AFTERCARE_READ))
    last = max(rules.load_follow_up_rule().days)
    planned = FollowUp.objects.filter(episode=OuterRef("pk"), day=last)
    died = Placement.objects.filter(episode=OuterRef("pk"), discharge_reason="died")
    return rows.filter(~Exists(planned), ~Exists(died))


def _with_attempts(rows: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    attempts = FollowUpAttempt.objects.select_related("by").order_by("at", "pk")
    return rows.select_related("episode__patient__site").prefetch_related(
        Prefetch("attempts", queryset=attempts)
    )


def _call(row: FollowUp, at: datetime) -> Call:
    patient = row.episode.patient
    local = at.astimezone(ZoneInfo(patient.site.zone))
    standing = standing_of(row, row.attempts.all(), local.date(), patient.site.zone)
    return Call(row, standing, may_contact(contact_rules_of(patient), Channel.CALL, local))
