"""Every instrument on the pages: as a form, as a filled form, as a card of the tab."""

from __future__ import annotations

import html

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.actions import load_wording
from stepwell.clinic.assessment.models import Screening
from tests.clinic.assessment.test_wordings import brought
from tests.making import NOW


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/assessment/"


def typed(instrument: rules.Instrument, end) -> dict[str, str]:
    return {f"item_{i.link_id}": str(end(o.value for o in i.options)) for i in instrument.items}


@pytest.mark.parametrize("slug", rules.instruments())
def test_every_instrument_opens_is_filled_and_is_read_again(signed_in, counselor, patient, page, slug):
    instrument, client = rules.load_instrument(slug), signed_in(counselor)
    body = html.unescape(client.get(f"{page}instruments/{slug}/").content.decode())
    for item in instrument.items:
        assert f'name="item_{item.link_id}"' in body
        assert item.text in body
    for section in instrument.sections:
        assert body.count(f"<h3>{section.text}</h3>") == 1
    for end in (min, max):
        answer = client.post(f"{page}instruments/{slug}/", typed(instrument, end), follow=True)
        assert answer.status_code == 200
        assert f"{instrument.title} is recorded" in html.unescape(answer.content.decode())
    lowest, highest = Screening.objects.filter(patient=patient).order_by("pk")
    for row, end in ((lowest, min), (highest, max)):
        values = {i.link_id: end(o.value for o in i.options) for i in instrument.items}
        found = rules.score(instrument, values)
        told = None if row.total is None else float(row.total)
        assert (row.complete, told, row.band) == (True, found.total, found.band.label if found.band else "")
        seen = client.get(f"{page}screenings/{row.pk}/")
        assert seen.status_code == 200
        assert all(item.text in html.unescape(seen.content.decode()) for item in instrument.items)


def test_questions_that_are_left_out_are_said_to_be_so(signed_in, counselor, page):
    client = signed_in(counselor)
    body = html.unescape(client.get(f"{page}instruments/audit/").content.decode())
    assert body.count("Leave out when question 1 is answered “Never”.") == 1
    answers = {"item_1": "0", "item_9": "0", "item_10": "2"}
    body = client.post(f"{page}instruments/audit/", answers, follow=True).content.decode()
    assert "AUDIT is recorded: 2, zone I, low risk." in body
    body = client.post(f"{page}instruments/audit/", {"item_1": "1"}, follow=True).content.decode()
    assert "AUDIT is kept as incomplete and not scored: 9 questions are open." in body


def test_words_that_were_brought_are_on_the_page(signed_in, counselor, page):
    client = signed_in(counselor)
    notice = "the labels here say which answer goes where"
    before = html.unescape(client.get(f"{page}instruments/who-5/").content.decode())
    assert notice in before
    words = rules.read_wording(brought() | {"description": "Please mark the nearest."})
    load_wording(by=stepwell_itself(), at=NOW, words=words)
    after = html.unescape(client.get(f"{page}instruments/who-5/").content.decode())
    assert ("Official Cheerful mood" in after, "Please mark the nearest." in after) == (True, True)
    assert notice not in after
