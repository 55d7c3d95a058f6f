"""Spark: any server of the Spark Connect protocol, and a session of Spark in this machine."""

from __future__ import annotations

import re
import shutil
import socket
import sys
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from entrepot.config import SPARK
from entrepot.engine.base import Engine
from entrepot.errors import EngineError
from entrepot.schema import FLOWS
from entrepot.store.rowfiles import KEY, rows_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from entrepot.store.snapshot import Snapshot

FEW = 250_000
"""Rows of a table that is evaluated once and sent back; one with more is a view, read each time."""
PORT, SECONDS, RETRIES = 15002, 5.0, 4
"""Where a server listens unless it says so; how long to wait for it, and how often to ask again."""
_ODD = re.compile(r"[][*?{}\\%#]")
"""Signs that some server takes for a pattern, and reads other files for or none."""


def connected(address: str) -> Any:
    """Return a session of its own on the server of an address.

    Raises:
        EngineError: The client is not installed, or nobody answers there.
    """
    parts, name = urlsplit(address), address.partition("/;")[0]
    try:
        with socket.create_connection((parts.hostname or "", parts.port or PORT), SECONDS):
            pass
    except OSError as error:
        raise EngineError(
            f"engine {name}: nobody answers there ({error}); start a Spark Connect server, as "
            f"`sail spark server --port {parts.port or PORT}`, or leave --engine out"
        ) from None
    with _understood(name), _installed(name, "cluster"), _program():
        from pyspark.sql import SparkSession
        from pyspark.sql.connect.client.retries import DefaultPolicy

        made = SparkSession.builder.remote(address).create()
        # As it comes, the client asks a server that is gone again for ten minutes.
        patient = DefaultPolicy(max_retries=RETRIES, max_backoff=int(SECONDS * 1000))
        made.client.set_retry_policies([patient])
        return made


