"""What a measure declares that it reads, by brute force: nothing else may move its answer.

Each measure is asked the same of a random world and of that world cut down to the records it
declares: its reporters, flows, partners and periods. A reporter's month whose rows are all of other
partners stays as one presence row, as a selection gives it; everything else is gone, or invented
anew.
"""

from __future__ import annotations

import ibis
import pytest

from entrepot.harmonise.products import PRESENCE
from entrepot.schema import FLOWS
from entrepot.workspace import measures
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


@pytest.mark.parametrize("case", some(worlds.ASKED, 3), ids=worlds.name_of)
def test_a_measure_needs_what_it_declares(case, flows):
    """Without the records of its first read nothing is left of the answer."""
    first, rows = reads(case)[0], worlds.world(7)
    rest = [row for row in rows if not is_of(case[0], row, first)]
    assert answers(case, flows(*rest)) != answers(case, flows(*rows))
