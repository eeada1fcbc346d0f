"""What the patient owes of each charge."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.billing.rules import Priced, Told, shares
from stepwell.clinic.coverage.rules import ZERO, Benefits, Money, Network, total


def told(deductible=1000, pocket=4000, **facts):
    benefits = Benefits(
        covered=True, network=Network.IN, deductible_remaining=Money.of(deductible),
        out_of_pocket_remaining=Money.of(pocket), **{"coinsurance": Decimal("0.20"), **facts},
    )  # fmt: skip
    return Told(
        benefits=benefits,
        heard_on=date(2026, 3, 1),
        deductible=Money.of(1000),
        out_of_pocket_max=Money.of(4000),
    )


def days(count, amount=250, year=2026):
    day = Money.of(amount)
    return [Priced(on=date(year, 3, 2 + n), charge=day, allowed=day) for n in range(count)]


def test_the_deductible_comes_first_then_the_share():
    assert list(shares(days(6), told())) == [Money.of(n) for n in (250, 250, 250, 250, 50, 50)]


def test_the_maximum_ends_it():
    assert list(shares(days(3), told(deductible=0, pocket=70))) == [Money.of(50), Money.of(20), ZERO]


def test_a_new_year_begins_anew():
    made = [*days(1), *days(1, year=2027)]
    assert list(shares(made, told(deductible=0))) == [Money.of(50), Money.of(250)]


def test_days_above_a_limit_are_the_patients():
    assert list(shares(days(2), told(deductible=0, units_left=1))) == [Money.of(50), Money.of(250)]


def test_what_is_not_told_stays_open():
    assert list(shares(days(1), None)) == [None]
    assert list(shares(days(1), told(coinsurance=None))) == [None]
    unknown = Priced(on=date(2026, 3, 2), charge=Money.of(250), allowed=None)
    assert list(shares([unknown, *days(1)], told(deductible=0))) == [None, Money.of(50)]


@settings(deadline=None)  # a busy machine is not a wrong sum
@given(
    st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 500), st.integers(0, 30), st.integers(0, 100)
)
def test_the_patient_never_pays_more_than_the_maximum_or_the_charge(
    deductible, pocket, amount, count, percent
):
    plan = told(deductible=deductible, pocket=pocket, coinsurance=Decimal(percent) / 100)
    found = list(shares(days(count, amount), plan))
    assert all(ZERO <= share <= Money.of(amount) for share in found)
    assert total(found) <= Money.of(pocket)
