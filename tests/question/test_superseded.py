"""Finer rows of an older vintage beside a newer code above them: by hand and by plain loops."""

from __future__ import annotations

import random
from datetime import date

import ibis
import pytest

from entrepot.engine import DuckEngine
from entrepot.question.superseded import dropped, rules
from entrepot.question.tables import Tables
from entrepot.store.known import TOTAL
from support.kinds import CODES, drawn, kind

SUB, HEADING, CN = frozenset({"854231"}), frozenset({"8542"}), frozenset({"85423110"})
EVERYTHING = kind(depths=(4, 6, 8))


@pytest.mark.parametrize(
    ("one", "other", "codes", "found"),
    [
        (kind(products=SUB), kind(products=CN), {"854231"}, {"854231"}),
        (kind(products=SUB), kind(products=CN), {"854232"}, set()),  # not what is counted
        (kind(products=SUB), kind(products=CN), None, {"854231"}),
        (kind(products=HEADING), kind(products=CN), None, set()),  # no subheading
        (kind(products=HEADING), kind(products=CN), {"8542"}, {"8542"}),
        (kind(products=SUB), kind(products=SUB), {"854231"}, set()),  # the store hides these
        (kind(products=SUB), EVERYTHING, {"854231"}, {"854231"}),
        (kind(products=SUB), kind(depths=(6,)), {"854231"}, set()),
        (kind(products=frozenset({TOTAL}), depths=(0,), has_total=True), EVERYTHING, {TOTAL},
         {TOTAL}),
        (kind(products=frozenset({TOTAL}), depths=(0,)), EVERYTHING, {TOTAL}, set()),
        (kind(products=SUB | HEADING, depths=(4,)), kind(products=CN), {"854231"}, set()),
        (EVERYTHING, kind(products=CN), {"854231"}, set()),  # nothing by name
    ],
)  # fmt: skip
def test_a_code_by_name_stands_above_finer_ones_of_another_vintage(one, other, codes, found):
    told = rules([one, other], [(0, 1)], codes and frozenset(codes))
    assert told == {(0, code) for code in found}
    assert rules([one, other], [(0,), (1,)], codes and frozenset(codes)) == set()


@pytest.mark.parametrize("seed", range(40))
def test_rules_are_those_of_every_pair(seed):
    chance = random.Random(seed)
    kinds = [drawn(chance) for _ in range(6)]
    signatures = [tuple(sorted(chance.sample(range(6), chance.randint(1, 3)))) for _ in range(4)]
    for codes in (None, frozenset(chance.sample((*CODES, TOTAL), 5))):
        expected = set()
        for signature in signatures:
            for place in signature:
                for code in kinds[place].products or ():
                    is_counted = len(code) == 6 if codes is None else code in codes
                    finer = [
                        other for other in signature if other != place
                        and (any((one.startswith(code) and one != code) or code == TOTAL != one
                                 for one in kinds[other].products)
                             if kinds[other].products is not None
                             else code == TOTAL or max(kinds[other].depths) > len(code))
                    ]  # fmt: skip
                    if is_counted and finer and kinds[place].product(code) == "known":
                        expected.add((place, code))
        assert rules(kinds, signatures, codes) == expected


SLOT = {"source": "own", "reporter": "TUR", "freq": "M", "flow": "export",
        "period": date(2022, 1, 1)}  # fmt: skip
PLACES = [
    SLOT,
    SLOT | {"source": "two"},
    SLOT | {"reporter": "DEU"},
    SLOT | {"freq": "A"},
    SLOT | {"flow": "import"},
    SLOT | {"period": date(2022, 2, 1)},
]
KINDS = [
    kind(products=frozenset({"854231", "8471"})),
    kind(products=CN),
    kind(products=frozenset({"854231"}), partners=frozenset({"RUS"})),
]
RULES = {(0, "854231"), (0, "8471"), (2, "854231")}


@pytest.fixture
def con():
    """A session with which vintage speaks for which slice: rank and kind."""
    found = ibis.duckdb.connect()
    found.con.execute("""create table flows_told (vintage varchar, rank bigint, source varchar,
        reporter varchar, freq varchar, flow varchar, period date, kind bigint)""")
    return found


def tell(con, *told):
    con.con.executemany(
        "insert into flows_told values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(vintage, rank, *slot.values(), place) for vintage, rank, slot, place in told],
    )


def left(con, flows, cells, found=frozenset(RULES)):
    """The numbers of the cells, each (slot, vintage, partner, code, product), that count."""
    table = flows(*(
        slot | {"vintage": vintage, "partner": partner, "product": product, "quantity_unit": code,
                "value_usd": float(at)}
        for at, (slot, vintage, partner, code, product) in enumerate(cells)
    ))  # fmt: skip
    con.con.register("cells", table.to_pyarrow())
    rows = con.table("cells")
    engine = DuckEngine(con)
    coded = rows.mutate(code=rows.quantity_unit)
    kept = dropped(coded, engine, Tables(engine), "flows", KINDS, {*found})
    return sorted(int(row["value_usd"]) for row in kept.to_pyarrow().to_pylist())


def test_without_a_rule_every_row_counts(con, flows):
    cells = [(SLOT, "old", "RUS", "854231", "85423110")]
    assert left(con, flows, cells, found=()) == [0]


def test_finer_rows_of_the_older_vintage_do_not_count(con, flows):
    tell(con, ("old", 0, SLOT, 1), ("new", 1, SLOT, 0))
    cells = [
        (SLOT, "old", "RUS", "854231", "85423110"),  # superseded
        (SLOT, "new", "RUS", "854231", "854231"),
        (SLOT, "new", "RUS", "854231", "85423110"),  # of the newer one itself
        (SLOT, "old", "RUS", "854231", "854231"),  # the same code: the store hides it itself
        (SLOT, "old", "KAZ", "854232", "85423210"),  # no rule names its code
        (SLOT, "old", "KAZ", "8471", "847130"),
        *((slot, "old", "RUS", "854231", "85423110") for slot in PLACES[1:]),
    ]
    assert left(con, flows, cells) == [1, 2, 3, 4, *range(6, 11)]


def test_finer_rows_of_the_newer_vintage_count(con, flows):
    tell(con, ("old", 0, SLOT, 0), ("new", 1, SLOT, 1))
    assert left(con, flows, [(SLOT, "new", "RUS", "854231", "85423110")]) == [0]


def test_a_vintage_of_some_partners_supersedes_theirs(con, flows):
    tell(con, ("old", 0, SLOT, 1), ("new", 1, SLOT, 2))
    cells = [(SLOT, "old", who, "854231", "85423110") for who in ("RUS", "KAZ")]
    assert left(con, flows, cells) == [1]


def test_vintages_of_other_slices_supersede_nothing(con, flows):
    for slot in PLACES[1:]:
        tell(con, ("new", 1, slot, 0), ("old", 0, SLOT, 1))
    assert left(con, flows, [(SLOT, "old", "RUS", "854231", "85423110")]) == [0]
