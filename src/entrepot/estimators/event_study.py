"""Event study: when did exports of sanctioned goods to intermediaries part from the rest?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.contracts import estimator
from entrepot.estimate.sanctions_did import sanctions_did
from entrepot.estimators import _rows, _sanctions

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.estimators._rows import Rows
    from entrepot.reads import Countries, Goods, Month, Reporters, Since


@estimator(
    reads=_sanctions.reads,
    reference="EBRD working paper 276 (2022), by period; test by other importers: Fisher (1935)",
)
def event_study(
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
    """Follow the rise of sanctioned goods to intermediaries beyond the rest, period by period.

    The design of `did` with one coefficient per period, against the last period before the first
    month under sanctions. Before it all should be near 0: `pretrend_p` tests them together. The
    first row is the effect over all months after, with the tests by other importers
    (`placebo_p`) and by other signs of each importer's score (`bootstrap_p`); the intervals of the
    periods are of Student's t alone and too narrow with few importers.

    Periods are counted in calendar time from the earliest month under sanctions. With "listed"
    a good of a later month belongs to the sanctioned from there on, so the first periods after
    understate; the effect uses each good's own month.

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
        The effect and one row per period, in log points; the reference is 0 without an interval.

    Raises:
        StudyError: A country is named on both sides.
        CoverageError: There is no month before or after, or nothing to compare with.
        EntrepotError: The design cannot be fitted.
    """
    panel = _sanctions.panel(
        flows, exporters, (intermediaries, others), (*goods, *controls), (first, last),
        pooled=pooled,
    )  # fmt: skip
    found = sanctions_did(
        panel, intermediaries=intermediaries, sanctioned=goods, since=since, months=step,
        draws=draws, seed=seed,
    )  # fmt: skip
    return _rows.listed(
        [_rows.did(_sanctions.EFFECT, found), *_rows.path("path", found)]
    ), found.statement
