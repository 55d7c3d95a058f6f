"""Measured: one measure on what a store knows, with what is missing from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ibis import _

from entrepot.errors import CoverageError
from entrepot.harmonise.products import BASKETS, PRESENCE, links
from entrepot.months import periods
from entrepot.publish import cells, notebook, words
from entrepot.question.missing import expected, missing
from entrepot.question.origins import has_origins, origins
from entrepot.question.selection import Selection
from entrepot.question.words import resolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.contracts import Measure
    from entrepot.engine import Engine
    from entrepot.harmonise.products import Basket
    from entrepot.question.known import Known
    from entrepot.question.origins import Origins
    from entrepot.question.words import Books, Wording
    from entrepot.reads import Reads
    from entrepot.store.snapshot import Snapshot


@dataclass(frozen=True, repr=False)
class Measured:
    """The rows of a measure, and what of the question they leave out.

    `missing` names in words the reporter-months, partners and goods that the store does not know;
    without any, the rows are the whole answer. With `is_part` partners or goods are missing
    altogether: a sum is then at least its value, and everything else is of the part that is known.
    `origins` bounds, for a balance of what came and went, what is from which member.
    `print` and a notebook show both as a table.
    """

    name: str
    rows: tuple[dict[str, Any], ...]
    missing: tuple[str, ...]
    is_part: bool
    known: Known
    reads: tuple[Reads, ...]
    selection: Selection
    origins: Origins | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everything that was asked is known."""
        return not self.missing

    @property
    def vintages(self) -> frozenset[str]:
        """The ids of the vintages with a row in the answer."""
        rows = self.selection.rows(self.reads).filter(_.product != PRESENCE)
        found = self.selection.held.evaluate(rows.select("vintage").distinct())
        return frozenset(row["vintage"] for row in found)

    def records(self) -> list[dict[str, Any]]:
        """Return the rows, each with `known` ("all" or "part") and what is `missing`.

        Beside a balance stands what can and must be from which member: `Origins.beside`.
        """
        told = {
            "known": "all" if self.is_whole else "part",
            "missing": "; ".join(self.missing) or None,
        }
        found = self.origins
        return [row | (found.beside(row) if found else {}) | told for row in self.rows]

    def __repr__(self) -> str:
        known = "all known" if self.is_whole else f"known in part: {'; '.join(self.missing)}"
        return f"<Answer {self.name}: {words.count(len(self.rows), 'row')}, {known}>"

    def __str__(self) -> str:
        return notebook.text(self.name, self.rows, self._told)

    def _repr_html_(self) -> str:
        return notebook.html(self.name, self.rows, self._told)

    @property
    def _told(self) -> list[str]:
        notice = [cells.SYNTHETIC] if self.selection.snapshot.is_synthetic else []
        return [*notice, *(f"Known in part: {one}." for one in self.missing)]


def answer(
    engine: Engine,
    snapshot: Snapshot,
    name: str,
    measure: Measure[Any],
    asked: Wording,
    *,
    sources: Sequence[str] = (),
    basket: Basket = "as-listed",
) -> Measured:
    """Run a measure on what is known on a day.

    Args:
        engine: The session that holds the snapshot's views.
        snapshot: What is known on the day.
        name: The measure's name.
        measure: What to run.
        asked: Its parameters, and the goods.
        sources: Which source to take where several hold the same reporter.
        basket: Which codes stand for the goods in older revisions.

    Raises:
        CoverageError: Nothing of what is asked is known, two sources hold a reporter, or two
            levels or revisions of one cell disagree.
    """
    params = resolved(measure, asked.params, books(engine, snapshot))
    reads = tuple(measure.reads(**params))
    found = None
    if has_origins(params):
        found = origins(engine, snapshot, asked.goods, params, sources=sources, basket=basket)
    selection = Selection(engine, snapshot, asked.goods, [reads], sources=sources, basket=basket)
    known = selection.known(reads)
    gone = not_known(reads, known, selection)
    if measure.goods and asked.goods is not None:
        names = {n for b in BASKETS for _hs, _code, n in links(asked.goods, b)}
        params[measure.goods] = tuple(sorted(names))
    table = measure(selection.rows(reads), **params)
    rows = selection.held.evaluate(table.order_by(list(measure.returns.keys)))
    rows = without_zeros(rows, measure, known, reads)
    if gone and not _has_value(rows, measure):
        raise CoverageError(
            f"measure {name}: nothing of this is known: {_short(gone)}{_next(selection)}"
        )
    return Measured(name, tuple(rows), gone, known.is_part, known, reads, selection, found)


