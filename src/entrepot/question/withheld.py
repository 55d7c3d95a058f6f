"""Withheld: values that stand in a broader code, are confidential, or lie below zero."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from entrepot.harmonise.products import CELL
from entrepot.question import gaps
from entrepot.question.sums import SLICE, aggregates
from entrepot.store.known import WORLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ibis.expr.types import BooleanValue, Table

    from entrepot.question.gaps import Gap
    from entrepot.reads import Reads
    from entrepot.store.known import Kind

    Evaluate = Callable[[Table], list[dict[str, Any]]]

CONFIDENTIAL, CORRECTION = "confidential", "correction"


def with_broader(gap: Gap, rows: Table, reads: Sequence[Reads], evaluate: Evaluate) -> Gap:
    """Return the gap of goods that are held in a broader code only, with what that code holds.

    Args:
        gap: What is missing.
        rows: Every stored row that the reads may look at.
        reads: What the run rests on; the windows measured count, and no base.
        evaluate: Returns the rows of an expression.
    """
    stems = {code[:size] for code in gap.what for size in (2, 4) if size < len(code)}
    now = [replace(read, base=(), later=()) for read in reads]
    held = rows.filter(
        _.product.isin(sorted(stems)), ibis.or_(*map(_is_read, now)), _.status != CORRECTION
    )
    found = evaluate(held.group_by("product").agg(usd=_.value_usd.sum()))
    return gaps.broader(gap, {row["product"]: row["usd"] for row in found})


def is_any(kinds: Iterable[Kind]) -> bool:
    """Whether any kind of slice has confidential cells or values below zero."""
    return any(kind.has_secrets or kind.has_corrections for kind in kinds)


def with_summed(rows: Table, reads: Sequence[Reads], adding: Table) -> Table:
    """Return rows that reads count, and those of partners that are added up to the world.

    Args:
        rows: Every stored row that the reads may look at.
        reads: What the run rests on.
        adding: The slices whose world is the sum of their partners.
    """
    world = [replace(read, partners=()) for read in reads if WORLD in read.partners]
    told = rows.filter(ibis.or_(*map(_is_read, reads)))
    if not world:
        return told
    parts = rows.filter(ibis.or_(*map(_is_read, world)), _.partner.notin(aggregates()))
    return told.union(parts.semi_join(adding, SLICE), distinct=True)


def counted(rows: Table, evaluate: Evaluate) -> list[Gap]:
    """Count the cells whose value is confidential, or below zero and in no sum."""
    wanted = rows.filter(_.status.isin([CONFIDENTIAL, CORRECTION]))
    sums = wanted.group_by("status").agg(
        cells=_.count(), usd=_.value_usd.sum(), who=_.reporter.collect(distinct=True)
    )
    return [
        gaps.cells(row["status"], row["cells"], row["usd"], sorted(row["who"]))
        for row in evaluate(sums.order_by("status"))
    ]


def stems(kinds: Iterable[Kind], codes: Iterable[str]) -> frozenset[str]:
    """Return the headings and chapters of codes that stand alone for some partners."""
    torn = frozenset[str]().union(*(kind.torn for kind in kinds))
    return torn & {code[:size] for code in codes for size in (2, 4) if size < len(code)}


def torn(rows: Table, found: Iterable[str], evaluate: Evaluate) -> list[Gap]:
    """Count the cells that hold a heading or chapter without anything finer.

    Args:
        rows: Every stored row that a run counts.
        found: The headings and chapters to look at.
        evaluate: Returns the rows of an expression.
    """
    seen = rows.filter(_.status != CORRECTION)
    told: list[Gap] = []
    for size in (2, 4):
        names = sorted(code for code in found if len(code) == size)
        if not names:
            continue
        finer = seen.filter(_.product.length() > size)
        finer = finer.select(*CELL, product=_.product.substr(0, size))
        alone = seen.filter(_.product.isin(names)).anti_join(finer, [*CELL, "product"])
        sums = alone.group_by("product").agg(cells=_.count(), usd=_.value_usd.sum())
        told += [
            gaps.alone(row["product"], row["cells"], row["usd"])
            for row in evaluate(sums.filter(_.usd > 0).order_by("product"))
        ]
    return told


def _is_read(read: Reads) -> BooleanValue:
    """Say of a row whether a read counts it."""
    is_in = (_.flow == read.flow) & _.period.isin(list(read.periods))
    for side, names in (("reporter", read.reporters), ("partner", read.partners)):
        if names:
            is_in &= _[side].isin(list(names))
    return is_in
