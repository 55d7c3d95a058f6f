"""Unit value: whether a destination pays more for each kilogram or piece than others do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.errors import CoverageError
from entrepot.measures._same_months import (
    CELLS,
    COMPARED,
    EXPECTED,
    MONTHS,
    absent,
    comparable,
    compared,
    due,
    window_of,
)
from entrepot.measures._slots import base_years
from entrepot.measures.growth import BASE_USD, RATIO
from entrepot.months import month
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import BooleanValue, FloatingValue, Table

    from entrepot.reads import (
        BaseYears,
        Columns,
        Countries,
        Flow,
        Goods,
        Month,
        Partners,
        Reporters,
    )

BASE_KG = Column("base_mass_kg", "float64", "Mean mass of the same months over base years.", "kg")
VOLUME = Column(
    "volume_ratio", "float64", "Volume over base volume; null if units differ.", unit="ratio"
)
VOLUME_UNIT = Column("volume_unit", "string", "kg, or the one unit of all quantities; else null.")
OWN = Column(
    "unit_value_ratio", "float64", "Unit value to the destination over its base.", unit="ratio"
)
OTHERS = Column(
    "others_ratio", "float64", "Unit value to the other destinations over its base.", unit="ratio"
)
DIFFERENCE = Column(
    "log_difference", "float64", "Log of the destination's change less that of the others."
)
MEASURED = Column(
    "measured_share",
    "float64",
    "Least part of any compared value that has a usable volume.",
    unit="share",
)

UNIT_VALUE = TableSchema(
    "unit_value",
    grain=(schema.REPORTER, schema.PARTNER, schema.PRODUCT),
    values=(
        *(schema.VALUE_USD, BASE_USD, RATIO, schema.NET_MASS_KG, BASE_KG, VOLUME, VOLUME_UNIT),
        *(OWN, OTHERS, DIFFERENCE, MEASURED, CELLS, MONTHS, COMPARED, EXPECTED),
    ),
)

SIDES = ("own_now", "own_base", "others_now", "others_base")


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    others: Countries,
    first: Month,
    last: Month,
    base: BaseYears,
    flow: str,
    **_: object,
) -> list[Reads]:
    now, before = window_of(first, base, last)
    return [Reads(flow, reporters, (*partners, *others), now, before)]


@measure(
    returns=UNIT_VALUE,
    reads=_reads,
    reference="Simola and Korhonen, BOFIT Discussion Paper 3/2024, and BOFIT on unit values of "
    "controlled goods; IMTS 2010 on estimated net mass",
)
def unit_value(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    others: Countries,
    products: Goods,
    first: Month,
    last: Month,
    base: BaseYears,
    per: str = "kg",
    estimated: bool = False,
    flow: Flow = "export",
    by: Columns = (),
) -> Table:
    """Compare the change of unit values to a destination with that to others.

    Unit value = sum of value / sum of volume per reporter and product (value-weighted mean, no
    median); log_difference = ln(window / base) to `partners` - ln(window / base) to `others`, over
    several goods weighted by the window's value to `partners`. Above 0 the destination's unit
    value rose more, so value overstates volume; a dearer mix within a code does the same.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who recorded the trade.
        partners: The destination, one or several counted together.
        others: Destinations to compare with, single countries.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        base: Years in which the base windows begin.
        per: "kg", or "quantity" for the supplementary unit, never across two units.
        estimated: Whether masses that the publisher estimated count; such masses often come from
            a fixed unit value, so the default leaves them out. Quantities carry no such mark.
        flow: Direction, from the reporter's side.
        by: Columns to break down by: reporter, product.

    Returns:
        One row, or one per value of `by`. Value and mass are those of rows with a usable volume
        only, so that value ratio / volume ratio is the unit value ratio of one good; the share
        says how much that is. Null where such rows are absent although there is trade; a unit
        value ratio is null where a volume or value in it is missing or zero.

    Raises:
        CoverageError: The window is empty or longer than a year, there is no base year, or `per`
            is neither word.

    Example:
        Germany's unit values to Russia against those to Turkey:

        >>> show(unit_value(world, reporters=("DEU",), partners=("RUS",), others=("TUR",),
        ...                 products=("854231",), first="2022-01", last="2022-03", base=(2021,)))
        value_usd=24, base_usd=240, ratio=0.1, net_mass_kg=12, base_mass_kg=120,
          volume_ratio=0.1, volume_unit=kg, unit_value_ratio=1, others_ratio=1,
          log_difference=0, measured_share=1, cells=6, months=3, reporter_months=3,
          reporter_months_expected=3
    """
    if per not in ("kg", "quantity"):
        raise CoverageError(f"unit_value: per is {per!r}; expected kg or quantity")
    now = month(first).year
    years = base_years("unit_value", base, now)
    kept = comparable(
        flows, reporters=reporters, flow=flow, first=first, last=last, years=(now, *years)
    )
    rows = _rows(flows, kept, flow=flow, start=month(first).month).filter(
        _.partner.isin([*partners, *others]), _.product.isin(list(products))
    )
    is_own = rows.partner.isin(list(partners))
    is_now = rows.year == now
    sides = dict(
        zip(
            SIDES,
            (is_own & is_now, is_own & ~is_now, ~is_own & is_now, ~is_own & ~is_now),
            strict=True,
        )
    )
    goods = _goods(rows, sides, per=per, estimated=estimated)
    return (
        compared(kept)
        .cross_join(_index(goods, len(years), by))
        .filter(_.reporter_months > 0)
        .mutate(
            **absent(by),
            ratio=_.value_usd / _.base_usd.nullif(0.0),
            reporter_months_expected=due(reporters, first, last),
        )
    )


def _rows(flows: Table, kept: Table, *, flow: str, start: int) -> Table:
    """Return the whole rows of the comparable reporter-months, with the year of their window."""
    when = (
        kept.select("reporter", "month", "year")
        .distinct()
        .mutate(calendar=_.year + (_.month < start).cast("int64"))
        .select("reporter", "year", period=ibis.date(_.calendar, _.month, 1))
    )
    return flows.filter(_.freq == "M", _.flow == flow).inner_join(when, ["reporter", "period"])


def _goods(rows: Table, sides: dict[str, BooleanValue], *, per: str, estimated: bool) -> Table:
    """Sum value, volume and mass of each side, per reporter, product and unit."""
    volume = rows.net_mass_kg if per == "kg" else rows.quantity
    unit = ibis.literal("kg") if per == "kg" else rows.quantity_unit
    usable = (volume > 0) & unit.notnull()
    if per == "kg" and not estimated:
        usable &= rows.mass_status.fill_null("reported") != "estimated"
    sums: dict[str, FloatingValue] = {}
    for name, side in sides.items():
        sums |= {
            f"{name}_usd": rows.value_usd.sum(where=side & usable),
            f"{name}_volume": volume.sum(where=side & usable),
            f"{name}_all": rows.value_usd.sum(where=side).fill_null(0.0),
        }
    return rows.group_by(rows.reporter, rows.product, unit=unit).agg(
        **sums,
        own_now_mass=rows.net_mass_kg.sum(where=sides["own_now"] & usable),
        own_base_mass=rows.net_mass_kg.sum(where=sides["own_base"] & usable),
        rows=rows.count(where=usable & (sides["own_now"] | sides["own_base"])),
    )


def _change(goods: Table, side: str) -> FloatingValue:
    """Return the log change of one side's unit value; null where a part is missing or zero."""
    now, before = (
        goods[f"{side}_{when}_usd"].nullif(0.0) / goods[f"{side}_{when}_volume"]
        for when in ("now", "base")
    )
    return (now / before).ln()


