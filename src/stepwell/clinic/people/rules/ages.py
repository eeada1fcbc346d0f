"""Age in whole years on a day, and which dates of birth can be right."""

from datetime import date

EARLIEST_BIRTH = date(1900, 1, 1)


def age_on(birth_date: date, on: date) -> int:
    """Completed years; somebody born on February 29 turns a year older on March 1. Raises ValueError before birth."""
    if on < birth_date:
        raise ValueError("The day lies before the date of birth.")
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def is_minor_on(birth_date: date, on: date, age_of_consent: int) -> bool:
    """Below the age at which the state lets a person consent to this treatment alone (42 CFR 2.14)."""
    return age_on(birth_date, on) < age_of_consent


def birth_date_fault(birth_date: date, today: date) -> str:
    """What cannot be right about a date of birth, as the end of a sentence; empty when nothing speaks against it."""
    if birth_date > today:
        return "is in the future"
    return "is before 1900" if birth_date < EARLIEST_BIRTH else ""
