"""Snapshot: the flows as they were known on a day, resolved from manifests and slices alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from entrepot.schema import FLOWS
from entrepot.store import small
from entrepot.store.compacted import PILES, found, serving
from entrepot.store.known import FACTS, Kind, columns, fill, kinds, seen
from entrepot.store.paths import parquet
from entrepot.store.rowfiles import KEY, RowFiles, chosen, rows_known
from entrepot.store.vintages import SLICES, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.store.compacted import Segment
    from entrepot.store.small import Columns
    from entrepot.store.vintages import Vintage


OWN = -1
"""The place of vintages that are in no segment."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The view that holds the flows, the vintages with a live slice, and what they speak for.

    `reads` are the files that hold its rows; with `hides`, rows of slices that are live are hidden
    by the table `partly`.
    `<view>_known` has one row per source, reporter, freq, flow and period with any vintage, and
    its `kinds`: the places in `kinds` of those that speak for it. `<view>_told` has one row per
    vintage that speaks for a slice, with its `rank`, 0 for the oldest, and its `kind`.
    """

    view: str
    vintages: tuple[Vintage, ...]
    kinds: tuple[Kind, ...] = ()
    reads: tuple[RowFiles, ...] = ()
    hides: bool = False

    @property
    def is_synthetic(self) -> bool:
        """Whether any of it is of an invented world; a store never holds both kinds."""
        return any(vintage.synthetic for vintage in self.vintages)


def snapshot(
    con: DuckDBPyConnection, vintages: list[Vintage], *, as_of: date | None, view: str = "flows"
) -> Snapshot:
    """Create a view of the flows known on a day.

    Per slice (source, reporter, freq, flow, period) the newest vintage not after the day speaks
    for its scope, as far down as its rows in the slice go; older rows outside of that stay. Whole
    slices are decided without reading a row; rows are filtered only in vintages that a newer one
    covers in part. Where vintages are in sorted files too, the rows are read there.

    Args:
        con: Connection that keeps the view.
        vintages: All vintages of the store, oldest first.
        as_of: The day; None means today and later.
        view: Name of the view, with the columns of `schema.FLOWS`; another, `<view>_slices`, has
            one row per source, reporter, freq, flow and period with any flow.
    """
    known = [vintage for vintage in vintages if as_of is None or vintage.published <= as_of]
    if not known:
        con.register(f"{view}_none", FLOWS.arrow.empty_table())
        con.execute(f"create or replace temp view {view} as from {view}_none")
        con.execute(f"create or replace temp view {view}_slices as select {KEY} from {view}_none")
        con.execute(f"""create or replace temp table {view}_known as
            select {KEY}, []::bigint[] as kinds from {view}_none""")
        con.execute(f"""create or replace temp table {view}_told as
            select vintage, 0 as rank, {KEY}, 0 as kind from {view}_none""")
        return Snapshot(view, ())
    segments = serving(found(known[0].folder.parents[1]), known)
    scopes = resolve(con, known, segments)
    alive = {name for (name,) in con.execute("select distinct vintage from live").fetchall()}
    living = tuple(vintage for vintage in known if vintage.id in alive)
    hides = _hides(con, known)
    reads = chosen(con, living, segments)
    query = rows_known([(parquet(one.paths), one.kept) for one in reads], hides=hides)
    con.execute(f"create or replace temp view {view} as {query}")
    con.execute(f"create or replace temp view {view}_slices as select distinct {KEY} from live")
    return Snapshot(view, living, _known(con, view, scopes), reads, hides)


def _known(con: DuckDBPyConnection, view: str, scopes: list[Scope]) -> tuple[Kind, ...]:
    """Make `<view>_known`; return the kinds that it names by their place."""
    numbered = kinds(con, scopes)
    same = " and ".join(f"s.{name} is not distinct from k.{name}" for name in ("scope", *FACTS))
    con.execute(f"""create or replace temp table {view}_told as
        select vintage, rank, {KEY}, kind
        from (select vintage, rank, {KEY}, {seen("t")}
            from slices t join live using (vintage, {KEY})) s join kinds k on {same}""")
    con.execute(f"""create or replace temp table {view}_known as
        select {KEY}, list_sort(list(distinct kind)) as kinds from {view}_told group by all""")
    return tuple(numbered)


def resolve(
    con: DuckDBPyConnection, known: list[Vintage], segments: Sequence[Segment] = ()
) -> list[Scope]:
    """Make `slices`, `live` (those that no newer vintage covers) and `hides`; return the scopes.

    Args:
        con: Connection that keeps the tables.
        known: One vintage or more, oldest first.
        segments: Where the slices of some of them stand, and those of no other vintage known.
    """
    scopes = _meetings(con, known, segments)
    met = con.execute("select distinct was, became from meetings").fetchall()
    kinds = [relation(scopes[was], scopes[became]) for was, became in met]
    pairs: Columns = {
        "was": ("bigint", [was for was, _became in met]),
        "became": ("bigint", [became for _was, became in met]),
        "kind": ("varchar", kinds),
    }
    small.table(con, "entrepot_kinds", pairs)
    con.execute(f"""create or replace temp table hides as
        select older, newer, kind, {KEY} from meetings join entrepot_kinds using (was, became)
        where kind <> 'apart'""")
    con.execute(f"""create or replace temp table live as
        select vintage, {KEY} from current s where not exists (
            select 1 from hides h where h.kind = 'covers' and h.older = s.vintage
            and h.reporter = s.reporter and h.freq = s.freq and h.flow = s.flow
            and h.period = s.period)""")
    return scopes


def _meetings(
    con: DuckDBPyConnection, known: list[Vintage], segments: Sequence[Segment]
) -> list[Scope]:
    """Make `slices`, `current` and `meetings`, pairs of vintages; return the scopes they name.

    Vintages meet only in slices that both have, and few scopes differ: the work grows with the
    slices, not with the pairs of vintages.
    """
    spoken = [replace(vintage.scope, declared=True) for vintage in known]
    scopes = list(dict.fromkeys(spoken))
    number = {scope: at for at, scope in enumerate(scopes)}
    place = {one.id: at for at, segment in enumerate(segments) for one in known if segment.has(one)}
    ranked = {
        "vintage": ("varchar", [v.id for v in known]),
        "rank": ("bigint", range(len(known))),
        "scope": ("bigint", [number[scope] for scope in spoken]),
        "place": ("bigint", [place.get(v.id, OWN) for v in known]),
    }
    small.table(con, "entrepot_ranked", ranked)
    own = [vintage.folder / SLICES for vintage in known if vintage.id not in place]
    sides = [(OWN, own, "null::bigint")] if own else []
    sides += [
        (at, [one.folder / SLICES], f"{PILES * at} + pile") for at, one in enumerate(segments)
    ]
    rows = " union all ".join(_slices(con, *side) for side in sides)
    con.execute(f"create or replace temp table slices as {rows}")
    _complete(con, known)
    # A newer vintage of the same scope, or of everything, covers an older one without comparing.
    everything = number.get(Scope(declared=True), len(scopes))
    con.execute(f"""create or replace temp table current as
        from (select arg_max(vintage, rank) as vintage, max(rank) as rank, scope, {KEY}
            from slices group by all)
        qualify rank >= coalesce(
            max(rank) filter (scope = {everything}) over (partition by {KEY}), 0)""")
    con.execute(f"""create or replace temp table meetings as
        select o.vintage as older, n.vintage as newer, o.scope as was, n.scope as became, {KEY}
        from current o join current n using ({KEY}) where o.rank < n.rank""")
    return scopes


def _slices(con: DuckDBPyConnection, place: int, paths: list[Path], pile: str) -> str:
    """Return the query of the slices that stand in these files, of the vintages in that place."""
    read = parquet(paths, by_name=True)
    named = con.execute(f"select column_name from (describe from {read})").fetchall()
    written = {name for (name,) in named}
    return f"""select vintage, {KEY}, rows, {columns(written)}, rank, scope, {pile} as pile
        from {read} join entrepot_ranked using (vintage) where place = {place}"""


def _complete(con: DuckDBPyConnection, known: list[Vintage]) -> None:
    """Work out what the slices of older releases of entrepot do not say of themselves."""
    without = "select distinct vintage from slices where depths is null"
    lacking = {vintage for (vintage,) in con.execute(without).fetchall()}
    if lacking:
        fill(con, "slices", [path for v in known if v.id in lacking for path in v.flows])


def _hides(con: DuckDBPyConnection, known: list[Vintage]) -> bool:
    """Make `partly`, what newer vintages cover of a part; return whether there is any."""
    con.execute("create or replace temp table partly as from hides where kind = 'partly'")
    if con.execute("select count(*) from partly").fetchone() == (0,):
        return False
    columns: Columns = {
        "newer": ("varchar", [v.id for v in known]),
        "products": ("varchar[]", [v.scope.products for v in known]),
        "partners": ("varchar[]", [v.scope.partners for v in known]),
    }
    small.table(con, "entrepot_scopes", columns)
    con.execute(f"""create or replace temp table partly as
        select p.*, s.products, s.partners, depths, bare, list_max(depths) as deepest
        from partly p join entrepot_scopes s using (newer)
        join (select vintage as newer, {KEY}, depths, bare from slices) using (newer, {KEY})""")
    return True


def relation(old: Scope, new: Scope) -> Literal["covers", "partly", "apart"]:
    """Say how a newer scope relates to an older one: covers it, covers a part, or lies apart."""
    sides = [_side(old.products, new.products), _side(old.partners, new.partners)]
    if "apart" in sides:
        return "apart"
    return "covers" if sides == ["covers", "covers"] else "partly"


def _side(
    old: tuple[str, ...] | None, new: tuple[str, ...] | None
) -> Literal["covers", "partly", "apart"]:
    if new is None:
        return "covers"
    if old is None:
        return "partly"
    shared = set(old) & set(new)
    if not shared:
        return "apart"
    return "covers" if len(shared) == len(set(old)) else "partly"
