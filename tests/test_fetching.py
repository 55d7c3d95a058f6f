"""Fetching as a whole: complete, resumable, byte for byte the same, and never silently short."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

import publisher
from entrepot import fetch as fetching
from entrepot.contracts import Query
from entrepot.errors import (
    AccessError,
    DriftError,
    FetchError,
    RegistryError,
    SourceError,
    StoreError,
    TruncatedError,
    UnpublishedError,
)
from entrepot.parts import sources
from entrepot.reference import goods
from entrepot.sources import _fetch
from entrepot.sources.eurostat import comext
from entrepot.store.sealed import seal, unseal
from entrepot.workspace import Workspace
from publisher import Faults, Limits, Script
from support import commandline
from support.sampled import costly, some

LISTED = goods.load("chpl-2023-09").codes
MONTHS = tuple(f"2023-{month:02}" for month in range(1, 7))
ASKED = Query("M", MONTHS, ("TUR",), ("KAZ", "RUS"), ("export",), LISTED)


@pytest.fixture(scope="module")
def shared_server():
    with publisher.running(limits=Limits(pace=0)) as running:
        yield running


@pytest.fixture
def server(shared_server, monkeypatch):
    shared_server.reset()
    shared_server.faults = Faults()
    shared_server.world.today = date(2026, 1, 1)
    monkeypatch.setenv("ENTREPOT_PUBLISHER", shared_server.url)
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    monkeypatch.setattr(_fetch, "FIRST_PAUSE", 0.001)
    return shared_server


class Silent:
    """A watch that remembers what it was told."""

    def __init__(self):
        self.lines, self.calls, self.names = [], 0, []

    def planned(self, calls):
        self.calls = calls

    def answered(self, name, *, kept):
        self.names.append((name, kept))

    def said(self, text):
        self.lines.append(text)


@pytest.fixture
def fetch(tmp_path):
    """Fetch a query into a store; give what came of it."""

    def run(query=ASKED, *, wanted=None, store="store", fresh=False, watch=None):
        endpoint = fetching.endpoint_of("comtrade", sources()["comtrade"], wanted)
        plan = fetching.plan("comtrade", endpoint, [query])
        work = Workspace(tmp_path / store)
        return work, work.fetch(plan, watch or Silent(), fresh=fresh)

    return run


EVERY_ENDPOINT = {
    "comtrade preview": ("comtrade", "preview", {}),
    "comtrade data": ("comtrade", "data", {"flows": ("import", "export", "re-export")}),
    "comtrade bulk": ("comtrade", "bulk", {"flows": ("import", "export", "re-export")}),
    "eurostat sdmx": (
        "eurostat",
        "sdmx",
        {"reporters": ("DEU",), "flows": ("export", "re-export")},
    ),
    "eurostat bulk": ("eurostat", "bulk", {"reporters": ("DEU", "POL"), "periods": MONTHS[:1]}),
    "census": ("census", "api", {"reporters": ("USA",), "products": LISTED[:3]}),
    "census, all flows": (
        *("census", "api"),
        {"reporters": ("USA",), "products": LISTED[:2], "flows": ("import", "export", "re-import")},
    ),
    "hmrc": (
        *("hmrc", "odata"),
        {"reporters": ("GBR",), "products": LISTED[:7], "flows": ("export", "re-export")},
    ),
    "baci": (
        *("baci", "zip"),
        {"freq": "A", "periods": ("2018", "2019"), "flows": ("import", "export")},
    ),
    "baci, a country it has not": (
        *("baci", "zip"),
        {"freq": "A", "periods": ("2019",), "reporters": ("TUR", "TUV"), "products": ()},
    ),
}


@pytest.mark.parametrize("case", some(EVERY_ENDPOINT, 2))
def test_a_second_run_at_any_endpoint_asks_the_index_and_nothing_else(
    server, tmp_path, monkeypatch, case
):
    for name in ("COMTRADE", "CENSUS"):
        monkeypatch.setenv(f"ENTREPOT_{name}_KEY", "premium-key")
    name, chosen, changes = EVERY_ENDPOINT[case]
    # The server writes pieces as PCE in bulk files.
    monkeypatch.setattr("entrepot.sources.eurostat.comext.OWN_UNITS", (*comext.OWN_UNITS, "PCE"))
    endpoint = fetching.endpoint_of(name, sources()[name], chosen)
    plan = fetching.plan(name, endpoint, [replace(ASKED, **changes)])
    first = Workspace(tmp_path / "store").fetch(plan, Silent())
    assert sum(vintage.rows for vintage in first.vintages)
    server.reset()
    watch = Silent()
    again = Workspace(tmp_path / "store").fetch(plan, watch)
    assert len(watch.names) == watch.calls == len(plan.index)
    assert not again.vintages
    assert watch.lines == [
        f"{name}: nothing new: the store holds all that is published of what is asked"
    ]


def test_only_what_is_new_to_the_store_is_asked_for(server, fetch):
    """Half of the months, then all: the second run asks for the other half."""
    fetch(replace(ASKED, periods=MONTHS[:3]))
    server.reset()
    work, _found = fetch()
    periods = {entry.params.get("period") for entry in server.record.entries[1:]}
    assert periods == {month.replace("-", "") for month in MONTHS[3:]}
    other = replace(ASKED, partners=("KAZ", "RUS", "UZB"))
    fetch(other)
    assert server.record.entries[-1].params["partnerCode"].count(",") == 2
    after = Workspace(work.store.path)
    assert {row["partner"] for row in after.rows(after.flows)} == {"KAZ", "RUS", "UZB"}


def test_months_that_are_new_are_asked_for_alone_whatever_flows_a_source_lacks(
    server, tmp_path, monkeypatch
):
    """Census answers 60 months at once and has no re-imports."""
    monkeypatch.setenv("ENTREPOT_CENSUS_KEY", "premium-key")
    endpoint = fetching.endpoint_of("census", sources()["census"])
    flows = ("import", "export", "re-import")
    query = replace(ASKED, reporters=("USA",), products=LISTED[:1], flows=flows)
    for periods in (MONTHS[:3], MONTHS):
        server.reset()
        plan = fetching.plan("census", endpoint, [replace(query, periods=periods)])
        Workspace(tmp_path / "store").fetch(plan, Silent())
    asked = [entry.params["time"] for entry in server.record.entries[len(plan.index) :]]
    assert asked == ["from 2023-04 to 2023-06"] * 2


def test_two_queries_of_one_plan_whose_answers_have_one_name_are_both_asked():
    """Eurostat's names say the first partner and how many more there are."""
    endpoint = fetching.endpoint_of("eurostat", sources()["eurostat"], "sdmx")
    german = replace(ASKED, reporters=("DEU",), partners=("KAZ", "RUS"))
    queries = [german, replace(german, partners=("KAZ", "UZB")), german]
    plan = fetching.plan("eurostat", endpoint, queries)
    assert len(plan.requests) == 2
    assert len({request.name for request in plan.requests}) == 1


