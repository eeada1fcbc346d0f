"""The rules of the look: no inline style or script, enough contrast, small elements, few files."""

import math
import re
from pathlib import Path

import pytest

import stepwell
from stepwell.ui import board

ROOT = Path(stepwell.__file__).parent
STATIC = ROOT / "ui/static/ui"
TEMPLATES = sorted(ROOT.rglob("*.html"))
INLINE = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "evaluated htmx": re.compile(r"hx-on|\bjs:", re.IGNORECASE),
}


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has(what):
    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if INLINE[what].search(path.read_text())] == []


def test_nothing_is_loaded_from_elsewhere():
    loaded = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+["']""")
    found = {
        address
        for path in TEMPLATES
        for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", path.read_text())
        for address in loaded.findall(tag)
    }
    assert found == set()
    assert [
        path.name
        for path in STATIC.glob("*.css")
        if re.search(r"url\([\"']?(?:https?:)?//", path.read_text())
    ] == []


def test_the_board_stylesheet_is_what_the_code_says():
    assert (STATIC / "board.css").read_text() == board.stylesheet()


@pytest.mark.parametrize("path", sorted((STATIC / "elements").glob("*.js")), ids=lambda path: path.name)
def test_an_element_is_one_small_file(path):
    text = path.read_text()
    assert len(text.splitlines()) < 150
    assert f'customElements.define("{path.stem}"' in text
    assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b", text)


def test_every_typeface_comes_with_its_licence():
    families = {re.split(r"-latin", path.name)[0] for path in (STATIC / "fonts").glob("*.woff2")}
    assert families == {"atkinson-hyperlegible-next", "newsreader"}
    for family in families:
        assert "SIL Open Font License" in (STATIC / f"fonts/{family}-OFL.txt").read_text()


# -- contrast, computed from the tokens (WCAG 2.2, relative luminance; OKLCH to sRGB by Ottosson's matrices) --

OKLCH = r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)"


def tokens():
    found = {}
    for name, value in re.findall(r"--([\w-]+): (.+?);", (STATIC / "ground.css").read_text()):
        colours = [tuple(float(part) for part in colour) for colour in re.findall(OKLCH, value)]
        if colours:
            found[name] = (colours[0], colours[-1])
    return found


def luminance(colour):
    lightness, chroma, hue = colour[0] / 100, colour[1], math.radians(colour[2])
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    clipped = [min(1.0, max(0.0, part)) for part in (red, green, blue)]
    return 0.2126 * clipped[0] + 0.7152 * clipped[1] + 0.0722 * clipped[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


SURFACES = ("paper", "sheet", "sunk")
TEXT_ON = [
    *[
        (ink, surface)
        for ink in ("ink", "soft", "water", "water-deep", "bad", "good", "warn-ink")
        for surface in SURFACES
    ],
    *[(ink, wash) for ink in ("ink", "soft") for wash in ("wash", "warn-wash", "bad-wash", "good-wash")],
    *[("water", wash) for wash in ("wash", "warn-wash", "bad-wash", "good-wash")],
    *[("water-deep", wash) for wash in ("wash", "warn-wash", "bad-wash", "good-wash")],
    ("warn-ink", "warn-wash"),
    ("bad", "bad-wash"),
    ("good", "good-wash"),
    ("warn", "paper"),
    ("warn", "sheet"),
    ("on-water", "water"),
    ("on-water", "water-deep"),
    ("on-bad", "bad-fill"),
    ("paper", "ink"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "surface"), TEXT_ON)
def test_text_stands_out_from_its_surface(theme, ink, surface):
    found = tokens()
    assert contrast(found[ink][theme], found[surface][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", ["paper", "sheet", "sunk"])
def test_the_edge_of_a_control_can_be_seen(theme, surface):
    found = tokens()
    assert contrast(found["edge"][theme], found[surface][theme]) >= 3


HUES = re.findall(
    r"\.k-(\w+) \{ --hue: (\d+); --chroma: ([\d.]+); \}", (STATIC / "components.css").read_text()
)
SESSION = re.findall(
    r"--(fill|stripe|dot|deep): light-dark\(oklch\(([\d.]+)% calc\(([\d.]+) .+?oklch\(([\d.]+)% calc\(([\d.]+) ",
    (STATIC / "components.css").read_text(),
)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("kind", "hue", "strength"), HUES)
def test_words_on_every_kind_of_session_can_be_read(kind, hue, strength, theme):
    colour = {
        name: (
            (float(light), float(light_chroma) * float(strength), float(hue)),
            (float(dark), float(dark_chroma) * float(strength), float(hue)),
        )[theme]
        for name, light, light_chroma, dark, dark_chroma in SESSION
    }
    assert set(colour) == {"fill", "stripe", "dot", "deep"}
    line = ((42, 0.02, 235), (80, 0.015, 235))[theme]
    for ground in ("fill", "stripe"):
        assert contrast(colour["deep"], colour[ground]) >= 4.5
        assert contrast(line, colour[ground]) >= 4.5
    assert contrast(colour["dot"], colour["fill"]) >= 3


def test_every_kind_of_session_has_its_hue():
    assert {kind for kind, _, _ in HUES} == {*board.KINDS, "other"}
