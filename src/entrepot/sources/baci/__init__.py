"""BACI: annual trade of all country pairs in HS6, reconciled by CEPII from both sides' reports.

Reads a year's file (BACI_HS17_Y2021_V202301.csv) or the zip of an HS revision with all its years.
Neither side's record: CEPII removes an estimate of freight from the importer's value and averages
it with the exporter's, by how reliable each reports. It fills in for countries that stopped
reporting; it averages the mirror gap away, so a mirror measure must never read it.

* Delay: each January; the newest year is the second before it and still incomplete (FAQ_BACI.html).
* Coverage: about 200 countries and 5,000 subheadings since 1995. Only positive flows stand in a
  file, so no row means none or unknown (DescriptionBACI.html). Code 490 is Taiwan.
* Valuation: FOB, thousands of current USD. Quantities are tonnes, partly converted from other
  units, so every mass counts as estimated (CEPII working paper 2010-23, section 2.2).
* Partner rule and re-exports: CEPII's pages name none; the declarations are UN Comtrade's.
* Versions: V202301 is the release of January 2023, taken as its last day unless the page gives
  it. Versions must not be mixed (FAQ_BACI.html): a fetched one replaces all of an older one.
* Revisions: each HS revision holds the same trade again. Each is a source of its own
  (`baci_hs17`), so that two of them are never added.
* Licence: Etalab Open Licence 2.0: name CEPII and BACI. No limit on calls is documented.

Pages: https://www.cepii.fr/DATA_DOWNLOAD/baci/doc/baci_webpage.html, and in the same folder
FAQ_BACI.html and DescriptionBACI.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.contracts import Reading, Source
from entrepot.errors import DriftError, SourceError
from entrepot.reference import countries
from entrepot.sources import _read, _saved
from entrepot.sources._unpack import unpack
from entrepot.sources.baci.endpoints import DOCUMENTED, REVISIONS, TABLE, ZIP, released

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile

COLUMNS = ("t", "i", "j", "k", "v", "q")
UNPACKED = 20_000_000_000
"""Bytes a zip may unpack to; HS92 of V202601 has 8.4 GB."""
THOUSAND = 1000
"""v is in thousands of dollars, q in tonnes."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A year's file, and what its name says."""

    path: Path
    revision: str
    year: str
    version: str


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read a year's file, or a zip of them, into one row per cell: the exporter's FOB exports.

    The name of the file gives the HS revision, the year and the version. A product of five digits
    has lost its leading zero, which is put back. A quantity of NA is null. A zip is unpacked first
    (`raw.scratch`); its rows are then streamed like a file's.

    Raises:
        SourceError: A value is no number, or the archive is broken or has no table.
        DriftError: A column, name, year, product or revision is not as CEPII has published it.
        UnknownCodeError: A country code that BACI has not used so far.
        TruncatedError: The file ends in the middle of a line.
    """
    tables = _tables(raw, connection)
    relation = _flows(_cells(tables, raw), connection, is_located=raw.locate)
    first = tables[0]
    return Reading(
        relation,
        source=f"baci_hs{first.revision}",
        published=released(first.version),
    )


def _tables(raw: RawFile, connection: DuckDBPyConnection) -> list[_Table]:
    """The file itself, or the tables of a zip by year; all of one revision and version."""
    if not _read.head(raw.path).startswith(b"PK"):
        return [_named(raw.path)]
    folder = _saved.scratch(raw, connection)
    paths = [path for path in unpack(raw.path, folder, UNPACKED, (".csv",)) if _is_table(path)]
    if not paths:
        raise SourceError(
            f"{raw.path.name}: holds no table; expected files like BACI_HS17_Y2021_V202301.csv: "
            "take the zip of an HS revision from CEPII's page"
        )
    tables = sorted((_named(path) for path in paths), key=lambda table: table.year)
    if len(kinds := {(table.revision, table.version) for table in tables}) > 1:
        (one, old), (other, new), *_ = sorted(kinds)
        raise DriftError(
            f"{raw.path.name}: holds HS{one} V{old} beside HS{other} V{new}; expected one revision "
            "and version: download the zip again"
        )
    return tables


def _is_table(path: Path) -> bool:
    """Whether it is a table of trade: the zip has lists of countries and products beside them."""
    return path.name.startswith("BACI_")


def _named(path: Path) -> _Table:
    match = TABLE.search(path.name)
    if match is None or match[1] not in REVISIONS:
        raise DriftError(
            f"{path.name}: the name says no HS revision, year and version as CEPII's do; expected "
            f"one like BACI_HS17_Y2021_V202301.csv in HS {', '.join(REVISIONS)}: "
            "give the file the name it had"
        )
    revision, year, version = match.groups()
    if int(year) < REVISIONS[revision][1]:
        raise DriftError(
            f"{path.name}: {year} in HS{revision}; expected {REVISIONS[revision][1]} or later: "
            "give the file the name it had"
        )
    return _Table(path, revision, year, version)


def _cells(tables: list[_Table], raw: RawFile) -> _read.Rows:
    """SQL of all rows, with what each file's name says and, for errors, the place of the row."""
    parts = []
    for table in tables:
        rows = _read.csv_rows(
            table.path, _header(table.path), delimiter=",", skip=1, locate=raw.locate
        )
        inside = "" if table.path == raw.path else f"; in {table.path.name}"
        parts.append(
            f"select {', '.join(COLUMNS)}, '{table.year}' as named, "
            f"'{REVISIONS[table.revision][0]}' as classification, "
            f"{_read.quote(inside)} || {rows.at} as place from {rows.sql}"
        )
    return _read.Rows(f"({' union all '.join(parts)})", "place")


