"""Fixtures of the server's tests: one small world, one invented one, answered in this process."""

from __future__ import annotations

import pytest

from entrepot.api.app import create, here
from entrepot.workspace import Workspace
from support import scan_world
from support.once import once
from support.plain import OWN
from support.web import Client

CSV = (
    "month,reporter,partner,flow,product,value\n2022-01,DEU,KAZ,X,854231,100\n"
    "2022-01,DEU,KGZ,X,854231,7\n2022-02,DEU,KAZ,X,854231,50\n2022-01,KAZ,DEU,M,854231,90\n"
)


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A store of two vintages with a route and a ghost: see `support.scan_world`."""
    return scan_world.stored(tmp_path_factory)


@pytest.fixture(scope="session")
def invented(tmp_path_factory):
    """A small store that says of itself that it is invented."""

    def fill(folder):
        path = folder / "a.csv"
        path.write_text(CSV)
        desk = Workspace(folder / "store")
        desk.ingest("generic", [path], mapping=OWN, scope="part", synthetic=True)

    return once(tmp_path_factory, "invented", fill) / "store"


@pytest.fixture(scope="session")
def client(world):
    """The server on the small world."""
    return Client(create(world, run=here(world)))


@pytest.fixture(scope="session")
def marked(invented):
    """The server on the invented store."""
    return Client(create(invented, run=here(invented)))
