"""What no measure may depend on: the order of rows, how they are cut, their origin, the dollar.

Each measure is asked the same of a random world and of the same world with every row cut in two
halves, shuffled, told by another source, in quarters of a dollar, and with every name twice in the
question. Only amounts of money may change, by the factor, and the stored rows, which double.
"""

import random

import ibis
import pytest

from entrepot.parts import measures
from entrepot.schema import FLOWS
from support import measure_worlds as worlds

MEASURES = measures()
FACTOR = 4.0
"""A power of two, so that scaling and halving change no digit."""
MONEY = ("threshold_usd", "floor_usd")
"""Parameters in dollars."""
LISTS = ("Reporters", "Countries", "Goods")
"""Kinds of parameters that list names, in which a repetition says nothing new."""


def once(table):
    """The table as Arrow, which every query reads as it stands."""
    return ibis.memtable(table.to_pyarrow(), schema=FLOWS.ibis)


@pytest.fixture(scope="module")
def plain(flows):
    """One random world, evaluated once."""
    return once(flows(*worlds.world(7)))


@pytest.fixture(scope="module")
def changed(flows):
    """The same world, halved, shuffled, renamed and in another unit."""
    rows = []
    for row in worlds.world(7):
        half = {
            name: row[name] / 2 for name in ("net_mass_kg", "quantity") if row.get(name) is not None
        }
        half |= {"value_usd": row["value_usd"] * FACTOR / 2, "value_local": 1.0, "currency": "XXX"}
        rows += [row | half | {"source": "other", "vintage": "w", "file": "g"}] * 2
    random.Random(0).shuffle(rows)
    return once(flows(*rows))


def is_years(value):
    """Whether a parameter lists years; a base may also be two months or one year."""
    return isinstance(value, tuple) and all(isinstance(part, int) for part in value)


def twice(case):
    """The same question with every list of names or years told twice."""
    name, asked = case
    kind = MEASURES[name].kind
    return name, {
        key: value * 2 if kind(key) in LISTS or is_years(value) else value
        for key, value in asked.items()
    }


def answers(case, table, factor):
    """The rows of a measure by their grain, its parameters in dollars times a factor."""
    name, asked = case
    asked = {key: value * factor if key in MONEY else value for key, value in asked.items()}
    grain = MEASURES[name].returns.keys
    rows = MEASURES[name](table, **asked).to_pyarrow().to_pylist()
    by_grain = {tuple(row.pop(key) for key in grain): row for row in rows}
    assert len(by_grain) == len(rows)
    return by_grain


def test_every_measure_is_asked_something():
    assert {name for name, _ in worlds.ASKED} == set(MEASURES)


@pytest.mark.parametrize("case", worlds.ASKED, ids=worlds.name_of)
def test_neither_order_nor_cuts_nor_origin_nor_the_unit_of_money_matter(case, plain, changed):
    before, after = answers(case, plain, 1.0), answers(twice(case), changed, FACTOR)
    assert before
    assert set(after) == set(before)
    for grain, row in before.items():
        for name, value in row.items():
            if isinstance(value, float):
                expected = value * (FACTOR if name.endswith("_usd") else 1.0)
                assert after[grain][name] == pytest.approx(expected, rel=1e-9, abs=1e-6), name
            elif name == "cells":
                assert after[grain][name] == 2 * value
            else:
                assert after[grain][name] == value, name


def test_these_worlds_hold_every_difficulty():
    rows = worlds.world(7)
    for name in ("net_mass_kg", "quantity", "quantity_unit", "mass_status"):
        assert any(row.get(name, 0) is None for row in rows)
    assert any(row["value_usd"] == 0 and row["product"] in worlds.CHIPS for row in rows)
    assert {row["classification"] for row in rows} == {"HS2012", "HS2017", "HS2022", "none"}
    assert {"WLD", "EU27", "_X"} <= {row["partner"] for row in rows}
    assert {row.get("freq", "M") for row in rows} == {"A", "M"}
    months = {(row["reporter"], row["flow"], row["period"]) for row in rows
              if row["flow"] != "re-export"}  # fmt: skip
    assert 10 * 42 * 0.9 < len(months) < 10 * 42
