"""Weights: which part of a code becomes which new one, by one of five rules, and where it held."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
from ibis import _

from entrepot.conversion.links import joined
from entrepot.errors import CoverageError, SourceError, StudyError
from entrepot.harmonise import _links
from entrepot.harmonise.concordance import switched
from entrepot.harmonise.products import PRESENCE, hs_revision
from entrepot.reads import Reads
from entrepot.reference import countries
from entrepot.reference._files import near
from entrepot.store.known import WORLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table

    from entrepot.conversion.links import Step
    from entrepot.harmonise.concordance import Concordance
    from entrepot.workspace import Workspace

RULES = {
    "recommended": "to what goods lists name as successor or predecessor, else to the pairs of "
    "UNSD's conversion sheet in equal parts, else to all links in equal parts",
    "equal": "to all links in equal parts",
    "trade": "in proportion to what the store's reporters imported of the new codes",
    "estimated": "by least squares on the imports of reporters that changed revision on time",
}
OF_STORE = ("trade", "estimated")
"""The rules that read the store's trade."""
ONLY = "only link"
TIED = ("8524", "8549", "852990")
"""Codes with links to so many others (electronic waste, display modules, parts) that they tie
thousands of links into one problem that cannot be solved; the estimate leaves them out."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A concordance with the weights chosen: `basis` says per source which rule gave them."""

    concordance: Concordance
    basis: pa.Table
    says: str


def weigh(
    rule: str, steps: Sequence[Step], work: Workspace, sources: Sequence[str] = ()
) -> Weighed:
    """Return the steps as one concordance, weighted by a rule.

    A code for which the rule knows nothing keeps the recommended weights, and `basis` says so.

    Args:
        rule: One of RULES, or the path of a CSV with source, target and weight.
        steps: The way from one revision to another.
        work: The store whose imports `trade` and `estimated` rest on.
        sources: Which source to take where several hold the same reporter.

    Raises:
        StudyError: There is no such rule.
        SourceError: The CSV is none, or lacks a column.
        CoverageError: The store lacks the imports, or the weights of a code do not sum to 1.
        UnknownCodeError: The CSV has a pair that is no link.
    """
    whole = joined([step.concordance for step in steps])
    if rule == "recommended":
        return Weighed(whole, _basis(whole, None, ""), RULES[rule])
    if rule == "equal":
        even = whole.equal()
        return Weighed(even, _basis(even, even.links, "equal"), RULES[rule])
    if rule == "trade":
        return _traded(whole, work, sources)
    if rule == "estimated":
        return _estimated(steps, work, sources)
    if Path(rule).suffix.lower() == ".csv":
        stated = _stated(Path(rule))
        made = whole.weighted(stated)
        return Weighed(made, _basis(made, stated, "stated"), f"as {Path(rule).name} states")
    raise StudyError(
        f"convert: --weights {rule}: {near(rule, [*RULES])}; or name a CSV with source, target and "
        "weight"
    )


def _basis(one: Concordance, ruled: pa.Table | None, word: str) -> pa.Table:
    """Return per source which rule gave its weights; `ruled` has those that `word` decided."""
    known = ruled if ruled is not None else one.links.slice(0, 0)
    return _links.query(
        f"""select distinct source, case when right(kind, 1) = '1' then '{ONLY}'
            when source in (select source from known) then '{word}' else 'recommended' end as basis
        from links""",
        links=one.links,
        known=known.select(["source"]),
    )


def _stated(path: Path) -> pa.Table:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {name: [row[name] for row in rows] for name in _links.WEIGHTS.names}
        numbers = [float(cell) for cell in columns["weight"]]
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise SourceError(
            f"{path.name}: no table of weights ({error}); expected a CSV with the columns source, "
            "target and weight, a number on every row"
        ) from None
    return pa.table([columns["source"], columns["target"], numbers], schema=_links.WEIGHTS)


def imports(
    work: Workspace, span: tuple[str, str], freq: str, sources: Sequence[str] = ()
) -> Table:
    """Return the store's imports in six digits, each once.

    They are those from the world where a reporter gives it, else those from every country.

    Raises:
        CoverageError: Two sources hold a reporter, or two levels of a cell disagree.
    """
    reads = [Reads("import", now=(span,), freq=freq)]
    rows = work.selection(reads, sources=sources).rows(reads)
    areas = [code for code in countries.areas() if countries.is_aggregate(code) and code != WORLD]
    kept = rows.filter(_.product != PRESENCE, _.partner.notin(areas), _.value_usd > 0)
    cell = ["reporter", "period", "classification"]
    kept = kept.mutate(has_world=(_.partner == WORLD).any().over(ibis.window(group_by=cell)))
    return kept.filter((_.partner == WORLD) == _.has_world).drop("has_world")


