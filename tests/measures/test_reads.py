"""What a measure declares that it reads, by brute force: nothing else may move its answer.

Each measure is asked the same of a random world and of that world cut down to the records it
declares: its reporters, flows, partners and periods. A reporter's month whose rows are all of other
partners stays as one presence row, as a selection gives it; everything else is gone, or invented
anew. The other way round, each window of each read is changed, and moves the answer.
"""

from __future__ import annotations

import random
from dataclasses import replace

import ibis
import pytest

from entrepot.harmonise.products import PRESENCE
from entrepot.months import months_between
from entrepot.parts import measures
from entrepot.schema import FLOWS
from support import measure_worlds as worlds
from support.sampled import some

MEASURES = measures()
SEEDS = (7, 23, 41)


def reads(case):
    """What a measure declares of a question."""
    name, asked = case
    return MEASURES[name].reads(**MEASURES[name].accepted(asked))


def is_of(name, row, read):
    """Whether a row is of the reporters, flow and periods of a read, whoever the partner.

    A measure with a column of frequencies takes the flows it is given as they stand.
    """
    any_freq = "freq" in MEASURES[name].returns.keys
    return (
        row["flow"] == read.flow
        and (any_freq or row.get("freq", "M") == read.freq)
        and (not read.reporters or row["reporter"] in read.reporters)
        and row["period"] in read.periods
    )


def declared(case, rows):
    """Return the rows that a question's reads name, and a presence row for other slices of them."""
    asked = reads(case)
    kept, marked = [], set()
    for row in rows:
        mine = [read for read in asked if is_of(case[0], row, read)]
        counted = [read for read in mine if read.is_counted]
        if any(not read.partners or row["partner"] in read.partners for read in counted):
            kept.append(row)
        elif mine:
            marked.add((row["reporter"], row["flow"], row["period"], row.get("freq", "M")))
    markers = [
        {"reporter": who, "flow": flow, "period": day, "freq": freq, "partner": "WLD",
         "product": PRESENCE, "classification": "none", "value_usd": 0.0, "status": "derived"}
        for who, flow, day, freq in sorted(marked)
    ]  # fmt: skip
    return kept + markers


def answers(case, table):
    """The rows of a measure, in one order."""
    name, asked = case
    grain = MEASURES[name].returns.keys
    table = ibis.memtable(table.to_pyarrow(), schema=FLOWS.ibis)
    rows = MEASURES[name](table, **asked).to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: str([row[key] for key in grain]))


def same(one, other):
    """Whether two answers agree to rounding."""
    assert len(one) == len(other)
    for here, there in zip(one, other, strict=True):
        for name, value in here.items():
            expected = pytest.approx(there[name]) if isinstance(value, float) else there[name]
            assert value == expected, name


@pytest.mark.parametrize("seed", some(SEEDS, 3))
@pytest.mark.parametrize("case", worlds.ASKED, ids=worlds.name_of)
def test_a_measure_reads_what_it_declares_and_nothing_else(case, seed, flows):
    rows = worlds.world(seed)
    cut = declared(case, rows)
    whole = answers(case, flows(*rows))
    assert whole
    assert cut
    same(answers(case, flows(*cut)), whole)


def changed(row, chance):
    """A row with other amounts; a month that was told to be empty stays so."""
    if row["product"] == PRESENCE:
        return row
    factor = chance.uniform(2.0, 9.0)
    amounts = {name: row.get(name) for name in ("net_mass_kg", "quantity")}
    more = {name: None if value is None else value * factor**2 for name, value in amounts.items()}
    return row | more | {"value_usd": row["value_usd"] * factor + 1.0}


@pytest.mark.parametrize("seed", some(SEEDS, 3))
@pytest.mark.parametrize("case", worlds.ASKED, ids=worlds.name_of)
def test_what_a_measure_does_not_declare_may_be_anything(case, seed, flows):
    rows, chance = worlds.world(seed), random.Random(seed)
    kept = {id(row) for row in declared(case, rows)}
    other = [row if id(row) in kept else changed(row, chance) for row in rows]
    assert len(kept) < len(rows)
    same(answers(case, flows(*other)), answers(case, flows(*rows)))


def windows(case):
    """Each window of each read of a question, as a read of its own, with what it is called."""
    for at, read in enumerate(reads(case)):
        for part, spans in (("now", read.now), ("base", read.base)):
            for number, span in enumerate(spans):
                yield f"{at} {part} {number}", replace(read, now=(span,), base=(), later=())
        inside = {day for span in read.spans for day in months_between(*span)}
        if {*read.later} - inside:
            yield f"{at} later", replace(read, now=(), base=())


THIRD = {"first": "2021-07", "last": "2021-10", "base": (2019, 2020)}
EARLIER = {
    "attribution": THIRD,
    "mass_balance": THIRD,
    "ghost_trade": {"window": ("2021-07", "2021-12"), "base": ("2020-01", "2021-06")},
}
"""Windows after which these worlds still have the months in which goods may arrive."""
SHOWN = [
    ((measure, asked | EARLIER.get(measure, {})), f"{measure} {at}: {name}", read)
    for at, (measure, asked) in enumerate(worlds.ASKED)
    for name, read in windows((measure, asked | EARLIER.get(measure, {})))
]


@pytest.mark.parametrize(
    ("case", "name", "read"), some(SHOWN, 4), ids=[name for _case, name, _read in some(SHOWN, 4)]
)
def test_every_window_that_a_measure_declares_moves_its_answer(case, name, read, flows):
    """Other amounts do; where only who published is read, the lack of all its records does."""

    def is_read(row):
        return is_of(case[0], row, read) and (not read.partners or row["partner"] in read.partners)

    for seed in SEEDS:
        rows, chance = worlds.world(seed), random.Random(seed)
        if read.is_counted:
            other = [changed(row, chance) if is_read(row) else row for row in rows]
        else:
            other = [row for row in rows if not is_read(row)]
        if answers(case, flows(*other)) != answers(case, flows(*rows)):
            return
    pytest.fail(f"nothing depends on the read {name}")


@pytest.mark.parametrize("case", some(worlds.ASKED, 3), ids=worlds.name_of)
def test_a_measure_needs_what_it_declares(case, flows):
    """Without the records of its first read nothing is left of the answer."""
    first, rows = reads(case)[0], worlds.world(7)
    rest = [row for row in rows if not is_of(case[0], row, first)]
    assert answers(case, flows(*rest)) != answers(case, flows(*rows))
