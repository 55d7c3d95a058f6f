"""Doubles are doubles in Spark's SQL, whatever Ibis and a server make of `0.0`."""

from __future__ import annotations

import math

import ibis
import pyarrow as pa
import pytest
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.dialects import PySpark

from entrepot.engine import local, open_engine
from entrepot.errors import EngineError
from support.servers import WARNS

pytestmark = WARNS
X = pa.table({"x": pa.array([1.5, None, 3e38]), "n": pa.array([1, None, 3])})


def least(table):
    return table.select(y=ibis.coalesce(table.x, 0.0), z=ibis.least(table.x, 0.5))


@pytest.fixture
def session(engine, tmp_path):
    found = open_engine(engine, local(tmp_path))
    found._give("x", X)
    return found


def test_a_double_beside_a_column_is_a_double(session):
    found = session.run(session.compile(least(session.table("x"))))
    assert {field.type for field in found.schema} == {pa.float64()}
    assert found.to_pydict() == {"y": [1.5, 0.0, 3e38], "z": [0.5, 0.5, 0.5]}


def test_what_is_no_number_stays_so_and_null_stays_null(session):
    table = session.table("x")
    found = session.arrow(table.select(nan=table.x * math.nan, inf=table.x * math.inf, n=table.n))
    assert math.isnan(found["nan"][0].as_py())
    assert found["inf"].to_pylist() == [math.inf, None, math.inf]
    assert found["n"].to_pylist() == [1, None, 3]
    assert found["nan"].null_count == 1


@pytest.mark.xfail(
    strict=True,
    raises=(AssertionError, EngineError),
    reason="Sail types coalesce(double, 0.0), as Ibis writes it, as a decimal; once it passes, "
    "`Doubles` in entrepot.engine.dialect can go",
)
def test_sail_needs_no_mend_any_more(sail, tmp_path):
    session = open_engine(sail, local(tmp_path))
    session._give("x", X)
    plain = PySparkCompiler().to_sqlglot(least(session.table("x"))).sql(PySpark)
    assert "0.0)" in plain
    found = session.run(plain)
    assert {field.type for field in found.schema} == {pa.float64()}
