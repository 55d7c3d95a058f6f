"""Concordance: rows of one HS revision in the codes of another, with nothing lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
from ibis import _

from entrepot.errors import CoverageError
from entrepot.harmonise import _links
from entrepot.harmonise._switch import switched as switched
from entrepot.harmonise._workbook import read_workbook
from entrepot.harmonise.products import hs_revision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import StringColumn, Table


@dataclass(frozen=True, slots=True, eq=False)
class Concordance:
    """The links from the codes of one HS revision to those of another, with weights.

    `links` is an Arrow table, one row per source and target:

    * kind      "1:1", "1:n", "n:1" or "n:n", counted on the links themselves. Left of the colon:
                whether other sources lead to the target; right: whether the source leads elsewhere.
    * weight    which part of the source becomes the target; those of a source sum to 1.
    * converts  whether UNSD's conversion sheet, which gives each later code one earlier code, has
                the pair.
    * trust     for a code of a goods list and its predecessor, the list's class; else empty.

    The weights that `read` gives are the *recommended* ones: all to what the goods lists name;
    else all, in equal parts, to the pairs of the conversion sheet; else to all links equally. They
    are a convention, and the bounds of `convert` say how much hangs on it.
    """

    from_revision: str
    to_revision: str
    links: pa.Table

    @property
    def name(self) -> str:
        """The two revisions, as HS2022-HS2017."""
        return f"{self.from_revision}-{self.to_revision}"

    def reverse(self) -> Concordance:
        """Return the same links the other way, with recommended weights."""
        return Concordance(
            self.to_revision, self.from_revision, self._linked(flip=True, equal=False)
        )

    def equal(self) -> Concordance:
        """Return the same links with equal weights, whatever any list or sheet recommends.

        A convention to compare with, not to publish: it sends most of chapter 85 of HS2017 to
        electronic waste, because each of its codes has a link there.
        """
        return replace(self, links=self._linked(flip=False, equal=True))

    def weighted(self, weights: pa.Table) -> Concordance:
        """Return the same links with the weights of a table; codes it leaves out keep theirs.

        Args:
            weights: Columns source, target and weight: one row per link. Links of a code in the
                table that the table leaves out weigh 0.

        Raises:
            UnknownCodeError: The table has a pair that is no link.
            CoverageError: A weight is null, negative or stated twice, or those of a code do not
                sum to 1.
        """
        return replace(self, links=_links.replaced(self.links, weights, self.name))

    def then(self, other: Concordance) -> Concordance:
        """Return both steps as one, with the products of the weights.

        One step from HS2022 to HS2012 has narrower bounds than two conversions, which would count
        a code that splits and merges again several times. A code with a path into a code that the
        second step does not know (HS2012 300210 into 300219, which UNSD's HS2022 tables forget)
        gets no link, so `convert` leaves its rows as published.

        Raises:
            CoverageError: The second step does not begin where the first ends.
        """
        if self.to_revision != other.from_revision:
            raise CoverageError(
                f"concordance: {self.name} and {other.name} do not meet; give a second step from "
                f"{self.to_revision}"
            )
        return Concordance(
            self.from_revision, other.to_revision, _links.joined(self.links, other.links)
        )

    def _linked(self, *, flip: bool, equal: bool) -> pa.Table:
        given = self.links.select(_links.PAIRS.names)
        if flip:
            given = given.rename_columns(["target", "source", "converts", "trust"])
        # Revisions are named by year, so text order is time order.
        forward = (self.from_revision < self.to_revision) != flip
        return _links.linked(given, forward=forward, equal=equal)


def read(path: str | Path) -> Concordance:
    """Return a workbook of UNSD as a concordance from its later to its earlier revision.

    The links are those of the *correlation* sheet, which knows every code that gave goods to
    another. The *conversion* sheet is a function, later code to one earlier code; it sends
    transducers (854151) to mobile phones (851712), so it only ranks links. Corrections that
    ship with entrepot (list `concordance_corrections`) add and drop a few.

    Raises:
        SourceError: The file is no workbook, or lacks one of the two sheets.
        DriftError: A header, code or class is not as UNSD has published it so far, a stated class
            contradicts the sheet's own pairs, or the sheets contradict each other.
    """
    book = read_workbook(Path(path))
    _links.check_classes(book)
    links = _links.linked(_links.pairs(book), forward=False)
    return Concordance(book.later, book.earlier, links)


def convert(rows: Table, *concordances: Concordance, amounts: Sequence[str]) -> Table:
    """Return rows in the codes of the revision that all concordances lead to.

    Each row is converted by its own classification, since reporters switch in different years. A
    row becomes one row per link of its code: each amount times the link's weight, so sums over all
    rows stay what they were. Beside each amount stand two bounds: low counts it only where its code
    has no other link, high counts all of it on every link; so the sum over a target's rows lies
    between its sums of low and high, whatever the weights. For an amount below zero low counts all
    of it on every link, and high none.

    Args:
        rows: Any table with the columns classification and product (six digits), whatever else.
        concordances: One per revision to convert from, all to the same revision.
        amounts: Columns of numbers to divide; null stays null.

    Returns:
        One row per row of `rows` and link, with from_classification, from_product, link (the class
        "1:1" to "n:n"), weight, and NAME_low and NAME_high of each amount. A row whose code or
        revision no concordance knows comes back as it was, with link and weight null and both
        bounds equal to the amount: `unconverted` lists those.

    Raises:
        CoverageError: No concordance, two from one revision, or two to different revisions.
    """
    target = _target(concordances)
    links = ibis.memtable(_stacked(concordances))
    hs = _revision(rows.classification)
    found = rows.mutate(hs=hs).left_join(links, [("hs", "hs"), ("product", "source")])
    whole = _.is_whole.fill_null(True)
    zero = ibis.literal(0.0)
    bounds = {
        f"{name}_{side}": ibis.ifelse(whole | _[name].isnull(), _[name], pick(_[name], zero))
        for name in amounts
        for side, pick in (("low", ibis.least), ("high", ibis.greatest))
    }
    is_current = (_.hs == target) & (_.product.length() == 6)
    converted = found.mutate(
        from_classification=_.classification,
        from_product=_.product,
        classification=ibis.ifelse(_.link.notnull() | is_current, target, _.classification),
        product=_.target.fill_null(_.product),
        **{name: _[name] * _.weight.fill_null(1.0) for name in amounts},
        **bounds,
    )
    extra = ("from_classification", "from_product", "link", "weight")
    return converted.select(*rows.columns, *extra, *bounds)


def unconverted(rows: Table, *concordances: Concordance, amounts: Sequence[str]) -> Table:
    """Return what `convert` would leave as it is: one row per classification and product.

    Columns: classification, product, cells (how many rows), is_current (a code of the revision that
    is converted to) and the sum of each amount. Empty when every row is converted, or is already in
    the revision's six digits and its code is one of those the concordances lead to.

    Raises:
        CoverageError: As in `convert`.
    """
    target = _target(concordances)
    stacked = _stacked(concordances)
    known = ibis.memtable(
        _links.query(
            f"""select distinct hs, source as code from links
            union select distinct '{target}', target from links""",
            links=stacked,
        )
    )
    current = ibis.memtable(_links.query("select distinct target from links", links=stacked))
    left = rows.mutate(hs=_revision(rows.classification)).anti_join(
        known, [("hs", "hs"), ("product", "code")]
    )
    return (
        left.left_join(current, [("product", "target")])
        .group_by("classification", "product")
        .agg(
            cells=_.count(),
            is_current=_.target.notnull().any(),
            **{name: _[name].sum() for name in amounts},
        )
    )


def _revision(classification: StringColumn) -> StringColumn:
    """Return the HS revision; a plain HS2017 is compared first, which costs a tenth of a regex."""
    plain = classification.length() == 6
    return ibis.ifelse(
        plain & classification.startswith("HS"), classification, hs_revision(classification)
    )


def _target(concordances: tuple[Concordance, ...]) -> str:
    sources = [one.from_revision for one in concordances]
    targets = {one.to_revision for one in concordances}
    if len(targets) != 1 or len({*sources}) != len(sources):
        raise CoverageError(
            f"concordance: convert was given {', '.join(c.name for c in concordances) or 'none'}; "
            "expected one concordance per revision, all to the same revision"
        )
    return targets.pop()


def _stacked(concordances: tuple[Concordance, ...]) -> pa.Table:
    """Return all links with the revision they start from."""
    tables = [
        one.links.select(["source", "target", "kind", "weight"]).append_column(
            "hs", pa.array([one.from_revision] * one.links.num_rows)
        )
        for one in concordances
    ]
    return _links.query(
        "select hs, source, target, weight, kind as link, right(kind, 1) = '1' as is_whole "
        "from links",
        links=pa.concat_tables(tables),
    )
