"""Estimate: one estimator on what a store knows, with what is missing from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ibis import _

from entrepot.errors import CoverageError, StudyError
from entrepot.harmonise.products import coded, family
from entrepot.publish.brief import Picture
from entrepot.question.answer import books, not_known
from entrepot.question.selection import Selection
from entrepot.question.words import LISTED, resolved
from entrepot.reference.goods import Good

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import Table

    from entrepot.contracts import Estimator
    from entrepot.engine import Engine
    from entrepot.harmonise.products import Basket
    from entrepot.question.known import Known
    from entrepot.question.words import Wording
    from entrepot.reads import Reads
    from entrepot.reference.goods import GoodsList
    from entrepot.store.snapshot import Snapshot

CONTROLS = "controls"
"""The parameter of the goods compared with."""

READING = (
    "Each dot is a period against the hollow one, which is 0 by construction; the line is its 95% "
    "interval. Dots before the mark that are not near 0 speak against reading those after it as an "
    "effect."
)


@dataclass(frozen=True)
class Estimate:
    """The rows of an estimator, what they rest on, and what of the question they leave out.

    `missing` names in words the reporter-months, partners and goods that the store does not know:
    the estimate is of the rest. `compared` counts the codes of the goods and those compared with.
    """

    name: str
    rows: tuple[dict[str, Any], ...]
    statement: str
    missing: tuple[str, ...]
    compared: tuple[int, int]
    reads: tuple[Reads, ...]
    selection: Selection

    def records(self) -> list[dict[str, Any]]:
        """Return the rows, each with what it rests on, `known` and what is `missing`."""
        told = {
            "rests_on": self.statement,
            "known": "part" if self.missing else "all",
            "missing": "; ".join(self.missing) or None,
        }
        return [row | told for row in self.rows]

    @property
    def vintages(self) -> frozenset[str]:
        """The ids of the vintages with a row behind it."""
        found = self.selection.held.evaluate(self.stored().select("vintage").distinct())
        return frozenset(row["vintage"] for row in found)

    def stored(self) -> Table:
        """Return the stored rows behind it, each with the name it counts under."""
        partners = sorted({who for read in self.reads for who in read.partners})
        rows = self.selection.held.matched(self.selection.basket)
        return rows.filter(_.partner.isin(partners)).drop("hs")


def estimate(
    engine: Engine,
    snapshot: Snapshot,
    name: str,
    estimator: Estimator[Any],
    asked: Wording,
    *,
    sources: Sequence[str] = (),
    basket: Basket = "as-listed",
) -> Estimate:
    """Run an estimator on what is known on a day.

    A code or a partner that is not known in every month counted is left out and named.

    Args:
        engine: The session that holds the snapshot's views.
        snapshot: What is known on the day.
        name: The estimator's name.
        estimator: What to run.
        asked: Its parameters, and the goods.
        sources: Which source to take where several hold the same reporter.
        basket: Which codes stand for the goods in older revisions.

    Raises:
        StudyError: No goods are named, or the own days of goods without days are asked for.
        CoverageError: Nothing of what is asked is known, nothing is there to compare with, two
            sources hold a reporter, or two levels or revisions of one cell disagree.
        EntrepotError: The design cannot be fitted.
    """
    if asked.goods is None:
        raise StudyError(f"estimator {name}: needs --goods: a list, or codes as 8542.31")
    params = resolved(estimator, asked.params, books(engine, snapshot))
    params |= _since(name, params, asked.goods, basket)
    reads = tuple(estimator.reads(**params))
    whole = asked.goods
    if CONTROLS in estimator.params:
        whole = _with_others(engine, snapshot, asked.goods, params.get(CONTROLS, ()), reads)
    selection = Selection(engine, snapshot, whole, [reads], sources=sources, basket=basket)
    known = selection.known(reads)
    gone = not_known(reads, known, selection)
    named = family(asked.goods)
    mine = {named[code] if basket == "bridged" else code for code in asked.goods.codes}
    goods = tuple(one for one in known.names if one in mine)
    others = tuple(one for one in known.names if one not in mine)
    if not goods:
        told = f": {'; '.join(gone[:4])}" if gone else ""
        raise CoverageError(
            f"estimator {name}: none of the goods is known{told}; `entrepot source status "
            "--offline` shows what is held, `source fetch` gets more"
        )
    params[estimator.goods] = goods
    if CONTROLS in estimator.params:
        params[CONTROLS] = others
    found = estimator(selection.rows(reads), **_without_unknown(estimator, params, known))
    return Estimate(
        name, found.rows, found.statement, gone, (len(goods), len(others)), reads, selection
    )


def _since(
    name: str, params: Mapping[str, Any], goods: GoodsList, basket: Basket
) -> dict[str, Any]:
    """Return the month of each product where each good's own day is asked for."""
    if params.get("since") != LISTED:
        return {}
    if lost := [good.code for good in goods.goods if not good.since]:
        raise StudyError(
            f"estimator {name}: --since listed needs a day for each good, and {lost[0]} of "
            f"{goods.name} has none; give a month, as --since 2022-03, or a list with a column "
            "`since`"
        )
    named = family(goods) if basket == "bridged" else {code: code for code in goods.codes}
    found: dict[str, str] = {}
    for code, month in goods.months.items():
        found[named[code]] = min(month, found.get(named[code], month))
    return {"since": found}


