"""Hong Kong's Census and Statistics Department: monthly and annual trade with re-exports apart.

Reads answers of the Trade IDDS service: one JSON object, a record per statistic of a cell.

- Delay: values come before the volume indices, which follow some six weeks after the month
  (February 2019 on 16 April).
- Coverage: goods declared to customs, trade with the mainland of China included; from 2012.
- Partner: country of origin of an import, of destination of an export. The service also has
  imports by consignment, and re-exports by origin and destination at once: both are refused here,
  because one column of partners cannot hold two meanings.
- Valuation: imports CIF, exports FOB, in thousands of Hong Kong dollars.
- Re-exports: goods imported and sent on without a change of their nature; they are part of total
  exports: never add the two. Domestic exports are the other part.
- Licence: terms of data.gov.hk.
- Limits: no key; a call names 20 codes, as others do: no number is documented.
  https://data.gov.hk/en-data/dataset/hk-censtatd-trade-idds-trade

Not verified on the Department's own pages: the basis of valuation (users of these figures give CIF
and FOB), that a quantity in kilograms is net of packing (so net mass stays null), what the service
says of months that are not out, and whether it asks every client for a cookie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.contracts import Reading, Source
from entrepot.errors import DriftError, SourceError, TruncatedError
from entrepot.reference import countries
from entrepot.sources import _json_records, _read
from entrepot.sources.hongkong.endpoints import IDDS

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile

NEEDED = ("freq", "period", "ttype", "codeclass", "code", "sv", "figure")
READ = (*NEEDED, "co", "cc", "unitEN")
LABELS = ("Desc", "footnote", "Footnote")
"""Words inside the names of fields that hold a text for people, in one of three languages."""
KEY = "freq, period, ttype, co, cc, codeclass, code"
UNITS = {"KG": "kg", "NO.": "u", "NO": "u", "LITRE": "l", "METRE": "m", "SQ.METRE": "m²"}


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read one answer into one row per cell, in HKD.

    Left out: domestic exports (ttype 2) and total trade (5), because total exports contain the one
    and the other contains all. A cell without a country is the world's. A record whose figure is
    empty or a dash reports nothing. A quantity keeps the Department's unit where the UN has no word
    for it, and is null where it is 0 or has no unit; net mass is always null.

    Raises:
        SourceError: The file is broken, not of this service, or divides a cell.
        DriftError: It has a field, code or unit of value we have never seen.
        TruncatedError: It has fewer records than it announces.
        DuplicateError: A cell has two values.
        UnknownCodeError: A country is in none of our lists.
    """
    columns = _columns(raw.path)
    rows = _json_records.rows(connection, columns, raw.locate)
    notes = _json_records.notes(raw.path, len(columns["period"]))
    return Reading(_flows(_cells(rows, raw.locate), connection, is_located=raw.locate), notes=notes)


def _columns(path: Path) -> dict[str, list[Any]]:
    answer = _json_records.answer(path, "an answer of tradeidds.censtatd.gov.hk")
    records, header = answer.get("dataSet"), answer.get("header")
    status, counted = (_json_records.inside(header, what) for what in ("status", "count"))
    if not isinstance(records, list) or status.get("name") != "Success":
        raise SourceError(
            f"{path.name}: no records ({status.get('message') or status.get('name') or 'no header'}"
            "); expected an answer with the status Success; correct the request and ask again"
        )
    announced = counted.get("noOfRecords")
    if announced is not None and str(announced) != str(len(records)):
        raise TruncatedError(
            f"{path.name}: {len(records):,} of the {announced} records it announces; "
            "expected all; ask for it again"
        )
    records = _json_records.records_of(path, records, "records of the service")
    found = _json_records.fields(records)
    if new := sorted(f for f in found - {*READ} if not any(word in f for word in LABELS)):
        raise DriftError(
            f"{path.name}: unknown field {_read.some(new)}; expected {', '.join(READ)} and their "
            "labels; update entrepot, or report the new field"
        )
    if missing := sorted({*NEEDED} - found) if records else []:
        raise SourceError(
            f"{path.name}: no field {', '.join(missing)}; expected {', '.join(NEEDED)}; "
            "ask for HS codes (codeclass HKHS6)"
        )
    return {name: [record.get(name) for record in records] for name in READ}


def _cells(rows: _read.Rows, located: bool) -> _read.Rows:
    """One row per cell with its value and quantity side by side."""
    at = rows.at.replace("_line", "min(_line)") if located else "''"
    twice = _read.Rows("", at).problem(
        "Duplicate",
        "two figures for code {code}, ttype {ttype}, period {period}, country {country:all}; "
        "expected one; ask again",
        country="coalesce(co, cc)",
    )
    return _read.Rows(
        f"""(select {KEY}, {at} as place,
            case when count(*) > count(distinct what) then {twice}
                else sum(amount) filter (what = 'value') end as value,
            nullif(sum(amount) filter (what = 'quantity'), 0) as quantity,
            any_value(unit) filter (what = 'quantity') as unit
        from (from (select *, {_what(rows)} as what, {_unit()} as unit,
                {_amount(rows)} as amount
            from {rows.sql} where ttype is distinct from '2' and ttype is distinct from '5')
            where amount is not null)
        group by {KEY} having count(*) filter (what = 'value') > 0)""",
        "place",
    )


