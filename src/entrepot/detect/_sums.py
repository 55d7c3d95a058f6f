"""Sums: what the engine adds up for a scan, in one pass for each side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from entrepot.detect._panel import SERIES
from entrepot.detect._room import fits, held
from entrepot.errors import StudyError
from entrepot.harmonise.products import SUBHEADING, hs_revision, one_level
from entrepot.months import month
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from ibis.expr.types import BooleanValue, Table

    from entrepot.detect._panel import Scan

SUPPLIERS = 12
"""Reporters of the coalition that are looked at one by one: the largest exporters of the listed
goods. Each costs an array of the panel's listed months; the total looks at all."""

OTHER = 8 * len(SERIES)
"""Bytes that a good takes of a country and month in a panel."""
LISTED = OTHER + 3 * 4 * SUPPLIERS
"""The same of a listed one, whose suppliers are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What the engine added up.

    Exports by where they went, by whom of the coalition, what third countries recorded themselves,
    the listed goods month by month between single suppliers and third countries, and who published
    when. `rows` are those that were added up, each under the name its code counts by; `unlisted`
    is how many other goods the flows hold where a panel holds only some (`_room.held`), None where
    it holds all.
    """

    bought: pa.Table
    origins: pa.Table
    own: pa.Table
    supplied: pa.Table
    seen: pa.Table
    rows: Table
    unlisted: int | None


def sums(flows: Table, scan: Scan, collect: Callable[[Table], pa.Table]) -> Sums:
    """Return the sums of a scan; `collect` evaluates an expression to an Arrow table.

    Raises:
        StudyError: The destination is in the coalition.
    """
    if scan.destination in scan.coalition:
        raise StudyError(f"scan: {scan.destination} is the destination and in the coalition too")
    partners = collect(flows.select("partner").distinct())["partner"].to_pylist()
    kept = _kept(flows, scan, partners)
    size = _.product.length()
    seen = collect(
        kept.group_by("source", "reporter", "flow", "period").agg(least=size.min(), most=size.max())
    )
    is_fine = any(most > SUBHEADING for most in seen["most"].to_pylist())
    rows = _at_six_digits(kept, scan, is_fine=is_fine)
    goods, unlisted = _goods(flows, rows, scan, collect, _across(seen, partners, scan))
    if goods is not None:
        rows = rows.filter(_.product.isin(goods))
    origins = collect(_by_origin(rows, scan))
    return Sums(
        bought=collect(_bought(rows, scan)),
        origins=origins,
        own=collect(_by_reporter(rows, scan)),
        supplied=collect(_supplied(rows, scan, _largest(origins, scan))),
        seen=seen,
        rows=rows,
        unlisted=unlisted,
    )


def _goods(
    flows: Table, rows: Table, scan: Scan, collect: Callable[[Table], pa.Table], across: int
) -> tuple[list[str] | None, int | None]:
    """Return the goods that there is room for and how many unlisted there are; None for all.

    Which codes the flows have at all costs little; which of them the scan looks at is a pass.
    """
    codes = collect(flows.select("product").distinct())["product"].to_pylist()
    if fits(len({code[:SUBHEADING] for code in codes}), scan, across, listed=LISTED, other=OTHER):
        return None, None
    names = collect(rows.select("product").distinct())["product"].to_pylist()
    return held(names, scan, across, listed=LISTED, other=OTHER), len({*names} - {*_names(scan)})


def _across(seen: pa.Table, partners: Sequence[str], scan: Scan) -> int:
    """Return how many pairs of third country and month a panel may have."""
    months = len(seen["period"].unique())
    if scan.thirds:
        return len(scan.thirds) * months
    places = {*partners, *seen["reporter"].unique().to_pylist()} & {*countries.table()}
    return len(places - {*scan.coalition, scan.destination}) * months


def _kept(flows: Table, scan: Scan, partners: Sequence[str]) -> Table:
    """Monthly imports and exports between countries, from the months of the scan.

    `partners` are all in the flows: each row is held against the aggregates among them alone.
    """
    kinds = countries.areas()
    aggregates = [one for one in partners if one in kinds and kinds[one]["kind"] != "special"]
    kept = flows.filter(
        _.freq == "M", _.flow.isin(["import", "export"]), _.product.length() >= SUBHEADING
    )
    if scan.first:
        kept = kept.filter(_.period >= month(scan.first))
    if scan.last:
        kept = kept.filter(_.period <= month(scan.last))
    kept = kept.filter(_.reporter != scan.destination)
    return kept.filter(_.partner.notin(aggregates)) if aggregates else kept


def _at_six_digits(kept: Table, scan: Scan, *, is_fine: bool) -> Table:
    """Rows under the name each code counts by; finer codes where a cell has no subheading."""
    if is_fine:
        kept = one_level(kept.mutate(code=_.product.substr(0, SUBHEADING)))
    code = kept.product.substr(0, SUBHEADING) if is_fine else kept.product
    return kept.mutate(product=_named(kept, scan, code))


