"""The page of words: every example in it is run, and says what it promises."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from entrepot.errors import EntrepotError
from entrepot.terms import flows, goods, months, places

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/words.md"


def span(text):
    found = months(text, newest=date(2023, 5, 31))
    return f"{found.first} to {found.last}"


MEANS = {
    "Places": lambda text: ", ".join(places(text)),
    "Goods": lambda text: goods(text).title,
    "Months": span,
    "Flows": lambda text: ", ".join(flows(text)),
}


def examples(heading):
    """(section, what is written, what the page says of it) under the tables of a heading."""
    for part in PAGE.read_text("utf-8").split("\n## ")[1:]:
        section = part.splitlines()[0]
        for table in part.split(f"| write | {heading} |\n|---|---|\n")[1:]:
            for written, told in re.findall(
                r"^\| `(.+)` \| `(.+)` \|$", table.split("\n\n")[0], re.M
            ):
                yield section, written, told


@pytest.mark.parametrize(("section", "written", "told"), [*examples("it means")])
def test_what_the_page_says_is_understood_is(section, written, told):
    assert MEANS[section](written) == told


@pytest.mark.parametrize(("section", "written", "told"), [*examples("why it is refused")])
def test_what_the_page_says_is_refused_is(section, written, told):
    with pytest.raises(EntrepotError, match=re.escape(told)):
        MEANS[section](written)


def test_no_example_is_left_out():
    rows = re.findall(r"^\| `", PAGE.read_text("utf-8"), re.M)
    assert len(rows) == len([*examples("it means"), *examples("why it is refused")])
    assert {section for section, *_ in examples("it means")} == set(MEANS)
