"""How long from a table to a brief, and from a filled store? Limit: importing what it must."""

from __future__ import annotations

import tempfile
from pathlib import Path

import _data
from _clock import ENTREPOT, Run, python, run, show

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    table, mapping = _data.table(folder)
    store = ("--store", str(folder / "store"))
    brief = (ENTREPOT, "brief", *store, "--out", str(folder))
    words = ("source", "ingest", "generic", str(table), "--mapping", str(mapping))
    ingest = run(ENTREPOT, *words, *store)
    first = run(*brief)
    show(
        "A table of 1.1 million rows, to a brief",
        ("python -c 'import ibis, vl_convert'", python("import ibis, vl_convert", times=3)),
        {
            "ingest, then brief": Run(
                ingest.seconds + first.seconds, max(ingest.megabytes, first.megabytes)
            ),
            "brief on the filled store": run(*brief, times=3),
        },
    )
