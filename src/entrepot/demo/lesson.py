"""Lesson: a world of a few countries, small enough to check by hand, for worked examples."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from ibis.expr.types import Table

CHIPS, BEARINGS = "854231", "848210"

# (reporter, partner, flow, product): monthly dollars in 2021, in 2022, and kilograms per dollar
TRADE = {
    ("DEU", "TUR", "export", CHIPS): (40, 100, 0.5),
    ("DEU", "KAZ", "export", CHIPS): (10, 30, 0.5),
    ("DEU", "RUS", "export", CHIPS): (80, 8, 0.5),
    ("DEU", "RUS", "export", BEARINGS): (20, 2, 2.0),
    ("FRA", "TUR", "export", CHIPS): (20, 30, 0.5),
    ("FRA", "RUS", "export", CHIPS): (30, 3, 0.5),
    ("TUR", "DEU", "import", CHIPS): (42, 105, 0.5),
    ("TUR", "FRA", "import", CHIPS): (21, 31.5, 0.5),
    ("TUR", "RUS", "export", CHIPS): (10, 50, 0.25),
    ("TUR", "KAZ", "export", CHIPS): (10, 40, 0.5),
    ("TUR", "RUS", "export", BEARINGS): (4, 12, 1.0),
    ("KAZ", "TUR", "import", CHIPS): (8.4, 10.5, 0.5),
    ("KAZ", "DEU", "import", CHIPS): (10.5, 47.25, 0.5),
    ("KAZ", "RUS", "export", CHIPS): (2, 20, 0.25),
    ("TUR", "WLD", "export", CHIPS): (30, 100, 0.4),
    ("KAZ", "WLD", "import", CHIPS): (31.5, 63, 0.5),
    ("CHN", "RUS", "export", CHIPS): (60, 150, 0.2),
}


def lesson() -> Table:
    """Return flows of January to March 2021 and 2022 among six countries.

    Every month of a year is alike, so each figure can be checked by hand. Imports are CIF, 5% above
    what the other side sent where it sent it. Kazakhstan books Turkish re-exports of German goods
    as German, and lacks March 2022.
    """
    import ibis

    rows = [
        _row(key, date(year, month, 1), usd, usd * kilos)
        for key, (before, after, kilos) in TRADE.items()
        for year, usd in ((2021, before), (2022, after))
        for month in (1, 2, 3)
        if (key[0], year, month) != ("KAZ", 2022, 3)
    ]
    return ibis.memtable(rows, schema=FLOWS.ibis)


def _row(key: tuple[str, str, str, str], period: date, usd: float, kg: float) -> dict[str, Any]:
    reporter, partner, flow, product = key
    return dict.fromkeys(FLOWS.names) | {
        "source": "lesson",
        "freq": "M",
        "period": period,
        "reporter": reporter,
        "partner": partner,
        "flow": flow,
        "classification": "HS2022",
        "product": product,
        "valuation": "CIF" if flow == "import" else "FOB",
        "value_usd": float(usd),
        "value_local": float(usd),
        "currency": "USD",
        "net_mass_kg": float(kg),
        "quantity": float(kg) * 10,
        "quantity_unit": "u",
        "status": "reported",
        "mass_status": "reported",
        "vintage": "lesson",
        "file": "lesson",
    }


def show(table: Table) -> None:
    """Print a result as rows of `name=value`, sorted, without what is null."""
    for line in sorted(_line(row) for row in table.to_pyarrow().to_pylist()):
        print(textwrap.fill(line, 88, subsequent_indent="  "))


def _line(row: dict[str, Any]) -> str:
    return ", ".join(f"{key}={_text(value)}" for key, value in row.items() if value is not None)


def _text(value: object) -> str:
    return (
        f"{value:.4g}"
        if isinstance(value, float) and value % 1
        else f"{value:.0f}"
        if (isinstance(value, float))
        else str(value)
    )
