from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent import actions, policies, queries, rules
from stepwell.clinic.consent.models import Consent, Disclosure
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.consent.making import consent_for_family, elements, give_consent
from tests.making import NOW, actor, make_family_member, make_login, make_patient, make_site, make_staff

LATER = NOW + timedelta(days=1)


def test_a_complete_consent_is_kept_with_one_audit_entry(by, patient):
    consent = actions.record_consent(by=by, at=NOW, patient=patient, elements=elements())
    assert consent.recorded_by_id == by.staff_id
    assert list(
        Entry.objects.filter(action="consent.record").values_list("patient_id", "subject", "detail")
    ) == [
        (patient.pk, f"Consent {consent.pk}", {"kind": "specific", "information": ["attendance", "schedule"]})
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"discloser": " "}, "who may disclose"),
        ({"recipient_name": "", "recipient_key": ""}, "who receives"),
        ({"information": []}, "which information"),
        ({"purposes": []}, "what for"),
        ({"signed_by": ""}, "signed"),
        ({"right_to_revoke_stated": False}, "revoke"),
        ({"information": ["gossip"]}, "not known"),
        ({"information": ["counseling_notes", "attendance"]}, "consent of their own"),
    ],
)
def test_a_paper_with_something_missing_is_refused_and_not_kept(by, patient, changed, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.record_consent(by=by, at=NOW, patient=patient, elements=elements(**changed))
    assert Consent.objects.count() == 0


def test_a_biller_cannot_record_a_consent(site, patient):
    biller = actor(make_staff(site, Role.BILLER))
    with pytest.raises(Denied, match="Ask the program director"):
        actions.record_consent(by=biller, at=NOW, patient=patient, elements=elements())


def test_a_family_member_of_another_patient_cannot_be_named(by, patient, site):
    stranger = make_family_member(make_patient(site, "Ben", "Tran"))
    with pytest.raises(Refused, match="does not belong"):
        actions.record_consent(
            by=by, at=NOW, patient=patient, elements=elements(recipient_key=f"family:{stranger.pk}")
        )


def test_a_family_member_sees_what_a_live_consent_names_and_nothing_after_its_end(by, patient):
    member = make_family_member(patient)
    assert queries.permitted_to_family(member, at=NOW) == frozenset()
    consent = consent_for_family(member, "schedule", "homework")
    seen = frozenset({rules.Category.SCHEDULE, rules.Category.HOMEWORK})
    assert queries.permitted_to_family(member, at=NOW) == seen
    assert queries.permitted_to_family(member, at=NOW + timedelta(days=366)) == frozenset()
    actions.revoke_consent(by=by, at=LATER, consent=consent, said_by="Ana Reyes")
    assert queries.permitted_to_family(member, at=LATER - timedelta(seconds=1)) == seen
    assert queries.permitted_to_family(member, at=LATER) == frozenset()


def test_a_row_that_cannot_be_read_permits_nothing(patient):
    member = make_family_member(patient)
    consent = consent_for_family(member)
    broken = Consent.objects.get(pk=consent.pk)
    broken.pk, broken.information, broken.signed_at = None, ["unheard of"], None
    broken.save()
    Consent.objects.filter(pk=broken.pk).update(signed_at=NOW, signed_by="Ana")
    assert len(queries.readable(Consent.objects.filter(patient=patient))) == 1


def test_the_patient_takes_back_the_own_consent_and_nobody_elses(by, patient, site):
    consent = give_consent(patient)
    login = make_login(patient)
    other = make_patient(site, "Ben", "Tran")
    from stepwell.clinic.people.queries import actor_of

    stranger = actor_of(make_login(other), at=NOW)
    with pytest.raises(Denied, match="Only the patient"):
        actions.revoke_consent(by=stranger, at=LATER, consent=consent, said_by="Ben")
    actions.revoke_consent(by=actor_of(login, at=NOW), at=LATER, consent=consent, said_by="Ana Reyes")
    with pytest.raises(Refused, match="nothing to take back"):
        actions.revoke_consent(by=by, at=LATER, consent=consent, said_by="Ana Reyes")


def test_a_new_consent_replaces_the_old_one_in_the_same_moment(by, patient):
    old = give_consent(patient)
    new = actions.record_consent(by=by, at=LATER, patient=patient, elements=elements(), supersedes=old)
    old.refresh_from_db()
    assert (old.superseded_by_id, old.superseded_at) == (new.pk, LATER)
    with pytest.raises(Refused, match="not in force any more"):
        actions.record_consent(by=by, at=LATER, patient=patient, elements=elements(), supersedes=old)
    assert Consent.objects.count() == 2


def test_a_disclosure_without_consent_is_refused_with_the_reason(by, patient):
    with pytest.raises(Refused, match="no consent on file"):
        actions.disclose(
            by=by,
            at=NOW,
            patient=patient,
            recipient_key="person:maria",
            recipient="Maria Reyes",
            purpose=rules.Purpose.FAMILY_SUPPORT,
            information=frozenset({rules.Category.ATTENDANCE}),
            what="Attendance letter",
        )
    assert Disclosure.objects.count() == 0


def test_a_disclosure_with_consent_is_accounted_for_with_its_notice(by, patient):
    consent = give_consent(patient)
    row = actions.disclose(
        by=by,
        at=NOW,
        patient=patient,
        recipient_key="person:maria",
        recipient="Maria Reyes",
        purpose=rules.Purpose.FAMILY_SUPPORT,
        information=frozenset({rules.Category.ATTENDANCE}),
        what="Attendance letter",
    )
    assert (row.consent_id, row.basis) == (consent.pk, "consent")
    assert row.notice in {notice.key for notice in rules.load_notices()}


EMERGENCY = {
    "recipient_affiliation": "Grady emergency room",
    "nature": "Not breathing well after a pill, taken to the hospital.",
    "disclosed_by": "Nia Okafor",
    "verified_by": "Nia Okafor",
}


def test_an_emergency_is_accounted_for_with_all_that_the_rule_wants_written(by, patient):
    told = NOW - timedelta(minutes=20)
    row = actions.disclose_without_consent(
        by=by,
        at=NOW,
        patient=patient,
        basis="medical_emergency",
        recipient="Dr. Lee",
        what="Takes buprenorphine, last dose this morning.",
        facts=EMERGENCY,
        told_at=told,
    )
    assert (row.basis, row.purpose, row.recipient, row.at, row.recorded_at, row.consent_id, row.notice) == (
        "medical_emergency", "Medical emergency", "Dr. Lee", told, NOW, None, ""
    )  # fmt: skip
    assert row.documented == {**EMERGENCY, "recipient_name": "Dr. Lee", "disclosed_at": "2026-03-18 09:40"}
    assert list(Entry.objects.filter(action="consent.disclose").values_list("subject", "detail")) == [
        (f"Disclosure {row.pk}", {"basis": "medical_emergency", "consent": None})
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"facts": {**EMERGENCY, "nature": " "}}, "Write down first: what the emergency was."),
        ({"facts": {}}, "Write down first: where they work, what the emergency was, who told them, who made"),
        ({"recipient": ""}, "Write down first: who was told."),
        ({"what": " "}, "Write what was told"),
        ({"told_at": NOW + timedelta(minutes=1)}, "lies ahead"),
        ({"basis": "subpoena"}, "not a ground"),
    ],
)
def test_what_the_ground_wants_and_is_not_written_is_refused(by, patient, changed, sentence):
    facts = {"basis": "medical_emergency", "recipient": "Dr. Lee", "what": "Medication", "facts": EMERGENCY}
    with pytest.raises(Refused, match=sentence):
        actions.disclose_without_consent(by=by, at=NOW, patient=patient, **{**facts, **changed})
    assert Disclosure.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "urgent", "others"),
    [
        (Role.COUNSELOR, True, False),
        (Role.FACILITATOR, True, False),
        (Role.PRESCRIBER, True, False),
        (Role.ADMISSIONS, True, False),
        (Role.BILLER, False, False),
        (Role.DIRECTOR, True, True),
        (Role.COMPLIANCE, True, True),
    ],
)
def test_what_can_wait_is_decided_by_who_leads_or_watches(site, patient, role, urgent, others):
    who = actor(make_staff(site, role))
    keys = {one.key for one in policies.grounds_for(who, patient)}
    assert ("medical_emergency" in keys, "court_order" in keys) == (urgent, others)
    for basis, may in (("medical_emergency", urgent), ("court_order", others)):
        with nullcontext() if may else pytest.raises(Denied, match="director"):
            policies.may_disclose_without_consent(who, patient, basis)


