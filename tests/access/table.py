"""Who may open what: one line for each route. A new route needs a new line here, or `test_table.py` fails.

    "desk:new_thing": staff(P.THING_RECORD),                    # a staff page; GET answers 200
    "desk:thing_end": staff(P.THING_RECORD, POST, number="thing"),  # only POST; `number` names a row of kind "thing"
    "pocket:things": patient(),                                 # for patients, of their own record

Names in an address are filled with rows of the kind in `KINDS` unless the line says another kind. A value in
quotes after "=" is a plain word: `kind="=safety"`. What the line says is held against what the view declares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from stepwell.accounts.permissions import Permission
from stepwell.accounts.roles import Role

P = Permission


class Audience(StrEnum):
    """Who a route is for."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    PATIENT = "patient"
    FAMILY = "family"
    DEMO = "demo only"


@dataclass(frozen=True)
class Line:
    """What a route promises. `get`: statuses with which GET answers who may; `also`: permissions asked besides,
    whose lack is a 404 (the tab it belongs to) ; `narrower`: a policy may refuse some who have the permission."""

    audience: Audience
    permission: Permission | None = None
    kinds: dict[str, str] = field(default_factory=dict)
    get: tuple[int, ...] = (200,)
    also: tuple[Permission, ...] = ()
    narrower: bool = False
    shared: bool = False
    everywhere_for: Role | None = None


POST = (405,)
"""The route answers only POST."""

MOVED = (302,)
"""GET leads somewhere else in the state of this world."""

KINDS = {
    "code": "patient",
    "consent_id": "consent",
    "disclosure_id": "disclosure",
    "policy_id": "policy",
    "estimate_id": "estimate",
    "payer_id": "payer",
    "question_id": "question",
    "answer_id": "waiting_answer",
    "asked_id": "estimate_asked",
    "application_id": "fee_application",
    "award_id": "award",
    "agreement_id": "agreement",
    "instalment_id": "instalment",
    "fund_id": "fund",
    "lender_id": "lender",
    "order_id": "order",
    "medication_id": "medication",
    "allergy_id": "allergy",
    "side_effect_id": "side_effect",
    "watch_id": "withdrawal_watch",
    "test_id": "test",
    "result_id": "result",
    "draw_id": "draw",
    "report_id": "lab_report",
    "homework_id": "homework",
    "enrollment_id": "enrollment",
    "seat_id": "seat",
    "session_id": "session",
    "note_id": "note",
    "episode_id": "episode",
    "program_id": "program",
    "group_id": "group",
    "meeting_id": "meeting",
    "member_id": "member",
    "guest_id": "guest",
    "offer_id": "offer",
    "kept_id": "kept_note",
    "kiosk_id": "kiosk",
}
"""Name in an address -> kind of row in `world/`."""


def staff(
    permission: Permission,
    get: tuple[int, ...] = (200,),
    *,
    also: tuple[Permission, ...] = (),
    narrower: bool = False,
    shared: bool = False,
    everywhere_for: Role | None = None,
    **kinds: str,
) -> Line:
    """For staff whose role has the permission. `shared`: the row is the program's, not one site's;
    `everywhere_for`: this role works on rows of every site."""
    return Line(Audience.STAFF, permission, kinds, get, also, narrower, shared, everywhere_for)


def patient(get: tuple[int, ...] = (200,), **kinds: str) -> Line:
    return Line(Audience.PATIENT, None, kinds, get)


def family(get: tuple[int, ...] = (200,), **kinds: str) -> Line:
    return Line(Audience.FAMILY, None, kinds, get)


def public(*get: int, **kinds: str) -> Line:
    return Line(Audience.PUBLIC, None, kinds, get or (200,))


def signed_in(*get: int, **kinds: str) -> Line:
    return Line(Audience.SIGNED_IN, None, kinds, get or (200,))


def demo(**kinds: str) -> Line:
    return Line(Audience.DEMO, None, kinds, (200,))


def in_both_languages(pages: dict[str, Line]) -> dict[str, Line]:
    """The public's pages, each at its address in English and in Spanish."""
    return {f"front:{space}{name}": line for space in ("", "es:") for name, line in pages.items()}


