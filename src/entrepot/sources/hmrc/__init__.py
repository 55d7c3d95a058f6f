"""HM Revenue and Customs: monthly UK goods trade by HS subheading and country, 2000 onwards.

Reads answers of the Overseas Trade Statistics (OTS) on api.uktradeinfo.com, OData as JSON.

- Delay: about six weeks after the month (November 2024 on 16 January 2025).
- Coverage: all goods with the EU and with other countries. Trade with the EU breaks where the
  survey gave way to customs declarations: exports in January 2021, imports in January 2022; goods
  between Northern Ireland and the EU are still surveyed. Trade below the survey's threshold has no
  eight-digit code and is not asked for.
- Partner: country from which an import is consigned (not where it was made); country of
  destination of an export.
  Emirates that HMRC lists by themselves (Dubai, Sharjah) are the United Arab Emirates here.
- Valuation: at the border of the UK, so imports are CIF and exports FOB; in pounds.
  https://www.legislation.gov.uk/eur/2010/113
- Re-exports: inside exports, and not shown apart.
- Secrecy: a suppressed cell keeps what is published of it and says "confidential"; its country
  can be withheld (SuppressionIndex 2 and 3), or its quantity (3, 4 and 5).
- Licence: Open Government Licence v3.0.
- Limits: 60 calls a minute, 40,000 rows a page; no key.
  https://www.uktradeinfo.com/api-documentation/
- Methods: https://www.gov.uk/government/statistics/overseas-trade-statistics-methodologies

Not verified: the alphabetic codes of withheld countries (a code that entrepot does not know is
refused by name).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.contracts import Reading, Source
from entrepot.errors import DriftError, SourceError, TruncatedError
from entrepot.sources import _json_records, _read
from entrepot.sources.hmrc.endpoints import EMIRATES, NAMES, ODATA, PAGE, codes

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile

READ = (
    *("MonthId", "FlowTypeId", "SuppressionIndex", "CommodityId", "CommoditySitcId"),
    *("CountryId", "PortId", "Value", "NetMass", "SuppUnit"),
)
LEFT_OUT = {"Commodity", "Country", "Date", "FlowType", "Port", "SITC"}
"""What `$expand` adds; of `Country` the alphabetic code is read, of `Commodity` the CN code."""
KEY = ", ".join(f'"{name}"' for name in READ[:7])


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read one answer into one row per cell, in GBP.

    OTS has a row per port and eight-digit code; a cell is the sum of a subheading's rows, and its
    `status` is "derived" where it has several. A cell is "confidential" where any of its rows is
    suppressed, and gives no row where nothing of its value is published. A net mass is null unless
    every row has one, a supplementary quantity unless all rows are of one code too, since codes
    differ in their unit; 0 is null. A leading zero that OData's number lost is put back.

    Raises:
        SourceError: The file is broken, not of OTS, or has no country codes.
        DriftError: It has a field or code we have never seen.
        TruncatedError: It is one page of several.
        DuplicateError: A row comes twice, as overlapping pages make it.
        UnknownCodeError: A country is in none of our lists.
    """
    columns = _columns(raw.path)
    rows = _json_records.rows(connection, columns, raw.locate)
    notes = _json_records.notes(raw.path, len(columns["country"]))
    return Reading(_flows(_cells(rows, raw.locate), rows, connection), notes=notes)


def _columns(path: Path) -> dict[str, list[Any]]:
    answer = _json_records.answer(path, "an answer of api.uktradeinfo.com/OTS")
    records = answer.get("value")
    if not isinstance(records, list):
        said = answer.get("error") or answer.get("message") or "no list `value`"
        raise SourceError(
            f"{path.name}: no records ({said}); expected an answer of api.uktradeinfo.com/OTS; "
            "correct the request and ask again"
        )
    if "@odata.nextLink" in answer or len(records) >= PAGE:
        raise TruncatedError(
            f"{path.name}: {len(records):,} records and more pages behind them; expected all on "
            "one page, because pages overlap; ask for fewer months or products"
        )
    records = _json_records.records_of(path, records, "records of OTS")
    found = _json_records.fields(records)
    if new := sorted(found - {*READ, *LEFT_OUT}):
        raise DriftError(
            f"{path.name}: unknown field {_read.some(new)}; expected those of OTS; "
            "update entrepot, or report the new field"
        )
    if missing := sorted({*READ, "Country"} - found) if records else []:
        raise SourceError(
            f"{path.name}: no field {', '.join(missing)}; expected all fields of OTS and the "
            "country; ask again with $expand=Country"
        )
    columns = {name: [record.get(name) for record in records] for name in READ}
    columns["country"] = [_country(record) for record in records]
    columns["cn8"] = [_expanded(record, "Commodity", "Cn8Code") for record in records]
    return columns


def _country(record: _json_records.Record) -> str | None:
    """The country's letters; an emirate is told by its name too, where the file has it."""
    name = _expanded(record, "Country", "CountryName") or ""
    code = (_expanded(record, "Country", "CountryCodeAlpha") or "").strip().upper()
    is_emirate = code in EMIRATES or "".join(filter(str.isalpha, name.lower())) in NAMES
    return "AE" if is_emirate else code or None


