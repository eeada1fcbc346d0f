"""The permission table: which role may do what. One table, shown as a page, nothing elsewhere.

A permission answers "may she?" by role alone; site, consent and the state of the record are asked
afterwards by the step's `policies`. HIPAA's minimum necessary standard is the reason for each row
(45 CFR 164.502(b)); 42 CFR 2.12(c)(3) for sharing inside the program.
"""

from __future__ import annotations

from enum import StrEnum

from stepwell.accounts.roles import Role

R = Role
_CLINICIANS = frozenset({R.COUNSELOR, R.FACILITATOR, R.PRESCRIBER, R.NURSE})
_CARE = _CLINICIANS | {R.CASE_MANAGER, R.PEER}
_OFFICE = frozenset({R.ADMISSIONS, R.UTILIZATION, R.BILLER})
_LEAD = frozenset({R.DIRECTOR})
_WATCH = frozenset({R.COMPLIANCE})


class Permission(StrEnum):
    """What can be asked of the table; the text in `EXPLAINED` is shown on the page."""

    INQUIRY_READ = "inquiry.read"
    INQUIRY_WORK = "inquiry.work"
    PEOPLE_READ = "people.read"
    PEOPLE_REGISTER = "people.register"
    STAFF_MANAGE = "staff.manage"
    CONSENT_READ = "consent.read"
    CONSENT_RECORD = "consent.record"
    DISCLOSURE_READ = "disclosure.read"
    DISCLOSURE_WITHOUT_CONSENT = "disclosure.without_consent"
    COVERAGE_READ = "coverage.read"
    COVERAGE_RECORD = "coverage.record"
    FUND_DECIDE = "fund.decide"
    CHART_READ = "chart.read"
    ASSESSMENT_READ = "assessment.read"
    ASSESSMENT_RECORD = "assessment.record"
    ALERT_ACKNOWLEDGE = "alert.acknowledge"
    PLACEMENT_READ = "placement.read"
    PLACEMENT_DECIDE = "placement.decide"
    PLAN_READ = "plan.read"
    PLAN_WRITE = "plan.write"
    AUTHORIZATION_READ = "authorization.read"
    AUTHORIZATION_RECORD = "authorization.record"
    TIMETABLE_READ = "timetable.read"
    TIMETABLE_MANAGE = "timetable.manage"
    LISTING_MANAGE = "listing.manage"
    SEAT_BOOK = "seat.book"
    CHECK_IN = "session.check_in"
    ATTENDANCE_RECORD = "attendance.record"
    NOTE_READ = "note.read"
    NOTE_WRITE = "note.write"
    NOTE_COSIGN = "note.cosign"
    NOTE_KEEP_APART = "note.keep_apart"
    HOURS_READ = "hours.read"
    MEDICATION_READ = "medication.read"
    MEDICATION_ORDER = "medication.order"
    MEDICATION_GIVE = "medication.give"
    DRUG_TEST_READ = "drug_test.read"
    DRUG_TEST_ORDER = "drug_test.order"
    DRUG_TEST_COLLECT = "drug_test.collect"
    RECOVERY_READ = "recovery.read"
    RECOVERY_WRITE = "recovery.write"
    BILLING_READ = "billing.read"
    BILLING_WORK = "billing.work"
    AFTERCARE_READ = "aftercare.read"
    AFTERCARE_WRITE = "aftercare.write"
    OUTCOMES_READ = "outcomes.read"
    AUDIT_READ = "audit.read"
    ACCOUNTS_MANAGE = "accounts.manage"
    OWN_RECORD = "own.record"
    FAMILY_VIEW = "family.view"


P = Permission

