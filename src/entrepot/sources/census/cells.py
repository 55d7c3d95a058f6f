"""US Census Bureau: one row per cell from rows that hold totals, their parts, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sources import _read

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDES = {
    "E_COMMODITY": {
        "value": "ALL_VAL_MO",
        "quantity_1": "QTY_1_MO",
        "quantity_2": "QTY_2_MO",
    },
    "I_COMMODITY": {
        "value": "GEN_VAL_MO",
        "cif": "GEN_CIF_MO",
        "quantity_1": "GEN_QY1_MO",
        "quantity_2": "GEN_QY2_MO",
    },
}
"""The commodity column says whether rows are exports or imports; the others follow from it."""

KEYS = (
    "CTY_CODE",
    "COMM_LVL",
    "SUMMARY_LVL",
    "DF",
    "time",
    "YEAR",
    "MONTH",
    "UNIT_QY1",
    "UNIT_QY2",
)
LEFT_OUT = frozenset(
    """CTY_NAME LAST_UPDATE SUMMARY_LVL2 CC_MO CC_YR
    E_COMMODITY_LDESC E_COMMODITY_SDESC I_COMMODITY_LDESC I_COMMODITY_SDESC
    ALL_VAL_YR QTY_1_MO_FLAG QTY_1_YR QTY_1_YR_FLAG QTY_2_MO_FLAG QTY_2_YR QTY_2_YR_FLAG
    GEN_VAL_YR GEN_CIF_YR GEN_CHA_MO GEN_CHA_YR GEN_QY1_MO_FLAG GEN_QY1_YR GEN_QY1_YR_FLAG
    GEN_QY2_MO_FLAG GEN_QY2_YR GEN_QY2_YR_FLAG CON_VAL_MO CON_VAL_YR CON_CIF_MO CON_CIF_YR
    CON_CHA_MO CON_CHA_YR CON_QY1_MO CON_QY1_MO_FLAG CON_QY1_YR CON_QY1_YR_FLAG CON_QY2_MO
    CON_QY2_MO_FLAG CON_QY2_YR CON_QY2_YR_FLAG DUT_VAL_MO DUT_VAL_YR CAL_DUT_MO CAL_DUT_YR
    AIR_VAL_MO AIR_VAL_YR AIR_WGT_MO AIR_WGT_YR AIR_CHA_MO AIR_CHA_YR
    VES_VAL_MO VES_VAL_YR VES_WGT_MO VES_WGT_YR VES_CHA_MO VES_CHA_YR
    CNT_VAL_MO CNT_VAL_YR CNT_WGT_MO CNT_WGT_YR CNT_CHA_MO CNT_CHA_YR""".split()
)
"""Labels, year-to-date figures, imports for consumption, duties, flags and modes of transport."""

KNOWN = {*SIDES, *KEYS, *LEFT_OUT} | {name for side in SIDES.values() for name in side.values()}

UNITS = {
    "NO": "u",
    "KG": "kg",
    "L": "l",
    "M": "m",
    "M2": "m²",
    "M3": "m³",
    "DOZ": "12u",
    "PRS": "2u",
    "THS": "1000u",
    "CAR": "carat",
    "G": "g",
    "T": "1000 KG",
    "KWH": "kWH",
    "BBL": "BBL",
}
"""Units of Schedule B and of the tariff, and the UN's words for the same amounts."""

GROUP = "00[0-9]{2}|[0-9]XXX"
"""Codes of groups of countries (0003, the EU) and of continents (1XXX): they contain countries."""

NUMBER = "expected a number; ask for the answer again"
CELL = "product, country, period, flow, valuation"


def missing(header: Sequence[str]) -> list[str]:
    """Return the names of columns without which there is no cell."""
    side = next((name for name in SIDES if name in header), None)
    if side is None:
        return [" or ".join(SIDES)]
    needed = [SIDES[side]["value"], "CTY_CODE"]
    if "time" not in header and not {"YEAR", "MONTH"} <= set(header):
        needed.append("time")
    return [name for name in needed if name not in header]


def records(rows: _read.Rows, header: Sequence[str]) -> _read.Rows:
    """Return SQL with one row per row of the answer: typed, and called the same on both sides.

    The header is a row like any other to the reader, and is left out by its content.
    """
    side = next(name for name in SIDES if name in header)
    where = {name: f"json[{header.index(name) + 1}]" for name in header}
    line = ", _line" if rows.at != "''" else ""
    return _read.Rows(
        f"""(select {_product(where[side], rows)} as product, {where["CTY_CODE"]} as country,
            {_period(where, rows)} as period,
            '{"export" if side == "E_COMMODITY" else "import"}' as side,
            {_part(where.get("DF"), rows)} as part,
            {_amounts(SIDES[side], where, len(header), rows)}{line}
        from {rows.sql}
        where json[1] is distinct from {_read.quote(header[0])}
            and {where.get("SUMMARY_LVL", "null")} is distinct from 'CGP'
            and not coalesce(regexp_full_match({where["CTY_CODE"]}, '{GROUP}'), false))""",
        rows.at,
    )


