"""Finding a program: what is shown, what stays out of addresses, and what nobody may see."""

from __future__ import annotations

import re
from html import unescape

import pytest

from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.people.models import Site
from stepwell.clinic.timetable.models import Mode, Occurrence
from stepwell.front.content import load
from tests.clinic.timetable.test_listings import make_program, place, publish
from tests.making import make_patient, make_site

PAGES = ("/find/", "/es/find/")


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def near(site: Site):
    """Evening IOP at Peachtree in Atlanta, published."""
    program = make_program(place(site))
    payer = Payer.objects.create(name="Blue Lake Health", kind="commercial")
    publish(program, languages=["en", "es"], populations=["women"], insurers=[payer])
    return program


@pytest.fixture
def far(near):
    """Video IOP in Savannah, published."""
    there = place(make_site("Savannah", phone="912-555-0170", address="7 Specimen Lane"), "31401")
    program = make_program(there, name="Video IOP")
    Occurrence.objects.filter(site=there).update(mode=Mode.VIDEO)
    publish(program, words={"words_en": "By video."}, languages=["en"])
    return program


def test_the_list_names_program_site_hours_track_start_and_phone(client, near):
    page = words(client.get("/find/"))
    for said in (
        "1 program fits.", "Evening IOP, Peachtree", "Intensive outpatient", "9 to 12 hours a week", "Evening",
        "Next start: Thursday, March 19", "English and Spanish", "404-555-0111",
    ):  # fmt: skip
        assert said in page


def test_the_same_in_spanish(client, near):
    answer = client.get("/es/find/")
    assert '<html lang="es"' in answer.content.decode()
    page = words(answer)
    for said in (
        "Hay 1 programa para usted.", "Ambulatorio intensivo", "de 9 a 12 horas por semana",
        "Próximo inicio: jueves 19 de marzo", "Inglés y Español",
    ):  # fmt: skip
        assert said in page


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("", ["Evening IOP", "Video IOP"]),
        ("level=2.1", ["Evening IOP", "Video IOP"]),
        ("level=2.5", ["Evening IOP", "Video IOP"]),  # no program has it, so it is not offered
        ("track=evening", ["Evening IOP", "Video IOP"]),
        ("video=1", ["Video IOP"]),
        ("language=es", ["Evening IOP"]),
        ("language=xx", ["Evening IOP", "Video IOP"]),
        ("soon=7", ["Evening IOP", "Video IOP"]),
        ("insurance=999999", ["Evening IOP", "Video IOP"]),
        ("insurance=%00&level=%F0%28&soon=-1", ["Evening IOP", "Video IOP"]),
    ],
)
def test_choices_in_the_address_filter_the_list(client, far, chosen, shown):
    page = words(client.get(f"/find/?{chosen}"))
    assert [name for name in ("Evening IOP", "Video IOP") if f"{name}, " in page] == shown


def test_insurance_filters_by_the_payer(client, far):
    payer = Payer.objects.get()
    page = words(client.get(f"/find/?insurance={payer.pk}"))
    assert "Evening IOP, Peachtree" in page
    assert "Video IOP, Savannah" not in page


