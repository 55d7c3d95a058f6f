"""Census: api.census.gov's monthly trade by HS code, an array of arrays with the header first.

* at most 500 calls a day without a key, 50 variables in a call:
  https://www.census.gov/data/developers/guidance/api-user-guide.Help_&_Contact_Us.html
* 204 without a body where a valid request has no result, an error for an unknown variable:
  the Census Bureau's "Guide to Using U.S. International Trade Datasets in the Census API"
* a wrong key is sent to a web page "Invalid Key" with status 200, a missing one beyond the limit
  to "Missing Key": what clients test for (https://github.com/datamade/census)

Country codes are those of the scheme "census" in `entrepot.reference`; "-" is all countries, a
sum that stands beside them. What is asked as a predicate comes back as a column.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.demo.places import FIRST_YEAR, ISO3
from entrepot.demo.products import REPORTED_CODES
from entrepot.errors import RegistryError, UnknownCodeError
from entrepot.reference import countries
from publisher import world
from publisher.limits import KEYS
from publisher.reply import Ask, Reply, as_json, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from entrepot.demo.reports import DemoCells

HOST = "api.census.gov"
START = "data/timeseries/intltrade/"
INVALID = "data/invalid_key.html"
DRIFT = "SANCTIONS_FLAG"
SHARED = "CTY_CODE CTY_NAME YEAR MONTH time COMM_LVL SUMMARY_LVL LAST_UPDATE".split()
AMOUNTS = {
    "exports": """ALL_VAL_MO QTY_1_MO QTY_1_MO_FLAG UNIT_QY1 QTY_2_MO UNIT_QY2 AIR_VAL_MO AIR_WGT_MO
        VES_VAL_MO VES_WGT_MO CNT_VAL_MO CNT_WGT_MO""".split(),
    "imports": """GEN_VAL_MO GEN_CIF_MO GEN_QY1_MO GEN_QY1_MO_FLAG UNIT_QY1 GEN_QY2_MO UNIT_QY2
        CON_VAL_MO CON_CIF_MO CON_QY1_MO AIR_VAL_MO AIR_WGT_MO VES_VAL_MO VES_WGT_MO CNT_VAL_MO
        CNT_WGT_MO DUT_VAL_MO CAL_DUT_MO""".split(),
}
LEVELS = {"HS2": 2, "HS4": 4, "HS6": 6, "HS10": 10}
FOREIGN = 0.2
"""Part of exports that is of foreign origin: the same for every cell of this world."""


def answer(ask: Ask) -> Reply:
    """Answer exports/hs or imports/hs."""
    if ask.path == INVALID:
        return page("Invalid Key", refused=True)
    flow, _, dataset = ask.path.removeprefix(START).partition("/")
    if not ask.path.startswith(START) or flow not in AMOUNTS or dataset != "hs":
        return _error(404, "unknown/unsupported dataset")
    key = ask.params.get("key", "")
    if key and key not in KEYS:
        return Reply(status=302, headers={"Location": f"https://{HOST}/{INVALID}"}, refused=True)
    if not key and not ask.meter.spend(HOST, ask.limits.census_calls):
        return page("Missing Key", refused=True)
    return _table(ask, flow)


def _table(ask: Ask, flow: str) -> Reply:
    product = "E_COMMODITY" if flow == "exports" else "I_COMMODITY"
    known = [*SHARED, product, *AMOUNTS[flow], *(["DF"] if flow == "exports" else [])]
    wanted = [name for name in ask.params.get("get", "").split(",") if name]
    predicates = [name for name in ask.params if name not in ("get", "key")]
    if unknown := [name for name in (*wanted, *predicates) if name not in known]:
        return _error(400, f"unknown variable '{unknown[0]}'")
    if not wanted or len(wanted) > 50 or "time" not in ask.params:
        return _error(400, "expected get with 1 to 50 variables, and the predicate time")
    header = [*wanted, *(name for name in predicates if name not in wanted)]
    try:
        found = list(_records(ask, flow, product, "DF" in header))
    except RegistryError as error:
        return _error(501, f"this test server needs the country scheme: {error}")
    rows = [
        [record[name] for name in header]
        for record in found
        if all(_matches(record[name], ask.params[name]) for name in predicates if name != "time")
    ]
    if not rows:
        return Reply(status=204)
    if ask.drift:
        header, rows = [*header, DRIFT], [[*row, "0"] for row in rows]
    return as_json([header, *rows])


def _matches(value: str | None, wanted: str) -> bool:
    if value is None:
        return False
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted


def _records(ask: Ask, flow: str, product: str, apart: bool) -> Iterator[dict[str, str | None]]:
    """Give rows per country and their sum, at each level asked; domestic and foreign apart."""
    number = 0 if flow == "exports" else 1
    start = ask.params.get(product, "").rstrip("*")[:6]
    known = [issue.period for issue in ask.world.issues("USA")]
    cells = ask.world.select(
        "USA",
        [period for period in known if _within(period, ask.params["time"])],
        flows=(number,),
        products=[code for code in REPORTED_CODES if code.startswith(start)],
    )
    levels = [ask.params["COMM_LVL"]] if "COMM_LVL" in ask.params else LEVELS
    parts = [(level, _at_level(cells, level)) for level in levels if level in LEVELS]
    for level, part in [(lv, p) for lv, c in parts for p in (c, world.totals(c))]:
        for row in range(len(part)):
            try:
                country = _country(int(part.partner[row]))
            except UnknownCodeError:
                continue
            code = REPORTED_CODES[part.code[row]][: LEVELS[level]].ljust(LEVELS[level], "0")
            for origin, share in (("1", 1 - FOREIGN), ("2", FOREIGN)) if apart else (("", 1),):
                key = {**country, product: code, "COMM_LVL": level, "DF": origin}
                yield key | _amounts(part, row, flow, share) | _when(part, row)


def _within(period: str, time: str) -> bool:
    """Whether a month is in `2023-01`, `2023` or `from 2015-01 to 2023-09`."""
    words = time.split()
    if len(words) == 4 and (words[0], words[2]) == ("from", "to"):
        return words[1] <= period <= words[3]
    return period.startswith(time) and len(time) in (4, 7)


def _at_level(cells: DemoCells, level: str) -> DemoCells:
    """Return the cells summed to chapters or headings, each under the first of its codes."""
    starts = [code[: LEVELS[level]] for code in REPORTED_CODES]
    first = np.array([starts.index(start) for start in starts])
    return world.merged(replace(cells, code=first[cells.code]))


def _country(partner: int) -> dict[str, str]:
    if partner == world.WORLD:
        return {"CTY_CODE": "-", "CTY_NAME": "TOTAL FOR ALL COUNTRIES", "SUMMARY_LVL": "DET"}
    code = countries.code(str(ISO3[partner]), "census")
    return {"CTY_CODE": code, "CTY_NAME": "SYNTHETIC", "SUMMARY_LVL": "DET"}


def _when(cells: DemoCells, row: int) -> dict[str, str | None]:
    year, number = FIRST_YEAR + int(cells.month[row]) // 12, int(cells.month[row]) % 12 + 1
    when = {"YEAR": str(year), "MONTH": f"{number:02}", "time": f"{year}-{number:02}"}
    return {**when, "LAST_UPDATE": f"{world.released('USA', int(cells.month[row]))[1]}"}


def _amounts(cells: DemoCells, row: int, flow: str, share: float) -> dict[str, str | None]:
    usd, mass, units = (float(getattr(cells, name)[row]) for name in ("usd", "mass", "units"))
    known = not np.isnan(mass)
    air, sea = (f"{mass * share * part:.0f}" if known else "0" for part in (0.6, 0.3))
    counted = not np.isnan(units)
    text: Callable[[float], str] = "{:.0f}".format
    found: dict[str, Any] = dict.fromkeys(AMOUNTS[flow], "0")
    names = ("ALL_VAL_MO",) if flow == "exports" else ("GEN_VAL_MO", "CON_VAL_MO")
    # The demo world's imports are CIF; customs value is invented as 95% of that.
    ratio = 1.0 if flow == "exports" else 0.95
    found |= dict.fromkeys(names, text(usd * share * ratio))
    found |= {"AIR_VAL_MO": text(usd * share * ratio * 0.6), "AIR_WGT_MO": air}
    found |= {"VES_VAL_MO": text(usd * share * ratio * 0.3), "VES_WGT_MO": sea}
    quantity = "QTY_1_MO" if flow == "exports" else "GEN_QY1_MO"
    found |= {quantity: text(units * share) if counted else "0"}
    found |= {"UNIT_QY1": "NO" if counted else "-", "UNIT_QY2": "-"}
    if flow == "imports":
        found |= dict.fromkeys(("GEN_CIF_MO", "CON_CIF_MO"), text(usd * share))
    return found


def _error(status: int, said: str) -> Reply:
    kind = {"Content-Type": "text/plain"}
    return Reply(f"error: {said}".encode(), status, kind, refused=True)
