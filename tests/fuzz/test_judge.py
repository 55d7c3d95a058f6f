"""Truth: faults planted here, each of which the judge of the campaign must call by its name."""

from __future__ import annotations

import pytest

from entrepot.errors import SourceError
from entrepot.workspace import Workspace
from fuzz import campaign as campaigns
from fuzz import judge
from fuzz.campaign import Worker
from fuzz.mutate import Damaged
from fuzz.starts import starts

OWN = [start.name for start in starts()].index("own csv")


@pytest.fixture(scope="module")
def bench():
    made = judge.Bench()
    yield made
    made.close()


def plain(start):
    """A case of which nothing is changed."""
    return Damaged(start, start.file, start.text.encode(), start.mapping, ())


@pytest.fixture
def run(bench, monkeypatch):
    """Run the own table, unchanged, with what takes it in replaced."""

    def go(fault=None):
        monkeypatch.setattr(judge, "damage", lambda _seed, _number: plain(starts()[OWN]))
        if fault:
            monkeypatch.setattr(Workspace, "ingest", fault)
        return bench.run(1, OWN).kind

    return go


def raising(error):
    def fault(*_args, **_named):
        raise error

    return fault


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyError("a"), "exception"),
        (SystemExit(), "exception"),
        (SourceError("a\nb"), "text"),
        (SourceError("a" * 2000), "text"),
        (SourceError("a: run with --debug"), "unforeseen"),
        (SourceError("a"), "refused"),
    ],
)
def test_what_is_raised_is_judged(run, error, kind):
    assert run(raising(error)) == kind


def test_a_refusal_that_leaves_something_in_the_store(run):
    def fault(desk, *_args, **_named):
        (desk.store.path / "staging" / "left").write_text("a")
        raise SourceError("a")

    assert run(fault) == "store"
    assert run(raising(SourceError("a"))) == "refused"  # the next case has a clean store


def test_a_vintage_that_nobody_told_of(run):
    taken = Workspace.ingest

    def fault(*args, **named):
        return taken(*args, **named) * 0

    assert run(fault) == "store"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda row: (*row[:4], row[4] + 1, *row[5:]), "contradiction"),
        (lambda row: (*row[:4], float("nan"), *row[5:]), "number"),
        (lambda row: (*row[:2], "999999", *row[3:]), "contradiction"),
        (lambda row: (*row[:3], "1999", *row[4:]), "contradiction"),
        (lambda row: row, "taken"),
    ],
)
def test_a_row_that_is_not_as_the_file_says(run, monkeypatch, change, kind):
    stored = judge._rows
    monkeypatch.setattr(judge, "_rows", lambda folder: [change(row) for row in stored(folder)])
    assert run() == kind


def test_a_row_that_is_lost(run, monkeypatch):
    stored = judge._rows
    monkeypatch.setattr(judge, "_rows", lambda folder: stored(folder)[1:])
    assert run() == "contradiction"


def test_a_case_that_takes_too_long_is_told_and_the_next_one_runs(monkeypatch):
    worker = Worker(1, "0")
    monkeypatch.setattr(campaigns, "LIMIT", 0.01)
    assert worker.run(0)["kind"] == "hang"
    monkeypatch.setattr(campaigns, "LIMIT", 60.0)
    assert worker.run(1)["kind"] in ("taken", "refused")
    worker.close()