def test_with_a_zip_code_the_nearest_comes_first_and_the_address_stays_clean(client, far):
    answer = client.post("/find/", {"zip": "31405"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    page = words(answer)
    assert page.index("Video IOP, Savannah") < page.index("Evening IOP, Peachtree")
    assert "Distances are counted in a straight line from the middle of Savannah, GA 31405." in page
    assert re.search(r"22\d miles to the northwest", page)
    assert "31405" not in re.sub(
        r'value="31405"', "", "".join(re.findall(r'href="[^"]*"', answer.content.decode()))
    )


@pytest.mark.parametrize("address", PAGES)
def test_what_says_nothing_of_the_person_goes_into_the_address(client, far, address):
    answer = client.post(address, {"zip": "", "video": "1", "language": "en", "level": "", "made": "up"})
    assert (answer.status_code, answer["Location"]) == (302, f"{address}?language=en&video=1")


def test_what_says_something_of_the_person_does_not(client, far):
    answer = client.post("/find/", {"population": "women", "language": "en"})
    assert answer.status_code == 200
    assert "Evening IOP, Peachtree" in words(answer)
    assert "Video IOP, Savannah" not in words(answer)


@pytest.mark.parametrize("asked", ["zip=30303", "zip=30303&level=2.1", "population=women", "within=10"])
def test_an_address_with_it_is_led_to_one_without(client, near, asked):
    answer = client.get(f"/find/?{asked}")
    assert answer.status_code == 302
    assert answer["Location"] in ("/find/", "/find/?level=2.1")


@pytest.mark.parametrize(
    ("zip_code", "problem"),
    [
        ("00000", "unknown"),
        ("letters", "shape"),
        ("3030", "shape"),
        ("30303-12", "shape"),
        ("<script>", "shape"),
        ("9" * 5000, "shape"),
        ("09012", "military"),
        ("11805", "not_placed"),
        ("😀", "shape"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_wrong_zip_code_gets_a_sentence_and_the_list_stays(client, near, zip_code, problem, language):
    answer = client.post("/find/" if language == "en" else "/es/find/", {"zip": zip_code, "within": "10"})
    assert answer.status_code == 422
    assert load("find", language)["zips"][problem] in words(answer)
    assert "Evening IOP, Peachtree" in words(answer)
    assert "<script>" not in re.sub(r"<script[^>]*src=", "", answer.content.decode())


def test_a_distance_without_a_zip_code_asks_for_one(client, near):
    answer = client.post("/find/", {"zip": "", "within": "10"})
    assert answer.status_code == 422
    assert "Give a ZIP code too." in words(answer)


@pytest.mark.parametrize("zip_code", ["30303-1234", " 30303 ", "00907", "３０３０３"])
def test_zip_plus_four_and_puerto_rico_are_places(client, near, zip_code):
    assert client.post("/find/", {"zip": zip_code}).status_code == 200


def test_none_near_shows_the_nearest_and_video_in_the_state(client, far):
    page = words(client.post("/find/", {"zip": "30901", "within": "10"}))  # Augusta
    assert "There is none within 10 miles. These are the nearest ones." in page
    assert "Evening IOP, Peachtree" in page
    page = words(client.post("/find/", {"zip": "30303", "within": "10"}))
    assert "By video in your state" in page
    assert "Video IOP, Savannah" in page


def test_none_that_fits_says_what_to_do(client, far):
    page = words(client.get("/find/?video=1&language=es"))
    assert "No program fits everything you chose." in page
    assert "404-555-0111" in page


def test_without_any_program_the_page_still_helps(client, site):
    page = words(client.get("/find/"))
    assert "No program is shown here yet." in page
    assert "404-555-0111" in page


def test_the_map_is_drawn_here_and_every_mark_says_where_it_leads(client, far):
    page = client.post("/find/", {"zip": "30303"}).content.decode()
    labels = [unescape(label) for label in re.findall(r'<a href="#place-\d" aria-label="([^"]*)"', page)]
    assert labels[0] == "1: Peachtree, less than 1 mile to the north"
    assert re.fullmatch(r"2: Savannah, 22\d miles to the southeast", labels[1])
    assert [page.count(f'id="place-{n}"') for n in (1, 2)] == [1, 1]
    assert not re.search(r'(src|href)="https?://(?!www\.weather\.gov)', page)
    assert " style=" not in page


def test_one_place_alone_needs_no_map_until_somebody_says_from_where(client, near):
    assert "<svg viewBox" not in re.sub(
        r"<header.*?</header>", "", client.get("/find/").content.decode(), flags=re.S
    )
    assert "place-1" in client.post("/find/", {"zip": "30303"}).content.decode()


def test_a_program_s_page_says_all_that_is_published(client, far, near):
    page = words(client.get(f"/find/{near.pk}/"))
    for said in (
        "Evening IOP, Peachtree", "Three evenings a week.", "Thursday, March 19", "9 to 12 hours a week",
        "3 to 5 days a week", "about 12 weeks", "Women", "English and Spanish",
        "Monday, Tuesday and Thursday, 6:00 pm to 9:00 pm", "Skills groups", "Blue Lake Health", "404-555-0111",
        "12 Peachtree St 30303", "Monday to Friday",
    ):  # fmt: skip
        assert said in page
    assert "Specimen Lane" not in page


def test_a_program_s_page_in_spanish_says_which_words_are_english(client, far, near):
    page = words(client.get(f"/es/find/{near.pk}/"))
    assert "Tres noches por semana." in page
    assert "Lunes, martes y jueves, 6:00 p. m. a 9:00 p. m." in page
    assert '<p class="lead said" lang="en">By video.' in client.get(f"/es/find/{far.pk}/").content.decode()


def test_drafts_and_unknown_programs_are_alike_not_found(client, near):
    other = make_program(near.site, name="Draft IOP")
    assert client.get(f"/find/{other.pk}/").status_code == 404
    publish(other, published=False)
    assert client.get(f"/find/{other.pk}/").status_code == 404
    assert client.get("/find/999999/").status_code == 404
    assert "Draft IOP" not in words(client.get("/find/"))
    publish(other)
    assert client.get(f"/find/{other.pk}/").status_code == 200


def test_no_page_counts_seats_or_names_anybody(client, near):
    patient = make_patient(near.site, "Quokka", "Wallaby")
    for address in ("/find/", f"/find/{near.pk}/"):
        page = words(client.get(address))
        assert not re.search(r"\d+ (free )?seats?\b|\d+/\d+", page)
        assert patient.given_name not in page


@pytest.mark.parametrize("address", PAGES)
def test_the_pages_are_kept_in_caches_and_set_no_cookie(client, near, address):
    for each in (address, f"{address}{near.pk}/"):
        assert client.get(each)["Cache-Control"] == "public, max-age=300"
    client.post(address, {"zip": "30303"})
    assert dict(client.cookies) == {}


def test_the_number_of_statements_is_fixed(client, far, django_assert_num_queries):
    with django_assert_num_queries(7):
        client.get("/find/")
    for number in range(3):
        more = make_program(place(make_site(f"More {number}"), "30030"))
        publish(more)
    with django_assert_num_queries(7):
        assert len(client.post("/find/", {"zip": "30303"}).content) < 60_000
    with django_assert_num_queries(7):
        client.get(f"/find/{far.pk}/")


@pytest.mark.parametrize("address", ["/find/", "/es/find/"])
def test_a_window_title_gives_nobody_away(client, near, address):
    for each in (address, f"{address}{near.pk}/"):
        title = re.search(r"<title>(.*?)</title>", client.get(each).content.decode(), re.S)[1]
        assert not re.search(r"(?i)help|ayuda|treatment|recovery|outpatient|ambulatorio|IOP", title)


def test_every_code_that_can_be_shown_has_words_in_both_languages():
    from stepwell.clinic.people.rules import languages
    from stepwell.clinic.people.rules.places import Compass, ZipProblem
    from stepwell.clinic.placement.rules import offered_levels
    from stepwell.clinic.plan.rules import Kind
    from stepwell.clinic.timetable.models import TrackKind
    from stepwell.clinic.timetable.rules.finding import Hint, populations

    for language in ("en", "es"):
        text = load("find", language)
        assert set(text["populations"]) == set(populations())
        assert set(text["languages"]) == set(languages()) - {"other"}
        assert set(text["tracks"]) == set(TrackKind.values)
        assert set(text["towards"]) == set(Compass)
        assert set(text["zips"]) == {*ZipProblem, "needed"}
        assert set(text["hints"]) == set(Hint)
        assert set(text["therapies"]) == set(Kind)
        assert set(text["levels"]) == set(text["level_names"]) == {level.value for level in offered_levels()}
