"""Embedded figures: the small real table that answers the default study before any download.

`eu27-exports.csv` is made by `tools/make_embedded.py` from Eurostat's files; its passport says
what is in it. It enters a store through the `generic` source like any user's file.
"""

from __future__ import annotations

import tomllib
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entrepot.workspace import Workspace

NAME = "eu27-exports"


def passport() -> dict[str, Any]:
    """Return what the table is: title, publisher, dataset, days, licence, contents."""
    return tomllib.loads(files("entrepot.embedded").joinpath(f"{NAME}.toml").read_text("utf-8"))


def mapping() -> dict[str, Any]:
    """Return the mapping by which `generic` reads the table."""
    text = files("entrepot.embedded").joinpath(f"{NAME}.mapping.toml").read_text("utf-8")
    return tomllib.loads(text)


def fill(workspace: Workspace) -> str:
    """Put the table into a workspace's store and return the notice a brief must open with."""
    with as_file(files("entrepot.embedded").joinpath(f"{NAME}.csv")) as path:
        workspace.ingest("generic", [path], mapping=mapping(), scope="part")
    return str(passport()["notice"])
