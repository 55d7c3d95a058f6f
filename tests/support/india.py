"""India's monthly trade with Russia as India recorded it: one country's books alone."""

from __future__ import annotations

import tomllib

import pytest

from support.once import once

INDIA = """
name = "india-tradestat"
published = 2025-09-26
[columns]
period = "PERIOD"
flow = "NAPR"
product = "TNVED"
value = "STOIM"
net_mass_kg = "NETTO"
quantity = "KOL"
quantity_unit = "EDIZM"
ignore = ["STRANA"]
[constants]
freq = "M"
reporter = "IND"
partner = "RUS"
currency = "USD"
[codes]
flow = { "ИМ" = "export", "ЭК" = "import" }
[classification]
6 = "HS"
[valuation]
import = "CIF"
export = "FOB"
[format]
pad_products = 6
sum = true
missing = [""]
[filter]
Source = "MIRROR"
"""


TABLE = "india_russia_monthly_2010-2025.parquet"


def stored(factory, shared_data):
    """A store that holds that table and nothing else, or a skip where it is absent."""
    path = shared_data / "india" / TABLE
    if not path.exists():
        pytest.skip("India's records are not here")

    def fill(store):
        from entrepot.workspace import Workspace

        Workspace(store).ingest("generic", [path], mapping=tomllib.loads(INDIA), scope="whole")

    return once(factory, "india", fill)
