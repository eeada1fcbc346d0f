"""Patients: the list, the search, a new record, its details; staff, roles and permissions."""
