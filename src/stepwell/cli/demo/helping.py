"""Help with the price: one fund with an award, one application on the person's own word, one plan with a reminder due."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from stepwell.cli.demo.world import Clinic, Life
from stepwell.clinic.coverage.assistance import actions, queries

_FUND = "Sample Neighbors Fund"


def foresee(clinic: Clinic) -> None:
    """Notes in the diary what happened in the last month to people who pay themselves."""
    now = clinic.diary.now
    paying = [
        life
        for life in clinic.lives
        if clinic.payers.get(life.facts["payer"]) is None
        and life.stage == "treatment"
        and life.facts["admitted_weeks_ago"] > 2
    ]
    stories = (
        (timedelta(days=12, hours=3), _asks_the_fund),
        (timedelta(days=6, hours=2), _applies),
        (timedelta(days=5, hours=1), _agrees_on_a_plan),
    )
    clinic.diary.note(now - timedelta(days=22), lambda at: _open_the_fund(clinic, at))
    for place, (ago, story) in enumerate(stories):
        if paying:
            life = paying[place % len(paying)]
            clinic.diary.note(now - ago, lambda at, life=life, story=story: story(clinic, life, at))


def _open_the_fund(clinic: Clinic, at: datetime) -> None:
    director = clinic.actors["director"]
    fund = actions.open_fund(
        by=director, at=at, site=clinic.site, name=_FUND, source="Sample Foundation, gift of this year",
        restrictions="People who live in the county and pay for their treatment themselves.",
        opens_on=clinic.diary.day_of(at),
    )  # fmt: skip
    actions.deposit(by=director, at=at, fund=fund, amount=Decimal(5000), note="Gift of this year")


def _asks_the_fund(clinic: Clinic, life: Life, at: datetime) -> None:
    director, desk = clinic.actors["director"], clinic.actors["desk"]
    fund = next(one for one in queries.funds_of(director) if one.name == _FUND)
    request = actions.request_help(
        by=desk, at=at, fund=fund, patient=life.patient, amount=Decimal(600),
        because="Hours at work were cut to half since treatment began.",
    )  # fmt: skip
    actions.decide_request(
        by=director, at=at + timedelta(minutes=50), request=request, outcome="awarded", amount=Decimal(450),
        because="Meets the fund's terms; the rest goes into a payment plan.",
    )  # fmt: skip


def _applies(clinic: Clinic, life: Life, at: datetime) -> None:
    desk = clinic.actors["desk"]
    row = actions.apply_for_fee(
        by=desk, at=at, patient=life.patient, household=2,
        incomes=[{"source": "wages", "amount": Decimal(520), "period": "week"}],
    )  # fmt: skip
    actions.see_proof(
        by=desk, at=at, application=row, kind="self_declaration", what="Signed statement, pay stubs promised",
        seen_on=clinic.diary.day_of(at),
    )  # fmt: skip
    actions.decide_fee(by=desk, at=at + timedelta(minutes=5), application=row, pay_class="B")


def _agrees_on_a_plan(clinic: Clinic, life: Life, at: datetime) -> None:
    actions.agree_on_plan(
        by=clinic.actors["biller"], at=at, patient=life.patient, balance=Decimal(320), monthly=Decimal(80),
        first_due=clinic.diary.today + timedelta(days=4), agreed_by=life.name,
    )  # fmt: skip
