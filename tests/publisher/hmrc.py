"""HMRC: api.uktradeinfo.com's overseas trade statistics (OTS) over OData.

* no key; JSON with `value`: https://www.uktradeinfo.com/api-documentation/
* pages of 30,000 rows with @odata.nextLink, up to 40,000 with $top, which gets no nextLink:
  https://github.com/pvdmeulen/uktrade/issues/1
* FlowTypeId 1 and 2 are imports from and exports to the European Union, 3 and 4 the rest

Pages are cut from whatever order $orderby gives; without it the order changes from page to page,
so that pages overlap, as OData allows. CommodityId is a number that has lost its leading zero, and
Commodity and Country come only with $expand. CountryId is M49 here, not HMRC's own number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np

from entrepot.demo.places import EU, FIRST_YEAR, ISO3
from entrepot.demo.products import REPORTED_CODES
from entrepot.reference import countries, rates
from publisher.reply import Ask, Reply, as_json

if TYPE_CHECKING:
    from entrepot.demo.reports import DemoCells

HOST = "api.uktradeinfo.com"
DRIFT = "SanctionsFlag"
TOKEN = re.compile(r"\s*(\(|\)|,|'[^']*'|[A-Za-z][\w/]*|-?\d+)")
APPLY = re.compile(
    r"filter\((?P<filter>.*)\)/groupby\(\((?P<by>[\w, ]+)\), ?"
    r"aggregate\((?P<what>\w+) with sum as (?P<name>\w+)\)\)"
)
Row = dict[str, Any]
Test = Callable[[Row], bool]


def answer(ask: Ask) -> Reply:
    """Answer a page of OTS."""
    if ask.path.strip("/").upper() != "OTS":
        return _error(404, f"no resource {ask.path!r}; this server has OTS")
    try:
        if "$apply" in ask.params:
            return _applied(ask, ask.params["$apply"])
        test = Filter(ask.params.get("$filter", "")).read()
        skip, top = int(ask.params.get("$skip", 0)), int(ask.params.get("$top", 0))
        rows = [row for row in _rows(ask) if test(row)]
        rows = _ordered(rows, ask.params.get("$orderby", ""), skip)
    except (ValueError, IndexError) as error:
        return _error(400, f"the query cannot be read: {error}")
    size = min(top, ask.limits.hmrc_top) if top else ask.limits.hmrc_page
    shown = [_shown(row, ask) for row in rows[skip : skip + size]]
    body: Row = {"@odata.context": f"https://{HOST}/$metadata#OTS", "value": shown}
    if not top and skip + size < len(rows):
        query = urlencode({**ask.params, "$skip": skip + size}, safe="$")
        body["@odata.nextLink"] = f"https://{HOST}/OTS?{query}"
    return as_json(body)


def _applied(ask: Ask, text: str) -> Reply:
    """Answer `filter(...)/groupby((A,B),aggregate(C with sum as D))`, one row per group."""
    match = APPLY.fullmatch(re.sub(r"\s+", " ", text))
    if match is None:
        raise ValueError(f"$apply={text}")
    test, names = Filter(match["filter"]).read(), match["by"].replace(" ", "").split(",")
    sums: dict[tuple[Any, ...], float] = {}
    for row in _rows(ask):
        if test(row):
            key = tuple(_field(row, name) for name in names)
            sums[key] = sums.get(key, 0.0) + (_field(row, match["what"]) or 0.0)
    found = [{**dict(zip(names, k, strict=True)), match["name"]: v} for k, v in sums.items()]
    return as_json({"@odata.context": f"https://{HOST}/$metadata#OTS", "value": found})


class Filter:
    """A reader of the part of OData's $filter that clients use: and, or, (), startswith.

    `in` is an error, as no client we know gets an answer to it.
    """

    def __init__(self, text: str) -> None:
        self.tokens = TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise ValueError(f"$filter={text}")

    def read(self) -> Test:
        """Return the whole filter as a test of a row.

        Raises:
            ValueError: Something is left over.
        """
        test: Test = self._either() if self.tokens else lambda _row: True
        if self.tokens:
            raise ValueError(f"{self.tokens[0]!r} in $filter")
        return test

    def _either(self) -> Test:
        tests = [self._all()]
        while self.tokens[:1] == ["or"]:
            self.tokens.pop(0)
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self.tokens[:1] == ["and"]:
            self.tokens.pop(0)
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        name = self.tokens.pop(0)
        if name == "(":
            inside = self._either()
            self._take(")")
            return inside
        if name == "startswith":
            self._take("(")
            field = self.tokens.pop(0)
            self._take(",")
            start = _value(self.tokens.pop(0))
            self._take(")")
            return lambda row: str(_field(row, field)).startswith(str(start))
        word = self.tokens.pop(0)
        return _compared(name, word, _value(self.tokens.pop(0)))

    def _take(self, token: str) -> None:
        if self.tokens.pop(0) != token:
            raise ValueError(f"expected {token!r} in $filter")


def _compared(name: str, word: str, value: str | int) -> Test:
    tests: dict[str, Callable[[Any], bool]] = {
        "eq": lambda found: found == value,
        "ne": lambda found: found != value,
        "ge": lambda found: found >= value,
        "gt": lambda found: found > value,
        "le": lambda found: found <= value,
        "lt": lambda found: found < value,
    }
    if word not in tests:
        raise ValueError(f"operator {word!r}")
    return lambda row: tests[word](_field(row, name))


def _value(token: str) -> str | int:
    return token[1:-1] if token.startswith("'") else int(token)


def _field(row: Row, name: str) -> Any:
    for part in name.split("/"):
        if part not in row:
            raise ValueError(f"no field {name!r}")
        row = row[part]
    return row


def _rows(ask: Ask) -> list[Row]:
    """Return every row of the United Kingdom's published months, with all that can be expanded."""
    periods = [issue.period for issue in ask.world.issues("GBR")]
    wanted = set(re.findall(r"MonthId eq (\d{6})", ask.params.get("$filter", "")))  # for speed
    chosen = [p for p in periods if not wanted or p.replace("-", "") in wanted]
    cells = ask.world.select("GBR", chosen, flows=(0, 1))
    pounds = rates.monthly_means("GBP").to_pydict()
    usd_per = dict(zip(pounds["period"], pounds["usd_per_unit"], strict=True))
    by_month = {(at.year, at.month): rate for at, rate in usd_per.items()}
    return [_row(cells, i, by_month) for i in range(len(cells))]


