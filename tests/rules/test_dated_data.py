"""Every number and list of the field is data with a date and a source, in whichever step it stands."""

import json
import re
import tomllib
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "stepwell"
FILES = sorted(p for p in SOURCE.glob("**/data/**/*") if p.suffix in (".json", ".toml"))


def test_there_is_such_data():
    assert len(FILES) > 40


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_data_file_says_from_when_it_holds_and_where_it_comes_from(path):
    text = path.read_text("utf-8")
    found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    assert isinstance(found, dict)
    said = json.dumps(found, default=str)  # a day in TOML is a day
    assert re.search(r'"sources?": ["\[{]', said), "no source"
    assert re.search(r'"[a-z_]+": "20\d\d-\d\d', said), "no date"
