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
    window_of,
)
from entrepot.measures._slots import base_years
from entrepot.months import month
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import FloatingValue, Table, Value

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

HOLDS = "nine in ten"
NO_CONTROL, FEW_YEARS = "no control", "fewer than three base years"
THIN, EMPTY = "control in one base year only", "no trade in one of the years"

UNCONTROLLED_USD = Column(
    "uncontrolled_usd",
    "float64",
    "Part of the value without a control, so with no excess.",
    "USD",
    adds_up=True,
)
EXPECTED_USD = Column(
    "counterfactual_usd",
    "float64",
    "Seasonal base times the control's growth.",
    "USD",
    adds_up=True,
)
CONTROL = Column("control_growth", "float64", "Counterfactual over seasonal base.")
EXCESS_USD = Column(
    "excess_usd", "float64", "Controlled value less counterfactual.", "USD", adds_up=True
)
LOW_USD = Column("excess_low_usd", "float64", "Lower end of its 90% interval.", "USD")
HIGH_USD = Column("excess_high_usd", "float64", "Upper end of its 90% interval.", "USD")
INTERVAL = Column(
    "excess_interval",
    "string",
    "How often the interval is meant to hold, or why there is none.",
    allowed=(HOLDS, NO_CONTROL, FEW_YEARS, THIN, EMPTY),
)
POSITIVE_USD = Column(
    "excess_positive_usd",
    "float64",
    "Sum of the positive monthly parts: biased upwards.",
    "USD",
    adds_up=True,
)
CHANCE_USD = Column(
    "positive_by_chance_usd",
    "float64",
    "Positive parts to expect of such a counterfactual without any excess.",
    "USD",
    adds_up=True,
)

EXCESS = TableSchema(
    "excess_trade",
    grain=(schema.REPORTER, schema.PARTNER, schema.PRODUCT),
    values=(
        *(schema.VALUE_USD, UNCONTROLLED_USD, EXPECTED_USD, CONTROL),
        *(EXCESS_USD, LOW_USD, HIGH_USD, INTERVAL, POSITIVE_USD, CHANCE_USD),
        *(CELLS, MONTHS, COMPARED, EXPECTED),
    ),
)


LEAST = 3
"""Base years that an interval needs: with two, t is 6.3 and the spread a single difference."""
_T95 = (2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796)
"""95th percentiles of Student's t with 2 to 11 degrees of freedom; with more, the last is wide."""


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    first: Month,
    last: Month,
    base: BaseYears,
    control_partners: Countries,
    flow: str,
    **_: object,
) -> list[Reads]:
    now, before = window_of(first, base, last)
    if control_partners:
        return [Reads(flow, reporters, (*partners, *control_partners), now, before)]
    # Which codes a reporter told in every year shows in what it traded with anybody.
    anybody = Reads(flow, reporters, (), now, before, optional=True)
    return [Reads(flow, reporters, partners, now, before, has_controls=True), anybody]


