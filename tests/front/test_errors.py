"""A public page that is not there or broke says so in its language, with the lines for help."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client, RequestFactory

from stepwell.project import errors


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


@pytest.mark.parametrize(
    ("address", "said", "line"),
    [
        ("/find/999999/", "There is no such page", "tel:988"),
        ("/es/find/999999/", "Esta página no existe", "988, oprima 2"),
        ("/es/nada/", "Esta página no existe", "988, oprima 2"),
    ],
)
def test_what_is_not_there_is_said_in_the_language(client, db, address, said, line):
    answer = client.get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert said in words(answer)
    assert line in words(answer)


def test_other_addresses_keep_the_clinic_s_own_words(client, db):
    page = words(client.get("/nothing/"))
    assert "what was here is not open to you" in page
    assert "988" not in page


@pytest.mark.parametrize(
    ("address", "said"), [("/ask/", "What you sent was not taken"), ("/es/ask/", "no se recibió")]
)
def test_a_request_that_was_not_taken_says_so(site, address, said):
    answer = Client(enforce_csrf_checks=True).post(address, {"name": "Ana"})
    assert answer.status_code == 403
    assert said in words(answer)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/ask/", "may not have reached us"),
        ("/es/ask/", "tal vez no nos llegó"),
        ("/today/", "Go back, check"),
    ],
)
def test_what_broke_never_fails_in_silence_and_needs_no_database(address, said):
    answer = errors.broken(RequestFactory().post(address))
    assert answer.status_code == 500
    assert said in words(answer)


@pytest.mark.parametrize("fault", [errors.bad_request, errors.forbidden])
def test_every_fault_has_its_page(fault):
    assert 'lang="es"' in words(fault(RequestFactory().get("/es/")))
