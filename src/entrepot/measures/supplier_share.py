"""Supplier share: whose books show the goods going to a destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS
from entrepot.months import periods
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Countries, Country, Freq, Goods, Month, Reporters

SHARE = Column("share", "float64", "Part of all complete suppliers' value, 0 to 1.", unit="share")
TOTAL_USD = Column("total_usd", "float64", "Value of all complete suppliers.", "USD", is_sum=True)
PRESENT = Column("months_present", "int64", "Months of the window the supplier published.")
WANTED = Column("months_expected", "int64", "Months of the window.")

SHARES = TableSchema(
    "supplier_share",
    grain=(schema.REPORTER,),
    values=(schema.VALUE_USD, SHARE, TOTAL_USD, PRESENT, WANTED, CELLS),
)


def reads(
    *,
    destination: Country,
    first: Month,
    last: Month,
    reporters: Reporters,
    freq: str,
    **_: object,
) -> list[Reads]:
    """Return what suppliers recorded as exports to the destination."""
    return [Reads("export", reporters, (destination,), ((first, last),), freq=freq)]


@measure(
    returns=SHARES,
    reads=reads,
    reference="Bloomberg, November 2023: 80% from China and Hong Kong; ifo, January 2024",
)
def supplier_share(
    flows: Table,
    *,
    destination: Country,
    products: Goods,
    first: Month,
    last: Month,
    together: Countries = (),
    reporters: Reporters = (),
    freq: Freq = "M",
) -> Table:
    """Divide a destination's purchases, as its suppliers report them, among the suppliers.

    share(i) = exports of i to the destination / exports of all suppliers that published every
    month of the window. It is a share of mirror exports: what a silent country sent is in no
    supplier's books, and re-exports count for the last country that recorded them.

    Args:
        flows: Monthly flows of all suppliers, all products or the basket plus presence rows.
        destination: The country that buys.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window.
        together: Suppliers counted as one, such as China with Hong Kong.
        reporters: Suppliers to look at; empty means all in `flows`.
        freq: M for monthly figures, A for annual ones; a window of annual figures is whole years.

    Returns:
        One row per supplier that reported the goods, those `together` in one row named
        "CHN+HKG". The share is null for a supplier with a missing month: it is left out of the
        total, and its value shows what that may weigh.


    Example:
        China's share of what suppliers recorded to Russia; Kazakhstan, a month short, is left out:

        >>> show(supplier_share(world, destination="RUS", products=("854231",),
        ...                     first="2022-01", last="2022-03"))
        reporter=CHN, value_usd=450, share=0.7109, total_usd=633, months_present=3,
          months_expected=3, cells=3
        reporter=DEU, value_usd=24, share=0.03791, total_usd=633, months_present=3,
          months_expected=3, cells=3
        reporter=FRA, value_usd=9, share=0.01422, total_usd=633, months_present=3,
          months_expected=3, cells=3
        reporter=KAZ, value_usd=40, total_usd=633, months_present=2, months_expected=3, cells=2
        reporter=TUR, value_usd=150, share=0.237, total_usd=633, months_present=3,
          months_expected=3, cells=3
    """
    named = "+".join(sorted({*together}))
    window = periods(first, last, freq)
    months = len(window)
    supplier = ibis.ifelse(_.reporter.isin(list(together)), named, _.reporter)
    inside = flows.filter(
        _.freq == freq, _.flow == "export", _.period.between(window[0], window[-1])
    )
    if reporters:
        inside = inside.filter(_.reporter.isin(list(reporters)))
    wanted = (_.partner == destination) & _.product.isin(list(products))
    single = inside.group_by("reporter").agg(
        months_present=_.period.nunique(),
        value_usd=_.value_usd.sum(where=wanted).fill_null(0.0),
        cells=_.count(where=wanted),
    )
    return (
        single.mutate(reporter=supplier)
        .group_by("reporter")
        .agg(
            value_usd=_.value_usd.sum(),
            months_present=_.months_present.min(),
            cells=_.cells.sum(),
        )
        .filter(_.cells > 0)
        .mutate(is_complete=_.months_present == months)
        .mutate(total_usd=_.value_usd.sum(where=_.is_complete).over())
        .mutate(
            share=ibis.ifelse(_.is_complete, _.value_usd / _.total_usd.nullif(0.0), None),
            months_expected=ibis.literal(months, "int64"),
        )
    )
