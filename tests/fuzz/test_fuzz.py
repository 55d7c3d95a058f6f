"""Truth: damaged files of every source are right and whole in the store, or refused in a line."""

from __future__ import annotations

import pytest

from entrepot.parts import read_mapping, sources
from entrepot.workspace import Workspace
from fuzz.campaign import campaign
from fuzz.mutate import damage
from fuzz.starts import starts
from support import sampled

TIMES = {"short": 1, "whole": 3, "long": 30}[sampled.FORM]
CASES = range(100_000, 100_000 + TIMES * len(starts()))


@pytest.mark.parametrize(
    "start", [s for s in starts() if not s.is_proposal], ids=lambda start: start.name
)
def test_every_start_is_taken_in(tmp_path, start):
    path = tmp_path / start.file
    path.write_bytes(start.pack(start.text.encode()))
    how = None
    if start.mapping is not None:
        (tmp_path / "how.toml").write_text(start.mapping, "utf-8")
        how = read_mapping(str(tmp_path / "how.toml"))
    [vintage] = Workspace(tmp_path / "store").ingest(start.source, [path], mapping=how)
    assert vintage.rows > 1


def test_every_source_has_a_start():
    assert {start.source for start in starts()} == set(sources())


def test_a_seed_gives_the_same_file_again():
    assert all(damage(7, number) == damage(7, number) for number in range(len(starts())))


def test_a_short_campaign_finds_nothing():
    told = campaign(1, CASES, lambda _told, _outcome: None)
    assert not told.findings
    assert told.kinds["taken"] + told.kinds["refused"] == len(CASES)
