"""Engine: what evaluates the rows of a store, opened by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.config import DUCKDB, SPARK, engine_address
from entrepot.engine.base import Engine
from entrepot.engine.duck import DuckEngine, local

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

__all__ = ["DuckEngine", "Engine", "local", "open_engine", "shown"]


def open_engine(address: str | None, own: Backend) -> Engine:
    """Open the engine of an address.

    Args:
        address: `duckdb`, `sc://host:port` or `spark`; None is the configured one.
        own: The DuckDB connection of this process, which knows the vintages: see `local`.

    Raises:
        EngineError: It is none of these, something is not installed, or nobody answers there.
    """
    named = engine_address(address)
    if named == DUCKDB:
        return DuckEngine(own)
    from entrepot.engine import spark

    session = spark.local_session() if named == SPARK else spark.connected(named)
    return spark.SparkEngine(shown(named), own, session)


def shown(address: str) -> str:
    """Return an address without what follows its port, where tokens stand."""
    return address.partition("/;")[0].rstrip("/")