TABLE: dict[Permission, frozenset[Role]] = {
    P.INQUIRY_READ: frozenset({R.ADMISSIONS, R.COUNSELOR, R.CASE_MANAGER}) | _LEAD,
    P.INQUIRY_WORK: frozenset({R.ADMISSIONS, R.COUNSELOR, R.CASE_MANAGER}) | _LEAD,
    P.PEOPLE_READ: _CARE | _OFFICE | _LEAD | _WATCH,
    P.PEOPLE_REGISTER: frozenset({R.ADMISSIONS, R.COUNSELOR, R.CASE_MANAGER}) | _LEAD,
    P.STAFF_MANAGE: _LEAD,
    P.CONSENT_READ: _CARE | _OFFICE | _LEAD | _WATCH,
    P.CONSENT_RECORD: frozenset({R.ADMISSIONS, R.COUNSELOR, R.CASE_MANAGER, R.NURSE}) | _LEAD | _WATCH,
    P.DISCLOSURE_READ: _LEAD | _WATCH,
    P.DISCLOSURE_WITHOUT_CONSENT: _CARE | {R.ADMISSIONS} | _LEAD | _WATCH,
    P.COVERAGE_READ: frozenset({R.ADMISSIONS, R.COUNSELOR, R.CASE_MANAGER, R.UTILIZATION, R.BILLER}) | _LEAD,
    P.COVERAGE_RECORD: frozenset({R.ADMISSIONS, R.UTILIZATION, R.BILLER}) | _LEAD,
    P.FUND_DECIDE: _LEAD,
    P.CHART_READ: _CARE | _OFFICE | _LEAD | _WATCH,
    P.ASSESSMENT_READ: _CLINICIANS | {R.CASE_MANAGER, R.UTILIZATION} | _LEAD,
    P.ASSESSMENT_RECORD: _CLINICIANS,
    P.ALERT_ACKNOWLEDGE: _CLINICIANS | {R.CASE_MANAGER} | _LEAD,
    P.PLACEMENT_READ: _CLINICIANS | {R.CASE_MANAGER, R.ADMISSIONS, R.UTILIZATION, R.BILLER} | _LEAD,
    P.PLACEMENT_DECIDE: frozenset({R.COUNSELOR, R.PRESCRIBER}) | _LEAD,
    P.PLAN_READ: _CARE | {R.UTILIZATION} | _LEAD,
    P.PLAN_WRITE: frozenset({R.COUNSELOR, R.PRESCRIBER}) | _LEAD,
    P.AUTHORIZATION_READ: frozenset({R.COUNSELOR, R.CASE_MANAGER, R.UTILIZATION, R.BILLER}) | _LEAD,
    P.AUTHORIZATION_RECORD: frozenset({R.UTILIZATION, R.BILLER}) | _LEAD,
    P.TIMETABLE_READ: _CARE | _OFFICE | _LEAD | _WATCH,
    P.TIMETABLE_MANAGE: _LEAD,
    P.LISTING_MANAGE: frozenset({R.SYSTEM_ADMIN}) | _LEAD,
    P.SEAT_BOOK: frozenset({R.ADMISSIONS, R.COUNSELOR, R.FACILITATOR, R.CASE_MANAGER}) | _LEAD,
    P.CHECK_IN: _CARE | {R.ADMISSIONS} | _LEAD,
    P.ATTENDANCE_RECORD: _CARE,
    P.NOTE_READ: _CLINICIANS | {R.CASE_MANAGER, R.UTILIZATION} | _LEAD,
    P.NOTE_WRITE: _CARE,
    P.NOTE_COSIGN: frozenset({R.COUNSELOR, R.PRESCRIBER}) | _LEAD,
    P.NOTE_KEEP_APART: frozenset({R.COUNSELOR, R.FACILITATOR, R.PRESCRIBER}),
    P.HOURS_READ: _CARE | _OFFICE | _LEAD,
    P.MEDICATION_READ: _CLINICIANS | _LEAD,
    P.MEDICATION_ORDER: frozenset({R.PRESCRIBER}),
    P.MEDICATION_GIVE: frozenset({R.PRESCRIBER, R.NURSE}),
    P.DRUG_TEST_READ: _CLINICIANS | {R.CASE_MANAGER} | _LEAD,
    P.DRUG_TEST_ORDER: frozenset({R.COUNSELOR, R.PRESCRIBER, R.NURSE}),
    P.DRUG_TEST_COLLECT: frozenset({R.COUNSELOR, R.PRESCRIBER, R.NURSE}),
    P.RECOVERY_READ: _CARE | _LEAD,
    P.RECOVERY_WRITE: _CARE,
    P.BILLING_READ: frozenset({R.UTILIZATION, R.BILLER}) | _LEAD,
    P.BILLING_WORK: frozenset({R.BILLER}),
    P.AFTERCARE_READ: _CARE | {R.UTILIZATION} | _LEAD,
    P.AFTERCARE_WRITE: frozenset({R.COUNSELOR, R.PRESCRIBER, R.NURSE, R.CASE_MANAGER, R.PEER}) | _LEAD,
    P.OUTCOMES_READ: _LEAD | {R.COMPLIANCE, R.UTILIZATION},
    P.AUDIT_READ: _WATCH | _LEAD,
    P.ACCOUNTS_MANAGE: frozenset({R.SYSTEM_ADMIN}) | _LEAD,
    P.OWN_RECORD: frozenset({R.PATIENT}),
    P.FAMILY_VIEW: frozenset({R.FAMILY}),
}

