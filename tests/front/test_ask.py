"""Asking for help: kept once, refused in sentences, danger answered at once, never failing silently."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.core import signing
from django.core.cache import cache
from django.test import Client

from stepwell.audit.models import Entry
from stepwell.clinic.inquiry.models import AnswerTime, Inquiry
from tests.making import NOW, make_site


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def told(here, **facts):
    return {
        "asking_for": "self", "name": "Ana", "phone": "404-555-0199", "ways": ["may_call", "may_text"],
        "safe_times": "after 5 pm", "about": "I drink every day.", "insurance": "none",
        "free_times": ["mon-evening", "sat-morning"], "site": here.pk, "once_key": "k1", **facts,
    }  # fmt: skip


def test_a_request_lands_in_the_queue_as_it_was_told(client, site):
    answer = client.post("/ask/", told(site))
    assert answer.status_code == 302
    row = Inquiry.objects.get()
    assert (row.site, row.source, row.name, row.phone, row.about, row.insurance, row.safe_times) == (
        site,
        "web",
        "Ana",
        "404-555-0199",
        "I drink every day.",
        "none",
        "after 5 pm",
    )
    assert (row.may_call, row.may_text, row.may_voicemail, row.may_email) == (True, True, False, False)
    assert row.free_times == ["mon-evening", "sat-morning"]
    page = words(client.get(answer["Location"]))
    assert "Thank you. We have it." in page
    assert "within 4 hours of the time we are open" in page
    assert "Ana" not in page


def test_the_trail_holds_neither_words_nor_network_address(client, site):
    client.post("/ask/", told(site), REMOTE_ADDR="203.0.113.9")
    entry = Entry.objects.get(action="inquiry.receive")
    assert (entry.actor_name, entry.address) == ("Public", "public page")
    assert "203.0.113.9" not in str(entry.__dict__)


def test_a_form_sent_twice_makes_one_request_and_a_mended_one_another(client, site):
    for _ in range(3):
        assert client.post("/ask/", told(site)).status_code == 302
    assert Inquiry.objects.count() == 1
    client.post("/ask/", told(site, phone="404-555-0100"))
    assert Inquiry.objects.count() == 2


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": " "}, "Tell us a name."),
        ({"name": "\x00"}, "Null characters are not allowed"),
        ({"name": "a" * 10_000}, "at most 160 characters"),
        ({"ways": []}, "Tick at least one way"),
        ({"ways": ["owl"]}, "Tick only ways that are shown."),
        ({"ways": ["may_voicemail"]}, "A voicemail begins with a call."),
        ({"phone": ""}, "Give the number, or take away the tick"),
        ({"ways": ["may_email"]}, "Give the address, or take away the tick at e-mail."),
        ({"phone": "555-01"}, "too few digits"),
        ({"phone": "call my sister"}, "too few digits"),
        ({"email": "nonsense"}, "does not look like an e-mail address"),
        (
            {"email": f"ana@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.example"},
            "at most 254 characters",
        ),
        ({"about": "a" * 10_001}, "at most 10000 characters"),
        ({"about": "a\x00b"}, "Null characters are not allowed"),
        ({"free_times": ["mon-midnight"]}, "Tick only times of the week that are shown."),
        ({"red_flags": ["bored"]}, "Tick only what is shown."),
        ({"asking_for": "nobody"}, "Select a valid choice"),
        ({"birth_date": "2099-01-01"}, "This date of birth has not come yet."),
        ({"birth_date": "1850-01-01"}, "more than 120 years ago"),
        ({"birth_date": "yesterday"}, "This is not a date."),
        ({"birth_date": "0000-00-00"}, "This is not a date."),
        ({"website": "https://spam.example"}, "A box that people do not see was filled in."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, site, facts, sentence):
    answer = client.post("/ask/", told(site, insurance="Keep this", **facts))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "Keep this" in words(answer)
    assert Inquiry.objects.count() == 0


@pytest.mark.parametrize(
    "text", ["نص عربي", "😀" * 2_000, "<script>alert(1)</script>", "é" * 10_000, "'; DROP TABLE--"]
)
def test_any_script_and_any_length_is_kept_and_shown_as_text(client, site, text):
    assert client.post("/ask/", told(site, about=text, name=text[:100])).status_code == 302
    row = Inquiry.objects.get()
    assert row.about == text
    again = client.post("/ask/", told(site, about=text, name=""))
    assert "<script>alert" not in again.content.decode()


@pytest.mark.parametrize(
    "body", [{}, {"site": "999"}, {"site": "\x00"}, {"once_key": "x" * 10_000, "name": "A"}, {"ways": "\x00"}]
)
def test_garbage_gets_a_page_with_sentences(client, site, body):
    answer = client.post("/ask/", body)
    assert answer.status_code == 422
    assert "What you typed is still here." in words(answer)


def test_bytes_that_are_no_form_are_answered(client, site):
    assert client.post("/ask/", b"\xff\xfe\x00garbage", content_type="text/plain").status_code == 422
    broken = client.post("/ask/", b"--x\r\nbroken", content_type="multipart/form-data; boundary=x")
    assert broken.status_code == 422


def test_danger_shows_the_lines_at_once_and_the_request_is_kept(client, site):
    answer = client.post("/ask/", told(site, red_flags=["suicide_plan", "no_safe_place_tonight"]))
    assert answer.status_code == 302
    assert Inquiry.objects.get().red_flags == ["suicide_plan", "no_safe_place_tonight"]
    assert "suicide" not in answer["Location"]
    page = words(client.get(answer["Location"]))
    assert "Please do this now:" in page
    assert "Call or text 988 now" in page
    assert "Call 211 for shelter tonight." in page
    assert "We answer as soon as anybody can." in page


def test_danger_is_answered_even_when_another_answer_is_wrong(client, site):
    answer = client.post("/ask/", told(site, red_flags=["overdose_now"], name=""))
    assert answer.status_code == 422
    assert "Call 911 now. Give naloxone if you have it." in words(answer)


def test_the_thank_you_says_the_time_that_the_site_has_set_for_itself(client, site):
    AnswerTime.objects.create(
        site=site, usual_minutes=90, urgent_minutes=15, starts_on=date(2026, 3, 1), set_at=NOW
    )
    page = words(client.get(client.post("/ask/", told(site))["Location"]))
    assert "within 2 hours of the time we are open" in page


def test_the_thank_you_is_only_for_who_sent_something(client, site):
    for address in ("/ask/sent/", "/ask/sent/?n=forged", "/ask/sent/?n=%00"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, "/ask/")


def test_too_many_requests_from_one_network_are_refused_with_a_number_to_call(client, site):
    for n in range(10):
        assert client.post("/ask/", told(site, once_key=f"k{n}")).status_code == 302
    answer = client.post("/ask/", told(site, once_key="k11"))
    assert answer.status_code == 429
    assert "Too many requests came from your network" in words(answer)
    assert "404-555-0111" in words(answer)
    assert "I drink every day." in words(answer)
    assert Inquiry.objects.count() == 10
    assert client.post("/ask/", told(site, once_key="k3")).status_code == 302, "it was sent: say so again"
    elsewhere = client.post("/ask/", told(site, once_key="k12"), REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 302


def after(minutes: float):
    return time_machine.travel(NOW + timedelta(minutes=minutes), tick=False)


def test_the_hour_runs_from_the_first_request_whatever_comes_after_it(client, site):
    for n in range(10):
        with after(n):
            assert client.post("/ask/", told(site, once_key=f"k{n}")).status_code == 302
    for minutes in (15, 30, 59):  # not one of them begins the hour anew, and none wipes it out
        with after(minutes):
            assert client.post("/ask/", told(site, once_key=f"m{minutes}")).status_code == 429
    with after(61):
        assert client.post("/ask/", told(site, once_key="later")).status_code == 302


def test_all_addresses_of_one_connection_count_together(client, site):
    def sent(n: int, address: str) -> int:
        return client.post("/ask/", told(site, once_key=f"k{n}"), REMOTE_ADDR=address).status_code

    assert [sent(n, f"2001:db8:1:2::{n:x}") for n in range(11)] == [302] * 10 + [429]
    assert sent(12, "2001:db8:1:3::1") == 302


def test_many_others_do_not_wipe_the_count_out(client, site):
    for n in range(10):
        client.post("/ask/", told(site, once_key=f"k{n}"))
    for n in range(400):
        cache.set(f"somebody.else.{n}", n, timeout=3600)
    assert client.post("/ask/", told(site, once_key="k11")).status_code == 429


def test_what_danger_was_told_is_not_in_the_address_and_soon_not_on_the_page(client, site):
    there = client.post("/ask/", told(site, red_flags=["suicide_plan", "injecting"]))["Location"]
    site_id, other = signing.loads(there.split("n=")[1], salt="stepwell.front.sent")
    assert (site_id, type(other)) == (site.pk, str)
    assert "Call or text 988 now" in words(client.get(there))
    with after(31):
        page = words(client.get(there))
    assert "Thank you. We have it." in page
    assert "Please do this now:" not in page
    assert "As soon as" not in page


def test_the_one_cookie_goes_with_the_browser(client, site):
    client.get("/ask/")
    (cookie,) = client.cookies.values()
    assert (cookie.key, cookie["max-age"], cookie["expires"]) == ("csrftoken", "", "")


def test_who_asks_for_the_price_in_writing_is_understood(client, site):
    for address, said in (("/ask/", "good-faith estimate"), ("/es/ask/", "estimado de buena fe")):
        page = client.get(f"{address}?estimate=1&site={site.pk}").content.decode()
        assert re.search(rf"<textarea[^>]*>\s*[^<]*{said}", page)
        assert "estimate=1" in re.search(r'class="other-language" href="([^"]*)"', page)[1]
        assert said not in client.get(address).content.decode()


def test_a_wrong_form_does_not_count_against_the_network(client, site):
    for _ in range(15):
        client.post("/ask/", told(site, name=""))
    assert client.post("/ask/", told(site)).status_code == 302


def test_with_several_places_the_person_chooses(client, site):
    other = make_site("Riverside")
    page = words(client.get("/ask/"))
    assert "Peachtree" in page
    assert "Riverside" in page
    assert "Choose the place" in words(client.post("/ask/", told(site, site="")))
    client.post("/ask/", told(other))
    assert Inquiry.objects.get().site == other


def test_without_a_place_nothing_is_asked(client, db):
    assert "We do not take requests yet" in words(client.get("/ask/"))
    assert client.post("/ask/", {"name": "Ana"}).status_code == 200
    assert Inquiry.objects.count() == 0


def test_a_form_from_another_page_is_not_taken(site):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/ask/", told(site)).status_code == 403
    page = strict.get("/ask/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    assert strict.post("/ask/", told(site, csrfmiddlewaretoken=token)).status_code == 302


def test_a_second_page_has_another_key(client, site):
    keys = {
        re.search(r'name="once_key" value="([^"]+)"', client.get("/ask/").content.decode())[1]
        for _ in range(2)
    }
    assert len(keys) == 2


def test_a_request_in_spanish_is_an_inquiry_in_spanish(client, site):
    answer = client.post("/es/ask/", told(site, name="José Ñuñez", birth_date="1990-05-02"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/es/ask/sent/?n=")
    row = Inquiry.objects.get()
    assert (row.language, row.name, str(row.birth_date)) == ("es", "José Ñuñez", "1990-05-02")
    page = words(client.get(answer["Location"]))
    assert "Gracias. Ya lo tenemos." in page
    assert "Le contestamos en menos de 4 horas de nuestro horario." in page


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": " "}, "Díganos un nombre."),
        ({"name": "a\x00"}, "Los caracteres nulos no están permitidos."),
        ({"name": "a" * 10_000}, "tenga menos de 160 caracteres"),
        ({"ways": []}, "Marque al menos una forma"),
        ({"ways": ["may_voicemail"]}, "Un mensaje de voz empieza con una llamada."),
        ({"phone": ""}, "Escriba el número, o quite la marca"),
        ({"phone": "12"}, "le faltan cifras"),
        ({"email": "nada"}, "Esto no parece un correo electrónico."),
        ({"birth_date": "2099-01-01"}, "Esta fecha de nacimiento todavía no llega."),
        ({"free_times": ["mon-midnight"]}, "Marque solo las horas que se muestran."),
        ({"red_flags": ["bored"]}, "Marque solo lo que se muestra."),
        ({"asking_for": "nobody"}, "Escoja una opción válida"),
    ],
)
def test_what_is_wrong_is_said_in_spanish(client, site, facts, sentence):
    answer = client.post("/es/ask/", told(site, insurance="Guarde esto", **facts))
    assert answer.status_code == 422
    page = words(answer)
    assert sentence in page
    assert "Guarde esto" in page
    assert "Lo que escribió sigue aquí." in page
    assert Inquiry.objects.count() == 0


def test_danger_in_spanish_names_the_spanish_lines(client, site):
    answer = client.post("/es/ask/", told(site, red_flags=["suicide_plan"]))
    page = words(client.get(answer["Location"]))
    assert "Por favor haga esto ahora:" in page
    assert "Llame ahora al 988 y oprima 2, o mande AYUDA al 988." in page


@pytest.mark.parametrize(
    "name", ["Ana María Ñíguez-O’Hara", "李小龍", "Нина", "أمل", "ថាវី", "🙂", "Zoë van 't Hof"]
)
def test_names_in_any_script_are_names(client, site, name):
    assert client.post("/ask/", told(site, name=name)).status_code == 302
    assert Inquiry.objects.get().name == name
