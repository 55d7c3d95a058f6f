"""The same expressions on Spark: worked examples and random worlds give there what DuckDB gives."""

import doctest
import shutil

import pytest

from entrepot.demo.lesson import lesson, show
from entrepot.parts import measures
from support import measure_worlds as worlds

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed; run: make engines")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, which is not here"),
    pytest.mark.filterwarnings("default"),  # pyspark's own warnings are not ours to mend
]
MEASURES = measures()
RELATIVE = 1e-9
"""Sums of doubles depend on their order: the engines add in orders of their own."""
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """Put a table into Spark; returns a function from a table to the same in Spark."""
    import ibis
    import pyarrow.parquet as pq

    session = (
        pyspark.sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    con = ibis.pyspark.connect(session)
    folder = tmp_path_factory.mktemp("spark")

    def put(name, table):
        path = folder / f"{name}.parquet"
        pq.write_table(table.to_pyarrow(), path)
        return con.read_parquet(str(path))

    yield put
    session.stop()


@pytest.fixture(scope="module")
def world(spark):
    """The lesson's world as a Spark table."""
    return spark("lesson", lesson())


@pytest.fixture(scope="module")
def both(spark, flows):
    """Each random world in DuckDB and in Spark."""
    tables = {seed: flows(*worlds.world(seed)) for seed in SEEDS}
    return {seed: (table, spark(f"world-{seed}", table)) for seed, table in tables.items()}


@pytest.mark.parametrize("name", MEASURES)
def test_spark_agrees_with_the_worked_example(name, world):
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
def test_spark_agrees_with_duckdb_on_random_worlds(case, seed, both):
    name, asked = case
    duck, spark = (answer(MEASURES[name], table, asked) for table in both[seed])
    assert duck
    assert set(spark) == set(duck)
    for grain, row in duck.items():
        assert set(spark[grain]) == set(row)
        for column, value in row.items():
            expected = value
            if isinstance(value, float):
                expected = pytest.approx(value, rel=RELATIVE, abs=1e-6)
            assert spark[grain][column] == expected, (grain, column)