def _amounts(names: dict[str, str], where: dict[str, str], width: int, rows: _read.Rows) -> str:
    """Columns `customs`, `cif`, `quantity`, `unit` and `mass`, of a row as wide as the header."""
    value, cif, first, second = (
        _number(where.get(names.get(what, ""), "null"), names.get(what, ""), rows)
        for what in ("value", "cif", "quantity_1", "quantity_2")
    )
    unit_1, unit_2 = (where.get(f"UNIT_QY{n}", "null") for n in (1, 2))
    other = rows.problem(
        "Source",
        f"a row of {{width}} values; expected {width}, as in the header; ask for the answer again",
        width="len(json)",
    )
    empty = rows.problem("Source", f"no {names['value']}; {NUMBER}")
    return f"""case when len(json) <> {width} then {other}
                else coalesce({value}, {empty}) end as customs,
            {cif} as cif,
            case when {_unit(unit_1)} is not null then nullif({first}, 0) end as quantity,
            {_unit(unit_1)} as unit,
            nullif(case when {unit_1} = 'KG' then {first} when {unit_2} = 'KG' then {second} end, 0)
                as mass"""


def cells(rows: _read.Rows, located: bool) -> _read.Rows:
    """Return SQL with one row per cell: its total, or its parts added once where it has none."""
    at = rows.at.replace("_line", "min(_line)") if located else "''"
    spelled, place = "{product}, country {country}, {flow}, {period}", _read.Rows("", at)
    twice = place.problem(
        "Duplicate", f"two values for {spelled}; expected one; ask for the answer again"
    )
    filtered = place.problem(
        "Source",
        f"no total (DF -) for {spelled}; expected total exports or both of their parts; ask again "
        "without a filter on DF",
    )
    every = "count(*) = count({})"
    return _read.Rows(
        f"""(
    with records as (from {rows.sql}),
    seen as (select coalesce(bool_or(part = '1') and bool_or(part = '2'), false) as has_both
        from records),
    pieces as (
        select *, case when side = 'import' and cif is not null and (cif <> 0 or customs = 0)
                then 'CIF' else 'FOB' end as valuation,
            unnest(case when part = '2' then [side, 're-export'] else [side] end) as flow,
        from records),
    ranked as (
        select * replace (case when valuation = 'CIF' then cif else customs end as customs),
            part = '-' or flow = 're-export' as is_total from pieces)
    select {CELL}, bool_and(not is_total) as is_derived,
        case when count(*) filter (is_total) > 1 or count(distinct part) < count(*) then {twice}
            when count(*) filter (is_total) = 0 and not any_value(has_both) then {filtered}
            when count(*) filter (is_total) = 1 then sum(customs) filter (is_total)
            else sum(customs) end as value,
        {_added("mass", every.format("mass"))} as mass,
        {_added("quantity", every.format("quantity") + " and count(distinct unit) = 1")}
            as quantity,
        case when count(*) filter (is_total) = 1 then any_value(unit) filter (is_total)
            else any_value(unit) end as unit,
        {at} as place
    from ranked, seen group by {CELL})""",
        "place",
    )


def _added(what: str, known: str) -> str:
    """A total's own amount, or that of its parts where each of them has one."""
    return (
        f"case when count(*) filter (is_total) = 1 then any_value({what}) filter (is_total) "
        f"when {known} then sum({what}) end"
    )


def _number(column: str, name: str, rows: _read.Rows) -> str:
    stop = rows.problem("Source", f"{name} is {{column}}; {NUMBER}", column=column)
    given = _read.plain(column)
    return (
        f"coalesce(case when isfinite({given}) then {given} end, "
        f"case when trim({column}) <> '' then cast({stop} as double) end)"
    )


def _product(column: str, rows: _read.Rows) -> str:
    unknown = rows.problem(
        "Drift",
        "unknown commodity {code}; expected - for all or an HS code of 2, 4, 6 or 10 digits; "
        "ask for COMM_LVL HS6",
        code=column,
    )
    known = _read.matching(column, "([0-9]{2}){1,3}|[0-9]{10}", unknown)
    return f"case when {column} = '-' then 'TOTAL' else {known} end"


def _period(where: dict[str, str], rows: _read.Rows) -> str:
    both = {"YEAR", "MONTH"} <= set(where)
    month = f"({where['YEAR']} || '-' || {where['MONTH']})" if both else where["time"]
    unknown = rows.problem(
        "Drift",
        "unknown month {month}; expected one such as 2023-01; ask for months",
        month=month,
    )
    return f"coalesce({_read.first_day(month, '2023-01')}, {unknown})"


def _part(column: str | None, rows: _read.Rows) -> str:
    """Which goods a row counts: all ("-"), domestic ("1") or foreign ("2")."""
    if column is None:
        return "'-'"
    unknown = rows.problem(
        "Drift",
        f"unknown DF {{part}}; expected -, 1 (domestic) or 2 (foreign); {_read.REPORT}",
        part=column,
    )
    return f"case when {column} in ('-', '1', '2') then {column} else {unknown} end"


def _unit(column: str) -> str:
    # X: no quantity is asked of the trader; -: the codes below this one have different units.
    return (
        f"case {column} when 'X' then null when '-' then null {_read.whens(UNITS)} "
        f"else {column} end"
    )
