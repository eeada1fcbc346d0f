"""The database refuses nonsense: every named constraint is tried with the smallest row that breaks it.

Some are tried beside the action that a race could bring there; all others stand in the two tables here.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import IntegrityError, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

NOW = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 3, 18), date(2026, 3, 17)
HOUR = DateTimeTZRange(NOW, NOW + timedelta(hours=1), "[)")
LATER = DateTimeTZRange(NOW + timedelta(minutes=30), NOW + timedelta(hours=2), "[)")
NO_TIME = DateTimeTZRange(NOW, NOW, "[)")

_numbers = itertools.count(1)


class Another:
    """Stands for "a row of that model, made for it" where a table names a foreign key."""


ANOTHER = Another()

# What a right row needs beyond a value of its column's type.
RIGHT: dict[str, dict[str, Any]] = {
    "Site": {"zone": "America/New_York"},
    "Room": {"capacity": 12},
    "Reservation": {"room": ANOTHER, "subject": "intake", "during": HOUR},
    "Consent": {
        "kind": "specific",
        "expiry": "on",
        "expires_on": TODAY,
        "information": ["schedule"],
        "purposes": ["family_support"],
    },
    "Disclosure": {"basis": "medical_emergency", "documented": {"nature": "overdose"}},
    "Inquiry": {"phone": "555-0100"},
    "AnswerTime": {"usual_minutes": 240, "urgent_minutes": 30},
    "ReferralFollowUp": {"outcome": ""},
    "Packet": {"expires_at": NOW + timedelta(hours=1), "papers": ["tpo"]},
    "PacketSignature": {"typed": "Ana Reyes", "words": {"title": "Consent"}, "drawing": []},
    "EligibilityRequest": {
        "patient": ANOTHER,
        "policy": ANOTHER,
        "state": "queued",
        "birth_date": TODAY,
        "service_types": ["30"],
    },
    "EligibilityFile": {"content": b"ISA"},
    "EligibilityAnswer": {"state": "waiting", "because": "No question."},
    "FeeDetermination": {"valid_until": TODAY + timedelta(days=1)},
    "FeeApplication": {"household": 2},
    "IncomeTold": {"source": "wages", "period": "month"},
    "ProofSeen": {"kind": "pay_stubs"},
    "FeeDecision": {"provisional": False, "words": []},
    "Fund": {"available": 0, "awarded": 0, "closes_on": TODAY},
    "FundDecision": {"outcome": "declined"},
    "Award": {"amount": 10, "left": 10},
    "FundEntry": {"kind": "deposit", "amount": 10, "available": 10},
    "EapReferral": {"visits": 5},
    "PaymentAgreement": {"balance": 300, "monthly": 100, "months": 3},
    "PlanInstalment": {"amount": 100, "paid": 0},
    "InstalmentPaid": {"how": "cash"},
    "InstalmentReminder": {"kind": "soon", "channel": "call"},
    "AgreementReview": {"outcome": "goes_on", "missed": 2},
    "Diagnosis": {"code": "F10.20"},
    "LobbyTurn": {
        "instruments": ["phq-9"],
        "expires_at": NOW + timedelta(minutes=20),
        "opened_at": None,
        "key_digest": "",
    },
    "DiagnosisEvent": {"diagnosis": ANOTHER, "kind": "recorded"},
    "AlertTold": {"after_minutes": 15},
    "Placement": {"level": "2.1"},
    "TreatmentOrder": {"days_least": 3, "days_most": 5, "minutes_per_week": 540},
    "Intervention": {"minutes_per_week": 60},
    "AuthorizationDecision": {"outcome": "pended"},
    "TherapyGroup": {"mode": "video", "capacity": 10},
    "SiteCurriculum": {"key": "relapse-prevention", "version": 1},
    "Meeting": {"minutes": 60},
    "Occurrence": {"kind": "individual", "ends": NOW + timedelta(hours=1), "capacity": 10},
    "Attendance": {"arrived_at": NOW},
    "Guest": {"ground": "say_so"},
    "Seat": {"number": 1, "capacity": 10},
    "MakeUpOffer": {"number": 1, "capacity": 10, "held_until": NOW + timedelta(hours=1)},
    "Dose": {"amount": 1},
    "SideEffect": {"severity": "mild", "look_again_on": TODAY},
    "TitrationStep": {"from_day": 1, "dose": 1},
    "SafetyFact": {"value": "expected"},
    "StartCheck": {"state": "ok"},
    "Supply": {"pieces": 1, "strength": 1},
    "TakeHome": {"doses": 1, "during": DateRange(TODAY, TODAY + timedelta(days=1), "[)"), "treatment_day": 1},
    "NaloxoneOffer": {"outcome": "has_one"},
    "Collection": {"specimen": "S-1"},
    "PanelResult": {"method": "presumptive"},
    "TestNotice": {"channel": "call"},
    "CustodyStep": {"kind": "taken"},
    "LabFile": {"content": b"MSH"},
    "LabMessage": {"starts": 0, "ends": 3},
    "LabReport": {"state": "waiting", "because": "No number."},
    "PlanHandOver": {"ends_at": NOW + timedelta(hours=1)},
    "RewardPlan": {"ends_on": TODAY + timedelta(days=84)},
    "RewardEntry": {"kind": "handed", "cap": 750},
    "CheckIn": {"mood": 5},
    "Estimate": {"total": 0, "patient_pays": 0, "payer_pays": 0},
    "ProviderIdentity": {"npi": "1234567893", "tin": "123456789", "state": "GA"},
    "EstimateAsked": {"patient": ANOTHER, "occasion": "requested"},
    "GoodFaithEstimate": {"language": "en", "how": "printed"},
    "Payment": {"amount": 1},
    "Entry": {"kind": "write"},
    "StaffAvailability": {"ends_at": time(10)},
    "StaffAbsence": {"ends": NOW + timedelta(hours=1)},
    "RoomOut": {"ends": NOW + timedelta(hours=1)},
    "PatientWindow": {"ends_at": time(10)},
    "CalendarFeed": {"staff": ANOTHER, "secret": "s" * 43},
    "WeekNotice": {"patient": ANOTHER},
    "Publication": {"number": 1},
    "PlannedSession": {"ends": NOW + timedelta(hours=1)},
    "Solve": {"seconds": 20},
    "VideoPresence": {"patient": ANOTHER},
    "JoinStatement": {"listening": "alone"},
}

# One row that says nonsense, refused by the check of that name.
WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("fee_application_household_sensible", "FeeApplication", {"household": 0}),
    ("income_not_negative", "IncomeTold", {"amount": -1}),
    ("income_has_a_source", "IncomeTold", {"source": " "}),
    ("income_has_a_period", "IncomeTold", {"period": ""}),
    ("proof_has_a_kind", "ProofSeen", {"kind": ""}),
    ("proof_says_what_was_seen", "ProofSeen", {"what": " "}),
    ("fee_decision_differs_with_a_reason", "FeeDecision", {"decided_class": "A", "because": " "}),
    ("fund_has_a_name", "Fund", {"name": " "}),
    ("fund_has_a_source", "Fund", {"source": ""}),
    ("fund_says_its_restrictions", "Fund", {"restrictions": ""}),
    ("fund_never_below_zero", "Fund", {"available": -1}),
    ("fund_awarded_never_below_zero", "Fund", {"awarded": -1}),
    ("fund_closes_after_it_opens", "Fund", {"closes_on": YESTERDAY}),
    ("fund_request_asks_for_something", "FundRequest", {"amount": 0}),
    ("fund_request_says_why", "FundRequest", {"because": " "}),
    ("fund_outcome_known", "FundDecision", {"outcome": "maybe"}),
    ("fund_decision_has_a_reason", "FundDecision", {"because": " "}),
    ("award_is_something", "Award", {"amount": 0, "left": 0}),
    ("award_left_between_nothing_and_all", "Award", {"left": 11}),
    ("award_left_between_nothing_and_all", "Award", {"left": -1}),
    ("fund_entry_kind_known", "FundEntry", {"kind": "lost", "award": ANOTHER}),
    ("fund_entry_moves_something", "FundEntry", {"amount": 0}),
    ("fund_entry_leaves_nothing_below_zero", "FundEntry", {"available": -1}),
    ("fund_entry_names_its_award", "FundEntry", {"kind": "spent"}),
    ("fund_entry_names_its_award", "FundEntry", {"award": ANOTHER}),
    ("fund_entry_says_what_for", "FundEntry", {"note": " "}),
    ("eap_has_a_program", "EapReferral", {"program": " "}),
    ("eap_has_an_employer", "EapReferral", {"employer": ""}),
    ("eap_visits_sensible", "EapReferral", {"visits": 0}),
    ("eap_ends_after_it_starts", "EapReferral", {"ends_on": YESTERDAY}),
    ("agreement_is_about_something", "PaymentAgreement", {"balance": 0, "monthly": 0}),
    ("agreement_monthly_within_balance", "PaymentAgreement", {"monthly": 301}),
    ("agreement_months_sensible", "PaymentAgreement", {"months": 0}),
    ("agreement_says_who_agreed", "PaymentAgreement", {"agreed_by": " "}),
    ("instalment_is_something", "PlanInstalment", {"amount": 0}),
    ("instalment_paid_at_most_in_full", "PlanInstalment", {"paid": 101}),
    ("instalment_payment_is_something", "InstalmentPaid", {"amount": 0}),
    ("instalment_paid_somehow", "InstalmentPaid", {"how": "shells"}),
    ("instalment_reminder_kind_known", "InstalmentReminder", {"kind": "loud"}),
    ("instalment_reminder_channel_known", "InstalmentReminder", {"channel": "pigeon"}),
    ("agreement_review_outcome_known", "AgreementReview", {"outcome": "collect"}),
    ("agreement_review_counts_missed", "AgreementReview", {"missed": -1}),
    ("agreement_review_has_a_reason", "AgreementReview", {"because": " "}),
    ("financing_partner_has_a_name", "FinancingPartner", {"name": " "}),
    ("financing_partner_says_what_in_english", "FinancingPartner", {"words_en": ""}),
    ("financing_partner_says_what_in_spanish", "FinancingPartner", {"words_es": ""}),
    ("financing_partner_ends_after_it_starts", "FinancingPartner", {"ends_on": YESTERDAY}),
    ("site_week_starts_on_a_weekday", "Site", {"week_starts_on": 7}),
    ("site_note_due_hours_sensible", "Site", {"note_due_hours": 0}),
    ("site_note_alike_percent_sensible", "Site", {"note_alike_percent": 101}),
    ("site_has_a_zone", "Site", {"zone": " "}),
    ("site_zip_has_five_digits", "Site", {"zip_code": "3030a", "latitude": 33, "longitude": -84}),
    ("site_with_a_zip_has_its_place", "Site", {"zip_code": "30303"}),
    ("site_with_a_zip_has_its_place", "Site", {"latitude": 33, "longitude": -84}),
    ("site_latitude_on_the_globe", "Site", {"zip_code": "30303", "latitude": 91, "longitude": -84}),
    ("site_longitude_on_the_globe", "Site", {"zip_code": "30303", "latitude": 33, "longitude": -181}),
    ("published_program_says_what_it_is", "ProgramListing", {"published": True, "words_en": " "}),
    ("staff_role_ends_after_start", "StaffRole", {"ends_on": YESTERDAY}),
    ("reservation_subject_known", "Reservation", {"subject": "party"}),
    ("reservation_of_exactly_one", "Reservation", {"staff": ANOTHER}),
    ("reservation_of_exactly_one", "Reservation", {"room": None}),
    ("reservation_takes_time", "Reservation", {"during": NO_TIME}),
    ("consent_expiry_known", "Consent", {"expiry": "never"}),
    ("revocation_says_by_whom", "ConsentRevocation", {"said_by": " "}),
    ("disclosure_by_consent_names_it", "Disclosure", {"basis": "consent"}),
    ("consent_says_who_is_behind_the_intermediary", "Consent", {"intermediary": "State exchange"}),
    (
        "consent_says_who_is_behind_the_intermediary",
        "Consent",
        {"intermediary": "State exchange", "intermediary_class": "health_plans"},
    ),
    ("disclosure_without_consent_is_documented", "Disclosure", {"documented": {}}),
    ("disclosure_recorded_after_it_was_made", "Disclosure", {"at": NOW + timedelta(seconds=1)}),
    ("disclosure_says_to_whom", "Disclosure", {"recipient": ""}),
    ("disclosure_says_what", "Disclosure", {"what": "\n"}),
    ("handoff_decision_known", "HandoffItem", {"decision": "maybe", "decided_at": NOW}),
    ("handoff_decision_has_its_time", "HandoffItem", {"decision": "accepted"}),
    ("answer_time_within_a_week", "AnswerTime", {"usual_minutes": 20_000}),
    ("answer_time_urgent_within_four_hours", "AnswerTime", {"usual_minutes": 600, "urgent_minutes": 300}),
    ("answer_time_urgent_is_sooner", "AnswerTime", {"usual_minutes": 20}),
    ("danger_acted_on_says_how", "InquiryEvent", {"kind": "safety", "note": " "}),
    ("referral_follow_up_done_says_how", "ReferralFollowUp", {"done_at": NOW}),
    ("referral_follow_up_done_says_how", "ReferralFollowUp", {"outcome": "arrived"}),
    ("packet_expires_after_it_was_made", "Packet", {"expires_at": NOW}),
    ("packet_has_papers", "Packet", {"papers": []}),
    ("packet_accepted_after_it_was_sent_in", "Packet", {"accepted_at": NOW}),
    ("packet_ends_in_one_way", "Packet", {"sent_in_at": NOW, "accepted_at": NOW, "ended_at": NOW}),
    ("packet_signature_has_a_name", "PacketSignature", {"signed_name": " "}),
    ("packet_signature_is_signed", "PacketSignature", {"typed": " "}),
    ("packet_signature_keeps_the_words", "PacketSignature", {"words": {}}),
    ("payer_kind_known", "Payer", {"kind": "friend"}),
    ("policy_has_a_member_id", "Policy", {"member_id": ""}),
    ("policy_ends_after_start", "Policy", {"ends_on": YESTERDAY}),
    ("control_number_has_nine_digits", "ControlNumber", {"id": 1_000_000_000}),
    ("eligibility_state_known", "EligibilityRequest", {"state": "lost"}),
    ("eligibility_asked_with_a_member_number", "EligibilityRequest", {"member_id": " "}),
    ("eligibility_asked_with_a_given_name", "EligibilityRequest", {"given_name": ""}),
    ("eligibility_asked_with_a_family_name", "EligibilityRequest", {"family_name": ""}),
    ("eligibility_asked_for_somebody", "EligibilityRequest", {"policy": None}),
    ("eligibility_asked_for_somebody", "EligibilityRequest", {"inquiry": ANOTHER}),
    ("eligibility_sent_is_kept", "EligibilityRequest", {"sent_at": NOW}),
    ("eligibility_end_has_its_time", "EligibilityRequest", {"state": "answered"}),
    ("answer_state_known", "EligibilityAnswer", {"state": "lost"}),
    ("answer_matched_to_a_question", "EligibilityAnswer", {"state": "matched"}),
    ("answer_matched_to_a_question", "EligibilityAnswer", {"request": ANOTHER}),
    ("answer_waits_with_a_reason", "EligibilityAnswer", {"because": ""}),
    ("answer_read_only_when_matched", "EligibilityAnswer", {"benefits": ANOTHER}),
    ("verification_rule_days_sensible", "VerificationRule", {"every_days": 0}),
    ("verification_rule_asks_for_something", "VerificationRule", {"at_month_start": False}),
    ("benefits_coinsurance_is_a_share", "Benefits", {"coinsurance": 2}),
    ("benefits_deductible_not_negative", "Benefits", {"deductible": -1}),
    ("benefits_met_not_above_deductible", "Benefits", {"deductible": 100, "deductible_met": 101}),
    ("benefits_deductible_met_not_negative", "Benefits", {"deductible_met": -1}),
    ("benefits_out_of_pocket_max_not_negative", "Benefits", {"out_of_pocket_max": -1}),
    ("benefits_out_of_pocket_met_not_negative", "Benefits", {"out_of_pocket_met": -1}),
    (
        "benefits_met_not_above_out_of_pocket_max",
        "Benefits",
        {"out_of_pocket_max": 100, "out_of_pocket_met": 101},
    ),
    ("fee_household_sensible", "FeeDetermination", {"household": 0}),
    ("fee_discount_is_a_share", "FeeDetermination", {"discount": 2}),
    ("fee_income_not_negative", "FeeDetermination", {"annual_income": -1}),
    ("fee_valid_for_some_days", "FeeDetermination", {"valid_until": TODAY}),
    ("benefits_coordination_known", "Benefits", {"coordination": "lucky"}),
    (
        "benefits_met_not_above_family_deductible",
        "Benefits",
        {"family_deductible": 1, "family_deductible_met": 2},
    ),
    (
        "benefits_met_not_above_family_out_of_pocket",
        "Benefits",
        {"family_out_of_pocket_max": 1, "family_out_of_pocket_met": 2},
    ),
    ("benefits_family_amounts_not_negative", "Benefits", {"family_deductible": -1}),
    ("provider_has_a_name", "ProviderIdentity", {"legal_name": " "}),
    ("provider_has_an_address", "ProviderIdentity", {"address": " "}),
    ("provider_npi_has_ten_digits", "ProviderIdentity", {"npi": "12345"}),
    ("provider_tin_has_nine_digits", "ProviderIdentity", {"tin": "12-345678"}),
    ("provider_state_has_two_letters", "ProviderIdentity", {"state": "ga"}),
    ("estimate_asked_occasion_known", "EstimateAsked", {"occasion": "wished", "service_on": TODAY}),
    ("estimate_asked_for_one_person", "EstimateAsked", {"patient": None}),
    ("estimate_asked_for_one_person", "EstimateAsked", {"inquiry": ANOTHER}),
    ("estimate_asked_knows_the_first_visit", "EstimateAsked", {"occasion": "scheduled"}),
    ("good_faith_given_somehow", "GoodFaithEstimate", {"how": "thought"}),
    ("good_faith_language_known", "GoodFaithEstimate", {"language": "fr"}),
    ("good_faith_total_not_negative", "GoodFaithEstimate", {"total": -1}),
    ("good_faith_ends_after_start", "GoodFaithEstimate", {"last_on": YESTERDAY}),
    ("estimate_not_needed_has_a_reason", "EstimateNotNeeded", {"because": " "}),
    ("estimate_weeks_sensible", "Estimate", {"weeks": 0}),
    ("estimate_days_sensible", "Estimate", {"days_per_week": 8}),
    ("screening_error_says_why", "Screening", {"entered_in_error_at": NOW}),
    ("alert_severity_known", "Alert", {"severity": "whenever"}),
    ("alert_says_what", "Alert", {"sentence": " "}),
    ("instrument_text_says_of_what", "InstrumentText", {"instrument": ""}),
    ("acknowledgement_says_what_was_done", "AlertAcknowledgement", {"done": ""}),
    ("diagnosis_code_has_icd_shape", "Diagnosis", {"code": "alcohol"}),
    ("screening_correction_says_why", "Screening", {"supersedes": ANOTHER}),
    ("screening_way_known", "Screening", {"way": "pigeon"}),
    ("alert_told_after_a_while", "AlertTold", {"after_minutes": 0}),
    ("interview_signed_by_somebody", "IntakeInterview", {"signed_at": NOW}),
    ("interview_change_says_why", "IntakeInterview", {"number": 2}),
    ("substance_use_names_the_substance", "SubstanceUse", {"substance": " "}),
    ("substance_use_first_age_sensible", "SubstanceUse", {"first_age": 111}),
    ("diagnosis_criteria_from_0_to_11", "Diagnosis", {"criteria_met": 12}),
    ("diagnosis_severity_known", "Diagnosis", {"severity": "extreme"}),
    ("diagnosis_remission_known", "Diagnosis", {"remission": "late"}),
    ("diagnosis_event_kind_known", "DiagnosisEvent", {"kind": "vanished"}),
    ("rating_of_one_edition", "DimensionalRating", {"edition": "fourth", "d1": 2}),
    ("lobby_turn_expires_after_it_was_made", "LobbyTurn", {"expires_at": NOW - timedelta(minutes=1)}),
    ("lobby_turn_has_a_questionnaire", "LobbyTurn", {"instruments": []}),
    ("lobby_turn_opened_by_a_device", "LobbyTurn", {"opened_at": NOW}),
    ("rating_d1_from_0_to_4", "DimensionalRating", {"d1": 5}),
    ("rating_d2_from_0_to_4", "DimensionalRating", {"d2": 5}),
    ("rating_d3_from_0_to_4", "DimensionalRating", {"d3": 5}),
    ("rating_d4_from_0_to_4", "DimensionalRating", {"d4": 5}),
    ("rating_d5_from_0_to_4", "DimensionalRating", {"d5": 5}),
    ("rating_d6_from_0_to_4", "DimensionalRating", {"d6": 5}),
    ("problem_condition_known", "Problem", {"condition": "party"}),
    ("deferred_diagnosis_says_why", "DeferredDiagnosis", {"because": " "}),
    ("objective_score_is_whole", "Objective", {"target_way": "at_most"}),
    ("objective_score_is_whole", "Objective", {"target_way": "at_most", "target_score": 4}),
    ("plan_paper_has_a_day_and_a_holder", "PlanSignature", {"method": "paper", "signed_on": TODAY}),
    ("plan_paper_has_a_day_and_a_holder", "PlanSignature", {"method": "electronic", "kept_by": "Front desk"}),
    ("objective_verdict_known", "ObjectiveVerdict", {"verdict": "party"}),
    ("objective_given_up_says_why", "ObjectiveVerdict", {"verdict": "discontinued", "because": " "}),
    ("hand_over_ends_after_opening", "PlanHandOver", {"ends_at": NOW}),
    ("plan_library_is_not_blank", "SiteLibrary", {"content": " "}),
    ("plan_signature_role_known", "PlanSignature", {"role": "neighbor"}),
    ("plan_signature_has_a_name", "PlanSignature", {"name": " "}),
    ("order_minutes_sensible", "TreatmentOrder", {"minutes_per_week": 3001}),
    ("order_days_least_sensible", "TreatmentOrder", {"days_least": -1}),
    ("order_days_most_sensible", "TreatmentOrder", {"days_most": 8}),
    ("authorization_unit_known", "Authorization", {"unit": "mile"}),
    ("authorization_ends_after_start", "Authorization", {"ends_on": YESTERDAY}),
    ("authorization_asks_for_units", "Authorization", {"units_asked": 0}),
    (
        "authorization_outcome_known",
        "AuthorizationDecision",
        {"outcome": "maybe", "units": 1, "number": "A1", "starts_on": TODAY, "ends_on": TODAY},
    ),
    ("authorization_units_not_negative", "AuthorizationDecision", {"units": -1}),
    ("program_most_not_below_least", "Program", {"minutes_least": 600, "minutes_most": 540}),
    ("track_kind_known", "Track", {"kind": "night"}),
    ("group_capacity_not_below_least", "TherapyGroup", {"least": 5, "capacity": 4}),
    ("group_capacity_sensible", "TherapyGroup", {"capacity": 101}),
    ("enrollment_ends_after_start", "Enrollment", {"ends_on": YESTERDAY}),
    ("given_back_is_released", "Seat", {"given_back": True}),
    ("kiosk_has_a_place", "Kiosk", {"place": " "}),
    (
        "kiosk_closed_after_opening",
        "Kiosk",
        {"closed_at": datetime(2026, 3, 1, tzinfo=UTC), "closed_by": ANOTHER},
    ),
    ("kiosk_closed_by_somebody", "Kiosk", {"closed_at": NOW}),
    ("note_signature_role_known", "NoteSignature", {"role": "guest"}),
    ("kept_apart_note_kind_known", "KeptApartNote", {"kind": "diary"}),
    ("kept_apart_revision_says_something", "KeptApartRevision", {"text": " "}),
    ("homework_outcome_known", "HomeworkReview", {"outcome": "eaten"}),
    ("guest_ground_known", "Guest", {"ground": "chance"}),
    ("guest_comes_by_a_consent_or_a_word", "Guest", {"ground": "consent"}),
    ("guest_left_after_arriving", "Guest", {"left_at": NOW}),
    ("addendum_kind_known", "Addendum", {"kind": "joke"}),
    ("addendum_says_something", "Addendum", {"text": ""}),
    ("addendum_says_why", "Addendum", {"reason": ""}),
    ("medication_has_a_name", "Medication", {"name": ""}),
    ("medication_ends_after_start", "Medication", {"starts_on": TODAY, "ended_on": YESTERDAY}),
    ("allergy_names_its_substance", "Allergy", {"substance": " "}),
    ("order_dose_above_zero", "MedicationOrder", {"dose": 0}),
    ("medication_order_ends_after_start", "MedicationOrder", {"ends_on": YESTERDAY}),
    ("order_stopped_with_a_reason", "MedicationOrder", {"stopped_at": NOW}),
    ("dose_outcome_known", "Dose", {"outcome": "lost", "note": "x"}),
    ("given_dose_has_an_amount", "Dose", {"amount": None}),
    ("given_dose_has_an_amount", "Dose", {"amount": 0}),
    ("side_effect_is_named", "SideEffect", {"effect": ""}),
    ("side_effect_is_followed_until_closed", "SideEffect", {"look_again_on": None}),
    ("side_effect_is_followed_until_closed", "SideEffect", {"closed_at": NOW}),
    ("side_effect_follow_up_says_what", "SideEffectFollowUp", {"said": " "}),
    ("allergy_severity_known", "Allergy", {"severity": "odd"}),
    ("reconciliation_occasion_known", "Reconciliation", {"occasion": "odd"}),
    ("reconciliation_line_has_a_name", "ReconciliationLine", {"name": ""}),
    ("reconciliation_decision_known", "ReconciliationLine", {"decision": "odd", "because": "x"}),
    ("reconciliation_line_says_why", "ReconciliationLine", {"decision": "stop", "because": " "}),
    ("titration_dose_above_zero", "TitrationStep", {"dose": 0}),
    ("titration_day_within_a_year", "TitrationStep", {"from_day": 0}),
    ("safety_fact_has_a_kind", "SafetyFact", {"kind": " "}),
    ("safety_fact_says_something", "SafetyFact", {"value": ""}),
    ("start_check_state_known", "StartCheck", {"state": "odd", "reason": "x"}),
    ("start_check_says_what", "StartCheck", {"sentence": ""}),
    ("start_check_passed_over_with_a_reason", "StartCheck", {"state": "unsafe"}),
    ("supply_is_more_than_nothing", "Supply", {"pieces": 0}),
    ("supply_refills_sensible", "Supply", {"refills_left": -1}),
    ("dose_place_from_one", "Dose", {"place": 0}),
    ("take_home_is_a_dose", "TakeHome", {"doses": 0}),
    ("take_home_has_days", "TakeHome", {"during": DateRange(TODAY, TODAY, "[)")}),
    ("naloxone_outcome_known", "NaloxoneOffer", {"outcome": "odd"}),
    ("naloxone_given_has_a_lot", "NaloxoneOffer", {"outcome": "given", "kits": 1}),
    ("naloxone_given_has_a_lot", "NaloxoneOffer", {"outcome": "given", "lot": "L1"}),
    ("naloxone_declined_says_why", "NaloxoneOffer", {"outcome": "declined"}),
    ("withdrawal_watch_names_its_scale", "WithdrawalWatch", {"instrument": ""}),
    ("withdrawal_watch_ended_with_a_reason", "WithdrawalWatch", {"ended_at": NOW, "ended_because": " "}),
    ("reading_pulse_plausible", "WithdrawalReading", {"pulse": 5}),
    ("reading_systolic_plausible", "WithdrawalReading", {"systolic": 20}),
    ("reading_diastolic_plausible", "WithdrawalReading", {"diastolic": 300}),
    ("reading_temperature_plausible", "WithdrawalReading", {"temperature": 37}),
    ("reading_respiration_plausible", "WithdrawalReading", {"respiration": 1}),
    ("reading_oxygen_plausible", "WithdrawalReading", {"oxygen": 101}),
    ("reading_action_known", "WithdrawalReading", {"action": "odd", "alert": ANOTHER}),
    ("reading_action_is_told", "WithdrawalReading", {"action": "call"}),
    ("side_effect_severity_known", "SideEffect", {"severity": "odd"}),
    ("sealed_seed_is_one", "SealedSeed", {"seed": " "}),
    ("sealed_seed_is_committed", "SealedSeed", {"commitment": ""}),
    ("random_draw_keeps_its_pool", "RandomDraw", {"pool_hash": ""}),
    ("random_draw_ends_after_start", "RandomDraw", {"last_on": YESTERDAY}),
    ("test_reason_known", "TestOrder", {"reason": "hunch"}),
    ("drawn_test_is_random", "TestOrder", {"reason": "clinical", "draw": ANOTHER}),
    ("specimen_is_labeled", "Collection", {"specimen": ""}),
    ("result_method_known", "PanelResult", {"method": "guess"}),
    ("result_source_known", "PanelResult", {"source": "hearsay"}),
    (
        "observed_by_policy_and_with_a_wish_heard",
        "Collection",
        {"observed": True, "observed_because": "asked"},
    ),
    ("test_notice_has_a_channel", "TestNotice", {"channel": " "}),
    ("test_excuse_has_a_reason", "TestExcuse", {"because": " "}),
    ("custody_kind_known", "CustodyStep", {"kind": "lost"}),
    ("custody_has_a_giver", "CustodyStep", {"giver": ""}),
    ("custody_has_a_taker", "CustodyStep", {"taker": " "}),
    ("lab_file_came_somehow", "LabFile", {"via": ""}),
    ("lab_message_lies_in_its_file", "LabMessage", {"starts": 4}),
    ("lab_report_state_known", "LabReport", {"state": "lost"}),
    ("lab_report_filed_has_a_patient", "LabReport", {"state": "filed"}),
    ("lab_report_not_filed_has_none", "LabReport", {"patient": ANOTHER}),
    ("lab_report_waits_with_a_reason", "LabReport", {"because": ""}),
    ("reward_plan_ends_after_start", "RewardPlan", {"ends_on": YESTERDAY}),
    ("reward_plan_has_a_seed", "RewardPlan", {"seed": " "}),
    ("reward_kind_known", "RewardEntry", {"kind": "won", "order": ANOTHER}),
    ("reward_within_the_cap_of_the_year", "RewardEntry", {"in_year": 751}),
    ("reward_never_below_zero", "RewardEntry", {"waiting": -1}),
    ("reward_is_for_a_test_or_handed_over", "RewardEntry", {"kind": "earned"}),
    ("reward_says_why", "RewardEntry", {"sentence": " "}),
    ("check_in_mood_from_0_to_10", "CheckIn", {"mood": 11}),
    ("check_in_craving_from_0_to_10", "CheckIn", {"craving": -1}),
    ("check_in_sleep_within_a_day", "CheckIn", {"sleep_hours": 25}),
    ("check_in_says_something", "CheckIn", {"mood": None}),
    ("check_in_feeling_known", "CheckIn", {"feeling": "odd"}),
    ("recovery_plan_kind_known", "RecoveryPlan", {"kind": "party"}),
    ("homework_has_a_title", "Homework", {"title": ""}),
    ("homework_says_what_to_do", "Homework", {"instructions": " "}),
    ("homework_answer_is_not_blank", "HomeworkAnswer", {"text": "\t"}),
    ("payer_rule_ends_after_start", "PayerRule", {"ends_on": YESTERDAY}),
    ("payment_source_known", "Payment", {"source": "luck"}),
    ("statement_has_a_number", "Statement", {"number": " "}),
    ("statement_period_in_order", "Statement", {"to_day": YESTERDAY}),
    ("signed_summary_has_hash_and_name", "DischargeSummary", {"signed_at": NOW}),
    ("follow_up_outcome_known", "FollowUpAttempt", {"outcome": ""}),
    ("offer_answer_known", "MakeUpOffer", {"answer": "maybe", "answered_at": NOW}),
    ("offer_answer_has_its_time", "MakeUpOffer", {"answer": "declined"}),
    ("offer_withdrawn_with_a_reason", "MakeUpOffer", {"answer": "withdrawn", "answered_at": NOW}),
    ("held_seat_within_capacity", "MakeUpOffer", {"number": 11}),
    ("offer_is_held_for_a_time", "MakeUpOffer", {"held_until": NOW}),
    (
        "offer_answered_after_it_was_made",
        "MakeUpOffer",
        {"answer": "declined", "answered_at": NOW - timedelta(minutes=1)},
    ),
    ("availability_on_a_weekday", "StaffAvailability", {"weekday": 7}),
    ("availability_ends_after_start", "StaffAvailability", {"ends_at": time(9)}),
    ("availability_last_not_before_first", "StaffAvailability", {"last_on": YESTERDAY}),
    ("load_of_a_day_sensible", "StaffLoad", {"day_most": 1441}),
    ("load_of_a_week_sensible", "StaffLoad", {"week_most": 10081}),
    ("rest_sensible", "StaffLoad", {"rest": 241}),
    ("travel_sensible", "StaffLoad", {"travel": -1}),
    ("usual_load_within_the_most", "StaffLoad", {"week_usual": 2}),
    ("treatment_is_named", "StaffTreatment", {"kind": " "}),
    ("staff_absence_ends_after_start", "StaffAbsence", {"ends": NOW}),
    ("staff_absence_has_a_reason", "StaffAbsence", {"because": ""}),
    ("room_out_ends_after_start", "RoomOut", {"ends": NOW}),
    ("room_out_has_a_reason", "RoomOut", {"because": " "}),
    ("closure_has_a_reason", "Closure", {"because": ""}),
    ("window_on_a_weekday", "PatientWindow", {"weekday": -1}),
    ("window_ends_after_start", "PatientWindow", {"ends_at": time(8)}),
    ("window_last_not_before_first", "PatientWindow", {"last_on": YESTERDAY}),
    ("window_for_some_mode", "PatientWindow", {"on_site": False, "video": False}),
    ("tag_is_named", "PatientTag", {"tag": ""}),
    ("kept_apart_for_a_reason", "KeptApart", {"because": ""}),
    ("feed_of_exactly_one", "CalendarFeed", {"patient": ANOTHER}),
    ("feed_of_exactly_one", "CalendarFeed", {"staff": None}),
    ("feed_secret_long_enough", "CalendarFeed", {"secret": "short"}),
    ("version_origin_known", "WeekVersion", {"origin": "guess"}),
    ("publication_number_sensible", "Publication", {"number": 0}),
    ("planned_kind_known", "PlannedSession", {"kind": "party"}),
    ("planned_ends_after_start", "PlannedSession", {"ends": NOW}),
    ("planned_has_a_key", "PlannedSession", {"key": " "}),
    ("solve_state_known", "Solve", {"state": "asleep"}),
    ("solve_seconds_sensible", "Solve", {"seconds": 0}),
    ("notice_for_exactly_one", "WeekNotice", {"patient": None}),
    ("notice_for_exactly_one", "WeekNotice", {"staff": ANOTHER}),
    ("group_has_one_or_two_leaders", "TherapyGroup", {"leaders": 3}),
    ("group_each_week_sensible", "TherapyGroup", {"each_week": 0}),
    ("group_good_size_at_least_one", "TherapyGroup", {"good": 0}),
    ("curriculum_versions_from_one", "SiteCurriculum", {"version": 0}),
    ("curriculum_key_plain", "SiteCurriculum", {"key": "Relapse Prevention"}),
    ("curriculum_has_a_title", "SiteCurriculum", {"title": " "}),
    ("curriculum_has_content", "SiteCurriculum", {"content": ""}),
    ("video_room_kind_known", "VideoRoom", {"kind": "party"}),
    ("presence_of_exactly_one", "VideoPresence", {"staff": ANOTHER}),
    ("presence_of_exactly_one", "VideoPresence", {"patient": None}),
    ("presence_has_a_name", "VideoPresence", {"shown": " "}),
    ("presence_left_after_coming", "VideoPresence", {"left_at": NOW - timedelta(minutes=1)}),
    ("removed_means_left", "VideoPresence", {"removed_at": NOW}),
    ("join_statement_says_where", "JoinStatement", {"place": ""}),
    ("join_statement_gives_a_number", "JoinStatement", {"phone": " "}),
    ("join_statement_says_who_listens", "JoinStatement", {"listening": "others"}),
    ("join_statement_says_who_listens", "JoinStatement", {"listening": "maybe"}),
    ("placement_table_has_a_name", "PlacementTable", {"name": " "}),
    ("level_review_has_an_outcome", "LevelReview", {"outcome": " "}),
    ("outside_placement_says_who", "OutsidePlacement", {"rater": " "}),
    ("outside_placement_names_its_document", "OutsidePlacement", {"document": ""}),
    ("outside_placement_error_says_why", "OutsidePlacement", {"entered_in_error_at": NOW}),
    ("packet_that_leaves_is_accounted_for", "HandOverPacket", {"recipient": "Riverside"}),
    ("packet_that_leaves_is_accounted_for", "HandOverPacket", {"disclosure": ANOTHER}),
    ("packet_has_its_hash", "HandOverPacket", {"content_hash": ""}),
    ("audit_kind_known", "Entry", {"kind": "guess"}),
    ("audit_says_what", "Entry", {"action": ""}),
    ("audit_says_who", "Entry", {"actor_name": ""}),
]

# A right row, and a second one that differs only in what is named last.
TWICE: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("custody_step_once", "CustodyStep", {}, {}),
    ("lab_report_once_a_place", "LabReport", {}, {}),
    ("one_reward_plan_at_a_time", "RewardPlan", {}, {}),
    ("reward_receipt_once", "RewardEntry", {}, {}),
    ("family_login_once_a_patient", "FamilyMember", {"user": ANOTHER}, {}),
    ("room_in_one_session_at_a_time", "Reservation", {}, {"during": LATER}),
    ("staff_in_one_place_at_a_time", "Reservation", {"room": None, "staff": ANOTHER}, {"during": LATER}),
    ("patient_in_one_place_at_a_time", "Reservation", {"room": None, "patient": ANOTHER}, {"during": LATER}),
    ("consent_revoked_once_for_a_party", "ConsentRevocation", {}, {}),
    ("one_open_follow_up_a_referral", "ReferralFollowUp", {}, {}),
    ("one_live_packet_an_inquiry", "Packet", {}, {"nonce": "n2", "token_digest": "d2"}),
    ("paper_signed_once_a_packet", "PacketSignature", {}, {}),
    ("policy_recorded_once", "Policy", {}, {}),
    ("interview_number_once_a_patient", "IntakeInterview",
     {"signed_at": NOW, "signed_by": ANOTHER, "signed_name": "Nia Okafor", "seal": "s"}, {}),
    ("one_draft_interview", "IntakeInterview", {}, {"number": 2, "changed_because": "Remembered a stay."}),
    ("substance_use_position_once", "SubstanceUse", {}, {}),
    ("alert_told_once_a_person", "AlertTold", {}, {}),
    ("lobby_code_of_one_turn", "LobbyTurn", {}, {"patient": ANOTHER}),
    ("placement_table_version_once", "PlacementTable", {}, {}),
    ("level_review_number_once", "LevelReview", {}, {"once_key": "second"}),
    ("outside_placement_once", "OutsidePlacement", {}, {}),
    ("dose_given_once", "Dose", {"outcome": "given"}, {"once_key": "second"}),
    ("take_home_days_once", "TakeHome", {}, {"once_key": "second"}),
    ("titration_one_step_a_day", "TitrationStep", {}, {"dose": 2}),
    ("start_check_once_an_order", "StartCheck", {}, {}),
    ("reconciliation_looks_at_an_entry_once", "ReconciliationLine", {"medication": ANOTHER}, {}),
    ("reconciliation_looks_at_an_order_once", "ReconciliationLine", {"order": ANOTHER}, {}),
    ("reconciliation_looks_at_a_fact_once", "ReconciliationLine", {"handoff_item": ANOTHER}, {}),
    ("withdrawal_watch_once", "WithdrawalWatch", {}, {}),
    ("rate_once_a_day", "ServiceRate", {}, {}),
    ("fee_decided_once_each_way", "FeeDecision", {}, {"determination": ANOTHER}),
    ("fund_named_once", "Fund", {}, {}),
    ("instalment_numbered_once", "PlanInstalment", {}, {}),
    ("instalment_reminded_once_each", "InstalmentReminder", {}, {}),
    ("one_open_question_a_policy", "EligibilityRequest", {}, {"number": ANOTHER, "trace": "b", "once_key": "b"}),
    ("one_open_question_an_inquiry", "EligibilityRequest", {"patient": None, "policy": None, "inquiry": ANOTHER},
     {"number": ANOTHER, "trace": "b", "once_key": "b"}),
    ("answer_once_a_place", "EligibilityAnswer", {}, {"content_key": "b"}),
    ("verification_rule_once_a_day", "VerificationRule", {}, {}),
    ("discharged_once", "Placement", {"kind": "discharge", "level": "", "discharge_reason": "completed"},
     {"number": 2}),
    ("one_plan_in_force", "Plan", {"signed_at": NOW}, {"version": 2}),
    ("goal_number_once", "Goal", {}, {}),
    ("objective_number_once", "Objective", {}, {}),
    ("diagnosis_deferred_once", "DeferredDiagnosis", {}, {}),
    ("one_verdict_an_objective", "ObjectiveVerdict", {}, {}),
    ("hand_over_key_once", "PlanHandOver", {}, {}),
    ("plan_library_version_once", "SiteLibrary", {}, {}),
    ("plan_signed_once_by_each", "PlanSignature", {}, {}),
    ("in_the_care_team_once", "CareTeamMember", {}, {}),
    ("one_order_from_a_day", "TreatmentOrder", {}, {}),
    ("program_name_once_at_a_site", "Program", {}, {}),
    ("track_name_once_in_a_program", "Track", {}, {}),
    ("meeting_once", "Meeting", {}, {}),
    ("curriculum_version_once", "SiteCurriculum", {}, {}),
    ("meeting_once_a_day", "Occurrence", {"meeting": ANOTHER}, {}),
    ("enrolled_once_in_a_group", "Enrollment", {}, {}),
    ("attendance_once", "Attendance", {}, {"seat": ANOTHER}),
    ("guest_once_in_a_session", "Guest", {}, {}),
    ("one_part_a_person", "NotePart", {}, {}),
    ("kept_apart_revision_once", "KeptApartRevision", {}, {}),
    ("note_signed_once_in_each_role", "NoteSignature", {}, {}),
    ("recovery_plan_version_once", "RecoveryPlan", {}, {}),
    ("payer_rule_once_a_day", "PayerRule", {}, {}),
    ("one_open_offer_for_a_session", "MakeUpOffer", {}, {"number": 2}),
    ("held_seat_offered_once", "MakeUpOffer", {}, {"patient": ANOTHER}),
    ("one_load_from_a_day_on", "StaffLoad", {}, {}),
    ("treatment_once_for_staff", "StaffTreatment", {}, {}),
    ("closed_once_on_a_day", "Closure", {}, {}),
    ("tag_once_for_a_patient", "PatientTag", {}, {}),
    ("kept_apart_once", "KeptApart", {}, {}),
    ("week_once_at_a_site", "Week", {}, {}),
    ("version_number_once_in_a_week", "WeekVersion", {}, {}),
    ("publication_number_once_in_a_week", "Publication", {}, {"version": ANOTHER}),
    ("planned_key_once_in_a_version", "PlannedSession", {}, {}),
    ("occurrence_once_in_a_version", "PlannedSession", {"occurrence": ANOTHER}, {"key": "another"}),
    ("planned_seat_once", "PlannedSeat", {}, {}),
    ("one_solve_at_a_time", "Solve", {}, {}),
    ("patient_told_once_of_a_publication", "WeekNotice", {}, {}),
    ("staff_told_once_of_a_publication", "WeekNotice", {"patient": None, "staff": ANOTHER}, {}),
    ("patient_once_in_a_video_room", "VideoPresence", {}, {}),
    ("staff_once_in_a_video_room", "VideoPresence", {"patient": None, "staff": ANOTHER}, {}),
    ("family_once_in_a_video_room", "VideoPresence", {"patient": None, "family": ANOTHER}, {}),
    ("one_feed_of_staff", "CalendarFeed", {}, {"secret": "t" * 43}),
    ("one_feed_of_a_patient", "CalendarFeed", {"staff": None, "patient": ANOTHER}, {"secret": "t" * 43}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "model", "nonsense"), WRONG, ids=[f"{row[0]}" for row in WRONG])
def test_the_database_refuses_the_row(db: None, name: str, model: str, nonsense: Mapping[str, Any]) -> None:
    facts = _right(model, nonsense)
    with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
        _model(model).objects.create(**facts)


@pytest.mark.parametrize(("name", "model", "first", "second"), TWICE, ids=[row[0] for row in TWICE])
def test_the_database_refuses_the_second_row(
    db: None, name: str, model: str, first: Mapping[str, Any], second: Mapping[str, Any]
) -> None:
    facts = _right(model, first)
    _model(model).objects.create(**facts)
    again = facts | _filled(model, second)
    with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
        _model(model).objects.create(**again)


def test_two_kept_apart_stand_in_the_order_of_their_numbers(db: None) -> None:
    first, second = _row(_model("Patient")), _row(_model("Patient"))
    with pytest.raises(IntegrityError, match='"kept_apart_in_order"'), transaction.atomic():
        _model("KeptApart").objects.create(**_right("KeptApart", {"first": second, "second": first}))


@pytest.mark.parametrize("model", sorted({row[1] for row in WRONG}))
def test_the_same_row_without_the_nonsense_is_taken(db: None, model: str) -> None:
    assert _model(model).objects.create(**_right(model, {})).pk is not None


def test_every_named_constraint_is_tried_somewhere() -> None:
    here = Path(__file__).parent.parent
    tried = "".join(path.read_text() for path in here.rglob("*.py"))
    names = {
        constraint.name
        for app in ("clinic", "accounts", "audit")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }
    assert {name for name in names if name not in tried} == set()


@cache
def _model(name: str) -> Any:
    return apps.get_model("audit" if name == "Entry" else "clinic", name)


def _right(name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Column values of a right row, changed as told; each foreign key is a row made for it."""
    facts = {**RIGHT.get(name, {}), **changes}
    for field in _model(name)._meta.concrete_fields:
        optional = field.null or field.has_default() or field.has_db_default()
        if field.name not in facts and not (optional or field.primary_key or field.generated):
            facts[field.name] = _value(field)
    return _filled(name, facts)


def _filled(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    fields = _model(name)._meta
    return {
        column: _row(fields.get_field(column).related_model) if value is ANOTHER else value
        for column, value in facts.items()
    }


def _row(model: type[models.Model]) -> models.Model:
    if model._meta.label == "accounts.User":
        return model.objects.create(email=f"login{next(_numbers)}@example.org", name="Somebody")
    return model.objects.create(**_right(model.__name__, {}))


def _value(field: Any) -> Any:
    if field.is_relation:
        return _row(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if field.unique:
        return f"U{next(_numbers)}"
    for kind, value in _VALUES:
        if isinstance(field, kind):
            return value
    raise LookupError(f"No right value is known for {field}.")


_VALUES: list[tuple[type[models.Field], Any]] = [
    (models.DateTimeField, NOW),
    (models.DateField, TODAY),
    (models.TimeField, time(9)),
    (models.BooleanField, True),
    (models.IntegerField, 1),
    (models.DecimalField, 1),
    (models.JSONField, {}),
    (ArrayField, ["x"]),
    (DateTimeRangeField, HOUR),
    (models.TextField, "x"),
    (models.CharField, "x"),
]
