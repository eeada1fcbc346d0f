"""A site's funds: money in, awards by a person's decision, what was spent and what came back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.coverage.assistance import policies, rules
from stepwell.clinic.coverage.assistance.models import (
    Award,
    Fund,
    FundDecision,
    FundEntry,
    FundEntryKind,
    FundOutcome,
    FundRequest,
)
from stepwell.clinic.coverage.rules import Money
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.refusal import Refused

_MOST = Decimal("99999999.99")


@transaction.atomic
def open_fund(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    name: str,
    source: str,
    restrictions: str,
    opens_on: date,
    closes_on: date | None = None,
) -> Fund:
    """A new fund with nothing in it. Raises `Refused` for a name that the site has already."""
    policies.may_decide_funds(by, site.pk)
    if closes_on is not None and closes_on < opens_on:
        raise Refused("The fund closes before it opens. Check the two dates; nothing was saved.")
    try:
        with transaction.atomic():
            row = Fund.objects.create(
                site=site,
                name=name.strip(),
                source=source.strip(),
                restrictions=restrictions.strip(),
                opens_on=opens_on,
                closes_on=closes_on,
                at=at,
                by_id=by.staff_id,
            )
    except IntegrityError as twice:  # fund_named_once
        raise Refused("The site has a fund of this name already.") from twice
    trail.record(by=by, at=at, action="coverage.fund", subject=f"Fund {row.pk}")
    return row


@transaction.atomic
def close_fund(*, by: Actor, at: datetime, fund: Fund, closes_on: date) -> Fund:
    """Nobody may apply after that day; awards that were made stay."""
    policies.may_decide_funds(by, fund.site_id)
    row = _locked(fund)
    if closes_on < row.opens_on:
        raise Refused("The fund closes before it opens. Check the date; nothing was saved.")
    row.closes_on = closes_on
    row.save(update_fields=["closes_on"])
    trail.record(by=by, at=at, action="coverage.fund_closes", subject=f"Fund {row.pk}")
    return row


@transaction.atomic
def deposit(*, by: Actor, at: datetime, fund: Fund, amount: Decimal, note: str) -> FundEntry:
    """Money came in."""
    policies.may_decide_funds(by, fund.site_id)
    _above_zero(amount)
    row = _locked(fund)
    if row.available + row.awarded + amount > _MOST:  # awards may come back
        raise Refused("This comes to more than 99 million dollars. Check the amount; nothing was saved.")
    row.available += amount
    row.save(update_fields=["available"])
    entry = _line(by, at, row, FundEntryKind.DEPOSIT, amount, note)
    trail.record(by=by, at=at, action="coverage.fund_deposit", subject=f"Fund {row.pk}")
    return entry


@transaction.atomic
def request_help(
    *, by: Actor, at: datetime, fund: Fund, patient: Patient, amount: Decimal, because: str
) -> FundRequest:
    """Write down that somebody asks for help from an open fund of their site."""
    policies.may_record(by, patient.site_id)
    today = _day(at, patient.site)
    if fund.site_id != patient.site_id:
        raise Refused("This fund belongs to another site. Choose again; nothing was saved.")
    fund = _locked(fund)  # a double click waits here and then finds the first one's request
    if today < fund.opens_on or (fund.closes_on is not None and today > fund.closes_on):
        raise Refused(f"{fund.name} is not open today. Choose another fund; nothing was saved.")
    _above_zero(amount)
    if not because.strip():
        raise Refused("Say why the help is needed; nothing was saved.")
    if FundRequest.objects.filter(fund=fund, patient=patient, decision__isnull=True).exists():
        raise Refused("A request to this fund is waiting for this person already.")
    row = FundRequest.objects.create(
        fund=fund,
        patient=patient,
        amount=amount,
        because=because.strip(),
        asked_on=today,
        recorded_at=at,
        recorded_by_id=by.staff_id,
    )
    _entry(by, at, "coverage.fund_request", patient, f"FundRequest {row.pk}")
    return row


@transaction.atomic
def decide_request(
    *,
    by: Actor,
    at: datetime,
    request: FundRequest,
    outcome: str,
    because: str,
    amount: Decimal | None = None,
) -> FundDecision:
    """The director awards or declines, with a reason. An award takes its amount from what the fund has free.

    Two at the same moment wait for each other at the fund's row; whoever comes second sees what is left.
    """
    policies.may_decide_funds(by, request.fund.site_id)
    if not because.strip():
        raise Refused("Say why it is decided so; nothing was saved.")
    fund = _locked(request.fund)
    awarded = outcome == FundOutcome.AWARDED
    if awarded and not amount:
        raise Refused("Say how much is awarded; nothing was saved.")
    if awarded and amount is not None:
        _above_zero(amount)
    if awarded and amount is not None and amount > fund.available:
        raise Refused(
            f"{fund.name} has {Money.of(fund.available)} free, which is less than this award. Nothing was saved."
        )
    try:
        with transaction.atomic():
            row = FundDecision.objects.create(
                request=request, outcome=outcome, because=because.strip(), at=at, by_id=by.staff_id
            )
    except IntegrityError as twice:
        raise Refused("This request was decided already; the decision stays as it is.") from twice
    if awarded and amount is not None:
        award = Award.objects.create(
            decision=row, fund=fund, patient_id=request.patient_id, amount=amount, left=amount, at=at
        )
        fund.available -= amount
        fund.awarded += amount
        fund.save(update_fields=["available", "awarded"])
        _line(by, at, fund, FundEntryKind.AWARD, amount, f"Award {award.pk}", award)
    _entry(by, at, "coverage.fund_decision", request.patient, f"FundRequest {request.pk}")
    return row


@transaction.atomic
def spend(
    *,
    by: Actor,
    at: datetime,
    award: Award,
    charge: Decimal,
    insurance: Decimal,
    eap: Decimal,
    fee_off: Decimal,
    note: str,
) -> FundEntry:
    """The award pays what insurance, assistance program and sliding fee leave of a charge, as far as it reaches."""
    policies.may_record(by, award.fund.site_id)
    fund, held = _locked_award(award)
    rest = rules.left_by_others(
        Money.of(charge), insurance=Money.of(insurance), eap=Money.of(eap), fee_off=Money.of(fee_off)
    )
    use = rules.use_of_award(Money.of(held.left), rest)
    if not use.pays:
        raise Refused(f"{use.reason} Nothing was saved.")
    paid = use.pays.amount
    held.left -= paid
    held.save(update_fields=["left"])
    fund.awarded -= paid
    fund.save(update_fields=["awarded"])
    entry = _line(by, at, fund, FundEntryKind.SPENT, paid, note, held)
    _entry(by, at, "coverage.award_spent", held.patient, f"Award {held.pk}")
    return entry


@transaction.atomic
def release(*, by: Actor, at: datetime, award: Award, because: str) -> FundEntry:
    """What is left of an award goes back to the fund."""
    policies.may_decide_funds(by, award.fund.site_id)
    if not because.strip():
        raise Refused("Say why the rest goes back to the fund; nothing was saved.")
    fund, held = _locked_award(award)
    if not held.left:
        raise Refused("Nothing is left of this award.")
    back = held.left
    held.left = Decimal(0)
    held.save(update_fields=["left"])
    fund.awarded -= back
    fund.available += back
    fund.save(update_fields=["awarded", "available"])
    entry = _line(by, at, fund, FundEntryKind.RELEASED, back, because, held)
    _entry(by, at, "coverage.award_released", held.patient, f"Award {held.pk}")
    return entry


def _above_zero(amount: Decimal) -> None:
    if amount <= 0:
        raise Refused("The amount must be above zero. Check it; nothing was saved.")


def _locked(fund: Fund) -> Fund:
    """The fund's row, held until the end of the transaction: every line of a ledger waits for the one before."""
    return Fund.objects.select_for_update().get(pk=fund.pk)


def _locked_award(award: Award) -> tuple[Fund, Award]:
    """Always the fund first, so that two never wait for each other."""
    fund = _locked(award.fund)
    held = Award.objects.select_for_update(of=("self",)).select_related("patient").get(pk=award.pk)
    return fund, held


def _line(
    by: Actor,
    at: datetime,
    fund: Fund,
    kind: str,
    amount: Decimal,
    note: str,
    award: Award | None = None,
) -> FundEntry:
    if not note.strip():
        raise Refused("Say what this line of the ledger is for; nothing was saved.")
    return FundEntry.objects.create(
        fund=fund,
        award=award,
        kind=kind,
        amount=amount,
        available=fund.available,
        note=note.strip(),
        on=_day(at, fund.site),
        at=at,
        by_id=by.staff_id,
    )


def _day(at: datetime, site: Site) -> date:
    return at.astimezone(ZoneInfo(site.zone)).date()


def _entry(by: Actor, at: datetime, action: str, patient: Patient, subject: str) -> None:
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient.pk)
