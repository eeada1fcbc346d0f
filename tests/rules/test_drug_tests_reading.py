"""A specimen is judged first, then each class against what is prescribed; no reading ever punishes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.drug_tests.rules import (
    DetectionWindow,
    Finding,
    FindingState,
    Method,
    Outcome,
    Reading,
    Result,
    Specimen,
    Validity,
    ValidityState,
    check_specimen,
    drug_class,
    interpret,
    panel,
    panels,
)
from stepwell.clinic.refusal import Refused

VALID = Validity(ValidityState.VALID, ())


def specimen(
    temperature: str = "96",
    creatinine: str = "80",
    gravity: str = "1.015",
    ph: str = "6",
    oxidants: str = "0",
    tampered: str = "",
) -> Specimen:
    return Specimen(
        Decimal(temperature),
        3,
        Decimal(creatinine),
        Decimal(gravity),
        Decimal(ph),
        Decimal(oxidants),
        tampered,
    )


@pytest.mark.parametrize(
    ("given_specimen", "state"),
    [
        (specimen(), "valid"),
        (specimen(temperature="90"), "valid"),
        (specimen(temperature="100"), "valid"),
        (specimen(temperature="89.9"), "invalid"),
        (specimen(temperature="100.1"), "invalid"),
        (specimen(ph="4.5"), "valid"),
        (specimen(ph="8"), "valid"),
        (specimen(ph="4.4"), "invalid"),
        (specimen(ph="8.1"), "invalid"),
        (specimen(ph="2.9"), "tampered"),
        (specimen(ph="11"), "tampered"),
        (specimen(oxidants="199"), "valid"),
        (specimen(oxidants="200"), "invalid"),
        (specimen(oxidants="500"), "tampered"),
        (specimen(tampered="A tube under the sleeve."), "tampered"),
        (specimen(creatinine="20", gravity="1.002"), "valid"),
        (specimen(creatinine="19.9", gravity="1.0029"), "dilute"),
        (specimen(creatinine="2", gravity="1.002"), "dilute"),
        (specimen(creatinine="19.9", gravity="1.003"), "valid"),
        (specimen(creatinine="1.9", gravity="1.001"), "substituted"),
        (specimen(creatinine="1.9", gravity="1.020"), "substituted"),
        (specimen(creatinine="1.9", gravity="1.010"), "invalid"),
        (specimen(creatinine="50", gravity="1.001"), "invalid"),
        (specimen(creatinine="1", gravity="1.000", ph="12"), "substituted"),
        (Specimen(), "unchecked"),
        (Specimen(temperature_f=Decimal("96"), minutes_to_reading=2), "unchecked"),
        (Specimen(temperature_f=Decimal("70"), minutes_to_reading=2), "invalid"),
        (Specimen(temperature_f=Decimal("70"), minutes_to_reading=5), "unchecked"),
    ],
)
def test_a_specimen_is_judged_by_its_measurements(given_specimen: Specimen, state: str) -> None:
    assert check_specimen(given_specimen).state.value == state


def test_the_reasons_carry_the_numbers() -> None:
    assert check_specimen(specimen(temperature="85", ph="11")).reasons == (
        "The temperature is 85 °F; it should be 90 to 100.",
        "The pH is 11: something was added to the specimen.",
    )
    assert check_specimen(Specimen(ph=Decimal("6"))).reasons == (
        "Not measured: temperature in time, creatinine, specific gravity.",
    )


@pytest.mark.parametrize(
    ("result", "prescribed", "state"),
    [
        (Result.NEGATIVE, False, FindingState.NEGATIVE),
        (Result.POSITIVE, True, FindingState.EXPECTED),
        (Result.POSITIVE, False, FindingState.UNEXPECTED_POSITIVE),
        (Result.NEGATIVE, True, FindingState.UNEXPECTED_NEGATIVE),
        (Result.PENDING, True, FindingState.PENDING),
        (Result.INVALID, False, FindingState.UNREADABLE),
    ],
)
def test_a_result_is_read_against_the_prescription(
    result: Result, prescribed: bool, state: FindingState
) -> None:
    reading = interpret(
        {"buprenorphine": result}, prescribed=["buprenorphine"] if prescribed else [], validity=VALID
    )
    assert [finding.state for finding in reading.findings] == [state]


def test_an_unexpected_screen_is_confirmed_first() -> None:
    assert interpret({"cocaine": Result.POSITIVE}, validity=VALID) == Reading(
        Outcome.UNEXPECTED,
        "Something was not as expected; see each class, and talk with the person.",
        (
            Finding(
                "cocaine",
                FindingState.UNEXPECTED_POSITIVE,
                "Cocaine: positive, not prescribed.",
                "Send it for confirmation before anything follows from it.",
            ),
        ),
    )


def test_a_confirmed_result_is_talked_over() -> None:
    (finding,) = interpret({"cocaine": Result.POSITIVE}, method=Method.DEFINITIVE, validity=VALID).findings
    assert finding.next_step is not None
    assert finding.next_step.startswith("Talk it over with the person")


def test_a_medicine_that_misleads_the_screen_is_named() -> None:
    (finding,) = interpret(
        {"amphetamine": Result.POSITIVE}, validity=VALID, taking=["Bupropion XL 300 mg", "Sertraline"]
    ).findings
    assert finding.sentence == "Amphetamines: positive, not prescribed. Bupropion can cause this on a screen."


def test_a_refusal_is_itself_and_not_a_positive() -> None:
    reading = interpret({}, refused=True)
    assert (reading.outcome, reading.findings) == (Outcome.REFUSED, ())


@pytest.mark.parametrize(
    ("state", "result", "outcome"),
    [
        ("dilute", Result.NEGATIVE, Outcome.DILUTE),
        ("dilute", Result.POSITIVE, Outcome.UNEXPECTED),
        ("substituted", Result.POSITIVE, Outcome.SUBSTITUTED),
        ("invalid", Result.NEGATIVE, Outcome.INVALID),
        ("valid", Result.NEGATIVE, Outcome.AS_EXPECTED),
        ("valid", Result.PENDING, Outcome.PENDING),
        ("unchecked", Result.NEGATIVE, Outcome.AS_EXPECTED),
    ],
)
def test_the_specimen_limits_what_can_be_read(state: str, result: Result, outcome: Outcome) -> None:
    assert interpret({"thc": result}, validity=Validity(ValidityState(state), ())).outcome is outcome


def test_a_test_without_results_is_pending() -> None:
    assert interpret({}).outcome is Outcome.PENDING


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(Refused, match="no drug class called caffeine"):
        interpret({"caffeine": Result.POSITIVE})


@given(
    st.dictionaries(st.sampled_from([c.code for c in panel("wide").classes]), st.sampled_from(Result)),
    st.sampled_from(ValidityState),
    st.sampled_from(Method),
    st.booleans(),
)
def test_no_reading_ever_speaks_of_ending_treatment(
    results: dict[str, Result], state: ValidityState, method: Method, refused: bool
) -> None:
    reading = interpret(results, validity=Validity(state, ()), method=method, refused=refused)
    words = " ".join(
        [reading.sentence, *(f"{f.sentence} {f.next_step}" for f in reading.findings)]
    ).casefold()
    assert not any(word in words for word in ("discharge", "terminat", "expel", "sanction", "dirty", "clean"))
    assert len(reading.findings) == (0 if refused else len(results))


def test_panels_name_their_classes_and_windows() -> None:
    assert [p.code for p in panels()] == ["standard", "alcohol", "opioid", "wide"]
    assert drug_class("cocaine").windows == (
        DetectionWindow("cocaine itself", 0, 24),
        DetectionWindow("benzoylecgonine", 24, 96),
    )
    for one in panel("wide").classes:
        assert one.windows
        assert all(0 <= w.from_hours < w.to_hours for w in one.windows)
    assert [c.code for c in panel("alcohol").classes] == ["alcohol", "etg"]
    with pytest.raises(Refused, match="choose one of standard, alcohol, opioid, wide"):
        panel("five")
