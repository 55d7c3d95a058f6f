"""Truth: small files in the ECB's layout, UNSD's own factor, and the ECB's file where it is."""

from __future__ import annotations

import zipfile
from datetime import date

import duckdb
import pytest

from entrepot.contracts import Query, Response, Verdict
from entrepot.errors import SourceError
from entrepot.harmonise.currency import load_rates
from entrepot.materials import ecb as module
from entrepot.materials.ecb import ecb
from entrepot.store import materials

ROWS = ("2024-05-31,1.2,N/A,", "1999-01-04,1.1789,32.5,")


@pytest.fixture
def file(tmp_path):
    """Write a zip in the ECB's layout; its lines end with a comma."""

    def write(*rows, header="Date,USD,TRY,", member="eurofxref-hist.csv"):
        path = tmp_path / "eurofxref-hist.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(member, "\n".join([header, *rows]) + "\n")
        return path

    return write


def test_a_good_file_is_of_the_last_day_it_quotes(file):
    assert ecb.check(file(*ROWS)) == date(2024, 5, 31)


def test_the_file_of_the_last_90_days_is_refused(file):
    with pytest.raises(SourceError, match="begins on 2024-05-30; expected 1999-01-04"):
        ecb.check(file("2024-05-31,1.2,N/A,", "2024-05-30,1.2,N/A,"))


def test_what_is_not_the_ecbs_file_is_refused(file, tmp_path):
    with pytest.raises(SourceError, match=r"expected the ECB's zip of eurofxref-hist\.csv"):
        ecb.check(file(*ROWS, member="other.csv"))
    with pytest.raises(SourceError, match="starts with 'Date,TRY,'"):
        ecb.check(file(*ROWS, header="Date,TRY,"))
    page = tmp_path / "page.zip"
    page.write_text("<html>", "utf-8")
    with pytest.raises(SourceError, match=r"page\.zip cannot be read"):
        ecb.check(page)


def judged(path, status=200):
    [request] = ecb.endpoints[0].requests(Query("M", ()), ())
    return ecb.endpoints[0].judge(request, Response(status, {}, path))


def test_one_request_asks_for_the_file_of_all_days():
    [request] = ecb.endpoints[0].requests(Query("M", ("2022-05",)), ())
    assert request.url == "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
    assert request.name == module.FILE
    assert request.url.split("/")[2] in ecb.endpoints[0].hosts


def test_a_whole_file_is_good_and_one_of_something_else_is_wrong(file):
    assert judged(file(*ROWS)) == (Verdict.GOOD, "")
    verdict, why = judged(file(*ROWS, member="other.csv"))
    assert (verdict, "eurofxref-hist.csv" in why) == (Verdict.WRONG, True)


def test_a_damaged_or_cut_file_is_asked_for_again(file, tmp_path):
    content = file(*ROWS * 200).read_bytes()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(content[: len(content) // 2])
    assert judged(broken)[0] is Verdict.BUSY
    spoilt = bytearray(content)
    spoilt[60] ^= 0xFF
    broken.write_bytes(spoilt)
    assert judged(broken)[0] is Verdict.BUSY


@pytest.mark.parametrize(
    ("content", "status", "verdict"),
    [
        (b"<!doctype html><p>maintenance", 200, Verdict.BUSY),
        (b"", 502, Verdict.BUSY),
        (b"", 429, Verdict.BUSY),
        (b"daily quota", 429, Verdict.QUOTA),
        (b"", 401, Verdict.BAD_KEY),
        (b"", 404, Verdict.UNPUBLISHED),
        (b"", 413, Verdict.TOO_LARGE),
        (b"", 410, Verdict.WRONG),
    ],
)
def test_refusals_are_told_apart(tmp_path, content, status, verdict):
    path = tmp_path / "answer"
    path.write_bytes(content)
    assert judged(path, status)[0] is verdict


def test_the_stored_file_of_the_ecb_converts_as_unsd_does(shared_data, tmp_path):
    path = shared_data / "fx" / "eurofxref-hist.zip"
    materials.keep(
        tmp_path / "store",
        path,
        name="ecb",
        day=ecb.check(path),
        address=ecb.url,
        publisher=ecb.publisher,
        licence=ecb.licence,
    )
    kept = materials.newest(tmp_path / "store", "ecb")
    assert kept.parent.name == "2026-04-13-f866ef61"
    with duckdb.connect() as con:
        load_rates(con, {"EUR", "TRY"}, kept)
        query = "select round(usd_per_unit, 5) from rates where currency = 'EUR' and freq = 'M'"
        assert con.execute(f"{query} and period = '2022-05-01'").fetchall() == [(1.05785,)]
        last = con.execute("select max(period) from rates where freq = 'M'").fetchall()
        assert last == [(date(2026, 3, 1),)]
    assert judged(path) == (Verdict.GOOD, "")
