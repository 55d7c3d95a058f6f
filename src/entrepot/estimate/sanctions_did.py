"""Sanctions: did exports of sanctioned goods to intermediaries rise beyond what else did?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import CoverageError
from entrepot.estimate._absorb import crossed
from entrepot.estimate.least_squares import least_squares
from entrepot.estimate.ppml import ppml
from entrepot.estimate.randomisation import Randomised, randomisation
from entrepot.estimate.regression import Design, Fit
from entrepot.estimate.score_bootstrap import Flipped, score_bootstrap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.estimate._absorb import Places
    from entrepot.estimate._restricted import Model
    from entrepot.estimate.panel import Panel

EFFECT = "after x sanctioned x intermediary"


@dataclass(frozen=True, slots=True)
class SanctionsDid:
    """A triple difference: its one effect, its path over time and how rare it is by chance.

    `effect` has the one coefficient `EFFECT`. `path` has one per period, named by its first month,
    against the period before the event, `reference`; all before it should be near 0, and
    `pretrend_p` is the p-value of their all being 0, null where there is but the reference.
    `placebo` compares the effect with the same for other importers in the place of the
    intermediaries, `bootstrap` with that under other signs of each importer's score.
    """

    effect: Fit
    path: Fit
    periods: tuple[str, ...]
    reference: str
    pretrend_p: float | None
    placebo: Randomised
    bootstrap: Flipped
    statement: str

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per period: `period`, `estimate`, `ci_low`, `ci_high`.

        The reference has estimate 0 and no interval.
        """
        known = {row["name"]: row for row in self.path.table()}
        none = {"estimate": 0.0, "ci_low": None, "ci_high": None}
        return [
            {"period": period}
            | {key: known.get(period, none)[key] for key in ("estimate", "ci_low", "ci_high")}
            for period in self.periods
        ]


def sanctions_did(
    panel: Panel,
    *,
    intermediaries: Sequence[str],
    sanctioned: Sequence[str],
    since: str | Mapping[str, str],
    months: int = 3,
    draws: int = 9_999,
    seed: int = 0,
) -> SanctionsDid:
    """Estimate by how much exports of sanctioned goods to intermediaries rose beyond the rest.

    E[X(i,j,k,t)] = exp(b After(t) Sanctioned(k) Intermediary(j) + a(ijk) + c(jt) + d(kt) + e(it)),
    by PPML: the design of EBRD working paper 276 on EU exports through the Caucasus and Central
    Asia. exp(b) - 1 is the rise of sanctioned goods to intermediaries beyond that of other goods to
    them and of the same goods elsewhere. It is causal if, without sanctions, all would have moved
    alike (look at the path before), and if the goods and places compared with were not moved
    themselves: where other goods or countries also serve the trade, b is too small. It says that
    trade rose where diversion would show, not who diverted.

    Standard errors allow any dependence within importer and product. With few intermediaries they
    are too small, since importers have shocks of their own: `placebo` treats other importers
    instead.

    Args:
        panel: Exports, sanctioned goods and others, to intermediaries and others.
        intermediaries: Importers that goods may pass through.
        sanctioned: Products that sanctions cover.
        since: First month under sanctions, as 2022-03; or one for each product. Products of which
            it is outside the panel's months are then left out, and the path counts its periods
            from the earliest: a product of a later month is a sanctioned one from there on.
        months: Months to a period of the path.
        draws: Sets of importers that the placebo compares with.
        seed: Seed of their choice.

    Returns:
        The effect and its path, in log points.

    Raises:
        CoverageError: The panel has no month before or after, no importer or product to compare
            with, or none of those named.
        EntrepotError: The design cannot be fitted, as where no flow of a period is above 0.
    """
    return _did(panel, (intermediaries, sanctioned, since), months, draws, seed, "ppml")


def extensive_margin(
    panel: Panel,
    *,
    intermediaries: Sequence[str],
    sanctioned: Sequence[str],
    since: str | Mapping[str, str],
    months: int = 3,
    draws: int = 9_999,
    seed: int = 0,
) -> SanctionsDid:
    """Estimate by how much the chance of any export of sanctioned goods to intermediaries rose.

    1[X(i,j,k,t) > 0] = b After(t) Sanctioned(k) Intermediary(j) + a(ijk) + c(jt) + d(kt) + e(it),
    by least squares, the linear probability model of the ifo Institute's design: b = 0.2 is twenty
    percentage points. Publishers leave out shipments below a threshold, so 0 may be a small one.

    Args:
        panel: Exports with `all_cells`.
        intermediaries: Importers that goods may pass through.
        sanctioned: Products that sanctions cover.
        since: First month under sanctions, as 2022-03; or one for each product. Products of which
            it is outside the panel's months are then left out, and the path counts its periods
            from the earliest: a product of a later month is a sanctioned one from there on.
        months: Months to a period of the path.
        draws: Sets of importers that the placebo compares with.
        seed: Seed of their choice.

    Returns:
        The effect and its path, in parts of 1.

    Raises:
        CoverageError: The panel leaves out flows that never were, or it has no month before or
            after, no importer or product to compare with, or none of those named.
        EntrepotError: The design cannot be fitted.
    """
    if not panel.all_cells:
        raise CoverageError(
            "extensive_margin: the panel leaves out flows that were never recorded, which are the "
            "ones that could begin; read it with all_cells=True"
        )
    return _did(panel, (intermediaries, sanctioned, since), months, draws, seed, "least_squares")


