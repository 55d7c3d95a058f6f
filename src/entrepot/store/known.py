"""Known: what each vintage speaks for, slice by slice, made from manifests and slices alone.

A slice is a source, reporter, freq, flow and period. For each the store says of any product and
partner whether it was published at a depth that would show it, only in a coarser code, or never
asked for; only then does a missing row mean that there was no trade.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from entrepot.store.paths import parquet

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from duckdb import DuckDBPyConnection

    from entrepot.store.manifests import Scope

SLICE = ("source", "reporter", "freq", "flow", "period")
TOTAL, WORLD = "TOTAL", "WLD"
SUBHEADING = 6

State = Literal["known", "national", "part", "coarser", "unasked"]
"""How a vintage speaks for a product: in full, for the national codes that a table holds of it, for
some codes under it, only for a code above it, or not at all."""

Told = tuple[str, str, str]
"""Source, reporter and freq."""
FACTS = (
    *("depths", "classifications", "areas", "has_world", "has_total", "bare", "torn"),
    *("confidential", "corrections"),
)
_COUNTS = FACTS[-2:]
_TYPES = {
    "depths": "integer[]",
    "classifications": "varchar[]",
    "areas": "varchar[]",
    "has_world": "boolean",
    "has_total": "boolean",
    "bare": "varchar[]",
    "torn": "varchar[]",
    "confidential": "bigint",
    "corrections": "bigint",
}


@dataclass(frozen=True)
class Kind:
    """What a vintage speaks for in a slice; many slices are of one kind.

    `products` and `partners` are its scope, None for everything; `is_asked` says that its products
    were asked for by name, and are not those that a table happened to hold. `depths` are the
    lengths of its codes, 0 for the total over all goods. `bare` are codes that stand without the
    finer ones their neighbours have, `torn` headings and chapters that do so for some partners
    only. `areas` are the sums of countries among its partners. `has_world` says that every product
    has a row for the world, `has_total` that every partner has a total of all goods; `has_secrets`
    that it has confidential cells, `has_corrections` values below zero.
    """

    products: frozenset[str] | None
    partners: frozenset[str] | None
    is_asked: bool
    depths: tuple[int, ...]
    classifications: tuple[str, ...]
    areas: frozenset[str]
    has_world: bool
    has_total: bool
    bare: frozenset[str]
    torn: frozenset[str]
    has_secrets: bool
    has_corrections: bool

    def product(self, code: str) -> State:
        """Say how it speaks for a code of the HS or of the office's own nomenclature."""
        if code == TOTAL:
            return self._total()
        if self.products is None:
            return self._whole(code)
        above = any(code[:size] in self.products for size in range(2, len(code)))
        # A vintage of several levels may give a slice in a broader one only.
        is_several = above or self.depths == (0,)
        if code in self.products:
            return self._whole(code) if is_several else "known"
        if code in self._stems and not (is_several and self._is_shallow(code)):
            return "part" if len(code) < SUBHEADING or self.is_asked else "national"
        return "coarser" if above else "unasked"

    @cached_property
    def _stems(self) -> frozenset[str]:
        """What the codes of a limited scope lie under: every beginning of one, of two digits on."""
        return frozenset(
            code[:size] for code in self.products or () for size in range(2, len(code))
        )

    def _total(self) -> State:
        """Say how it speaks for all goods: some goods add up to a part of them."""
        if self.products is None or (TOTAL in self.products and self.has_total):
            return "known"
        return "part" if self.products else "unasked"

    def _whole(self, code: str) -> State:
        is_bare = any(code[:n] in self.bare for n in range(2, len(code)))
        return "coarser" if self._is_shallow(code) or is_bare else "known"

    def _is_shallow(self, code: str) -> bool:
        """Whether the slice has codes, and none as fine as this one."""
        return bool(self.depths) and max(self.depths) < len(code)

    def under(self, code: str) -> frozenset[str]:
        """Return the codes of a limited scope that lie under a code; all under the total."""
        if code == TOTAL:
            return (self.products or frozenset()) - {TOTAL}
        return frozenset(one for one in self.products or () if one.startswith(code) and one != code)

    def partner(self, code: str) -> bool:
        """Say whether it speaks for a partner; for a sum of countries only where it has its rows.

        The world is the sum of the partners where all of them are known, and of some of them
        nothing: with a good that has no row for the world, the world is not known.
        """
        if self.partners is not None:
            return code in self.partners and (code != WORLD or self.has_world)
        return code == WORLD or code not in aggregates() or code in self.areas


