"""What the page about the level of care says is what the program does."""

from __future__ import annotations

from pathlib import Path

from stepwell.clinic.placement.rules import default_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "placement.md"


def test_every_rule_of_the_table_is_on_the_page_in_its_order():
    rows = [line.split("|")[1:3] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    told = [(rule.strip(), level.strip()) for rule, level in rows if rule.strip() != "Rule"]
    expected = [
        (
            rule.id,
            rule.level.value
            + ("" if rule.admit else ", no admission")
            + (f" with {rule.alongside}" if rule.alongside else ""),
        )
        for rule in default_table().rules
    ]
    assert told == expected
