"""Is the specimen what it claims to be: valid, dilute, substituted or invalid?"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from stepwell.clinic.drug_tests.rules.panels import data


class ValidityState(StrEnum):
    """What the measurements say of the specimen. UNCHECKED: too little was measured to say."""

    VALID = "valid"
    DILUTE = "dilute"
    SUBSTITUTED = "substituted"
    INVALID = "invalid"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Specimen:
    """Measurements: degrees Fahrenheit, minutes until read, mg/dL, specific gravity, pH. None: not measured."""

    temperature_f: Decimal | None = None
    minutes_to_reading: int | None = None
    creatinine: Decimal | None = None
    gravity: Decimal | None = None
    ph: Decimal | None = None


@dataclass(frozen=True)
class Validity:
    """The state with its reasons, each one sentence."""

    state: ValidityState
    reasons: tuple[str, ...]


def check_specimen(specimen: Specimen) -> Validity:
    """Judge a specimen by the limits of the data file. The gravest finding decides; nothing is guessed."""
    invalid = _temperature(specimen) + _acidity(specimen)
    state, because = _concentration(specimen)
    if state is ValidityState.SUBSTITUTED:
        return Validity(state, because + invalid)
    if invalid or state is ValidityState.INVALID:
        return Validity(ValidityState.INVALID, invalid + (because if state is ValidityState.INVALID else ()))
    if state is ValidityState.DILUTE:
        return Validity(state, because)
    unmeasured = _unmeasured(specimen)
    if unmeasured:
        return Validity(ValidityState.UNCHECKED, (f"Not measured: {', '.join(unmeasured)}.",))
    return Validity(ValidityState.VALID, because)


def _limit(name: str) -> Decimal:
    return Decimal(data()["validity"][name])


def _temperature(specimen: Specimen) -> tuple[str, ...]:
    measured, minutes = specimen.temperature_f, specimen.minutes_to_reading
    # a reading taken too late says nothing: every specimen cools
    if measured is None or (minutes is not None and minutes > data()["validity"]["read_within_minutes"]):
        return ()
    low, high = _limit("temperature_f_low"), _limit("temperature_f_high")
    if low <= measured <= high:
        return ()
    return (f"The temperature is {measured} °F; it should be {low} to {high}.",)


def _acidity(specimen: Specimen) -> tuple[str, ...]:
    ph = specimen.ph
    if ph is None or _limit("ph_low") <= ph <= _limit("ph_high"):
        return ()
    if ph < _limit("ph_adulterated_below") or ph >= _limit("ph_adulterated_from"):
        return (f"The pH is {ph}: something was added to the specimen.",)
    return (f"The pH is {ph}; it should be {_limit('ph_low')} to {_limit('ph_high')}.",)


def _concentration(specimen: Specimen) -> tuple[ValidityState, tuple[str, ...]]:
    creatinine, gravity = specimen.creatinine, specimen.gravity
    if creatinine is None or gravity is None:
        return ValidityState.UNCHECKED, ()
    both = f"Creatinine is {creatinine} mg/dL with specific gravity {gravity}"
    watery, dense = gravity <= _limit("gravity_substituted_to"), gravity >= _limit("gravity_substituted_from")
    if creatinine < _limit("creatinine_substituted_below"):
        if watery or dense:
            return ValidityState.SUBSTITUTED, (f"{both}: this is not human urine.",)
        return ValidityState.INVALID, (f"{both}: the two contradict each other.",)
    if watery:
        return ValidityState.INVALID, (f"{both}: the two contradict each other.",)
    if creatinine < _limit("creatinine_normal_from"):
        if gravity < _limit("gravity_normal_from"):
            return ValidityState.DILUTE, (f"{both}: the specimen is dilute.",)
        return ValidityState.VALID, (f"{both}: low creatinine, not dilute.",)
    return ValidityState.VALID, ()


def _unmeasured(specimen: Specimen) -> tuple[str, ...]:
    late = (
        specimen.minutes_to_reading is not None
        and specimen.minutes_to_reading > data()["validity"]["read_within_minutes"]
    )
    measured = {
        "temperature in time": None if late else specimen.temperature_f,
        "creatinine": specimen.creatinine,
        "specific gravity": specimen.gravity,
        "pH": specimen.ph,
    }
    return tuple(name for name, value in measured.items() if value is None)
