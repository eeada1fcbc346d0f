"""Safe contact in neutral words, ages, and what a credential lets its holder do."""

from datetime import date, datetime, time

import pytest

from stepwell.clinic.people.rules import (
    Channel,
    ContactDecision,
    ContactRules,
    Credential,
    CredentialStanding,
    SafeHours,
    SessionKind,
    age_on,
    credential_valid,
    is_minor_on,
    load_credential_kinds,
    may_contact,
    may_lead,
    parse_safe_times,
)

EVENINGS = ContactRules(may_call=True, may_voicemail=False, may_text=True, safe_times="Mon-Fri 17:00-20:00")
TUESDAY_EVENING = datetime(2026, 5, 5, 18)  # noqa: DTZ001 wall time of the person
TUESDAY_NOON = datetime(2026, 5, 5, 12)  # noqa: DTZ001 wall time of the person


def test_a_call_within_the_safe_times_is_allowed_in_neutral_words():
    assert may_contact(EVENINGS, Channel.CALL, TUESDAY_EVENING) == ContactDecision(
        allowed=True,
        reason="The person allowed calls.",
        wording="This is your appointment office. May I speak with you for a moment, and are you free to talk?",
    )


@pytest.mark.parametrize(
    ("rules", "channel", "reason"),
    [
        (EVENINGS, Channel.VOICEMAIL, "The person did not allow voice messages."),
        (ContactRules(may_voicemail=True), Channel.VOICEMAIL, "The person did not allow voice messages."),
        (
            EVENINGS,
            Channel.TEXT,
            "It is safe to reach the person only at these times: Mon-Fri 17:00-20:00.",
        ),
        (
            ContactRules(may_call=True, safe_times="after my shift"),
            Channel.CALL,
            "Safe times are written as “after my shift”; read them and decide yourself.",
        ),
        (ContactRules(), Channel.EMAIL, "The person did not allow e-mail."),
    ],
)
def test_anything_not_allowed_or_not_clear_is_refused(rules, channel, reason):
    assert may_contact(rules, channel, TUESDAY_NOON) == ContactDecision(
        allowed=False, reason=reason, wording=""
    )


def test_a_warning_is_always_said():
    rules = ContactRules(may_mail=True, contact_warning="Husband opens the mail.")
    assert may_contact(rules, Channel.MAIL, TUESDAY_NOON).reason == (
        "The person allowed letters. Take care: Husband opens the mail."
    )


@pytest.mark.parametrize("channel", Channel)
def test_no_wording_gives_the_treatment_away(channel):
    rules = ContactRules(may_call=True, may_voicemail=True, may_text=True, may_email=True, may_mail=True)
    wording = may_contact(rules, channel, TUESDAY_NOON).wording.casefold()
    assert wording
    betraying = (
        "recovery",
        "treatment",
        "program",
        "counsel",
        "clinic",
        "drug",
        "alcohol",
        "health",
        "stepwell",
    )
    assert not any(word in wording for word in betraying)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ()),
        (
            "sat 9:30-12:00; Tue – Thu 17:00-20:00",
            (
                SafeHours(weekdays=frozenset({5}), starts=time(9, 30), ends=time(12)),
                SafeHours(weekdays=frozenset({1, 2, 3}), starts=time(17), ends=time(20)),
            ),
        ),
        ("sat-mon 09:00-10:00", (SafeHours(weekdays=frozenset({5, 6, 0}), starts=time(9), ends=time(10)),)),
        ("mon 20:00-17:00", None),
        ("mon 25:00-26:00", None),
        ("foo 10:00-11:00", None),
        ("evenings", None),
    ],
)
def test_safe_times_are_read_or_said_to_be_unreadable(text, hours):
    assert parse_safe_times(text) == hours


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 5, 5), date(2018, 5, 5), 18),
        (date(2000, 5, 5), date(2000, 5, 5), 0),
    ],
)
def test_age_in_completed_years(born, on, age):
    assert age_on(born, on) == age
    assert is_minor_on(born, on, 18) == (age < 18)


def test_nobody_has_an_age_before_birth():
    with pytest.raises(ValueError, match="before the date of birth"):
        age_on(date(2000, 1, 1), date(1999, 12, 31))


LCSW = Credential(kind="LCSW", issued_on=date(2024, 1, 1), expires_on=date(2026, 6, 30))


@pytest.mark.parametrize(
    ("credential", "on", "expected"),
    [
        (
            LCSW,
            date(2026, 6, 30),
            CredentialStanding(
                valid=True,
                sentence="The licensed clinical social worker credential is valid until 30 Jun 2026.",
                days_left=0,
            ),
        ),
        (
            LCSW,
            date(2026, 7, 1),
            CredentialStanding(
                valid=False,
                sentence="The licensed clinical social worker credential expired on 30 Jun 2026; "
                "enter the renewed one before signing or leading sessions.",
            ),
        ),
        (
            LCSW,
            date(2023, 12, 31),
            CredentialStanding(
                valid=False, sentence="The licensed clinical social worker credential begins on 1 Jan 2024."
            ),
        ),
        (
            Credential(kind="WIZARD", issued_on=date(2024, 1, 1)),
            date(2026, 1, 1),
            CredentialStanding(valid=False, sentence="“WIZARD” is not a credential this program knows."),
        ),
    ],
)
def test_a_credential_holds_through_its_last_day(credential, on, expected):
    assert credential_valid(credential, on) == expected


def test_who_may_lead_what():
    peer = Credential(kind="CPS", issued_on=date(2024, 1, 1))
    on = date(2026, 5, 5)
    assert may_lead([peer], SessionKind.PEER, on).valid
    assert may_lead([peer], SessionKind.INDIVIDUAL, on).sentence == (
        "No credential on file lets this person lead this kind of session: individual."
    )
    assert may_lead([peer, LCSW], SessionKind.INDIVIDUAL, on).valid
    assert not may_lead([LCSW], SessionKind.INDIVIDUAL, date(2026, 7, 1)).valid


def test_whoever_needs_a_cosignature_does_not_sign_alone():
    kinds = load_credential_kinds().values()
    assert all(kind.may_sign_alone != kind.needs_cosignature for kind in kinds)
    assert not any(kind.may_cosign and kind.needs_cosignature for kind in kinds)
