"""Panel: the months of a scan as arrays, from two aggregates over all rows.

A detector asks for the same statistic at many placebo dates and over every pair of country and
product. Two passes of the engine over the rows give sums by third country, product and month;
everything after that is arithmetic on arrays that fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow.compute as pc
from ibis import _

from entrepot.errors import CoverageError, StudyError
from entrepot.harmonise.products import hs_revision
from entrepot.measures._same_months import month, months_between
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa
    from ibis.expr.types import BooleanValue, Table
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

SERIES = ("sent", "sent_kg", "sent_all", "arrived", "arrived_all", "out", "out_kg", "out_other")
"""What a panel holds for each third country, product and month, in USD or kg:

* sent         the coalition's recorded exports to the country; `sent_kg` their net mass
* sent_all     everybody's recorded exports to it
* arrived      its own recorded imports from the coalition
* arrived_all  its own recorded imports from everybody
* out          its recorded exports to the destination; `out_kg` their net mass
* out_other    its recorded exports to everybody else
"""


@dataclass(frozen=True, slots=True)
class Scan:
    """What to look for: goods that reach a destination through third countries since a month.

    `coalition` are the countries whose goods are controlled; every other country with records in
    the flows is a third country, unless `thirds` names some. `codes` are the listed goods as (HS
    revision, code, name it counts under), see `harmonise.products.links`; all other codes in the
    flows serve as controls. `first` is where the history begins; None takes all there is.
    """

    destination: str
    since: str
    coalition: tuple[str, ...]
    codes: tuple[tuple[str, str, str], ...]
    thirds: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True)
class Panel:
    """Sums by third country, product and month.

    Arrays are (thirds, products, months); `direct` is (products, months). A month that the
    country did not publish is nan in its own records; a month that part of the coalition did not
    publish is made up to the whole by the missing reporters' usual share of that cell, and nan
    where the published ones usually hold less than half.
    """

    scan: Scan
    thirds: tuple[str, ...]
    products: tuple[str, ...]
    months: tuple[str, ...]
    is_listed: Bools
    data: dict[str, Floats]
    direct: Floats
    coalition: tuple[str, ...] = ()
    by_origin: Floats = field(default_factory=lambda: np.zeros((0, 0, 0, 2)))

    @property
    def since(self) -> int:
        """The place of the first month of the scan."""
        return self.months.index(self.scan.since)

    @property
    def length(self) -> int:
        """How many months the scan's window has."""
        return len(self.months) - self.since

    def origins(self, third: str, product: str) -> list[dict[str, Any]]:
        """Return what each coalition reporter recorded to a cell: one row per reporter with any.

        `value_usd` since the start of the scan, `before_usd` in as many months at its earlier pace,
        `share` of all reporters' increase where it is one; null where none increased.
        """
        j, k = self.thirds.index(third), self.products.index(product)
        before, after = self.by_origin[:, j, k, 0], self.by_origin[:, j, k, 1]
        more = np.maximum(after - before, 0)
        rows = [
            {
                "origin": who,
                "value_usd": float(now),
                "before_usd": float(then),
                "share": float(rise / more.sum()) if more.sum() > 0 else None,
            }
            for who, then, now, rise in zip(self.coalition, before, after, more, strict=True)
            if then or now
        ]
        return sorted(rows, key=lambda row: -row["value_usd"])

    def __getitem__(self, name: str) -> Floats:
        """Return one of `SERIES`."""
        return self.data[name]


def panel(flows: Table, scan: Scan, collect: Callable[[Table], pa.Table]) -> Panel:
    """Return the panel of a scan.

    Args:
        flows: Monthly flows, one source per reporter.
        scan: The question.
        collect: What evaluates an expression to an Arrow table.

    Raises:
        CoverageError: No month before or after `since`, or nobody of the coalition reports.
        StudyError: The destination is in the coalition.
    """
    if scan.destination in scan.coalition:
        raise StudyError(f"scan: {scan.destination} is the destination and in the coalition too")
    rows = _rows(flows, scan)
    bought = collect(_by_partner(rows, scan))
    own = collect(_by_reporter(rows, scan))
    seen = collect(rows.select("reporter", "flow", "period").distinct())
    return _assemble(scan, bought, own, seen)


