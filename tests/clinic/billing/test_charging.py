"""Signed days become charges once; the others say why not."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.billing import actions, queries
from stepwell.clinic.billing.models import Charge, PayerRule
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.people.models import Credential
from stepwell.clinic.placement.models import Placement
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.saying import day_words
from stepwell.clinic.sessions.models import Addendum, Attendance, Note
from tests.clinic.authorization.making import authorized
from tests.clinic.billing.making import YESTERDAY, attend, charged, follow, insured
from tests.clinic.coverage.making import make_payer, make_rates
from tests.clinic.timetable.making import admitted
from tests.making import NOW, TODAY, actor, make_site, make_staff

ON = TODAY - timedelta(days=1)


@pytest.fixture
def biller(site):
    return actor(make_staff(site, Role.BILLER))


@pytest.fixture
def ana(site):
    return insured(site)


def reasons(by):
    return [w.reasons for w in queries.judged(by, at=NOW, through=TODAY).waiting]


def test_a_signed_day_becomes_one_charge_with_what_it_rests_on(biller, ana):
    session = attend(ana)
    batch = actions.make_charges(by=biller, at=NOW, through=TODAY)
    row = Charge.objects.get()
    assert (row.patient_id, row.day, row.code, row.units, row.minutes) == (ana.pk, ON, "H0015", 1, 180)
    assert (row.amount, row.allowed, row.patient_share) == (250, 250, 250)  # the deductible comes first
    assert (row.rule, row.notes) == ("H0015-per-diem", [session.note.pk])
    assert row.authorization == ana.authorizations.get()
    assert (len(batch.charges), batch.waiting) == (1, ())
    entry = Entry.objects.get(action="billing.charge")
    assert (entry.patient_id, entry.detail["code"], entry.detail["units"]) == (ana.pk, "H0015", 1)


def test_two_sessions_of_a_day_make_one_day(biller, ana):
    attend(ana, minutes=100)
    attend(ana, minutes=80, starts=YESTERDAY + timedelta(hours=2), kind="family")
    charged(ana)
    row = Charge.objects.get()
    assert (row.minutes, len(row.notes)) == (180, 2)


def test_pressed_twice_a_day_is_charged_once(biller, ana):
    attend(ana)
    assert len(charged(ana).charges) == 1
    assert charged(ana).charges == ()
    assert Charge.objects.count() == 1


def test_a_day_that_waits_says_every_reason_and_whose_signature(site, biller):
    patient = insured(site, approve=None)
    leader = make_staff(site, Role.COUNSELOR, name="Ruth Okoro")
    attend(patient, leader, signed=False)
    (waiting,) = queries.judged(biller, at=NOW, through=TODAY).waiting
    assert waiting.reasons == (
        "1 note is not signed.",
        "No authorization for H0015 covers this day; ask the payer.",
    )
    assert (waiting.mendable, waiting.who, waiting.payer) == (True, ("Ruth Okoro",), "Blue Lake Health")
    assert charged(patient).charges == ()


def test_a_note_that_wants_a_second_signature_waits(site, biller, ana):
    attend(ana, cosigner=make_staff(site, Role.COUNSELOR))
    assert reasons(biller) == [("1 note is not co-signed.",)]


def test_a_day_too_short_is_final(biller, ana):
    attend(ana, minutes=160)
    (waiting,) = queries.judged(biller, at=NOW, through=TODAY).waiting
    assert (waiting.mendable, waiting.reasons) == (
        False,
        ("160 minutes attended; H0015 needs 180, 20 are missing.",),
    )


def test_attendance_that_is_not_locked_is_not_billed(biller, ana):
    session = attend(ana, signed=False)
    Note.objects.filter(occurrence=session).update(signed_at=NOW, content_hash="h")
    assert reasons(biller) == [("1 note is not signed.",)]


def test_a_credential_that_had_expired_stops_the_day(site, biller, ana):
    leader = make_staff(site, Role.COUNSELOR)
    Credential.objects.filter(staff=leader).update(expires_on=ON - timedelta(days=1))
    attend(ana, leader)
    assert reasons(biller) == [("The facilitator's LPC was not valid on this day.",)]


def test_the_last_day_of_a_credential_still_counts(site, biller, ana):
    leader = make_staff(site, Role.COUNSELOR)
    Credential.objects.filter(staff=leader).update(expires_on=ON)
    attend(ana, leader)
    assert len(charged(ana).charges) == 1


def test_the_authorization_is_used_up_day_by_day(site, biller):
    patient = insured(site, approve=1)
    attend(patient, starts=YESTERDAY - timedelta(days=1))
    attend(patient)
    batch = charged(patient)
    assert [c.day for c in batch.charges] == [ON - timedelta(days=1)]
    assert "has nothing left for this day" in batch.waiting[0].reasons[0]
    assert charged(patient).charges == ()


def test_the_second_authorization_takes_over_when_the_first_is_used_up(site, biller):
    patient = insured(site, approve=1)
    authorized(patient, policy=Policy.objects.get(patient=patient), ends_on=date(2026, 4, 30))
    attend(patient, starts=YESTERDAY - timedelta(days=1))
    attend(patient)
    assert len({c.authorization_id for c in charged(patient).charges}) == 2


def test_a_plan_that_wants_no_authorization_needs_none(site, biller):
    patient = insured(site, approve=None, authorization_required=False)
    attend(patient)
    assert charged(patient).charges[0].authorization_id is None


def test_a_payer_without_a_rule_waits_for_somebody_to_say_which(site, biller, ana):
    PayerRule.objects.all().delete()
    attend(ana)
    assert reasons(biller)[0][0].startswith("No billing rule is on file for Blue Lake Health")


def test_the_rule_of_the_day_counts_not_todays(site, biller, ana):
    PayerRule.objects.update(starts_on=TODAY)
    attend(ana)
    assert reasons(biller)[0][0].startswith("No billing rule")


def test_without_a_rate_nothing_is_charged(site, biller, ana):
    site.rates.all().delete()
    attend(ana)
    assert reasons(biller) == [("There is no fee for H0015 on this day; enter one in the fee schedule.",)]


def test_self_pay_follows_its_own_rule(site, biller):
    patient = admitted(site)
    make_rates(patient)
    attend(patient)
    charged(patient)
    row = Charge.objects.get()
    assert (row.policy_id, row.rule, row.amount, row.patient_share) == (None, "self-pay-day", 250, 250)


def at_level(patient, level):
    """Moved there in the hour of admission."""
    episode = patient.episodes.get()
    moved = episode.admitted_at + timedelta(hours=1)
    Placement.objects.create(
        episode=episode, number=2, kind="transfer", level=level, because="Needs it.", starts_at=moved, at=moved,
        by=episode.admitted_by,
    )  # fmt: skip


FEES = {
    "H0015": 250,
    "H2036": 380,
    "H0004": 30,
    "H0005": 60,
    "T1006": 75,
    "H2011": 45,
    "H0006": 40,
    "T1015": 120,
}


@pytest.mark.parametrize(
    ("level", "minutes", "kind", "expected"),
    [
        ("2.1", 180, "individual", ("self-pay-day", "H0015", 1, 250)),
        ("2.1", 50, "individual", ("self-pay-individual", "H0004", 3, 90)),
        ("2.5", 240, "family", ("self-pay-php-day", "H2036", 1, 380)),
        ("2.5", 200, "family", ("self-pay-family", "T1006", 1, 75)),
        ("1", 50, "individual", ("self-pay-individual", "H0004", 3, 90)),
        ("1", 300, "family", ("self-pay-family", "T1006", 1, 75)),
        ("1", 45, "family", ("self-pay-family", "T1006", 1, 75)),
        ("1", 30, "crisis", ("self-pay-crisis", "H2011", 2, 90)),
        ("1", 20, "case_management", ("self-pay-case-management", "H0006", 1, 40)),
        ("1", 20, "medical", ("self-pay-medical", "T1015", 1, 120)),
    ],
)
def test_who_pays_alone_pays_by_level_and_service(site, biller, level, minutes, kind, expected):
    patient = admitted(site)
    at_level(patient, level)
    for code, amount in FEES.items():
        site.rates.create(code=code, amount=amount, starts_on=date(2026, 1, 1), source="test")
    attend(patient, minutes=minutes, kind=kind)
    charged(patient)
    row = Charge.objects.get()
    assert (row.rule, row.code, row.units, row.amount) == expected


def test_the_level_of_the_day_decides_not_todays(site, biller):
    patient = admitted(site)
    for code, amount in FEES.items():
        site.rates.create(code=code, amount=amount, starts_on=date(2026, 1, 1), source="test")
    episode = patient.episodes.get()
    Placement.objects.create(
        episode=episode, number=2, kind="step_down", level="1", because="Steady.", starts_at=NOW, at=NOW,
        by=episode.admitted_by,
    )  # fmt: skip
    attend(patient)
    assert [c.code for c in charged(patient).charges] == ["H0015"]


def test_a_service_without_a_rule_is_never_charged(site, biller, ana):
    at_level(ana, "1")
    follow(make_payer(), "H0004-15-minutes")
    site.rates.create(code="H0004", amount=30, starts_on=date(2026, 1, 1), source="test")
    attend(ana, minutes=50)
    attend(ana, minutes=60, kind="family", starts=YESTERDAY + timedelta(hours=2))
    batch = charged(ana)
    assert [(c.code, c.units) for c in batch.charges] == [("H0004", 3)]
    assert [w.reasons for w in batch.waiting] == [
        (
            f"No rule for family sessions at 1 Outpatient by Blue Lake Health on {day_words(ON)}; "
            "set one under Payers' rules.",
        )
    ]
    assert reasons(biller) == [w.reasons for w in batch.waiting]


def test_a_level_without_a_rule_is_never_charged_as_another_one(site, biller, ana):
    at_level(ana, "2.5")
    attend(ana, minutes=300)
    assert charged(ana).charges == ()
    assert reasons(biller)[0][0].startswith(
        "No rule for a day at 2.5 Partial hospitalization by Blue Lake Health"
    )


def test_a_late_signature_on_a_charged_outpatient_day_still_shows(site, biller, ana):
    at_level(ana, "1")
    for rule in ("H0004-15-minutes", "T1006-per-session"):
        follow(make_payer(), rule)
    for code in ("H0004", "T1006"):
        site.rates.create(code=code, amount=30, starts_on=date(2026, 1, 1), source="test")
    attend(ana, minutes=50)
    attend(ana, minutes=60, kind="family", starts=YESTERDAY + timedelta(hours=2), signed=False)
    assert [c.code for c in charged(ana).charges] == ["H0004"]
    assert reasons(biller) == [("1 note is not signed.",)]


def test_before_admission_nothing_is_charged(site, biller, ana):
    attend(ana, starts=ana.episodes.get().admitted_at - timedelta(days=2))
    assert reasons(biller)[0][0].startswith("No level of care was in force on")


def test_single_sessions_are_charged_only_when_no_whole_day_can_be(site, biller, ana):
    follow(make_payer(), "H0004-short-day")
    site.rates.create(code="H0004", amount=30, starts_on=date(2026, 1, 1), source="test")
    attend(ana, minutes=60)
    charged(ana)
    row = Charge.objects.get()
    assert (row.code, row.units, row.amount) == ("H0004", 4, 120)


def test_a_whole_day_that_only_waits_is_not_split_into_sessions(site, biller, ana):
    follow(make_payer(), "H0004-short-day")
    site.rates.create(code="H0004", amount=30, starts_on=date(2026, 1, 1), source="test")
    attend(ana, signed=False)
    assert charged(ana).charges == ()


def test_deductible_then_coinsurance_then_nothing(site, biller):
    patient = insured(site, deductible=Decimal(300), out_of_pocket_max=Decimal(345))
    leader = make_staff(site, Role.COUNSELOR)
    for hours in (49, 25):
        attend(patient, leader, starts=NOW - timedelta(hours=hours))
    charged(patient)
    attend(patient, leader, starts=NOW - timedelta(hours=5))
    charged(patient)
    assert [c.patient_share for c in Charge.objects.order_by("day")] == [250, 90, 5]


def test_what_was_heard_since_counts_earlier_charges_in(site, biller):
    patient = insured(site, deductible=Decimal(300))
    attend(patient, starts=YESTERDAY - timedelta(days=1))
    charged(patient)
    policy = patient.policies.get()
    policy.benefits.create(
        verified_at=NOW + timedelta(hours=1), covered=True, in_network=True, coinsurance=Decimal("0.2"),
        deductible=300, deductible_met=300, out_of_pocket_max=4000, out_of_pocket_met=300,
    )  # fmt: skip
    attend(patient)
    charged(patient, at=NOW + timedelta(hours=2))
    assert [c.patient_share for c in Charge.objects.order_by("day")] == [250, 50]


def test_a_share_the_plan_has_not_told_stays_open(site, biller):
    patient = insured(site, deductible=None, coinsurance=None)
    attend(patient)
    charged(patient)
    assert Charge.objects.get().patient_share is None
    assert queries.account_of(biller, patient).open_shares == 1


def test_a_note_entered_in_error_is_never_billed(site, biller, ana):
    session = attend(ana)
    Addendum.objects.create(
        note=session.note, kind="entered_in_error", text="Wrong person.", reason="Wrong person",
        by=session.facilitator, name="x", at=NOW,
    )  # fmt: skip
    assert charged(ana).charges == ()


def test_nobody_absent_is_billed(biller, ana):
    session = attend(ana, signed=False)
    Attendance.objects.filter(occurrence=session).update(
        outcome="excused", arrived_at=None, left_at=None, minutes=0, reason="Ill"
    )
    assert queries.judged(biller, at=NOW, through=TODAY) == queries.Judged((), ())


@pytest.mark.parametrize("role", [Role.UTILIZATION, Role.DIRECTOR, Role.COUNSELOR, Role.ADMISSIONS])
def test_only_the_biller_charges(site, ana, role):
    attend(ana)
    with pytest.raises(Denied):
        actions.make_charges(by=actor(make_staff(site, role)), at=NOW, through=TODAY)
    assert Charge.objects.count() == 0


def test_another_sites_days_are_not_charged(ana):
    attend(ana)
    stranger = actor(make_staff(make_site(), Role.BILLER))
    assert actions.make_charges(by=stranger, at=NOW, through=TODAY).charges == ()


def test_a_voided_charge_keeps_its_row_and_frees_its_day(biller, ana):
    attend(ana)
    (row,) = charged(ana).charges
    with pytest.raises(Refused, match="why the charge is taken back"):
        actions.void_charge(by=biller, at=NOW, charge=row, because="  ")
    actions.void_charge(by=biller, at=NOW, charge=row, because="Wrong payer")
    with pytest.raises(Refused, match="voided already"):
        actions.void_charge(by=biller, at=NOW, charge=row, because="Again")
    assert len(charged(ana).charges) == 1
    assert Charge.objects.count() == 2


def test_a_charge_the_payer_has_paid_is_not_voided(biller, ana):
    attend(ana)
    (row,) = charged(ana).charges
    actions.post_payment(
        by=biller, at=NOW, patient=ana, source="payer", amount=Decimal(200), once_key="k", charge=row
    )
    with pytest.raises(Refused, match="post its return first"):
        actions.void_charge(by=biller, at=NOW, charge=row, because="Wrong")


def test_the_database_holds_one_standing_charge_a_day(ana):
    attend(ana)
    (row,) = charged(ana).charges
    row.pk = None
    with pytest.raises(IntegrityError, match="charged_once_a_day"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"units": 0}, "charge_has_units"),
        ({"amount": -1}, "charge_not_negative"),
        ({"voided_at": NOW}, "charge_voided_with_a_reason"),
    ],
)
def test_the_database_refuses_nonsense(ana, change, constraint):
    attend(ana)
    charged(ana)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Charge.objects.update(**change)


def test_a_payer_follows_a_rule_from_a_day_on(biller, ana):
    payer = make_payer("Green Hill")
    row = actions.follow_rule(by=biller, at=NOW, payer=payer, rule="S9480-per-diem", starts_on=TODAY)
    with pytest.raises(Refused, match="follows this rule already"):
        actions.follow_rule(by=biller, at=NOW, payer=payer, rule="S9480-per-diem", starts_on=TODAY)
    with pytest.raises(Refused, match="not on file"):
        actions.follow_rule(by=biller, at=NOW, payer=payer, rule="made-up", starts_on=TODAY)
    with pytest.raises(Refused, match="before the first"):
        actions.stop_rule(by=biller, at=NOW, payer_rule=row, ends_on=date(2020, 1, 1))
    assert actions.stop_rule(by=biller, at=NOW, payer_rule=row, ends_on=TODAY).ends_on == TODAY


@pytest.mark.parametrize("people", [1, 30])
def test_the_judging_takes_ten_queries_whatever_the_days(site, biller, django_assert_num_queries, people):
    leader = make_staff(site, Role.COUNSELOR)
    for number in range(people):
        starts = YESTERDAY - timedelta(hours=4 * number)
        attend(insured(site, f"Ana{number}", approve=None), leader, starts=starts)
    with django_assert_num_queries(10):
        assert len(queries.judged(biller, at=NOW, through=TODAY).waiting) == people


def test_two_billers_at_once_charge_each_day_once(committed_database):
    """Real commits, two threads that begin together."""
    site = make_site()
    patient = insured(site)
    leader = make_staff(site, Role.COUNSELOR)
    for days in (2, 1):
        attend(patient, leader, starts=NOW - timedelta(days=days))
    billers = [actor(make_staff(site, Role.BILLER)) for _ in range(2)]
    together = threading.Barrier(2)
    made: list[int] = []

    def press(by):
        try:
            together.wait()
            made.append(len(actions.make_charges(by=by, at=NOW, through=TODAY).charges))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(by,)) for by in billers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 2]
    assert Charge.objects.count() == 2
    assert Entry.objects.filter(action="billing.charge").count() == 2
