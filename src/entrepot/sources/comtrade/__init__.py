"""UN Comtrade: annual and monthly goods trade of all reporters, HS, 1988 onwards.

Reads the answers of API v1 (JSON), downloads of comtradeplus.un.org (CSV), bulk files (TSV.gz)
and downloads of the old site (CSV). API: https://comtradedeveloper.un.org, `data/v1/get`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.contracts import Reading, Source
from entrepot.reference import countries
from entrepot.sources import _read
from entrepot.sources.comtrade import cells, files
from entrepot.sources.comtrade.codes import CLASSIFICATIONS, FLOWS, UNITS
from entrepot.sources.comtrade.endpoints import BULK, DATA, PREVIEW

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read one file into one row per cell, in USD.

    Left out, because M and X contain them: domestic exports, goods for processing (DX, FM, MIP,
    MOP, XIP, XOP). Kept: rows that UNSD aggregated itself, as most monthly totals are, and every
    HS level as its own product code. An import is CIF where its CIF value is given, else FOB. A
    net mass or quantity of 0 stands for "not reported". `status` is "derived" where the total is
    absent and its parts were added, once; a mass or quantity is then null unless all parts have it.

    Raises:
        SourceError: The file is broken, empty, converted to another HS revision, or not Comtrade's.
        DriftError: It has a field or code we have never seen.
        TruncatedError: It has as many rows as the publisher allows in one answer.
    """
    found, notes = files.rows(raw, connection)
    relation = _flows(found, raw.locate, connection)
    return Reading(relation, published=_read.day_of(raw.path.name), notes=notes)


def _flows(found: _read.Rows, located: bool, connection: DuckDBPyConnection) -> DuckDBPyRelation:
    table = _read.code_table(countries.lookup("comtrade"))
    cell = _read.Rows(cells.cells(found, located), "cell.place")
    sides = ('"reporterCode"', '"partnerCode"')
    others = _read.unknown_countries(found, sides, table)
    unit = _code(cell, "unit", UNITS, "qtyUnitCode")
    imported = "\"flowCode\" in ('M', 'RM')"
    has_cif = "cif is not null and (cif <> 0 or value = 0)"
    return _read.published(
        connection,
        {
            "freq": _freq(cell),
            "period": _period(cell),
            "reporter": _country(cell, "reporter", others),
            "partner": _country(cell, "partner", others),
            "flow": _code(cell, "flowCode", FLOWS),
            "classification": _code(cell, "classificationCode", CLASSIFICATIONS, "HS revision"),
            "product": _product(cell),
            "valuation": f"case when {imported} and {has_cif} then 'CIF' else 'FOB' end",
            "value_local": "value",
            "currency": "'USD'",
            "net_mass_kg": "mass",
            "quantity": "qty",
            "quantity_unit": f"case when unit is not null then {unit} end",
            "status": "case when is_derived then 'derived' else 'reported' end",
            "mass_status": (
                "case when mass is not null then "
                "case when guessed then 'estimated' else 'reported' end end"
            ),
        },
        f"from {cell.sql} as cell "
        f'left join {table} as reporter on reporter.code = "reporterCode" '
        f'left join {table} as partner on partner.code = "partnerCode"',
    )


def _freq(cell: _read.Rows) -> str:
    unknown = cell.unknown("freqCode", "A or M", "download annual or monthly data")
    return f"case when \"freqCode\" in ('A', 'M') then \"freqCode\" else {unknown} end"


def _period(cell: _read.Rows) -> str:
    expected = "a year (2022) for annual and a month (202203) for monthly data"
    # By length and not by pattern: a bulk file has millions of rows.
    return f"""coalesce(case "freqCode"
        when 'A' then try_cast(case when length(period) = 4 then period || '-01-01' end as date)
        when 'M' then try_cast(case when length(period) = 6
            then period[:4] || '-' || period[5:] || '-01' end as date) end,
        {cell.unknown("period", expected, _read.AGAIN)})"""


def _country(cell: _read.Rows, side: str, others: str) -> str:
    unknown = cell.problem(
        "UnknownCode",
        f"unknown country {side}Code {{{side}Code}}{{others}}; expected a code of UNSD that "
        f"entrepot lists; {_read.REPORT}",
        others=others,
    )
    return f"coalesce({side}.iso3, {unknown})"


def _code(cell: _read.Rows, column: str, meanings: dict[str, str], word: str = "") -> str:
    known = ", ".join(meanings) if len(meanings) < 10 else "those UNSD lists"
    unknown = cell.unknown(column, f"one of {known}", word=word)
    return f"case {_read.name(column)} {_read.whens(meanings)} else {unknown} end"


def _product(cell: _read.Rows) -> str:
    expected = "TOTAL or an HS code of 2, 4 or 6 digits, leading zeros kept"
    unknown = cell.unknown("cmdCode", expected, _read.AGAIN)
    # 9999AA is UNSD's code for goods not specified by kind.
    return _read.matching('"cmdCode"', "TOTAL|9999AA|([0-9]{2}){1,3}", unknown)


comtrade = Source(
    title="UN Comtrade",
    publisher="United Nations Statistics Division",
    url="https://comtradeplus.un.org",
    licence="https://uncomtrade.org/docs/policy-on-use-and-re-dissemination/",
    parse=parse,
    endpoints=(DATA, PREVIEW, BULK),
)
