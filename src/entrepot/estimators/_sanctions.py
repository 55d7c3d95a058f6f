"""Sanctions: what the estimators of one design share, what they read and the panel of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.estimate.panel import read_panel
from entrepot.reads import Reads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table

    from entrepot.estimate.panel import Panel
    from entrepot.reads import Countries, Month, Reporters

EFFECT = "after x sanctioned x intermediary"


def reads(
    *,
    exporters: Reporters,
    intermediaries: Countries,
    others: Countries,
    first: Month,
    last: Month,
    **_: object,
) -> list[Reads]:
    """Return what a comparison of importers reads: exports to all of them."""
    return [Reads("export", exporters, (*intermediaries, *others), ((first, last),))]


def panel(
    flows: Table,
    exporters: Reporters,
    importers: tuple[Countries, Countries],
    products: Sequence[str],
    window: tuple[Month, Month],
    **options: Any,
) -> Panel:
    """Read the panel of those who may be intermediaries and those compared with them.

    Raises:
        StudyError: A country is on both sides.
    """
    treated, others = importers
    if twice := sorted({*treated} & {*others}):
        raise StudyError(
            f"estimator: {twice[0]} is an intermediary and one of the others; name it once"
        )
    return read_panel(
        flows,
        exporters=exporters,
        importers=(*treated, *others),
        products=products,
        first=window[0],
        last=window[1],
        **options,
    )