def _header(path: Path) -> list[str]:
    """The names of the columns, in the file's order.

    Raises:
        DriftError: One is new or absent.
        TruncatedError: The file does not end with the end of a line.
    """
    header = _read.fields(_read.lines(_read.text(path))[0], ",", path.name)
    if sorted(header) != sorted(COLUMNS):
        odd = sorted(set(header) ^ set(COLUMNS)) or header
        raise DriftError(
            f"{path.name}: columns {_read.some(header)}, of which {_read.some(odd)} differ; "
            f"expected {', '.join(COLUMNS)}: update entrepot, or report the change"
        )
    _read.verify(path, columns=0)
    return header


def _flows(
    cell: _read.Rows, connection: DuckDBPyConnection, *, is_located: bool
) -> DuckDBPyRelation:
    table = _read.code_table(countries.lookup("comtrade"))
    others = _read.unknown_countries(cell, ("i", "j"), table) if is_located else "''"
    quantity = "nullif(nullif(trim(q), 'NA'), '')"
    has_quantity = f"case when {quantity} is not null then"
    return _read.reported(
        connection,
        {
            "freq": "'A'",
            "period": _period(cell),
            "reporter": _country(cell, "exporter", "i", others),
            "partner": _country(cell, "importer", "j", others),
            "flow": "'export'",
            "classification": "classification",
            "product": _product(cell),
            "valuation": "'FOB'",
            "value_local": _amount(cell, "v", "v"),
            "currency": "'USD'",
            "net_mass_kg": f"{has_quantity} {_amount(cell, 'q', quantity)} end",
            "status": "'derived'",
            "mass_status": f"{has_quantity} 'estimated' end",
        },
        f"from {cell.sql} as cell left join {table} as exporter on exporter.code = i "
        f"left join {table} as importer on importer.code = j",
    )


def _period(cell: _read.Rows) -> str:
    other = cell.problem(
        "Drift",
        "year {t}; expected {named}, as the name of the file says; " + _read.AGAIN,
    )
    return f"case when t = named then cast(named || '-01-01' as date) else {other} end"


def _country(cell: _read.Rows, side: str, column: str, others: str) -> str:
    unknown = cell.problem(
        "UnknownCode",
        f"unknown country {{{column}}} in column {column}{{others}}; expected a code of UN "
        f"Comtrade, which BACI uses; {_read.REPORT}",
        others=others,
    )
    return f"coalesce({side}.iso3, {unknown})"


def _product(cell: _read.Rows) -> str:
    expected = "an HS code of 6 digits, or of 5 where a leading zero was lost in chapters 01 to 09"
    unknown = cell.unknown("k", expected, _read.AGAIN, word="product")
    return (
        "case when regexp_full_match(k, '[0-9]{6}') then k "
        f"when length(k) = 5 and regexp_full_match('0' || k, '{_read.LOST_ZERO}') then '0' || k "
        f"else {unknown} end"
    )


def _amount(cell: _read.Rows, column: str, text: str) -> str:
    """A number times a thousand: v and q have three decimals, so whole dollars and kilograms."""
    sentence = f"{column} is {{{column}!r}}; expected a number of zero or more; {_read.AGAIN}"
    stop = cell.problem("Source", sentence)
    number = _read.plain(text)
    return (
        f"case when isfinite({number}) and {number} >= 0 "
        f"then round({number} * {THOUSAND}, 3) else {stop} end"
    )


baci = Source(
    title="BACI",
    publisher="CEPII",
    url=DOCUMENTED,
    licence="https://www.etalab.gouv.fr/wp-content/uploads/2018/11/open-licence.pdf",
    parse=parse,
    endpoints=(ZIP,),
)
