"""42 CFR Part 2 consents: what is missing, whether one stands, and what it permits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.consent.rules import (
    Ask,
    Category,
    Consent,
    ConsentKind,
    Decision,
    Expiry,
    ExpiryKind,
    Intermediary,
    NoticeLength,
    Purpose,
    Recipient,
    RecipientKind,
    Revocation,
    StandingState,
    categories_permitted,
    decide_without_consent,
    load_bases,
    missing_elements,
    notice_for,
    permits,
    standing,
)

JAN = datetime(2026, 1, 10, 9, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, 9, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)

SISTER = Consent(
    id="C1",
    patient_id="K7Q2",
    kind=ConsentKind.SPECIFIC,
    discloser="Stepwell Clinic",
    information=frozenset({Category.ATTENDANCE, Category.HOMEWORK}),
    recipient=Recipient(kind=RecipientKind.NAMED, name="Ana Ruiz", key="contact:4"),
    purposes=frozenset({Purpose.FAMILY_SUPPORT}),
    expiry=Expiry(kind=ExpiryKind.ON, at=JUNE),
    right_to_revoke_stated=True,
    redisclosure_stated=True,
    consequences_stated=True,
    signed_by="Maria Ruiz",
    signed_at=JAN,
    effective_from=JAN,
)
TPO = replace(
    SISTER,
    id="C2",
    kind=ConsentKind.TPO,
    information=frozenset({Category.ENTIRE_RECORD}),
    recipient=Recipient(
        kind=RecipientKind.CLASS,
        name="my treating providers, health plans and payers",
        key="class:tpo_recipients",
    ),
    purposes=frozenset({Purpose.TREATMENT, Purpose.PAYMENT, Purpose.OPERATIONS}),
    expiry=Expiry(kind=ExpiryKind.NONE),
)
ASK = Ask(
    patient_id="K7Q2",
    recipient_key="contact:4",
    purpose=Purpose.FAMILY_SUPPORT,
    category=Category.ATTENDANCE,
    at=MARCH,
)
TPO_ASK = Ask(
    patient_id="K7Q2",
    recipient_key="org:9",
    recipient_class="health_plans",
    purpose=Purpose.PAYMENT,
    category=Category.DIAGNOSIS,
    at=MARCH,
)


def test_a_complete_consent_permits_what_it_names():
    assert permits([SISTER], ASK) == Decision(
        permitted=True,
        consent_id="C1",
        reasons=("The consent for Ana Ruiz covers attendance for family support.",),
    )


def test_no_consent_on_file_means_no():
    assert permits([], ASK) == Decision(
        permitted=False, consent_id=None, reasons=("There is no consent on file.",)
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"category": Category.LABS}, "The consent for Ana Ruiz does not cover labs."),
        ({"category": Category.ENTIRE_RECORD}, "The consent for Ana Ruiz does not cover entire record."),
        ({"purpose": Purpose.EMPLOYMENT}, "The consent for Ana Ruiz does not cover the purpose employment."),
        ({"recipient_key": "contact:5"}, "The consent for Ana Ruiz does not cover this recipient."),
        ({"recipient_key": ""}, "The consent for Ana Ruiz does not cover this recipient."),
        ({"patient_id": "ZZZZ"}, "A consent of another patient permits nothing here."),
        ({"at": JUNE}, "This consent ended on 1 Jun 2026."),
        ({"at": JAN - timedelta(seconds=1)}, "This consent is signed and starts on 10 Jan 2026."),
        (
            {"at": datetime(2026, 3, 1)},  # noqa: DTZ001 an instant without a zone is the case under test
            "A consent on file cannot be read; have it checked before anything is disclosed.",
        ),
    ],
)
def test_anything_outside_the_consent_is_refused_with_its_reason(change, sentence):
    assert permits([SISTER], replace(ASK, **change)) == Decision(
        permitted=False, consent_id=None, reasons=(sentence,)
    )


DEFECTS = {
    "discloser": (" ", "It does not say who may disclose; name the person, program or class."),
    "recipient": (None, "It does not say who receives the information; name the recipient or a class."),
    "information": (frozenset(), "It does not say which information; tick at least one kind."),
    "purposes": (frozenset(), "It does not say what for; give at least one purpose."),
    "expiry": (None, "It does not say when it ends; give a date or an event."),
    "right_to_revoke_stated": (False, "It does not tell the patient of the right to revoke and how."),
    "redisclosure_stated": (False, "It does not say that recipients may pass the record on under HIPAA."),
    "consequences_stated": (False, "It does not say what follows when the patient does not sign."),
    "signed_by": ("", "It is not signed."),
    "signed_at": (None, "The date of the signature is missing."),
    "effective_from": (None, "The date from which it holds is missing."),
}


@pytest.mark.parametrize("field", DEFECTS)
def test_any_missing_element_is_named_and_permits_nothing(field):
    value, sentence = DEFECTS[field]
    defective = replace(TPO, **{field: value})
    assert missing_elements(defective) == (sentence,)
    assert standing(defective, MARCH).state is StandingState.DRAFT
    assert categories_permitted([defective], TPO_ASK) == frozenset()


@pytest.mark.parametrize(
    ("consent", "sentence"),
    [
        (
            replace(SISTER, expiry=Expiry(kind=ExpiryKind.NONE)),
            "Only a treatment, payment and operations consent may go without an end.",
        ),
        (replace(SISTER, expiry=Expiry(kind=ExpiryKind.ON)), "The date on which it ends is missing."),
        (replace(SISTER, expiry=Expiry(kind=ExpiryKind.EVENT)), "The event with which it ends is missing."),
        (
            replace(TPO, purposes=TPO.purposes | {Purpose.EMPLOYMENT}),
            "A treatment, payment and operations consent cannot carry another purpose.",
        ),
        (
            replace(TPO, information=frozenset({Category.ENTIRE_RECORD, Category.COUNSELING_NOTES})),
            "Counseling notes need a consent of their own.",
        ),
        (
            replace(SISTER, kind=ConsentKind.COUNSELING_NOTES),
            "A consent for counseling notes cannot be combined with other information.",
        ),
        (
            replace(SISTER, purposes=frozenset({Purpose.LEGAL_PROCEEDINGS})),
            "Use in legal proceedings needs a consent of its own.",
        ),
        (
            replace(SISTER, kind=ConsentKind.LEGAL_PROCEEDINGS),
            "A consent for legal proceedings cannot be combined with another purpose.",
        ),
        (
            replace(SISTER, recipient=Recipient(kind=RecipientKind.CLASS, name="friends", key="friends")),
            "“friends” is not a class of recipients this program knows; name the party.",
        ),
        (
            replace(SISTER, intermediary=Intermediary(key="hie:1", name="State exchange")),
            "It does not say who receives the information through the intermediary.",
        ),
        (
            replace(
                SISTER, intermediary=Intermediary(key="h", name="Exchange", participant_class="health_plans")
            ),
            "A class behind an intermediary must be limited to treating providers.",
        ),
        (
            replace(
                SISTER,
                intermediary=Intermediary(key="h", name="Exchange", participant_class="treating_providers"),
            ),
            "It does not tell the patient of the right to a list of who was told through the intermediary.",
        ),
        (
            replace(
                SISTER, intermediary=Intermediary(key="", name=" ", participant_keys=frozenset({"org:7"}))
            ),
            "The intermediary is not named.",
        ),
    ],
)
def test_combinations_that_the_rule_forbids_are_defects(consent, sentence):
    assert missing_elements(consent) == (sentence,)


def test_the_entire_record_reaches_everything_but_counseling_notes():
    assert categories_permitted([TPO], TPO_ASK) == frozenset(Category) - {Category.COUNSELING_NOTES}


def test_counseling_notes_are_reached_by_their_own_consent_only():
    own = replace(
        SISTER, kind=ConsentKind.COUNSELING_NOTES, information=frozenset({Category.COUNSELING_NOTES})
    )
    assert categories_permitted([own], ASK) == {Category.COUNSELING_NOTES}


def test_legal_proceedings_are_reached_by_their_own_consent_only():
    court = replace(
        SISTER, kind=ConsentKind.LEGAL_PROCEEDINGS, purposes=frozenset({Purpose.LEGAL_PROCEEDINGS})
    )
    ask = replace(ASK, purpose=Purpose.LEGAL_PROCEEDINGS)
    assert not permits([SISTER, TPO], ask).permitted
    assert permits([court], ask).permitted


def test_a_revoked_consent_permits_nothing_from_that_instant_on():
    revoked = replace(SISTER, revocations=(Revocation(at=MARCH),))
    assert permits([revoked], replace(ASK, at=MARCH - timedelta(microseconds=1))).permitted
    assert permits([revoked], ASK).reasons == ("The patient revoked this consent on 1 Mar 2026.",)


def test_a_consent_revoked_for_one_party_stays_for_the_others():
    partly = replace(TPO, revocations=(Revocation(at=MARCH, party_key="org:9", party_name="Acme Health"),))
    assert permits([partly], TPO_ASK).reasons == ("The patient revoked this consent for this recipient.",)
    assert permits([partly], replace(TPO_ASK, recipient_key="org:10")).permitted
    assert standing(partly, MARCH).sentence == "This consent is active, but no longer for Acme Health."


def test_a_superseded_consent_says_so():
    assert standing(replace(SISTER, superseded_at=MARCH), MARCH).state is StandingState.SUPERSEDED


def test_an_event_ends_a_consent_when_it_has_occurred():
    until_discharge = replace(SISTER, expiry=Expiry(kind=ExpiryKind.EVENT, event="discharge"))
    assert standing(until_discharge, MARCH).sentence == "This consent is active until: discharge."
    assert standing(replace(until_discharge, event_occurred=MARCH), MARCH).state is StandingState.EXPIRED


def test_an_intermediary_reaches_its_participants():
    exchange = replace(
        SISTER,
        intermediary=Intermediary(
            key="hie:1",
            name="Exchange",
            participant_keys=frozenset({"org:7"}),
            participant_class="treating_providers",
            list_right_stated=True,
        ),
    )
    asked = {
        key: permits([exchange], replace(ASK, recipient_key=key, recipient_class=group)).permitted
        for key, group in [
            ("hie:1", None),
            ("org:7", None),
            ("org:8", None),
            ("org:6", "treating_providers"),
            ("org:5", "health_plans"),
        ]
    }
    assert asked == {"hie:1": True, "org:7": True, "org:8": False, "org:6": True, "org:5": False}


OTHER_TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 the strategy adds the zone
PAPERS = st.builds(
    replace,
    st.sampled_from([SISTER, TPO]),
    information=st.frozensets(st.sampled_from(Category)),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    kind=st.sampled_from(ConsentKind),
    superseded_at=st.none() | OTHER_TIMES,
    effective_from=st.none() | OTHER_TIMES,
    signed_by=st.sampled_from(["", "Maria"]),
    revocations=st.lists(
        st.builds(Revocation, at=OTHER_TIMES, party_key=st.sampled_from(["", "org:9", "contact:4"])),
        max_size=2,
    ).map(tuple),
)
ASKS = st.builds(
    replace,
    st.sampled_from([ASK, TPO_ASK]),
    category=st.sampled_from(Category),
    purpose=st.sampled_from(Purpose),
    at=OTHER_TIMES,
)


@given(st.lists(PAPERS, max_size=4), st.lists(PAPERS, max_size=3), ASKS)
def test_more_paper_never_permits_less(consents, more, ask):
    if permits(consents, ask).permitted:
        assert permits([*more, *consents], ask).permitted


@given(
    st.lists(PAPERS, max_size=4), PAPERS, ASKS, st.sampled_from(["expired", "revoked", "defective", "broken"])
)
def test_a_dead_consent_never_permits_more(consents, extra, ask, how):
    past = ask.at - timedelta(days=1)
    dead = {
        "expired": replace(extra, expiry=Expiry(kind=ExpiryKind.ON, at=past)),
        "revoked": replace(extra, revocations=(Revocation(at=past),)),
        "defective": replace(extra, signed_at=None),
        "broken": replace(extra, information=None),
    }[how]
    assert permits([dead, *consents], ask).permitted == permits(consents, ask).permitted


@given(PAPERS, ASKS)
def test_counseling_notes_never_leave_on_another_kind_of_consent(consent, ask):
    if permits([consent], replace(ask, category=Category.COUNSELING_NOTES)).permitted:
        assert consent.kind is ConsentKind.COUNSELING_NOTES


@given(PAPERS, ASKS)
def test_a_permission_rests_on_a_paper_with_nothing_missing(consent, ask):
    if permits([consent], ask).permitted:
        assert missing_elements(consent) == ()
        assert standing(consent, ask.at).state is StandingState.ACTIVE


def test_the_notice_is_the_wording_of_2024():
    short = notice_for(date(2026, 7, 1), NoticeLength.SHORT)
    assert short.text == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert "using or disclosing this record" in notice_for(date(2026, 7, 1), NoticeLength.LONG).text


def test_no_notice_is_made_up_for_days_before_the_rule():
    with pytest.raises(LookupError, match="No short notice for a disclosure is on file for 1 Jan 2020"):
        notice_for(date(2020, 1, 1), NoticeLength.SHORT)


def test_a_medical_emergency_is_disclosed_only_when_written_down():
    facts = {
        "recipient_name": "Dr. Lee",
        "recipient_affiliation": "County ER",
        "disclosed_by": "N. Park",
        "disclosed_at": "2026-03-01 21:10",
        "verified_by": "N. Park",
    }
    assert decide_without_consent("medical_emergency", facts).missing == ("what the emergency was",)
    assert decide_without_consent("medical_emergency", facts | {"nature": "overdose"}).permitted


def test_a_subpoena_alone_is_not_a_ground():
    assert not decide_without_consent("subpoena", {"number": "1"}).permitted
    assert "subpoena" not in {basis.key for basis in load_bases()}