def test_what_a_source_never_has_is_said_before_anybody_is_asked(server, tmp_path):
    endpoint = fetching.endpoint_of("baci", sources()["baci"])
    plan = fetching.plan("baci", endpoint, [ASKED])
    with pytest.raises(FetchError, match="baci: publishes no monthly export as asked"):
        Workspace(tmp_path / "store").fetch(plan, Silent())
    assert server.record.entries == []


def test_real_and_synthetic_figures_are_kept_apart_before_anybody_is_asked(
    server, desk, table, tmp_path
):
    desk.take(table("own.csv", {}))
    endpoint = fetching.endpoint_of("comtrade", sources()["comtrade"])
    plan = fetching.plan("comtrade", endpoint, [ASKED])
    with pytest.raises(StoreError, match="synthetic files never mix with the real ones it holds"):
        Workspace(tmp_path / "store").fetch(plan, Silent())
    assert server.record.entries == []


def test_an_answer_of_an_earlier_day_is_of_that_day(server, tmp_path, monkeypatch):
    """Census says no day: a run cut off yesterday leaves answers that are of yesterday."""
    monkeypatch.setenv("ENTREPOT_CENSUS_KEY", "premium-key")
    endpoint = fetching.endpoint_of("census", sources()["census"])
    query = replace(ASKED, reporters=("USA",), products=LISTED[:2])
    plan = fetching.plan("census", endpoint, [query])
    server.faults = Faults(
        scripts=(Script(2, "redirect", LISTED[1]), Script(1, "redirect", LISTED[1]))
    )
    with pytest.raises(FetchError, match="redirected"):
        Workspace(tmp_path / "store").fetch(plan, Silent())
    server.faults = Faults()
    kept = [
        path
        for path in (tmp_path / "store/answers/census").glob("*/answer.json")
        if json.loads(path.read_text())["params"].get("E_COMMODITY") == LISTED[0]
    ]
    assert len(kept) == 1
    record = unseal(kept[0].read_bytes())
    then = datetime.fromisoformat(record["at"]) - timedelta(days=3)
    kept[0].write_bytes(seal(record | {"at": then.isoformat()}))
    found = Workspace(tmp_path / "store").fetch(plan, Silent())
    assert [vintage.published for vintage in found.vintages] == [
        then.date(),
        then.date() + timedelta(days=3),
    ]


