"""Dialect: what Ibis says to Spark, with doubles as doubles and answers by Arrow.

Ibis writes a double as `0.0`, which is a decimal there. Spark makes a double of it beside another;
Sail 0.7 makes decimals of both in `coalesce(x, 0.0)` and `least(x, 0.0)`, and a division of
decimals overflows or is rounded. tests/engines/test_dialect.py fails once this is not needed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt
from ibis.backends.pyspark import Backend
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

if TYPE_CHECKING:
    import pyarrow as pa


class Doubles(PySparkCompiler):  # type: ignore[misc]
    """Ibis's compiler for Spark, with finite doubles written as doubles."""

    __slots__ = ()

    def visit_DefaultLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802
        """Write a literal: a finite double as a cast one."""
        found = super().visit_DefaultLiteral(op, value=value, dtype=dtype)
        is_finite = dtype.is_floating() and math.isfinite(value)
        return self.cast(found, dt.float64) if is_finite else found


class Spark(Backend):  # type: ignore[misc]
    """Ibis's backend for Spark, which writes doubles and needs no pandas for an answer."""

    compiler = Doubles()

    def to_pyarrow(self, expr: Any, /, **options: Any) -> pa.Table:
        """Return an expression's rows in the types it declares; by pandas, nan would be null."""
        self._run_pre_execute_hooks(expr)
        table = expr.as_table()
        found = self.raw_sql(self.compile(table, **options)).toArrow()
        return expr.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))


def connect(session: Any) -> Spark:
    """Return Ibis's connection to a session."""
    if ibis.options.pyspark is None:
        Spark.register_options()
    made: Spark = Spark().connect(session)
    return made