def _rows(flows: Table, scan: Scan) -> Table:
    """Monthly imports and exports of countries, under the name each code counts by.

    A reporter that publishes subheadings is read at six digits; one that publishes only finer
    codes has them added up.
    """
    aggregates = [code for code, row in countries.areas().items() if row["kind"] != "special"]
    kept = flows.filter(_.freq == "M", _.flow.isin(["import", "export"]), _.product.length() >= 6)
    if scan.first:
        kept = kept.filter(_.period >= month(scan.first))
    if scan.last:
        kept = kept.filter(_.period <= month(scan.last))
    kept = kept.filter(_.partner.notin(aggregates), _.reporter != scan.destination)
    coarse = kept.filter(_.product.length() == 6).select("source", "reporter").distinct()
    has_six = coarse.mutate(has_six=True)
    kept = kept.left_join(has_six, ["source", "reporter"]).drop("source_right", "reporter_right")
    kept = kept.filter(_.has_six.isnull() | (_.product.length() == 6))
    return kept.mutate(product=_named(kept, scan))


def _named(rows: Table, scan: Scan) -> Any:
    """The name a row counts under: the bridge's for codes that changed, else the code itself."""
    code, hs = rows.product.substr(0, 6), hs_revision(rows.classification)
    changed = [(h, c, n) for h, c, n in scan.codes if c != n]
    if not changed:
        return code
    cases = [((code == c) & (hs == h), ibis.literal(n)) for h, c, n in changed]
    return ibis.cases(*cases, else_=code)


def _by_partner(rows: Table, scan: Scan) -> Table:
    """Exports by where they went, and by whom of the coalition."""
    is_ours = _.reporter.isin(scan.coalition)
    return (
        rows.filter(_.flow == "export", _.partner.notin(scan.coalition))
        .mutate(exporter=ibis.ifelse(is_ours, _.reporter, ibis.literal("")))
        .group_by("exporter", third=_.partner, product=_.product, period=_.period)
        .agg(usd=_.value_usd.sum(), kg=_.net_mass_kg.sum())
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
            arrived=usd(~is_export & is_coalition),
            arrived_all=usd(~is_export),
            out=usd(is_export & is_out),
            out_kg=_.net_mass_kg.sum(where=is_export & is_out),
            out_other=usd(is_export & ~is_out),
        )
    )


def _assemble(scan: Scan, bought: pa.Table, own: pa.Table, seen: pa.Table) -> Panel:
    months = _months(scan, seen)
    thirds = scan.thirds or tuple(
        sorted({*_unique(own, "third"), *_unique(bought, "third")} - {scan.destination})
    )
    products = tuple(sorted({*_unique(own, "product"), *_unique(bought, "product")}))
    axes = (_places(thirds), _places(products), _places(months))
    published = _published(seen, thirds, axes[2])
    data = {name: _dense(own, name, axes) for name in ("arrived", "arrived_all", "out", "out_kg",
            "out_other")}  # fmt: skip
    for name, flow in (("arrived", "import"), ("arrived_all", "import"), ("out", "export"),
                       ("out_kg", "export"), ("out_other", "export")):  # fmt: skip
        data[name][~published[flow][:, None, :].repeat(len(products), axis=1)] = np.nan
    coalition = tuple(sorted({*_unique(bought, "exporter")} - {""}))
    if not coalition:
        raise CoverageError("scan: nobody of the coalition has an export in the flows")
    present = _present(_only(seen, "export"), coalition, axes[2])
    since = months.index(scan.since)
    data["sent"], data["sent_kg"], by_origin = _sent(bought, coalition, present, axes, since)
    data["sent_all"] = data["sent"] + _dense(bought, "usd", axes, exporter="")
    here = (_places((scan.destination,)), axes[1], axes[2])
    direct, _kg, _origins = _sent(bought, coalition, present, here, since)
    listed = np.isin(products, sorted({name for _hs, _code, name in scan.codes}))
    if not listed.any():
        raise CoverageError("scan: the flows hold none of the listed products")
    return Panel(
        scan, tuple(thirds), products, months, listed, data, direct[0], coalition, by_origin
    )


