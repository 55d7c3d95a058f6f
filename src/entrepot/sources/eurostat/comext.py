"""Comext's bulk files: one row per cell from rows that are split by statistical procedure.

A file holds one month or year of all reporters, as CSV inside a 7z. A cell's rows differ in
STAT_PROCEDURE, and under a masked product code in SITC, CPA and BEC too; they are parts and are
added. Countries and units are held as enums while they are added: that nearly halves the memory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot.contracts import Reading
from entrepot.errors import DriftError, SourceError
from entrepot.reference import countries
from entrepot.sources import _read, _saved, _unpack
from entrepot.sources.eurostat.comext_codes import (
    COLUMNS,
    CONFIDENTIAL_PARTNERS,
    LEFT_OUT,
    NO_UNIT,
    OLD_COLUMNS,
    OLD_LEFT_OUT,
    OLD_UNIT,
    OWN_UNITS,
    PROCEDURES,
    TRADE_TYPES,
    UNITS,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile

LARGEST = 8_000_000_000
"""Bytes of one file unpacked. 2025-12 had 402,759,246 in 4,902,194 rows."""
UNITED_KINGDOM = ("GBR", "_GREAT_BRITAIN", "_NORTHERN_IRELAND")


def is_bulk(start: bytes) -> bool:
    """Whether a file that starts so is a bulk file, packed or not."""
    header = start[:2000].upper()
    return start.startswith(_unpack.SEVEN_ZIP) or (b"PRODUCT_NC," in header and b"FLOW," in header)


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read one bulk file into one row per cell, in EUR; see `eurostat.parse`."""
    partners = UNITED_KINGDOM if "partxixu" in raw.path.name else None
    whole = _table(raw, connection)
    return Reading(
        _flows(*_rows(whole), connection, raw.locate),
        published=_read.day_of(raw.path.name),
        partners=partners,
    )


def _table(raw: RawFile, connection: DuckDBPyConnection) -> RawFile:
    """The file itself, or the one table inside a 7z, unpacked for as long as it is read."""
    with raw.path.open("rb") as file:
        if not file.read(6).startswith(_unpack.SEVEN_ZIP):
            return raw
    scratch = _saved.scratch(raw, connection)
    found = _unpack.unpack(raw.path, scratch, LARGEST, (".dat", ".csv"))
    if len(found) > 1:
        raise SourceError(
            f"{raw.path.name}: {len(found)} tables ({_read.some(p.name for p in found)}); expected "
            "one month or year; unpack it and ingest them one by one"
        )
    return replace(raw, path=found[0])


def _rows(raw: RawFile) -> tuple[_read.Rows, bool]:
    """Return SQL for the rows in the names of today's layout, and whether the layout is old."""
    lines = _read.lines(_read.text(raw.path))
    header = [name.strip().upper() for name in _read.fields(lines[0], ",", raw.path.name)]
    if not raw.locate:
        _read.verify(raw.path, columns=len(header))
    old = "DECLARANT_ISO" in header
    wanted = OLD_COLUMNS if old else dict(zip(COLUMNS, COLUMNS, strict=True))
    if missing := [name for name in wanted if name not in header]:
        raise SourceError(
            f"{raw.path.name}: no column {', '.join(missing)}; expected those of a Comext bulk "
            "file; download it again"
        )
    known = {*wanted, *(OLD_LEFT_OUT if old else LEFT_OUT)}
    if new := [name for name in header if name not in known]:
        raise DriftError(
            f"{raw.path.name}: unknown column {_read.some(new)}; expected {_read.some(header, 4)} "
            "and the others of a Comext bulk file; update entrepot, or report the new column"
        )
    _saved.refuse_twice(raw.path, header)
    if len(lines) < 2:
        raise SourceError(
            f"{raw.path.name}: no rows; expected a month or year of trade; download it again"
        )
    # In the old layout PARTNER is a number that this source leaves out.
    columns = [wanted.get(name, f"_{name}") for name in header]
    rows = _read.csv_rows(raw.path, columns, delimiter=",", skip=1, locate=raw.locate)
    return replace(rows, bulk=True), old


