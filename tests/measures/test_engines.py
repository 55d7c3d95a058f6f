"""The same expressions on every engine: worked examples and random worlds, beside DuckDB."""

import doctest

import pytest

from entrepot.demo.lesson import lesson, show
from entrepot.engine import local, open_engine
from entrepot.parts import measures
from support import measure_worlds as worlds
from support.servers import WARNS

pytestmark = WARNS
MEASURES = measures()
RELATIVE = 1e-9
"""Sums of doubles depend on their order: the engines add in orders of their own."""
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def put(engine, tmp_path_factory):
    """Put a table into the engine; returns a function from a table to the same there."""
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("engine")
    con = open_engine(engine, local(folder)).backend

    def give(name, table):
        path = folder / f"{name}.parquet"
        pq.write_table(table.to_pyarrow(), path)
        return con.read_parquet(str(path))

    return give


@pytest.fixture(scope="module")
def world(put):
    """The lesson's world as a table of the engine."""
    return put("lesson", lesson())


@pytest.fixture(scope="module")
def both(put, flows):
    """Each random world in DuckDB and in the engine."""
    tables = {seed: flows(*worlds.world(seed)) for seed in SEEDS}
    return {seed: (table, put(f"world-{seed}", table)) for seed, table in tables.items()}


@pytest.mark.parametrize("name", MEASURES)
def test_the_worked_example_gives_the_same(name, world):
    measure = MEASURES[name]
    names = {"world": world, "show": show, name: measure}
    parser = doctest.DocTestParser()
    example = parser.get_doctest(measure.run.__doc__ or "", names, name, None, None)
    assert example.examples
    said = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert not said, "".join(said)


def answer(measure, table, asked):
    """The rows of a measure by their grain."""
    rows = measure(table, **asked).to_pyarrow().to_pylist()
    by_grain = {tuple(row[key] for key in measure.returns.keys): row for row in rows}
    assert len(by_grain) == len(rows)
    return by_grain


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", worlds.ASKED, ids=worlds.name_of)
def test_random_worlds_give_what_duckdb_gives(case, seed, both):
    name, asked = case
    duck, other = (answer(MEASURES[name], table, asked) for table in both[seed])
    assert duck
    assert set(other) == set(duck)
    for grain, row in duck.items():
        assert set(other[grain]) == set(row)
        for column, value in row.items():
            expected = value
            if isinstance(value, float):
                expected = pytest.approx(value, rel=RELATIVE, abs=1e-6)
            assert other[grain][column] == expected, (grain, column)
