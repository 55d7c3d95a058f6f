"""ScanPanel: the months of a scan as arrays.

A detector asks for the same statistic at many placebo dates and over every pair of country and
product. A few passes of the engine over the rows give sums by third country, product and month;
everything after that is arithmetic on arrays that fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.findings import OriginShare

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Bools = NDArray[np.bool_]

SERIES = (
    *("coalition_exports", "coalition_exports_priced", "coalition_exports_kg", "all_exports"),
    *("reported_imports", "all_reported_imports"),
    *("onward_exports", "onward_exports_priced", "onward_exports_kg"),
    *("other_exports", "third_exports"),
)
"""What a panel holds for each third country, product and month, in USD or kg:

* coalition_exports     the coalition's recorded exports to it; `coalition_exports_kg` their net
                        mass, `coalition_exports_priced` the value of records that give a mass
* all_exports           everybody's recorded exports to it
* reported_imports      its own recorded imports from the coalition
* all_reported_imports  its own recorded imports from everybody
* onward_exports        its recorded exports to the destination; their mass, priced value too
* other_exports         its recorded exports to everybody else
* third_exports         those of them that go to other third countries
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
class Spoken:
    """Who speaks for what, where a store knows: see `entrepot.question`.

    `slices` gives, per flow and reporter, each published month and a number for what its vintages
    know; `speaks` says for such a number which of the partners and products that is, as an array
    of shape (partners, products). Without partners one row stands for all there are.
    """

    slices: dict[tuple[str, str], dict[str, int]]
    speaks: Callable[[int, tuple[str, ...], tuple[str, ...]], Bools]


@dataclass(frozen=True)
class ScanPanel:
    """Sums by third country, product and month.

    Arrays are (thirds, products, months); `direct`, the coalition's recorded exports to the
    destination itself, is (products, months) and not made up. A month that the
    country did not publish, or for which the store was never asked about the destination or the
    product, is nan in its own records; a month that part of the coalition did not
    publish is made up to the whole by the missing reporters' usual share of that cell, and nan
    where the published ones usually hold less than half. `by_supplier` holds the coalition's
    largest exporters one by one: exports, their mass, and the third countries' records of them,
    each (suppliers, thirds, listed products, months), nan where unpublished, nothing made up, and
    in single precision: they are the largest arrays of a scan. Where nobody of the coalition
    reports, `coalition` is empty and its series are nan. `unlisted` is how many goods that are not
    listed the flows hold; `products` has those of them that there is room for (`_room.held`).
    """

    scan: Scan
    thirds: tuple[str, ...]
    products: tuple[str, ...]
    months: tuple[str, ...]
    is_listed: Bools
    data: dict[str, Floats]
    direct: Floats
    coalition: tuple[str, ...]
    by_origin: Floats
    present: Bools
    suppliers: tuple[str, ...]
    by_supplier: tuple[Singles, Singles, Singles]
    unlisted: int

    @property
    def since(self) -> int:
        """The place of the first month of the scan."""
        return self.months.index(self.scan.since)

    @property
    def length(self) -> int:
        """How many months the scan's window has."""
        return len(self.months) - self.since

    @property
    def size(self) -> tuple[int, int, int, int]:
        """How many third countries, products and months, and the bytes of all arrays."""
        arrays = (*self.data.values(), self.direct, self.by_origin, self.present, *self.by_supplier)
        held = sum(one.nbytes for one in arrays)
        return len(self.thirds), len(self.products), len(self.months), held

    @property
    def whole(self) -> tuple[Floats, Floats, Floats]:
        """What the coalition sent since the scan's first month: least, likely and most, in USD.

        Least is what was published; likely takes each reporter's unpublished months to be like its
        published ones, most to be twice as much. Shape (thirds, products).
        """
        after = self.by_origin[..., 1]
        shown = self.present[:, self.since :].sum(axis=1)
        more = (self.length / np.maximum(shown, 1) - 1)[:, None, None] * after
        least, added = after.sum(axis=0), more.sum(axis=0)
        return least, least + added, least + 2 * added

    def origins(self, third: str, product: str) -> tuple[OriginShare, ...]:
        """Return what each coalition reporter with any recorded to a cell, the largest first."""
        j, k = self.thirds.index(third), self.products.index(product)
        pace = self.present[:, self.since :].sum(axis=1) / np.maximum(
            self.present[:, : self.since].sum(axis=1), 1
        )
        before, after = self.by_origin[:, j, k, 0] * pace, self.by_origin[:, j, k, 1]
        more = np.maximum(after - before, 0)
        rows = [
            OriginShare(
                origin=who,
                value_usd=float(now),
                before_usd=float(then),
                share=float(rise / more.sum()) if more.sum() > 0 else None,
            )
            for who, then, now, rise in zip(self.coalition, before, after, more, strict=True)
            if then or now
        ]
        return tuple(sorted(rows, key=lambda row: -row.value_usd))

    def __getitem__(self, name: str) -> Floats:
        """Return one of `SERIES`."""
        return self.data[name]