def _months(scan: Scan, seen: pa.Table) -> tuple[str, ...]:
    days = sorted(seen["period"].unique().to_pylist())
    if not days or not (days[0] < month(scan.since) <= days[-1]):
        held = f"{days[0]:%Y-%m} to {days[-1]:%Y-%m}" if days else "no month"
        raise CoverageError(
            f"scan: the flows hold {held}; expected months before and after {scan.since}; ingest "
            "earlier or later months, or change --since"
        )
    return tuple(f"{day:%Y-%m}" for day in months_between(f"{days[0]:%Y-%m}", f"{days[-1]:%Y-%m}"))


def _unique(table: pa.Table, name: str) -> list[str]:
    return [str(item) for item in table[name].unique().to_pylist()]


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _index(table: pa.Table, axes: tuple[dict[str, int], ...]) -> tuple[NDArray[np.int64], ...]:
    """Return each row's place on the axes of third, product and month; -1 off an axis."""
    found = []
    for name, places in zip(("third", "product", "period"), axes, strict=True):
        codes = table[name].combine_chunks().dictionary_encode()
        words = [
            places.get(f"{word:%Y-%m}" if name == "period" else str(word), -1)
            for word in codes.dictionary.to_pylist()
        ]
        lookup = np.array(words or [-1], dtype=np.int64)
        found.append(lookup[codes.indices.to_numpy(zero_copy_only=False)])
    return tuple(found)


def _dense(
    table: pa.Table, column: str, axes: tuple[dict[str, int], ...], exporter: str | None = None
) -> Floats:
    if exporter is not None:
        table = table.filter(pc.field("exporter") == exporter)
    shape = tuple(len(axis) for axis in axes)
    made: Floats = np.zeros(shape)
    places = _index(table, axes)
    inside = np.logical_and.reduce([place >= 0 for place in places])
    values = np.nan_to_num(table[column].to_numpy().astype(np.float64))
    np.add.at(made, tuple(place[inside] for place in places), values[inside])
    return made


def _published(seen: pa.Table, thirds: Sequence[str], months: dict[str, int]) -> dict[str, Bools]:
    return {flow: _present(_only(seen, flow), thirds, months) for flow in ("import", "export")}


def _only(seen: pa.Table, flow: str) -> pa.Table:
    return seen.filter(pc.field("flow") == flow)


def _present(seen: pa.Table, reporters: Sequence[str], months: dict[str, int]) -> Bools:
    rank = _places(reporters)
    made: Bools = np.zeros((len(reporters), len(months)), dtype=bool)
    for who, day in zip(seen["reporter"].to_pylist(), seen["period"].to_pylist(), strict=True):
        if who in rank:
            made[rank[who], months[f"{day:%Y-%m}"]] = True
    return made


def _sent(
    bought: pa.Table,
    coalition: Sequence[str],
    present: Bools,
    axes: tuple[dict[str, int], ...],
    since: int,
) -> tuple[Floats, Floats, Floats]:
    """Sum the coalition's exports, made up for reporters that did not publish a month.

    Also gives the two numbers per reporter, country and product that `Panel.origins` reads.
    """
    usual: Floats = np.zeros((len(coalition), len(axes[0]), len(axes[1])))
    value: Floats = np.zeros(tuple(len(axis) for axis in axes))
    mass = np.zeros_like(value)
    by_origin: Floats = np.zeros((*usual.shape, 2))
    for place, rows in enumerate(_split(bought, coalition)):
        own = _dense(rows, "usd", axes)
        value += own
        mass += _dense(rows, "kg", axes)
        usual[place] = own[:, :, :since].sum(axis=2) / max(present[place, :since].sum(), 1)
        by_origin[place, :, :, 0] = usual[place] * present[place, since:].sum()
        by_origin[place, :, :, 1] = own[:, :, since:].sum(axis=2)
    if present.all():
        return value, mass, by_origin
    whole = usual.sum(axis=0)
    there = np.einsum("ojk,ot->jkt", usual, present.astype(float))
    overall = present.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole[:, :, None] > 0, there / whole[:, :, None], overall)
        share[share < 0.5] = np.nan
        return value / share, mass / share, by_origin


def _split(bought: pa.Table, coalition: Sequence[str]) -> Iterator[pa.Table]:
    """Give the rows of each reporter of the coalition."""
    for exporter in coalition:
        yield bought.filter(pc.field("exporter") == exporter)
