"""Rows: the stored rows behind findings, so that every number leads back to its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot.harmonise.products import match
from entrepot.months import month
from entrepot.publish.finding import RowsUsed
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    import pyarrow as pa
    from ibis.expr.types import Table

    from entrepot.scan.question import ScanQuestion

LEGS = ("into", "arrived", "onward")
"""The coalition's exports to the third country; what that country recorded of them; what it
recorded as exports to the destination."""

Cell = tuple[str, str]


def behind(
    flows: Table,
    asked: ScanQuestion,
    cells: Iterable[Cell],
    months: tuple[str, str],
    collect: Callable[[Table], pa.Table],
) -> dict[Cell, pa.Table]:
    """Return the stored rows of each cell of third country and product.

    A code counts under its predecessor's rows too, as in the scan: see `products.match`.

    Args:
        flows: The flows the scan read.
        asked: Its question.
        cells: Third country and name of the product.
        months: First and last month of the scan.
        collect: What evaluates an expression to an Arrow table.

    Returns:
        Per cell a table with `leg` (one of `LEGS`) and the columns of `schema.FLOWS`, sorted.
    """
    wanted = list(cells)
    thirds, products = ({cell[place] for cell in wanted} for place in (0, 1))
    ours = asked.members
    is_into = (_.flow == "export") & _.reporter.isin(ours) & _.partner.isin(thirds)
    is_arrived = (_.flow == "import") & _.reporter.isin(thirds) & _.partner.isin(ours)
    is_onward = (_.flow == "export") & _.reporter.isin(thirds) & (_.partner == asked.to)
    kept = flows.filter(_.freq == "M", _.period.between(month(months[0]), month(months[1])))
    leg = ibis.cases((is_into, LEGS[0]), (is_arrived, LEGS[1]), (is_onward, LEGS[2]))
    found = (
        match(kept, asked.listed, "bridged")
        .mutate(leg=leg)
        .filter(_.leg.notnull(), _.counted_as.isin(products))
        .mutate(third=ibis.ifelse(_.leg == LEGS[0], _.partner, _.reporter))
        .select("third", "counted_as", "leg", *FLOWS.names)
        .order_by("third", "counted_as", "leg", "reporter", "partner", "period", "product")
    )
    return _apart(collect(found), wanted)


def _apart(found: pa.Table, wanted: list[Cell]) -> dict[Cell, pa.Table]:
    import pyarrow.compute as pc

    columns = ["leg", *FLOWS.names]
    return {
        (third, name): found.filter(
            (pc.field("third") == third) & (pc.field("counted_as") == name)
        ).select(columns)
        for third, name in wanted
    }


def counted(found: pa.Table, since: date) -> tuple[RowsUsed, ...]:
    """Return how many rows each vintage gives to a cell, by leg: see `publish.finding.RowsUsed`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    recent = pc.if_else(
        pc.greater_equal(found["period"], pa.scalar(since)),
        pc.fill_null(found["value_usd"], 0.0),
        0.0,
    )
    summed = (
        found.append_column("since", recent)
        .group_by(["leg", "source", "vintage"])
        .aggregate([("since", "sum"), ("period", "count")])
        .to_pylist()
    )
    rows = (
        RowsUsed(row["leg"], row["source"], row["vintage"], row["period_count"], row["since_sum"])
        for row in summed
    )
    return tuple(sorted(rows, key=lambda r: (LEGS.index(r.leg), r.vintage)))