def _expanded(record: _json_records.Record, what: str, name: str) -> str | None:
    found = _json_records.inside(record, what).get(name)
    return found if isinstance(found, str) else None


def _cells(rows: _read.Rows, located: bool) -> _read.Rows:
    at = rows.at.replace("_line", "min(_line)") if located else "''"
    twice = _read.Rows("", at).problem(
        "Duplicate",
        "two rows of one key for product {product}, country {country}, {flow}, {period}; "
        "expected one; ask again for all on one page",
    )
    every = "count(*) = count({})"
    return _read.Rows(
        f"""(select period, flow, product, country,
            case when count(*) > count(distinct ({KEY})) then {twice} else sum(value) end as value,
            case when {every.format("mass")} then nullif(sum(mass), 0) end as mass,
            case when {every.format("quantity")} and count(distinct "CommodityId") = 1
                then nullif(sum(quantity), 0) end as quantity,
            case when bool_or(is_suppressed) then 'confidential'
                when count(*) > 1 then 'derived' else 'reported' end as status,
            {at} as place
        from {_records(rows)}
        group by period, flow, product, country having count(value) > 0)""",
        "place",
    )


def _records(rows: _read.Rows) -> str:
    """Typed rows; only a suppressed one may have no value."""
    empty = rows.problem("Source", "no Value; expected a number; ask for the answer again")
    line = ", _line" if rows.at != "''" else ""
    return f"""(select * replace (
            case when value is null and not is_suppressed then {empty} else value end as value)
        from (select {KEY}{line}, country, {_period(rows)} as period,
            {_flow(rows)} as flow, ({_product(rows)})[:6] as product,
            {_suppressed(rows)} as is_suppressed,
            {_read.number('"Value"', rows)} as value,
            {_read.number('"NetMass"', rows)} as mass,
            {_read.number('"SuppUnit"', rows)} as quantity
        from {rows.sql}))"""


def _flows(cell: _read.Rows, rows: _read.Rows, connection: DuckDBPyConnection) -> DuckDBPyRelation:
    known = _read.code_table(codes())
    others = _read.unknown_countries(rows, ("country",), known)
    unknown = cell.problem(
        "UnknownCode",
        "unknown country CountryCodeAlpha {country}{others}; expected a code of two letters that "
        f"entrepot lists; {_read.REPORT}",
        others=others,
    )
    return _read.published(
        connection,
        {
            "freq": "'M'",
            "period": "period",
            "reporter": "'GBR'",
            "partner": f"coalesce(partner.iso3, {unknown})",
            "flow": "flow",
            "classification": _read.hs_in_force("year(period)"),
            "product": "product",
            "valuation": "case when flow = 'import' then 'CIF' else 'FOB' end",
            "value_local": "value",
            "currency": "'GBP'",
            "net_mass_kg": "mass",
            "quantity": "quantity",
            "quantity_unit": "case when quantity is not null then 'supplementary' end",
            "status": "status",
            "mass_status": "case when mass is not null then 'reported' end",
        },
        f"from {cell.sql} as cell left join {known} as partner on partner.code = country",
    )


def _period(rows: _read.Rows) -> str:
    unknown = rows.unknown("MonthId", "one such as 202301", "update entrepot, or report the change")
    month = _read.first_day('"MonthId"', "202301")
    return f"coalesce({month}, {unknown})"


def _flow(rows: _read.Rows) -> str:
    flows = {"1": "import", "2": "export", "3": "import", "4": "export"}
    unknown = rows.unknown("FlowTypeId", "1 to 4")
    return f'case "FlowTypeId" {_read.whens(flows)} else {unknown} end'


def _product(rows: _read.Rows) -> str:
    padded = "lpad(\"CommodityId\", 8, '0')"
    unknown = rows.unknown(
        "CommodityId",
        "a code of eight digits",
        "trade below the threshold has none: ask with CommodityId ge 1000000",
    )
    other = rows.problem(
        "Drift",
        "CommodityId {CommodityId} with Cn8Code {cn8}; expected the same digits; "
        "update entrepot, or report the change",
    )
    return f"""case when not coalesce(regexp_full_match("CommodityId", '[0-9]{{8}}')
            or length("CommodityId") = 7 and regexp_full_match({padded}, '{_read.LOST_ZERO}'),
            false)
        then {unknown} when coalesce(cn8, {padded}) <> {padded} then {other} else {padded} end"""


def _suppressed(rows: _read.Rows) -> str:
    unknown = rows.unknown("SuppressionIndex", "0 to 5")
    return f"""case when "SuppressionIndex" = '0' then false
        when "SuppressionIndex" in ('1', '2', '3', '4', '5') then true else {unknown} end"""


hmrc = Source(
    title="UK Overseas Trade in Goods Statistics",
    publisher="HM Revenue and Customs",
    url="https://www.uktradeinfo.com",
    licence="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    parse=parse,
    endpoints=(ODATA,),
)
