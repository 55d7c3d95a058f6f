"""Fixtures every test may use."""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import sys
from functools import cache

import duckdb
import ibis
import pytest
from hypothesis import settings

from support import servers
from support.once import once
from support.plain import PLAIN, ROW
from support.sampled import EXAMPLES, WHOLE, thinned
from support.shared import SHARED

# Every example is a DuckDB query: few examples, no stopwatch, the same ones on every run.
settings.register_profile("entrepot", max_examples=EXAMPLES, deadline=None, derandomize=True)
settings.load_profile("entrepot")

# The workers fill the cores: threads of BLAS would only wait for each other, at full speed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# So would those of DuckDB: one is a fifth less in the short form. The whole form runs as users do.
if not WHOLE:
    connect = duckdb.connect

    def connected(database=":memory:", read_only=False, config=None):
        return connect(database, read_only, {"threads": 1} | (config or {}))

    duckdb.connect = connected

# A tool of the development group brings a checker of addresses, whose grammar takes longer to make
# than all the rest of jsonschema and Altair, which load it where it is; no schema here asks for it.
sys.modules.setdefault("rfc3987_syntax", None)

# As a workspace does; most tests of measures have none.
ibis.options.sql.fuse_selects = False


def pytest_collection_modifyitems(config, items):
    """Leave the cases that others stand for to the whole form; who names tests gets them all."""
    if WHOLE or config.args_source != config.ArgsSource.TESTPATHS or config.option.keyword:
        return
    items[:], left = thinned(items)
    config.hook.pytest_deselected(items=left)


def pytest_collection_finish():
    """Look for garbage seldom, and never among what the imports made: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def flows():
    """Build a flows table: one plain row per argument, with the given fields changed."""
    import pyarrow as pa

    from entrepot.schema import FLOWS

    schema = FLOWS.arrow

    def build(*changes):
        rows = [PLAIN | change for change in changes]
        return ibis.memtable(pa.Table.from_pylist(rows, schema=schema), schema=FLOWS.ibis)

    return build


@pytest.fixture(scope="session")
def sail():
    """The address of a Sail server of this process: Spark Connect without Java.

    It ends with the process: sessions are given back after the last test.
    """
    server, address = servers.sail()
    yield address
    assert server.running


@pytest.fixture(scope="session", params=servers.OTHERS)
def engine(request):
    """The address of each engine beside DuckDB that is here."""
    return request.getfixturevalue("sail") if request.param == "sail" else servers.spark()


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real publishers' files, or a skip that says what is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"real publishers' files are not here: {folder} is absent")
    return folder


@pytest.fixture(scope="session")
def shared_domain():
    """The folder of collected facts and lists, or a skip that says what is absent."""
    folder = SHARED / "domain"
    if not folder.is_dir():
        pytest.skip(f"the collected facts are not here: {folder} is absent")
    return folder


@pytest.fixture(scope="session")
def full(tmp_path_factory, shared_data):
    """A store with the whole tidy table of the EU's exports."""
    table = shared_data / "eurostat-ds045409" / "eu27_exports_cn8_2020-01_2022-11.parquet"

    def fill(store):
        from entrepot.parts import read_mapping
        from entrepot.workspace import Workspace

        Workspace(store).ingest("generic", [table], mapping=read_mapping("eurostat-tidy"))

    return once(tmp_path_factory, "full", fill)


@pytest.fixture
def table(tmp_path):
    """Write a CSV of one plain row per argument, with the given fields changed."""

    def write(name, *changes):
        lines = [",".join((ROW | change).values()) for change in changes]
        path = tmp_path / name
        path.write_text("\n".join([",".join(ROW), *lines]) + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def desk(tmp_path, request):
    """A workspace on an empty store of its own, whose `take` ingests files by the own mapping.

    With STORES=s3 the store is in a bucket of a server of this machine.
    """
    from support.bucket import IN_BUCKET
    from support.desk import Desk

    if IN_BUCKET:
        return Desk(request.getfixturevalue("bucket_address"))
    return Desk(tmp_path / "store")


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory):
    """The settings with which obstore finds a bucket on a server of this machine."""
    from support.bucket import server

    with server(tmp_path_factory.mktemp("bucket")) as settings:
        yield settings


@pytest.fixture
def bucket_address(bucket_server, monkeypatch, tmp_path):
    """An address in the bucket where no store is yet; the cache is one of the test's own."""
    for name, value in bucket_server.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return f"s3://bucket/{tmp_path.parent.name}/{tmp_path.name}".lower()


@pytest.fixture
def kept(tmp_path_factory, desk):
    """Give the desk a copy of a store that is filled once: `kept("name", lambda desk: ...)`."""
    from support.bucket import IN_BUCKET
    from support.desk import Desk

    def copied(name, fill):
        if IN_BUCKET:
            fill(desk)
            return desk
        made = once(tmp_path_factory, f"desk-{name}", lambda folder: fill(Desk(folder / "store")))
        shutil.copytree(made / "store", desk.store.path)
        return desk

    return copied


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo world's store, in a cache of the test run's own."""
    from entrepot.demo import cache as demo_cache

    with pytest.MonkeyPatch.context() as patch:

        def fill(cache):
            patch.setenv("XDG_CACHE_HOME", str(cache))
            demo_cache.store()

        patch.setenv("XDG_CACHE_HOME", str(once(tmp_path_factory, "cache", fill)))
        yield demo_cache.store()


@pytest.fixture(scope="session")
def briefs(tmp_path_factory):
    """Answer a study from the embedded figures, once; give the brief and the folder of its files.

    The store beside the files, `folder / "store"`, was absent and is.
    """
    from entrepot.study.written import answer

    def write(name, folder):
        brief = answer(name, folder / "store", out=folder)
        (folder / "brief.pickle").write_bytes(pickle.dumps(brief))

    @cache
    def made(name):
        folder = once(tmp_path_factory, f"brief-{name}", lambda folder: write(name, folder))
        return pickle.loads((folder / "brief.pickle").read_bytes()), folder

    return made
