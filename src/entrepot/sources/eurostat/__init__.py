"""Eurostat: monthly and annual goods trade of the EU and its members, HS and CN, 1988 onwards.

Reads Comext's bulk files (7z or unpacked, today's layout and the one before 2025), workbooks of
the Data Browser (XLSX) and SDMX-CSV of DS-045409 and DS-059341.

* Delay: seven weeks or more; on 2026-07-18 the newest bulk file was that of 2026-05.
* Coverage: the member states, CN8 and HS2-4-6; bulk files hold CN8 only, since 1988.
* Valuation: euros at the reporter's border, imports CIF and exports FOB.
* Partner: country of origin for imports from outside the EU, member state of consignment for
  imports from inside it, last known destination for exports. The bulk files say which is which
  (TRADE_TYPE); no partner is in both in one month, so the partner tells it here too.
* Re-exports: not told apart. Goods that pass through a member into free circulation are its
  imports and its exports (quasi-transit, the "Rotterdam effect").
* Confidential trade: bulk files give it under a masked product (39XXXXXX, 8500SS00) or a partner
  QX, QY or QZ; it is kept under that code with status "confidential". The other formats give no
  number for it: the value is null.
* Licence: CC BY 4.0, Commission Decision 2011/833/EU; see `licence` for the exceptions.
* Limits: SDMX answers up to 500,000 cells at once and 5,000,000 at most, empty ones counted. Bulk
  files have no documented limit; 2025-12 had 45 MB packed and 403 MB unpacked.

Method: https://ec.europa.eu/eurostat/cache/metadata/en/ext_go_detail_sims.htm
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from entrepot.contracts import Reading, Source
from entrepot.sources import _read
from entrepot.sources.eurostat import comext, sdmx_csv, workbook
from entrepot.sources.eurostat.comext_endpoint import BULK
from entrepot.sources.eurostat.sdmx_endpoint import SDMX

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile

_files = count()


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read one file into one row per cell, in EUR; imports are CIF, exports FOB.

    In a bulk file all statistical procedures of a cell are added (status "derived" where there are
    several); a mass or quantity is null unless every part with a value has one. A quantity is in
    the unit the file names. Month 52 is the year. In a month a cell is either extra-EU or intra-EU.

    In the other formats a confidential cell (flag `c`) holds no number: its value is null and its
    status "confidential", so sums of detailed codes can fall short of their heading. A cell without
    data gives no row. Indicators of one cell become one row: value, net mass in kg (a mass of 0 is
    null) and supplementary quantity, whose unit is the one the CN states for the code. Codes of 8
    digits are CN of the year; shorter ones and TOTAL are of the HS revision the EU used then.

    Raises:
        SourceError: The file is broken, has no data sheet, or a value cell holds text.
        DriftError: It has a column, code, flag or indicator we have never seen.
        TruncatedError: A table ends in the middle of a line.
        DuplicateError: One cell has two values.
        UnknownCodeError: A country is in none of our lists.
    """
    start = _read.head(raw.path)
    if comext.is_bulk(start):
        return comext.parse(raw, connection)
    if start.startswith(b"PK"):
        book = workbook.read(raw.path)
        table = f"_entrepot_workbook_{next(_files)}"
        connection.register(table, book.cells)
        long = _read.Rows(f"(select *, null as freq from {table})", "place")
        relation = _flows(long, connection, is_located=raw.locate)
        return Reading(
            relation, published=book.published, products=book.products, partners=book.partners
        )
    long, published = sdmx_csv.rows(raw, connection)
    return Reading(_flows(long, connection, is_located=raw.locate), published=published)


def _flows(
    long: _read.Rows, connection: DuckDBPyConnection, *, is_located: bool
) -> DuckDBPyRelation:
    known = _read.code_table(workbook.lookup())
    cell = _read.Rows(_cells(long), "cell.place")
    others = (
        _read.unknown_countries(long, ('"REPORTER"', '"PARTNER"'), known) if is_located else "''"
    )
    year = 'cast("TIME_PERIOD"[:4] as integer)'
    return _read.published(
        connection,
        {
            "freq": "case when length(\"TIME_PERIOD\") = 4 then 'A' else 'M' end",
            "period": _period(cell),
            "reporter": _country(cell, "REPORTER", others),
            "partner": _country(cell, "PARTNER", others),
            "flow": _flow(cell),
            "classification": (
                f'case when length("PRODUCT") = 8 then \'CN\' || "TIME_PERIOD"[:4] '
                f"else {_read.hs_in_force(year)} end"
            ),
            "product": _product(cell),
            "valuation": "case when \"FLOW\" in ('1', 'IMPORT') then 'CIF' else 'FOB' end",
            "value_local": "value",
            "currency": "'EUR'",
            "net_mass_kg": "nullif(mass, 0)",
            "quantity": "nullif(quantity, 0)",
            "quantity_unit": "case when quantity <> 0 then 'supplementary' end",
            "status": "status",
            "mass_status": "case when mass <> 0 then mass_status end",
        },
        f"from {cell.sql} as cell "
        f'left join {known} as reporter on reporter.code = "REPORTER" '
        f'left join {known} as partner on partner.code = "PARTNER"',
    )


