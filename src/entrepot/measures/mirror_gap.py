"""Mirror gap: what left in one country's books and did not arrive in the other's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures import _mirror
from entrepot.measures._mirror import BASE_HIGH, BASE_LOW, CHANGE_HIGH, CHANGE_LOW, PAIR
from entrepot.measures._same_months import CELLS
from entrepot.measures.mirror_pair import (
    EXPORT_USD,
    EXPORTER,
    GAP_HIGH,
    GAP_LOW,
    IMPORT_USD,
    IMPORTER,
)
from entrepot.months import ends, later
from entrepot.reads import Reads
from entrepot.reference.freight import FAO
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.expr.types import FloatingValue, StringValue, Table

    from entrepot.reads import Countries, Freq, Goods, Window

MIRROR_STATUS = Column(
    "mirror_status",
    "string",
    "Whose books hold the goods: zero is a published period without them (or with a confidential "
    "cell), silent no period at all, not yet a period newer than any of that publisher.",
    allowed=(
        *("both", "both zero", "exporter zero", "importer zero"),
        *("exporter silent", "importer silent", "exporter not yet", "importer not yet"),
    ),
)
PERIODS = Column("periods_compared", "int64", "Periods that both countries published.")
DUE = Column("periods_expected", "int64", "Periods of the row.")
MIXED = Column("periods_mixed", "int64", "Compared periods not in one and the same classification.")
BASE_PERIODS = Column("base_periods", "int64", "Periods of the base that both published.")
WORLD_USD = Column(
    "world_usd", "float64", "Importer's imports of the product from everywhere.", "USD", is_sum=True
)
WORLD_CHANGE = Column(
    "world_change_usd", "float64", "Its change on the base, as the gap's change.", "USD"
)
WORLD_BASIS = Column(
    "world_basis",
    "string",
    "Whether world_usd is the published total or the sum over partners.",
    allowed=("published", "summed", "mixed"),
)
ORIGIN = Column(
    "origin_share",
    "float64",
    "At most this part of the gap's least change can be goods booked under their makers, 0 to 1.",
    unit="share",
)

GAPS = TableSchema(
    "mirror_gap",
    grain=(schema.FREQ, EXPORTER, IMPORTER, schema.PRODUCT, schema.PERIOD),
    values=(
        *(EXPORT_USD, IMPORT_USD, GAP_LOW, GAP_HIGH, MIRROR_STATUS, PERIODS, DUE, MIXED),
        *(BASE_LOW, BASE_HIGH, BASE_PERIODS, CHANGE_LOW, CHANGE_HIGH),
        *(WORLD_USD, WORLD_CHANGE, WORLD_BASIS, ORIGIN, CELLS),
    ),
)


def _reads(
    *,
    window: Window,
    base: Window | None,
    exporters: Countries,
    importers: Countries,
    freq: Freq | None,
    **_: object,
) -> list[Reads]:
    often = freq or "M"
    everywhere = Reads("import", importers, (), (ends(window),), freq=often, optional=True)
    found = [*_mirror.reads(window, base, exporters, importers, freq=often), everywhere]
    if base is None:  # whether a month is late or silent shows in the year on either side of it
        around = later(window[0], -_mirror.LATE), later(window[-1], _mirror.LATE)
        found += [
            Reads(flow, now=(around,), freq=often, is_counted=False, optional=True)
            for flow in ("export", "import")
        ]
    return found


@measure(
    returns=GAPS,
    reads=_reads,
    reference="CIF/FOB: IMF DOTS (1.06), FAO (1.12); IMTS 2010 on partners; the change, because "
    "China's exports to Kyrgyzstan were $4.1bn apart in peace already (2016)",
)
def mirror_gap(
    flows: Table,
    *,
    window: Window,
    base: Window | None = None,
    exporters: Countries = (),
    importers: Countries = (),
    products: Goods = (),
    freight: float = FAO,
    freq: Freq | None = None,
) -> Table:
    """Set what each country says it sent against what the other says it received.

    gap = export_usd - import_usd / (1 + c), c anywhere from 0 to `freight` for imports valued CIF:
    above zero, goods in the exporter's books are not in the importer's. Gaps are large and lasting
    for innocent reasons, so report the change: gap over the window less as many mean periods of
    the base, c being the same in both; the base's season is not taken out. An importer that books
    the country of origin has goods sent on by the exporter under their makers' names, so look at
    its imports from everywhere: origin_share = rise of its imports from other partners /
    change_low_usd, within 0 to 1, assumes that what others sent directly did not fall. Codes are
    compared as they stand, so both sides must write one revision.

    Args:
        flows: Monthly or annual flows, one source per reporter, all products or the basket plus
            presence rows; rows of the importer from the world and from all partners.
        window: First and last month, as 2023-01,2023-09; annual rows stand in January.
        base: First and last month of the base, such as 2019-01,2021-12.
        exporters: Countries that report exports; none means all.
        importers: Countries that report imports; none means all.
        products: Which codes, as they stand in `flows`; none means every code of six characters.
        freight: Largest part of freight and insurance in a CIF value (FAO's 12%).
        freq: M or A; none takes the flows given as they stand, and reads months from a store.

    Returns:
        Without a base, one row per frequency, pair, product and period that either side booked. An
        amount is null where its country did not publish the period, a gap where either did not.
        With a base, one row per frequency, pair and product over the periods of the window that
        both published, `period` null; no row where there are none. Changes are null without a base
        period that both published, origin_share also where change_low_usd is not above zero, and
        world_usd where the importer did not publish, or was asked about some partners only.

    Raises:
        CoverageError: A window is not two months in order, the base overlaps it, or a country
            named is a sum of countries.


    Example:
        Turkey and Kazakhstan, against the year before; imports from others rose by as much:

        >>> show(mirror_gap(world, window=("2022-01", "2022-03"), base=("2021-01", "2021-03"),
        ...                 exporters=("TUR",), importers=("KAZ",)))
        freq=M, exporter=TUR, importer=KAZ, product=854231, export_usd=80, import_usd=21,
          gap_low_usd=59, gap_high_usd=61.25, mirror_status=both, periods_compared=2,
          periods_expected=3, periods_mixed=0, base_gap_low_usd=1.6, base_gap_high_usd=2.5,
          base_periods=3, change_low_usd=55.8, change_high_usd=56.25, world_usd=126,
          world_change_usd=63, world_basis=published, origin_share=1, cells=10
    """
    now, before = _mirror.spans(window, base)
    _mirror.refuse_sums((*exporters, *importers))
    flows = flows.filter(_.freq == freq) if freq else flows
    inside = flows.filter(_mirror.within(now) | _mirror.within(before))
    pairs = _mirror.between_countries(inside)
    rows = _mirror.books(pairs, products=products, freight=freight)
    rows = _mirror.of(rows, exporters, importers)
    if base is None:
        found = _by_period(rows, flows, inside, products)
    else:
        found = _over_window(rows, inside, products, now, before)
    share = ibis.least(ibis.greatest(_.others_rise_usd, 0.0) / _.change_low_usd, 1.0)
    found = found.mutate(origin_share=ibis.ifelse(_.change_low_usd > 0, share, None))
    return _mirror.unless_limited(
        found, inside, ("world_usd", "world_change_usd", "world_basis", "origin_share")
    )


def _by_period(rows: Table, flows: Table, inside: Table, products: Sequence[str]) -> Table:
    """Return one row per period that either side booked, with who published it."""
    keys = [*PAIR, "product", "period"]
    out, back = _.is_export, ~_.is_export
    cells = rows.group_by(keys).agg(
        export_usd=_.usd.sum(where=out),
        import_usd=_.usd.sum(where=back),
        import_fob_usd=_.fob_usd.sum(where=back),
        cells=_.count(),
    )
    calendar = _mirror.calendar(_mirror.published(flows))
    joined = _mirror.left(cells, calendar, [*PAIR, "period"])
    joined = _mirror.left(
        joined, _world(inside, products), ["freq", "period", "importer", "product"]
    )
    # A period that the calendar lacks has a silent side: the one without a cell.
    return (
        joined.mutate(
            exporter_state=_.exporter_state.fill_null(_known(_.export_usd)),
            importer_state=_.importer_state.fill_null(_known(_.import_usd)),
        )
        .mutate(
            export_usd=_zero(_.export_usd, _.exporter_state),
            import_usd=_zero(_.import_usd, _.importer_state),
            import_fob_usd=_zero(_.import_fob_usd, _.importer_state),
            world_usd=_zero(_.world_usd, _.importer_state),
        )
        .mutate(
            gap_low_usd=_.export_usd - _.import_usd,
            gap_high_usd=_.export_usd - _.import_fob_usd,
            mirror_status=ibis.cases(
                (_.exporter_state != "published", "exporter " + _.exporter_state),
                (_.importer_state != "published", "importer " + _.importer_state),
                else_=_held(),
            ),
            periods_compared=_.is_both.fill_null(False).cast("int64"),
            periods_expected=ibis.literal(1, "int64"),
            periods_mixed=_.is_mixed.fill_null(False).cast("int64"),
            base_periods=ibis.null("int64"),
            others_rise_usd=ibis.null("float64"),
            **{
                column.name: ibis.null("float64")
                for column in (BASE_LOW, BASE_HIGH, CHANGE_LOW, CHANGE_HIGH, WORLD_CHANGE)
            },
        )
    )


def _over_window(
    rows: Table, inside: Table, products: Sequence[str], now: list[date], before: list[date]
) -> Table:
    """Return one row per series, over the periods of the window that both sides published."""
    in_window, in_base = _mirror.within(now), _mirror.within(before)
    slices = _mirror.published(inside)
    calendar = _mirror.calendar(slices).filter(_.is_both)
    periods = calendar.group_by(*PAIR).agg(
        periods_compared=_.count(where=in_window),
        base_periods=_.count(where=in_base),
        periods_mixed=_.count(where=in_window & _.is_mixed),
    )
    series = (
        _mirror.matched(rows, slices)
        .filter(_.is_compared)
        .group_by(*PAIR, "product")
        .agg(**_mirror.sums(in_window, in_base), cells=_.count())
        .inner_join(periods, list(PAIR))
        .filter(_.periods_compared > 0)
    )
    world = (
        series.select(*PAIR, "product")
        .inner_join(calendar, list(PAIR))
        .inner_join(_world(inside, products), ["freq", "period", "importer", "product"])
        .group_by(*PAIR, "product")
        .agg(
            world_usd=_.world_usd.sum(where=in_window),
            world_base=_.world_usd.sum(where=in_base),
            lowest=_.world_basis.min(),
            highest=_.world_basis.max(),
        )
    )
    scale = _.periods_compared / _.base_periods.nullif(0)
    years = sum(day.month == 1 for day in now)
    found = _mirror.left(
        _mirror.against_base(series, "periods_compared", "base_periods"),
        world,
        [*PAIR, "product"],
    ).mutate(world_usd=_.world_usd.fill_null(0.0), world_base=_.world_base.fill_null(0.0))
    return found.mutate(
        period=ibis.null("date"),
        mirror_status=_held(),
        periods_expected=ibis.ifelse(_.freq == "A", years, len(now)).cast("int64"),
        world_change_usd=_.world_usd - _.world_base * scale,
        world_basis=ibis.ifelse(_.lowest != _.highest, "mixed", _.lowest),
        others_rise_usd=_.world_usd - _.import_usd - (_.world_base - _.import_base) * scale,
    )


def _world(flows: Table, products: Sequence[str]) -> Table:
    """Return imports from everywhere: the published total, else the sum over partners."""
    wanted = _.product.isin(list(products)) if products else _.product.length() == 6
    is_total, is_part = _.partner == "WLD", _.partner.notin(_mirror.aggregates())
    return (
        flows.filter(_.flow == "import", wanted, is_total | is_part)
        .group_by("freq", "period", "product", importer=_.reporter)
        .agg(total=_.value_usd.sum(where=is_total), parts=_.value_usd.sum(where=is_part))
        .select(
            *("freq", "period", "product", "importer"),
            world_usd=ibis.coalesce(_.total, _.parts),
            world_basis=ibis.ifelse(_.total.notnull(), "published", "summed"),
        )
    )


def _known(amount: FloatingValue) -> StringValue:
    """Return the state of a side whose period the calendar lacks."""
    return ibis.ifelse(amount.notnull(), "published", "silent")


def _zero(amount: FloatingValue, state: StringValue) -> FloatingValue:
    """Return an amount as zero where its publisher has the period without it."""
    return ibis.ifelse(state == "published", amount.fill_null(0.0), None)


def _held() -> StringValue:
    """Say whose books hold the goods, of periods that both published."""
    return ibis.cases(
        ((_.export_usd > 0) & (_.import_usd > 0), "both"),
        (_.export_usd > 0, "importer zero"),
        (_.import_usd > 0, "exporter zero"),
        else_="both zero",
    )