def _did(
    panel: Panel,
    treatment: tuple[Sequence[str], Sequence[str], str | Mapping[str, str]],
    months: int,
    draws: int,
    seed: int,
    model: Model,
) -> SanctionsDid:
    intermediaries, sanctioned, since = treatment
    panel, begun, sanctioned, outside = starts(panel, sanctioned, since)
    named = since if isinstance(since, str) else "the first under sanctions"
    start = _check(panel, intermediaries, sanctioned, begun, months, named)
    is_middle = np.isin(panel.importers, list(intermediaries))[panel.importer]
    covered = (begun < len(panel.months)).astype(np.float64)[panel.product]
    period = (panel.month - start) // months
    names = _names(panel, start, months)
    dummies = {n: covered * is_middle * (period == p) for p, n in names.items() if p != -1}
    affected = (panel.month >= begun[panel.product]).astype(np.float64)
    whole = _design(panel, model)
    fit = ppml if model == "ppml" else least_squares
    path = fit(replace(whole, regressors=dummies))
    treated = replace(whole, regressors={EFFECT: affected * is_middle})
    effect = fit(treated)
    before = [name for place, name in names.items() if place < -1]
    chance: dict[str, Any] = {"model": model, "draws": draws, "seed": seed}
    placebo = randomisation(
        whole,
        exposure=affected,
        unit=np.array(panel.importers)[panel.importer],
        treated=[*intermediaries],
        **chance,
    )
    return SanctionsDid(
        effect,
        path,
        tuple(names.values()),
        names[-1],
        path.wald(*before) if before else None,
        placebo,
        score_bootstrap(replace(treated, cluster=panel.importer), EFFECT, **chance),
        _statement(panel, effect, outside),
    )


def starts(
    panel: Panel, sanctioned: Sequence[str], since: str | Mapping[str, str]
) -> tuple[Panel, Places, Sequence[str], int]:
    """Return the first month of each product under sanctions, past the end for the others.

    Products whose own month is outside the panel's are left out of it and counted.
    """
    held = {f"{month:%Y-%m}": place for place, month in enumerate(panel.months)}
    start_of = dict.fromkeys(sanctioned, since) if isinstance(since, str) else since
    outside = 0
    if not isinstance(since, str):
        gone = {code for code in sanctioned if not held.get(since[code])}
        outside = len(gone & {*panel.products})
        panel = panel.without(gone)
        sanctioned = [code for code in sanctioned if code not in gone]
    covered = {*sanctioned}
    begun = [
        held.get(start_of[code], 0) if code in covered else len(held) for code in panel.products
    ]
    return panel, np.array(begun, dtype=np.int64), sanctioned, outside


def _design(panel: Panel, model: Model) -> Design:
    """Return the regression without what sanctions may have done."""
    i, j, k, t = panel.exporter, panel.importer, panel.product, panel.month
    effects: dict[str, Places] = {
        "exporter x importer x product": crossed(i, j, k),
        "importer x month": crossed(j, t),
        "product x month": crossed(k, t),
    }
    if len(panel.exporters) > 1:  # of one exporter the others hold all of it
        effects["exporter x month"] = crossed(i, t)
    outcome = panel.value_usd
    if model == "least_squares":
        outcome = (outcome > 0).astype(np.float64)
    return Design(outcome, {}, effects, crossed(j, k))


def _names(panel: Panel, start: int, months: int) -> dict[int, str]:
    """Return the first month of each period by its place; -1 is the last before the event."""
    places = range(-start // months, 0)
    after = range((len(panel.months) - 1 - start) // months + 1)
    return {
        place: f"{panel.months[max(start + place * months, 0)]:%Y-%m}"
        for place in (*places, *after)
    }


def _check(
    panel: Panel,
    intermediaries: Sequence[str],
    sanctioned: Sequence[str],
    begun: Places,
    months: int,
    since: str,
) -> int:
    """Return the earliest start; refuse a design that has nothing to compare with."""
    held = [f"{month:%Y-%m}" for month in panel.months]
    if months < 1:
        raise CoverageError(f"sanctions_did: periods of {months} months; expected 1 or more")
    count = int((begun < len(held)).sum())
    for what, named, among, known in (
        ("importer", intermediaries, len({*intermediaries}), panel.importers),
        ("product", sanctioned, count, panel.products),
    ):
        if absent := sorted({*named} - {*known}):
            raise CoverageError(
                f"sanctions_did: no {what} {absent[0]} in the panel; read it with that one"
            )
        if not 0 < among < len(known):
            raise CoverageError(
                f"sanctions_did: {among} of {len(known)} {what}s are named; expected at "
                "least one and some to compare with"
            )
    start = int(begun.min())
    if start < 1:
        raise CoverageError(
            f"sanctions_did: the panel holds {held[0]} to {held[-1]}; expected months before and "
            f"after {since}, and a month written as 2022-03"
        )
    return start


def _statement(panel: Panel, effect: Fit, outside: int) -> str:
    """Say what the estimate rests on and what was left out."""
    words = [
        f"{effect.rows:,} monthly flows in {effect.clusters:,} clusters of importer and product",
        f"{effect.separated:,} in cells that are 0 throughout left out" if effect.separated else "",
        f"{effect.singletons:,} alone in their cell left out" if effect.singletons else "",
        f"{outside:,} products sanctioned outside these months left out" if outside else "",
        f"{panel.unpublished:,} exporter-months not published" if panel.unpublished else "",
        f"{panel.withheld:,} values withheld" if panel.withheld else "",
        f"{', '.join(panel.dropped)} left out of the pool: not every month is published"
        if panel.dropped
        else "",
    ]
    return "; ".join(word for word in words if word)
