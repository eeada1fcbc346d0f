"""What the public reads of the programs: who may write it, what is refused, and that no patient shows through."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.models import Occurrence, Program, ProgramListing, Track
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, actor, make_room, make_site, make_staff

pytestmark = pytest.mark.django_db
WORDS = {"words_en": "Three evenings a week.", "words_es": "Tres noches por semana."}


def make_program(site: Site, **facts) -> Program:
    """Nine hours on three evenings, its rows made; eight seats."""
    facts = {"name": "Evening IOP", "level": "2.1", "minutes_least": 540, "minutes_most": 720, **facts}
    director = actor(make_staff(site, Role.DIRECTOR))
    program = actions.set_up_program(by=director, at=NOW, site=site, **facts)
    track = actions.set_up_track(by=director, at=NOW, program=program, name="Evening", kind="evening")
    make_group(
        site, meets=((0, time(18)), (1, time(18)), (3, time(18))), minutes=180, tracks=[track], capacity=8
    )
    return program


def place(site: Site, zip_code: str = "30303") -> Site:
    return people.place_site(
        by=actor(make_staff(site, Role.SYSTEM_ADMIN)), at=NOW, site=site, zip_code=zip_code
    )


def publish(program: Program, **facts) -> ProgramListing:
    return actions.list_program(
        by=actor(make_staff(program.site, Role.DIRECTOR)),
        at=NOW,
        program=program,
        **{"words": WORDS, "published": True, **facts},
    )


@pytest.fixture
def program() -> Program:
    return make_program(place(make_site("Peachtree", phone="404-555-0111")))


def test_a_listing_is_kept_with_who_and_when_and_one_entry(program):
    payer = Payer.objects.create(name="Blue Lake Health", kind="commercial")
    row = publish(program, populations=["women"], languages=["es", "en"], insurers=[payer])
    assert (row.published, row.words_en, row.populations, row.languages) == (
        True,
        "Three evenings a week.",
        ["women"],
        ["en", "es"],
    )
    assert list(row.insurers.all()) == [payer]
    entry = Entry.objects.get(action="timetable.list_program")
    assert entry.detail == {
        "changed": ["languages", "populations", "published", "words_en", "words_es", "insurers"],
        "published": True,
    }
    publish(program, populations=["women"], languages=["es", "en"], insurers=[payer])
    assert Entry.objects.filter(action="timetable.list_program").last().detail["changed"] == []


@pytest.mark.parametrize(
    "role", sorted(set(Role) - {Role.DIRECTOR, Role.SYSTEM_ADMIN, Role.PATIENT, Role.FAMILY})
)
def test_only_director_and_system_administrator_write_for_the_public(program, role):
    with pytest.raises(Denied, match="Your role does not include"):
        actions.list_program(by=actor(make_staff(program.site, role)), at=NOW, program=program, words=WORDS)
    with pytest.raises(Denied, match="Your role does not include"):
        people.place_site(
            by=actor(make_staff(program.site, role)), at=NOW, site=program.site, zip_code="30303"
        )
    assert not ProgramListing.objects.exists()


def test_another_site_s_director_may_not_either(program):
    with pytest.raises(Denied):
        actions.list_program(
            by=actor(make_staff(make_site(), Role.DIRECTOR)), at=NOW, program=program, words=WORDS
        )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"words": {"words_en": " "}}, "Say in English what the program is"),
        ({"words": {**WORDS, "level": "3.5"}}, "Only the public's words"),
        ({"populations": ["nobody"]}, "Choose only from the lists"),
        ({"languages": ["xx"]}, "Choose only from the lists"),
        ({"tracks": [10**6]}, "Choose only tracks of this program"),
    ],
)
def test_what_is_wrong_is_refused_in_a_sentence_and_nothing_is_saved(program, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        publish(program, **facts)
    assert not ProgramListing.objects.exists()


def test_a_program_of_a_site_without_a_zip_code_is_not_published():
    program = make_program(make_site("Nowhere"))
    with pytest.raises(Refused, match="Nowhere has no ZIP code yet"):
        publish(program)


def test_a_zip_code_places_the_site_and_an_empty_one_takes_it_off_the_map():
    site = place(make_site(), "30303-1234")
    assert (site.zip_code, site.state, site.latitude, site.longitude) == ("30303", "GA", 33.7525, -84.3888)
    assert Entry.objects.filter(action="people.place_site").count() == 1
    assert (place(site, "").latitude, site.pk) == (None, site.pk)


@pytest.mark.parametrize(
    ("zip_code", "sentence"),
    [
        ("3030", "five digits"),
        ("00000", "not in the list"),
        ("09012", "military mail"),
        ("11805", "Nobody knows where"),
    ],
)
def test_a_wrong_zip_code_is_refused(zip_code, sentence):
    site = make_site()
    with pytest.raises(Refused, match=sentence):
        place(site, zip_code)
    assert Site.objects.get(pk=site.pk).zip_code == ""


def test_the_public_reads_words_week_and_next_start(program):
    publish(program, languages=["en"])
    [found] = queries.published_programs(NOW)
    assert (found.name, found.site.name, found.languages, found.therapies, found.video) == (
        "Evening IOP",
        "Peachtree",
        ("en",),
        ("skills",),
        False,
    )
    assert [(m.weekday, m.starts_at, m.minutes) for m in found.tracks[0].meets] == [
        (0, time(18), 180), (1, time(18), 180), (3, time(18), 180),
    ]  # fmt: skip
    assert found.starts_on == date(2026, 3, 19), "the first session after today"
    assert found == queries.published_program(NOW, program.pk)


@pytest.mark.parametrize("published", [False, None])
def test_a_draft_and_a_program_without_words_are_not_there(program, published):
    if published is not None:
        publish(program, published=published)
    assert queries.published_programs(NOW) == []
    with pytest.raises(ProgramListing.DoesNotExist):
        queries.published_program(NOW, program.pk)


def test_a_track_that_is_not_listed_is_not_shown(program):
    publish(program, tracks=[])
    assert queries.published_programs(NOW)[0].tracks == ()
    publish(program, tracks=[Track.objects.get().pk])
    assert queries.published_programs(NOW)[0].tracks[0].kind == "evening"


def test_a_full_group_gives_no_day_and_no_number():
    program = make_program(place(make_site()))
    publish(program)
    Occurrence.objects.update(capacity=1)
    patient = admitted(program.site)
    group = Occurrence.objects.first().group
    actions.enroll(
        by=actor(make_staff(program.site, Role.ADMISSIONS)),
        at=NOW,
        patient=patient,
        group=group,
        starts_on=date(2026, 3, 18),
    )
    [found] = queries.published_programs(NOW)
    assert found.starts_on is None
    said = repr(found)
    assert "free" not in said
    assert "capacity" not in said
    assert patient.family_name not in said


def test_cancelled_sessions_have_no_seat(program):
    publish(program)
    Occurrence.objects.update(cancelled_at=NOW, cancelled_because="Snow")
    [found] = queries.published_programs(NOW)
    assert (found.starts_on, found.tracks[0].meets) == (None, ())


def test_no_statement_is_added_by_more_programs_groups_or_seats(program):
    publish(program)
    with CaptureQueriesContext(
        connection,
    ) as few:
        queries.published_programs(NOW)
    payer = Payer.objects.create(name="Blue Lake Health", kind="commercial")
    for number in range(4):
        more = make_program(place(make_site(), "30030"), name=f"IOP {number}")
        publish(more, insurers=[payer])
        make_group(more.site, tracks=list(more.tracks.all()), room=make_room(more.site))
    with CaptureQueriesContext(connection) as many:
        assert len(queries.published_programs(NOW)) == 5
    assert (len(few), len(many)) == (5, 5)


def test_the_desk_sees_the_programs_of_its_own_sites_only(program):
    publish(program)
    here = actor(make_staff(program.site, Role.SYSTEM_ADMIN))
    there = actor(make_staff(make_site(), Role.DIRECTOR))
    assert [site.name for site in queries.listed_sites(here)] == ["Peachtree"]
    assert queries.listing_of(queries.program_to_list(here, program.pk)).published
    with pytest.raises(Program.DoesNotExist):
        queries.program_to_list(there, program.pk)
    with pytest.raises(Site.DoesNotExist):
        queries.listed_site(there, program.site_id)
