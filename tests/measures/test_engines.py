"""The same expressions on Spark: every worked example gives there what it gives on DuckDB."""

import doctest
import shutil

import pytest

from entrepot.demo.lesson import lesson, show
from entrepot.workspace import measures

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed; run: make engines")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, which is not here"),
    pytest.mark.filterwarnings("default"),  # pyspark's own warnings are not ours to mend
]
MEASURES = measures()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The lesson's world as a Spark table."""
    import ibis
    import pyarrow.parquet as pq

    path = tmp_path_factory.mktemp("spark") / "world.parquet"
    pq.write_table(lesson().to_pyarrow(), path)
    session = (
        pyspark.sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session).read_parquet(str(path))
    session.stop()


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