@measure(
    returns=EXCESS,
    reads=_reads,
    reference="Excess trade against control flows: Corisk (2023), EBRD Working Paper 276 (2023); "
    "the interval is Student's for one more observation (Hahn and Meeker 1991)",
)
def excess_trade(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods,
    first: Month,
    last: Month,
    base: BaseYears,
    control_partners: Countries = (),
    listed: Goods = (),
    flow: Flow = "export",
    by: Columns = (),
) -> Table:
    """Set trade against what its season times the growth of a control would give.

    excess = sum over months of (value - base month's mean x control in the window / control in
    the base). Above zero more moved than the control explains, which is compatible with diversion
    and with any demand that the control does not share; it is a place to look. Assumes that without
    controls on exports the goods would have grown as the control did.

    The interval holds what is excess in nine cases of ten. Each base year is predicted from the
    others: error = ln(value / counterfactual). With n base years the counterfactual is good to a
    factor of exp(reach), reach = t x sqrt((n^2 - 1) / n^3 x sum of error^2), where t is the 95%
    point of Student's with n - 1 degrees. Months of a year may move together; but where the goods
    stray further from their control after the base than within it, the interval is too narrow, and
    it cannot see a shift of theirs alone between base and window.

    excess_positive_usd keeps only the positive months of each reporter, partner and product, to
    which chance adds up to positive_by_chance_usd: on average the excess lies between it less that
    and it. Both sums look for the same amount, so one interval serves both.

    Args:
        flows: Monthly flows of the reporters with the control's goods; a basket has no others.
        reporters: Who recorded the trade.
        partners: With whom.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        base: Years in which the base windows begin.
        control_partners: Control is the same reporter and product with these single countries;
            empty means the same pair and the other six-digit goods of the chapter that the reporter
            told in every year compared: a code new in a revision of the HS would look like growth.
        listed: Further goods that are never a control, such as the rest of the list and its codes
            in other revisions.
        flow: Direction, from the reporter's side.
        by: Columns to break down by: reporter, partner, product.

    Returns:
        One row, or one per value of `by`. Value is never null; what has no control in the base is
        in `uncontrolled_usd` and in no other column. Excess is null where nothing has a control.
        The interval and what chance makes are null with fewer than three base years, where a
        control has trade in one of them only, and where a year has no trade, or none is expected of
        it; excess_interval says which.

    Raises:
        CoverageError: The window is empty or longer than a year, there is no base year, or a
            control partner is the world or one of the partners.

    Example:
        Turkey's exports to Russia, with its exports to Kazakhstan as the control:

        >>> show(excess_trade(world, reporters=("TUR",), partners=("RUS",), products=("854231",),
        ...                   first="2022-01", last="2022-03", base=(2021,),
        ...                   control_partners=("KAZ",)))
        value_usd=150, uncontrolled_usd=0, counterfactual_usd=120, control_growth=4,
          excess_usd=30, excess_interval=fewer than three base years, excess_positive_usd=30,
          cells=6, months=3, reporter_months=3, reporter_months_expected=3
    """
    _refuse_mixed(partners, control_partners)
    now = month(first).year
    years = base_years("excess_trade", base, now)
    kept = comparable(
        flows, reporters=reporters, flow=flow, first=first, last=last, years=(now, *years)
    ).mutate(chapter=_.product.substr(0, 2))
    keys = ("reporter", "product") if control_partners else ("reporter", "partner", "chapter")
    compare = (now, *years)
    control = (
        kept.filter(_.partner.isin(list(control_partners)), _.product.isin(list(products)))
        if control_partners
        else _of_chapter(kept, compare, partners, [*products, *listed])
    )
    control = _yearly(control, keys, compare, "control")
    wanted = kept.filter(_.partner.isin(list(partners)), _.product.isin(list(products)))
    cells = _yearly(
        wanted, ("reporter", "partner", "product", "chapter", "month"), compare, "own"
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


def _of_chapter(
    kept: Table, years: Sequence[int], partners: Sequence[str], never: Sequence[str]
) -> Table:
    """Keep the other goods of the partners whose codes the reporter used in each of the years."""
    goods = kept.filter(_.product.length() == 6, ~_.product.isin(list(never)))
    lasting = (
        goods.filter(_.value_usd > 0)
        .group_by("reporter", "product")
        .having(_.year.nunique() == len(years))
        .agg(codes=_.count())
    )
    return goods.filter(_.partner.isin(list(partners))).semi_join(lasting, ["reporter", "product"])


def _yearly(table: Table, keys: Sequence[str], years: Sequence[int], name: str) -> Table:
    """Sum the value of each year into a column of its own."""
    sums = {
        f"{name}_{year}": _.value_usd.sum(where=_.year == year).fill_null(0.0) for year in years
    }
    return table.group_by(*keys).agg(**{f"{name}_cells": _.count()}, **sums)


def _expected(table: Table, base: Sequence[int], year: int) -> FloatingValue:
    """Return base mean times control growth; null where the control's base is empty or zero.

    The number of base years is in both means and cancels.
    """
    own, control = (sum(table[f"{name}_{one}"] for one in base) for name in ("own", "control"))
    return own * table[f"control_{year}"] / control.nullif(0.0)


def _excess(cells: Table, years: Sequence[int], now: int, by: Sequence[str]) -> Table:
    """Sum the cells that have a control."""
    ready = cells.mutate(
        value=cells[f"own_{now}"],
        base=sum(cells[f"own_{year}"] for year in years) / len(years),
        expected=_expected(cells, years, now),
    )
    has = ready.expected.notnull()
    sums = ready.aggregate(
        by=list(by),
        value_usd=ready.value.sum().fill_null(0.0),
        uncontrolled_usd=ready.value.sum(where=~has).fill_null(0.0),
        counterfactual_usd=ready.expected.sum(),
        controlled_base=ready.base.sum(where=has),
        excess_usd=(ready.value - ready.expected).sum(),
        excess_positive_usd=ibis.greatest(ready.value - ready.expected, 0.0).sum(where=has),
        cells=ready.own_cells.sum().fill_null(0),
        **_predicted(ready, years),
    )
    return sums.mutate(
        control_growth=sums.counterfactual_usd / sums.controlled_base.nullif(0.0),
        **_interval(sums, years),
    )


def _predicted(ready: Table, years: Sequence[int]) -> dict[str, Value]:
    """Sum each base year's value, what the other years predict of it, and the positive parts."""
    sums: dict[str, Value] = {}
    for year in years if len(years) >= LEAST else ():
        expected = _expected(ready, [other for other in years if other != year], year)
        own, has = ready[f"own_{year}"], ready.expected.notnull()
        sums |= {
            f"own_{year}": own.sum(where=has),
            f"expected_{year}": expected.sum(),
            f"above_{year}": ibis.greatest(own - expected, 0.0).sum(),
            f"holes_{year}": ready.count(where=has & expected.isnull()),
        }
    return sums


def _interval(sums: Table, years: Sequence[int]) -> dict[str, Value]:
    """Turn the errors of the base years into the ends of the interval, or say why there is none."""
    count = len(years)
    if count < LEAST:
        why = sums.excess_usd.isnull().ifelse(NO_CONTROL, FEW_YEARS)
        nothing = dict.fromkeys(("excess_low_usd", "excess_high_usd", "positive_by_chance_usd"))
        return {"excess_interval": why} | {name: ibis.null("float64") for name in nothing}
    had, predicted, above, holes = (
        [sums[f"{name}_{year}"] for year in years] for name in ("own", "expected", "above", "holes")
    )
    ratios = [own / of.nullif(0.0) for own, of in zip(had, predicted, strict=True)]
    squares = sum(ratio.nullif(0.0).ln() ** 2 for ratio in ratios)
    t95 = _T95[min(count - LEAST, len(_T95) - 1)]
    reach = t95 * (squares * (count**2 - 1) / count**3).sqrt()
    why = ibis.cases(
        (sums.excess_usd.isnull(), NO_CONTROL),
        (sum(holes) > 0, THIN),
        (squares.isnull() | (sums.counterfactual_usd == 0), EMPTY),
        else_=HOLDS,
    )
    sure = (why == HOLDS).ifelse(sums.counterfactual_usd, None)
    return {
        "excess_interval": why,
        "excess_low_usd": sums.excess_usd + sure * (1 - reach.exp()),
        "excess_high_usd": sums.excess_usd + sure * (1 - (-reach).exp()),
        "positive_by_chance_usd": sure * sum(above) / sum(predicted),
    }