def tree(folder):
    """Every vintage's files and their bytes."""
    root = folder / "vintages"
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_what_is_fetched_is_what_the_publisher_has(server, fetch):
    work, found = fetch()
    rows = work.rows(work.flows)
    theirs = server.world
    assert found.calls == 7
    assert {row["vintage"] for row in rows} == {vintage.id for vintage in found.vintages}
    assert {row["partner"] for row in rows} == {"KAZ", "RUS"}
    assert {f"{row['period']:%Y-%m}" for row in rows} == set(MONTHS)
    assert len(rows) == sum(
        json.loads(raw.read_bytes())["count"]
        for raw in (work.store.path / "vintages").glob("*/raw/*")
    )
    days = {vintage.published for vintage in found.vintages}
    assert len(days) == 6  # each month of 2023 has its own day of release
    assert max(days) <= theirs.today
    assert all(vintage.synthetic for vintage in found.vintages)
    assert not list((work.store.path / "answers" / "comtrade").glob("*/answer.json"))


def test_a_second_run_asks_the_index_and_nothing_else(server, fetch):
    fetch()
    server.reset()
    _work, found = fetch()
    assert [entry.url for entry in server.record.entries] == [
        "https://comtradeapi.un.org/public/v1/getDA/C/M/HS"
    ]
    assert not found.vintages


def test_a_release_since_is_asked_for_again_and_replaces_what_was(server, fetch):
    work, _found = fetch()
    before = {row["period"]: row["value_usd"] for row in work.rows(work.flows)}
    server.world.revise("TUR", "2023-02", date(2025, 9, 1))
    _work, found = fetch()
    assert [vintage.published for vintage in found.vintages] == [date(2025, 9, 1)]
    after = Workspace(work.store.path)
    changed = {row["period"] for row in after.rows(after.flows) if row["vintage"] in str(found)}
    assert changed == {date(2023, 2, 1)}
    then = Workspace(work.store.path, as_of=date(2025, 8, 31))
    assert {row["period"]: row["value_usd"] for row in then.rows(then.flows)} == before


def test_an_unpublished_month_and_an_empty_one_are_two_things(server, fetch):
    months = ("2023-04", "2023-05", "2024-11", "2024-12")
    query = Query("M", months, ("UZB",), ("RUS",), ("export",), LISTED)
    work, found = fetch(query)
    assert found.empty == (("UZB", "2023-05"),)
    assert found.unpublished == (("UZB", "2024-11"), ("UZB", "2024-12"))
    published = {f"{row['period']:%Y-%m}" for row in work.rows(work.slices)}
    assert published == {"2023-04", "2023-05"}
    assert "2023-05" not in {f"{row['period']:%Y-%m}" for row in work.rows(work.flows)}
    server.reset()
    _work, again = fetch(query)
    assert len(server.record.entries) == 1
    assert again.unpublished == found.unpublished


@pytest.mark.usefixtures("server")
def test_only_unpublished_months_are_refused(fetch, tmp_path):
    with pytest.raises(UnpublishedError, match=r"none of the 1 reporter-periods .* UZB 2024-12"):
        fetch(Query("M", ("2024-12",), ("UZB",), ("RUS",), ("export",), LISTED))
    assert not (tmp_path / "store" / "vintages").exists()


