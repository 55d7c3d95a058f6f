"""What a mapping does with whole cells: parts added up, cumulative months differenced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.schema import FLOWS, REPORTED
from entrepot.sources import _read

if TYPE_CHECKING:
    from entrepot.sources.generic.mapping import Layout

TYPES = {"string": "varchar", "date": "date", "float64": "double"}
CELL = ", ".join(name for name in FLOWS.keys if name != "source")
SERIES = ", ".join(name for name in FLOWS.keys if name not in ("source", "period"))
SLICE = "freq, reporter, flow"
NAMES = ", ".join(column.name for column in REPORTED.columns)


def typed(columns: dict[str, str], layout: Layout, rest: str) -> str:
    """Return SQL for the columns of `schema.REPORTED` and the parts of a cell."""
    select = ", ".join(
        f"cast({columns[column.name]} as {TYPES[column.type]}) as {column.name}"
        for column in REPORTED.columns
    )
    parts = "".join(f", part_{number}" for number in range(len(layout.parts)))
    return f"(select {select}{parts} {rest})"


def added(rows: str, layout: Layout) -> str:
    """Return SQL that adds up the parts of a cell.

    A mass is null if one of a part is; so is a quantity, or if the units differ. The same part
    twice is refused, unless the mapping says that rows are parts without a column that tells them
    apart (`sum`); so are parts in two currencies or valuations.
    """
    parts = ", ".join(f"part_{number}" for number in range(len(layout.parts)))
    times = "1" if layout.format.get("sum") else f"count(*) over (partition by {CELL}, {parts})"
    twice = _stop(
        "Duplicate",
        "appears {times} times with the same {columns!r}; expected each part once; remove the "
        "repeated rows, or add the column that tells them apart to parts",
        times="max(_times)",
        columns=_read.quote(", ".join(layout.parts)),
    )
    mixed = _stop(
        "Source",
        "has parts in two currencies or valuations; expected one to add up; split the file",
    )
    one = "min(currency) = max(currency) and min(valuation) = max(valuation)"
    return f"""(select {CELL}, min(valuation) as valuation,
        case when max(_times) > 1 then {twice} when {one} then
            {_sum("value_local")} else {mixed} end as value_local, min(currency) as currency,
        {_whole("net_mass_kg")} as net_mass_kg,
        case when min(quantity_unit) is not distinct from max(quantity_unit)
            and count(quantity_unit) in (0, count(*)) then {_whole("quantity")} end as quantity,
        case when count(quantity) = count(*) and min(quantity_unit) = max(quantity_unit)
            then min(quantity_unit) end as quantity_unit,
        case when count(*) = 1 then min(status) else 'derived' end as status,
        case when count(net_mass_kg) = count(*) then
            case when bool_or(mass_status = 'estimated') then 'estimated' else 'reported' end
            end as mass_status
        from (select *, {times} as _times from {rows})
        group by {CELL})"""


def differenced(rows: str, layout: Layout) -> str:
    """Return SQL that gives each month its own figure where figures are sums since January.

    A cell that is not in a month of the table had nothing until then. A sum that falls is refused
    unless it is a matter of rounding; so is a table that lacks a month. A mass or quantity that
    does not rise is null.
    """
    scale = layout.format.get("scale", 1)
    unit = float(scale.get("value", 1) if isinstance(scale, dict) else scale)
    hole = _stop(
        "Source",
        "stands in a table without {month}; expected every month from January on, as cumulative "
        "figures are differenced; add the months that are missing, or leave the year out under "
        "[filter]",
        month="year(period) || '-' || lpad(_hole::varchar, 2, '0')",
    )
    fall = _stop(
        "Source",
        "falls from {_before} to {_now}; expected sums since January, which never fall; correct "
        "the figures, or remove cumulative from the mapping",
    )
    month = "month(period)"
    year = "year(period)"
    return f"""(select * exclude (value_local, net_mass_kg, quantity, quantity_unit, status,
            mass_status, _hole, _now, _before, _mass, _quantity, _unit, _gap, _last),
        case when _hole is not null then {hole} when _gap then {fall.replace('"_now"', "0")}
            when _now < _before - {unit!r} then {fall}
            else greatest(_now - _before, 0) end as value_local,
        case when net_mass_kg > _mass then net_mass_kg - _mass end as net_mass_kg,
        case when _unit is not distinct from quantity_unit and quantity > _quantity
            then quantity - _quantity end as quantity,
        case when _unit is not distinct from quantity_unit and quantity > _quantity
            then quantity_unit end as quantity_unit,
        case when {month} = 1 then status else 'derived' end as status,
        case when net_mass_kg > _mass then mass_status end as mass_status
        from (select *, value_local as _now,
            coalesce(lag(value_local) over w, 0) as _before,
            coalesce(lag(net_mass_kg) over w, case when row_number() over w = 1 then 0 end)
                as _mass,
            coalesce(lag(quantity) over w, case when row_number() over w = 1 then 0 end)
                as _quantity,
            case when row_number() over w = 1 then quantity_unit
                else lag(quantity_unit) over w end as _unit,
            coalesce(lead({month}) over w, _last + 1) > {month} + 1
                and value_local > {unit!r} as _gap
            from (select *, max({month}) over s as _last from {rows}
                window s as (partition by {SLICE}, {year}))
            left join {_holes(rows)} as holes using ({SLICE}, period)
            window w as (partition by {SERIES}, {year} order by period)))"""


def _holes(rows: str) -> str:
    """Months of the table before which the same year lacks one, with the first that it lacks."""
    return f"""(select {SLICE}, period, list_filter(range(1, month(period)),
            m -> not list_contains(list(month(period)) over s, m))[1] as _hole
        from (select distinct {SLICE}, period from {rows})
        window s as (partition by {SLICE}, year(period)))"""


def _sum(column: str) -> str:
    """A sum that is the same whatever the order of the rows."""
    return f"sum({column} order by {column})"


def _whole(column: str) -> str:
    return f"case when count({column}) = count(*) then {_sum(column)} end"


def _stop(kind: str, sentence: str, **places: str) -> str:
    cell = "{reporter} {flow} {partner} {classification} {product} {month_of_cell} "
    month = "strftime(period, '%Y-%m')"
    return _read.Rows("").problem(kind, cell + sentence, month_of_cell=month, **places)
