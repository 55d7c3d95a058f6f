"""Excess trade: how much more moved than season and comparable trade would lead one to expect."""

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
    month,
)
from entrepot.measures._slots import base_years
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import FloatingValue, Table

UNCONTROLLED_USD = Column(
    "uncontrolled_usd", "float64", "Part of the value without a control, so with no excess.", "USD"
)
EXPECTED_USD = Column(
    "counterfactual_usd", "float64", "Seasonal base times the control's growth.", "USD"
)
EXCESS_USD = Column("excess_usd", "float64", "Controlled value less counterfactual.", "USD")
LOW_USD = Column(
    "excess_low_usd", "float64", "Smallest excess with each base year left out once.", "USD"
)
HIGH_USD = Column(
    "excess_high_usd", "float64", "Largest excess with each base year left out once.", "USD"
)
POSITIVE_USD = Column(
    "excess_positive_usd", "float64", "Sum of the positive monthly parts: biased upwards.", "USD"
)
CONTROL = Column("control_growth", "float64", "Counterfactual over seasonal base.")

EXCESS = TableSchema(
    "excess_trade",
    grain=(schema.REPORTER, schema.PARTNER, schema.PRODUCT),
    values=(
        *(schema.VALUE_USD, UNCONTROLLED_USD, EXPECTED_USD, CONTROL),
        *(EXCESS_USD, LOW_USD, HIGH_USD, POSITIVE_USD, CELLS, MONTHS, COMPARED, EXPECTED),
    ),
)


@measure(
    returns=EXCESS,
    reference="Excess trade against control flows: Corisk (2023), EBRD Working Paper 276 (2023); "
    "the interval is the range of the delete-one jackknife (Quenouille 1956) over base years",
)
def excess_trade(
    flows: Table,
    *,
    reporters: tuple[str, ...],
    partners: tuple[str, ...],
    products: tuple[str, ...],
    first: str,
    last: str,
    base: tuple[int, ...],
    control_partners: tuple[str, ...] = (),
    listed: tuple[str, ...] = (),
    flow: str = "export",
    by: tuple[str, ...] = (),
) -> Table:
    """Set trade against what its season times the growth of a control would give.

    excess = sum over months of (value - base month's mean x control in the window / control in
    the base); excess_positive_usd keeps the positive months of each reporter, partner and product
    only, and chance alone makes it positive: read both. Above zero more moved than the control
    explains, which is compatible with diversion and with any demand that the control does not
    share; it is a place to look. Assumes that without controls on exports the goods would have
    grown as the control did.

    Args:
        flows: Monthly flows of the reporters with the control's goods; a basket has no others.
        reporters: Who recorded the trade.
        partners: With whom.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        base: Years in which the base windows begin.
        control_partners: Control is the same reporter and product with these single countries;
            empty means the same pair and the other six-digit goods of the chapter.
        listed: Further goods that are never a control, such as the rest of the list.
        flow: Direction, from the reporter's side.
        by: Columns to break down by: reporter, partner, product.

    Returns:
        One row, or one per value of `by`. Value is never null; what has no control in the base is
        in `uncontrolled_usd` and in no other column. Excess is null where nothing has a control.
        The interval is a range over base years, no confidence interval; it is null with one base
        year, and where leaving a year out leaves a control empty.

    Raises:
        CoverageError: The window is empty or longer than a year, there is no base year, or a
            control partner is the world or one of the partners.

    Example:
        Turkey's exports to Russia, with its exports to Kazakhstan as the control:

        >>> show(excess_trade(world, reporters=("TUR",), partners=("RUS",), products=("854231",),
        ...                   first="2022-01", last="2022-03", base=(2021,),
        ...                   control_partners=("KAZ",)))
        value_usd=150, uncontrolled_usd=0, counterfactual_usd=120, control_growth=4,
          excess_usd=30, excess_positive_usd=30, cells=6, months=3, reporter_months=3,
          reporter_months_expected=3
    """
    _refuse_mixed(partners, control_partners)
    now = month(first).year
    years = base_years("excess_trade", base, now)
    kept = comparable(
        flows, reporters=reporters, flow=flow, first=first, last=last, years=(now, *years)
    ).mutate(chapter=_.product.substr(0, 2))
    keys = ("reporter", "product") if control_partners else ("reporter", "partner", "chapter")
    of_control = (
        _.partner.isin(list(control_partners)) & _.product.isin(list(products))
        if control_partners
        else _.partner.isin(list(partners))
        & (_.product.length() == 6)
        & ~_.product.isin([*products, *listed])
    )
    control = _yearly(kept.filter(of_control), keys, (now, *years), "control")
    wanted = kept.filter(_.partner.isin(list(partners)), _.product.isin(list(products)))
    cells = _yearly(
        wanted, ("reporter", "partner", "product", "chapter", "month"), (now, *years), "own"
    ).left_join(control, keys)
    sums = _excess(cells, years, now, by)
    return (
        compared(kept)
        .cross_join(sums)
        .filter(_.reporter_months > 0)
        .mutate(
            **absent(by),
            reporter_months_expected=due(reporters, first, last),
        )
    )