def test_what_comes_out_after_a_run_that_found_nothing_is_seen_at_once(server, fetch):
    server.world.today = date(2023, 5, 1)
    query = replace(ASKED, periods=("2023-06",))
    with pytest.raises(UnpublishedError):
        fetch(query)
    server.world.today = date(2026, 1, 1)
    _work, found = fetch(query)
    assert sum(vintage.rows for vintage in found.vintages)


def test_what_is_released_after_a_run_broke_off_is_not_taken_for_the_release_before(
    server, fetch, monkeypatch
):
    """The run that goes on asks what is out by then, and for the new release of it."""
    monkeypatch.setattr(server, "world", publisher.World.made())
    server.world.today = date(2024, 1, 1)
    server.faults = Faults(scripts=(Script(4, "drift", "preview"),))
    with pytest.raises(DriftError):
        fetch()
    server.faults = Faults()
    for month in MONTHS:
        server.world.revise("TUR", month, date(2024, 1, 1))
    _work, found = fetch()
    assert {vintage.published for vintage in found.vintages} == {date(2024, 1, 1)}
    assert found.reused == 0


def test_an_answer_cut_at_the_limit_is_asked_for_in_parts(monkeypatch, fetch):
    monkeypatch.setattr(_fetch, "FIRST_PAUSE", 0.001)
    whole, _found = _with_limit(monkeypatch, fetch, 500, "whole")
    monkeypatch.setattr("entrepot.sources.comtrade.endpoints.PREVIEW_ROWS", 40)
    monkeypatch.setattr("entrepot.sources.comtrade.endpoints._cells", lambda _query: 1)
    watch = Silent()
    parts, found = _with_limit(monkeypatch, fetch, 40, "parts", watch)
    assert found.calls > 7
    assert any("asking for 2 parts instead" in line for line in watch.lines)
    assert watch.calls == len(watch.names)
    key = ("period", "partner", "product", "value_usd")
    assert sorted(tuple(row[k] for k in key) for row in parts.rows(parts.flows)) == sorted(
        tuple(row[k] for k in key) for row in whole.rows(whole.flows)
    )


def _with_limit(monkeypatch, fetch, rows, store, watch=None):
    with publisher.running(limits=Limits(pace=0, preview_rows=rows)) as server:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", server.url)
        return fetch(store=store, watch=watch)


def test_what_cannot_be_asked_in_parts_is_refused(monkeypatch, fetch, tmp_path):
    monkeypatch.setattr("entrepot.sources.comtrade.endpoints.PREVIEW_ROWS", 1)
    monkeypatch.setattr("entrepot.sources.comtrade.endpoints._cells", lambda _query: 0)
    one = Query("M", ("2023-01",), ("TUR",), ("RUS",), ("export",), ("854231",))
    with publisher.running(limits=Limits(pace=0, preview_rows=1)) as server:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", server.url)
        with pytest.raises(TruncatedError, match="cannot be asked for in smaller parts"):
            fetch(one)
    assert not (tmp_path / "store" / "vintages").exists()


def test_a_new_field_is_named_and_the_store_is_unchanged(server, fetch, tmp_path):
    server.faults = Faults(scripts=(Script(3, "drift", "preview"),))
    with pytest.raises(DriftError, match="unknown field"):
        fetch()
    assert not list((tmp_path / "store" / "vintages").iterdir())
    server.faults = Faults()
    server.reset()
    work, _found = fetch()
    assert len({row["period"] for row in work.rows(work.flows)}) == 6
    assert len(server.record.entries) == 2  # the index, and the answer that could not be read


def test_an_index_that_cannot_be_read_is_asked_for_again(server, fetch, monkeypatch):
    def broken(paths):
        raise SourceError(f"{paths[0].name}: no list of records; fetch it again")

    endpoint = fetching.endpoint_of("comtrade", sources()["comtrade"])
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "endpoint_of", lambda *_: replace(endpoint, releases=broken))
        with pytest.raises(SourceError, match="comtrade-index-M-TUR"):
            fetch()
    server.reset()
    fetch()
    assert len(server.record.entries) == 7


