"""Re-export ratio: what a third country sent on, over what it took in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.errors import CoverageError
from entrepot.measures._same_months import CELLS, EXPECTED, absent
from entrepot.measures._slots import slot
from entrepot.months import shifted, slots
from entrepot.reads import Reads
from entrepot.reference.freight import FAO
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Columns, Countries, Country, Goods, Month, Reporters

INFLOW_USD = Column(
    "inflow_recorded_usd",
    "float64",
    "Imports from the coalition, as valued.",
    "USD",
    is_sum=True,
    adds_up=True,
)
OUTFLOW_USD = Column(
    "outflow_recorded_usd",
    "float64",
    "Exports to the destination, later by lag.",
    "USD",
    is_sum=True,
    adds_up=True,
)
RATIO_LOW = Column("outflow_ratio_low", "float64", "Outflow over inflow as recorded.")
RATIO_HIGH = Column("outflow_ratio_high", "float64", "Outflow over inflow freed of all freight.")
PAIRED = Column(
    "reporter_months_paired", "int64", "Reporter-months with imports, and exports a lag later."
)

RE_EXPORTS = TableSchema(
    "re_export_ratio",
    grain=(schema.REPORTER, schema.PRODUCT),
    values=(INFLOW_USD, OUTFLOW_USD, RATIO_LOW, RATIO_HIGH, PAIRED, EXPECTED, CELLS),
)


def _reads(
    *,
    reporters: Reporters,
    coalition: Countries,
    destination: Country,
    first: Month,
    last: Month,
    lag: int,
    **_: object,
) -> list[Reads]:
    window = (first, last)
    return [
        Reads("import", reporters, coalition, (window,)),
        Reads("export", reporters, (destination,), (shifted(window, lag),)),
    ]


@measure(
    returns=RE_EXPORTS,
    reads=_reads,
    reference="Re-export ratio by product: Iyoha et al. (2024) on why it is an upper bound of what "
    "firms send on; FAO's 12% for freight",
)
def re_export_ratio(
    flows: Table,
    *,
    reporters: Reporters,
    coalition: Countries,
    destination: Country,
    products: Goods,
    first: Month,
    last: Month,
    lag: int = 0,
    freight: float = FAO,
    by: Columns = (),
) -> Table:
    """Set a third country's exports to a destination against its imports from a coalition.

    ratio = exports to the destination, `lag` months later / imports from the coalition / (1 + c),
    c from 0 to `freight` for imports valued CIF. Near 1 and stable over goods it is compatible
    with sending on; above 1 other origins or own production must be in the outflow. It is no
    share of the inflow: what arrives may stay, and what leaves may come from elsewhere.

    Args:
        flows: Monthly imports and exports of the reporters, all products or with presence rows.
        reporters: The third countries.
        coalition: Whose goods are counted on the way in.
        destination: Whose purchases are counted on the way out.
        products: Which codes, as they stand in `flows`.
        first: First month of the imports, as 2023-01.
        last: Last month of the imports.
        lag: Months between import and export, 0 to 3 in the literature.
        freight: Largest part of freight and insurance in a CIF value (FAO's 12%).
        by: Columns to break down by: reporter, product.

    Returns:
        One row, or one per value of `by`, over the months whose imports and later exports are both
        published; no row where there are none. Ratios are null where the inflow is zero.
        "Re-export" flows are inside exports and are not added.

    Raises:
        CoverageError: The window is empty, an end is not a month, or the lag is negative.

    Example:
        What Turkey took in from Germany and France, and what it sent to Russia:

        >>> show(re_export_ratio(world, reporters=("TUR",), coalition=("DEU", "FRA"),
        ...                      destination="RUS", products=("854231",), first="2022-01",
        ...                      last="2022-03"))
        inflow_recorded_usd=409.5, outflow_recorded_usd=150, outflow_ratio_low=0.3663,
          outflow_ratio_high=0.4103, reporter_months_paired=3, reporter_months_expected=3,
          cells=9
    """
    if lag < 0:
        raise CoverageError(
            f"re_export_ratio: lag is {lag}; goods leave after they came: 0 or more"
        )
    window = slots(first, last)
    books = (
        flows.filter(
            _.freq == "M", _.flow.isin(["import", "export"]), _.reporter.isin(list(reporters))
        )
        .mutate(is_in=_.flow == "import")
        .mutate(slot=slot(_.period) - ibis.ifelse(_.is_in, 0, lag))
        .filter(_.slot.between(window[0], window[-1]))
    )
    paired = books.group_by("reporter", "slot").agg(sides=_.flow.nunique()).filter(_.sides == 2)
    kept = books.semi_join(paired, ["reporter", "slot"])
    wanted = kept.filter(
        _.product.isin(list(products)),
        (_.is_in & _.partner.isin(list(coalition))) | (~_.is_in & (_.partner == destination)),
    ).mutate(fob=_.value_usd / ibis.ifelse(_.valuation == "CIF", 1 + freight, 1.0))
    sums = wanted.aggregate(
        by=list(by),
        inflow_recorded_usd=_.value_usd.sum(where=_.is_in).fill_null(0.0),
        inflow_fob=_.fob.sum(where=_.is_in),
        outflow_recorded_usd=_.value_usd.sum(where=~_.is_in).fill_null(0.0),
        cells=_.count(),
    )
    return (
        paired.aggregate(reporter_months_paired=_.count())
        .cross_join(sums)
        .filter(_.reporter_months_paired > 0)
        .mutate(
            **absent(by),
            outflow_ratio_low=_.outflow_recorded_usd / _.inflow_recorded_usd.nullif(0.0),
            outflow_ratio_high=_.outflow_recorded_usd / _.inflow_fob.nullif(0.0),
            reporter_months_expected=ibis.literal(len({*reporters}) * len(window), "int64"),
        )
    )