def told(con: DuckDBPyConnection, view: str, kinds: Sequence[Kind]) -> dict[Told, str]:
    """Say in words what is known of the newest period of each source, reporter and freq.

    Args:
        con: Connection with `<view>_known`.
        view: The snapshot's name.
        kinds: Its kinds, by their place.
    """
    rows = con.execute(f"""select source, reporter, freq, flatten(list(kinds))
        from (from {view}_known
            qualify period = max(period) over (partition by source, reporter, freq))
        group by all""").fetchall()
    return {
        (source, who, freq): _speaks_for([kinds[place] for place in {*places}])
        for source, who, freq, places in rows
    }


def _speaks_for(kinds: Sequence[Kind]) -> str:
    depth = max((depth for kind in kinds for depth in kind.depths), default=0)
    digits = f" of up to {depth} digits" if depth else ""
    goods = _count([kind.products for kind in kinds], "code")
    return f"{goods}{digits}; {_count([kind.partners for kind in kinds], 'partner')}"


def _count(scopes: Sequence[frozenset[str] | None], noun: str) -> str:
    if any(scope is None for scope in scopes):
        return f"all {noun}s"
    size = len(frozenset[str]().union(*(scope or frozenset() for scope in scopes)))
    return f"{size:,} {noun}{'' if size == 1 else 's'}"


def facts(rows: str, keys: Collection[str], *, where: str = "true") -> str:
    """Return the query of what a relation's slices hold: one row per slice, with `FACTS`.

    Args:
        rows: Name of a relation in the columns of `schema.FLOWS`.
        keys: The columns of a slice, with others to group by.
        where: Which rows.
    """
    by = ", ".join(keys)
    sums = ", ".join(f"'{code}'" for code in sorted(aggregates()))
    return f"""
        with coded as (
            select {by}, product, partner, classification, status,
                case product when '{TOTAL}' then 0 else length(product) end as depth
            from {rows} where {where}),
        goods as (
            select {by}, product, depth, classification, count(*) as rows,
                bool_or(partner = '{WORLD}') as is_told,
                count(*) filter (status = 'confidential') as confidential,
                count(*) filter (status = 'correction') as corrections
            from coded group by all),
        whom as (
            select {by}, bool_and(is_told) as has_total,
                coalesce(list_sort(list(partner) filter (partner in ({sums}))), []) as areas
            from (select {by}, partner, bool_or(depth = 0) as is_told from coded group by all)
            group by all),
        each as (
            select {by}, sum(rows)::bigint as rows, list_sort(list(distinct depth)) as depths,
                list_sort(list(distinct classification)) as classifications,
                count(distinct product) filter (is_told) = count(distinct product) as has_world,
                sum(confidential)::bigint as confidential, sum(corrections)::bigint as corrections
            from goods group by all),
        sides as (from each join whom using ({by})),
        mixed as (select {by}, list_max(depths) as finest from sides
            where list_min(list_filter(depths, d -> d > 0)) < list_max(depths)),
        codes as (select distinct {by}, product, depth, finest
            from goods join mixed using ({by}) where depth > 0),
        parents as (select distinct {by}, left(product, n) as product
            from codes, (select unnest([2, 4, 6, 8, 9, 10]) as n) where n < depth),
        leaves as (select {by}, list_sort(list(product)) as bare from codes c
            anti join parents p using ({by}, product) where depth < finest group by all),
        heads as (select {by}, product, depth from codes semi join parents using ({by}, product)
            where depth < least(finest, {SUBHEADING})),
        tops as (select distinct {by}, partner, product
            from coded semi join heads using ({by}, product)),
        stems as (select distinct {by}, partner, product
            from (select {by}, partner, left(product, 2) as product from coded where depth > 2
                union all
                select {by}, partner, left(product, 4) as product from coded where depth > 4)
            semi join heads using ({by}, product)),
        alone as (select {by}, list_sort(list(distinct product)) as torn from tops
            anti join stems using ({by}, partner, product) group by all)
        select {by}, rows, depths, classifications, areas, has_world, has_total,
            coalesce(bare, []) as bare, coalesce(torn, []) as torn, confidential, corrections
        from sides left join leaves using ({by}) left join alone using ({by})"""