@pytest.mark.usefixtures("server")
def test_an_endpoint_without_its_key_is_passed_over_and_asked_by_name_refused():
    comtrade = sources()["comtrade"]
    assert fetching.endpoint_of("comtrade", comtrade).name == "preview"
    with pytest.raises(AccessError, match="ENTREPOT_COMTRADE_KEY or /nonexistent"):
        fetching.endpoint_of("comtrade", comtrade, "bulk")
    with pytest.raises(
        RegistryError, match="no endpoint is called 'back'; there are: data, preview"
    ):
        fetching.endpoint_of("comtrade", comtrade, "back")
    with pytest.raises(FetchError, match="generic: only you know where its files come from"):
        fetching.endpoint_of("generic", sources()["generic"])


def test_a_key_is_read_from_the_file_of_keys_and_never_stored(server, fetch, tmp_path, monkeypatch):
    folder = tmp_path / "config" / "entrepot"
    folder.mkdir(parents=True)
    (folder / "keys.toml").write_text('comtrade = "free-key"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    months = tuple(f"2022-{month:02}" for month in range(1, 13))
    work, found = fetch(Query("M", months, ("TUR",), ("KAZ", "RUS"), ("export",), LISTED))
    assert server.record.entries[-1].key == "free"
    assert found.calls == 2  # the index, and twelve months that were released on one day
    kept = [p for p in work.store.path.rglob("*") if p.is_file()]
    assert kept
    assert not [path for path in kept if b"free-key" in path.read_bytes()]
    (folder / "keys.toml").write_text('comtrade = free-key"\n')
    with pytest.raises(AccessError, match=r"cannot be read as TOML") as caught:
        fetching.endpoint_of("comtrade", sources()["comtrade"])
    assert "free-key" not in str(caught.value)


@pytest.mark.parametrize("endpoint", ["preview", "data", "bulk"])
@pytest.mark.usefixtures("server")
def test_every_endpoint_gives_the_same_cells(fetch, monkeypatch, endpoint):
    monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", "premium-key")
    query = Query("M", ("2023-01", "2023-02"), ("TUR",), ("KAZ", "RUS"), ("export",), LISTED)
    work, _found = fetch(query, wanted=endpoint, store=endpoint)
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY")
    plain, _found = fetch(query, store="plain")
    wanted = plain.rows(plain.flows)
    cells = {(r["period"], r["partner"], r["product"], r["value_usd"]) for r in wanted}
    found = {
        (r["period"], r["partner"], r["product"], r["value_usd"])
        for r in work.rows(work.flows)
        if r["partner"] in ("KAZ", "RUS") and r["flow"] == "export" and r["product"] in LISTED
    }
    assert found == cells
    assert cells


WORDS = ("source", "fetch", "comtrade", "--reporters", "TUR,KAZ", "--partners", "RUS,KGZ",
         "--goods", "chpl-2023-09", "--first", "2023-01", "--last", "2023-12",
         "--store")  # fmt: skip
RUN = f"""
import sys
from entrepot.sources import _fetch
_fetch.FIRST_PAUSE = 0.01
from entrepot.cli import main
sys.argv = [*{("entrepot", *WORDS)}, sys.argv[1]]
main()
"""


@costly
def test_killed_again_and_again_among_faults_it_ends_with_the_same_bytes(server, tmp_path):
    clean, rough = tmp_path / "clean", tmp_path / "rough"
    commandline.run(*WORDS, clean)
    server.reset()
    kinds = ("429", "500", "cut", "half", "garbage")
    server.faults = Faults(shares=dict.fromkeys(kinds, 0.01), seed=5)
    for kill in range(1, 6):
        run = subprocess.Popen(
            [sys.executable, "-c", RUN, str(rough)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait(lambda kill=kill: len(server.record.entries) >= 4 * kill, run)
        run.kill()
        run.wait()
    assert not list((rough / "vintages").glob("*")) if (rough / "vintages").exists() else True
    subprocess.run([sys.executable, "-c", RUN, str(rough)], check=True, capture_output=True)
    assert tree(rough) == tree(clean)
    assert any(entry.outcome in kinds for entry in server.record.entries)
    # An answer that arrives while the process dies is lost with it; nothing kept is asked again.
    assert len(server.record.answered_twice()) <= 5


def _wait(reached, run):
    deadline = time.monotonic() + 30
    while not reached() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
