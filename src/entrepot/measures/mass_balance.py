"""Mass balance: how much of what newly entered a third country can have gone on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.errors import CoverageError, StudyError
from entrepot.measures._same_months import comparable, compared, length, window_of
from entrepot.measures._slots import base_years
from entrepot.months import later, month
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table

    from entrepot.reads import BaseYears, Countries, Country, Goods, Month

_MEAN = "mean of the same months over the base years"
INFLOW = Column(
    "inflow_usd",
    "float64",
    "What came from the coalition, as valued.",
    "USD",
    is_sum=True,
    adds_up=True,
)
INFLOW_BASE = Column(
    "inflow_base_usd", "float64", f"Inflow, {_MEAN}.", "USD", is_sum=True, adds_up=True
)
INFLOW_EXCESS = Column("inflow_excess_usd", "float64", "Inflow less its base.", "USD", adds_up=True)
OUTFLOW = Column(
    "outflow_usd",
    "float64",
    "What went to the destination, lag included.",
    "USD",
    is_sum=True,
    adds_up=True,
)
OUTFLOW_BASE = Column(
    "outflow_base_usd", "float64", f"Outflow, {_MEAN}.", "USD", is_sum=True, adds_up=True
)
OUTFLOW_EXCESS = Column(
    "outflow_excess_usd", "float64", "Outflow less its base.", "USD", adds_up=True
)
LOW = Column(
    "compatible_low_usd", "float64", "Least that can have gone on: zero.", "USD", adds_up=True
)
HIGH = Column(
    "compatible_high_usd", "float64", "Most that is compatible with the books.", "USD", adds_up=True
)
HIGH_ALL = Column("compatible_total_usd", "float64", "The most, summed over all products.", "USD")
CEILING = Column(
    "ceiling_usd",
    "float64",
    "Smaller of inflow and outflow, no base.",
    "USD",
    is_sum=True,
    adds_up=True,
)
CEILING_ALL = Column(
    "ceiling_total_usd", "float64", "Ceiling, summed over all products.", "USD", is_sum=True
)
ONWARD = Column(
    "onward_ratio", "float64", "Excess outflow a month over excess inflow a month.", unit="ratio"
)
SEEN_IN = Column("inflow_reporter_months", "int64", "Reporter-months of inflow compared.")
DUE_IN = Column("inflow_reporter_months_expected", "int64", "Reporters of inflow times months.")
SEEN_OUT = Column("outflow_months", "int64", "Months of outflow compared.")
DUE_OUT = Column("outflow_months_expected", "int64", "Months of the window and the lag.")

BALANCE = TableSchema(
    "mass_balance",
    grain=(schema.PRODUCT,),
    values=(
        *(INFLOW, INFLOW_BASE, INFLOW_EXCESS, OUTFLOW, OUTFLOW_BASE, OUTFLOW_EXCESS),
        *(LOW, HIGH, HIGH_ALL, CEILING, CEILING_ALL, ONWARD),
        *(SEEN_IN, DUE_IN, SEEN_OUT, DUE_OUT),
    ),
)


def reads(
    *,
    third: Country,
    coalition: Countries,
    destination: Country,
    first: Month,
    last: Month,
    base: BaseYears,
    books: str,
    lag: int,
    **_: object,
) -> list[Reads]:
    """Return what came from the coalition and what went to the destination, lag included."""
    now, before = window_of(first, base, last)
    came = Reads("import", (third,), coalition, now, before)
    if books == "exporter":
        came = Reads("export", coalition, (third,), now, before)
    tail = {month(later(end, ahead)) for _, end in (*now, *before) for ahead in range(1, lag + 1)}
    return [came, Reads("export", (third,), (destination,), now, before, tuple(sorted(tail)))]


@measure(
    returns=BALANCE,
    reads=reads,
    reference="Iyoha et al. (2024), Vietnam: 16.1% by product, an upper bound; 1.8% by firm",
)
def mass_balance(
    flows: Table,
    *,
    third: Country,
    coalition: Countries,
    destination: Country,
    products: Goods,
    first: Month,
    last: Month,
    base: BaseYears,
    books: str = "importer",
    lag: int = 3,  # by hand: goods are under way for none to three months
    least: float = 0.75,  # by hand: nine months of twelve
) -> Table:
    """Bound, product by product, how much of a new inflow can have gone on to the destination.

    excess = window - mean of the same months over the base years; compatible_high_usd = the
    smaller of excess inflow and excess outflow, or 0 where either is not above 0. The figures are
    compatible with anything from 0 to that: it is an UPPER bound, and a loose one (in Vietnam nine
    times what firms' own books show), since goods of the same code may stay while others leave.
    Outflow counts from the first month of the window to `lag` months after its last. Inflow is in
    prices on entry and outflow on exit, so the bound holds for the goods' value on entry. It is
    as good as its base: where ordinary trade fell below the base, it is too low. ceiling_usd, the
    smaller of the whole inflow and the whole outflow, holds without one. Beside it `measure run`
    and briefs give bounds by origin: what of all that was sent on in these months, lag included,
    can and must have come from each member, by `entrepot.estimate.attribution_bounds`.

    Args:
        flows: Monthly flows of the third country and, for books "exporter", of the coalition, all
            products or the basket plus presence rows.
        third: The country that goods may pass through.
        coalition: Countries that control the goods.
        destination: Where they must not go.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        base: Years in which the base windows begin; the window's own year is left out.
        books: Whose record of the inflow: "importer" (by origin where the third country books
            origin, so goods that came through others count) or "exporter" (direct sales only).
        lag: Months by which goods may leave after the window, 0 to 12.
        least: Part of the reporter-months that must be comparable on each side, 0 to 1; a
            convention: nine months of twelve.

    Returns:
        One row per product asked for. The amounts of a side are null where none of its months can
        be compared, the bounds where either side has too few; the ratio where the bounds are, or
        the excess inflow is not above zero.

    Raises:
        CoverageError: The window is empty or longer than a year, the lag is not 0 to 12 months,
            or no base year is left.
        StudyError: `books` is neither importer nor exporter.

    Example:
        Chips that Turkey bought from Germany and France and sold to Russia, January to March:
        $220.50 more came and $120 more left than a year before, so up to $120 can be the same:

        >>> found = mass_balance(world, third="TUR", coalition=("DEU", "FRA"), destination="RUS",
        ...                      products=("854231",), first="2022-01", last="2022-03",
        ...                      base=(2021,), lag=0)
        >>> show(found.select("inflow_excess_usd", "outflow_excess_usd", "compatible_low_usd",
        ...                   "compatible_high_usd", "ceiling_usd", "onward_ratio"))
        inflow_excess_usd=220.5, outflow_excess_usd=120, compatible_low_usd=0,
          compatible_high_usd=120, ceiling_usd=150, onward_ratio=0.5442
    """
    came = inflow(
        flows, third=third, coalition=coalition, first=first, last=last, base=base, books=books
    )
    went = _outflow(
        flows, third=third, destination=destination, first=first, last=last, base=base, lag=lag
    )
    reporters = 1 if books == "importer" else len({*coalition})
    due_in, due_out = reporters * length(first, last), length(first, last) + lag
    frame = ibis.array(sorted({*products})).unnest().name("product").as_table()
    sides = frame.cross_join(
        compared(came).rename(inflow_months="months", inflow_reporter_months="reporter_months")
    ).cross_join(compared(went).rename(outflow_months="months").drop("reporter_months"))
    for name, kept in (("inflow", came), ("outflow", went)):
        sides = _with_side(sides, name, kept)
    enough = (_.inflow_reporter_months >= least * due_in) & (_.outflow_months >= least * due_out)
    high = ibis.greatest(ibis.least(_.inflow_excess_usd, _.outflow_excess_usd), 0.0)
    ceiling = ibis.least(_.inflow_usd, _.outflow_usd)
    pace_in = _.inflow_excess_usd / _.inflow_months
    pace_out = _.outflow_excess_usd / _.outflow_months
    can = ((_.inflow_months > 0) & (_.outflow_months > 0) & enough).name("can")
    return sides.mutate(can).mutate(
        compatible_low_usd=ibis.ifelse(_.can, 0.0, None),
        compatible_high_usd=ibis.ifelse(_.can, high, None),
        compatible_total_usd=ibis.ifelse(_.can, high, None).sum().over(),
        ceiling_usd=ibis.ifelse(_.can, ceiling, None),
        ceiling_total_usd=ibis.ifelse(_.can, ceiling, None).sum().over(),
        onward_ratio=ibis.ifelse(_.can & (_.inflow_excess_usd > 0), pace_out / pace_in, None),
        inflow_reporter_months_expected=ibis.literal(due_in, "int64"),
        outflow_months_expected=ibis.literal(due_out, "int64"),
    )


def inflow(
    flows: Table,
    *,
    third: str,
    coalition: Sequence[str],
    first: str,
    last: str,
    base: Sequence[int],
    books: str,
) -> Table:
    """Return what entered the third country over comparable months, whoever booked it.

    One row per stored row of the reporters. `is_wanted` says which came from the coalition,
    `origin` from whom, and `excess_usd` is what it adds to the window less the base's mean.

    Raises:
        CoverageError: The window cannot be compared.
        StudyError: `books` is neither importer nor exporter.
    """
    if books == "importer":
        kept = _compare(flows, (third,), "import", first, last, base)
        return kept.mutate(origin=_.partner, is_wanted=_.partner.isin(list(coalition)))
    if books == "exporter":
        kept = _compare(flows, coalition, "export", first, last, base)
        return kept.mutate(origin=_.reporter, is_wanted=_.partner == third)
    raise StudyError(f"mass_balance: books {books!r} is unknown; choose importer or exporter")


def _outflow(
    flows: Table,
    *,
    third: str,
    destination: str,
    first: str,
    last: str,
    base: Sequence[int],
    lag: int,
) -> Table:
    """Return what left over the comparable months of the window and the lag after it."""
    if not 0 <= lag <= 12:
        raise CoverageError(f"mass_balance: a lag of {lag} months was asked; choose 0 to 12")
    kept = _compare(flows, (third,), "export", first, last, base)
    if lag:
        tail = _compare(flows, (third,), "export", later(last, 1), later(last, lag), base)
        # January of the lag is not January of the window: number it apart.
        kept = kept.union(tail.mutate(month=(_.month + 100).cast(kept.month.type())))
    return kept.mutate(is_wanted=_.partner == destination)


def _compare(
    flows: Table,
    reporters: Sequence[str],
    flow: str,
    first: str,
    last: str,
    base: Sequence[int],
) -> Table:
    """Keep comparable months, and say what each row adds to the window and to the base's mean."""
    now = month(first).year
    years = base_years("mass_balance", base, now)
    kept = comparable(
        flows, reporters=reporters, flow=flow, first=first, last=last, years=(now, *years)
    )
    return kept.mutate(
        now_usd=ibis.ifelse(_.year == now, _.value_usd, 0.0),
        base_usd=ibis.ifelse(_.year == now, 0.0, _.value_usd / len(years)),
    ).mutate(excess_usd=_.now_usd - _.base_usd)


def _with_side(sides: Table, name: str, kept: Table) -> Table:
    """Join one side's sums: zero where its months hold none of a product, null without months."""
    totals = {"usd": "now_usd", "base_usd": "base_usd", "excess_usd": "excess_usd"}
    sums = (
        kept.filter(_.is_wanted)
        .group_by("product")
        .agg(**{f"{name}_{short}": _[column].sum() for short, column in totals.items()})
    )
    joined = sides.left_join(sums, "product").drop("product_right")
    return joined.mutate(
        **{
            column: ibis.ifelse(_[f"{name}_months"] > 0, _[column].fill_null(0.0), None)
            for column in (f"{name}_{short}" for short in totals)
        }
    )