def _flows(
    rows: _read.Rows, old: bool, connection: DuckDBPyConnection, located: bool
) -> DuckDBPyRelation:
    # Joined as enums: comparing their numbers is quicker than comparing texts.
    known = f"""(select cast(code as {_countries()}) as code, iso3
        from {_read.code_table(countries.lookup("comext"))})"""
    secret = f"""contains(product, 'X') or contains(product, 'S')
        or partner in {CONFIDENTIAL_PARTNERS}"""
    annual = "(period < 10000 or period % 100 = 52)"
    year = "(case when period < 10000 then period else period // 100 end)"
    return _read.published(
        connection,
        {
            "freq": f"case when {annual} then 'A' else 'M' end",
            "period": f"make_date({year}, case when {annual} then 1 else period % 100 end, 1)",
            "reporter": "reporters.iso3",
            "partner": "partners.iso3",
            "flow": "case flow when 1 then 'import' else 'export' end",
            "classification": (
                f"case product when 'TOTAL' then {_read.hs_in_force(year)} else 'CN' || {year} end"
            ),
            "product": "product",
            "valuation": "case flow when 1 then 'CIF' else 'FOB' end",
            "value_local": "value",
            "currency": "'EUR'",
            "net_mass_kg": "mass",
            "quantity": "quantity",
            "quantity_unit": f"case when quantity is not null then {_unit(old)} end",
            "status": f"case when {secret} then 'confidential' when parts > 1 then 'derived' "
            "else 'reported' end",
            "mass_status": "case when mass is not null then 'reported' end",
        },
        f"from {_cells(rows, old, located)} as cells "
        f"join {known} as reporters on reporters.code = reporter "
        f"join {known} as partners on partners.code = partner",
    )


def _cells(rows: _read.Rows, old: bool, located: bool) -> str:
    """SQL with one row per cell: codes as published and the sums of its parts.

    A mass or quantity is null unless every part that has a value has it: NaN stands for an amount
    that a part lacks, and spreads to the sum. `kinds` has one bit per trade type and procedure.
    """
    at = rows.at.replace("_line", "line") if located else "''"
    spelled = (
        "concat_ws(', ', reporter, partner, product, "
        "case flow when 1 then 'import' else 'export' end, period)"
    )
    cell = _read.Rows("", at)
    twice = cell.problem(
        "Duplicate",
        f"two rows for one cell and procedure: {{cell}}; expected one; {_read.AGAIN}",
        cell=spelled,
    )
    both = cell.problem(
        "Drift",
        "extra-EU and intra-EU trade in one cell: {cell}; expected one type of trade, because an "
        "import has its origin as partner in one and its consignment in the other; report the cell",
        cell=spelled,
    )
    types = " + ".join(
        f"((kinds >> {10 * n}) & 1023 > 0)::integer" for n in range(len(TRADE_TYPES))
    )
    return f"""(
    select reporter, partner, product, flow, period, parts,
        case when parts > 1 then case
                when {types} > 1 and period % 100 <> 52 and period > 9999 then {both}
                when parts > bit_count(kinds) and not regexp_matches(product, '[A-Z]') then {twice}
                else value end
            else value end as value,
        case when not isnan(mass) then nullif(mass, 0) end as mass,
        case when not isnan(quantity) and unit = other_unit then nullif(quantity, 0)
            end as quantity, unit
    from (select reporter, partner, product, flow, period, count(*) as parts,
            bit_or(kind) as kinds, sum(value) as value, sum(mass) as mass,
            sum(quantity) as quantity, min(unit) as unit, max(unit) as other_unit
            {", min(line) as line" if located else ""}
        from ({_parts(rows, old, located)}) group by reporter, partner, product, flow, period)
    )"""


def _parts(rows: _read.Rows, old: bool, located: bool) -> str:
    """SQL with every row of the file, typed; a code that is not understood stops the query."""
    mass, quantity = (_read.number(f'"{c}"', rows) for c in ("QUANTITY_KG", "QUANTITY_SUPPL_UNIT"))
    amounts = {"value": "value", "mass": "mass", "quantity": "quantity"}
    return f"""
    select reporter, partner, product, flow, period, kind, unit,
        {_read.finite("value", amounts, rows)} as value,
        case when coalesce(mass, 0) = 0 and value <> 0 then 'nan'
            else coalesce(mass, 0) end as mass,
        case when unit is null then null when coalesce(quantity, 0) = 0 and value <> 0 then 'nan'
            else coalesce(quantity, 0) end as quantity {", line" if located else ""}
    from (select {_country(rows, "REPORTER")} as reporter, {_country(rows, "PARTNER")} as partner,
        {_product(rows)} as product, {_flow(rows)} as flow, {_period(rows)} as period,
        {_kind(rows)} as kind, {_value(rows)} as value, {_unit_code(rows, old)} as unit,
        {mass} as mass, {quantity} as quantity {", _line as line" if located else ""}
    from {rows.sql})"""


