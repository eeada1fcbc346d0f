"""Orders: a few things are refused, more things warn, and the prescriber decides."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from stepwell.clinic.drug_tests.rules import drug_class
from stepwell.clinic.medication.rules import (
    Order,
    OrderCheck,
    active_on,
    check_order,
    drug,
    drugs,
    frequencies,
    prescribed_classes,
)
from stepwell.clinic.refusal import Refused

DAY = date(2026, 3, 2)


def order(key: str, dose: str, frequency: str = "daily", route: str = "oral", unit: str = "mg") -> Order:
    return Order(key, Decimal(dose), unit, route, frequency, DAY)


BUP = order("buprenorphine", "16", route="sublingual")
NALOXONE = order("naloxone", "4", "as_needed", "nasal")


def test_a_usual_order_passes_with_what_to_mind() -> None:
    known = drug("buprenorphine")
    assert known is not None
    assert check_order(BUP, site_is_otp=False, others=[NALOXONE]) == OrderCheck((), known.start, known.watch)


@pytest.mark.parametrize(
    ("given", "warnings"),
    [
        (order("buprenorphine", "8", route="sublingual"), ()),
        (order("buprenorphine", "24", route="buccal"), ()),
        (
            order("buprenorphine", "32", route="sublingual"),
            ("32 mg is outside the usual 8 to 24 mg per day.",),
        ),
        (
            order("buprenorphine", "12", "first_day", "sublingual"),
            ("12 mg is outside the usual 2 to 8 mg on the first day.",),
        ),
        (order("naltrexone", "50"), ()),
        (order("naltrexone", "100"), ("100 mg is outside the usual 50 mg per day.",)),
        (order("naltrexone", "100", "three_a_week"), ()),
        (order("naltrexone-xr", "380", "every_4_weeks", "intramuscular"), ()),
        (
            order("disulfiram", "250", "weekly"),
            ("Disulfiram is not usually given once a week.",),
        ),
        (
            order("disulfiram", "0.25", unit="g"),
            ("The dose is in g; the usual range is in mg, so it was not checked.",),
        ),
        (order("acamprosate", "666", "three_a_day"), ()),
        (
            order("naltrexone", "50", route="nasal"),
            ("Naltrexone, by mouth is usually given oral, not nasal.",),
        ),
        (
            order("baclofen", "10"),
            ("No usual range is on file for Baclofen (off label), so the dose was not checked.",),
        ),
        (order("sertraline", "50"), ("sertraline is not in the drug list, so its dose was not checked.",)),
    ],
)
def test_an_unusual_order_warns_and_is_not_refused(given: Order, warnings: tuple[str, ...]) -> None:
    assert check_order(given, site_is_otp=False, others=[NALOXONE]).warnings == warnings


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (replace(BUP, dose=Decimal(0)), r"^The dose must be more than zero\.$"),
        (replace(BUP, ends_on=DAY - timedelta(days=1)), "ends on 1 Mar 2026, before it starts on 2 Mar 2026"),
        (replace(BUP, frequency="sometimes"), "no frequency called sometimes"),
        (order("methadone", "80"), "may only be ordered in an opioid treatment program"),
    ],
)
def test_what_cannot_be_ordered(given: Order, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check_order(given, site_is_otp=False)


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("Methadone HCl 10 mg", "Methadone"), ("METHADOSE", "Methadone"), ("Suboxone film", "Buprenorphine"),
        ("buprenorphine-naloxone", "Buprenorphine"), ("Vivitrol", "Naltrexone"), ("antabuse", "Disulfiram"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("otp", [False, True])
def test_a_listed_medicine_by_another_name_does_not_pass_its_checks_by(written, listed, otp) -> None:
    with pytest.raises(Refused, match=rf"is in the drug list; choose .*{listed}"):
        check_order(order(written, "10"), site_is_otp=otp)


def test_a_medicine_of_another_name_is_no_listed_one() -> None:
    assert check_order(order("Methazolamide", "50"), site_is_otp=False).warnings == (
        "Methazolamide is not in the drug list, so its dose was not checked.",
    )


def test_an_opioid_treatment_program_may_order_methadone() -> None:
    assert check_order(order("methadone", "80"), site_is_otp=True, others=[NALOXONE]).warnings == ()


@pytest.mark.parametrize(
    ("first", "second"), [("naltrexone", "buprenorphine"), ("buprenorphine", "naltrexone")]
)
def test_naltrexone_and_buprenorphine_clash_whichever_came_first(first: str, second: str) -> None:
    orders = {"naltrexone": order("naltrexone", "50"), "buprenorphine": BUP}
    warnings = check_order(orders[second], site_is_otp=False, others=[orders[first], NALOXONE]).warnings
    assert [w for w in warnings if "work against each other" in w] == list(warnings)
    assert len(warnings) == 1


def test_a_stopped_order_clashes_with_nothing() -> None:
    stopped = replace(BUP, starts_on=DAY - timedelta(days=60), stopped_on=DAY - timedelta(days=14))
    assert check_order(order("naltrexone", "50"), site_is_otp=False, others=[stopped]).warnings == ()


def test_the_same_drug_twice_warns() -> None:
    warnings = check_order(BUP, site_is_otp=False, others=[BUP, NALOXONE]).warnings
    assert len(warnings) == 1
    assert "stop one of the two" in warnings[0]


def test_an_allergy_is_told() -> None:
    warnings = check_order(
        BUP, site_is_otp=False, others=[NALOXONE], allergies=["Penicillin", "NALOXONE"]
    ).warnings
    assert warnings == ("An allergy to NALOXONE is on file.",)


def test_an_opioid_medicine_reminds_of_naloxone() -> None:
    assert check_order(BUP, site_is_otp=False).warnings == ("Give naloxone for the home.",)


@pytest.mark.parametrize(
    ("given", "offsets"),
    [
        (BUP, [0, 1, 2, 3]),
        (replace(BUP, ends_on=DAY + timedelta(days=1)), [0, 1]),
        (replace(BUP, ends_on=DAY), [0]),
        (replace(BUP, stopped_on=DAY + timedelta(days=1)), [0]),
        (replace(BUP, stopped_on=DAY), []),
    ],
)
def test_an_order_is_in_force_from_its_first_day_through_its_last(given: Order, offsets: list[int]) -> None:
    assert [n for n in range(-1, 4) if active_on([given], DAY + timedelta(days=n))] == offsets


def test_prescriptions_explain_their_own_test_classes() -> None:
    orders = [BUP, order("sertraline", "50"), replace(order("methadone", "80"), stopped_on=DAY)]
    assert prescribed_classes(orders, DAY) == {"buprenorphine"}


def test_the_content_pack_names_only_things_that_exist() -> None:
    keys, codes = {d.key for d in drugs()}, {f.code for f in frequencies()}
    assert len(keys) == len(drugs())
    for one in drugs():
        assert set(one.conflicts_with) <= keys
        assert {f for r in one.ranges for f in r.frequencies} <= codes
        assert all(0 < r.low <= r.high and r.mark for r in one.ranges)
        assert all(drug_class(code) for code in one.test_classes)
        assert one.mark
    assert [d.key for d in drugs() if d.otp_only] == ["methadone"]


def test_the_films_carry_the_codes_of_the_value_set() -> None:
    known = drug("buprenorphine")
    assert known is not None
    labels = {p.rxnorm: p.label for p in known.products}
    assert labels["1010604"] == "buprenorphine 8 mg / naloxone 2 mg SL film"
    assert labels["351267"] == "buprenorphine 8 mg / naloxone 2 mg SL tablet"
