"""Assembling: the engine's sums as the arrays of a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._arrays import codes, dense, places, unique
from entrepot.detect._panel import ScanPanel, Spoken
from entrepot.detect._sums import sums
from entrepot.errors import CoverageError
from entrepot.months import months_between

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from ibis.expr.types import Table
    from numpy.typing import NDArray

    from entrepot.detect._panel import Scan
    from entrepot.detect._sums import Sums

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Bools = NDArray[np.bool_]
    from entrepot.detect._arrays import Axes


def panel(
    flows: Table,
    scan: Scan,
    collect: Callable[[Table], pa.Table],
    spoken: Spoken | None = None,
) -> ScanPanel:
    """Return the panel of a scan.

    Args:
        flows: Monthly flows, one source per reporter.
        scan: The question.
        collect: What evaluates an expression to an Arrow table.
        spoken: Who speaks for what; None takes every reporter with a row in a month to have
            published all of it.

    Raises:
        CoverageError: No month before or after `since`, or neither does anybody of the coalition
            report exports nor a third country any to the destination.
        StudyError: The destination is in the coalition.
    """
    return assemble(scan, sums(flows, scan, collect), spoken)


def published(seen: pa.Table) -> Spoken:
    """Take every reporter with a row in a month to have published all of it."""
    slices: dict[tuple[str, str], dict[str, int]] = {}
    columns = (seen[name].to_pylist() for name in ("flow", "reporter", "period"))
    for flow, who, day in zip(*columns, strict=True):
        slices.setdefault((flow, who), {})[f"{day:%Y-%m}"] = 0
    return Spoken(
        slices, lambda _one, who, what: np.ones((max(len(who), 1), len(what)), dtype=bool)
    )


def assemble(scan: Scan, sums: Sums, spoken: Spoken | None) -> ScanPanel:
    """Return the panel of a scan from its sums: see `panel`."""
    spoken = spoken or published(sums.seen)
    months = _months(scan, spoken)
    coalition = tuple(sorted(unique(sums.origins, "exporter")))
    if not coalition and not np.nansum(sums.own["onward_exports"].to_numpy().astype(np.float64)):
        raise CoverageError(
            "scan: nobody of the coalition has an export in the flows, and no third country one "
            f"to {scan.destination}"
        )
    thirds = scan.thirds or tuple(
        sorted({*unique(sums.own, "third"), *unique(sums.bought, "third")} - {scan.destination})
    )
    products = tuple(sorted({*unique(sums.own, "product"), *unique(sums.bought, "product")}))
    listed = np.isin(products, sorted({name for _hs, _code, name in scan.codes}))
    if not listed.any():
        raise CoverageError("scan: the flows hold none of the listed products")
    axes = (places(thirds), places(products), places(months))
    data = _own(sums, axes, scan, spoken)
    present = _present(spoken, "export", coalition, axes[2])
    since = months.index(scan.since)
    by_origin = _origins(sums.origins, coalition, axes)
    share = _share(by_origin, present, since, _spoken_for(spoken, coalition, axes))
    sent = dense(sums.bought, ("usd", "priced", "kg", "everybody"), axes)
    data["coalition_exports"] = sent["usd"] / share
    data["coalition_exports_priced"], data["coalition_exports_kg"] = (
        sent["priced"] / share,
        sent["kg"] / share,
    )
    data["all_exports"] = data["coalition_exports"] + sent["everybody"] - sent["usd"]
    direct = dense(sums.bought, ("usd",), ({scan.destination: 0}, axes[1], axes[2]))["usd"][0]
    if not coalition:
        direct[:] = np.nan
    suppliers = tuple(sorted(unique(sums.supplied, "supplier")))
    by_supplier = _by_supplier(sums.supplied, suppliers, axes, listed)
    _blank(by_supplier, [coalition.index(one) for one in suppliers], present, data, listed)
    return ScanPanel(
        scan, tuple(thirds), products, months, listed, data, direct, coalition, by_origin, present,
        suppliers, by_supplier,
        int((~listed).sum()) if sums.unlisted is None else sums.unlisted,
    )  # fmt: skip


def _own(sums: Sums, axes: Axes, scan: Scan, spoken: Spoken) -> dict[str, Floats]:
    """Third countries' own records, nan in months they did not publish or nobody asked for."""
    to = (scan.destination,)
    series = {
        **dict.fromkeys(
            ("onward_exports", "onward_exports_priced", "onward_exports_kg"), ("export", to)
        ),
        **dict.fromkeys(("other_exports", "third_exports"), ("export", ())),
        "reported_imports": ("import", scan.coalition),
        "all_reported_imports": ("import", ()),
    }
    data = dense(sums.own, tuple(series), axes)
    known = {side: known_cells(spoken, *side, axes) for side in {*series.values()}}
    for name, side in series.items():
        data[name][~known[side]] = np.nan
    return data


def known_cells(spoken: Spoken, flow: str, partners: tuple[str, ...], axes: Axes) -> Bools:
    """Return where third countries' own records with these partners are known."""
    thirds, products, months = (tuple(axis) for axis in axes)
    made: Bools = np.zeros((len(thirds), len(products), len(months)), dtype=bool)
    whole: dict[int, Bools] = {}
    for j, third in enumerate(thirds):
        for text, one in spoken.slices.get((flow, third), {}).items():
            if text in axes[2]:
                if one not in whole:
                    whole[one] = np.asarray(spoken.speaks(one, partners, products).all(axis=0))
                made[j, :, axes[2][text]] = whole[one]
    return made