EXPLAINED: dict[Permission, str] = {
    P.INQUIRY_READ: "See the queue of inquiries",
    P.INQUIRY_WORK: "Answer an inquiry, refer it, book an intake",
    P.PEOPLE_READ: "Find a patient by name, date of birth or phone",
    P.PEOPLE_REGISTER: "Make and change a patient's record of name, contact and family",
    P.STAFF_MANAGE: "Set up staff, credentials and rooms",
    P.CONSENT_READ: "See which consents are in force",
    P.CONSENT_RECORD: "Record and revoke a consent",
    P.DISCLOSURE_READ: "See the accounting of disclosures",
    P.DISCLOSURE_WITHOUT_CONSENT: "Write down what was told without consent, such as in an emergency",
    P.COVERAGE_READ: "See policies, benefits and estimates",
    P.COVERAGE_RECORD: "Record policies and benefits, make an estimate",
    P.FUND_DECIDE: "Keep the site's funds and lenders, decide about awards",
    P.CHART_READ: "Open a patient's chart",
    P.ASSESSMENT_READ: "See interviews, scores and ratings",
    P.ASSESSMENT_RECORD: "Record interviews, scores and ratings",
    P.ALERT_ACKNOWLEDGE: "Acknowledge an alert and say what was done",
    P.PLACEMENT_READ: "See the level of care and its reasons",
    P.PLACEMENT_DECIDE: "Admit, step up, step down, transfer, discharge",
    P.PLAN_READ: "See the treatment plan",
    P.PLAN_WRITE: "Write, sign and review the treatment plan",
    P.AUTHORIZATION_READ: "See authorizations",
    P.AUTHORIZATION_RECORD: "Record what the payer approved",
    P.TIMETABLE_READ: "See the week",
    P.TIMETABLE_MANAGE: "Set up programs, tracks and groups",
    P.LISTING_MANAGE: "Say to the public what a program offers, and publish it",
    P.SEAT_BOOK: "Book a patient into a group or session",
    P.CHECK_IN: "Check a patient in at the desk",
    P.ATTENDANCE_RECORD: "Record attendance with minutes",
    P.NOTE_READ: "Read notes",
    P.NOTE_WRITE: "Write and sign own notes",
    P.NOTE_COSIGN: "Co-sign notes and plans of supervised staff",
    P.NOTE_KEEP_APART: "Keep own counseling and psychotherapy notes apart from the record",
    P.HOURS_READ: "See hours ordered, delivered, booked and at risk",
    P.MEDICATION_READ: "See medication",
    P.MEDICATION_ORDER: "Order and stop medication",
    P.MEDICATION_GIVE: "Record a dose given, refused or held",
    P.DRUG_TEST_READ: "See drug tests",
    P.DRUG_TEST_ORDER: "Order a drug test",
    P.DRUG_TEST_COLLECT: "Collect a specimen and enter a result",
    P.RECOVERY_READ: "See check-ins, safety and relapse-prevention plans, homework",
    P.RECOVERY_WRITE: "Write safety and relapse-prevention plans, give and review homework",
    P.BILLING_READ: "See charges and statements",
    P.BILLING_WORK: "Make charges, post payments, issue statements",
    P.AFTERCARE_READ: "See discharge summaries and follow-up calls",
    P.AFTERCARE_WRITE: "Write the discharge summary, log follow-up calls",
    P.OUTCOMES_READ: "See census, retention and change in scores",
    P.AUDIT_READ: "See who saw a chart",
    P.ACCOUNTS_MANAGE: "See logins and end their sessions",
    P.OWN_RECORD: "See one's own week, plan and consents",
    P.FAMILY_VIEW: "See what a patient's live consent permits",
}


def allows(roles: frozenset[Role] | set[Role], permission: Permission) -> bool:
    """True when one of `roles` is in the table's row."""
    return not TABLE[permission].isdisjoint(roles)
