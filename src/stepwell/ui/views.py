"""The gallery: every component with its states, open in a demo or while debugging only."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from stepwell.ui import samples
from stepwell.ui.weekly_times import WeeklyTimes

PAGES = ("week", "pocket", "public", "sheet")


class SampleForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(help_text="As on the insurance card.")
    born = forms.DateField(label="Date of birth", widget=forms.DateInput(attrs={"type": "date"}))
    track = forms.ChoiceField(choices=[("day", "Day"), ("evening", "Evening")])
    level = forms.ChoiceField(
        label="Where to meet", choices=[("room", "On site"), ("video", "By video")], widget=forms.RadioSelect
    )
    barriers = forms.MultipleChoiceField(
        label="What makes it hard to come",
        choices=[("ride", "No ride"), ("child", "Childcare"), ("work", "Work shifts")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    seen = forms.SplitDateTimeField(label="Last seen", required=False)
    letter = forms.FileField(label="Letter", required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agree = forms.BooleanField(label="I have read this with the patient")


def _only_in_demo() -> None:
    if not (settings.DEBUG or getattr(settings, "STEPWELL_DEMO", False)):
        raise Http404


def _times(theme: str) -> list[tuple[str, WeeklyTimes]]:
    """A week as a patient gives it, as staff have it, and one that was refused."""
    wrong = WeeklyTimes(
        QueryDict("t0-0-from=17:00&t1-0-from=25:00&t1-0-to=18:00"), auto_id=f"{theme}_wrong_%s"
    )
    return [
        ("As a patient gives it", WeeklyTimes(times=samples.TIMES, auto_id=f"{theme}_own_%s")),
        ("As staff have it", WeeklyTimes(times=samples.TIMES, simple=True, auto_id=f"{theme}_staff_%s")),
        ("Refused", wrong),
    ]


def gallery(request: HttpRequest) -> HttpResponse:
    """All components, light beside dark."""
    _only_in_demo()
    context = {
        **samples.gallery(),
        "fresh": SampleForm(auto_id="new_%s"),
        "refused": SampleForm({"name": "", "track": "day"}, auto_id="bad_%s"),
        "times": {theme: _times(theme) for theme in ("light", "dark")},
    }
    return render(request, "ui/gallery/components.html", context)


def gallery_page(request: HttpRequest, part: str) -> HttpResponse:
    """One whole page as a surface would build it: the week, a pocket page, the public page, a sheet."""
    _only_in_demo()
    if part not in PAGES:
        raise Http404
    return render(request, f"ui/gallery/{part}.html", samples.page(part))
