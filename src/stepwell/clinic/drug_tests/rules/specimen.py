"""Is the specimen what it claims to be: valid, dilute, substituted, tampered with or invalid?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from stepwell.clinic.drug_tests.rules.panels import data


class ValidityState(StrEnum):
    """What the measurements say of the specimen. UNCHECKED: too little was measured to say."""

    VALID = "valid"
    DILUTE = "dilute"
    SUBSTITUTED = "substituted"
    TAMPERED = "tampered"
    INVALID = "invalid"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Specimen:
    """Measurements: degrees Fahrenheit, minutes until read, mg/dL, specific gravity, pH, and oxidants in
    micrograms per mL. None: not measured. ``tampered``: what whoever collected it saw; empty when nothing."""

    temperature_f: Decimal | None = None
    minutes_to_reading: int | None = None
    creatinine: Decimal | None = None
    gravity: Decimal | None = None
    ph: Decimal | None = None
    oxidants: Decimal | None = None
    tampered: str = ""


@dataclass(frozen=True)
class Limits:
    """The limits in force from a day on; names and units as in the data file."""

    since: date
    numbers: dict[str, Decimal]
    read_within_minutes: int

    def __getitem__(self, name: str) -> Decimal:
        return self.numbers[name]


@dataclass(frozen=True)
class Validity:
    """The state with its reasons, each one sentence."""

    state: ValidityState
    reasons: tuple[str, ...]


def check_specimen(specimen: Specimen, on: date | None = None) -> Validity:
    """Judge a specimen by the limits in force `on` its day (the newest without one). The gravest finding decides."""
    limits = limits_on(on)
    tampered = _tampered(specimen, limits)
    invalid = _temperature(specimen, limits) + _acidity(specimen, limits) + _oxidants(specimen, limits)
    state, because = _concentration(specimen, limits)
    if state is ValidityState.SUBSTITUTED:
        return Validity(state, because + invalid + tampered)
    if tampered:
        return Validity(ValidityState.TAMPERED, invalid + tampered)
    if invalid or state is ValidityState.INVALID:
        return Validity(ValidityState.INVALID, invalid + (because if state is ValidityState.INVALID else ()))
    if state is ValidityState.DILUTE:
        return Validity(state, because)
    unmeasured = _unmeasured(specimen, limits)
    if unmeasured:
        return Validity(ValidityState.UNCHECKED, (f"Not measured: {', '.join(unmeasured)}.",))
    return Validity(ValidityState.VALID, because)


def limits_on(on: date | None = None) -> Limits:
    """The limits of the newest edition that began by that day; before the first one, the first one."""
    editions = _editions()
    begun = [one for one in editions if on is None or one.since <= on]
    return (begun or editions[:1])[-1]


@cache
def _editions() -> tuple[Limits, ...]:
    return tuple(
        Limits(
            since=date.fromisoformat(row["from"]),
            numbers={
                name: Decimal(value)
                for name, value in row.items()
                if name not in ("from", "source", "oxidants_source", "read_within_minutes")
            },
            read_within_minutes=row["read_within_minutes"],
        )
        for row in sorted(data()["validity"], key=lambda row: str(row["from"]))
    )


def _tampered(specimen: Specimen, limits: Limits) -> tuple[str, ...]:
    """Something was added or done to it: seen at the collection, or measured."""
    found = []
    if specimen.tampered.strip():
        found.append(f"Seen at the collection: {specimen.tampered.strip()}")
    ph, oxidants = specimen.ph, specimen.oxidants
    if ph is not None and _adulterated(ph, limits):
        found.append(f"The pH is {ph}: something was added to the specimen.")
    if oxidants is not None and oxidants >= limits["oxidants_ug_ml_adulterated_from"]:
        found.append(f"Oxidants are {oxidants} µg/mL: something was added to the specimen.")
    return tuple(found)


def _adulterated(ph: Decimal, limits: Limits) -> bool:
    return not limits["ph_adulterated_below"] <= ph < limits["ph_adulterated_from"]


def _temperature(specimen: Specimen, limits: Limits) -> tuple[str, ...]:
    measured, minutes = specimen.temperature_f, specimen.minutes_to_reading
    # a reading taken too late says nothing: every specimen cools
    if measured is None or (minutes is not None and minutes > limits.read_within_minutes):
        return ()
    low, high = limits["temperature_f_low"], limits["temperature_f_high"]
    if low <= measured <= high:
        return ()
    return (f"The temperature is {measured} °F; it should be {low} to {high}.",)


def _acidity(specimen: Specimen, limits: Limits) -> tuple[str, ...]:
    ph, low, high = specimen.ph, limits["ph_low"], limits["ph_high"]
    if ph is None or low <= ph <= high or _adulterated(ph, limits):
        return ()
    return (f"The pH is {ph}; it should be {low} to {high}.",)


def _oxidants(specimen: Specimen, limits: Limits) -> tuple[str, ...]:
    found = specimen.oxidants
    usual, added = limits["oxidants_ug_ml_invalid_from"], limits["oxidants_ug_ml_adulterated_from"]
    if found is None or not usual <= found < added:
        return ()
    return (f"Oxidants are {found} µg/mL; below {usual} is usual.",)


def _concentration(specimen: Specimen, limits: Limits) -> tuple[ValidityState, tuple[str, ...]]:
    creatinine, gravity = specimen.creatinine, specimen.gravity
    if creatinine is None or gravity is None:
        return ValidityState.UNCHECKED, ()
    both = f"Creatinine is {creatinine} mg/dL with specific gravity {gravity}"
    watery, dense = gravity <= limits["gravity_substituted_to"], gravity >= limits["gravity_substituted_from"]
    if creatinine < limits["creatinine_substituted_below"]:
        if watery or dense:
            return ValidityState.SUBSTITUTED, (f"{both}: this is not human urine.",)
        return ValidityState.INVALID, (f"{both}: the two contradict each other.",)
    if watery:
        return ValidityState.INVALID, (f"{both}: the two contradict each other.",)
    if creatinine < limits["creatinine_normal_from"]:
        if gravity < limits["gravity_normal_from"]:
            return ValidityState.DILUTE, (f"{both}: the specimen is dilute.",)
        return ValidityState.VALID, (f"{both}: low creatinine, not dilute.",)
    return ValidityState.VALID, ()


def _unmeasured(specimen: Specimen, limits: Limits) -> tuple[str, ...]:
    late = (
        specimen.minutes_to_reading is not None and specimen.minutes_to_reading > limits.read_within_minutes
    )
    measured = {
        "temperature in time": None if late else specimen.temperature_f,
        "creatinine": specimen.creatinine,
        "specific gravity": specimen.gravity,
        "pH": specimen.ph,
    }
    return tuple(name for name, value in measured.items() if value is None)