def nothing() -> str:
    """Return the facts of a slice that holds no row, as columns of a query."""
    empty = {"[]": "[]", "boolean": "true", "bigint": "0"}
    return ", ".join(f"{empty.get(kind, '[]')}::{kind} as {name}" for name, kind in _TYPES.items())


def fill(con: DuckDBPyConnection, slices: str, flows: list[str]) -> None:
    """Work out the facts of slices that were written without them, from their rows.

    Args:
        con: Connection with the table `slices`.
        slices: Its name.
        flows: Files with the rows of the vintages that lack facts.
    """
    con.execute(f"""create or replace temp view entrepot_bare as
        from {parquet(flows)}""")
    keys = ("vintage", *SLICE)
    same = " and ".join(f"s.{key} = f.{key}" for key in keys)
    sets = ", ".join(f"{name} = f.{name}" for name in FACTS)
    con.execute(f"""update {slices} s set {sets}
        from ({facts("entrepot_bare", keys)}) f where {same}""")


def columns(present: Collection[str]) -> str:
    """Return the facts as columns of a query over slices, null where the files have none."""
    return ", ".join(
        name if name in present else f"null::{_TYPES[name]} as {name}" for name in FACTS
    )


def kinds(con: DuckDBPyConnection, scopes: Sequence[Scope]) -> list[Kind]:
    """Return the kinds of `live` slices, in the order of their number.

    Makes the table `kinds`; a slice of several kinds is one that several vintages speak for.

    Args:
        con: Connection with the tables `slices` and `live`.
        scopes: Each scope, by its number.
    """
    con.execute(f"""create or replace temp table kinds as
        select row_number() over () - 1 as kind, * from (select distinct {seen("s")}
            from slices s join live using (vintage, {", ".join(SLICE)}))""")
    rows = con.execute(f"select scope, {', '.join(FACTS)} from kinds order by kind").fetchall()
    return [
        Kind(
            products=_set(scopes[scope].products),
            partners=_set(scopes[scope].partners),
            is_asked=scopes[scope].asked,
            depths=tuple(depths or ()),
            classifications=tuple(classes or ()),
            areas=frozenset(areas or ()),
            has_world=bool(world),
            has_total=bool(total),
            bare=frozenset(bare or ()),
            torn=frozenset(torn or ()),
            has_secrets=secrets,
            has_corrections=corrections,
        )
        for scope, depths, classes, areas, world, total, bare, torn, secrets, corrections in rows
    ]


def seen(table: str) -> str:
    """Return the columns of a table of slices that tell its kind."""
    facts = [f"{table}.{name}" for name in FACTS if name not in _COUNTS]
    return ", ".join(
        [f"{table}.scope", *facts, *(f"coalesce({table}.{n}, 0) > 0 as {n}" for n in _COUNTS)]
    )


def _set(names: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def aggregates() -> frozenset[str]:
    """Return the partners that are sums of others."""
    from entrepot.reference import countries

    return frozenset(
        code for code, row in countries.areas().items() if row["kind"] in countries.AGGREGATES
    )
