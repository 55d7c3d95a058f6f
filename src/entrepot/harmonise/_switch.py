"""Reporters that switched: the totals on both sides of a change of revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis import _

from entrepot.harmonise.products import hs_revision

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.harmonise.concordance import Concordance


def switched(flows: Table, concordance: Concordance, *, year: int) -> Table:
    """Return what reporters that switched on time imported before and after, per code.

    On time means: all annual imports of the year before in the earlier revision, all of the year in
    the later one. The rows of `from_revision` are `before` of `concordance_weights`, those of
    `to_revision` its `after`, whichever way the concordance goes.

    Args:
        flows: Annual imports in six digits from every partner, countries only: aggregates such as
            the world would count twice.
        concordance: The two revisions.
        year: The first year of the later revision, such as 2022.

    Returns:
        One row per reporter, classification (the HS revision) and product, with value_usd.
    """
    earlier, later = sorted((concordance.from_revision, concordance.to_revision))
    imports = flows.filter(
        _.freq == "A", _.flow == "import", _.period.year().isin([year - 1, year])
    ).mutate(hs=hs_revision(_.classification).fill_null(""))
    is_before = _.period.year() == year - 1
    on_time = (
        imports.group_by("reporter")
        .agg(
            years=_.period.year().nunique(),
            strays=_.count(where=(is_before & (_.hs != earlier)) | (~is_before & (_.hs != later))),
        )
        .filter(_.years == 2, _.strays == 0)
    )
    return (
        imports.semi_join(on_time, "reporter")
        .filter(_.product.length() == 6)
        .group_by("reporter", "hs", "product")
        .agg(value_usd=_.value_usd.sum())
        .rename(classification="hs")
    )
