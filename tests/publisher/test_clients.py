"""Truth: clients that others wrote, which ask the same server and must get the same cells."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

import publisher
from entrepot import fetch as fetching
from entrepot.contracts import Query
from entrepot.parts import sources
from entrepot.workspace import Workspace
from publisher import Limits
from publisher.eurostat import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MONTHS = ("2023-01", "2023-02")
CODES = ("854231", "854232")
DemoCells = dict[tuple[str, ...], float]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[publisher.Publisher]:
    with publisher.running(limits=Limits(pace=0)) as running:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", running.url)
        monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
        monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)
        yield running


class _Silent:
    def planned(self, calls: int) -> None: ...

    def answered(self, name: str, *, kept: bool) -> None: ...

    def said(self, text: str) -> None: ...


def client(module: str) -> Any:
    """Return a client's module; skip where it is not installed."""
    name = module.partition(".")[0]
    pytest.importorskip(name, reason=f"the client {name} is not installed here")
    return importlib.import_module(module)


def ours(
    folder: Path, source: str, wanted: str, partners: tuple[str, ...] = ("KAZ", "TUR", "KGZ")
) -> list[dict[str, Any]]:
    """Ask with entrepot what Germany sold; return what the store holds then."""
    query = Query("M", MONTHS, ("DEU",), partners, ("export",), CODES)
    endpoint = fetching.endpoint_of(source, sources()[source], wanted)
    work = Workspace(folder / "store")
    work.fetch(fetching.plan(source, endpoint, [query]), _Silent())
    return [row | {"month": f"{row['period']:%Y-%m}"} for row in work.rows(work.flows)]


@pytest.fixture
def comtrade(server: publisher.Publisher, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return Comtrade's own client; its addresses are fixed, so each is turned as it is asked."""
    found = client("comtradeapicall")
    urllib3 = client("urllib3")
    plain = urllib3.PoolManager.request

    def turned(self: Any, method: str, url: str, **rest: Any) -> Any:
        parts = urlsplit(url)
        return plain(self, method, f"{server.url}/{parts.netloc}{parts.path}", **rest)

    monkeypatch.setattr(urllib3.PoolManager, "request", turned)
    return found


def test_comtrades_own_client_gets_the_same_cells(comtrade: Any, tmp_path: Path) -> None:
    table = comtrade.previewFinalData(
        *("C", "M", "HS", "202301,202302", "276", ",".join(CODES), "X", "398,792,417"),
        *("0", "C00", "0"),
    )
    columns = ["period", "partnerCode", "cmdCode", "primaryValue"]
    theirs: DemoCells = {
        (f"{period[:4]}-{period[4:]}", str(partner), code): value
        for period, partner, code, value in table[columns].itertuples(index=False)
    }
    codes = {"KAZ": "398", "TUR": "792", "KGZ": "417"}
    found = {
        (row["month"], codes[row["partner"]], row["product"]): row["value_usd"]
        for row in ours(tmp_path, "comtrade", "preview")
    }
    assert found == pytest.approx(theirs)
    assert len(found) == 5


@pytest.mark.parametrize("key", [None, "free-key"])
def test_comtrades_own_client_gets_the_same_releases(
    comtrade: Any, server: publisher.Publisher, tmp_path: Path, key: str | None
) -> None:
    table = comtrade.getFinalDataAvailability(key, "C", "M", "HS", period=None, reporterCode="276")
    assert "/v1/getDa/" in server.record.entries[-1].url
    theirs = {
        (f"{str(period)[:4]}-{str(period)[4:]}", day[:10])
        for period, day in table[["period", "lastReleased"]].itertuples(index=False)
    }
    query = Query("M", tuple(sorted(period for period, _ in theirs)), ("DEU",))
    endpoint = fetching.endpoint_of("comtrade", sources()["comtrade"], "preview")
    store = Workspace(tmp_path / "store").store
    found = fetching.index(store, "comtrade", endpoint, query, _Silent())
    assert {(release.period, str(release.day)) for release in found} == theirs
    assert len(theirs) > 100


@pytest.mark.parametrize(
    "path", ["PUBLIC/V1/GETDA/c/m/hs", "public/v1/getda/C/M/HS", "Public/v1/GetDA/C/m/HS"]
)
def test_the_gateway_minds_no_case_in_paths(server: publisher.Publisher, path: str) -> None:
    import httpx

    url = f"{server.url}/comtradeapi.un.org/{path}"
    answer = httpx.get(url, params={"reporterCode": "276"}, trust_env=False)
    assert answer.json()["count"] > 100


def in_euros(rows: list[dict[str, Any]]) -> DemoCells:
    return {(row["month"], row["partner"], row["product"]): row["value_local"] for row in rows}


PLACES = {"KZ": "KAZ", "TR": "TUR", "KG": "KGZ"}


def test_the_client_eurostat_gets_the_same_cells(
    server: publisher.Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = client("eurostat.eurostat")
    base = f"{server.url}/ec.europa.eu/{SERVICE}"
    plain = module.__Uri__.BASE_URL
    asked = {name: f"{server.url}/{url.removeprefix('https://')}" for name, url in plain.items()}
    assert asked["COMEXT"] == base
    monkeypatch.setattr(module.__Uri__, "BASE_URL", asked)
    told = {
        "freq": "M",
        "reporter": "DE",
        "partner": "TR",  # it asks cell by cell, and takes one without trade for an error
        "product": list(CODES),
        "flow": "2",
        "indicators": "VALUE_IN_EUROS",
        "startPeriod": MONTHS[0],
        "endPeriod": MONTHS[-1],
    }
    header, *rows = module.get_data("DS-045409", filter_pars=told)
    theirs: DemoCells = {
        (period, PLACES[row[2]], row[3]): value
        for row in rows
        for period, value in zip(header[6:], row[6:], strict=True)
        if value is not None
    }
    assert in_euros(ours(tmp_path, "eurostat", "sdmx", ("TUR",))) == theirs
    assert len(theirs) == 4


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_client_sdmx1_gets_the_same_cells(server: publisher.Publisher, tmp_path: Path) -> None:
    sdmx = client("sdmx")
    asks = sdmx.Client("ESTAT_COMEXT")
    asks.source.url = f"{server.url}/ec.europa.eu/{SERVICE}".rstrip("/")
    message = asks.data(
        "DS-045409",
        key=f"M.DE.{'+'.join(PLACES)}.{'+'.join(CODES)}.2.VALUE_IN_EUROS",
        params={"startPeriod": MONTHS[0], "endPeriod": MONTHS[-1]},
    )
    series = sdmx.to_pandas(message)
    theirs: DemoCells = {}
    for key, value in series.items():
        named = dict(zip(series.index.names, key, strict=True))
        place = named["TIME_PERIOD"], PLACES[named["partner"]], named["product"]
        theirs[place] = float(value)
    assert in_euros(ours(tmp_path, "eurostat", "sdmx")) == theirs
    assert len(theirs) == 5