def _held(work: Workspace, freq: str, first: str) -> tuple[str, str] | None:
    """Return the first and last month of the imports that the store holds from a month on."""
    work.refuse_empty()
    ends = work.own.con.execute(
        f"""select strftime(min(period), '%Y-%m'), strftime(max(period), '%Y-%m')
        from {work.snapshot.view}_known
        where freq = $1 and flow = 'import' and strftime(period, '%Y-%m') >= $2""",
        [freq, first],
    ).fetchone()
    return (ends[0], ends[1]) if ends and ends[0] else None


def _traded(whole: Concordance, work: Workspace, sources: Sequence[str]) -> Weighed:
    """Share each code by the imports of its targets, in the revision that is converted to."""
    after = whole.to_revision
    for freq in ("A", "M"):
        if not (span := _held(work, freq, f"{after[2:]}-01")):
            continue
        if freq == "A":
            span = (f"{span[0][:4]}-01", f"{span[1][:4]}-12")
        rows = imports(work, span, freq, sources).mutate(hs=hs_revision(_.classification))
        sums = rows.filter(_.hs == after).group_by("product").agg(usd=_.value_usd.sum())
        trade = work.arrow(sums)
        if trade.num_rows:
            break
    else:
        raise CoverageError(
            f"convert: --weights trade: the store {work.store.path} holds no imports in {after} of "
            "every code and partner; expected those of a reporter at least: fetch them without "
            "--goods, or choose --weights recommended"
        )
    weights = _links.query(
        """with shares as (
            select source, links.target, coalesce(usd, 0) as usd
            from links left join trade on links.target = trade.product
        ) select source, target, usd / sum(usd) over (partition by source) as weight from shares
        qualify sum(usd) over (partition by source) > 0""",
        links=whole.links,
        trade=trade,
    )
    made = whole.weighted(weights)
    says = f"{RULES['trade']} (imports in {after}, {span[0]} to {span[1]})"
    return Weighed(made, _basis(made, weights, "trade"), says)


def _estimated(steps: Sequence[Step], work: Workspace, sources: Sequence[str]) -> Weighed:
    """Estimate each step by itself, then join them."""
    found = [_estimate(step.concordance, work, sources) for step in steps]
    made, basis = found[0].concordance, found[0].basis
    for one in found[1:]:
        basis = _links.query(
            f"""with both as (
                select links.source, bool_or(one.basis = 'estimated' or two.basis = 'estimated')
                    as is_any, bool_or(one.basis = 'recommended' or two.basis = 'recommended')
                    as is_left
                from links join one using (source) join two on links.target = two.source
                where weight > 0 group by links.source
            ), kinds as (select distinct source, right(kind, 1) = '1' as is_only from joined)
            select source, case when is_only then '{ONLY}' when is_any and is_left
                then 'estimated in part' when is_any then 'estimated' else 'recommended' end
                as basis
            from both join kinds using (source)""",
            links=made.links,
            one=basis,
            two=one.basis,
            joined=made.then(one.concordance).links,
        )
        made = made.then(one.concordance)
    return Weighed(made, basis, f"{RULES['estimated']} ({'; '.join(one.says for one in found)})")


def _estimate(one: Concordance, work: Workspace, sources: Sequence[str]) -> Weighed:
    """Estimate one step on the year in which its later revision began and the one before."""
    try:
        from entrepot.estimate.concordance_weights import concordance_weights
    except ImportError as error:
        raise CoverageError(
            f"convert: --weights estimated needs scipy ({error}); install entrepot[estimate], or "
            "choose --weights recommended"
        ) from None
    year = int(max(one.from_revision, one.to_revision)[2:])
    work.refuse_empty()
    rows = imports(work, (f"{year - 1}-01", f"{year}-12"), "A", sources)
    table = work.arrow(switched(rows, one, year=year))
    sides = [
        _links.query(f"from trade where classification = '{hs}'", trade=table)
        for hs in (one.from_revision, one.to_revision)
    ]
    if not table.num_rows:
        raise CoverageError(
            f"convert: --weights estimated: the store {work.store.path} holds no reporter with all "
            f"annual imports of {year - 1} in the earlier and of {year} in the later of "
            f"{one.from_revision} and {one.to_revision}; fetch both years without --goods, or "
            "choose --weights recommended"
        )
    tied = " and ".join(
        f"not starts_with({side}, '{code}')" for code in TIED for side in ("source", "target")
    )
    links = _links.query(f"from links where {tied}", links=one.links)
    found = concordance_weights(links, *sides)
    # A code with one link left was not estimated: the others were left out.
    weights = _links.query(
        "from weights where source in (select source from links group by 1 having count(*) > 1)",
        weights=found.weights,
        links=links,
    )
    made = one.weighted(weights)
    solved = [row for row in found.components.to_pylist() if row["links"] > row["sources"]]
    off = [row["residual_share"] for row in solved if row["residual_share"] is not None]
    reporters = len(table["reporter"].unique())
    says = (
        f"{one.name}, {year - 1} to {year}, {reporters} reporters, links with {', '.join(TIED)} "
        f"left out, at most {max(off, default=0):.0%} of a group's trade misplaced"
    )
    return Weighed(made, _basis(made, weights, "estimated"), says)
