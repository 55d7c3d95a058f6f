"""Plain: a flow, a line of a table and a mapping, of which a test changes what it is about."""

from __future__ import annotations

from datetime import date

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
OWN = {
    "name": "own",
    "publisher": "A statistical office",
    "columns": {
        "period": "month",
        "reporter": "reporter",
        "partner": "partner",
        "flow": "flow",
        "product": "product",
        "value": "value",
    },
    "constants": {"freq": "M", "currency": "USD"},
    "codes": {"reporter": "iso3", "partner": "iso3", "flow": {"X": "export", "M": "import"}},
    "classification": "HS2022",
    "valuation": {"import": "CIF", "export": "FOB"},
}
"""A mapping for the small tables that tests write."""
ROW = {
    "month": "2022-01",
    "reporter": "DEU",
    "partner": "KAZ",
    "flow": "X",
    "product": "854231",
    "value": "100",
}
HEADER = b"month,reporter,partner,flow,product,value\n"
LINE = b"2022-01,DEU,KAZ,X,854231,100\n"


def as_toml(data):
    """Write the small dictionaries of a mapping as TOML."""
    lines = [f'{key} = "{value}"' for key, value in data.items() if isinstance(value, str)]
    for key, value in data.items():
        if isinstance(value, dict):
            plain = {k: v for k, v in value.items() if isinstance(v, str)}
            inner = {k: v for k, v in value.items() if isinstance(v, dict)}
            lines += [f"[{key}]", *(f'{k} = "{v}"' for k, v in plain.items())]
            lines += [
                f"{k} = {{ " + ", ".join(f'{a} = "{b}"' for a, b in v.items()) + " }"
                for k, v in inner.items()
            ]
    return "\n".join(lines) + "\n"