def _with_others(
    engine: Engine,
    snapshot: Snapshot,
    goods: GoodsList,
    controls: Sequence[str],
    reads: Sequence[Reads],
) -> GoodsList:
    """Return the goods with every other subheading that the store holds of what is read."""
    (read,) = reads
    rows = engine.table(snapshot.view).filter(
        _.freq == read.freq,
        _.flow == read.flow,
        _.reporter.isin(sorted(read.reporters)),
        _.partner.isin(sorted(read.partners)),
        _.period.isin(list(read.periods)),
        _.product.re_search("^[0-9]{6}"),
    )
    if controls:
        rows = coded(rows, controls)
    table = rows.select(code=_.product.substr(0, 6)).distinct()
    held = engine.arrow(table)["code"].to_pylist()
    spoken = {old for good in goods.goods for old in (good.code, good.hs2017, good.hs2012)}
    extra = [
        Good(code, "", "", code, "unstated", code, "unstated", "")
        for code in held
        if not spoken & _stems(code)
    ]
    together = sorted((*goods.goods, *extra), key=lambda good: good.code)
    return replace(goods, goods=tuple(together))


def _stems(code: str) -> set[str]:
    return {code[:size] for size in range(2, len(code) + 1)}


def _without_unknown(
    estimator: Estimator[Any], params: dict[str, Any], known: Known
) -> dict[str, Any]:
    """Leave out partners that are not known: their zeros would be none."""
    gone = {who for _flow, _reporters, partners in known.dropped for who in partners}
    return {
        key: tuple(who for who in value if who not in gone)
        if gone and estimator.kind(key) == "Countries"
        else value
        for key, value in params.items()
    }


def picture(
    found: Estimate, title: str = "", reading: str = "", alt: str = "", **options: Any
) -> Picture | None:
    """Return the chart of a path with its first month marked, None where there is no path.

    Args:
        found: What was estimated.
        title: Above it; the usual one if left out.
        reading: How to read it, the usual sentence if left out.
        alt: What it shows, for those who cannot see it.
        options: Options of the chart `event_study`.
    """
    path = [row for row in found.rows if row["period"] is not None]
    if not path:
        return None
    keys = ("estimate", "ci_low", "ci_high")
    rows = tuple({"period": f"{row['period']}", **{key: row[key] for key in keys}} for row in path)
    base = next(place for place, row in enumerate(path) if row["se"] is None)
    marks = [
        {"date": row["period"], "label": "First sanctions"} for row in rows[base + 1 : base + 2]
    ]
    return Picture(
        "event_study",
        title or "How far the goods parted from those compared with",
        reading or READING,
        alt or f"A dot with its interval for each of {len(rows)} periods.",
        rows,
        {"events": marks, **options},
    )
