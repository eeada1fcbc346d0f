"""What laboratories send: taken in whole, once by content, given to its test, and superseded when it is corrected.

What stands in the chart is a function of the set of reports (`rules.laboratory`), so the order in which they come does
not matter. One delivery is one transaction: all of it is on file with its entry, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db import connection, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.drug_tests import policies, queries
from stepwell.clinic.drug_tests.actions._filing import _order_for, _settle, _whose
from stepwell.clinic.drug_tests.models import LabFile, LabMessage, LabReport, LabReportState, TestOrder
from stepwell.clinic.drug_tests.rules import laboratory as lab
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.policies import need
from stepwell.clinic.refusal import Refused

Explained = Callable[[Patient, date], tuple[Collection[str], Collection[str]]]
"""What explains a positive on a day: classes that are prescribed, and names of all that is taken."""

_ONE_DELIVERY_AT_A_TIME = 427310


@dataclass(frozen=True)
class Received:
    """For each piece of the delivery, in its order: was it new? `filed` and `waiting` count its new reports."""

    new: tuple[bool, ...]
    filed: int = 0
    waiting: int = 0


@transaction.atomic
def receive_results(
    *,
    by: Actor,
    at: datetime,
    content: bytes,
    via: str,
    pieces: Sequence[lab.Piece],
    explained: Explained,
    name: str = "",
) -> Received:
    """Keep a delivery as it came, each message once by its content, and give each report to its test.

    A message that cannot be read, and a report whose patient is not certain, waits for a person.
    """
    policies.may_take_in(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_DELIVERY_AT_A_TIME])
    known = set(
        LabMessage.objects.filter(content_key__in=[one.key for one in pieces]).values_list(
            "content_key", flat=True
        )
    )
    new = []
    fresh: list[lab.Piece] = []
    for one in pieces:
        new.append(one.key not in known)
        if one.key not in known:
            known.add(one.key)
            fresh.append(one)
    if not fresh:
        return Received(tuple(new))
    file, _ = LabFile.objects.get_or_create(
        content_key=sha256(content).hexdigest(),
        defaults={"content": content, "name": _kept(name)[:200], "via": via, "received_at": at},
    )
    reports = [row for one in fresh for row in _take(at, file, one)]
    _settle_all(by, at, reports, explained)
    entry = {"via": via, "messages": len(fresh), "waiting": sum(r.state == "waiting" for r in reports)}
    trail.record_each(
        by=by,
        at=at,
        action="drug_tests.receive_results",
        of=[(None, f"LabFile {file.pk}", entry)]
        + [
            (r.patient_id, f"LabReport {r.pk}", {"order": r.order_id})
            for r in reports
            if r.patient_id is not None
        ],
    )
    filed = sum(r.state == LabReportState.FILED for r in reports)
    return Received(tuple(new), filed=filed, waiting=len(reports) - filed)


@transaction.atomic
def file_report(
    *,
    by: Actor,
    at: datetime,
    report: LabReport,
    patient: Patient,
    explained: Explained,
    order: TestOrder | None = None,
) -> LabReport:
    """A person says whose a waiting report is, and to which test it belongs where that is not clear.

    Raises `Refused` when it waits no more, cannot be read, or the test is another patient's.
    """
    staff_id = policies.may_file(by, report.site_id)
    need(by, Permission.DRUG_TEST_READ, site_id=patient.site_id)
    row = _locked_report(report)
    without_test = row.state == LabReportState.FILED and row.order_id is None and row.patient_id == patient.pk
    if row.told is None:
        raise Refused("This message could not be read; set it aside with a reason.")
    if row.state != LabReportState.WAITING and not (without_test and order is not None):
        raise Refused("This report waits no more. Nothing was changed.")
    if order is not None and order.patient_id != patient.pk:
        raise Refused("That test is another patient's. Nothing was changed.")
    told = lab.report_from(row.told)
    row.state, row.patient, row.site, row.because = LabReportState.FILED, patient, patient.site, ""
    row.order = order or _order_for(told, patient, at)
    row.decided_at, row.decided_by_id = at, staff_id
    row.save()
    _settle_all(by, at, [row], explained)
    detail = {"patient": patient.pk, "order": row.order_id}
    trail.record(
        by=by,
        at=at,
        action="drug_tests.file_report",
        subject=f"LabReport {row.pk}",
        patient_id=patient.pk,
        detail=detail,
    )
    return row


@transaction.atomic
def take_out_report(
    *, by: Actor, at: datetime, report: LabReport, because: str, explained: Explained
) -> LabReport:
    """A report that went into the wrong chart waits again; what it said there is taken back."""
    staff_id = policies.may_file(by, report.site_id)
    row = _locked_report(report)
    if row.state != LabReportState.FILED:
        raise Refused("This report is in no chart. Nothing was changed.")
    if not because.strip():
        raise Refused("Say why it does not belong there; nothing was changed.")
    patient_id, orders = row.patient_id, _orders_of([row])
    row.state, row.patient, row.order, row.superseded_by = LabReportState.WAITING, None, None, None
    row.because, row.decided_at, row.decided_by_id = _kept(because.strip())[:300], at, staff_id
    row.save()
    _settle_all(by, at, [row], explained, besides=orders)
    trail.record(
        by=by,
        at=at,
        action="drug_tests.take_out_report",
        subject=f"LabReport {row.pk}",
        patient_id=patient_id,
    )
    return row


@transaction.atomic
def set_report_aside(*, by: Actor, at: datetime, report: LabReport, because: str) -> LabReport:
    """A report that belongs to nobody here, or a message that cannot be read: kept, and out of the queue."""
    staff_id = policies.may_file(by, report.site_id)
    row = _locked_report(report)
    if row.state != LabReportState.WAITING:
        raise Refused("This report waits no more. Nothing was changed.")
    if not because.strip():
        raise Refused("Say why it is set aside; nothing was changed.")
    row.state, row.because = LabReportState.SET_ASIDE, _kept(because.strip())[:300]
    row.decided_at, row.decided_by_id = at, staff_id
    row.save(update_fields=["state", "because", "decided_at", "decided_by"])
    trail.record(by=by, at=at, action="drug_tests.set_report_aside", subject=f"LabReport {row.pk}")
    return row


def _take(at: datetime, file: LabFile, piece: lab.Piece) -> list[LabReport]:
    """One new message with its reports; each is matched by what is known now, whatever came before."""
    told = piece.message
    message = LabMessage.objects.create(
        file=file, starts=piece.starts, ends=piece.ends, content_key=piece.key, control_id=_kept(told.control_id)[:200],
        kind=_kept(told.kind)[:20], sender=_kept(told.sender)[:200], sent_at=told.sent_at[:40],
        problem=_kept(told.problem)[:300], received_at=at,
    )  # fmt: skip
    if told.problem:
        site = _whose(None, told.receiver)[1]
        row = LabReport(message=message, position=0, same_thing=piece.key, state=LabReportState.WAITING)
        row.because, row.site, row.received_at = _kept(told.problem)[:300], site, at
        row.save()
        return [row]
    rows = []
    for report in told.reports:
        patient, site, because = _whose(report, told.receiver)
        order = None if patient is None else _order_for(report, patient, at)
        row = LabReport(message=message, position=report.position, same_thing=lab.same_thing(report))
        row.told, row.because, row.received_at = lab.plain(report), because[:300], at
        row.state = LabReportState.WAITING if patient is None else LabReportState.FILED
        row.site, row.patient, row.order = site, patient, order
        row.save()
        rows.append(row)
    return rows


def _settle_all(
    by: Actor,
    at: datetime,
    reports: Iterable[LabReport],
    explained: Explained,
    *,
    besides: Iterable[int] = (),
) -> None:
    """Say anew what holds, for every test that one of these reports, or one about the same thing, belongs to."""
    rows = list(reports)
    touched = _orders_of(rows) | set(besides)
    # Held in one order before the first alert: the trail is locked from there on.
    orders = list(
        TestOrder.objects.select_for_update()
        .select_related("patient__site")
        .filter(pk__in=touched)
        .order_by("pk")
    )
    for key in sorted({row.same_thing for row in rows}):
        same = list(
            LabReport.objects.filter(same_thing=key, state=LabReportState.FILED).select_related("message")
        )
        kept = {
            row.pk: lab.Kept(lab.report_from(row.told or {}), row.message.content_key, row.message.sent_at)
            for row in same
        }
        best = max(same, key=lambda row: (lab.rank(kept[row.pk]), row.position), default=None)
        for row in same:
            over = None if best is None or row.pk == best.pk else best
            if row.superseded_by_id != (over.pk if over is not None else None):
                LabReport.objects.filter(pk=row.pk).update(superseded_by=over)
    for order in orders:
        _settle(by, at, order, *explained(order.patient, queries.day_of(order)))


def _orders_of(rows: Iterable[LabReport]) -> set[int]:
    """Tests to which reports about the same things belong."""
    keys = {row.same_thing for row in rows}
    found = LabReport.objects.filter(same_thing__in=keys, order__isnull=False).values_list(
        "order_id", flat=True
    )
    return {*found, *(row.order_id for row in rows if row.order_id is not None)}


def _locked_report(report: LabReport) -> LabReport:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_DELIVERY_AT_A_TIME])
    return LabReport.objects.select_for_update().get(pk=report.pk)


def _kept(words: str) -> str:
    """A text as the database takes it: NUL is none of its letters, half a letter neither."""
    return words.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
