"""Every component renders in every state under strict undefined names, and escapes what it is given."""

from pathlib import Path

import pytest
from django import forms
from jinja2 import FileSystemLoader, UndefinedError

import stepwell
from stepwell.ui.drawings import MARKS
from stepwell.ui.jinja import environment

ROOT = Path(stepwell.__file__).parent
ENV = environment(loader=FileSystemLoader(ROOT))
IMPORT = '{% import "ui/components/all.html" as ui %}'


def render(source, **context):
    return ENV.from_string(IMPORT + source).render(**context).strip()


class Intake(forms.Form):
    name = forms.CharField(help_text="As on the card.")
    track = forms.ChoiceField(choices=[("day", "Day"), ("evening", "Evening")], widget=forms.RadioSelect)
    barriers = forms.MultipleChoiceField(
        choices=[("ride", "No ride")], widget=forms.CheckboxSelectMultiple, required=False
    )
    seen = forms.SplitDateTimeField(required=False)
    born = forms.DateField(widget=forms.SelectDateWidget)
    letter = forms.FileField(required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)
    payer = forms.ChoiceField(choices=[("1", "Blue Ridge")])
    agree = forms.BooleanField()
    token = forms.CharField(widget=forms.HiddenInput)


def test_a_field_ties_its_help_and_its_error_to_the_control():
    html = render("{{ ui.field(f) }}", f=Intake({})["name"])
    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert '<p class="help" id="id_name_helptext">As on the card.</p>' in html
    assert 'id="id_name_error" role="alert"' in html
    assert 'aria-invalid="true"' in html


def test_a_hint_takes_the_place_of_the_help():
    html = render('{{ ui.field(f, hint="First and last.", width="s") }}', f=Intake()["name"])
    assert "First and last." in html
    assert "As on the card." not in html
    assert 'class="field width-s"' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend():
    html = render("{{ ui.field(f) }}", f=Intake({})["track"])
    assert "<fieldset" in html
    assert "<legend>Track</legend>" in html
    assert html.count('type="radio"') == 2


@pytest.mark.parametrize("name", Intake.base_fields)
@pytest.mark.parametrize("data", [None, {}])
def test_every_widget_renders_fresh_and_refused(name, data):
    assert f'name="{name}' in render("{{ ui.field(f) }}", f=Intake(data)[name])


def test_the_summary_of_errors_says_that_nothing_was_lost_and_leads_to_each_field():
    html = render(
        "{{ ui.errors(f) }}",
        f=Intake({"name": "Ana", "track": "day", "born_day": "1", "payer": "1", "token": "x"}),
    )
    assert "This was not saved yet." in html
    assert "2 answers need another look" in html
    assert '<a href="#id_agree">Agree</a>' in html
    assert "What you typed is still here." in html


def test_a_form_without_errors_has_no_summary():
    assert render("{{ ui.errors(f) }}", f=Intake()) == ""


def test_a_form_that_asks_first():
    html = render('{% call ui.form("/x", "T", confirm="Discharge \\"Ana\\"?") %}body{% endcall %}')
    assert '<sw-confirm data-question="Discharge &#34;Ana&#34;?"' in html
    assert "<sw-once><form" in html


def test_a_get_form_carries_no_token():
    assert "SECRET" not in render('{% call ui.form("/x", "SECRET", method="get") %}{% endcall %}')


def test_a_button_that_may_not_be_pressed_says_why():
    html = render(
        '{{ ui.button("Edit", disabled_because="The note is signed.") }}{{ ui.button("Edit", disabled_because="The note is signed.") }}'
    )
    ids = [part.split('"')[0] for part in html.split('aria-describedby="')[1:]]
    assert len(set(ids)) == 2
    assert all(f'id="{one}" role="tooltip">The note is signed.' in html for one in ids)
    assert html.count('aria-disabled="true"') == 2
    assert 'type="submit"' not in html


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{{ ui.button("Go") }}', '<button class="button plain" type="submit"><span>Go</span></button>'),
        (
            '{{ ui.button("Go", name="do", value=0, kind="danger", small=True, attrs={"hx-post": "/a"}) }}',
            '<button class="button danger small" type="submit" name="do" value="0" hx-post="/a"><span>Go</span></button>',
        ),
        (
            '{{ ui.button("<b>", href="/a?b=1&c=2") }}',
            '<a class="button plain" href="/a?b=1&amp;c=2"><span>&lt;b&gt;</span></a>',
        ),
    ],
)
def test_buttons(source, expected):
    assert render(source) == expected


@pytest.mark.parametrize("tone", ["info", "warn", "bad", "good"])
def test_notices_speak_with_text_or_with_a_body(tone):
    assert "&lt;b&gt;" in render('{{ ui.notice("<b>", tone=t) }}', t=tone)
    html = render('{% call ui.notice(tone=t, title="Short.") %}<a href="/mend">Mend</a>{% endcall %}', t=tone)
    assert '<strong>Short.</strong> <a href="/mend">Mend</a>' in html
    assert (f'role="{"alert" if tone == "bad" else "status"}"') in html


@pytest.mark.parametrize("mark", MARKS)
def test_a_status_is_a_word_and_a_shape(mark):
    html = render('{{ ui.status("late", "warn", mark=m) }}', m=mark)
    assert html.startswith('<span class="status warn"><svg class="mark"')
    assert html.endswith("late</span>")


