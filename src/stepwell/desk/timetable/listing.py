"""What the public reads of the programs: words, languages, whom it is for, insurance, where it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.coverage.queries import payers
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.rules import languages
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.rules.finding import populations
from stepwell.desk.pages import refusals_on, render, staff_page

_WORDS = ("words_en", "words_es", "family_en", "family_es")


class ListingForm(forms.Form):
    published = forms.BooleanField(
        label="Published", required=False, help_text="The public finds it under “Find a program”."
    )
    words_en = forms.CharField(
        label="What it is, in English",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Two or three plain sentences. Hours, days and therapies come from the timetable by themselves.",
    )
    words_es = forms.CharField(
        label="What it is, in Spanish",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "es"}),
        help_text="Left empty, the Spanish page shows the English words.",
    )
    family_en = forms.CharField(
        label="How the family takes part, in English",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    family_es = forms.CharField(
        label="How the family takes part, in Spanish",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "es"}),
    )
    tracks = forms.TypedMultipleChoiceField(
        label="Tracks that are shown", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    populations = forms.MultipleChoiceField(
        label="Made for",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: for everybody.",
    )
    languages = forms.MultipleChoiceField(
        label="Languages spoken with patients", required=False, widget=forms.CheckboxSelectMultiple
    )
    insurers = forms.TypedMultipleChoiceField(
        label="Insurance accepted", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, program: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: dict[str, Any] = self.fields
        self.payers = {payer.pk: payer for payer in payers()}
        named["tracks"].choices = [(t.pk, f"{t.name} ({t.get_kind_display()})") for t in program.tracks.all()]
        named["populations"].choices = list(populations().items())
        named["languages"].choices = [pair for pair in languages().items() if pair[0] != "other"]
        named["insurers"].choices = [(pk, payer.name) for pk, payer in self.payers.items()]
        for name in ("tracks", "insurers"):
            if not named[name].choices:
                del self.fields[name]


class PlaceForm(forms.Form):
    zip_code = forms.CharField(
        label="ZIP code",
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Distances are counted from the middle of its area.",
    )
    directions_en = forms.CharField(
        label="How to get there, in English",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Bus and train, parking, which door, which floor, without steps or with.",
    )
    directions_es = forms.CharField(
        label="How to get there, in Spanish",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "es"}),
    )


@staff_page(P.LISTING_MANAGE)
def listings(request: Request) -> HttpResponse:
    """Every program of one's sites, and whether the public finds it."""
    sites = [
        (site, [(p, level_words(p.level), queries.listing_of(p)) for p in site.programs.all()])
        for site in queries.listed_sites(request.actor)
    ]
    return render(
        request,
        "desk/timetable/listings.html",
        {
            "sites": sites,
            "unplaced": [site for site, _ in sites if not site.zip_code],
            "finder": reverse("front:find"),
        },
    )


@staff_page(P.LISTING_MANAGE)
def listing(request: Request, program_id: int) -> HttpResponse:
    """What the public reads of one program."""
    program = queries.program_to_list(request.actor, program_id)
    form = ListingForm(request.POST or None, program=program, initial=_initial(program))
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        with refusals_on(form):
            kept = actions.list_program(
                by=request.actor,
                at=request.at,
                program=program,
                words={name: got[name] for name in _WORDS},
                populations=got["populations"],
                languages=got["languages"],
                insurers=[form.payers[pk] for pk in got.get("insurers", ())],
                tracks=got.get("tracks"),
                published=got["published"],
            )
            messages.success(
                request,
                "Saved. The public finds it now." if kept.published else "Saved. The public does not see it.",
            )
            return redirect("desk:listing", program_id)
    return render(
        request,
        "desk/timetable/listing.html",
        {
            "program": program,
            "level": level_words(program.level),
            "form": form,
            "listing": queries.listing_of(program),
        },
    )


@staff_page(P.LISTING_MANAGE)
def site_place(request: Request, number: int) -> HttpResponse:
    """Where a site is, for distances and in words."""
    site = queries.listed_site(request.actor, number)
    named = ("zip_code", "directions_en", "directions_es")
    form = PlaceForm(request.POST or None, initial={name: getattr(site, name) for name in named})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            people.place_site(by=request.actor, at=request.at, site=site, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("desk:listings")
    return render(request, "desk/timetable/site_place.html", {"site": site, "form": form})


def _initial(program: Any) -> dict[str, Any]:
    shown = [track.pk for track in program.tracks.all() if track.listed]
    row = queries.listing_of(program)
    if row is None:
        return {"tracks": shown, "languages": ["en"]}
    plain = ("published", *_WORDS, "populations", "languages")
    return {
        **{name: getattr(row, name) for name in plain},
        "tracks": shown,
        "insurers": [payer.pk for payer in row.insurers.all()],
    }
