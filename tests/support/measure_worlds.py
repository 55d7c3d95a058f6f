"""Random worlds with every difficulty at once, and a question about them for each measure."""

from __future__ import annotations

import random
from datetime import date

WHO = ("DEU", "FRA", "TUR", "KAZ", "RUS")
CHIPS = ("854231", "854232")
GOODS = (*CHIPS, "850110")

_DIRECTION = {
    "reporters": ("DEU", "TUR", "KAZ"),
    "partners": ("RUS", "FRA"),
    "products": CHIPS,
    "first": "2021-11",
    "last": "2022-04",
}
_THREE = {"first": "2022-01", "last": "2022-06", "base": (2019, 2020, 2021)}
_THIRD = {
    "third": "KAZ",
    "coalition": ("DEU", "FRA", "TUR"),
    "destination": "RUS",
    "products": CHIPS,
    "first": "2022-02",
    "last": "2022-07",
    "base": (2020, 2021),
    "least": 0.0,
}
_SUPPLY = {"destination": "RUS", "products": CHIPS, "first": "2021-11", "last": "2022-02"}
_MIRROR = {"window": ("2022-01", "2022-06"), "base": ("2020-01", "2021-12")}

ASKED = (
    ("attribution", _THIRD),
    ("attribution", _THIRD | {"books": "exporter", "lag": 1}),
    ("concentration", _SUPPLY | {"by": ("product",), "together": ("DEU", "FRA")}),
    ("coverage", {"reporters": (*WHO, "UZB"), "first": "2021-11", "last": "2022-04"}),
    ("coverage_weight", _DIRECTION | {"by": ("reporter",)}),
    (
        "economically_critical",
        {"reporters": ("DEU",), "partners": ("KAZ", "TUR"), "base": (2020, 2021), "rise": 0.1}
        | {"threshold_usd": 10_000.0},
    ),
    ("excess_trade", _DIRECTION | _THREE | {"by": ("product",)}),
    ("excess_trade", _DIRECTION | _THREE | {"control_partners": ("TUR", "KAZ")}),
    ("excess_trade", _DIRECTION | {"base": (2019, 2020), "by": ("reporter",)}),
    ("ghost_trade", _MIRROR | {"lag": 2}),
    ("growth", _DIRECTION | {"base": (2019, 2020), "by": ("reporter", "partner")}),
    (
        "importer_pattern",
        {name: _DIRECTION[name] for name in ("reporters", "partners", "products")}
        | {"first": "2022-01", "last": "2022-06", "base": ("2020-01", "2021-12")}
        | {"floor_usd": 100.0, "factor": 1.5, "percentile": 0.8},
    ),
    ("mass_balance", _THIRD | {"lag": 2}),
    ("mass_balance", _THIRD | {"books": "exporter"}),
    ("mirror_gap", {"window": ("2021-10", "2022-03")}),
    ("mirror_gap", _MIRROR),
    (
        "mirror_pair",
        {"exporter": "DEU", "importer": "KAZ", "products": CHIPS}
        | {"first": "2021-06", "last": "2022-05"},
    ),
    (
        "monthly_pace",
        {name: _DIRECTION[name] for name in ("reporters", "partners", "products")}
        | {"late": ("2022-04", "2022-06"), "early": ("2022-01", "2022-03")}
        | {"before": ("2020-01", "2020-12")},
    ),
    ("monthly_series", _DIRECTION),
    (
        "period_to_date",
        _DIRECTION | {"years": (2019, 2020, 2021), "by": ("partner", "product")},
    ),
    (
        "re_export_ratio",
        {"reporters": ("KAZ", "TUR"), "coalition": ("DEU", "FRA"), "destination": "RUS"}
        | {"products": CHIPS, "first": "2021-11", "last": "2022-04", "lag": 1}
        | {"by": ("reporter",)},
    ),
    (
        "red_flag",
        {"reporters": ("DEU", "TUR", "KAZ"), "destination": "RUS", "products": CHIPS}
        | {"year": 2022, "base": 2020, "multiple": 0.3, "world": ""},
    ),
    ("reporter_reliability", {"window": ("2021-01", "2022-06"), "floor_usd": 500.0}),
    (
        "route_share",
        _SUPPLY | {"reporters": ("TUR", "KAZ", "UZB"), "base": (2020,), "together": ("DEU", "FRA")},
    ),
    ("supplier_share", _SUPPLY | {"together": ("DEU", "FRA")}),
    (
        "unit_value",
        _DIRECTION | {"others": ("TUR", "KAZ"), "base": (2019, 2020), "by": ("product",)},
    ),
    (
        "unit_value",
        _DIRECTION | {"others": ("TUR", "KAZ"), "base": (2019, 2020), "per": "quantity"},
    ),
)
"""Each measure with parameters that give it something to say about these worlds."""