def _cells(long: _read.Rows) -> str:
    """One row per cell with its indicators side by side, its value null where it is hidden."""
    unknown = long.unknown(
        "INDICATORS",
        "a value in euros, a quantity in kg or 100 kg, or the supplementary quantity",
        "download these indicators",
        word="indicator",
    )
    wrong = long.problem(
        "Drift",
        "freq {freq} with period {TIME_PERIOD}; expected A with a year or M with a month; "
        "download monthly or annual data",
    )
    key = '"REPORTER", "PARTNER", "PRODUCT", "FLOW", "TIME_PERIOD"'
    twice = _read.Rows("", "min(place)").problem(
        "Duplicate",
        f"two values for one cell: {{cell}}; expected one; {_read.AGAIN}",
        cell=f"concat_ws(', ', {key})",
    )
    return f"""(
    with indicators as (
        select * exclude (value), case
            when "INDICATORS" in ('VALUE_IN_EUROS', 'VALUE_EUR') then 'value'
            when "INDICATORS" in ('QUANTITY_IN_100KG', 'QUANTITY_KG') then 'mass'
            when "INDICATORS" = 'SUPPLEMENTARY_QUANTITY' then 'quantity'
            else {unknown} end as what,
            case when freq is not null
                and (freq || length("TIME_PERIOD")) not in ('A4', 'M7') then {wrong}
            when "INDICATORS" = 'QUANTITY_IN_100KG' then value * 100 else value end as value
        from {long.sql})
    select {key},
        case when count(*) filter (what = 'value') > 1 or count(*) filter (what = 'mass') > 1
                or count(*) filter (what = 'quantity') > 1
            then {twice} else sum(value) filter (what = 'value') end as value,
        sum(value) filter (what = 'mass') as mass,
        sum(value) filter (what = 'quantity') as quantity,
        max(status) filter (what = 'value') as status,
        max(status) filter (what = 'mass') as mass_status,
        min(place) as place
    from indicators group by {key} having count(*) filter (what = 'value') > 0)"""


def _country(cell: _read.Rows, column: str, others: str) -> str:
    unknown = cell.problem(
        "UnknownCode",
        f"unknown country {{{column}}} ({column.lower()}){{others}}; expected a code or label of "
        "Eurostat that entrepot lists; update entrepot, or report the new one",
        others=others,
    )
    return f"coalesce({column.lower()}.iso3, {unknown})"


def _period(cell: _read.Rows) -> str:
    unknown = cell.unknown(
        "TIME_PERIOD",
        "a month (2022-03) or a year (2022)",
        "download monthly or annual data",
        word="period",
        kind="Source",
    )
    day = _read.first_day('"TIME_PERIOD"', "2023-01", "2023")
    return f"coalesce({day}, {unknown})"


def _flow(cell: _read.Rows) -> str:
    flows = {"1": "import", "IMPORT": "import", "2": "export", "EXPORT": "export"}
    unknown = cell.unknown("FLOW", "1, 2, IMPORT or EXPORT", word="flow")
    return f'case "FLOW" {_read.whens(flows)} else {unknown} end'


def _product(cell: _read.Rows) -> str:
    expected, then = "TOTAL or a code of 2, 4, 6 or 8 digits", "download HS or CN codes"
    unknown = cell.unknown("PRODUCT", expected, then, word="product")
    # CN codes with letters stand for trade published without its detail: 8500SS00.
    return _read.matching('"PRODUCT"', "TOTAL|([0-9]{2}){1,3}|[0-9]{2}[0-9A-Z]{6}", unknown)


eurostat = Source(
    title="Eurostat Comext",
    publisher="Eurostat",
    url="https://ec.europa.eu/eurostat/databrowser/view/DS-045409",
    licence="https://ec.europa.eu/eurostat/about-us/policies/copyright",
    parse=parse,
    endpoints=(SDMX, BULK),
)
