"""Servers: engines beside DuckDB that tests put the same questions to."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

OTHERS = ("sail", "spark")
"""A Spark Connect server without Java, in the environment of every run; and Spark, with its own."""
WARNS = pytest.mark.filterwarnings("default")
"""The warnings of Spark's client are not ours to mend."""


def sail():
    """Start Sail in this process on a free port; return the server and its address.

    Skips where the client or the server is not installed.
    """
    os.environ.setdefault("RUST_LOG", "off")
    for name in ("pysail", "grpc_status", "pandas", "pyspark.sql.connect"):
        if not _is_here(name):
            pytest.skip(f"{name} is not installed here: extra cluster and the development group")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start()
    host, port = server.listening_address
    return server, f"sc://{host}:{port}"


def spark():
    """Return the address of Spark in this machine; skips where Spark or Java is not."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    if not _is_here("pyspark") or not _is_here("py4j"):
        pytest.skip("Spark is not installed here; run: make spark")
    return "spark"


def _is_here(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
