"""Concentration: on how few suppliers a destination's recorded purchases rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS, absent
from entrepot.measures.supplier_share import TOTAL_USD, reads
from entrepot.months import periods
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Columns, Countries, Country, Freq, Goods, Month, Reporters

HHI = Column("hhi", "float64", "Sum of the squared shares of complete suppliers, 0 to 1.")
EFFECTIVE = Column("effective_suppliers", "float64", "Equal suppliers with the same index.")
SUPPLIERS = Column("suppliers", "int64", "Complete suppliers that sold the goods.")
LARGEST = Column("largest", "string", "Complete supplier with the largest value.")
LARGEST_SHARE = Column(
    "largest_share", "float64", "Its part of the complete suppliers' value.", unit="share"
)
LEFT_OUT = Column("reporters_left_out", "int64", "Reporters left out for a missing month.")
LEFT_OUT_USD = Column(
    "left_out_usd", "float64", "What those left out recorded in the window.", "USD"
)

CONCENTRATION = TableSchema(
    "concentration",
    grain=(schema.PRODUCT,),
    values=(
        *(TOTAL_USD, HHI, EFFECTIVE, SUPPLIERS, LARGEST, LARGEST_SHARE),
        *(LEFT_OUT, LEFT_OUT_USD, CELLS),
    ),
)


@measure(
    returns=CONCENTRATION,
    reads=reads,
    reference="Herfindahl-Hirschman index: US Department of Justice and Federal Trade Commission, "
    "Merger Guidelines (2023): above 0.18 highly concentrated",
)
def concentration(
    flows: Table,
    *,
    destination: Country,
    products: Goods,
    first: Month,
    last: Month,
    together: Countries = (),
    reporters: Reporters = (),
    freq: Freq = "M",
    by: Columns = (),
) -> Table:
    """Measure how concentrated a destination's suppliers are, in their own books.

    hhi = sum of (value of supplier / value of all)^2 over suppliers that published every month of
    the window: 1 is a single supplier, 1/n is n equal ones. It counts last reporting countries,
    not makers, and nothing of what silent countries sent.

    Args:
        flows: Monthly flows of all suppliers, all products or the basket plus presence rows.
        destination: The country that buys.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window.
        together: Suppliers counted as one, such as China with Hong Kong.
        reporters: Suppliers to look at; empty means all in `flows`.
        freq: M for monthly figures, A for annual ones; a window of annual figures is whole years.
        by: Columns to break down by: product.

    Returns:
        One row, or one per product, where any supplier reported the goods. Index and shares are
        null where the complete suppliers sold nothing. `left_out_usd` is zero where no reporter
        was left out.

    Raises:
        CoverageError: The window is empty, or an end is not a month.

    Example:
        Russia's suppliers; Kazakhstan lacks March and is left out:

        >>> show(concentration(world, destination="RUS", products=("854231",), first="2022-01",
        ...                    last="2022-03"))
        total_usd=633, hhi=0.5632, effective_suppliers=1.776, suppliers=4, largest=CHN,
          largest_share=0.7109, reporters_left_out=1, left_out_usd=40, cells=14
    """
    window = periods(first, last, freq)
    inside = flows.filter(
        _.freq == freq, _.flow == "export", _.period.between(window[0], window[-1])
    )
    if reporters:
        inside = inside.filter(_.reporter.isin(list(reporters)))
    name = ibis.ifelse(_.reporter.isin(list(together)), "+".join(sorted({*together})), _.reporter)
    months = inside.group_by("reporter").agg(present=_.period.nunique())
    whole = (
        months.mutate(supplier=name)
        .group_by("supplier")
        .agg(is_complete=_.present.min() == len(window))
    )
    sales = (
        inside.filter(_.partner == destination, _.product.isin(list(products)))
        .mutate(supplier=name)
        .group_by("supplier", *by)
        .agg(usd=_.value_usd.sum(), rows=_.count(), members=_.reporter.nunique())
        .inner_join(whole, "supplier")
    )
    complete = sales.mutate(top=_.usd.max(where=_.is_complete).over(group_by=list(by)))
    has_sold = _.is_complete & (_.usd > 0)
    return (
        complete.aggregate(
            by=list(by),
            total_usd=_.usd.sum(where=_.is_complete).fill_null(0.0),
            squares=(_.usd * _.usd).sum(where=_.is_complete),
            suppliers=_.count(where=has_sold),
            largest=_.supplier.min(where=has_sold & (_.usd == _.top)),
            top_usd=_.usd.max(where=has_sold),
            reporters_left_out=_.members.sum(where=~_.is_complete).fill_null(0),
            left_out_usd=_.usd.sum(where=~_.is_complete).fill_null(0.0),
            cells=_.rows.sum(),
        )
        .filter(_.cells > 0)
        .mutate(
            **absent(by),
            hhi=_.squares / (_.total_usd * _.total_usd).nullif(0.0),
            largest_share=_.top_usd / _.total_usd.nullif(0.0),
        )
        .mutate(effective_suppliers=1 / _.hhi)
    )