def _named(rows: Table, scan: Scan, code: Any) -> Any:
    """The name a row counts under: the bridge's for codes that changed, else the code itself."""
    hs = hs_revision(rows.classification)
    changed = [(h, c, n) for h, c, n in scan.codes if c != n]
    if not changed:
        return code
    cases = [((code == c) & (hs == h), ibis.literal(n)) for h, c, n in changed]
    return ibis.cases(*cases, else_=code)


def _bought(rows: Table, scan: Scan) -> Table:
    """Exports by where they went: the coalition's, their mass, and everybody's."""
    is_ours = _.reporter.isin(scan.coalition)
    return (
        rows.filter(_.flow == "export", _.partner.notin(scan.coalition))
        .group_by(third=_.partner, product=_.product, period=_.period)
        .agg(
            usd=_.value_usd.sum(where=is_ours),
            priced=_.value_usd.sum(where=is_ours & (_.net_mass_kg > 0)),
            kg=_.net_mass_kg.sum(where=is_ours),
            everybody=_.value_usd.sum(),
        )
    )


def _by_origin(rows: Table, scan: Scan) -> Table:
    """The coalition's exports by reporter, before the scan's first month and from it on."""
    is_before = _.period < month(scan.since)
    return (
        rows.filter(
            _.flow == "export", _.reporter.isin(scan.coalition), _.partner.notin(scan.coalition)
        )
        .group_by(exporter=_.reporter, third=_.partner, product=_.product)
        .agg(before=_.value_usd.sum(where=is_before), after=_.value_usd.sum(where=~is_before))
    )


def _by_reporter(rows: Table, scan: Scan) -> Table:
    """What third countries recorded themselves."""
    is_export, is_out = _.flow == "export", _.partner == scan.destination
    is_coalition = _.partner.isin(scan.coalition)

    def usd(where: BooleanValue) -> Any:
        return _.value_usd.sum(where=where)

    return (
        rows.filter(_.reporter.notin(scan.coalition))
        .group_by(third=_.reporter, product=_.product, period=_.period)
        .agg(
            reported_imports=usd(~is_export & is_coalition),
            all_reported_imports=usd(~is_export),
            onward_exports=usd(is_export & is_out),
            onward_exports_priced=usd(is_export & is_out & (_.net_mass_kg > 0)),
            onward_exports_kg=_.net_mass_kg.sum(where=is_export & is_out),
            other_exports=usd(is_export & ~is_out),
            third_exports=usd(is_export & ~is_out & ~is_coalition),
        )
    )


def _largest(origins: pa.Table, scan: Scan) -> list[str]:
    """The coalition's largest exporters of listed goods: see `SUPPLIERS`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    listed = origins.filter(pc.is_in(origins["product"], pa.array(_names(scan))))
    totals = listed.group_by("exporter").aggregate([("before", "sum"), ("after", "sum")])
    whole = {
        row["exporter"]: (row["before_sum"] or 0) + (row["after_sum"] or 0)
        for row in totals.to_pylist()
    }
    return sorted(whole, key=lambda who: (-whole[who], who))[:SUPPLIERS]


def _names(scan: Scan) -> list[str]:
    return sorted({name for _hs, _code, name in scan.codes})


def _supplied(rows: Table, scan: Scan, suppliers: list[str]) -> Table:
    """Listed goods between suppliers and each third country, as either recorded them."""
    sent = (_.flow == "export") & _.reporter.isin(suppliers) & _.partner.notin(scan.coalition)
    came = (_.flow == "import") & _.partner.isin(suppliers) & _.reporter.notin(scan.coalition)
    return (
        rows.filter(_.product.isin(_names(scan)))
        .filter(sent | came)
        .mutate(is_sent=_.flow == "export")
        .mutate(
            supplier=ibis.ifelse(_.is_sent, _.reporter, _.partner),
            third=ibis.ifelse(_.is_sent, _.partner, _.reporter),
        )
        .group_by("supplier", "third", "product", "period")
        .agg(
            exports=_.value_usd.sum(where=_.is_sent),
            mass=_.net_mass_kg.sum(where=_.is_sent),
            imports=_.value_usd.sum(where=~_.is_sent),
        )
    )


def onward(rows: Table, scan: Scan, destinations: Sequence[str]) -> Table:
    """What third countries recorded as exports to each of some destinations."""
    return (
        rows.filter(
            _.flow == "export", _.partner.isin(destinations), _.reporter.notin(scan.coalition)
        )
        .group_by(destination=_.partner, third=_.reporter, product=_.product, period=_.period)
        .agg(
            onward_exports=_.value_usd.sum(),
            onward_exports_priced=_.value_usd.sum(where=_.net_mass_kg > 0),
            onward_exports_kg=_.net_mass_kg.sum(),
        )
    )