def name_of(case):
    """The measure's name, for the ids of a test's cases."""
    return case[0] if isinstance(case, tuple) else None


def world(seed):
    """Three and a half years of flows with holes, zeros, null masses, two revisions and sums.

    Returned as the changes that `flows` takes. Months may hold nothing but a presence row, a cell
    may be told in two revisions, and world totals, unknown partners, a sum of countries, headings,
    annual rows and re-exports lie beside the flows.
    """
    chance = random.Random(seed)
    rows = []
    for who in WHO:
        switch = date(2022, chance.choice((1, 1, 4)), 1)
        for flow in ("export", "import"):
            for place in range(42):
                period = date(2019 + place // 12, place % 12 + 1, 1)
                if chance.random() < 0.05:
                    continue  # not published
                told = {"reporter": who, "flow": flow, "period": period}
                told["classification"] = "HS2022" if period >= switch else "HS2017"
                made = _cells(chance, told) if chance.random() > 0.05 else []
                rows += made or [told | _PRESENCE]
    return rows


_PRESENCE = {"partner": "WLD", "product": "presence", "classification": "none", "value_usd": 0.0}


def _cells(chance, told):
    """What one reporter tells of one month in one direction."""
    made = []
    for whom in (*WHO, "_X"):
        for product in GOODS:
            if whom != told["reporter"] and chance.random() < 0.35:
                made.append(told | _amounts(chance, told) | {"partner": whom, "product": product})
    if made and chance.random() < 0.3:
        made.append(chance.choice(made) | {"classification": "HS2012", "value_usd": 7.0})
    if made and chance.random() < 0.2:
        plain = chance.choice(made)
        noise = ({"partner": "EU27"}, {"product": "8542"}, {"flow": "re-export"})
        made += [plain | {"value_usd": 1e5} | change for change in noise]
    if made and told["period"].month == 1:
        made += [row | {"freq": "A", "value_usd": row["value_usd"] * 12} for row in made[:4]]
    if made and chance.random() < 0.5:
        total = float(sum(row["value_usd"] for row in made if row["product"] == CHIPS[0]))
        made.append(told | {"partner": "WLD", "product": CHIPS[0], "value_usd": total})
    return made


def _amounts(chance, told):
    """Value, mass and pieces: some zero, some not reported, some estimated, some in litres."""
    usd = float(chance.choice((0, *(chance.randint(1, 1000) for _ in range(12)))))
    kg = chance.choice((None, 0.0, *(round(chance.uniform(1, 50), 1) for _ in range(6))))
    return {
        "value_usd": usd,
        "valuation": "CIF" if told["flow"] == "import" and chance.random() < 0.8 else "FOB",
        "net_mass_kg": kg,
        "mass_status": None if kg is None else chance.choice(("reported",) * 6 + ("estimated",)),
        "quantity": chance.choice((None, *(float(chance.randint(1, 99)) for _ in range(6)))),
        "quantity_unit": chance.choice(("u",) * 9 + ("l", None)),
    }