def _row(cells: DemoCells, i: int, usd_per: dict[tuple[int, int], float]) -> Row:
    iso3, code = str(ISO3[cells.partner[i]]), f"{REPORTED_CODES[cells.code[i]]}00"
    year, number = FIRST_YEAR + int(cells.month[i]) // 12, int(cells.month[i]) % 12 + 1
    mass, units = float(cells.mass[i]), float(cells.units[i])
    place = countries.table()[iso3]
    commodity, country = int(code), int(place["m49"] or 0)
    levels = {f"Hs{digits}Code": code[:digits] for digits in (2, 4, 6)}
    alpha = place["comext"] or place["iso2"]
    return {
        "MonthId": year * 100 + number,
        "FlowTypeId": (1 if cells.flow[i] == 1 else 2) + (0 if iso3 in EU else 2),
        "SuppressionIndex": 0,
        "CommodityId": commodity,
        "CommoditySitcId": int(code[:5]),
        "CountryId": country,
        "PortId": -1,
        "Value": round(float(cells.usd[i]) / usd_per[year, number], 2),
        "NetMass": None if np.isnan(mass) else mass,
        "SuppUnit": None if np.isnan(units) else units,
        "Commodity": {"CommodityId": commodity, "Cn8Code": code, **levels},
        "Country": {"CountryId": country, "CountryCodeAlpha": alpha, "CountryName": place["name"]},
    }


def _ordered(rows: list[Row], order: str, skip: int) -> list[Row]:
    """Order as asked; without an order every page begins the list somewhere else."""
    names = [part.split()[0] for part in order.split(",") if part.strip()]
    if names:
        return sorted(rows, key=lambda row: [_field(row, name) for name in names])
    shift = skip // 7 % len(rows) if rows else 0
    return rows[shift:] + rows[:shift]


def _shown(row: Row, ask: Ask) -> Row:
    expanded = re.findall(r"\b(Commodity|Country)\b", ask.params.get("$expand", ""))
    hidden = {"Commodity", "Country"} - set(expanded)
    shown = {name: value for name, value in row.items() if name not in hidden}
    if ask.params.get("$select"):
        kept = {*ask.params["$select"].replace(" ", "").split(","), *expanded}
        shown = {name: value for name, value in shown.items() if name in kept}
    return shown | ({DRIFT: False} if ask.drift else {})


def _error(status: int, said: str) -> Reply:
    return as_json({"error": {"code": "", "message": said}}, status)
