"""Links between two revisions: classes, corrections and weights, each computed from all links."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from entrepot.errors import CoverageError, DriftError, RegistryError, UnknownCodeError
from entrepot.reference import goods
from entrepot.reference._files import records

if TYPE_CHECKING:
    from entrepot.harmonise._workbook import ConcordanceWorkbook

PAIRS = pa.schema(
    [("source", "string"), ("target", "string"), ("converts", "bool"), ("trust", "string")]
)
WEIGHTS = pa.schema([("source", "string"), ("target", "string"), ("weight", "float64")])
TOLERANCE = 1e-9
"""How far the weights of a code may be from 1, as a result of division; sums keep to the same."""

_KIND = """
    if(count(*) over (partition by target) > 1, 'n', '1') || ':'
    || if(count(*) over (partition by source) > 1, 'n', '1')
"""


def query(sql: str, **tables: pa.Table) -> pa.Table:
    """Return what SQL makes of some Arrow tables, on one thread: they have thousands of rows."""
    with duckdb.connect(config={"threads": 1}) as connection:
        with suppress(duckdb.InvalidInputException):  # in a notebook without ipywidgets
            connection.execute("set enable_progress_bar = false")
        for name, table in tables.items():
            connection.register(name, table)
        return connection.sql(sql).to_arrow_table()


def check_classes(book: ConcordanceWorkbook) -> None:
    """Refuse a workbook that states another class than its own pairs have.

    Raises:
        DriftError: Names the first such row, the class stated and the class of the pairs.
    """
    rows = [(*pair, *said) for pair, said in book.correlation.items()]
    stated = pa.table(
        [pa.array(column) for column in zip(*rows, strict=True)],
        ["source", "target", "said", "number"],
    )
    wrong = query(
        f"from (select *, {_KIND} as kind from stated) where kind <> said order by number",
        stated=stated,
    ).to_pylist()
    if wrong:
        raise DriftError(
            "concordance: {name} correlation sheet row {number} calls {source} with {target} "
            "{said}, but by the sheet's own pairs it is {kind} ({more} such rows); download the "
            "file again".format(name=book.name, more=len(wrong), **wrong[0])
        )


def pairs(book: ConcordanceWorkbook) -> pa.Table:
    """Return the corrected pairs, later code first: PAIRS.

    `converts` marks the pairs of the conversion sheet. `trust` is the class that the goods lists
    give to a listed code's predecessor, and empty for other pairs.

    Raises:
        RegistryError: A goods list or correction names a pair that the workbook does not have.
    """
    found = dict.fromkeys(book.correlation, "")
    codes = {later for later, _ in found}
    for row in records("concordance_corrections"):
        pair = row["later_code"], row["earlier_code"]
        if (row["later"], row["earlier"]) != (book.later, book.earlier) or pair[0] not in codes:
            continue
        if (pair in found) == (row["action"] == "add"):
            raise RegistryError(
                f"concordance: cannot {row['action']} {pair[0]} with {pair[1]} in {book.name}; "
                "correct concordance_corrections.csv, or check the workbook against UNSD's"
            )
        if row["action"] == "add":
            found[pair] = ""
        else:
            del found[pair]
    for pair, trust in _listed(book.later, book.earlier).items():
        if pair not in found and pair[0] in codes:
            raise RegistryError(
                f"concordance: a goods list takes {pair[0]} from {pair[1]}, but {book.name} has no "
                "such pair; correct the list, or add the pair to concordance_corrections.csv"
            )
        if pair in found:
            found[pair] = trust
    rows = [(*pair, book.conversion[pair[0]] == pair[1], trust) for pair, trust in found.items()]
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=PAIRS)


def _listed(later: str, earlier: str) -> dict[tuple[str, str], str]:
    """Return the class of each (later, earlier) pair that a shipped goods list recommends."""
    listed: dict[tuple[str, str], str] = {}
    for good in (good for name in goods.names() for good in goods.load(name).goods):
        if good.hs2017_class == "unstated":
            continue
        if (later, earlier) == ("HS2022", "HS2017"):
            listed[good.code, good.hs2017] = good.hs2017_class
        elif (later, earlier) == ("HS2017", "HS2012"):
            same = good.hs2017 == good.hs2012
            listed[good.hs2017, good.hs2012] = "unchanged" if same else good.hs2012_class
    return listed


def linked(given: pa.Table, *, forward: bool, equal: bool = False) -> pa.Table:
    """Return pairs with their class and weight; see `Concordance` for what each means.

    A carved code takes its predecessor's trade backward only: forward, the predecessor is mostly
    something else. With `equal` no pair comes first.
    """
    first = "trust not in ('', 'carved')" if forward else "trust <> ''"
    rank = "0" if equal else f"case when {first} then 2 when converts then 1 else 0 end"
    return query(
        f"""
        with ranked as (select *, {rank} as rank from given),
        best as (select *, rank = max(rank) over (partition by source) as is_first from ranked)
        select source, target, {_KIND} as kind,
               if(is_first, 1.0::double / sum(is_first::int) over (partition by source), 0)::double
                   as weight,
               converts, trust
        from best order by source, target
        """,
        given=given,
    )


def replaced(links: pa.Table, weights: pa.Table, name: str) -> pa.Table:
    """Return links with the weights that a table states; codes it leaves out keep theirs.

    Raises:
        UnknownCodeError: The table has a pair that is no link.
        CoverageError: A weight is null, negative or stated twice, or those of a code do not sum
            to 1.
    """
    stated = weights.select(WEIGHTS.names).cast(WEIGHTS)
    odd = query("from stated anti join links using (source, target)", stated=stated, links=links)
    if odd.num_rows:
        row = odd.to_pylist()[0]
        raise UnknownCodeError(
            f"concordance: the weights have {row['source']} to {row['target']}, which {name} does "
            f"not link ({odd.num_rows} such pairs); leave them out"
        )
    wrong = query(
        f"""
        select source, sum(weight) as total from stated group by source
        having not coalesce(abs(total - 1) <= {TOLERANCE} and min(weight) >= 0
                            and count(distinct target) = count(weight)
                            and count(weight) = count(*), false)
        order by source
        """,
        stated=stated,
    ).to_pylist()
    if wrong:
        raise CoverageError(
            f"concordance: the weights of {wrong[0]['source']} in {name} sum to "
            f"{wrong[0]['total']}; expected each target once, none negative or missing, and 1 in "
            f"all ({len(wrong)} such codes)"
        )
    return query(
        """
        select links.* replace (
            if(source in (select source from stated), coalesce(stated.weight, 0), links.weight)
                as weight)
        from links left join stated using (source, target) order by source, target
        """,
        stated=stated,
        links=links,
    )


def joined(first: pa.Table, second: pa.Table) -> pa.Table:
    """Return the links of two steps as one, with the products of their weights summed.

    Codes with a path that ends at a code without links have no link at all.
    """
    return query(
        f"""
        with dead as (
            select distinct source from first where target not in (select source from second)
        ), paths as (
            select a.source, b.target, sum(a.weight * b.weight) as weight,
                   bool_or(a.converts and b.converts) as converts,
                   coalesce(min(if('carved' in (a.trust, b.trust), 'carved', b.trust))
                            filter (a.trust <> '' and b.trust <> ''), '') as trust
            from first a join second b on a.target = b.source
            where a.source not in (from dead) group by all
        )
        select source, target, {_KIND} as kind, weight, converts, trust
        from paths order by source, target
        """,
        first=first,
        second=second,
    )
