"""The pages in docs/operate say what the code does."""

import argparse
import re
from pathlib import Path

from stepwell.cli.commands import COMMANDS
from stepwell.project.settings_list import SETTINGS

OPERATE = Path(__file__).resolve().parents[2] / "docs" / "operate"
OF_THE_TESTS = {"STEPWELL_CHROMIUM", "STEPWELL_PICTURES", "STEPWELL_REQUIRE_BROWSER"}
"""Read by the tests alone."""


def rows(page: str) -> list[list[str]]:
    """The cells of every table row on a page, without heads and rules."""
    found = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in (OPERATE / page).read_text().splitlines()
        if line.startswith("|")
    ]
    return [row for row in found if row[0].startswith("`")]


def test_every_setting_is_documented_as_it_is():
    assert rows("settings.md") == [[f"`{one.name}`", one.default, one.what] for one in SETTINGS]


def test_every_setting_the_code_reads_is_in_the_table():
    project = Path(__file__).resolve().parents[2] / "src/stepwell/project"
    source = "".join((project / name).read_text() for name in ("environment.py", "outside.py"))
    read = set(re.findall(r'(?:given\.get\(|\bnumber\(given, )"([A-Z_]+)"', source))
    assert read == {one.name for one in SETTINGS}


def test_every_command_is_documented_as_it_is():
    assert [(row[0], row[1]) for row in rows("commands.md")] == [
        (f"`stepwell {name}`", module.HELP) for name, module in COMMANDS.items()
    ]


def test_every_option_of_a_command_is_on_its_page():
    page = (OPERATE / "commands.md").read_text()
    for name, module in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=name)
        module.arguments(parser)
        for option in options_of(parser):
            assert f"`{option}`" in page, f"{name} {option}"


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """The options of a command and of what it can do."""
    found = set()
    for action in parser._actions:
        found |= set(action.option_strings) - {"-h", "--help"}
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                found |= options_of(one)
    return found


def test_pages_name_only_settings_and_commands_that_exist():
    names, commands = {one.name for one in SETTINGS}, set(COMMANDS)
    for page in OPERATE.glob("*.md"):
        text = page.read_text()
        assert set(re.findall(r"\bSTEPWELL_[A-Z_]+", text)) <= names | OF_THE_TESTS, page.name
        assert set(re.findall(r"(?:`|^\s*|bin/)stepwell ([a-z][a-z-]+)", text, re.MULTILINE)) <= commands, (
            page.name
        )
