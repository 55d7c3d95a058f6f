"""The flows by SDMX-REST, read by an SDMX client and compared with the store, by hand."""

from __future__ import annotations

import csv
import io

import pytest
import sdmx

from entrepot.api.routes.sdmx import CSV, XML
from entrepot.workspace import Workspace

FLOWS = "dataflow/ENTREPOT/FLOWS/1.0"
KEY = "*.M.DEU.KGZ.export.*.854232.*"


def read(client, path):
    found = client.get(f"/api/sdmx/data/{FLOWS}/{path}")
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == CSV
    return [*csv.DictReader(io.StringIO(found.text))]


def stored(world):
    work = Workspace(world)
    flows = work.flows
    kept = flows.filter(
        flows.reporter == "DEU", flows.partner == "KGZ", flows.flow == "export",
        flows.product == "854232",
    )  # fmt: skip
    return work.arrow(kept.order_by("period")).to_pylist()


def test_a_client_reads_what_the_store_holds(client, world):
    shape = client.get(f"/api/sdmx/structure/{FLOWS}")
    assert shape.headers["content-type"] == XML
    parts = sdmx.read_sdmx(io.BytesIO(shape.content), format="XML").structure["FLOWS"]
    told = client.get(f"/api/sdmx/data/{FLOWS}/{KEY}")
    (held,) = sdmx.read_sdmx(io.BytesIO(told.content), format="CSV", structure=parts).data
    rows = stored(world)
    assert [float(one.value) for one in held.obs] == [row["value_usd"] for row in rows]
    assert [one.dimension.values["TIME_PERIOD"].value for one in held.obs] == [
        f"{row['period']:%Y-%m}" for row in rows
    ]


def test_parameters_narrow_as_the_key_does(client):
    whole = read(client, KEY)
    assert read(client, "*?c[REPORTER]=DEU&c[PARTNER]=KGZ&c[FLOW]=export&c[PRODUCT]=854232") == (
        whole
    )
    some = read(client, f"{KEY}?c[TIME_PERIOD]=ge:2021-11%2Ble:2022-02")
    assert [row["TIME_PERIOD"] for row in some] == ["2021-11", "2021-12", "2022-01", "2022-02"]
    assert [row["TIME_PERIOD"] for row in read(client, f"{KEY}?c[TIME_PERIOD]=2021-12")] == [
        "2021-12"
    ]


def test_as_of_gives_the_day_and_history_every_value_with_its_vintage(client):
    early = read(client, f"{KEY}?asOf=2022-08-01")
    late = read(client, KEY)
    assert len(early) < len(late)
    assert {row["VINTAGE"] for row in early}.isdisjoint({row["VINTAGE"] for row in late})
    both = read(client, f"{KEY}?includeHistory=true")
    assert len(both) == len(early) + len(late)
    assert {row["VINTAGE"] for row in both} == {row["VINTAGE"] for row in (*early, *late)}
    assert len(read(client, f"{KEY}?includeHistory=true&asOf=2022-08-01")) == len(early)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("data/dataflow/NOBODY/FLOWS/1.0/*", 404, "there is ENTREPOT:FLOWS(1.0)"),
        ("structure/dataflow/ENTREPOT/FLOWS/9.9", 404, "there is ENTREPOT:FLOWS(1.0)"),
        (f"data/{FLOWS}/M.DEU", 422, "a key of 2 parts; expected 8: SOURCE.FREQ.REPORTER"),
        (f"data/{FLOWS}/{KEY}?c[REPORTR]=DEU", 422, "did you mean c[REPORTER]"),
        (f"data/{FLOWS}/{KEY}?asOf=yesterday", 422, "is no day; expected one as 2023-11-27"),
        (f"data/{FLOWS}/{KEY}?c[TIME_PERIOD]=gt:2022", 422, "expected ge:2022-01+le:2022-12"),
        (f"data/{FLOWS}/*?c[REPORTER]=x'%20or%201=1--", 422, "is no code"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(client, path, status, words):
    found = client.get(f"/api/sdmx/{path}")
    assert found.status_code == status
    assert found.headers["content-type"] == "application/problem+json"
    assert words in found.json()["detail"]
