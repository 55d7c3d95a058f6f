"""A store that is filled from a publisher, under a random life, against the publisher's own world.

Months come out and are revised, the network fails, fetches are killed at any of their calls to the
system, files are damaged and restored. After each step the store gives, as of every day, the sums
of the months that a whole fetch brought; a fetch that failed or died brings all it would, or
nothing. `make faults` runs it for a quarter of MINUTES=60, from SEED=1.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

import publisher
from entrepot import fetch as fetching
from entrepot.contracts import Query
from entrepot.demo.places import NUMBER
from entrepot.errors import EntrepotError, StoreError, UnpublishedError
from entrepot.parts import sources
from entrepot.sources import _fetch
from entrepot.store import audit
from entrepot.workspace import Workspace
from publisher import Faults, Limits
from support.faults import count, die, fork
from support.lives import campaign, live
from support.sampled import LONG, WHOLE

MONTHS = ("2023-01", "2023-02", "2023-03")
CODES = ("854231", "854232", "851762")
done: Counter[str] = Counter()


def plan(months):
    query = Query("M", tuple(months), ("TUR",), ("KAZ", "RUS"), ("export",), CODES)
    endpoint = fetching.endpoint_of("comtrade", sources()["comtrade"], None)
    return fetching.plan("comtrade", endpoint, [query])


def bring(store, months, step=0):
    """Fetch months; with a step, be killed at that call to the system."""
    if step:
        count(step, die)
    Workspace(store).fetch(plan(months), mock.Mock(), fresh=False)


class Fetching(RuleBasedStateMachine):
    """One store, one publisher, and what a whole fetch brought of each month on which day."""

    server: publisher.server.Server

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = self.folder / "store"
        self.known = {month: {} for month in MONTHS}  # month: {day of release: total}
        self.damaged = None  # (id, path, bytes before)
        self.server.reset()
        self.server.world = publisher.World.made()
        self.world.today = date(2023, 5, 1)
        self.server.faults = Faults()

    def teardown(self):
        shutil.rmtree(self.folder)

    @property
    def world(self):
        return self.server.world

    def issued(self, months):
        """What the publisher has of months: its day and the total of each."""
        issues = {one.period: one.last for one in self.world.issues("TUR")}
        partners = [NUMBER[who] for who in ("KAZ", "RUS")]
        return {
            month: (issues[month], int(self.world.select(
                "TUR", [month], flows=[0], partners=partners,
                products=CODES).usd.sum()))
            for month in months if month in issues
        }  # fmt: skip

    def learn(self, months):
        for month, (day, total) in self.issued(months).items():
            self.known[month][day] = total

    def sums(self, as_of=None):
        """What the store gives by month."""
        found = dict.fromkeys(MONTHS, 0)
        work = Workspace(self.store, as_of=as_of)
        for row in work.rows(work.flows):
            found[f"{row['period']:%Y-%m}"] += row["value_usd"]
        return {month: total for month, total in found.items() if total}

    def expected(self, as_of=None):
        found = {}
        for month, days in self.known.items():
            if seen := [day for day in days if as_of is None or day <= as_of]:
                found[month] = days[max(seen)]
        return found

    @rule(days=st.integers(1, 60))
    def wait(self, days):
        self.world.today += timedelta(days=days)
        done["days pass"] += 1

    @rule(month=st.sampled_from(MONTHS))
    def revise(self, month):
        if month in self.issued([month]) and self.issued([month])[month][0] < self.world.today:
            self.world.revise("TUR", month, self.world.today)
            done["revised"] += 1

    @rule(months=st.sets(st.sampled_from(MONTHS), min_size=1))
    def fetch(self, months):
        if self.damaged:
            with pytest.raises(StoreError, match=self.damaged[0]):
                bring(self.store, months)
            done["fetch: damage named"] += 1
        elif not self.issued(months):
            with pytest.raises(UnpublishedError):
                bring(self.store, months)
            done["fetch: unpublished"] += 1
        else:
            bring(self.store, months)
            self.learn(months)
            done["fetched"] += 1

    @precondition(lambda self: not self.damaged)
    @rule(months=st.sets(st.sampled_from(MONTHS), min_size=1), number=st.integers(1, 10_000))
    def fetch_badly(self, months, number):
        """The network fails in every way: the fetch brings all, or nothing and one line."""
        shares = dict.fromkeys(
            ("429", "500", "503", "cut", "half", "short", "garbage", "html"), 0.1
        )
        self.server.faults = Faults(shares=shares, seed=number)
        try:
            bring(self.store, months)
        except EntrepotError:
            done["fetch: failed"] += 1
        else:
            self.learn(months)
            done["fetch: through faults"] += 1
        self.server.faults = Faults()

    @precondition(lambda self: not self.damaged)
    @rule(months=st.sets(st.sampled_from(MONTHS), min_size=1), step=st.integers(1, 250))
    def die(self, months, step):
        child = fork.Process(target=bring, args=(self.store, months, step))
        child.start()
        child.join(120)
        assert child.exitcode is not None, "a fetch hangs"
        if not self.issued(months):
            done["killed: unpublished"] += 1
        elif child.exitcode == 0:
            self.learn(months)
            done["fetched"] += 1
        else:
            assert child.exitcode == -9
            before = self.expected()
            if self.sums() != before:
                self.learn(months)
            done[f"killed: {'before' if self.expected() == before else 'after'}"] += 1

    @precondition(lambda self: not self.damaged and any(self.known.values()))
    @rule(data=st.data())
    def damage(self, data):
        paths = sorted(self.store.glob("vintages/*/*.parquet"))
        path = data.draw(st.sampled_from(paths))
        text = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, 8 * len(text) - 1))
        self.damaged = path.parent.name, path, bytes(text)
        text[bit // 8] ^= 1 << bit % 8
        path.unlink()
        path.write_bytes(text)
        done["damaged"] += 1

    @precondition(lambda self: self.damaged)
    @rule()
    def restore(self):
        name, path, text = self.damaged
        assert any(name in one for one in audit.check(Workspace(self.store).store))
        path.unlink()
        path.write_bytes(text)
        self.damaged = None
        done["restored"] += 1

    @invariant()
    def the_store_gives_what_was_brought(self):
        if self.damaged:
            with pytest.raises(StoreError, match=self.damaged[0]):
                self.sums()
            return
        days = {day for known in self.known.values() for day in known}
        for as_of in (None, *days):
            if as_of is None and not days:
                continue
            assert self.sums(as_of) == self.expected(as_of)


def test_whatever_happens_a_fetch_brings_all_or_nothing(capsys, monkeypatch):
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    monkeypatch.setattr(_fetch, "FIRST_PAUSE", 0.001)
    with publisher.running(limits=Limits(pace=0)) as server:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", server.url)
        Fetching.server = server
        if not LONG:
            live(Fetching, lives=6 if WHOLE else 2)
            assert sum(done.values()) > 10
            assert not WHOLE or {"fetched", "days pass"} <= done.keys()
            return
        first, minutes = os.environ.get("SEED", "1"), os.environ.get("MINUTES", "4")
        campaign(Fetching, done, capsys, first=int(first), seconds=float(minutes) * 15, lives=5)
    assert {"fetched", "revised", "killed: before", "fetch: failed", "restored"} <= done.keys()