def _enum(codes: tuple[str, ...]) -> str:
    return f"enum({', '.join(map(_read.quote, codes))})"


def _countries() -> str:
    return _enum(tuple(sorted(countries.lookup("comext"))))


def _country(rows: _read.Rows, column: str) -> str:
    known = _read.code_table(countries.lookup("comext"))
    others = _read.unknown_countries(rows, ('"REPORTER"', '"PARTNER"'), known)
    unknown = rows.problem(
        "UnknownCode",
        f"unknown country {{{column}}} ({column.lower()}){{others}}; expected a code of Eurostat "
        "that entrepot lists; update entrepot, or report the new one",
        others=others,
    )
    return f'coalesce(try_cast("{column}" as {_countries()}), {unknown})'


def _product(rows: _read.Rows) -> str:
    expected = "TOTAL or a code of 8 characters, leading zeros kept"
    unknown = rows.unknown("PRODUCT_NC", expected, _read.AGAIN, word="product")
    # A code with letters hides detail: 39XXXXXX, 8500SS00, XXXXXXXX.
    return _read.matching('"PRODUCT_NC"', "TOTAL|([0-9]{2}|XX)[0-9A-Z]{6}", unknown)


def _flow(rows: _read.Rows) -> str:
    unknown = rows.unknown("FLOW", "1 or 2", word="flow")
    return f"cast(case \"FLOW\" when '1' then 1 when '2' then 2 else {unknown} end as utinyint)"


def _period(rows: _read.Rows) -> str:
    expected = "a month (202402), a year as month 52 (202452) or a year (2024)"
    unknown = rows.unknown("PERIOD", expected, _read.AGAIN, word="period", kind="Source")
    period = 'try_cast("PERIOD" as uinteger)'
    return f"""cast(case when {period} between 190001 and 999912 and
                ({period} % 100 between 1 and 12 or {period} % 100 = 52) then {period}
            when {period} between 1900 and 9999 then {period} else {unknown} end as uinteger)"""


def _kind(rows: _read.Rows) -> str:
    """One bit for a row's trade type and procedure."""
    columns = {"TRADE_TYPE": TRADE_TYPES, "STAT_PROCEDURE": PROCEDURES}
    unknown = {
        column: rows.unknown(column, f"one of {', '.join(codes)}", word=column.lower())
        for column, codes in columns.items()
    }
    types = " ".join(f"when '{code}' then {10 * n}" for n, code in enumerate(TRADE_TYPES))
    procedures = " ".join(f"when '{code}' then {code}" for code in PROCEDURES)
    return f"""1::bigint << (case "TRADE_TYPE" {types} else {unknown["TRADE_TYPE"]} end
            + case "STAT_PROCEDURE" {procedures} else {unknown["STAT_PROCEDURE"]} end)"""


def _value(rows: _read.Rows) -> str:
    empty = rows.problem(
        "Source",
        "no value for product {PRODUCT_NC:without code}; expected a number in VALUE_EUR; "
        + _read.AGAIN,
    )
    return f"coalesce({_read.number(_read.name('VALUE_EUR'), rows)}, {empty})"


def _unit_code(rows: _read.Rows, old: bool) -> str:
    """The unit as an enum, null where the CN states none; an old file has letters for it."""
    expected = "one of the supplementary units of the CN"
    unknown = rows.unknown("SUPPL_UNIT", expected, word="unit")
    known = _enum((OLD_UNIT,) if old else (*UNITS, *OWN_UNITS))
    if old:
        return f"""case when regexp_full_match("SUPPL_UNIT", '[A-Z0-9]?')
            then cast('{OLD_UNIT}' as {known}) when trim("SUPPL_UNIT") <> '' then {unknown} end"""
    return f"""case when "SUPPL_UNIT" <> '{NO_UNIT}'
            then coalesce(try_cast("SUPPL_UNIT" as {known}), {unknown}) end"""


def _unit(old: bool) -> str:
    names = (OLD_UNIT,) if old else (*UNITS.values(), *OWN_UNITS)
    return f"([{', '.join(map(_read.quote, names))}])[enum_code(unit) + 1]"
