"""Publisher: a test server that answers as the publishers of trade statistics do, faults included.

Start it in a test with `with publisher.running() as server:`, or by hand with
`PYTHONPATH=tests .venv/bin/python -m publisher`. A request for https://HOST/PATH?QUERY is asked
at `server.url`/HOST/PATH?QUERY. All numbers are of the synthetic demo world.
"""

from __future__ import annotations

from publisher.faults import KINDS, Fault, Faults, Script
from publisher.limits import KEYS, Limits
from publisher.record import Entry, Record
from publisher.server import Publisher, running
from publisher.world import World

__all__ = [
    "KEYS",
    "KINDS",
    "Entry",
    "Fault",
    "Faults",
    "Limits",
    "Publisher",
    "Record",
    "Script",
    "World",
    "running",
]
