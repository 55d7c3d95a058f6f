"""The caveat of fresh figures against months whose later values are known."""

from datetime import date

import pytest

from entrepot.ask.fresh import sentence
from entrepot.money import MINUS
from entrepot.store.revising import RevisionBand

MONTHS = [f"2021-{n:02}" for n in range(1, 13)]


@pytest.fixture
def revised(kept, table):
    """Twelve months, read in January 2022 and a year later 10% higher; then a newer one."""

    def fill(desk):
        desk.take(table("a.csv", *({"month": m} for m in MONTHS)), published=date(2022, 1, 20))
        desk.take(
            table("b.csv", *({"month": m, "value": "110"} for m in MONTHS)),
            published=date(2023, 1, 20),
        )
        desk.take(table("c.csv", {"month": "2022-05"}), published=date(2023, 1, 20))

    return kept("fresh", fill)


def told(desk, months, **words):
    given = {"sender": "Germany", "receiver": "Kazakhstan", "base": "none"} | words
    found = desk.ask("854231", months=months, **given)
    return [one for one in found.brief.caveats if "Fresh" in one]


def test_a_fresh_month_carries_the_range_of_its_age(revised):
    (said,) = told(revised, "2022-05")
    assert said == (
        "Fresh months move: months of Germany's that were read at 6 to 11 months of age and "
        "published again later moved by +10% to +10%, four in five of 6, over all goods "
        "(1 earlier release)."
    )


def test_of_other_ages_and_of_several_reporters_nothing_is_said(revised):
    assert told(revised, "2021-06") == []  # 18 months old: none of that age was published again
    assert told(revised, "2022-05", sender="all") == []


def test_signs_and_ends_are_written_out():
    band = RevisionBand("s", "NLD", 24, None, 1234, 9, 2, 0.98, 1.0, 1.0)
    said = sentence(band)
    assert "24 or more months" in said
    assert f"{MINUS}2.0% to 0%" in said
    assert "Netherlands' that" in said
    assert "1,234" in said
    assert "(2 earlier releases)" in said
