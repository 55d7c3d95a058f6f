"""Extensive margin: did sanctioned goods begin to go to intermediaries at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.contracts import estimator
from entrepot.estimate.sanctions_did import extensive_margin as extensive
from entrepot.estimators import _rows, _sanctions

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.estimators._rows import Rows
    from entrepot.reads import Countries, Goods, Month, Reporters, Since


@estimator(
    reads=_sanctions.reads,
    reference="The ifo Institute's linear probability design; EBRD working paper 276 (2022)",
)
def extensive_margin(
    flows: Table,
    *,
    exporters: Reporters,
    intermediaries: Countries,
    others: Countries,
    goods: Goods,
    first: Month,
    last: Month,
    since: Since = "listed",
    controls: Goods = (),
    step: int = 3,
    pooled: bool = False,
    draws: int = 9_999,
    seed: int = 0,
) -> tuple[Rows, str]:
    """Estimate by how much the chance of any export of sanctioned goods to intermediaries rose.

    The design of `did` on whether anything was exported, by least squares: an estimate of 0.2 is
    twenty percentage points. Publishers leave out shipments below a threshold, so "nothing" may be
    a small one. Flows that were never recorded count as nothing where they would have been seen.

    Args:
        flows: Recorded flows, with presence rows.
        exporters: Reporters whose exports are read.
        intermediaries: Importers that goods may pass through.
        others: Importers to compare them with, of which none should serve the same trade.
        goods: Sanctioned goods.
        first: First month.
        last: Last month.
        since: First month under sanctions; "listed" takes the first whole month after each good's
            own day on its list, and leaves out goods whose own month is not within the window.
        controls: Goods to compare with; all other subheadings that the store holds if left out.
            What is under a heading or chapter named here counts, but for `goods`.
        step: Months to a period of the path.
        pooled: Whether exporters are added up; those that did not publish every month are left out.
        draws: Random sets of importers and patterns of signs to compare with, at most.
        seed: Seed of both.

    Returns:
        One row, the effect in parts of 1; `factor` is null.

    Raises:
        StudyError: A country is named on both sides.
        CoverageError: There is no month before or after, or nothing to compare with.
        EntrepotError: The design cannot be fitted.
    """
    panel = _sanctions.panel(
        flows, exporters, (intermediaries, others), (*goods, *controls), (first, last),
        pooled=pooled, all_cells=True,
    )  # fmt: skip
    found = extensive(
        panel, intermediaries=intermediaries, sanctioned=goods, since=since, months=step,
        draws=draws, seed=seed,
    )  # fmt: skip
    return _rows.listed([_rows.did(_sanctions.EFFECT, found, is_log=False)]), found.statement
