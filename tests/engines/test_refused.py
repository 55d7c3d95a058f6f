"""What an engine cannot do is said in one line, and never another number."""

from __future__ import annotations

import shutil
import socket
from dataclasses import replace

import pytest

from entrepot.config import engine_address
from entrepot.engine import open_engine, shown
from entrepot.errors import EngineError
from entrepot.workspace import Workspace
from support import servers
from support.sampled import costly
from support.servers import WARNS

pytestmark = WARNS


@pytest.mark.parametrize(
    "address", ["duckdb", "spark", "sc://host", "sc://host:15002", "sc://h:1/;use_ssl=true;token=x"]
)
def test_addresses(address, monkeypatch):
    assert engine_address(address) == address
    monkeypatch.setenv("ENTREPOT_ENGINE", address)
    assert engine_address() == address
    assert engine_address("duckdb") == "duckdb"


@pytest.mark.parametrize(
    "address", ["sail", "sc://", "sc://host:many", "http://host:1", "DuckDB", "spark://h:7077"]
)
def test_no_engine_has_another_address(address):
    with pytest.raises(EngineError, match="expected duckdb, sc://HOST:PORT"):
        Workspace("nowhere", engine=address)


def test_a_token_is_not_shown():
    assert shown("sc://host:443/;use_ssl=true;token=secret") == "sc://host:443"
    with pytest.raises(EngineError) as raised:
        engine_address("sx://host:443/;token=secret")
    assert "secret" not in str(raised.value)


def test_nobody_answers(demo):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    work = Workspace(demo, engine=f"sc://127.0.0.1:{port}/;token=secret")
    assert work.newest is not None  # what is known needs no engine
    with pytest.raises(EngineError, match=f"127.0.0.1:{port}: nobody answers there") as raised:
        _ = work.flows
    assert "secret" not in str(raised.value)


def test_a_server_that_sees_fewer_rows_is_refused(demo, sail, monkeypatch):
    """It reads what it finds under a path, and says nothing of what it does not find."""
    work = Workspace(demo, engine=sail)
    seen = work.snapshot
    more = tuple(replace(one, rows=one.rows + 1) for one in seen.reads)
    monkeypatch.setitem(work.__dict__, "snapshot", replace(seen, reads=more))
    with pytest.raises(EngineError, match=r"sees [\d,]+ of [\d,]+ rows of the store") as raised:
        _ = work.flows
    assert "\n" not in str(raised.value)


def test_files_that_the_server_does_not_see(demo, sail, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(demo, moved)
    work = Workspace(moved, engine=sail)
    assert work.snapshot.vintages
    shutil.rmtree(moved / "vintages")
    with pytest.raises(EngineError, match="sees 0 of"):
        _ = work.flows


@pytest.mark.parametrize("sign", ["[", "*", "?", "{", "%", "#"])
def test_a_path_that_a_server_may_take_for_a_pattern(sign, demo, sail, tmp_path):
    odd = tmp_path / f"a{sign}b"
    odd.symlink_to(demo)
    with pytest.raises(EngineError, match="which servers take for a pattern; rename the folder"):
        _ = Workspace(odd, engine=sail).flows


@costly
def test_a_server_that_is_gone(demo):
    """It is asked again for a few seconds, and no longer."""
    server, address = servers.sail()
    engine = Workspace(demo, engine=address).engine
    server.stop()
    with pytest.raises(EngineError, match="cannot do what is asked"):
        engine.run("select 1")


def test_what_is_no_query_is_one_line(demo, sail):
    engine = Workspace(demo, engine=sail).engine
    for query in ("select", "select no_such_column from flows", "cache table flows"):
        with pytest.raises(EngineError, match="cannot do what is asked") as raised:
            engine.run(query)
        assert "\n" not in str(raised.value)
        assert "--engine duckdb" in str(raised.value)


def test_spark_that_is_not_installed(tmp_path):
    from entrepot.engine import local

    try:
        import py4j  # noqa: F401
    except ImportError:
        with pytest.raises(EngineError, match=r"pip install 'entrepot\[spark\]'"):
            open_engine("spark", local(tmp_path))
    else:
        pytest.skip("Spark is installed here")
