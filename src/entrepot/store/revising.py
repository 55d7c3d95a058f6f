"""Revising: how far a month of a reporter still moves, by the age at which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.store import small
from entrepot.store.audit import verified
from entrepot.store.known import TOTAL, WORLD, aggregates
from entrepot.store.paths import parquet
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

    from entrepot.store.small import Columns
    from entrepot.store.vintages import Vintage

AGES = ((0, 2), (3, 5), (6, 11), (12, 23), (24, None))
"""Full months after the end of the month, first and last; a band holds them all."""
FEWEST = 6
"""Cells from which on a band has quantiles."""
LOW, HIGH = 0.1, 0.9
"""Quantiles: four cells of five lie between them."""
PIECE = "source, reporter, flow, period"


@dataclass(frozen=True, slots=True)
class RevisionBand:
    """How months of one reporter moved that were read at one age and published again later.

    A cell is one month of one flow, as one earlier vintage had it; its ratio is the last known
    value over the value then, of the goods and partners that both vintages speak for, in the
    publisher's currency. `low`, `median` and `high` are the quantiles 0.1, 0.5 and 0.9 of the
    ratio: 1.02 is 2% more than was read. They are None where there are fewer than `FEWEST` cells.
    `moved` counts the cells whose ratio is not 1, `releases` the earlier vintages. Months that
    nobody published again are in none: the band is of those that were.
    """

    source: str
    reporter: str
    age_first: int
    age_last: int | None
    cells: int
    moved: int
    releases: int
    low: float | None
    median: float | None
    high: float | None

    def holds(self, age: int) -> bool:
        """Whether a month of this age is of the band."""
        return self.age_first <= age and (self.age_last is None or age <= self.age_last)


def profile(
    con: DuckDBPyConnection,
    vintages: Sequence[Vintage],
    *,
    as_of: date | None = None,
    reporters: Collection[str] | None = None,
) -> list[RevisionBand]:
    """Return per source, reporter and age how far its months still moved.

    Only months in several vintages are read. The age is in full months from the end of the month
    to the day of the earlier vintage; one whose day is that of its arrival tells none.

    Args:
        con: A connection.
        vintages: Those of the store, oldest first.
        as_of: Only what was known on this day; None is everything.
        reporters: Only these; None is all.

    Returns:
        One record per source, reporter and band of `AGES` with any cell, in that order.

    Raises:
        StoreError: A file of a vintage that is read is not as written.
    """
    known = {one.id: one for one in vintages if as_of is None or one.published <= as_of}
    if len(known) < 2:
        return []
    _pairs(con, [*known.values()], reporters)
    named = con.execute("select older from pairs union select newer from pairs").fetchall()
    read = [known[name] for (name,) in sorted(named)]
    if not read:
        return []
    verified(*read)
    _sums(con, [path for one in read for path in one.flows])
    first, last = (", ".join(str(one[at]) if one[at] is not None else "null" for one in AGES)
                   for at in (0, 1))  # fmt: skip
    ends = f"select unnest([{first}]) as age_first, unnest([{last}]) as age_last"
    rows = con.execute(f"""
        select source, reporter, age_first, age_last, count(*) as cells,
            count(*) filter (abs(ratio - 1) > 1e-9) as moved, count(distinct older) as releases,
            {_quantile(LOW, "low")}, {_quantile(0.5, "median")}, {_quantile(HIGH, "high")}
        from ratios join ({ends}) on age >= age_first and age <= coalesce(age_last, age)
        group by all order by source, reporter, age_first""").to_arrow_table()
    return [RevisionBand(**row) for row in rows.to_pylist()]


def _quantile(at: float, name: str) -> str:
    return f"if(count(*) >= {FEWEST}, quantile_cont(ratio, {at}), null) as {name}"


def _pairs(
    con: DuckDBPyConnection, known: Sequence[Vintage], reporters: Collection[str] | None
) -> None:
    """Make `pairs`: per slice in several vintages each earlier one, its age, and the last."""
    told: Columns = {
        "vintage": ("varchar", [one.id for one in known]),
        "day": ("date", [one.published for one in known]),
        "is_dated": ("boolean", [one.dated for one in known]),
        "rank": ("bigint", range(len(known))),
        "products": ("varchar[]", [one.scope.products for one in known]),
        "partners": ("varchar[]", [one.scope.partners for one in known]),
    }
    small.table(con, "entrepot_told", told)
    read = parquet([one.folder / SLICES for one in known], by_name=True)
    only = "" if reporters is None else (
        f"and reporter in (select unnest({small.texts(sorted(reporters))}))"
    )  # fmt: skip
    con.execute(f"""create or replace temp table pairs as
        with held as (select vintage, rank, day, is_dated, {PIECE}
            from {read} join entrepot_told using (vintage)
            where freq = 'M' and rows > 0 {only}),
        lasting as (select *, arg_max(vintage, rank) over (partition by {PIECE}) as newer
            from held)
        select vintage as older, newer, {PIECE},
            datediff('month', (period + interval 1 month)::date, day) as age
        from lasting where vintage <> newer and is_dated""")


def _sums(con: DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Make `ratios`: per pair the later over the earlier value, at one level of both vintages.

    That of subheadings, where both have them, else the finest; over partners one by one, where
    both have them, else that of the world. No code and no partner is counted twice.
    """
    sums = small.texts(sorted(aggregates() - {WORLD}))
    inside = " and ".join(
        f"(v.{side} is null or list_contains(v.{side}, f.{side[:-1]}))"
        for side in ("products", "partners")
    )
    con.execute(f"""create or replace temp table ratios as
        with sides as (
            select *, older as vintage, true as is_old from pairs
            union all select *, newer, false from pairs),
        seen as (
            select vintage, {PIECE}, classification, currency, product, partner, value_local
            from {parquet(paths, by_name=True)} semi join sides using (vintage, {PIECE})
            where freq = 'M' and value_local is not null and status <> 'correction'
                and partner not in (select unnest({sums}))),
        levels as (
            select s.older, s.newer, s.age, {", ".join(f"s.{name}" for name in PIECE.split(", "))},
                f.classification, f.currency, f.partner = '{WORLD}' as is_world,
                if(f.product = '{TOTAL}', 0, length(f.product)) as depth,
                sum(f.value_local) filter (s.is_old) as was,
                sum(f.value_local) filter (not s.is_old) as became
            from sides s join seen f using (vintage, {PIECE})
            join entrepot_told v on v.vintage = if(s.is_old, s.newer, s.older) and {inside}
            group by all)
        select older, {PIECE}, age, became / was as ratio
        from levels where was > 0 and became is not null
        qualify row_number() over (partition by older, {PIECE}
            order by is_world, depth <> 6, depth desc, was desc) = 1""")
