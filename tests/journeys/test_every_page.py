"""Every page as its readers meet it, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from stepwell.cli.demo import PASSWORD
from tests.journeys.clinical_pages import CLINICAL, CLINICAL_DARK, clinical_places
from tests.journeys.looking import DESK, PHONE, barriers, faults_of
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

_CHART = (
    "",
    "assessment/",
    "assessment/instruments/phq-9/",
    "assessment/interview/",
    "assessment/ratings/",
    "placement/",
    "placement/review/",
    "placement/step-up/",
    "placement/hand-over/",
    "placement/outside/",
    "plan/",
    "schedule/",
    "schedule/groups/",
    "schedule/sessions/",
    "schedule/times/",
    "schedule/next-seats/",
    "schedule/print/",
    "notes/",
    "medication/",
    "tests/",
    "recovery/",
    "consent/",
    "consent/new/",
    "aftercare/",
    "details/",
)
PAGES = (
    *(("desk", each) for each in ("/today/", "/week/", "/patients/", "/patients/new/", "/patients/?q=a")),
    *(("desk", each) for each in ("/inquiries/", "/inquiries/new/", "/inquiries/{inquiry}/", "/hand-offs/")),
    *(("counselor", f"/patients/{{ana}}/{tab}") for tab in _CHART),
    *(("counselor", each) for each in ("/today/", "/week/", "/notes/", "/sessions/{to_sign}/")),
    *(("counselor", each) for each in ("/sessions/{signed}/", "/patients/{ana}/notes/{note}/")),
    *(("facilitator", each) for each in ("/today/", "/notes/")),
    *(("prescriber", each) for each in ("/medication/", "/patients/{ana}/medication/")),
    *(("nurse", each) for each in ("/drug-tests/", "/patients/{ana}/tests/")),
    *(("casemanager", each) for each in ("/authorizations/", "/authorizations/{authorization}/")),
    *(("casemanager", each) for each in ("/aftercare/", "/aftercare/calls/{call}/")),
    *(("biller", each) for each in ("/billing/", "/billing/accounts/{ana}/", "/patients/{ana}/coverage/")),
    *(("biller", each) for each in ("/billing/rules/", "/billing/statements/{statement}/")),
    *(("biller", each) for each in ("/eligibility/", "/assistance/", "/good-faith/", "/payers/new/")),
    *(("biller", f"/patients/{{helped}}/{each}") for each in ("coverage/estimate/", "coverage/sliding-fee/")),
    *(("biller", f"/patients/{{helped}}/assistance/{each}") for each in ("", "request/", "eap/", "plan/")),
    *(
        ("biller", f"/patients/{each}/")
        for each in ("{helped}/assistance/fee/{application}", "{awarded}/assistance")
    ),
    *(
        ("biller", f"/patients/{each}/")
        for each in ("{awarded}/assistance/award/{award}", "{monthly}/assistance")
    ),
    ("biller", "/patients/{monthly}/assistance/plan/{agreement}/"),
    *(("director", f"/assistance/{each}") for each in ("funds/", "funds/{fund}/", "lenders/")),
    *(("director", each) for each in ("/rates/", "/eligibility/rule/", "/good-faith/program/")),
    *(
        ("director", each)
        for each in ("/today/", "/week/", "/planning/", "/outcomes/", "/programs/", "/groups/{group}/")
    ),
    *(("director", each) for each in ("/staff/", "/staff/2/", "/sites/", "/permissions/", "/groups/new/")),
    *(
        ("director", f"/availability/{each}")
        for each in ("", "staff/2/", "absences/new/", "rooms-out/new/", "closures/")
    ),
    *(("counselor", each) for each in ("/my-time/", "/week/print/", "/level-reviews/")),
    *(("counselor", f"/hours/{each}") for each in ("", "?week=next", "report/", "report/print/")),
    *(("compliance", each) for each in ("/patients/{ana}/seen/", "/disclosures/", "/permissions/")),
    *(("patient", f"/my/{each}") for each in ("", "week/", "plan/", "check-in/", "help/", "homework/")),
    *(
        ("patient", f"/my/{each}")
        for each in ("consents/", "medicines/", "statements/", "plan/relapse-prevention/")
    ),
    *(("patient", f"/my/{each}") for each in ("times/", "calendar/")),
    *(("patient", each) for each in ("/my/plan/safety/", "/accounts/email/")),
    *(("family", each) for each in ("/family/", "/family/reading/", "/family/help/")),
    *(("", each) for each in ("/", "/about/", "/questions/", "/ask/", "/help-now/", "/accounts/login/")),
    *(("", each) for each in ("/es/", "/es/about/", "/es/questions/", "/es/ask/")),
    *(("", each) for each in ("/find/", "/es/find/", "/find/{program}/", "/es/find/{program}/")),
    *(("director", each) for each in ("/listings/", "/listings/{program}/", "/listings/sites/1/")),
    *(("", f"/gallery/{each}") for each in ("", "week/", "pocket/", "public/", "sheet/")),
    *CLINICAL,
)
DARK = (
    ("counselor", "/today/"),
    ("counselor", "/week/"),
    ("counselor", "/patients/{ana}/"),
    ("counselor", "/hours/?week=next"),
    ("director", "/outcomes/"),
    ("patient", "/my/"),
    ("", "/ask/"),
    ("", "/gallery/"),
    ("biller", "/assistance/"),
    ("biller", "/patients/{monthly}/assistance/plan/{agreement}/"),
    ("biller", "/eligibility/"),
    *CLINICAL_DARK,
)


@pytest.fixture(scope="module")
def places(clinic: Clinic) -> dict[str, object]:
    """What stands for the braces in an address: one row of each kind in this clinic."""

    def one(statement: str, *values: object) -> object:
        return clinic.query(statement, *values)[0][0]

    ana = one("SELECT id FROM clinic_patient WHERE given_name = 'Ana' AND family_name = 'Reyes'")
    counselor = one("SELECT id FROM clinic_staff WHERE name = 'Nia Okafor'")
    return {
        **clinical_places(clinic.query),
        "ana": one("SELECT code FROM clinic_patient WHERE id = %s", ana),
        "inquiry": one("SELECT code FROM clinic_inquiry ORDER BY received_at DESC LIMIT 1"),
        "to_sign": one(
            "SELECT o.id FROM clinic_occurrence o LEFT JOIN clinic_note n ON n.occurrence_id = o.id"
            " WHERE o.facilitator_id = %s AND o.kind = 'group' AND n.signed_at IS NULL"
            " AND o.cancelled_at IS NULL AND o.starts < now() ORDER BY o.starts DESC LIMIT 1",
            counselor,
        ),
        "signed": one(
            "SELECT o.id FROM clinic_occurrence o JOIN clinic_note n ON n.occurrence_id = o.id"
            " WHERE o.facilitator_id = %s AND o.kind = 'group' AND n.signed_at IS NOT NULL"
            " ORDER BY o.starts DESC LIMIT 1",
            counselor,
        ),
        "note": one(
            "SELECT n.id FROM clinic_note n JOIN clinic_notepart p ON p.note_id = n.id"
            " WHERE p.patient_id = %s AND n.signed_at IS NOT NULL ORDER BY n.id DESC LIMIT 1",
            ana,
        ),
        "authorization": one("SELECT id FROM clinic_authorization ORDER BY id DESC LIMIT 1"),
        "call": one("SELECT id FROM clinic_followup ORDER BY due_on LIMIT 1"),
        "statement": one("SELECT number FROM clinic_statement ORDER BY id DESC LIMIT 1"),
        "program": one("SELECT program_id FROM clinic_programlisting WHERE published ORDER BY id LIMIT 1"),
        "group": one("SELECT id FROM clinic_therapygroup ORDER BY id LIMIT 1"),
        "helped": one(
            "SELECT code FROM clinic_patient"
            " WHERE id = (SELECT patient_id FROM clinic_feeapplication ORDER BY id LIMIT 1)"
        ),
        "application": one("SELECT id FROM clinic_feeapplication ORDER BY id LIMIT 1"),
        "awarded": one(
            "SELECT code FROM clinic_patient"
            " WHERE id = (SELECT patient_id FROM clinic_award ORDER BY id LIMIT 1)"
        ),
        "award": one("SELECT id FROM clinic_award ORDER BY id LIMIT 1"),
        "fund": one("SELECT id FROM clinic_fund ORDER BY id LIMIT 1"),
        "monthly": one(
            "SELECT code FROM clinic_patient"
            " WHERE id = (SELECT patient_id FROM clinic_paymentagreement ORDER BY id LIMIT 1)"
        ),
        "agreement": one("SELECT id FROM clinic_paymentagreement ORDER BY id LIMIT 1"),
    }


@pytest.fixture(scope="module")
def page_of(browser: Browser, clinic: Clinic) -> Iterator[Callable[[str], Page]]:
    """A page on which that person is signed in, the same one again and again; '' is a stranger."""
    opened: dict[str, tuple[BrowserContext, Page]] = {}

    def one(who: str) -> Page:
        if who not in opened:
            context = browser.new_context(
                base_url=f"http://127.0.0.1:{clinic.port}", service_workers="block", color_scheme="light"
            )
            context.set_default_timeout(20_000)
            page = context.new_page()
            opened[who] = context, page
            if who:
                page.goto("/accounts/login/")
                page.get_by_label("Email").fill(f"{who}@demo.example")
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Sign in").click()
                page.wait_for_url(lambda url: "/accounts/" not in url)
        return opened[who][1]

    yield one
    for context, _page in opened.values():
        context.close()


@pytest.mark.parametrize(
    ("who", "address"), PAGES, ids=[f"{who or 'anybody'} {address}" for who, address in PAGES]
)
def test_a_page_answers_fits_and_can_be_read_by_everybody(
    page_of: Callable[[str], Page], places: dict[str, object], who: str, address: str
) -> None:
    first = PHONE if who in ("patient", "family") else DESK
    assert faults_of(page_of(who), address.format(**places), first=first) == []


@pytest.mark.parametrize(
    ("who", "address"), DARK, ids=[f"{who or 'anybody'} {address}" for who, address in DARK]
)
def test_a_dark_page_has_contrast_too(
    page_of: Callable[[str], Page], places: dict[str, object], who: str, address: str
) -> None:
    page = page_of(who)
    page.emulate_media(color_scheme="dark")
    page.goto(address.format(**places))
    found = barriers(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    assert found == []
