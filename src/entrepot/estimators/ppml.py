"""PPML: did exports of goods to some importers change beyond those to others?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.contracts import estimator
from entrepot.errors import StudyError
from entrepot.estimate._absorb import crossed
from entrepot.estimate.ppml import ppml as fit
from entrepot.estimate.randomisation import randomisation
from entrepot.estimate.regression import Design
from entrepot.estimate.sanctions_did import starts
from entrepot.estimate.score_bootstrap import score_bootstrap
from entrepot.estimators import _rows, _sanctions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table

    from entrepot.estimate.panel import Panel
    from entrepot.estimators._rows import Rows
    from entrepot.reads import Countries, Goods, Month, Names, Reporters, Since

EFFECT = "after x treated"
AXES = ("exporter", "importer", "product", "month")
USUAL = ("exporter-importer-product", "exporter-product-month")


def _reads(**given: Any) -> list[Any]:
    return _sanctions.reads(intermediaries=given.pop("treated"), **given)


@estimator(
    reads=_reads,
    reference="Santos Silva and Tenreyro (2006); fixed effects: Correia, Guimaraes, Zylkin (2020)",
)
def ppml(
    flows: Table,
    *,
    exporters: Reporters,
    treated: Countries,
    others: Countries,
    goods: Goods,
    first: Month,
    last: Month,
    since: Since = "listed",
    effects: Names = USUAL,
    cluster: Names = ("importer-product",),
    pooled: bool = False,
    draws: int = 9_999,
    seed: int = 0,
) -> tuple[Rows, str]:
    """Estimate by how much exports of goods to some importers changed beyond those to others.

    E[X(i,j,k,t)] = exp(b After(k,t) Treated(j) + effects), the gravity equation with fixed effects
    of your choice, by Poisson pseudo-maximum likelihood. Among the usual ones the first takes out
    how much each pair trades of a good, the second what an exporter sells of it that month to all.
    It compares importers and no goods: whatever else moved with the treated alone is in b. `did`
    takes that out where other goods are held.

    Args:
        flows: Recorded flows, with presence rows.
        exporters: Reporters whose exports are read.
        treated: Importers in question.
        others: Importers to compare them with.
        goods: Goods whose exports are followed.
        first: First month.
        last: Last month.
        since: First month of the effect; "listed" takes the first whole month after each good's own
            day on its list, and leaves out goods whose own month is not within the window.
        effects: Fixed effects, each of exporter, importer, product and month joined by dashes.
        cluster: What may share shocks, written alike.
        pooled: Whether exporters are added up; those that did not publish every month are left out.
        draws: Random sets of importers and patterns of signs to compare with, at most.
        seed: Seed of both.

    Returns:
        One row, the effect in log points.

    Raises:
        StudyError: A country is named on both sides, or an effect is made of something else.
        CoverageError: There is no month before or after, or nothing of this is held.
        EntrepotError: The design cannot be fitted.
    """
    panel = _sanctions.panel(
        flows, exporters, (treated, others), goods, (first, last), pooled=pooled
    )
    panel, begun, _kept, outside = starts(panel, goods, since)
    is_after = (panel.month >= begun[panel.product]).astype(np.float64)
    is_treated = np.isin(panel.importers, list(treated))[panel.importer]
    codes = {"effects": {name: _codes(panel, name) for name in effects}}
    design = Design(panel.value_usd, {}, cluster=_codes(panel, *cluster), **codes)
    regressed = replace(design, regressors={EFFECT: is_after * is_treated})
    found = fit(regressed)
    chance: dict[str, Any] = {"draws": draws, "seed": seed}
    unit = np.array(panel.importers)[panel.importer]
    pairs = replace(design, cluster=crossed(panel.importer, panel.product))
    row = _rows.effect(
        EFFECT,
        found,
        randomisation(pairs, exposure=is_after, unit=unit, treated=[*treated], **chance),
        score_bootstrap(replace(regressed, cluster=panel.importer), EFFECT, **chance),
        by=" and ".join("-".join(cluster).split("-")),
    )
    return _rows.listed([row]), _statement(panel, found.rows, outside)


def _codes(panel: Panel, *names: str) -> Any:
    """Return the codes of what names joined by dashes stand for.

    Raises:
        StudyError: A part is none of the panel's axes.
    """
    parts = [part for name in names for part in name.split("-")]
    if odd := [part for part in parts if part not in AXES]:
        raise StudyError(
            f"estimator ppml: {odd[0]!r} is no part of an effect; join some of {', '.join(AXES)} "
            "by dashes, as importer-month"
        )
    columns: Sequence[Any] = [getattr(panel, part) for part in parts]
    return crossed(*columns)


def _statement(panel: Panel, rows: int, outside: int) -> str:
    words = [
        f"{rows:,} monthly flows used",
        f"{outside:,} products of a month outside these left out" if outside else "",
        f"{panel.unpublished:,} exporter-months not published" if panel.unpublished else "",
        f"{panel.withheld:,} values withheld" if panel.withheld else "",
    ]
    return "; ".join(word for word in words if word)
