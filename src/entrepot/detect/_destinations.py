"""Destinations: the panel of a scan with the way out to somewhere else.

Only what third countries recorded as their own exports depends on where goods may end. Everything
else of a panel is shared, so that the same look at other destinations costs little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._arrays import codes, dense, places, unique
from entrepot.detect._assemble import assemble, known_cells, published
from entrepot.detect._legs import ScanLegs
from entrepot.detect._routes import is_bound
from entrepot.detect._sums import onward, sums
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa
    from ibis.expr.types import Table
    from numpy.typing import NDArray

    from entrepot.detect._panel import Scan, ScanPanel, Spoken
    from entrepot.detect._sums import Sums

    Floats = NDArray[np.float64]

ROUNDING = 1e-9
"""Part of a total below which what is left of it after a subtraction is none."""


@dataclass(frozen=True)
class Destinations:
    """What the panels of other destinations are made from.

    `sizes` gives, by country outside the coalition, the USD of listed goods that others outside it
    recorded as exports to it; `direct` the coalition's own recorded exports of listed goods to each
    of those countries, in their order: (countries, listed products, months).
    """

    rows: Table
    spoken: Spoken
    collect: Callable[[Table], pa.Table]
    sizes: dict[str, float]
    direct: Floats

    def like(self, panel: ScanPanel, count: int) -> tuple[str, ...]:
        """Return so many other destinations that no controls bind, closest in size to the panel's.

        Size is the log of `sizes`; a country to which nothing was recorded has none, and where the
        panel's destination has none there is nothing to compare: none is returned. See
        `_routes.is_bound`. The same rows give the same countries, in the same order.
        """
        own = self.sizes.get(panel.scan.destination, 0.0)
        known = {name: size for name, size in self.sizes.items() if size > 0 < own}
        known.pop(panel.scan.destination, None)
        ranked = sorted(known, key=lambda name: (abs(np.log(known[name] / own)), name))
        found: list[str] = []
        for name in ranked:
            if len(found) == count:
                break
            straight = replace(panel, direct=self._straight(panel, name))
            if not is_bound(ScanLegs(straight, panel.since, panel.length)):
                found.append(name)
        return tuple(found)

    def panels(self, panel: ScanPanel, names: Iterable[str]) -> Iterator[ScanPanel]:
        """Return the panel with another destination, for each of some names.

        The same third countries, of which the new destination's own row is nan in what it exported;
        the coalition's exports to it are those of listed goods, nan for the others.
        """
        wanted = tuple(names)
        if not wanted:
            return
        went = self.collect(onward(self.rows, panel.scan, wanted))
        import pyarrow.compute as pc

        for name in wanted:
            mine = went.filter(pc.field("destination") == name)
            yield replace(
                panel,
                scan=replace(panel.scan, destination=name),
                data=panel.data | self._out(panel, name, mine),
                direct=self._straight(panel, name),
            )

    def _out(self, panel: ScanPanel, name: str, mine: pa.Table) -> dict[str, Floats]:
        axes = (places(panel.thirds), places(panel.products), places(panel.months))
        columns = ("onward_exports", "onward_exports_priced", "onward_exports_kg")
        made = dense(mine, columns, axes)
        known = known_cells(self.spoken, "export", (name,), axes)
        if name in axes[0]:
            known[axes[0][name]] = False
        usd = made["onward_exports"].copy()
        for one in made.values():
            one[~known] = np.nan
        for rest in ("other_exports", "third_exports"):
            total = panel["onward_exports"] + panel[rest]
            left = total - usd
            left[np.abs(left) < ROUNDING * total] = 0
            left[~known] = np.nan
            made[rest] = left
        return made

    def _straight(self, panel: ScanPanel, name: str) -> Floats:
        made = np.full((len(panel.products), len(panel.months)), np.nan)
        made[panel.is_listed] = self.direct[[*self.sizes].index(name)]
        return made


def panel_and_others(
    flows: Table,
    scan: Scan,
    collect: Callable[[Table], pa.Table],
    spoken: Spoken | None = None,
) -> tuple[ScanPanel, Destinations]:
    """Return the panel of a scan, and what those of other destinations are made from.

    See `_assemble.panel` for the parameters and errors.
    """
    found = sums(flows, scan, collect)
    said = spoken or published(found.seen)
    made = assemble(scan, found, said)
    sizes, direct = _elsewhere(found, made)
    return made, Destinations(found.rows, said, collect, sizes, direct)


def _elsewhere(found: Sums, panel: ScanPanel) -> tuple[dict[str, float], Floats]:
    """Return `sizes` and `direct` of every country outside the coalition."""
    names = sorted({*unique(found.bought, "third")} & {*countries.table()})
    listed = [name for name, is_one in zip(panel.products, panel.is_listed, strict=True) if is_one]
    axes = (places(names), places(listed), places(panel.months))
    direct = dense(found.bought, ("usd",), axes)["usd"]
    who, what = (
        codes(found.bought[name], axis)
        for name, axis in zip(("third", "product"), axes[:2], strict=True)
    )
    all_usd, ours = (
        np.nan_to_num(found.bought[name].to_numpy().astype(np.float64))
        for name in ("everybody", "usd")
    )
    theirs = np.where(all_usd - ours > ROUNDING * all_usd, all_usd - ours, 0)
    kept = (who >= 0) & (what >= 0)
    sizes = np.bincount(who[kept], theirs[kept], minlength=len(names))
    return {name: float(size) for name, size in zip(names, sizes, strict=True)}, direct
