"""What the mirror measures share: one flow in both countries' books, and who published when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot.errors import CoverageError
from entrepot.harmonise.products import LIMITED
from entrepot.measures._slots import slot
from entrepot.months import ends, months_between
from entrepot.reads import Reads
from entrepot.reference import countries
from entrepot.schema import Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.expr.types import BooleanValue, Table
    from ibis.expr.types import Column as Expression

BASE_LOW = Column(
    "base_gap_low_usd", "float64", "Base's mean gap, imports taken as FOB.", "USD", adds_up=True
)
BASE_HIGH = Column(
    "base_gap_high_usd", "float64", "Base's mean gap, imports freed.", "USD", adds_up=True
)
CHANGE_LOW = Column(
    "change_low_usd", "float64", "Least change of the gap on its base.", "USD", adds_up=True
)
CHANGE_HIGH = Column(
    "change_high_usd", "float64", "Most change of the gap on its base.", "USD", adds_up=True
)
PAIR = ("freq", "exporter", "importer")
LATE = 12
"""Months after which a publisher that stopped is silent, not late; annual books take a year."""


def reads(
    window: Sequence[str],
    base: Sequence[str] | None,
    exporters: tuple[str, ...],
    importers: tuple[str, ...],
    later: tuple[date, ...] = (),
    freq: str = "M",
) -> list[Reads]:
    """Return both sides of a mirror: what exporters recorded and what importers did."""
    windows = (ends(window),), ((ends(base, "base"),) if base else ())
    return [
        Reads("export", exporters, importers, *windows, freq=freq),
        Reads("import", importers, exporters, *windows, later, freq=freq),
    ]


def span(window: Sequence[str], name: str = "window") -> list[date]:
    """Return the months of a window given by its first and last month.

    Raises:
        CoverageError: It is not two months in order.
    """
    return months_between(*ends(window, name))


def spans(window: Sequence[str], base: Sequence[str] | None) -> tuple[list[date], list[date]]:
    """Return the months of a window and of its base; none without a base.

    Raises:
        CoverageError: One is not two months in order, or they overlap.
    """
    now, before = span(window), span(base, "base") if base else []
    if {*now} & {*before}:
        raise CoverageError(
            f"the base {'/'.join(base or ())} and the window {'/'.join(window)} overlap; a change "
            "needs a base apart from the window"
        )
    return now, before


def within(months: Sequence[date]) -> BooleanValue:
    """Say of a row whether its period is one of these consecutive months."""
    return _.period.between(months[0], months[-1]) if months else ibis.literal(False)


def refuse_sums(places: Sequence[str]) -> None:
    """Refuse to mirror a sum of countries: its partners book the members.

    Raises:
        CoverageError: One of the places is an aggregate such as EU27.
    """
    if odd := sorted({*places} & {*aggregates()}):
        raise CoverageError(
            f"{odd[0]} is a sum of countries and has no mirror of its own; name its members"
        )


def aggregates() -> list[str]:
    """Return the codes that sum others."""
    areas = countries.areas().items()
    return sorted(code for code, row in areas if row["kind"] in countries.AGGREGATES)


def between_countries(flows: Table) -> Table:
    """Keep flows between two different countries: no sums, no places without books of their own."""
    named = sorted(area for area in countries.areas() if not area.startswith("_"))
    sides = (_.reporter, _.partner)
    return flows.filter(
        _.reporter != _.partner,
        *(~side.startswith("_") for side in sides),
        *(side.notin(named) for side in sides),
    )


def books(flows: Table, *, products: Sequence[str], freight: float) -> Table:
    """Return imports and exports with the two sides named.

    One row per stored row of the products asked for; none means every HS subheading, which is
    every code of six characters. `usd` is the value as recorded, `fob_usd` the least it can be
    FOB: imports valued CIF are freed of `freight`.
    """
    wanted = _.product.isin(list(products)) if products else _.product.length() == 6
    is_export = _.flow == "export"
    return flows.filter(_.flow.isin(["export", "import"]), wanted).select(
        "freq",
        "period",
        "product",
        is_export=is_export,
        exporter=ibis.ifelse(is_export, _.reporter, _.partner),
        importer=ibis.ifelse(is_export, _.partner, _.reporter),
        usd=_.value_usd,
        fob_usd=_.value_usd / ibis.ifelse(_.valuation == "CIF", 1 + freight, 1.0),
    )


def of(table: Table, exporters: Sequence[str], importers: Sequence[str]) -> Table:
    """Keep the pairs asked for; none asked: all."""
    for side, asked in (("exporter", exporters), ("importer", importers)):
        if asked:
            table = table.filter(_[side].isin(list(asked)))
    return table


def published(flows: Table) -> Table:
    """Return who published what: one row per freq, reporter, flow and period with any row at all.

    `revision` and `other_revision` are the first and last classification by name.
    """
    written = _.classification.nullif("none")  # presence rows have none
    return (
        flows.filter(_.flow.isin(["export", "import"]))
        .group_by("freq", "reporter", "flow", "period")
        .agg(revision=written.min(), other_revision=written.max())
    )


def calendar(slices: Table) -> Table:
    """Return the periods of each pair of countries in which neither side is silent.

    One row per freq, pair and period that anyone published: each side's state is "published" or
    "not yet". A period is not yet published where it is newer than the newest that its publisher
    has, and that one is at most `LATE` months older than the newest of anyone; a publisher that
    stopped before is silent. `is_mixed` says that both published, but did not write one and the
    same classification.
    """
    states = _states(slices)
    sides = {
        side: states.filter(_.flow == flow).select(
            "freq", "period",
            **{side: _.reporter, f"{side}_state": _.state},
            **{f"{side}_first": _.revision, f"{side}_last": _.other_revision},
        )
        for side, flow in (("exporter", "export"), ("importer", "import"))
    }  # fmt: skip
    names = ("exporter_first", "exporter_last", "importer_first", "importer_last")
    lowest = ibis.least(*(_[name] for name in names))
    highest = ibis.greatest(*(_[name] for name in names))
    is_both = (_.exporter_state == "published") & (_.importer_state == "published")
    return (
        sides["exporter"]
        .inner_join(sides["importer"], ["freq", "period"])
        .mutate(is_both=is_both)
        .mutate(is_mixed=_.is_both & (lowest != highest))
        .drop(*names)
    )


def _states(slices: Table) -> Table:
    """Add to what is published the periods that are due."""
    newest = slices.group_by("freq", "reporter", "flow").agg(newest=_.period.max())
    due = (
        newest.mutate(newest_of_all=_.newest.max().over(group_by="freq"))
        .filter(slot(_.newest_of_all) - slot(_.newest) <= LATE)
        .inner_join(slices.select("freq", "period").distinct(), "freq")
        .filter(_.period > _.newest)
        .mutate(state=ibis.literal("not yet"))
        .mutate(revision=ibis.null("string"), other_revision=ibis.null("string"))
    )
    known = slices.mutate(state=ibis.literal("published"))
    return known.union(due.select(known.columns))


def limited(flows: Table) -> Table:
    """Return the importers of which the store was never asked about some partners.

    What they recorded in all is not known: one row per freq and importer.
    """
    return (
        flows.filter(_.flow == "import", _.partner == LIMITED)
        .select("freq", importer=_.reporter, is_limited=ibis.literal(True))
        .distinct()
    )


def unless_limited(table: Table, flows: Table, names: Sequence[str]) -> Table:
    """Return columns as null for importers whose partners are not all known."""
    told = left(table, limited(flows), ["freq", "importer"])
    return told.mutate(
        **{name: ibis.ifelse(told.is_limited.isnull(), told[name], None) for name in names}
    ).drop("is_limited")


def matched(rows: Table, slices: Table) -> Table:
    """Add to rows of `books` whether the other side published the period: `is_compared`."""
    theirs = slices.select(
        "freq", "period", other=_.reporter, is_export=_.flow == "import", seen=ibis.literal(True)
    )
    keys = ["freq", "period", "other", "is_export"]
    named = rows.mutate(other=ibis.ifelse(_.is_export, _.importer, _.exporter))
    return left(named, theirs, keys).mutate(is_compared=_.seen.notnull()).drop("other", "seen")


def left(table: Table, other: Table, keys: Sequence[str]) -> Table:
    """Join what another table knows of each row; null where it knows nothing."""
    more = [name for name in other.columns if name not in keys]
    return table.left_join(other, list(keys)).select(*table.columns, *more)


def sums(now: BooleanValue, before: BooleanValue) -> dict[str, Expression]:
    """Return both sides' sums over a window and over its base."""
    out, back = _.is_export, ~_.is_export
    return {
        "export_usd": _.usd.sum(where=out & now).fill_null(0.0),
        "import_usd": _.usd.sum(where=back & now).fill_null(0.0),
        "import_fob_usd": _.fob_usd.sum(where=back & now).fill_null(0.0),
        "export_base": _.usd.sum(where=out & before).fill_null(0.0),
        "import_base": _.usd.sum(where=back & before).fill_null(0.0),
        "import_fob_base": _.fob_usd.sum(where=back & before).fill_null(0.0),
    }


def against_base(series: Table, periods: str, base_periods: str) -> Table:
    """Add gap, mean gap of the base and change, from `sums` and two counts of compared periods.

    Freight is the same unknown part of a CIF value before and after, so a gap that only persists
    has no change, wherever in the band the truth lies.
    """
    periods_before = _[base_periods].nullif(0)
    return (
        series.mutate(
            gap_low_usd=_.export_usd - _.import_usd,
            gap_high_usd=_.export_usd - _.import_fob_usd,
            base_low=_.export_base - _.import_base,
            base_high=_.export_base - _.import_fob_base,
        )
        .mutate(
            base_gap_low_usd=_.base_low / periods_before,
            base_gap_high_usd=_.base_high / periods_before,
            taken_as_fob=_.gap_low_usd - _.base_low * _[periods] / periods_before,
            freed=_.gap_high_usd - _.base_high * _[periods] / periods_before,
        )
        .mutate(
            change_low_usd=ibis.least(_.taken_as_fob, _.freed),
            change_high_usd=ibis.greatest(_.taken_as_fob, _.freed),
        )
    )
