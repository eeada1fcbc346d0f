"""Roles of the clinic, as `docs/journey/people.md` describes the people who hold them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a login does at a site. A person may hold several, at several sites."""

    ADMISSIONS = "admissions"
    COUNSELOR = "counselor"
    FACILITATOR = "facilitator"
    PRESCRIBER = "prescriber"
    NURSE = "nurse"
    CASE_MANAGER = "case_manager"
    PEER = "peer"
    UTILIZATION = "utilization"
    BILLER = "biller"
    DIRECTOR = "director"
    COMPLIANCE = "compliance"
    SYSTEM_ADMIN = "system_admin"
    PATIENT = "patient"
    FAMILY = "family"

    @property
    def title(self) -> str:  # type: ignore[override] # a role has a title; nobody wants str.title of it
        return _TITLES[self]


_TITLES = {
    Role.ADMISSIONS: "Admissions coordinator",
    Role.COUNSELOR: "Counselor",
    Role.FACILITATOR: "Group facilitator",
    Role.PRESCRIBER: "Prescriber",
    Role.NURSE: "Nurse",
    Role.CASE_MANAGER: "Case manager",
    Role.PEER: "Peer specialist",
    Role.UTILIZATION: "Utilization reviewer",
    Role.BILLER: "Biller",
    Role.DIRECTOR: "Program director",
    Role.COMPLIANCE: "Compliance officer",
    Role.SYSTEM_ADMIN: "System administrator",
    Role.PATIENT: "Patient",
    Role.FAMILY: "Family member",
}

STAFF_ROLES: frozenset[Role] = frozenset(Role) - {Role.PATIENT, Role.FAMILY}
CLINICAL_ROLES: frozenset[Role] = frozenset(
    {Role.COUNSELOR, Role.FACILITATOR, Role.PRESCRIBER, Role.NURSE, Role.CASE_MANAGER, Role.PEER}
)
