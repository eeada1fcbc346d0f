"""The finder and the page of one program. Whoever asks, asks as the public; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.accounts.actor import Request
from stepwell.clinic.timetable.queries import PublicProgram, published_program, published_programs
from stepwell.clinic.timetable.rules.finding import Findings, Hit, find
from stepwell.front.content import load
from stepwell.front.find.asking import DAYS, MILES, PERSONAL, Asked, read
from stepwell.front.find.map import MOST_MARKS, middle_of, plan_map
from stepwell.front.find.week import blocks_of_week, therapies_said
from stepwell.front.languages import address_in, language_of
from stepwell.front.pages import page


# The form changes nothing and knows nobody, so a forged one does no harm; without the token's cookie the page
# stays the same for everybody and may be kept in caches.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def finder(request: Request) -> HttpResponse:
    """Programs that fit, as a list and on a map."""
    language = language_of(request)
    text = load("find", language)
    programs = published_programs(request.at)
    offered = _offered(programs, text)
    if request.method != "POST":
        if any(name in request.GET for name in PERSONAL):  # typed or made by hand: it does not stay there
            kept = {name: value for name, value in request.GET.items() if name not in PERSONAL}
            return _to_list(language, kept)
        asked = read(request.GET, offered)
    else:
        asked = read(request.POST, offered)
        if not asked.personal:
            return _to_list(language, asked.plain)
    today = request.at.astimezone(UTC).date()
    found = find([program.offer for program in programs], asked.sought, today)
    return page(
        request,
        "front/find/finder.html",
        {
            "asked": asked,
            "offered": offered,
            "found": found,
            "named": _named,
            **_drawn(programs, asked, found),
        },
        text="find",
        cacheable=request.method != "POST",
        status=422 if asked.problem else 200,
        kept_as="find",
    )


@require_safe
def program(request: Request, program_id: int) -> HttpResponse:
    """One program: hours, the week, therapies, family, languages, insurance, next start, where it is."""
    try:
        found = published_program(request.at, program_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    language = language_of(request)
    text = load("find", language)
    return page(
        request,
        "front/find/program.html",
        {
            "one": found,
            "own_words": _in_language(found.words, language),
            "family": _in_language(found.family, language),
            "directions": _in_language(
                {"en": found.site.directions_en, "es": found.site.directions_es}, language
            ),
            "tracks": [
                (track, text["tracks"][track.kind], blocks_of_week(track.meets)) for track in found.tracks
            ],
            "family_week": blocks_of_week(found.family_meets),
            "therapies": therapies_said(found.therapies, text),
            "named": _named,
            "cost": f"{address_in(language, 'cost')}?program={found.id}",
        },
        text="find",
        cacheable=True,
    )


def _to_list(language: str, plain: Mapping[str, Any]) -> HttpResponse:
    address = address_in(language, "find")
    return redirect(f"{address}?{urlencode(plain)}" if plain else address)


def _offered(programs: Sequence[PublicProgram], text: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The choices of each field: only what some program has, in the order of the content."""
    levels = {program.level for program in programs}
    tracks = {track.kind for program in programs for track in program.tracks}
    insurers = {pair for program in programs for pair in program.insurers}

    def some(words: Mapping[str, str], held: Iterable[str]) -> list[tuple[str, str]]:
        return [(code, said) for code, said in words.items() if code in set(held)]

    return {
        "within": [(str(miles), f"{miles}") for miles in MILES],
        "soon": [(str(days), text["days"].format(n=days)) for days in DAYS],
        "level": some(text["levels"], levels),
        "track": some(text["tracks"], tracks),
        "population": some(text["populations"], {code for p in programs for code in p.populations}),
        "language": some(text["languages"], {code for p in programs for code in p.languages}),
        "insurance": [(str(number), name) for number, name in sorted(insurers, key=lambda pair: pair[1])],
        "video": [("1", text["video"])] if any(program.video for program in programs) else [],
    }


def _drawn(programs: Sequence[PublicProgram], asked: Asked, found: Findings) -> dict[str, Any]:
    """The programs by id, a number for each site in the order of the list, its first program there, and the map."""
    by_id = {program.id: program for program in programs}
    hits: list[Hit] = [*found.hits, *found.nearest, *found.by_video]
    numbers: dict[int, int] = {}
    first: dict[int, int] = {}
    marked = []
    for hit in hits:
        site = by_id[hit.offer.id].site
        if site.pk not in numbers and hit.offer.spot is not None and len(numbers) < MOST_MARKS:
            first[hit.offer.id] = numbers[site.pk] = len(numbers) + 1
            marked.append((hit, site))
    spots = [hit.offer.spot for hit, _ in marked if hit.offer.spot is not None]
    place = asked.sought.place
    drawn = None
    if spots and (place is not None or len(spots) > 1):
        drawn = plan_map(place.spot if place else middle_of(spots), spots)
    return {"programs": by_id, "numbers": numbers, "first": first, "marked": marked, "map": drawn}


def _named(words: Mapping[str, str], codes: Iterable[str]) -> list[str]:
    """What the codes are called, in their order; a code without a name says itself."""
    return [words.get(code, code) for code in codes]


def _in_language(words: Mapping[str, str], language: str) -> tuple[str, str]:
    """(text, its language): the page's own, else the other one, which then says so."""
    if words[language].strip():
        return words[language], language
    other = next((code for code, said in words.items() if said.strip()), language)
    return words[other], other
