"""Levels: goods that a slice gives twice, in two revisions or depths, and whether they agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot.errors import CoverageError
from entrepot.harmonise.products import CELL, SUBHEADING, hs_revision, revision_of
from entrepot.publish import words
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from ibis.expr.types import Table

    from entrepot.question.grid import Signature
    from entrepot.question.withheld import Evaluate
    from entrepot.store.known import Kind

SLACK = 0.005
"""Part by which two levels may differ by rounding before they disagree."""


def is_mixed(kinds: Sequence[Kind], signatures: Iterable[Signature], shortest: int) -> bool:
    """Whether any slice holds codes of several levels at or below the shortest code asked for."""
    for signature in signatures:
        depths = {depth for place in signature for depth in kinds[place].depths}
        if len([depth for depth in depths if depth >= shortest]) > 1:
            return True
    return False


def is_doubled(kinds: Sequence[Kind], signatures: Iterable[Signature]) -> bool:
    """Whether any slice is written in two revisions of the HS."""
    for signature in signatures:
        names = {name for place in signature for name in kinds[place].classifications}
        if len({revision_of(name) for name in names} - {None}) > 1:
            return True
    return False


def refuse_disagreement(rows: Table, evaluate: Evaluate, *, mixed: bool, doubled: bool) -> None:
    """Refuse rows of which two levels or two revisions speak for one cell and disagree.

    A subheading may be more than its national codes, of which some are secret, and never less.

    Args:
        rows: The stored rows of the goods, with the `code` that each counts under.
        evaluate: Returns the rows of an expression.
        mixed: Whether any slice holds several levels.
        doubled: Whether any slice is written in two revisions.

    Raises:
        CoverageError: They disagree; the line gives the figures of both.
    """
    # Of a code and a subheading one begins with the other: the longer one is the greater text.
    fine = rows.filter(_.product.length() >= SUBHEADING).mutate(
        stem=ibis.greatest(_.code, _.product.substr(0, SUBHEADING)),
        size=_.product.length(),
        hs=hs_revision(_.classification),
    )
    if mixed:
        _refuse_largest(_levels(fine), evaluate, "{} digits")
    if doubled:
        _refuse_largest(_revisions(fine), evaluate, "{}")


def _levels(fine: Table) -> Table:
    """Return the cells of which two levels disagree, with what each says."""
    # What stands in two revisions as well is one sum: whether these agree is asked by itself.
    each = fine.group_by(*CELL, "stem", "size", "hs").agg(usd=_.value_usd.sum())
    levels = _ends(each.group_by(*CELL, "stem", "size").agg(usd=_.usd.max()), "size")
    is_less = (_.a == SUBHEADING) & (_.most > _.first * (1 + SLACK))
    is_other = (_.a > SUBHEADING) & (_.most - _.least > SLACK * _.most)
    return levels.filter(is_less | is_other)


def _revisions(fine: Table) -> Table:
    """Return the cells of which two revisions disagree, with what each says."""
    told = fine.filter(_.hs.notnull())
    told = told.mutate(top=_.size.min().over(group_by=[*CELL, "stem", "hs"]))
    sums = told.filter(_.size == _.top).group_by(*CELL, "stem", "hs").agg(usd=_.value_usd.sum())
    return _ends(sums, "hs").filter(_.most - _.least > SLACK * _.most)


def _ends(sums: Table, by: str) -> Table:
    return sums.group_by(*CELL, "stem").agg(
        a=_[by].min(), first=_.usd.argmin(_[by]), b=_[by].max(), last=_.usd.argmax(_[by]),
        most=_.usd.max(), least=_.usd.min(),
    )  # fmt: skip


def _refuse_largest(odd: Table, evaluate: Evaluate, name: str) -> None:
    if found := evaluate(odd.order_by(_.most.desc()).limit(1)):
        (row,) = found
        raise _disagreement(row, name.format(row["a"]), name.format(row["b"]))


def _disagreement(row: Mapping[str, Any], one: str, other: str) -> CoverageError:
    who, partner = countries.name(row["reporter"]), countries.name(row["partner"])
    when = words.months(row["period"], row["period"])
    return CoverageError(
        f"{row['source']}: {words.possessive(who)} {row['flow']} of {row['stem']} with {partner} "
        f"in {when} stands twice, as {words.usd(row['first'])} in {one} and as "
        f"{words.usd(row['last'])} in {other}; adding them would count twice and neither is known "
        "to be right: take in one of them, as a table of its own"
    )


def one_revision(rows: Table) -> Table:
    """Keep one revision per cell and name.

    Of a subheading it is the newest: they are known to agree. Of a heading, or of all goods, each
    may hold other codes, which cannot be added up, for codes move between revisions: it is the one
    that holds most, and its sum is at least right.

    Args:
        rows: Rows with `hs` and `counted_as`.
    """
    named = rows.mutate(hs=ibis.coalesce(_.hs, ""))
    is_wide = _.counted_as.length() < SUBHEADING
    sums = named.group_by(*CELL, "counted_as", "hs").agg(usd=_.value_usd.sum())
    order = [ibis.ifelse(is_wide, _.usd.round(2), None).desc(), _.hs.desc()]
    place = ibis.row_number().over(group_by=[*CELL, "counted_as"], order_by=order)
    kept = sums.mutate(place=place).filter(_.place == 0).drop("usd", "place")
    return named.semi_join(kept, [*CELL, "counted_as", "hs"]).mutate(hs=_.hs.nullif(""))