def books(engine: Engine, snapshot: Snapshot) -> list[Books]:
    """Return who reports which flow how often, anywhere in the store."""
    query = f"select distinct freq, flow, reporter from {snapshot.view}_known"
    return [(freq, flow, who) for freq, flow, who in engine.own.con.execute(query).fetchall()]


def without_zeros(
    rows: list[dict[str, Any]], measure: Measure[Any], known: Known, reads: Sequence[Reads]
) -> list[dict[str, Any]]:
    """Return rows whose sums of nothing are null: of a part, zero says nothing of the whole.

    So is a sum where nobody published any of the months measured, or of those compared with, and
    with it what the row makes of it: a change or a ratio of nothing is none. Where only goods are
    missing, a row of one of the others is whole.
    """
    silent = _is_silent(known, reads)
    if not known.is_part and not silent:
        return rows
    product = measure.returns.of_role("product")
    name = product.name if product else ""
    sums = {column.name for column in measure.returns.values if column.is_sum}
    made = {c.name for c in measure.returns.values if c.type == "float64" and not c.is_sum}
    lacks_goods_only = not silent and all(gap.side == "goods" for gap in known.gaps)
    return [
        row
        if lacks_goods_only and name and row[name]
        else row | dict.fromkeys(_empty(row, sums, made if silent else set()))
        for row in rows
    ]


def _empty(row: dict[str, Any], sums: set[str], made: set[str]) -> set[str]:
    """Return the sums of a row that are sums of nothing, and what is made of them."""
    nothing = {name for name in sums if row[name] == 0}
    return nothing | made if nothing else nothing


def _is_silent(known: Known, reads: Sequence[Reads]) -> bool:
    """Whether a side of the question has windows of which no month is known."""
    seen = {(flow, day) for flow, _who, day in known.whole}
    sides = ((read, spans) for read in reads if read.is_counted and not read.optional
             for spans in (read.now, read.base) if spans)  # fmt: skip
    return any(
        not any((read.flow, day) in seen for span in spans for day in periods(*span, read.freq))
        for read, spans in sides
    )


def _has_value(rows: Sequence[dict[str, Any]], measure: Measure[Any]) -> bool:
    """Whether any row has an amount; a measure without amounts answers with its rows."""
    amounts = [column.name for column in measure.returns.values if column.is_sum]
    if not amounts:
        return bool(rows)
    return any(row[name] is not None for row in rows for name in amounts)


def not_known(reads: Sequence[Reads], known: Known, selection: Selection) -> tuple[str, ...]:
    """Name in words what of some reads the store does not know."""
    wanted = expected(reads, selection.slices)
    months = missing(wanted, known.whole, known.lacks)
    if not wanted and not known.gaps:
        flows = words.listed(sorted({f"{read.flow}s" for read in reads}))
        return (f"nobody published {flows} in these months",)
    return tuple(dict.fromkeys(
        [*(gap.text for gap in known.gaps), *(f"not published: {one}" if not one.endswith(")")
                                              else one for one in months)]
    ))  # fmt: skip


def _short(gone: Sequence[str], most: int = 4) -> str:
    rest = f"; and {len(gone) - most} more" if len(gone) > most else ""
    return "; ".join(gone[:most]) + rest


def _next(selection: Selection) -> str:
    """Return the next step: another frequency that is held, or what to take in."""
    other = "A" if selection.freq == "M" else "M"
    held = selection.engine.own.con.execute(
        f"select count(*) from {selection.snapshot.view}_known where freq = $1", [other]
    ).fetchone()
    if held and held[0] and not selection.slices.found:
        told = "annual figures: ask with --freq A" if other == "A" else "monthly figures"
        return f"; the store holds {told}"
    return "; `entrepot source status --offline` shows what is held, `source fetch` gets more"
