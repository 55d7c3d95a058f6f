"""A scan's cells of random stores, against the monthly series of the same cells."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from entrepot import terms
from entrepot.detect._assemble import panel
from entrepot.detect._panel import Scan
from entrepot.errors import CoverageError
from entrepot.harmonise.products import is_subheading, links
from entrepot.scan.run import reads, spoken
from entrepot.workspace import Workspace
from question import stores

PREFERRED = ("own", "other")


def series(work, third, destination, code, months):
    """Return what a third country recorded to the destination, month by month; None: not known."""
    try:
        found = work.measure(
            "monthly_series", sources=PREFERRED, reporters=third, partners=destination, goods=code,
            first=months[0], last=months[-1],
        )  # fmt: skip
    except CoverageError:
        return dict.fromkeys(months)
    return {f"{row['period']:%Y-%m}": row["series_usd"] for row in found.rows}


@pytest.mark.parametrize("seed", [3, 302])
def test_a_cell_is_what_the_series_says_and_unknown_where_it_is_not_known(seed, tmp_path):
    store = stores.make(seed)
    stores.fill(Workspace(tmp_path / "store"), store, Path(tmp_path))
    work = Workspace(tmp_path / "store")
    codes = ",".join(code for code in stores.CODES if is_subheading(code))
    goods = terms.goods(codes)
    scan = Scan("RUS", "2022-01", ("DEU", "FRA"), tuple(links(goods, "as-listed")))
    selection = work.selection(reads(scan, work.held), sources=PREFERRED)
    try:
        seen = panel(selection.held.subheadings, scan, work.arrow, spoken(selection, scan))
    except CoverageError as error:
        assert "twice" in str(error) or "stands" in str(error) or "coalition" in str(error)  # noqa: PT017
        return
    compared = 0
    for third in seen.thirds:
        for code in [good for good in goods.codes if good in seen.products]:
            expected = series(work, third, "RUS", code, seen.months)
            j, k = seen.thirds.index(third), seen.products.index(code)
            for t, month in enumerate(seen.months):
                cell = seen["onward_exports"][j, k, t]
                if expected[month] is None:
                    assert math.isnan(cell), (third, code, month)
                elif not math.isnan(cell):
                    assert cell == pytest.approx(expected[month]), (third, code, month)
                    compared += 1
    assert compared
