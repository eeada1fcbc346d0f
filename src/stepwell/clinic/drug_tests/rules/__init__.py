"""The rules of drug tests: panels, validity of the specimen, reading of the result, random days."""

from stepwell.clinic.drug_tests.rules.draw import TestRate, Window, draw, least_gap_days, rate_of_phase
from stepwell.clinic.drug_tests.rules.panels import (
    DetectionWindow,
    DrugClass,
    Panel,
    drug_class,
    panel,
    panels,
)
from stepwell.clinic.drug_tests.rules.reading import (
    Finding,
    FindingState,
    Method,
    Outcome,
    Reading,
    Result,
    interpret,
)
from stepwell.clinic.drug_tests.rules.specimen import Specimen, Validity, ValidityState, check_specimen

__all__ = [
    "DetectionWindow",
    "DrugClass",
    "Finding",
    "FindingState",
    "Method",
    "Outcome",
    "Panel",
    "Reading",
    "Result",
    "Specimen",
    "TestRate",
    "Validity",
    "ValidityState",
    "Window",
    "check_specimen",
    "draw",
    "drug_class",
    "interpret",
    "least_gap_days",
    "panel",
    "panels",
    "rate_of_phase",
]
