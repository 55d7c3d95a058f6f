"""How long does the command line take to start? Limit: Python itself."""

from __future__ import annotations

from _clock import ENTREPOT, python, run, show

show(
    "Start of the command line",
    ("python -c pass", python("pass", times=5)),
    {
        "entrepot --help": run(ENTREPOT, "--help", times=5),
        "entrepot source ingest --help": run(ENTREPOT, "source", "ingest", "--help", times=5),
    },
)
