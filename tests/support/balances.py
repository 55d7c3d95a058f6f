"""Balances: rows that come into a third country and leave it, and a question of them."""

from __future__ import annotations

from datetime import date

from support.random_world import GOODS

ASKED = {
    "third": "KAZ",
    "coalition": ("DEU", "FRA"),
    "destination": "RUS",
    "products": ("854231",),
    "first": "2022-01",
    "last": "2022-02",
    "base": (2021,),
    "lag": 0,
}
BRUTE = ASKED | {
    "products": (*GOODS, "999999"),
    "first": "2021-09",
    "last": "2022-02",
    "base": (2019, 2020),
    "least": 0.0,
}


def came(year, number, usd, **changes):
    plain = {"reporter": "KAZ", "partner": "DEU", "flow": "import", "value_usd": float(usd)}
    return plain | {"period": date(year, number, 1)} | changes


def went(year, number, usd, **changes):
    return came(year, number, usd, partner="RUS", flow="export") | changes
