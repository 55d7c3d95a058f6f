"""Ghost trade: what was exported and never recorded on arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.errors import CoverageError
from entrepot.measures import _mirror
from entrepot.measures._mirror import BASE_HIGH, BASE_LOW, CHANGE_HIGH, CHANGE_LOW, PAIR
from entrepot.measures._same_months import CELLS
from entrepot.measures.mirror_pair import BOTH, EXPORT_USD, EXPORTER, IMPORT_USD, IMPORTER
from entrepot.measures.supplier_share import WANTED
from entrepot.months import ends, later, month
from entrepot.reads import Reads
from entrepot.reference.freight import FAO
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from datetime import date

    from ibis.expr.types import FloatingValue, Table

    from entrepot.reads import Countries, Goods, Window

GHOST_LOW = Column(
    "ghost_low_usd", "float64", "Least never recorded: imports as FOB.", "USD", adds_up=True
)
GHOST_HIGH = Column(
    "ghost_high_usd", "float64", "Most never recorded: imports freed.", "USD", adds_up=True
)
FREIGHT = Column(
    "freight_share", "float64", "Part of ghost_high_usd that rests on freight.", unit="share"
)
TIMING = Column(
    "timing_share", "float64", "At most this part of ghost_low_usd arrived later.", unit="share"
)
ELSEWHERE = Column(
    "elsewhere_share",
    "float64",
    "At most this part of ghost_low_usd is in the importer's books under other partners.",
    unit="share",
)
UNEXPLAINED = Column(
    "unexplained_usd",
    "float64",
    "Least that neither freight, timing nor origin explains.",
    "USD",
    adds_up=True,
)
BASE_MONTHS = Column("base_months_compared", "int64", "Months of the base that both published.")
MIXED = Column("months_mixed", "int64", "Compared months not in one and the same classification.")

GHOSTS = TableSchema(
    "ghost_trade",
    grain=(EXPORTER, IMPORTER, schema.PRODUCT),
    values=(
        *(EXPORT_USD, IMPORT_USD, GHOST_LOW, GHOST_HIGH),
        *(FREIGHT, TIMING, ELSEWHERE, UNEXPLAINED),
        *(BASE_LOW, BASE_HIGH, CHANGE_LOW, CHANGE_HIGH),
        *(BOTH, WANTED, BASE_MONTHS, MIXED, CELLS),
    ),
)


def _reads(
    *,
    window: Window,
    base: Window,
    lag: int,
    exporters: Countries,
    importers: Countries,
    **_: object,
) -> list[Reads]:
    now = ends(window)
    tail = tuple(month(later(now[1], ahead)) for ahead in range(1, lag + 1))
    return [
        *_mirror.reads(window, base, exporters, importers, tail),
        Reads("export", (), importers, (now,), optional=True),
        Reads("import", importers, (), (now,), later=tail, optional=True),
    ]


@measure(
    returns=GHOSTS,
    reads=_reads,
    reference="Financial Times, May 2023: $1bn of EU exports to KAZ, KGZ, ARM never recorded on "
    "arrival; Chupilkin, Javorcik & Plekhanov (EBRD WP 276); IMTS 2010 on origin and destination",
)
def ghost_trade(
    flows: Table,
    *,
    window: Window,
    base: Window | None = None,
    exporters: Countries = (),
    importers: Countries = (),
    products: Goods = (),
    lag: int = 3,  # by hand: goods are under way for none to three months
    freight: float = FAO,
) -> Table:
    """Find goods in exporters' books that are missing from importers' books.

    ghost = export_usd - import_usd / (1 + c), c anywhere from 0 to `freight` for imports valued
    CIF, where above zero, over the months that both published: a silent importer makes no ghosts.
    Three innocent causes are bounded from above: timing by everything that arrived in the `lag`
    months after the window; origin by the surplus of the importer's books over what its other
    partners say they sent (a partner that is silent counts in full), which takes it that what they
    sent arrived; freight by the band itself.
    unexplained_usd = ghost_low_usd less the bounds of timing and origin, or zero. A gap that has
    always been there, like China's with Kyrgyzstan, is a level and no change: change_low_usd and
    change_high_usd take the mean gap of the base off. Rows are only those with a ghost, so their
    changes do not add up to the change of all trade; `mirror_gap` has all. Misclassified goods are
    ghosts here, and confidential cells are too. Statistics name no one.

    Args:
        flows: Monthly flows, one source per reporter, all products or the basket plus presence
            rows; the importers' rows from all partners, and what all partners sent them.
        window: First and last month, as 2023-01,2023-09.
        base: First and last month of the base, such as 2019-01,2021-12.
        exporters: Countries that report exports; none means all.
        importers: Countries that report imports; none means all.
        products: Which codes, as they stand in `flows`; none means every code of six characters.
        lag: Months after the window in which goods may still arrive, 0 to 12.
        freight: Largest part of freight and insurance in a CIF value (FAO's 12%).

    Returns:
        One row per pair and product with a ghost. A share of ghost_low_usd is null where that is
        zero. Timing and unexplained_usd are null where there is a lag, unless the importer
        published every month from the window's first to the lag's last; changes without a base
        month that both published.

    Raises:
        CoverageError: A window is not two months in order, the base overlaps it, the lag is not 0
            to 12 months, or a country named is a sum of countries.


    Example:
        Kazakhstan books part of what Turkey sends on as German, beyond what Germany says it sent:

        >>> show(ghost_trade(world, window=("2022-01", "2022-02"), base=("2021-01", "2021-03"),
        ...                  exporters=("TUR",), lag=0))
        exporter=TUR, importer=KAZ, product=854231, export_usd=80, import_usd=21,
          ghost_low_usd=59, ghost_high_usd=61.25, freight_share=0.03673, timing_share=0,
          elsewhere_share=0.5847, unexplained_usd=24.5, base_gap_low_usd=1.6,
          base_gap_high_usd=2.5, change_low_usd=55.8, change_high_usd=56.25, months_compared=2,
          months_expected=2, base_months_compared=3, months_mixed=0, cells=10
    """
    if not 0 <= lag <= 12:
        raise CoverageError(f"ghost_trade: a lag of {lag} months was asked; choose 0 to 12")
    now, before = _mirror.spans(window, base)
    _mirror.refuse_sums((*exporters, *importers))
    tail = [month(later(window[1], ahead)) for ahead in range(1, lag + 1)]
    inside = flows.filter(
        _.freq == "M", _mirror.within(now) | _mirror.within(before) | _mirror.within(tail)
    )
    slices = _mirror.published(inside)
    rows = _mirror.books(inside, products=products, freight=freight)
    rows = _mirror.of(rows, (), importers).filter(_.exporter.notin(_mirror.aggregates()))
    pairs = _pairs(_mirror.matched(rows, slices), now, before, tail)
    known = _mirror.unless_limited(_with_elsewhere(pairs), inside, ("elsewhere_usd",))
    panel = _mirror.of(known, exporters, ()).filter(_.exporter != _.importer)
    panel = panel.inner_join(_months(slices, now, before), list(PAIR))
    panel = _mirror.left(panel, _arrivals(slices, now + tail), ["importer"])
    is_timed = (_.months_seen == len(now) + lag) | (lag == 0)
    return (
        _mirror.against_base(panel, "months_compared", "base_months_compared")
        .filter(_.gap_high_usd > 0)
        .mutate(
            ghost_low_usd=ibis.greatest(_.gap_low_usd, 0.0),
            ghost_high_usd=_.gap_high_usd,
            later_usd=ibis.ifelse(is_timed, _.tail_usd, None),
        )
        .mutate(
            freight_share=(_.ghost_high_usd - _.ghost_low_usd) / _.ghost_high_usd,
            timing_share=_part(_.later_usd),
            elsewhere_share=_part(_.elsewhere_usd),
            unexplained_usd=_above_zero(_.ghost_low_usd - _.later_usd - _.elsewhere_usd),
            months_expected=ibis.literal(len(now), "int64"),
        )
    )


def _pairs(rows: Table, now: list[date], before: list[date], tail: list[date]) -> Table:
    """Return one row per series: both sides' sums, later arrivals, and the importer's surplus."""
    in_window, in_base = _mirror.within(now), _mirror.within(before)
    booked = _.usd.sum(where=~_.is_export & in_window).fill_null(0.0)
    sent = _.usd.sum(where=_.is_export & in_window).fill_null(0.0)
    return rows.group_by(*PAIR, "product").agg(
        **_mirror.sums(in_window & _.is_compared, in_base & _.is_compared),
        tail_usd=_.usd.sum(where=~_.is_export & _mirror.within(tail)).fill_null(0.0),
        surplus_usd=ibis.greatest(booked - sent, 0.0),
        cells=_.count(where=(in_window | in_base) & _.is_compared),
    )


def _with_elsewhere(pairs: Table) -> Table:
    """Add what the importer booked under other partners beyond what those say they sent."""
    keys = ["freq", "importer", "product"]
    total = pairs.group_by(keys).agg(surplus_of_all=_.surplus_usd.sum())
    return pairs.inner_join(total, keys).mutate(elsewhere_usd=_.surplus_of_all - _.surplus_usd)


def _months(slices: Table, now: list[date], before: list[date]) -> Table:
    """Return how many months each pair can be compared, of the window and of the base."""
    in_window = _mirror.within(now)
    return (
        _mirror.calendar(slices)
        .filter(_.is_both)
        .group_by(*PAIR)
        .agg(
            months_compared=_.count(where=in_window),
            months_mixed=_.count(where=in_window & _.is_mixed),
            base_months_compared=_.count(where=_mirror.within(before)),
        )
    )


def _arrivals(slices: Table, months: list[date]) -> Table:
    """Return how many of these months each importer published."""
    return (
        slices.filter(_.flow == "import", _mirror.within(months))
        .group_by(importer=_.reporter)
        .agg(months_seen=_.count())
    )


def _part(amount: FloatingValue) -> FloatingValue:
    """Return at most which part of the least ghost an amount explains; null without either."""
    part = ibis.ifelse(amount > _.ghost_low_usd, 1.0, amount / _.ghost_low_usd)
    return ibis.ifelse((_.ghost_low_usd > 0) & amount.notnull(), part, None)


def _above_zero(amount: FloatingValue) -> FloatingValue:
    """Return an amount, or zero where it is negative; null stays null, unlike with `greatest`."""
    return ibis.ifelse(amount < 0, 0.0, amount)
