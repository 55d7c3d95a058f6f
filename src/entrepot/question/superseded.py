"""Superseded: finer rows of an older vintage, where a newer one speaks for the code above them."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from entrepot.store import small
from entrepot.store.known import SUBHEADING, TOTAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ibis.expr.types import Table

    from entrepot.engine import Engine
    from entrepot.question.grid import Signature
    from entrepot.question.tables import Tables
    from entrepot.store.known import Kind
    from entrepot.store.small import Columns

_TOLD = ("source", "reporter", "freq", "flow", "period")

Rule = tuple[int, str]
"""A kind of slices, by its place, and a code that it speaks for by name."""


def rules(
    kinds: Sequence[Kind], signatures: Iterable[Signature], codes: Collection[str] | None
) -> set[Rule]:
    """Return which kinds give a code of which others, of the same slice, give finer ones.

    The store hides rows of the same code itself; finer ones it keeps, for they are the last that
    was said of themselves.

    Args:
        kinds: What vintages speak for.
        signatures: The kinds of each slice.
        codes: The codes that are counted; None is every subheading.
    """
    pairs = {pair for signature in signatures for pair in permutations(signature, 2)}
    spoken = {place: _spoken(kinds[place], codes) for place, _other in pairs}
    return {
        (place, code)
        for place, other in pairs
        for code in spoken[place]
        if _is_finer(kinds[other], code)
    }


def _spoken(kind: Kind, codes: Collection[str] | None) -> set[str]:
    """Return the codes counted that a kind speaks for by name, and in full."""
    return {
        code
        for code in kind.products or ()
        if (len(code) == SUBHEADING if codes is None else code in codes)
        and kind.product(code) == "known"
    }


def _is_finer(kind: Kind, code: str) -> bool:
    if kind.products is None:
        return code == TOTAL or any(depth > len(code) for depth in kind.depths)
    return bool(kind.under(code))


def dropped(
    rows: Table,
    engine: Engine,
    tables: Tables,
    view: str,
    kinds: Sequence[Kind],
    found: set[Rule],
) -> Table:
    """Leave out the rows that a newer vintage speaks for by the code they are counted under.

    Args:
        rows: Stored rows with the `code` that each counts under.
        engine: The session with the rows; its own connection has `<view>_told`.
        tables: The question's own.
        view: The snapshot's name.
        kinds: What vintages speak for, by their place.
        found: What `rules` returns.
    """
    if not found:
        return rows
    partners = [kinds[place].partners for place, _code in sorted(found)]
    columns: Columns = {
        "kind": ("bigint", [place for place, _code in sorted(found)]),
        "code": ("varchar", [code for _place, code in sorted(found)]),
        "partners": ("varchar[]", [names and sorted(names) for names in partners]),
    }
    small.table(engine.own.con, "entrepot_rules", columns)
    query = f"""select o.vintage, o.{", o.".join(_TOLD)}, code, partners
        from {view}_told o join {view}_told n using ({", ".join(_TOLD)})
        join entrepot_rules r on r.kind = n.kind where o.rank < n.rank"""
    gone = engine.table(tables.told("superseded", query))
    is_theirs = gone.partners.isnull() | gone.partners.contains(rows.partner)
    finer = rows.product != gone.code
    same = [rows[name] == gone[name] for name in ("vintage", *_TOLD, "code")]
    return rows.anti_join(gone, [*same, is_theirs, finer])
