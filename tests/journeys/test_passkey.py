"""A real passkey: Chromium's own authenticator registers it, signs in with it, and cannot once it is removed.

Browsers know passkeys only for https and for `localhost`, so these pages are opened under that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from stepwell.cli.demo import LOGINS, PASSWORD
from tests.journeys.looking import PHONE, barriers, complaints_of, too_wide
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

_EMAIL = next(login.email for login in LOGINS if login.email.startswith("counselor@"))


@pytest.fixture
def page(clinic: Clinic, window: Callable[..., BrowserContext]) -> Page:
    return window().new_page()


@pytest.fixture
def device(page: Page) -> Iterator[tuple[CDPSession, str]]:
    """The platform's authenticator (a fingerprint reader that always says yes), empty."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield session, made["authenticatorId"]
    session.send("WebAuthn.disable")


def _keys(device: tuple[CDPSession, str]) -> int:
    session, authenticator = device
    return len(session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"])


def test_a_passkey_is_added_signs_in_and_no_longer_does_once_removed(
    clinic: Clinic, page: Page, device: tuple[CDPSession, str]
) -> None:
    here = f"http://localhost:{clinic.port}"
    with _quiet(page):
        _by_password(page, here)
        page.wait_for_url(_inside)

        page.goto(f"{here}/accounts/2fa/webauthn/add/")
        _prove(page)
        page.get_by_label("Name").fill("Front desk laptop")
        page.get_by_label("Passwordless").check()
        page.get_by_role("button", name="Add", exact=True).click()
        page.wait_for_url(lambda url: "/webauthn/add/" not in url)
        assert _keys(device) == 1
        page.goto(f"{here}/accounts/2fa/webauthn/")
        expect(page.get_by_text("Front desk laptop")).to_be_visible()
        assert too_wide(page) + barriers(page) == []
        page.set_viewport_size(PHONE)
        assert too_wide(page) == []
        page.set_viewport_size({"width": 1440, "height": 900})
        _sign_out(page, here)

        page.goto(f"{here}/accounts/login/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(_inside)
        answer = page.goto(f"{here}/today/")
        assert answer is not None
        assert answer.status == 200
        _sign_out(page, here)

        # The password alone is no longer enough: the key is the second step.
        _by_password(page, here)
        page.wait_for_url("**/accounts/2fa/authenticate/**")
        page.get_by_role("button", name="Use a security key").click()
        page.wait_for_url(_inside)

        page.goto(f"{here}/accounts/2fa/webauthn/")
        page.get_by_role("link", name="Remove").click()
        _prove(page)
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Front desk laptop")).to_have_count(0)
        _sign_out(page, here)

    assert _keys(device) == 1, "the device still offers it; the clinic must refuse it"
    page.goto(f"{here}/accounts/login/")
    with page.expect_navigation():
        page.get_by_role("button", name="Use a passkey").click()
    assert "/accounts/" in page.url
    page.goto(f"{here}/today/")
    page.wait_for_url("**/accounts/login/**")
    _by_password(page, here)
    page.wait_for_url(_inside)


@contextmanager
def _quiet(page: Page) -> Iterator[None]:
    """No error of a script, nothing that the content security policy stops, no answer that is an error."""
    with complaints_of(page) as heard:
        yield
    assert [each for each in heard if "/live" not in each] == []


def _inside(url: str) -> bool:
    return "/accounts/" not in url


def _by_password(page: Page, here: str) -> None:
    page.goto(f"{here}/accounts/login/")
    page.get_by_label("Email").fill(_EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _prove(page: Page) -> None:
    """What concerns the ways to sign in is asked for once more with the password."""
    page.wait_for_url("**/accounts/reauthenticate/**")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def _sign_out(page: Page, here: str) -> None:
    page.goto(f"{here}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()
