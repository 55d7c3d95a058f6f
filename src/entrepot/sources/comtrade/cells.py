"""UN Comtrade: one row per cell from a file that holds totals, their parts, or both.

A record is a total when second partner, customs procedure and mode of transport are all at their
total. Where a cell has its total, the total is the cell. Where it has none, the parts are added
once: a part inside another published part (sea inside water) is dropped first, and parts that
overlap in any other way are refused, because nothing says which of them to add.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sources import _read
from entrepot.sources.comtrade.codes import PARTS_OF_FLOWS, TRANSPORT

if TYPE_CHECKING:
    from entrepot.sources._read import Rows

CELL = (
    '"freqCode", period, "reporterCode", "partnerCode", "flowCode", "classificationCode", "cmdCode"'
)
SPELLED = (
    "reporter {reporterCode}, partner {partnerCode}, product {cmdCode}, flow {flowCode}, "
    "period {period}"
)
TOTALS = "download the totals (partner2Code=0, customsCode=C00, motCode=0)"


def cells(rows: Rows, located: bool) -> str:
    """Return SQL with one row per cell: its codes as published, amounts, `is_derived`, `place`."""
    at = rows.at.replace("_line", "line") if located else "''"
    total = _read.Rows("", at)
    once = f"for {SPELLED}; expected one; {_read.AGAIN}"
    twice = total.problem("Duplicate", f"two totals {once}")
    repeated = total.problem("Duplicate", f"two equal parts {once}")
    overlap = total.problem(
        "Source",
        f"parts that overlap and no total for {SPELLED}; expected a total or parts that add up; "
        f"{TOTALS}",
    )
    line = ", min(line) as line" if located else ""
    # Parts are gathered in lists only where no total stands: lists cannot spill to disk.
    return f"""(
    with records as materialized (
        select * exclude (code), mot = 0 and other = 0 and customs = 0 as is_total,
            case when qty is not null then code end as unit from ({_records(rows, located)})),
    totals as materialized (
        select {CELL}, count(*) as totals, sum(value) as value, max(cif) as cif,
            sum(mass) as mass, bool_or(guessed) as guessed, sum(qty) as qty,
            max(unit) as unit{line}
        from records where is_total group by {CELL}),
    grouped as (
        select {CELL}, list(struct_pack(mot := mot, other := other, customs := customs,
                value := value, cif := cif, mass := mass, guessed := guessed,
                qty := qty, unit := unit)) as parts{line}
        from (from records where not is_total) anti join totals using ({CELL})
        group by {CELL}),
    once as (
        select * exclude (parts, keys, wholes), list_filter(parts,
                lambda part: not list_has_any(wholes, {_wholes("part")})) as kept,
            case when len(list_distinct(keys)) < len(parts) then {repeated} end as repeated
        from (select *, list_intersect(list_distinct(flatten(
                list_transform(parts, lambda part: {_wholes("part")}))), keys) as wholes
            from (select *, list_transform(parts, lambda part: {_own_key("part")}) as keys
                from grouped))),
    sound as (
        select *, case when repeated is not null then repeated
            when len(list_distinct(list_transform(kept, lambda part:
                [part.mot > 0, part.other > 0, part.customs > 0]))) > 1
            then case when len(list_filter(kept, lambda one:
                len(list_filter(kept, lambda two: {_overlaps("one", "two")})) > 1)) > 0
                then {overlap} end end as stop
        from once)
    select {CELL}, {at} as place, false as is_derived,
        case when totals > 1 then {twice} else value end as value, cif, mass, guessed, qty, unit
    from totals
    union all by name
    select {CELL}, {at} as place, true as is_derived, {_amounts()} from sound)"""


def _records(rows: Rows, located: bool) -> str:
    """Every record with typed amounts; parts of flows (DX, MIP ...) are left out here."""
    parts = ", ".join(f"'{code}'" for code in PARTS_OF_FLOWS)
    called = {"value": "primaryValue", "cif": "cifvalue", "mass": "netWgt", "qty": "qty"}
    return f"""select * replace ({_read.finite("value", called, rows)} as value) from (
    select {CELL}, {_mode(rows)} as mot, {_second_partner(rows)} as other,
        {_customs(rows)} as customs,
        {_value(rows)} as value,
        {_read.number("cifvalue", rows)} as cif,
        nullif({_read.number('"netWgt"', rows)}, 0) as mass,
        coalesce(try_cast("isNetWgtEstimated" as boolean), false) as guessed,
        case when "qtyUnitCode" not in ('-1', '1') then nullif({_read.number("qty", rows)}, 0)
            end as qty,
        "qtyUnitCode" as code
        {", _line as line" if located else ""}
    from {rows.sql} where coalesce("flowCode", '') not in ({parts}))"""


def _value(rows: Rows) -> str:
    """`primaryValue`, once the record is known to be about goods and not converted."""
    services = rows.problem(
        "Source", "typeCode {typeCode}; expected C, trade in goods; download goods"
    )
    # UNSD's own conversion tables move solar cells (854151) to mobile phones (851712).
    converted = rows.problem(
        "Source",
        "isOriginalClassification is {isOriginalClassification}: converted by the publisher; "
        "expected codes as reported; ask for the classification as reported (HS)",
    )
    empty = rows.problem(
        "Source",
        f"no primaryValue for product {{cmdCode:without code}}; expected a number; {_read.AGAIN}",
    )
    return f"""case when "typeCode" is distinct from 'C' then {services}
            when lower("isOriginalClassification") not in ('true', '1')
                or "isOriginalClassification" is null then {converted}
            else coalesce({_read.number('"primaryValue"', rows)}, {empty}) end"""


def _mode(rows: Rows) -> str:
    services = rows.problem(
        "Drift", "mode of supply {mosCode}; expected 0, as for all goods; download goods"
    )
    unknown = rows.unknown("motCode", "a mode of transport UNSD lists")
    modes = ", ".join(f"'{code}'" for code in TRANSPORT)
    return f"""case when trim(coalesce("mosCode", '0')) not in ('0', '') then {services}
            when "motCode" in ({modes}) then try_cast("motCode" as integer)
            when coalesce("motCode", '') = '' then 0 else {unknown} end"""


def _second_partner(rows: Rows) -> str:
    unknown = rows.unknown("partner2Code", "a number")
    return f"""case when coalesce("partner2Code", '') in ('', '0') then 0
            else coalesce(try_cast("partner2Code" as integer), {unknown}) end"""


def _customs(rows: Rows) -> str:
    unknown = rows.unknown("customsCode", "C00 or a part of it")
    return f"""case when coalesce("customsCode", '') in ('', 'C00') then 0
            when regexp_full_match("customsCode", 'C[0-9]{{2}}')
            then cast(substr("customsCode", 2) as integer) else {unknown} end"""


def _key(mot: str, other: str, customs: str) -> str:
    """A place in the three breakdowns as one number."""
    return f"({customs}::bigint * 100000000 + {other} * 10000 + {mot})"


def _own_key(part: str) -> str:
    return _key(f"{part}.mot", f"{part}.other", f"{part}.customs")


def _wholes(part: str) -> str:
    """The keys of all places that contain a part; null in place of its own."""
    keys = [
        f"nullif({_key(mot, other, customs)}, {_own_key(part)})"
        for mot in _modes(part)
        for other in ("0", f"{part}.other")
        for customs in ("0", f"{part}.customs")
    ]
    return f"[{', '.join(keys)}]"


def _modes(part: str) -> list[str]:
    """A mode of transport and what contains it: 9110, 9100, 9000 and 0."""
    return ["0", *(f"{part}.mot // {step} * {step}" for step in (1, 100, 1000))]


def _inside(part: str, whole: str) -> str:
    return f"{whole}.mot in ({', '.join(_modes(part))})"


def _overlaps(one: str, two: str) -> str:
    either = " and ".join(
        f"({one}.{dim} in (0, {two}.{dim}) or {two}.{dim} = 0)" for dim in ("other", "customs")
    )
    return f"({_inside(one, two)} or {_inside(two, one)}) and {either}"


def _amounts() -> str:
    """The amounts of a cell's parts, added: known only where every part is known."""
    every = "len(kept) = len(list_filter(kept, lambda part: part.{} is not null))"
    units = "len(list_distinct(list_transform(kept, lambda part: part.unit))) = 1"
    mixed = _read.Rows("").problem(
        "Source", f"parts valued both CIF and FOB for {SPELLED}; expected one basis; {TOTALS}"
    )
    # Sorted, so that the same file gives the same last digit on every run.
    added = "list_sum(list_sort(list_transform(kept, lambda part: part.{})))"
    return f"""
        case when stop is null then {added.format("value")} end as value,
        case when {every.format("cif")} then {added.format("cif")}
            when len(list_filter(kept, lambda part: part.cif is not null)) > 0 then {mixed}
            end as cif,
        case when {every.format("mass")} then {added.format("mass")} end as mass,
        len(list_filter(kept, lambda part: part.guessed)) > 0 as guessed,
        case when {every.format("qty")} and {units} then {added.format("qty")} end as qty,
        case when {every.format("qty")} and {units} then kept[1].unit end as unit"""
