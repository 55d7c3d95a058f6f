"""US Census Bureau: monthly US goods trade by HS code and country of the world, 2010 onwards.

Reads the answers of the International Trade API, an array of arrays with the header first, and the
same as a table of text.

- Delay: a month is released on the day of the press release, 40 to 45 days after its end; with
  the statistics of April come revisions of earlier years.
- Coverage: general imports (all arrivals, warehouses and foreign trade zones included) and total
  exports, of the 50 states, the District of Columbia, Puerto Rico, the US Virgin Islands and the
  zones. Exports of up to $2,500 a commodity are estimated.
- Partner: country of origin of an import, country of ultimate destination of an export.
- Valuation: an import is CIF where the file has its CIF value (customs value plus charges), as
  other reporters publish it, else FOB (the customs value: without freight and insurance). An
  export is FAS, alongside the ship; it stands as FOB, which adds the loading.
- Re-exports: "foreign" exports (DF 2) are part of the total (DF -): never add the two.
- HS revision: by calendar year. The US changed its import codes to HS2022 on 27 January 2022
  (USITC), so imports of that month can hold codes of both revisions under the name HS2022.
- Licence: public domain (data.gov: CC0).
- Limits: every query needs a key, free of charge; no number of calls a day is documented for one.
  https://www.census.gov/data/developers/data-sets/international-trade.html
- Methods: https://www.census.gov/foreign-trade/guide/sec2.html

Not verified: the oldest Schedule C codes (a country that ended between 2010 and 2021 may be
missing: it is refused by name), and how long a range of months one answer may have.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from entrepot.contracts import Reading, Source
from entrepot.errors import DriftError, SourceError, TruncatedError
from entrepot.reference import countries
from entrepot.sources import _read, _saved
from entrepot.sources.census import cells
from entrepot.sources.census.endpoints import API

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile

SPLIT_BY = ("DISTRICT", "PORT", "STATE", "RP", "CTY_SUBCODE")
"""Columns that divide a country's trade; with one of them a cell would have many rows."""
AMOUNTS = frozenset(name for side in cells.SIDES.values() for name in side.values())


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read one answer into one row per cell, in USD.

    Domestic exports (DF 1) are left out, because the total contains them; where a file has both
    parts and no total, they are added once and `status` is "derived". Groups of countries
    (SUMMARY_LVL CGP, codes 0003 or 1XXX) are left out, because they contain countries; "-" is the
    world. A net mass is the quantity whose unit is KG, null where no unit is: the weights by air
    and by vessel are of the packed goods and lack the other ways of transport. A quantity is null
    where it is 0 or has no unit. Units that the UN has no word for keep the Bureau's.

    Raises:
        SourceError: The file is broken, not of this API, or divides a cell (by district, port).
        DriftError: It has a column or code we have never seen.
        TruncatedError: It ends in the middle.
        DuplicateError: A cell has two values.
        UnknownCodeError: A country is in none of our lists.
    """
    start = _read.head(raw.path).lstrip(b"\xef\xbb\xbf \r\n\t")
    is_table = not start.startswith((b"[", b"{", b"<")) and b"CTY_CODE" in start.replace(b"\0", b"")
    table, header = (_flat if is_table else _array)(raw, connection)
    rows = cells.records(table, header)
    whole = cells.cells(rows, raw.locate)
    return Reading(_flows(whole, connection, is_located=raw.locate))


def _array(raw: RawFile, _connection: DuckDBPyConnection) -> tuple[_read.Rows, list[str]]:
    """The rows of an answer of the API, each a list, and the names of their columns."""
    header = _header(raw.path)
    table = (
        f"read_json({_read.location(raw.path)}, format='array', records=false, "
        "columns={'json': 'VARCHAR[]'}, hive_partitioning=false)"
    )
    return _read.numbered(table, 0, raw.locate, "row"), header


def _flat(raw: RawFile, connection: DuckDBPyConnection) -> tuple[_read.Rows, list[str]]:
    """The rows of an answer that was saved as a table, each as the list the API gives."""
    table = _saved.look(raw, connection)
    if not raw.locate:
        _read.verify(table.path, columns=len(table.header), delimiter=table.delimiter)
    header = [name for name in table.header if name != _saved.INDEX_NAME]
    _check(raw.path, header)
    _saved.refuse_twice(raw.path, header)
    rows = _saved.rows(raw, table, table.header, missing=_saved.MISSING)
    rows = _saved.indexed(rows, table.header)
    each = ", ".join(
        name if header[place] in AMOUNTS else _saved.code(name)
        for place, name in enumerate(map(_read.name, header))
    )
    line = ", _line" if raw.locate else ""
    return _read.Rows(f"(select [{each}] as json{line} from {rows.sql})", rows.at), header


def _header(path: Path) -> list[str]:
    """Return the names of the columns, once they are known to be this API's.

    The API repeats the names of what a query filters by at the end: a name can come twice.
    """
    start = _read.head(path).lstrip(b"\xef\xbb\xbf \r\n\t").decode("utf-8", "replace")
    if not start.startswith("["):
        raise SourceError(
            f"{path.name}: not an array of rows; expected an answer of the International Trade "
            "API with the header first; check the key and ask again"
        )
    try:
        found, _end = json.JSONDecoder().raw_decode(start[1:].lstrip())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise SourceError(
            f"{path.name}: no header in the first row; expected names such as CTY_CODE; "
            "ask for the answer again"
        )
    _check(path, found)
    if not _end_of(path).endswith(b"]]"):
        raise TruncatedError(
            f"{path.name}: ends in the middle of a row; expected the whole answer; ask for it again"
        )
    return found


def _check(path: Path, header: list[str]) -> None:
    if divided := [name for name in SPLIT_BY if name in header]:
        raise SourceError(
            f"{path.name}: rows are divided by {', '.join(divided)}; expected one per country; "
            "ask again without it"
        )
    if new := sorted(set(header) - cells.KNOWN):
        raise DriftError(
            f"{path.name}: unknown column {_read.some(new)}; expected variables of "
            "intltrade/exports/hs or imports/hs; update entrepot, or report the new column"
        )
    if missing := cells.missing(header):
        raise SourceError(
            f"{path.name}: no column {', '.join(missing)}; expected commodity, country, month and "
            "value; ask again with them"
        )


def _end_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 64))
        return b"".join(stream.read().split())


def _flows(
    cell: _read.Rows, connection: DuckDBPyConnection, *, is_located: bool
) -> DuckDBPyRelation:
    known = _read.code_table(countries.lookup("census"))
    others = _read.unknown_countries(cell, ("country",), known) if is_located else "''"
    unknown = cell.problem(
        "UnknownCode",
        "unknown country CTY_CODE {country}{others}; expected a code of Schedule C that entrepot "
        f"lists; {_read.REPORT}",
        others=others,
    )
    revision = _read.hs_in_force("year(period)")
    national = "case when flow = 'import' then 'HTS' else 'SB' end || year(period)"
    return _read.published(
        connection,
        {
            "freq": "'M'",
            "period": "period",
            "reporter": "'USA'",
            "partner": f"coalesce(partner.iso3, {unknown})",
            "flow": "flow",
            "classification": (
                f"case when length(product) = 10 then {national} || '-' || {revision} "
                f"else {revision} end"
            ),
            "product": "product",
            "valuation": "valuation",
            "value_local": "value",
            "currency": "'USD'",
            "net_mass_kg": "mass",
            "quantity": "quantity",
            "quantity_unit": "case when quantity is not null then unit end",
            "status": "case when is_derived then 'derived' else 'reported' end",
            "mass_status": "case when mass is not null then 'reported' end",
        },
        f"from {cell.sql} as cell left join {known} as partner on partner.code = country",
    )


census = Source(
    title="US International Trade",
    publisher="US Census Bureau",
    url="https://www.census.gov/foreign-trade/",
    licence="https://www.census.gov/data/developers/about/terms-of-service.html",
    parse=parse,
    endpoints=(API,),
)
