"""What the public reads is written at the desk: by whom, what is kept, what is refused, what is published."""

from __future__ import annotations

import re
from html import unescape

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.people.models import Site
from stepwell.clinic.timetable.models import ProgramListing, Track
from tests.clinic.timetable.test_listings import make_program, place
from tests.making import make_site, make_staff

pytestmark = pytest.mark.django_db


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def program(site):
    return make_program(place(site))


@pytest.fixture(params=[Role.DIRECTOR, Role.SYSTEM_ADMIN])
def client(request, signed_in, site):
    return signed_in(make_staff(site, request.param))


def told(program, **facts):
    return {
        "words_en": "Three evenings a week.", "published": "on", "languages": ["en"],
        "tracks": [Track.objects.get(program=program).pk], **facts,
    }  # fmt: skip


def test_a_program_is_written_and_published(client, program):
    payer = Payer.objects.create(name="Blue Lake Health", kind="commercial")
    answer = client.post(
        f"/listings/{program.pk}/", told(program, insurers=[payer.pk], populations=["women"])
    )
    assert answer.status_code == 302
    row = ProgramListing.objects.get()
    assert (row.published, row.languages, row.populations, list(row.insurers.all())) == (
        True,
        ["en"],
        ["women"],
        [payer],
    )
    page = words(client.get(f"/listings/{program.pk}/"))
    assert "Three evenings a week." in page
    assert "See the public page" in page
    assert "published" in words(client.get("/listings/"))
    assert client.get(f"/find/{program.pk}/").status_code == 200


def test_what_is_refused_is_said_and_what_was_typed_stays(client, program):
    answer = client.post(f"/listings/{program.pk}/", told(program, words_en="", words_es="Tres noches."))
    assert answer.status_code == 422
    assert "Say in English what the program is" in words(answer)
    assert "Tres noches." in words(answer)
    assert not ProgramListing.objects.exists()


def test_a_site_gets_its_zip_code_and_directions(client, site):
    assert "has no ZIP code" in words(client.get("/listings/"))
    address = f"/listings/sites/{site.pk}/"
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"zip_code": "00000", "directions_en": "Ring at 2."})
    assert wrong.status_code == 422
    assert "not in the list" in words(wrong)
    assert "Ring at 2." in words(wrong)
    assert client.post(address, {"zip_code": "30303", "directions_en": "Ring at 2."}).status_code == 302
    row = Site.objects.get(pk=site.pk)
    assert (row.zip_code, row.directions_en) == ("30303", "Ring at 2.")


def test_other_roles_and_other_sites_find_nothing(signed_in, site, program):
    counselor = signed_in(make_staff(site, Role.COUNSELOR))
    stranger = signed_in(make_staff(make_site(), Role.DIRECTOR))
    for address in (f"/listings/{program.pk}/", f"/listings/sites/{site.pk}/"):
        assert counselor.get(address).status_code == 403
        assert stranger.get(address).status_code == 404
    assert site.name not in words(stranger.get("/listings/"))
