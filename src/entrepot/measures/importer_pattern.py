"""Importer pattern: which pairs and goods began or leapt after a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS
from entrepot.measures._slots import slot
from entrepot.months import ends, slots
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Flow, Goods, Month, Partners, Reporters, Window

PATTERN = Column(
    "pattern",
    "string",
    "Which pattern the window shows; null where missing months leave it open.",
    allowed=("new relationship", "new product", "spike", "none"),
)
BEFORE_USD = Column(
    "history_mean_usd", "float64", "Mean published month of the base.", "USD", adds_up=True
)
TOP_USD = Column("history_top_usd", "float64", "High percentile of the base's months.", "USD")
MONTHS_OVER = Column("months_over_floor", "int64", "Months of the window above the floor.")
MONTHS_SPIKE = Column("months_of_spike", "int64", "Months above floor, multiple and percentile.")
BASE_SEEN = Column("base_months_present", "int64", "Months of the base the reporter published.")
BASE_ASKED = Column("base_months_expected", "int64", "Months of the base.")
SEEN = Column("window_months_present", "int64", "Months of the window the reporter published.")
ASKED = Column("window_months_expected", "int64", "Months of the window.")

PATTERNS = TableSchema(
    "importer_pattern",
    grain=(schema.REPORTER, schema.PARTNER, schema.PRODUCT),
    values=(
        *(PATTERN, schema.VALUE_USD, BEFORE_USD, TOP_USD, MONTHS_OVER, MONTHS_SPIKE),
        *(SEEN, ASKED, BASE_SEEN, BASE_ASKED, CELLS),
    ),
)

CELL = ["reporter", "partner", "product"]


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    first: Month,
    last: Month,
    base: Window,
    flow: str,
    **_: object,
) -> list[Reads]:
    return [Reads(flow, reporters, partners, ((first, last),), (ends(base, "base"),))]


@measure(
    returns=PATTERNS,
    reads=_reads,
    reference="BIS and FinCEN, supplemental joint alert FIN-2023-Alert004 (19 May 2023): importers "
    "new since 24 February 2022, new to the listed codes, or with a spike; thresholds are ours, "
    "for countries instead of firms",
)
def importer_pattern(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods,
    first: Month,
    last: Month,
    base: Window,
    # The alert names no thresholds: these four are chosen by hand, for countries instead of
    # firms.
    floor_usd: float = 10_000.0,
    months_needed: int = 2,
    factor: float = 3.0,
    percentile: float = 0.99,
    flow: Flow = "export",
) -> Table:
    """Sort pairs and goods by the three patterns of the joint alert, taken to countries.

    "new relationship": the pair traded none of `products` in any month of the base; "new product":
    it traded others of them, not this one; either needs `months_needed` months above `floor_usd`.
    "spike": traded before, and as many months above the floor, at least `factor` times the base's
    mean month and above its `percentile`. A pattern is a place to look, as new trade always is.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who recorded the trade.
        partners: With whom; for exports, the importing third countries.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2022-07.
        last: Last month of the window; the thresholds are meant for six months.
        base: First and last month of the history, before the window.
        floor_usd: Value a month must exceed. USD (keeps samples and returns out).
        months_needed: Months that must pass (one large delivery is no pattern).
        factor: Least multiple of the mean month of the base.
        percentile: Percentile of the base's months to exceed; below 100 months of history it lies
            between the two largest.
        flow: Direction, from the reporter's side.

    Returns:
        One row per reporter, partner and product with trade in base or window. The pattern is
        null where the reporter lacks a month of the base, or lacks a month of the window and the
        months there are do not already show one. Value is null where no month of the window is
        there, history where none of the base is.

    Raises:
        CoverageError: A window is empty, or an end is not a month.

    Example:
        Germany's exports to Kazakhstan, with a floor that suits the small world:

        >>> show(importer_pattern(world, reporters=("DEU",), partners=("KAZ",),
        ...                       products=("854231",), first="2022-01", last="2022-03",
        ...                       base=("2021-01", "2021-03"), floor_usd=10.0))
        reporter=DEU, partner=KAZ, product=854231, pattern=spike, value_usd=90,
          history_mean_usd=10, history_top_usd=10, months_over_floor=3, months_of_spike=3,
          window_months_present=3, window_months_expected=3, base_months_present=3,
          base_months_expected=3, cells=6
    """
    window, history = slots(first, last), slots(*base)
    books = (
        flows.filter(_.freq == "M", _.flow == flow, _.reporter.isin(list(reporters)))
        .mutate(slot=slot(_.period))
        .mutate(
            is_now=_.slot.between(window[0], window[-1]),
            is_base=_.slot.between(history[0], history[-1]),
        )
        .filter(_.is_now | _.is_base)
    )
    wanted = books.filter(_.partner.isin(list(partners)), _.product.isin(list(products)))
    months = _months(books, wanted)
    before = (
        months.filter(_.is_base)
        .group_by(*CELL)
        .agg(
            base_usd=_.usd.sum(),
            history_mean_usd=_.usd.mean(),
            history_top_usd=_.usd.quantile(percentile),
        )
    )
    pairs = before.group_by("reporter", "partner").agg(pair_usd=_.base_usd.sum())
    is_over = _.is_now & (_.usd > floor_usd)
    is_spike = is_over & (_.usd >= factor * _.history_mean_usd) & (_.usd > _.history_top_usd)
    found = (
        months.left_join(before, CELL)
        .group_by(*CELL)
        .agg(
            value_usd=_.usd.sum(where=_.is_now),
            cells=_.rows.sum(),
            base_usd=_.base_usd.max(),
            history_mean_usd=_.history_mean_usd.max(),
            history_top_usd=_.history_top_usd.max(),
            months_over_floor=_.count(where=is_over),
            months_of_spike=_.count(where=is_spike),
            window_months_present=_.count(where=_.is_now),
            base_months_present=_.count(where=_.is_base),
        )
        .left_join(pairs, ["reporter", "partner"])
        .mutate(
            window_months_expected=ibis.literal(len(window), "int64"),
            base_months_expected=ibis.literal(len(history), "int64"),
        )
    )
    return found.mutate(pattern=_pattern(found, months_needed))


def _months(books: Table, wanted: Table) -> Table:
    """Return every published month of every cell with trade; a month without the good is zero."""
    published = books.select("reporter", "slot", "is_now", "is_base").distinct()
    traded = wanted.group_by(*CELL, "slot").agg(usd=_.value_usd.sum(), rows=_.count())
    return (
        wanted.select(*CELL)
        .distinct()
        .inner_join(published, "reporter")
        .left_join(traded, [*CELL, "slot"])
        .select(*CELL, "is_now", "is_base", "rows", usd=_.usd.fill_null(0.0))
    )


def _pattern(found: Table, needed: int) -> ibis.expr.types.StringValue:
    """Return the pattern; more months of the window can only add to what passed already."""
    is_new = found.base_usd == 0
    passes = found.months_over_floor >= needed
    return ibis.cases(
        (found.base_months_present < found.base_months_expected, ibis.null("string")),
        (is_new & passes & (found.pair_usd == 0), "new relationship"),
        (is_new & passes, "new product"),
        (~is_new & (found.months_of_spike >= needed), "spike"),
        (found.window_months_present < found.window_months_expected, ibis.null("string")),
        else_="none",
    )
