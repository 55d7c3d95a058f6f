"""New vintages by hand: what becomes one vintage, and of which day it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from entrepot.contracts import Query
from entrepot.ingest import Batch, InputFile
from entrepot.ingest.new_vintages import group
from entrepot.ingest.parsing import ParsedFile
from entrepot.store.vintages import Scope

TODAY = date(2024, 5, 3)
ASKED = Query("M", ("2024-01",), ("TUR",), ("RUS",), ("export",), ("854231",))


def parsed(*, told=None, **known):
    file = InputFile(Path("a.json"), **known)
    return ParsedFile(file, None, SimpleNamespace(source=None, published=told))


def batch(published=None):
    return Batch("comtrade", None, (), TODAY, published)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, TODAY),
        ({"arrived": date(2024, 5, 2)}, date(2024, 5, 2)),
        ({"arrived": date(2024, 5, 2), "told": date(2024, 3, 1)}, date(2024, 3, 1)),
        ({"published": date(2024, 2, 1), "told": date(2024, 3, 1)}, date(2024, 2, 1)),
    ],
)
def test_a_vintage_is_of_the_day_the_publisher_gives_or_else_of_its_arrival(known, expected):
    [new] = group(batch(), [parsed(**known)])
    assert new.published == expected
    [new] = group(batch(date(2020, 1, 1)), [parsed(**known)])
    assert new.published == date(2020, 1, 1)


def test_answers_of_two_days_are_two_vintages_and_neither_hides_the_other():
    other = Query("M", ("2024-01",), ("TUR",), ("RUS",), ("export",), ("854232",))
    first, second = group(
        batch(),
        [
            parsed(arrived=date(2024, 5, 2), asked=ASKED),
            parsed(arrived=date(2024, 5, 3), asked=other),
        ],
    )
    assert (first.published.day, second.published.day) == (2, 3)
    assert first.asked == Scope(("854231",), ("RUS",), True, True)
    assert second.asked == Scope(("854232",), ("RUS",), True, True)
    assert first.slices == second.slices == {("TUR", "M", "export", "2024-01")}