def test_a_table_without_rows_says_so():
    assert (
        render('{% call ui.table(["Name"], empty="No reviews are due.") %}\n  {% endcall %}')
        == '<p class="nothing">No reviews are due.</p>'
    )


def test_cells_carry_the_name_of_their_column():
    html = render('{{ ui.table(["Name", {"label": "Hours", "num": true}], rows=[["Ana", 3]]) }}')
    assert '<td role="cell" data-label="Name">Ana</td>' in html
    assert '<td role="cell" data-label="Hours" class="num">3</td>' in html


def test_the_well_reads_aloud_what_it_draws():
    html = render('{{ ui.well(540, 270, 180, 90, name="Ana R.") }}')
    assert 'aria-label="7.5 h of 9 h, at risk: 4.5 h delivered, 3 h booked, 1.5 h at risk"' in html
    assert '<span class="well-word warn">at risk</span>' in html


@pytest.mark.parametrize("state", ["done", "now", "ahead", "missed", "gone"])
@pytest.mark.parametrize("macro", ["steps", "week_steps"])
def test_every_step_says_its_state(macro, state):
    html = render("{{ ui." + macro + '([{"label": "IOP", "state": s}]) }}', s=state)
    assert f'<li class="{state}"' in html
    assert ("aria-current" in html) == (state == "now")


def test_a_step_in_an_unknown_state_is_a_mistake():
    with pytest.raises(UndefinedError):
        render('{{ ui.steps([{"label": "IOP", "state": "perhaps"}]) }}')


def test_chosen_chips_are_checked():
    html = render('{{ ui.chips(["Low", ("hi", "High")], "mood", ["hi"], type="checkbox", legend="Mood") }}')
    assert '<input type="checkbox" name="mood" value="hi" checked>' in html
    assert html.count("checked>") == 1


def test_the_board_is_one_list_that_reads_well_aloud():
    days = [
        {
            "label": "Wed 25",
            "today": True,
            "blocks": [{"start_minute": 1080, "minutes": 90, "title": "CBT", "href": "/s/1"}],
        },
        {"label": "Thu 26", "blocks": []},
    ]
    html = render("{{ ui.week_board(days) }}", days=days)
    assert '<li class="board-place r-120 s-18 c-0 w-12">' in html
    assert '<a class="session-title" href="/s/1">CBT</a>' in html
    assert "6:00 – 7:30 pm" in html
    assert "No sessions" in html
    assert "style=" not in html


@pytest.mark.parametrize(
    "source",
    [
        '{{ ui.tabs([{"label": "Notes", "url": "/n"}]) }}',
        '{{ ui.stat(1, "note") }}',
        "{% call ui.card() %}x{% endcall %}",
        '{{ ui.facts([("a", none)]) }}',
        '{{ ui.person("Ana") }}',
        '{{ ui.empty("Nothing") }}',
        '{{ ui.timeline([{"at": "Mon", "title": "Came"}]) }}',
        '{{ ui.pager() }}{{ ui.pager("/o", "/n") }}',
        '{{ ui.crumb("Patients", "/p") }}',
        '{% call ui.details("More") %}x{% endcall %}',
        '{{ ui.gauge(1, 2, 3) }}{{ ui.gauge(1, 2, 3, "h", name="A", detail="b", word="soon", tone="warn", href="/") }}',
        "{{ ui.well_key() }}{{ ui.seats(1, 2) }}",
        '{{ ui.search("/p") }}',
        '{% call ui.actions("end") %}{% endcall %}',
        '{{ ui.session_block("CBT") }}{{ ui.session_block("CBT", state="clash") }}{{ ui.session_block("CBT", proposal=True) }}',
        '{{ ui.chart("svg", "Scores", ["Week", "PHQ-9"], [["Oct 5", none]]) }}',
    ],
)
def test_components_need_only_what_they_say(source):
    assert isinstance(render(source), str)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_nothing_at_all(name):
    html = ENV.get_template(f"ui/errors/{name}.html").render()
    assert '<main id="main"' in html
    assert "othing was" in html or "is safe" in html


def test_the_staff_page_draws_its_rail():
    who = {"name": "N. Okafor"}
    html = ENV.get_template("ui/staff.html").render(
        rail=[{"label": "Today", "url": "/", "current": True}, {"label": "Notes", "url": "/n", "count": 3}],
        who=who,
    )
    assert '<a href="/" aria-current="page"><span>Today</span></a>' in html
    assert '<span class="count">3<span class="unseen"> waiting</span></span>' in html
    assert '<p class="subtitle"></p>' in html
    assert '<aside class="work-aside"></aside>' in html


def test_the_pocket_keeps_help_one_tap_away_and_its_title_neutral():
    dock = [{"label": "Today", "url": "/"}, {"label": "I need help now", "url": "/help", "help": True}]
    html = ENV.get_template("ui/patient.html").render(dock=dock)
    assert '<li class="help"><a href="/help"><span>I need help now</span></a></li>' in html
    assert "<title>Today</title>" in html


def test_htmx_neither_evaluates_nor_keeps_pages():
    html = ENV.get_template("ui/plain.html").render()
    assert "&#34;allowEval&#34;: false" in html
    assert "&#34;historyCacheSize&#34;: 0" in html
    assert "&#34;selfRequestsOnly&#34;: true" in html
