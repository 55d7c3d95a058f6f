"""Sums: totals that a publisher leaves to the reader, over all partners and over all goods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot.harmonise.products import one_level
from entrepot.reference import countries
from entrepot.schema import FLOWS
from entrepot.store.known import TOTAL, WORLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table

SLICE = ("source", "freq", "period", "reporter", "flow")


def with_world(rows: Table, whole: Table) -> Table:
    """Add what a reporter traded with the world in a good, where it does not say so itself.

    The sum over all its partners that are not sums themselves; null masses stay null.

    Args:
        rows: Rows that a basket counts, of one level per partner, with `hs` and `counted_as`.
        whole: The slices that speak for every partner; no other is added up.
    """
    of = [*SLICE, "counted_as"]
    told = rows.filter(_.partner == WORLD).select(*of, given=_.product)
    parts = rows.filter(_.partner.notin(aggregates())).semi_join(whole, SLICE)
    is_told = parts.product.startswith(told.given) | told.given.startswith(parts.product)
    rest = parts.anti_join(told, [*of, is_told])
    keys = (*of, "hs", "classification", "product")
    return rows.union(_added(rest, keys, partner=WORLD).select(*rows.columns))


def with_total(rows: Table, whole: Table) -> Table:
    """Add the total of all goods with a partner, where a reporter does not give it itself.

    The sum of the highest codes of each branch: chapters, and headings without one, and so on.

    Args:
        rows: Flows of one freq.
        whole: The slices that speak for every good; no other is added up.
    """
    told = rows.filter(_.product == TOTAL)
    rest = rows.semi_join(whole, SLICE).anti_join(told, [*SLICE, "partner"])
    top = one_level(rest.mutate(code=ibis.literal(TOTAL)), below=2).drop("code")
    sums = _added(top, (*SLICE, "partner", "classification"), product=TOTAL)
    return told.union(sums.select(*FLOWS.names))


def aggregates() -> list[str]:
    """Return the codes of partners that sum others."""
    areas = countries.areas().items()
    return sorted(code for code, row in areas if row["kind"] in countries.AGGREGATES)


def _added(rows: Table, keys: Sequence[str], **constant: str) -> Table:
    sums = rows.group_by(*keys).agg(
        value_usd=_.value_usd.sum(),
        value_local=_.value_local.sum(),
        currency=_.currency.max(),
        valuation=_.valuation.max(),
        net_mass_kg=ibis.ifelse(_.net_mass_kg.count() == _.count(), _.net_mass_kg.sum(), None),
        vintage=_.vintage.max(),
        file=_.file.max(),
    )
    rest = {
        "status": ibis.literal("derived"),
        **{name: ibis.null(kind) for name, kind in (("quantity", "float64"),
           ("quantity_unit", "string"), ("mass_status", "string"))},
        **{name: ibis.literal(value) for name, value in constant.items()},
    }  # fmt: skip
    return sums.mutate(**rest)