ROUTES: dict[str, Line] = {
    "health-live": public(),
    "health-ready": public(200, 503),
    "home": signed_in(302),
    "held_form": public(302),  # nothing is held
    "video_entrance": signed_in(405),
    "video_line": signed_in(405),
    "video_words": signed_in(405),
    "video_door": signed_in(405),
    "video_exit": signed_in(405),
    **in_both_languages(
        {
            "home": public(),
            "about": public(),
            "fit": public(),
            "find": public(),
            "program": public(404),  # not published
            "cost": public(),
            "ask": public(),
            "ask_with": public(302),  # only POST shows something
            "sent": public(302),  # only for whoever just sent something
            # the address is the key
            "papers": public(404, token="=no-such-papers"),
            "papers_part": public(404, token="=no-such-papers", part="=contact"),
            "papers_paper": public(404, token="=no-such-papers", paper="=tpo"),
            "papers_sending": public(405, token="=no-such-papers"),
            "papers_copy": public(404, token="=no-such-papers"),
        }
    ),
    # allauth's; a person who is signed in is led on by its doors
    "account_login": public(200, 302),
    "account_logout": public(200, 302),
    "account_inactive": public(),
    "account_signup": public(404),
    "account_reauthenticate": signed_in(200, 302, 403),
    "account_email": signed_in(200, 302),
    "account_email_verification_sent": public(404),
    "account_change_password": signed_in(200, 302),
    "account_set_password": signed_in(200, 302),
    "account_reset_password": public(200, 302),
    "account_confirm_login_code": public(404),
    "account_confirm_email": public(404, key="=abc"),
    "account_reset_password_from_key_done": public(200, 302),
    "account_reset_password_from_key": public(200, 302, uidb36="=1", key="=abc"),
    "account_reset_password_done": public(200, 302),
    "mfa_index": signed_in(200, 302),
    "mfa_authenticate": public(200, 302),
    "mfa_reauthenticate": signed_in(200, 302, 403),
    "mfa_activate_totp": signed_in(200, 302),
    "mfa_deactivate_totp": signed_in(200, 302, 404),
    "mfa_view_recovery_codes": signed_in(200, 302, 404),
    "mfa_generate_recovery_codes": signed_in(200, 302, 403, 404),
    "mfa_download_recovery_codes": signed_in(200, 302, 404),
    "mfa_list_webauthn": signed_in(200, 302),
    "mfa_add_webauthn": signed_in(200, 302),
    "mfa_reauthenticate_webauthn": signed_in(200, 302, 403, 405),
    "mfa_remove_webauthn": signed_in(200, 302, 404, pk="=1"),
    "mfa_edit_webauthn": signed_in(200, 302, 404, pk="=1"),
    "mfa_login_webauthn": public(200, 302),
    "usersessions_list": signed_in(200, 302),
    # patients and families
    "pocket:today": patient(),
    "pocket:here": patient(),
    "pocket:week": patient(),
    "pocket:week_notice_seen": patient(POST, notice_id="week_notice"),
    "pocket:handouts": patient(),
    "pocket:handout": patient(key="=early-recovery", topic="=triggers"),  # she attended it
    "pocket:handout_print": patient(key="=early-recovery", topic="=triggers"),
    "pocket:when": patient(),
    "pocket:calendar": patient(),
    "pocket:calendar_address": patient(POST),
    "pocket:calendar_end": patient(POST),
    "pocket:calendar_words": patient(POST),
    "pocket:calendar_feed": public(404, number="=1", secret="=no-such-secret"),  # the address is the key
    "pocket:cannot_come": patient(seat_id="coming_seat"),
    "pocket:accept_offer": patient(POST, offer_id="offer"),
    "pocket:decline_offer": patient(POST, offer_id="offer"),
    "pocket:video": patient(seat_id="video_seat"),
    "pocket:family_video": family((404,), session_id="coming_session"),  # of a group: nothing for families
    "pocket:check_in": patient(),
    "pocket:plan": patient(),
    "pocket:plan_signature": patient(POST),
    "pocket:plan_document": patient(),
    "pocket:own_plan": patient(kind="=safety"),
    "pocket:medicines": patient(),
    "pocket:tests": patient(),
    "pocket:homework": patient(),
    "pocket:questionnaire": patient(slug="=phq-9"),
    "pocket:one_homework": patient(),
    "pocket:consents": patient(),
    "pocket:taking_back": patient(),
    "pocket:statements": patient(),
    "pocket:help": patient(),
    "pocket:worker": public(),
    "pocket:crisis": public(),
    "pocket:family": family(),
    "pocket:family_reading": family(),
    "pocket:family_help": family(),
    "pocket:family_homework": family(homework_id="family_homework"),
    # people
    "desk:patients": staff(P.PEOPLE_READ),
    "desk:new_patient": staff(P.PEOPLE_REGISTER),
    "desk:chart": staff(P.CHART_READ),
    "desk:who_saw": staff(P.AUDIT_READ),
    "desk:documents": staff(P.CHART_READ),
    "desk:patient_details": staff(P.PEOPLE_READ),
    "desk:safe_contact": staff(P.PEOPLE_REGISTER, POST),
    "desk:patient_invitation": staff(P.PEOPLE_REGISTER, POST),
    "desk:new_contact": staff(P.PEOPLE_REGISTER, POST),
    "desk:contact_removal": staff(P.PEOPLE_REGISTER, POST, number="contact"),
    "desk:new_family_member": staff(P.PEOPLE_REGISTER, POST),
    "desk:family_invitation": staff(P.PEOPLE_REGISTER, POST, number="member"),
    "desk:family_removal": staff(P.PEOPLE_REGISTER, POST, number="member"),
    "desk:staff": staff(P.STAFF_MANAGE),
    "desk:new_staff": staff(P.STAFF_MANAGE),
    "desk:staff_member": staff(P.STAFF_MANAGE, number="staff"),
    "desk:staff_roles": staff(P.STAFF_MANAGE, POST, number="staff"),
    "desk:new_credential": staff(P.STAFF_MANAGE, POST, number="staff"),
    "desk:staff_invitation": staff(P.STAFF_MANAGE, POST, number="staff"),
    "desk:credential": staff(P.STAFF_MANAGE, number="credential"),
    "desk:sites": staff(P.STAFF_MANAGE),
    "desk:new_site": staff(P.STAFF_MANAGE),
    "desk:site": staff(P.STAFF_MANAGE, number="site"),
    "desk:site_hours": staff(P.STAFF_MANAGE, POST, number="site"),
    "desk:new_room": staff(P.STAFF_MANAGE, POST, number="site"),
    "desk:room": staff(P.STAFF_MANAGE, number="room"),
    "desk:permissions": staff(P.AUDIT_READ),
    "desk:logins": staff(P.ACCOUNTS_MANAGE),
    "desk:login": staff(P.ACCOUNTS_MANAGE, number="login", everywhere_for=Role.SYSTEM_ADMIN),
    "desk:login_sessions_end": staff(
        P.ACCOUNTS_MANAGE, POST, number="login", everywhere_for=Role.SYSTEM_ADMIN
    ),
    "desk:login_closing": staff(P.ACCOUNTS_MANAGE, POST, number="login", everywhere_for=Role.SYSTEM_ADMIN),
    # consent
    "desk:consent": staff(P.CONSENT_READ),
    "desk:new_consent": staff(P.CONSENT_RECORD),
    "desk:consent_revocation": staff(P.CONSENT_RECORD),
    "desk:consent_event": staff(P.CONSENT_RECORD),
    "desk:new_disclosure": staff(P.CONSENT_RECORD),
    "desk:disclosures": staff(P.DISCLOSURE_READ),
    "desk:consent_sheet": staff(P.CONSENT_READ),
    "desk:accounting": staff(P.CONSENT_READ),
    "desk:disclosure_sheet": staff(P.CONSENT_READ),
    "desk:disclosure_grounds": staff(P.DISCLOSURE_WITHOUT_CONSENT),
    "desk:disclosure_without_consent": staff(P.DISCLOSURE_WITHOUT_CONSENT, ground="=medical_emergency"),
    # coverage
    "desk:coverage": staff(P.COVERAGE_READ),
    "desk:new_policy": staff(P.COVERAGE_RECORD),
    "desk:new_benefits": staff(P.COVERAGE_RECORD),
    "desk:sliding_fee": staff(P.COVERAGE_RECORD),
    "desk:fee_application": staff(P.COVERAGE_RECORD),
    "desk:fee_proof": staff(P.COVERAGE_RECORD, POST),
    "desk:assistance": staff(P.COVERAGE_READ),
    "desk:assistance_of": staff(P.COVERAGE_READ),
    "desk:fund_request": staff(P.COVERAGE_RECORD),
    "desk:decide_request": staff(P.FUND_DECIDE, request_id="fund_request"),
    "desk:award": staff(P.COVERAGE_RECORD),
    "desk:release_award": staff(P.FUND_DECIDE, POST),
    "desk:eap_referral": staff(P.COVERAGE_RECORD),
    "desk:agree_on_plan": staff(P.COVERAGE_RECORD),
    "desk:payment_agreement": staff(P.COVERAGE_RECORD),
    "desk:review_agreement": staff(P.COVERAGE_RECORD, POST),
    "desk:remind_instalment": staff(P.COVERAGE_RECORD, POST),
    "desk:funds": staff(P.FUND_DECIDE),
    "desk:fund": staff(P.FUND_DECIDE),
    "desk:close_fund": staff(P.FUND_DECIDE, POST),
    "desk:lenders": staff(P.FUND_DECIDE),
    "desk:end_lender": staff(P.FUND_DECIDE, POST),
    "desk:new_estimate": staff(P.COVERAGE_RECORD),
    "desk:estimate": staff(P.COVERAGE_READ),
    "desk:new_payer": staff(P.COVERAGE_RECORD),
    "desk:payer_number": staff(P.COVERAGE_RECORD, shared=True),
    "desk:eligibility": staff(P.COVERAGE_RECORD),
    "desk:verification_rule": staff(P.STAFF_MANAGE),
    "desk:eligibility_answer": staff(P.COVERAGE_RECORD),
    "desk:eligibility_match": staff(P.COVERAGE_RECORD, POST, question_id="open_question"),
    "desk:eligibility_file": staff(P.COVERAGE_RECORD, answer_id="waiting_file"),
    "desk:eligibility_aside": staff(P.COVERAGE_RECORD, POST),
    "desk:ask_eligibility": staff(P.COVERAGE_RECORD),
    "desk:adopt_answer": staff(P.COVERAGE_RECORD, POST),
    "desk:eligibility_question": staff(P.COVERAGE_READ),
    "desk:eligibility_news": staff(P.COVERAGE_READ),
    "desk:inquiry_eligibility": staff(P.COVERAGE_RECORD, also=(P.INQUIRY_READ,), code="inquiry"),
    "desk:inquiry_question": staff(
        P.COVERAGE_READ, also=(P.INQUIRY_READ,), code="inquiry", question_id="inquiry_question"
    ),
    "desk:inquiry_question_news": staff(
        P.COVERAGE_READ, also=(P.INQUIRY_READ,), code="inquiry", question_id="inquiry_question"
    ),
    # inquiry
    "desk:inquiries": staff(P.INQUIRY_READ),
    "desk:new_inquiry": staff(P.INQUIRY_WORK),
    "desk:inquiry": staff(P.INQUIRY_READ, code="inquiry"),
    "desk:inquiry_answer": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_attempt": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_referral": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_intake": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_cancellation": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_arrival": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_patient": staff(P.PEOPLE_REGISTER, POST, code="inquiry"),
    "desk:inquiry_closing": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_reopening": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_danger": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:inquiry_price": staff(P.COVERAGE_READ, POST, code="inquiry"),
    "desk:inquiry_follow_up": staff(P.INQUIRY_WORK, POST, code="referred", number="referral_follow_up"),
    "desk:new_papers": staff(P.INQUIRY_WORK, POST, code="inquiry"),
    "desk:papers": staff(P.INQUIRY_READ, code="papers_inquiry", number="papers"),
    "desk:papers_sent": staff(P.INQUIRY_WORK, POST, code="papers_inquiry", number="papers"),
    "desk:papers_acceptance": staff(P.INQUIRY_WORK, POST, code="papers_inquiry", number="papers"),
    "desk:papers_end": staff(P.INQUIRY_WORK, POST, code="papers_inquiry", number="papers"),
    "desk:answer_times": staff(P.STAFF_MANAGE),
    "desk:inquiry_report": staff(P.OUTCOMES_READ),
    "desk:handoffs": staff(P.INQUIRY_READ),
    "desk:new_handoff": staff(P.INQUIRY_WORK),
    "desk:handoff": staff(P.INQUIRY_READ, code="handoff"),
    "desk:handoff_decisions": staff(P.INQUIRY_WORK, POST, code="handoff"),
    "desk:handoff_person": staff(P.INQUIRY_WORK, POST, code="handoff"),
    # assessment
    "desk:assessment": staff(P.ASSESSMENT_READ),
    "desk:fill_instrument": staff(P.ASSESSMENT_RECORD, slug="=phq-9"),
    "desk:screening": staff(P.ASSESSMENT_READ, number="screening"),
    "desk:correct_screening": staff(P.ASSESSMENT_RECORD, number="screening"),
    "desk:trend": staff(P.ASSESSMENT_READ, slug="=phq-9"),
    "desk:due_questionnaires": staff(P.ASSESSMENT_READ),
    "desk:hand_over_tablet": staff(P.ASSESSMENT_RECORD),
    "desk:tablet": public(),
    "desk:tablet_end": public(405),
    "desk:alerts": staff(P.ALERT_ACKNOWLEDGE),
    "desk:acknowledge_alert": staff(P.ALERT_ACKNOWLEDGE, number="alert"),
    "desk:interview": staff(P.ASSESSMENT_RECORD),
    "desk:interview_summary": staff(P.ASSESSMENT_RECORD, POST),
    "desk:interview_signature": staff(P.ASSESSMENT_RECORD, POST),
    "desk:interview_change": staff(P.ASSESSMENT_RECORD, POST),
    "desk:interview_version": staff(P.ASSESSMENT_READ, number="=1"),
    "desk:ratings": staff(P.ASSESSMENT_RECORD),
    "desk:ratings_fourth": staff(P.ASSESSMENT_RECORD),
    "desk:diagnoses": staff(P.ASSESSMENT_RECORD),
    "desk:use_disorder": staff(P.ASSESSMENT_RECORD),
    "desk:primary_diagnosis": staff(P.ASSESSMENT_RECORD, POST, number="diagnosis"),
    "desk:end_diagnosis": staff(P.ASSESSMENT_RECORD, POST, number="diagnosis"),
    # placement
    "desk:placement": staff(P.PLACEMENT_READ),
    "desk:recommendation": staff(P.PLACEMENT_READ, POST),
    "desk:admission": staff(P.PLACEMENT_DECIDE),
    "desk:step_up": staff(P.PLACEMENT_DECIDE),
    "desk:step_down": staff(P.PLACEMENT_DECIDE),
    "desk:transfer": staff(P.PLACEMENT_DECIDE),
    "desk:discharge": staff(P.PLACEMENT_DECIDE),
    "desk:level_reviews": staff(P.PLACEMENT_DECIDE),
    "desk:make_packet": staff(P.PLACEMENT_DECIDE),
    "desk:packet": staff(P.PLACEMENT_DECIDE, number="packet"),
    "desk:packet_pdf": staff(P.PLACEMENT_DECIDE, number="packet"),
    "desk:packet_bundle": staff(P.PLACEMENT_DECIDE, number="packet"),
    "desk:level_review": staff(P.PLACEMENT_DECIDE),
    "desk:outside_placement": staff(P.ASSESSMENT_RECORD, also=(P.PLACEMENT_READ,)),
    "desk:outside_strike": staff(P.ASSESSMENT_RECORD, number="outside_placement", also=(P.PLACEMENT_READ,)),
    # plan
    "desk:plan": staff(P.PLAN_READ),
    "desk:plan_sheet": staff(P.PLAN_READ),
    "desk:plan_version": staff(P.PLAN_READ, number="plan_version"),
    "desk:plan_thread": staff(P.PLAN_READ, number="signed_objective"),
    "desk:plan_changes": staff(P.PLAN_READ, number="plan_version"),
    "desk:plan_changes_sheet": staff(P.PLAN_READ, number="plan_version"),
    "desk:plan_pdf": staff(P.PLAN_READ, number="plan_version"),
    "desk:plan_signature": staff(P.PLAN_WRITE, POST),
    "desk:plan_cosignature": staff(P.NOTE_COSIGN, POST, number="plan_version"),
    "desk:plan_patient_signature": staff(P.PLAN_WRITE),
    "desk:plan_hand_over": staff(P.PLAN_WRITE, POST),
    "desk:plan_in_hand": public(404),  # only for a device that staff handed to a patient
    "desk:plan_review": staff(P.PLAN_WRITE),
    "desk:plan_order": staff(P.PLAN_WRITE),
    "desk:care_team": staff(P.PLAN_WRITE),
    "desk:end_in_care_team": staff(P.PLAN_WRITE, POST, number="care_team_member"),
    "desk:plan_draft": staff(P.PLAN_WRITE),
    "desk:plan_strengths": staff(P.PLAN_WRITE),
    "desk:plan_library": staff(P.PLAN_WRITE),
    "desk:insert_objective": staff(P.PLAN_WRITE, POST, inside="goal"),
    "desk:plan_deferral": staff(P.PLAN_WRITE, number="diagnosis"),
    "desk:end_deferral": staff(P.PLAN_WRITE, POST, number="diagnosis"),
    "desk:new_problem": staff(P.PLAN_WRITE),
    "desk:new_part": staff(P.PLAN_WRITE, kind="=goal", inside="problem"),
    "desk:plan_part": staff(P.PLAN_WRITE, kind="=goal", number="goal"),
    "desk:remove_part": staff(P.PLAN_WRITE, POST, kind="=goal", number="goal"),
    # authorization
    "desk:authorizations": staff(P.AUTHORIZATION_READ),
    "desk:authorization": staff(P.AUTHORIZATION_READ, number="authorization"),
    "desk:authorization_decision": staff(P.AUTHORIZATION_RECORD, (200, 302), number="authorization"),
    "desk:new_authorization": staff(P.AUTHORIZATION_RECORD),
    # timetable
    "desk:week": staff(P.TIMETABLE_READ),
    "desk:print_week": staff(P.TIMETABLE_READ),
    "desk:my_time": staff(P.TIMETABLE_READ),
    "desk:my_absence_withdrawal": staff(P.TIMETABLE_READ, POST, number="absence", narrower=True),
    "desk:my_calendar": staff(P.TIMETABLE_READ, POST),
    "desk:my_calendar_end": staff(P.TIMETABLE_READ, POST),
    "desk:my_calendar_words": staff(P.TIMETABLE_READ, POST),
    "desk:listings": staff(P.LISTING_MANAGE),
    "desk:listing": staff(P.LISTING_MANAGE),
    "desk:site_place": staff(P.LISTING_MANAGE, number="site"),
    "desk:availability": staff(P.TIMETABLE_MANAGE),
    "desk:staff_hours": staff(P.TIMETABLE_MANAGE, staff_id="staff"),
    "desk:new_absence": staff(P.TIMETABLE_MANAGE),
    "desk:absence_withdrawal": staff(P.TIMETABLE_MANAGE, POST, number="absence"),
    "desk:new_room_out": staff(P.TIMETABLE_MANAGE),
    "desk:room_return": staff(P.TIMETABLE_MANAGE, POST, number="room_out"),
    "desk:closures": staff(P.TIMETABLE_MANAGE),
    "desk:closure_opening": staff(P.TIMETABLE_MANAGE, POST, number="closure"),
    "desk:open_days": staff(P.TIMETABLE_MANAGE, POST),
    "desk:planning": staff(P.TIMETABLE_MANAGE),
    "desk:plan_week": staff(P.TIMETABLE_MANAGE, week_id="week"),
    "desk:week_progress": staff(P.TIMETABLE_MANAGE, week_id="week"),
    "desk:week_solves": staff(P.TIMETABLE_MANAGE, POST, week_id="week"),
    "desk:week_solve_stop": staff(P.TIMETABLE_MANAGE, POST, week_id="week", solve_id="solve"),
    "desk:week_mending": staff(P.TIMETABLE_MANAGE, POST, week_id="week"),
    "desk:week-version": staff(P.TIMETABLE_READ, version_id="week_version"),
    "desk:version_comparison": staff(P.TIMETABLE_READ, version_id="week_version"),
    "desk:version_publication": staff(P.TIMETABLE_MANAGE, version_id="week_version"),
    "desk:version_copy": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:version_name": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:version_drop": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:version_update": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:week_notice_seen": staff(P.TIMETABLE_READ, POST, narrower=True, notice_id="staff_notice"),
    "desk:week-board": staff(P.TIMETABLE_READ, MOVED, version_id="week_version"),
    "desk:week-board-check": staff(P.TIMETABLE_MANAGE, (400,), version_id="week_version"),
    "desk:week-board-moves": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:week-board-seats": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:week-board-drops": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:week-board-locks": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:week-board-undo": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:week-board-redo": staff(P.TIMETABLE_MANAGE, POST, version_id="week_version"),
    "desk:week-board-new": staff(P.TIMETABLE_MANAGE, version_id="week_version"),
    "desk:week-board-session": staff(
        P.TIMETABLE_MANAGE, version_id="week_version", session_id="planned_session"
    ),
    "desk:programs": staff(P.TIMETABLE_MANAGE),
    "desk:new_program": staff(P.TIMETABLE_MANAGE),
    "desk:new_track": staff(P.TIMETABLE_MANAGE),
    "desk:new_group": staff(P.TIMETABLE_MANAGE),
    "desk:group": staff(P.TIMETABLE_MANAGE),
    "desk:group_week": staff(P.TIMETABLE_MANAGE, POST),
    "desk:end_meeting": staff(P.TIMETABLE_MANAGE),
    "desk:schedule": staff(P.TIMETABLE_READ),
    "desk:print_schedule": staff(P.TIMETABLE_READ),
    "desk:patient_times": staff(P.SEAT_BOOK),
    "desk:patient_tags": staff(P.SEAT_BOOK, POST),
    "desk:keep_apart": staff(P.PLACEMENT_DECIDE, POST),
    "desk:keep_apart_end": staff(P.PLACEMENT_DECIDE, POST, number="kept"),
    "desk:patient_calendar_end": staff(P.SEAT_BOOK, POST),
    "desk:next_seats": staff(P.SEAT_BOOK),
    "desk:book_seat": staff(P.SEAT_BOOK, POST),
    "desk:release_seat": staff(P.SEAT_BOOK, seat_id="coming_seat"),
    "desk:enroll": staff(P.SEAT_BOOK),
    "desk:leave_group": staff(P.SEAT_BOOK),
    "desk:new_session": staff(P.NOTE_WRITE),
    # curricula
    "desk:curricula": staff(P.TIMETABLE_READ),
    "desk:curriculum_preview": staff(P.TIMETABLE_MANAGE, POST),
    "desk:curriculum_taking": staff(P.TIMETABLE_MANAGE, POST),
    "desk:curriculum_schema": staff(P.TIMETABLE_READ),
    "desk:curriculum": staff(P.TIMETABLE_READ, key="=early-recovery"),
    "desk:curriculum_file": staff(P.TIMETABLE_READ, key="=early-recovery"),
    "desk:handout": staff(P.TIMETABLE_READ, key="=early-recovery", topic="=triggers"),
    "desk:group_topics": staff(P.PLAN_READ),
    "desk:group_curriculum": staff(P.TIMETABLE_MANAGE, POST),
    "desk:session_topic": staff(P.TIMETABLE_READ, POST, narrower=True),
    "desk:topic_homework": staff(P.RECOVERY_WRITE, POST),
    # sessions
    "desk:today": staff(P.TIMETABLE_READ),
    "desk:today_board": staff(P.TIMETABLE_READ),
    "desk:today_session": staff(P.TIMETABLE_READ),
    "desk:check_in": staff(P.CHECK_IN, POST),
    "desk:kiosk": public(404),  # only for a device that staff made one
    "desk:kiosks": staff(P.CHECK_IN),
    "desk:kiosk_closing": staff(P.CHECK_IN, POST, kiosk_id="kiosk"),
    "desk:code_check_in": staff(P.CHECK_IN, POST),
    "desk:session": staff(P.TIMETABLE_READ),
    "desk:session_roster": staff(P.TIMETABLE_READ),
    "desk:all_here": staff(P.ATTENDANCE_RECORD, POST),
    "desk:attendance": staff(P.ATTENDANCE_RECORD, POST),
    "desk:attendance_taken_back": staff(P.ATTENDANCE_RECORD, POST),
    "desk:walk_in": staff(P.SEAT_BOOK),
    "desk:guests": staff(P.ATTENDANCE_RECORD, POST),
    "desk:guest_leaving": staff(P.ATTENDANCE_RECORD, POST),
    "desk:guest_taken_back": staff(P.ATTENDANCE_RECORD, POST),
    "desk:session_draft": staff(P.NOTE_WRITE, POST),
    "desk:session_homework": staff(P.RECOVERY_WRITE, POST),
    "desk:no_risk": staff(P.NOTE_WRITE, POST),
    "desk:signature": staff(P.NOTE_WRITE, POST),
    "desk:cosignature": staff(P.NOTE_COSIGN, POST),
    "desk:hand_over": staff(P.NOTE_WRITE, session_id="coming_session", narrower=True),
    "desk:cancellation": staff(P.TIMETABLE_READ, session_id="coming_session", narrower=True),
    "desk:video": staff(P.ATTENDANCE_RECORD, session_id="video_session", narrower=True),
    "desk:video_second": staff(P.ATTENDANCE_RECORD, POST, session_id="video_session", narrower=True),
    "desk:video_attendance": staff(P.ATTENDANCE_RECORD, session_id="video_session", narrower=True),
    "desk:notes": staff(P.NOTE_WRITE),
    "desk:chart_notes": staff(P.NOTE_READ),
    "desk:kept_apart": staff(P.CHART_READ, also=(P.NOTE_KEEP_APART,)),
    "desk:kept_apart_note": staff(P.CHART_READ, (200, 404), also=(P.NOTE_KEEP_APART,)),  # 200 for its author
    "desk:chart_note": staff(P.NOTE_READ),
    "desk:chart_note_print": staff(P.NOTE_READ),
    "desk:addenda": staff(P.NOTE_WRITE, also=(P.NOTE_READ,)),
    # medication
    "desk:medication": staff(P.MEDICATION_READ),
    "desk:chart_medication": staff(P.MEDICATION_READ),
    "desk:new_order": staff(P.MEDICATION_ORDER),
    "desk:order_stop": staff(P.MEDICATION_ORDER),
    "desk:new_dose": staff(P.MEDICATION_GIVE),
    "desk:new_medication": staff(P.ASSESSMENT_RECORD),
    "desk:medication_end": staff(P.ASSESSMENT_RECORD),
    "desk:new_allergy": staff(P.ASSESSMENT_RECORD),
    "desk:allergy_end": staff(P.ASSESSMENT_RECORD),
    "desk:new_side_effect": staff(P.ASSESSMENT_RECORD),
    "desk:side_effect_follow_up": staff(P.ASSESSMENT_RECORD),
    "desk:medication_withdrawal": staff(P.MEDICATION_READ),
    "desk:medication_side_effects": staff(P.MEDICATION_READ),
    "desk:medication_refills": staff(P.MEDICATION_READ),
    "desk:medication_to_ask": staff(P.MEDICATION_READ),
    "desk:take_home": staff(P.MEDICATION_GIVE),
    "desk:new_supply": staff(P.ASSESSMENT_RECORD),
    "desk:new_fact": staff(P.ASSESSMENT_RECORD, kind="=pdmp"),
    "desk:reconciliation": staff(P.ASSESSMENT_RECORD),
    "desk:no_known_allergies": staff(P.ASSESSMENT_RECORD, POST),
    "desk:naloxone": staff(P.ASSESSMENT_RECORD),
    "desk:chart_withdrawal": staff(P.MEDICATION_READ),
    "desk:new_reading": staff(P.MEDICATION_GIVE, instrument="=cows"),
    "desk:watch_end": staff(P.MEDICATION_GIVE),
    # drug tests
    "desk:drug_tests": staff(P.DRUG_TEST_READ),
    "desk:random_tests": staff(P.DRUG_TEST_ORDER),
    "desk:seal_seed": staff(P.DRUG_TEST_ORDER, POST),
    "desk:draws": staff(P.DRUG_TEST_READ),
    "desk:draw": staff(P.DRUG_TEST_READ),
    "desk:draw_paper": staff(P.DRUG_TEST_READ, (404,)),  # none while days of the draw are still to come
    "desk:lab_waiting": staff(P.DRUG_TEST_READ),
    "desk:lab_report": staff(P.DRUG_TEST_READ),
    "desk:lab_message": staff(P.DRUG_TEST_READ),
    "desk:lab_to_patient": staff(P.DRUG_TEST_READ, POST, narrower=True),
    "desk:lab_aside": staff(P.DRUG_TEST_READ, POST, narrower=True),
    "desk:lab_out": staff(P.DRUG_TEST_READ, POST, narrower=True),
    "desk:chart_tests": staff(P.DRUG_TEST_READ),
    "desk:new_test": staff(P.DRUG_TEST_ORDER),
    "desk:chart_tests_print": staff(P.DRUG_TEST_READ),
    "desk:chart_rewards": staff(P.DRUG_TEST_READ),
    "desk:rewards_begin": staff(P.DRUG_TEST_ORDER, POST),
    "desk:rewards_end": staff(P.DRUG_TEST_ORDER, POST, plan_id="reward_plan"),
    "desk:reward_hand": staff(P.DRUG_TEST_COLLECT, POST, plan_id="reward_plan"),
    "desk:reward_test": staff(P.DRUG_TEST_COLLECT, POST, plan_id="reward_plan"),
    "desk:reward_receipt": staff(P.DRUG_TEST_READ, number="receipt"),
    "desk:test_collection": staff(P.DRUG_TEST_COLLECT),
    "desk:test_custody": staff(P.DRUG_TEST_COLLECT, test_id="collected_test"),
    "desk:test_notice": staff(P.DRUG_TEST_COLLECT, POST),
    "desk:test_excuse": staff(P.DRUG_TEST_ORDER, POST),
    "desk:test_result": staff(P.DRUG_TEST_COLLECT, test_id="collected_test"),
    "desk:test_review": staff(P.DRUG_TEST_ORDER),
    # recovery
    "desk:recovery": staff(P.RECOVERY_READ),
    "desk:recovery_plan": staff(P.RECOVERY_WRITE, kind="=safety"),
    "desk:new_homework": staff(P.RECOVERY_WRITE),
    "desk:homework_review": staff(P.RECOVERY_WRITE, homework_id="answered_homework"),
    # aftercare
    "desk:aftercare": staff(P.AFTERCARE_READ),
    "desk:follow_up": staff(P.AFTERCARE_READ, number="follow_up"),
    "desk:log_attempt": staff(P.AFTERCARE_WRITE, MOVED, number="follow_up"),
    "desk:chart_aftercare": staff(P.AFTERCARE_READ),
    "desk:discharge_summary": staff(P.AFTERCARE_WRITE),
    "desk:continuing_care": staff(P.AFTERCARE_WRITE),
    "desk:aftercare_print": staff(P.AFTERCARE_READ),
    # hours
    "desk:hours_to_save": staff(P.HOURS_READ),
    "desk:hours_report": staff(P.HOURS_READ),
    "desk:hours_report_print": staff(P.HOURS_READ),
    "desk:offer_make_up": staff(P.SEAT_BOOK, POST),
    "desk:withdraw_offer": staff(P.SEAT_BOOK, POST, offer_id="offer"),
    # billing and outcomes
    "desk:billing": staff(P.BILLING_READ),
    "desk:billing_batch": staff(P.BILLING_WORK, MOVED),
    "desk:payer_rules": staff(P.BILLING_WORK),
    "desk:stop_rule": staff(P.BILLING_WORK, MOVED, number="payer_rule", shared=True),
    "desk:account": staff(P.BILLING_READ),
    "desk:post_payment": staff(P.BILLING_WORK, MOVED),
    "desk:new_statement": staff(P.BILLING_WORK, MOVED),
    "desk:void_charge": staff(P.BILLING_WORK, number="charge"),
    "desk:statement": staff(P.BILLING_READ, number="statement"),
    "desk:estimate_asked": staff(P.COVERAGE_RECORD),
    "desk:inquiry_estimate_asked": staff(P.COVERAGE_RECORD, code="inquiry", also=(P.INQUIRY_READ,)),
    "desk:good_faith": staff(P.COVERAGE_READ),
    "desk:give_good_faith": staff(P.COVERAGE_RECORD),
    "desk:good_faith_not_needed": staff(P.COVERAGE_RECORD),
    "desk:good_faith_sheet": staff(P.COVERAGE_READ, estimate_id="good_faith"),
    "desk:provider_identity": staff(P.STAFF_MANAGE),
    "desk:rates": staff(P.STAFF_MANAGE),
    "desk:outcomes": staff(P.OUTCOMES_READ),
    "desk:outcomes_names": staff(P.OUTCOMES_READ, measure="=stayed-30"),
    # the gallery of components, with invented people only
    "ui:gallery": demo(),
    "ui:gallery-page": demo(part="=week"),
}