def _spoken_for(
    spoken: Spoken, coalition: Sequence[str], axes: Axes
) -> list[list[tuple[Bools, NDArray[np.int64]]]] | None:
    """Return, per coalition reporter, which cells its months speak for: (cells, months) by kind.

    None where every published month speaks for every cell.
    """
    thirds, products = tuple(axes[0]), tuple(axes[1])
    found: dict[int, Bools] = {}
    each: list[list[tuple[Bools, NDArray[np.int64]]]] = []
    for who in coalition:
        kinds: dict[int, list[int]] = {}
        for text, one in spoken.slices.get(("export", who), {}).items():
            if text in axes[2]:
                kinds.setdefault(one, []).append(axes[2][text])
        for one in kinds:
            if one not in found:
                found[one] = spoken.speaks(one, thirds, products)
        each.append([(found[one], np.array(at)) for one, at in kinds.items()])
    return None if all(cells.all() for cells in found.values()) else each


def _months(scan: Scan, spoken: Spoken) -> tuple[str, ...]:
    texts = {text for days in spoken.slices.values() for text in days}
    texts = {text for text in texts if (scan.first or "") <= text <= (scan.last or "9999-12")}
    days = sorted(texts)
    if not days or not (days[0] < scan.since <= days[-1]):
        held = f"{days[0]} to {days[-1]}" if days else "no month"
        raise CoverageError(
            f"scan: the flows hold {held}; expected months before and after {scan.since}; ingest "
            "earlier or later months, or change --since"
        )
    return tuple(f"{day:%Y-%m}" for day in months_between(days[0], days[-1]))


def _by_supplier(
    supplied: pa.Table, suppliers: Sequence[str], axes: Axes, listed: Bools
) -> tuple[Singles, Singles, Singles]:
    """Return exports, mass and recorded imports by supplier, third country, listed product, month.

    0 where there is no row.
    """
    products = [name for name, is_one in zip(axes[1], listed, strict=True) if is_one]
    of = (places(suppliers), axes[0], places(products), axes[2])
    names = ("supplier", "third", "product", "period")
    at = [codes(supplied[name], axis) for name, axis in zip(names, of, strict=True)]
    inside = np.logical_and.reduce([place >= 0 for place in at])
    where = tuple(place[inside] for place in at)
    made: list[Singles] = []
    for column in ("exports", "mass", "imports"):
        cells: Singles = np.zeros(tuple(len(axis) for axis in of), dtype=np.float32)
        cells[where] = np.nan_to_num(supplied[column].to_numpy().astype(np.float32))[inside]
        made.append(cells)
    return made[0], made[1], made[2]


def _blank(
    by_supplier: tuple[Singles, Singles, Singles],
    places: list[int],
    present: Bools,
    data: dict[str, Floats],
    listed: Bools,
) -> None:
    """Put nan where a supplier, or a third country, published nothing."""
    silent = ~present[places]
    for one in by_supplier[:2]:
        one[np.broadcast_to(silent[:, None, None, :], one.shape)] = np.nan
    unknown = np.isnan(data["reported_imports"][:, listed])
    by_supplier[2][:, unknown] = np.nan


def _present(spoken: Spoken, flow: str, reporters: Sequence[str], months: dict[str, int]) -> Bools:
    """Return which months each reporter published anything of, whoever the partner."""
    made: Bools = np.zeros((len(reporters), len(months)), dtype=bool)
    for at, who in enumerate(reporters):
        for text in spoken.slices.get((flow, who), {}):
            if text in months:
                made[at, months[text]] = True
    return made


def _origins(origins: pa.Table, coalition: Sequence[str], axes: Axes) -> Floats:
    """Return what each reporter recorded by country and product, before the scan and since.

    Shape (coalition, thirds, products, 2), USD.
    """
    shape = (len(coalition), len(axes[0]), len(axes[1]))
    at: list[NDArray[np.int64]] = [
        codes(origins[name], axis)
        for name, axis in zip(
            ("exporter", "third", "product"), (places(coalition), axes[0], axes[1]), strict=True
        )
    ]
    inside = np.logical_and.reduce([place >= 0 for place in at])
    where = tuple(place[inside] for place in at)
    made: Floats = np.zeros((*shape, 2))
    for last, name in enumerate(("before", "after")):
        values = np.nan_to_num(origins[name].to_numpy().astype(np.float64))[inside]
        made[..., last][where] = values
    return made


def _share(
    by_origin: Floats,
    present: Bools,
    since: int,
    spoken: list[list[tuple[Bools, NDArray[np.int64]]]] | None,
) -> Floats:
    """Return the part of each cell and month that the published reporters usually hold.

    One where all published; nan below a half, where too little is known of the rest. A reporter's
    usual month is one from before the scan; from the scan only where it published none before.
    """
    if not len(present):
        return np.full((1, 1, 1), np.nan)
    if present.all() and spoken is None:
        return np.ones((1, 1, 1))
    before, after = present[:, :since].sum(axis=1), present[:, since:].sum(axis=1)
    is_old = before > 0
    held, months = np.where(is_old, 0, 1), np.where(is_old, before, np.maximum(after, 1))
    usual = by_origin[np.arange(len(present)), :, :, held] / months[:, None, None]
    whole = usual.sum(axis=0)
    if spoken is None:
        there = np.einsum("ojk,ot->jkt", usual, present.astype(float))
        part = np.broadcast_to(present.mean(axis=0), there.shape)
    else:
        there, part = (np.zeros((*whole.shape, present.shape[1])) for _ in range(2))
        for one, kinds in zip(usual, spoken, strict=True):
            for cells, at in kinds:
                there[:, :, at] += (one * cells)[:, :, None]
                part[:, :, at] += cells[:, :, None] / len(present)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole[:, :, None] > 0, there / whole[:, :, None], part)
    # By hand: below a half, more of the month would be made up than was recorded.
    share[share < 0.5] = np.nan
    return np.asarray(share)
