"""Stepwell: the software on which an intensive outpatient program runs."""

__version__ = "0.1.0"