def _flows(
    cell: _read.Rows, connection: DuckDBPyConnection, *, is_located: bool
) -> DuckDBPyRelation:
    known = _read.code_table(countries.lookup("iso2") | {"": "WLD"})
    others = _read.unknown_countries(cell, ("coalesce(co, cc, '')",), known) if is_located else "''"
    unknown = cell.problem(
        "UnknownCode",
        "unknown country {country}{others}; expected an ISO code of two letters; " + _read.REPORT,
        country="coalesce(co, cc)",
        others=others,
    )
    revision = _read.hs_in_force("period[:4]::integer")
    return _read.published(
        connection,
        {
            "freq": "freq",
            "period": _period(cell),
            "reporter": "'HKG'",
            "partner": f"case when {_side(cell)} then coalesce(partner.iso3, {unknown}) end",
            "flow": _flow(cell),
            "classification": (
                f"case when length(code) = 8 then 'HKHS' || period[:4] || '-' || {revision} "
                f"else {revision} end"
            ),
            "product": _product(cell),
            "valuation": "case when ttype = '1' then 'CIF' else 'FOB' end",
            "value_local": "value * 1000",
            "currency": "'HKD'",
            "quantity": "case when unit is not null then quantity end",
            "quantity_unit": "case when quantity is not null then unit end",
            "status": "'reported'",
        },
        f"from {cell.sql} as cell left join (select code as alpha, iso3 from {known}) as partner "
        "on alpha = coalesce(co, cc, '')",
    )


def _what(rows: _read.Rows) -> str:
    """Whether a record is its cell's value or quantity, of that very month or year."""
    unknown = rows.problem(
        "Drift",
        "statistic {sv} with freq {freq}; expected VCm and QCm of months or VCy and QCy of years; "
        "ask for those",
    )
    return f"""case when freq || sv in ('MVCm', 'AVCy') then 'value'
        when freq || sv in ('MQCm', 'AQCy') then 'quantity' else {unknown} end"""


def _amount(rows: _read.Rows) -> str:
    """The figure; a value must be in thousands of Hong Kong dollars."""
    other = rows.problem(
        "Drift",
        "value in {unitEN:no unit}; expected HK$ '000; update entrepot, or report the new unit",
    )
    figure = _read.number("figure", rows)
    return f"""case when trim(coalesce(figure, '')) in ('', '-') then null
        when sv in ('VCm', 'VCy') and regexp_replace(coalesce("unitEN", ''), '[^A-Z0-9$]', '', 'g')
            <> 'HK$000' then {other} else {figure} end"""


def _unit() -> str:
    return f"""case upper(trim("unitEN")) {_read.whens(UNITS)}
        else nullif(trim("unitEN"), '') end"""


def _side(cell: _read.Rows) -> str:
    """True, once a record is known to have its country on the side this source reads."""
    wrong = cell.problem(
        "Source",
        "{side}; expected imports by origin (co) and exports by destination (cc), one at a time; "
        "ask for those",
        side="case ttype when '1' then 'imports by consignment (cc)' else 'exports by origin (co)' "
        "end",
    )
    return (
        f"case when (ttype = '1' and cc is not null) or (ttype <> '1' and co is not null) "
        f"then {wrong} else true end"
    )


def _period(cell: _read.Rows) -> str:
    unknown = cell.unknown("period", "a month (202301) or a year (2023)", "ask for those")
    return f"""coalesce(case freq when 'M' then {_read.first_day("period", "202301")}
        when 'A' then {_read.first_day("period", "2023")} end, {unknown})"""


def _flow(cell: _read.Rows) -> str:
    flows = {"1": "import", "3": "re-export", "4": "export"}
    return f"case ttype {_read.whens(flows)} else {cell.unknown('ttype', '1 to 5')} end"


def _product(cell: _read.Rows) -> str:
    unknown = cell.problem(
        "Drift",
        "code {code} of {codeclass:no codeclass}; expected as many digits as its class of the "
        "Hong Kong Harmonized System says; ask for codeclass HKHS6",
    )
    return f"""case when codeclass = 'HKHS' || length(code)
        and regexp_full_match(code, '([0-9]{{2}}){{1,4}}') then code else {unknown} end"""


hongkong = Source(
    title="Hong Kong Merchandise Trade Statistics",
    publisher="Census and Statistics Department of Hong Kong",
    url="https://tradeidds.censtatd.gov.hk",
    licence="https://data.gov.hk/en/terms-and-conditions",
    parse=parse,
    endpoints=(IDDS,),
)
