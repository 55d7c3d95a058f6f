"""Coverage: which reporters' months are there, and which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.months import periods
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Flow, Freq, Month, Reporters

IS_PRESENT = Column("is_present", "boolean", "Whether the reporter published anything for it.")

COVERAGE = TableSchema("coverage", grain=(schema.REPORTER, schema.PERIOD), values=(IS_PRESENT,))


def _reads(
    *, reporters: Reporters, first: Month, last: Month, flow: str, freq: str, **_: object
) -> list[Reads]:
    return [Reads(flow, reporters, now=((first, last),), freq=freq, is_counted=False)]


@measure(
    returns=COVERAGE, reads=_reads, reference="IMTS 2010, ch. IX: dissemination and completeness"
)
def coverage(
    flows: Table,
    *,
    reporters: Reporters,
    first: Month,
    last: Month,
    flow: Flow = "export",
    freq: Freq = "M",
) -> Table:
    """Say for each reporter and month whether anything was published.

    A month is present when the reporter has at least one row for it in this direction, whatever
    the product. It cannot tell a month that is late from one that will never come.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who is expected to report.
        first: First expected month, as 2023-01.
        last: Last expected month.
        flow: Direction, from the reporter's side.
        freq: M for monthly figures, A for annual ones; a window of annual figures is whole years.

    Returns:
        One row per reporter and month expected.


    Example:
        Who published the first months of 2022:

        >>> show(coverage(world, reporters=("KAZ",), first="2022-01", last="2022-03"))
        reporter=KAZ, period=2022-01-01, is_present=True
        reporter=KAZ, period=2022-02-01, is_present=True
        reporter=KAZ, period=2022-03-01, is_present=False
    """
    months = periods(first, last, freq)
    who = ibis.array(sorted({*reporters})).unnest().name("reporter").as_table()
    when = ibis.array(months).unnest().name("period").as_table()
    expected = who.cross_join(when)
    seen = (
        flows.filter(_.freq == freq, _.flow == flow, _.period.between(months[0], months[-1]))
        .select("reporter", "period")
        .distinct()
        .mutate(is_present=ibis.literal(True))
    )
    return expected.left_join(seen, ["reporter", "period"]).select(
        "reporter", "period", is_present=_.is_present.fill_null(False)
    )
