"""Status against the test server: what is stored, what is out, what was revised; and by hand."""

from __future__ import annotations

from datetime import date

import pytest

import publisher
from entrepot import fetch as fetching
from entrepot.contracts import Query, Release
from entrepot.parts import sources
from entrepot.status import SourceStatus, _after, _standing, connector_of, status
from entrepot.workspace import Workspace
from publisher import Limits

TODAY = date(2023, 11, 20)
HELD = {"2023-01": date(2023, 3, 1), "2023-02": date(2023, 4, 1)}


class Silent:
    def __init__(self):
        self.lines = []

    def planned(self, calls):
        pass

    def answered(self, name, *, kept):
        pass

    def said(self, text):
        self.lines.append(text)


def standing(*releases, freq="M"):
    return _standing("comtrade", "TUR", freq, HELD, releases)


def released(period, day, reporter="TUR", freq="M"):
    return Release(reporter, freq, period, day)


def test_without_a_word_of_the_publisher_only_the_store_is_told():
    bare = SourceStatus("comtrade", "TUR", "M", 2, "2023-02", date(2023, 4, 1))
    assert standing() == bare
    assert standing(released("2023-01", None, "KAZ"), released("2023", None, freq="A")) == bare


def test_later_days_are_revisions_and_later_periods_are_new():
    found = standing(
        released("2022-12", date(2024, 1, 1)),
        released("2023-01", date(2023, 3, 2)),
        released("2023-02", date(2023, 4, 1)),
        released("2023-03", date(2023, 5, 1)),
        released("2023-04", date(2023, 6, 1)),
    )
    assert (found.revised, found.new) == (1, 2)
    assert (found.published_last, found.released) == ("2023-04", date(2023, 6, 1))


def test_a_publisher_that_gives_no_days_leaves_revisions_open():
    found = standing(released("2023-01", None), released("2023-03", None))
    assert (found.revised, found.new) == (None, 1)


def test_a_file_of_everybody_is_a_release_of_each():
    found = standing(released("2023-02", date(2023, 9, 1), reporter=""))
    assert (found.revised, found.new, found.published_last) == (1, 0, "2023-02")


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2023-08", ["2023-09", "2023-10", "2023-11"]),
        ("2022-11", [*("2022-12",), *(f"2023-{month:02}" for month in range(1, 12))]),
        ("2023-11", []),
        ("2024-02", []),
        ("2021", ["2022", "2023"]),
        ("2023", []),
    ],
)
def test_a_publisher_is_asked_for_every_period_up_to_today(last, expected):
    assert list(_after(last, TODAY)) == expected


def test_a_source_that_a_connector_names_is_asked_at_its_endpoints():
    known = dict.fromkeys(("baci", "comtrade", "generic"))
    assert connector_of("comtrade", known) == "comtrade"
    assert connector_of("baci_hs22", known) == "baci"
    assert connector_of("national", known) is None


@pytest.fixture
def server(monkeypatch):
    with publisher.running(limits=Limits(pace=0)) as server:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", server.url)
        monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
        for name in ("COMTRADE", "CENSUS"):
            monkeypatch.setenv(f"ENTREPOT_{name}_KEY", "free-key")
        server.world.today = date(2026, 1, 1)
        yield server
        server.world.today = date(2026, 1, 1)


def fetch(work, name, **asked):
    known = {"freq": "M", "periods": ("2023-01", "2023-02"), "flows": ("export",)}
    query = Query(**(known | asked))
    plan = fetching.plan(name, fetching.endpoint_of(name, sources()[name]), [query])
    work.fetch(plan, Silent())


def test_what_came_out_since_is_counted_at_each_publisher(server, tmp_path, monkeypatch):
    work = Workspace(tmp_path / "store")
    some = {"products": ("854231",), "partners": ("RUS", "KAZ")}
    fetch(work, "comtrade", reporters=("TUR", "KGZ"), **some)
    fetch(work, "census", reporters=("USA",), **some)
    fetch(work, "baci", freq="A", periods=("2018",), reporters=("TUR",))
    server.world.revise("TUR", "2023-02", date(2025, 9, 1))
    watch = Silent()
    rows = status(work.store, sources(), watch, ask=True, today=date(2024, 12, 31))
    found = {(row.source, row.reporter): row for row in rows}
    turkey = found["comtrade", "TUR"]
    assert (turkey.periods, turkey.stored_last, turkey.published_last) == (2, "2023-02", "2024-12")
    assert (turkey.revised, turkey.new) == (1, 21)  # 22 months since; June 2024 is not out
    assert found["comtrade", "KGZ"].revised == 0
    assert (found["census", "USA"].revised, found["census", "USA"].new) == (None, 22)
    assert (found["baci_hs17", "TUR"].revised, found["baci_hs17", "TUR"].new) == (0, 0)
    monkeypatch.delenv("ENTREPOT_CENSUS_KEY")
    rows = status(work.store, sources(), watch, ask=True, today=date(2024, 12, 31))
    [america] = [row for row in rows if row.source == "census"]
    assert (america.periods, america.published_last) == (2, None)
    assert watch.lines[-1].startswith("census: needs a key; get one at ")
    server.reset()
    assert len(status(work.store, sources(), watch, ask=False)) == len(rows)
    assert server.record.entries == []
    assert not list((tmp_path / "store/answers").glob("*/*/answer.json"))