def test_every_ground_asks_who_was_told_when_by_whom_and_who_made_sure():
    asked = {"recipient_name", "disclosed_at", "disclosed_by", "verified_by"}
    assert all(asked < {key for key, _ in one.must_document} for one in rules.load_bases())


THROUGH = {
    "recipient_name": "State exchange",
    "recipient_key": rules.named_key("State exchange"),
    "intermediary": "State exchange",
    "intermediary_class": "treating_providers",
    "list_right_stated": True,
    "purposes": ["treatment"],
}


def _may(patient, key, of=None):
    return queries.permits(
        patient,
        recipient_key=key,
        recipient_class=of,
        purpose=rules.Purpose.TREATMENT,
        category=rules.Category.ATTENDANCE,
        at=NOW,
    ).permitted


def test_a_consent_through_an_intermediary_reaches_it_and_the_treating_providers_behind_it(patient):
    give_consent(patient, **THROUGH)
    assert (
        _may(patient, rules.named_key("State exchange")),
        _may(patient, "person:dr.-lee", "treating_providers"),
        _may(patient, "person:dr.-lee"),
        _may(patient, "payer:3", "health_plans"),
    ) == (True, True, False, False)


def test_a_consent_through_an_intermediary_reaches_those_named_and_nobody_else(patient):
    named = {"intermediary_class": "", "intermediary_participants": ["Dr. Lee"], "list_right_stated": False}
    give_consent(patient, **{**THROUGH, **named})
    assert (
        _may(patient, rules.named_key("dr.  LEE")),
        _may(patient, rules.named_key("Dr. Amari")),
        _may(patient, rules.named_key("Dr. Amari"), "treating_providers"),
    ) == (True, False, False)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"list_right_stated": False}, "right to a list"),
        ({"intermediary_class": ""}, "who receives the information through the intermediary"),
        ({"intermediary_class": "health_plans"}, "limited to treating providers"),
        ({"intermediary": ""}, "intermediary is not named"),
    ],
)
def test_a_defective_consent_through_an_intermediary_is_refused(by, patient, changed, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.record_consent(by=by, at=NOW, patient=patient, elements=elements(**{**THROUGH, **changed}))
    assert Consent.objects.count() == 0


LATE = datetime(2026, 3, 19, 3, 30, tzinfo=UTC)
"""Half past eleven in the evening of March 18 in New York; in UTC it is March 19."""


def test_late_in_the_evening_it_is_still_this_day_for_a_consent_that_ends(by, patient):
    give_consent(patient, expires_on=date(2026, 3, 19))
    last = give_consent(patient, expires_on=date(2026, 4, 17))
    give_consent(patient, expires_on=date(2026, 4, 18))
    found = queries.expiring(by, at=LATE, until=LATE + timedelta(days=30))
    assert [one.expires_on for one in found] == [date(2026, 3, 19), date(2026, 4, 17)]
    assert found[1] == last
    assert _standing(by, patient, LATE) == ["active", "active", "active"]


def test_a_consent_that_ended_this_morning_is_no_work_to_do(by, patient):
    give_consent(patient, at=NOW - timedelta(days=2), expires_on=date(2026, 3, 18))
    assert queries.expiring(by, at=LATE, until=LATE + timedelta(days=30)) == []
    assert _standing(by, patient, LATE) == ["expired"]


def _standing(by, patient, at):
    return [one.standing.state.value for one in queries.consents_of(by, patient, at=at)]


def test_the_sentence_about_a_revocation_names_the_day_at_the_site(by, patient):
    consent = give_consent(patient)
    actions.revoke_consent(by=by, at=LATE, consent=consent, said_by="Ana Reyes")
    [shown] = queries.consents_of(by, patient, at=LATE + timedelta(days=1))
    assert shown.standing.sentence == "The patient revoked this consent on 18 Mar 2026."


def test_what_was_consented_in_writing_cannot_be_rewritten(patient):
    consent = give_consent(patient)
    for change in ({"information": ["entire_record"]}, {"signed_by": "Somebody"}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).update(**change)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        consent.delete()


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"information": []}, "consent_says_what"),
        ({"purposes": []}, "consent_says_what_for"),
        ({"kind": "whatever"}, "consent_kind_known"),
        ({"expiry": "on", "expires_on": None}, "consent_expiry_has_its_date"),
        ({"expiry": "event", "expires_event": ""}, "consent_expiry_has_its_event"),
        ({"expiry": "none", "expires_on": None}, "consent_without_end_only_for_tpo"),
        ({"signed_by": ""}, "consent_signature_has_a_name"),
    ],
)
def test_the_database_refuses_a_defective_consent(patient, changed, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Consent.objects.create(patient=patient, recorded_at=NOW, signed_at=NOW, **elements(**changed))


@pytest.mark.parametrize("others", [1, 30])
def test_consents_of_a_patient_cost_the_same_however_many_there_are(
    by, patient, others, django_assert_num_queries
):
    for _ in range(others):
        give_consent(patient)
    with django_assert_num_queries(3):
        assert len(queries.consents_of(by, patient, at=NOW)) == others


def test_a_colleague_at_another_site_sees_no_consent(patient):
    give_consent(patient)
    elsewhere = actor(make_staff(make_site(), Role.COUNSELOR))
    assert queries.consents_of(elsewhere, patient, at=NOW) == []