def _refuse_mixed(partners: Sequence[str], control_partners: Sequence[str]) -> None:
    mixed = sorted({*control_partners} & {*partners, "WLD"})
    if mixed:
        raise CoverageError(
            f"excess_trade: control partner {mixed[0]} contains trade that is measured; "
            "name single countries that are not among the partners"
        )


def _yearly(table: Table, keys: Sequence[str], years: Sequence[int], name: str) -> Table:
    """Sum the value of each year into a column of its own."""
    sums = {
        f"{name}_{year}": _.value_usd.sum(where=_.year == year).fill_null(0.0) for year in years
    }
    return table.group_by(*keys).agg(**{f"{name}_cells": _.count()}, **sums)


def _expected(table: Table, years: Sequence[int], now: int) -> FloatingValue:
    """Return base mean times control growth; null where the control's base is empty or zero.

    The number of years is in both means and cancels.
    """
    own, control = (sum(table[f"{name}_{year}"] for year in years) for name in ("own", "control"))
    return own * table[f"control_{now}"] / control.nullif(0.0)


def _excess(cells: Table, years: Sequence[int], now: int, by: Sequence[str]) -> Table:
    """Sum the cells that have a control, once with all base years and once without each."""
    jackknife = [[kept for kept in years if kept != year] for year in years if len(years) > 1]
    names = [f"without_{number}" for number in range(len(jackknife))]
    ready = cells.mutate(
        value=cells[f"own_{now}"],
        base=sum(cells[f"own_{year}"] for year in years) / len(years),
        expected=_expected(cells, years, now),
        **{name: _expected(cells, kept, now) for name, kept in zip(names, jackknife, strict=True)},
    )
    has = ready.expected.notnull()
    holes = [ready.count(where=has & ready[name].isnull()) for name in names]
    sums = ready.aggregate(
        by=list(by),
        value_usd=ready.value.sum().fill_null(0.0),
        uncontrolled_usd=ready.value.sum(where=~has).fill_null(0.0),
        counterfactual_usd=ready.expected.sum(),
        controlled_base=ready.base.sum(where=has),
        excess_usd=(ready.value - ready.expected).sum(),
        excess_positive_usd=ibis.greatest(ready.value - ready.expected, 0.0).sum(where=has),
        cells=ready.own_cells.sum().fill_null(0),
        holes=sum(holes) if holes else ibis.literal(1),
        **{name: (ready.value - ready[name]).sum() for name in names},
    )
    # the whole stands twice: Spark's least and greatest want two values
    range_of = [sums.excess_usd, sums.excess_usd, *(sums[name] for name in names)]
    return sums.mutate(
        control_growth=sums.counterfactual_usd / sums.controlled_base.nullif(0.0),
        excess_low_usd=ibis.ifelse(sums.holes == 0, ibis.least(*range_of), None),
        excess_high_usd=ibis.ifelse(sums.holes == 0, ibis.greatest(*range_of), None),
    )
