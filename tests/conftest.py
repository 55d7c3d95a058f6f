"""Fixtures every test may use."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

# Every example is a DuckDB query: few examples, no stopwatch, the same ones on every run.
settings.register_profile("entrepot", max_examples=25, deadline=None, derandomize=True)
settings.load_profile("entrepot")

SHARED = Path(__file__).resolve().parents[2] / "shared"

PLAIN = {
    "source": "comtrade",
    "freq": "M",
    "period": date(2022, 1, 1),
    "reporter": "KGZ",
    "partner": "DEU",
    "flow": "import",
    "classification": "HS2022",
    "product": "854231",
    "valuation": "FOB",
    "value_usd": 1e6,
    "value_local": 1e6,
    "currency": "USD",
    "net_mass_kg": None,
    "quantity": None,
    "quantity_unit": None,
    "status": "reported",
    "mass_status": None,
    "vintage": "comtrade-2023-01-01-00000000",
    "file": "000000000000",
}


@pytest.fixture(scope="session")
def flows():
    """Build a flows table: one plain row per argument, with the given fields changed."""
    import ibis

    from entrepot.schema import FLOWS

    def build(*changes):
        return ibis.memtable([PLAIN | change for change in changes], schema=FLOWS.ibis)

    return build


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real publishers' files, or a skip that says what is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"real publishers' files are not here: {folder} is absent")
    return folder


@pytest.fixture(scope="session")
def shared_domain():
    """The folder of collected facts and lists, or a skip that says what is absent."""
    folder = SHARED / "domain"
    if not folder.is_dir():
        pytest.skip(f"the collected facts are not here: {folder} is absent")
    return folder