def local_session() -> Any:
    """Return a session of its own of Spark in this machine, started with the first.

    Raises:
        EngineError: Spark or Java is not installed.
    """
    with _installed(SPARK, "spark"):
        from pyspark.sql import SparkSession
        from pyspark.util import is_remote_only

        if is_remote_only():
            raise ImportError("pyspark-client alone holds no Spark")
    if shutil.which("java") is None:
        raise EngineError("engine spark: needs Java 17 or newer, which is not on the path")
    with _understood(SPARK):
        made = (
            SparkSession.builder.master("local[*]")
            .appName("entrepot")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
        made.sparkContext.setLogLevel("ERROR")
        return made.newSession()


@contextmanager
def _program() -> Iterator[None]:
    """Let a program without a file, as `python -c`, look as if it had one.

    Spark's client takes one for its own tests, looks for a Spark in this machine and exits.
    """
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = ""
    try:
        yield
    finally:
        del main.__file__


@contextmanager
def _installed(name: str, extra: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise EngineError(
            f"engine {name}: something is not installed ({error}); expected the extra {extra}: "
            f"pip install 'entrepot[{extra}]'"
        ) from None


@contextmanager
def _understood(name: str) -> Iterator[None]:
    """Turn what a server or its client says into one line."""
    try:
        yield
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if not kinds & {"PySparkException", "RpcError"}:
            raise
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise EngineError(
            f"engine {name}: cannot do what is asked ({said[:300]}); nothing was answered: ask "
            "with --engine duckdb"
        ) from error


class SparkEngine(Engine):
    """A session of Spark, or of a server that speaks as Spark does.

    Args:
        name: Its address, fit to be shown.
        own: The connection that knows the vintages.
        session: A session that nobody else names tables in.
    """

    def __init__(self, name: str, own: Backend, session: Any) -> None:
        with _installed(name, "cluster"), _understood(name):
            from entrepot.engine.dialect import connect

            backend = connect(session)
        super().__init__(name, own, backend)
        if name != SPARK:  # what expressions still hold, a server keeps; Spark's own is shared
            weakref.finalize(backend, session.stop)
        self._session = session

    def table(self, name: str) -> Table:
        """Return a table or view of the session."""
        with _understood(self.name):
            return super().table(name)

    def hold(self, snapshot: Snapshot) -> None:
        """Read the files of a snapshot by their paths, and make its view of them.

        Raises:
            EngineError: The server does not see every row of the store.
        """
        if snapshot.vintages:
            for one in snapshot.reads:
                self._read(one.name, one.paths, one.rows)
            for kept in {one.kept for one in snapshot.reads if one.kept}:
                self._share(kept, f"select vintage, {KEY} from {kept}")
            if snapshot.hides:
                self.share("partly")
            reads = [(one.name, one.kept) for one in snapshot.reads]
            query = rows_known(reads, hides=snapshot.hides)
            self.show(snapshot.view, _translated(query))
        else:
            self._give(snapshot.view, FLOWS.arrow.empty_table())
        self.share(f"{snapshot.view}_slices")

    def _read(self, name: str, paths: Sequence[str], rows: int) -> None:
        folder = Path(paths[0]).absolute().parent
        urls = [_url(path, self.name) for path in paths]
        with _understood(self.name):
            found = self._session.read.parquet(*urls)
            seen = found.count()
            if seen != rows:
                raise EngineError(
                    f"engine {self.name}: sees {seen:,} of {rows:,} rows of the store; a server "
                    f"must read the same files under the same paths, as {folder}: mount the store "
                    "there, or ask with --engine duckdb"
                )
            found.createOrReplaceTempView(name)

    def share(self, name: str) -> None:
        """Send a table of this process, which is small, to the session."""
        self._share(name, f"from {name}")

    def _share(self, name: str, query: str) -> None:
        self._give(name, self.own.con.execute(query).to_arrow_table())

    def _give(self, name: str, rows: pa.Table) -> None:
        from pyspark.sql.pandas.types import from_arrow_schema

        with _understood(self.name):
            made = self._session.createDataFrame(rows, schema=from_arrow_schema(rows.schema))
            made.createOrReplaceTempView(name)

    def show(self, name: str, query: str) -> None:
        """Make or replace a view of the session."""
        with _understood(self.name):
            self._session.sql(f"create or replace temporary view {name} as {query}")

    def keep(self, name: str, table: Table) -> Table:
        """Evaluate an expression once where its rows are few, and return it as a table.

        Servers differ in what they can keep, so the rows come here and go back. Of more than `FEW`
        it is a view, which servers that can hold on to.
        """
        query = self.compile(table)
        rows = self.run(f"select * from ({query}) limit {FEW + 1}")
        if rows.num_rows <= FEW:
            self._give(name, rows.cast(table.schema().to_pyarrow()))
        else:
            with _understood(self.name):
                self._session.sql(query).persist().createOrReplaceTempView(name)
        return self.table(name)

    def fetch(self, name: str, table: Table) -> None:
        """Evaluate an expression into a table of this process."""
        own, rows = self.own.con, self.arrow(table)
        own.register("entrepot_fetched", rows)
        own.execute(f"create or replace temp table {name} as from entrepot_fetched")
        own.unregister("entrepot_fetched")

    def drop(self, kind: Literal["table", "view"], name: str) -> None:
        """Let a table or view of the session, and of this process, be gone."""
        if kind == "table":
            self.own.con.execute(f'drop table if exists "{name}"')
        with _understood(self.name):
            self._session.catalog.dropTempView(name)

    def run(self, query: str) -> pa.Table:
        """Return the rows of a query in Spark's SQL."""
        with _understood(self.name):
            found: pa.Table = self._session.sql(query).toArrow()
            return found

    def arrow(self, table: Table) -> pa.Table:
        """Return the rows of an expression, in the types that it declares."""
        with _understood(self.name):
            found: pa.Table = self.backend.to_pyarrow(table)
            return found


def _url(path: str, name: str) -> str:
    if "://" in path:
        return path
    whole = str(Path(path).absolute())
    if odd := _ODD.search(whole):
        raise EngineError(
            f"engine {name}: {whole} has a {odd.group()!r}, which servers take for a pattern; "
            "rename the folder, or ask with --engine duckdb"
        )
    return f"file://{whole}"


def _translated(query: str) -> str:
    import sqlglot

    (found,) = sqlglot.transpile(query, read="duckdb", write="spark")
    return found