def _index(goods: Table, years: int, by: Sequence[str]) -> Table:
    """Sum the goods into rows; log changes are weighted by the window's value to the partners."""
    ready = goods.mutate(own=_change(goods, "own"), others=_change(goods, "others"))
    weight, both = ready.own_now_usd, ready.own.notnull() & ready.others.notnull()
    traded = ready.rows > 0
    sums = ready.aggregate(
        by=list(by),
        **{f"{side}_usd": ready[f"{side}_usd"].sum() for side in SIDES},
        **{f"{side}_all": ready[f"{side}_all"].sum().fill_null(0.0) for side in SIDES},
        now_volume=ready.own_now_volume.sum(),
        base_volume=ready.own_base_volume.sum(),
        now_mass=ready.own_now_mass.sum(),
        base_mass=ready.own_base_mass.sum(),
        units=ready.unit.nunique(where=traded),
        unit=ready.unit.max(where=traded),
        cells=ready.rows.sum().fill_null(0),
        own=(weight * ready.own).sum() / weight.sum(where=ready.own.notnull()),
        others=(weight * ready.others).sum(where=both) / weight.sum(where=both),
        relative=(weight * (ready.own - ready.others)).sum() / weight.sum(where=both),
    )
    is_one = sums.units == 1
    return sums.mutate(
        value_usd=_or_zero(sums.own_now_usd, sums.own_now_all),
        base_usd=_or_zero(sums.own_base_usd, sums.own_base_all) / years,
        net_mass_kg=_or_zero(sums.now_mass, sums.own_now_all),
        base_mass_kg=_or_zero(sums.base_mass, sums.own_base_all) / years,
        volume_ratio=ibis.ifelse(
            is_one,
            _or_zero(sums.now_volume, sums.own_now_all) * years / sums.base_volume,
            None,
        ),
        volume_unit=ibis.ifelse(is_one, sums.unit, ibis.null("string")),
        unit_value_ratio=sums.own.exp(),
        others_ratio=sums.others.exp(),
        log_difference=sums.relative,
        measured_share=ibis.least(
            *(
                sums[f"{side}_usd"].fill_null(0.0) / sums[f"{side}_all"].nullif(0.0)
                for side in SIDES
            )
        ),
    )


def _or_zero(measured: FloatingValue, whole: FloatingValue) -> FloatingValue:
    """Return what was measured: zero where there was no trade, null where none had a volume."""
    return ibis.ifelse(whole == 0, measured.fill_null(0.0), measured)
