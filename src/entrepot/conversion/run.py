"""Run: convert a table, and check that nothing was lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import ibis
import pyarrow as pa

from entrepot.conversion.about import about, refusal
from entrepot.conversion.asked import target
from entrepot.conversion.links import books, way
from entrepot.conversion.tables import read
from entrepot.conversion.weights import OF_STORE, weigh
from entrepot.errors import CoverageError, EntrepotError, SourceError
from entrepot.harmonise import _links
from entrepot.harmonise.concordance import convert, unconverted
from entrepot.harmonise.products import SUBHEADING, revision_of
from entrepot.publish.mark import SYNTHETIC

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.conversion.asked import Conversion
    from entrepot.conversion.links import Book
    from entrepot.conversion.tables import Own
    from entrepot.conversion.weights import Weighed
    from entrepot.workspace import Workspace

Unconverted = Literal["refuse", "keep"]

NOTICE = "notice"
INVENTED = "the weights rest on its trade; the figures of the table are your own"


@dataclass(frozen=True, slots=True)
class Converted:
    """A table in another revision: see `converted` for its columns; `about` is what it rests on."""

    rows: pa.Table
    about: tuple[tuple[str, str], ...]


def converted(
    asked: Conversion,
    work: Workspace,
    *,
    weights: str = "recommended",
    left: Unconverted = "refuse",
    tables: Sequence[Path] = (),
    sources: Sequence[str] = (),
) -> Converted:
    """Convert a table to another HS revision.

    One row per row of the table and link of its code, in the table's order: every column that is no
    amount as it was, then the new code (hs2022), link (its class), weight, basis (which rule gave
    the weight), each amount with NAME_low and NAME_high, and concordance (file and day). Amounts
    are the row's times the weight. Low counts them where the code has no other link, high on every
    link. A row kept unconverted has no new code, weight or bounds.

    Args:
        asked: The table and the revisions.
        work: The store: its tables of revisions, and the trade behind some weights.
        weights: A rule of `weights.RULES`, or the path of a CSV.
        left: What to do with codes that cannot be converted: refuse them, or keep them apart.
        tables: Workbooks to use in place of the store's.
        sources: Which source to take where several hold the same reporter.

    Raises:
        EntrepotError: With one line: a file cannot be read, a column is unclear, a code cannot be
            converted, or the store lacks what the weights rest on.
    """
    after = target(asked, is_given=bool(tables))
    found = books(work.store.path, tables, work.as_of)
    befores = _befores(asked, found, after)
    ways = {before: way(found, before, after) for before in befores}
    known = {code for steps in ways.values() for step in (steps[0], steps[-1])
             for side in ("source", "target")
             for code in step.concordance.links[side].to_pylist()}  # fmt: skip
    own = read(asked, known)
    own = replace(own, rows=_rows(own))
    present = set(own.rows["classification"].unique().to_pylist())
    used = {hs: steps for hs, steps in ways.items() if hs in present} or ways
    # Where every row is in the revision already, no rule has anything to weigh.
    rule = weights if present & used.keys() else "recommended"
    weighed = [weigh(rule, steps, work, sources) for steps in used.values()]
    gone = _gone(work, own, weighed)
    if gone and left == "refuse":
        raise refusal(asked, own, gone, after)
    says = {hs: "; ".join(dict.fromkeys(step.book.says for step in steps))
            for hs, steps in used.items()}  # fmt: skip
    made = _made(work, own, weighed, says, gone)
    _check(asked.path, own, made)
    rows = _named(asked.path, own, made, after)
    told = about(asked, own, weighed, says, made, gone)
    if weights in OF_STORE and work.snapshot.is_synthetic:
        return Converted(_marked(asked.path, rows), (("Notice", f"{SYNTHETIC}: {INVENTED}"), *told))
    return Converted(rows, told)


def _marked(path: Path, rows: pa.Table) -> pa.Table:
    """Return rows with the notice of an invented world in a column."""
    if NOTICE in rows.column_names:
        raise SourceError(
            f"{path.name}: column {NOTICE!r} has a name that the result needs; rename it in the "
            "table"
        )
    return rows.append_column(NOTICE, pa.repeat(pa.scalar(SYNTHETIC), len(rows)))


def _befores(asked: Conversion, found: Sequence[Book], after: str) -> list[str]:
    """Return the revisions to convert from: the one named, else all that lead to the other."""
    if asked.revision:
        return [asked.revision]
    every = {hs for book in found for hs in (book.concordance.from_revision,
                                             book.concordance.to_revision)}  # fmt: skip
    if after not in every:
        way(found, min(every), after)
    return [hs for hs in sorted(every - {after}) if _leads(found, hs, after)]


def _leads(found: Sequence[Book], before: str, after: str) -> bool:
    try:
        return bool(way(found, before, after))
    except CoverageError:
        return False


def _rows(own: Own) -> pa.Table:
    """Return the rows with codes cut to six digits, and nomenclatures as the HS revision below."""
    names = [name for name in own.rows["classification"].unique().to_pylist() if name]
    hs = pa.table([names, [revision_of(name) or name for name in names]], names=["name", "hs"])
    return _links.query(
        f"""select given.* replace (
            case when regexp_full_match(product, '[0-9]{{6,14}}') then product[:{SUBHEADING}]
                else product end as product,
            coalesce(hs, classification) as classification)
        from given left join hs on classification = name order by row""",
        given=own.rows,
        hs=hs,
    )


def _gone(work: Workspace, own: Own, weighed: Sequence[Weighed]) -> list[dict[str, object]]:
    """Return the codes that cannot be converted, the largest first."""
    links = [one.concordance for one in weighed]
    table = unconverted(ibis.memtable(own.rows), *links, amounts=own.ids)
    rows = work.own.to_pyarrow(table).to_pylist()
    return sorted(rows, key=lambda row: (-(row["a0"] or 0.0), row["product"]))


def _made(
    work: Workspace,
    own: Own,
    weighed: Sequence[Weighed],
    says: dict[str, str],
    gone: Sequence[dict[str, object]],
) -> pa.Table:
    """Return the converted rows with basis and concordance, in the table's order."""
    links = [one.concordance for one in weighed]
    bare = ibis.memtable(own.rows)
    rows = work.own.to_pyarrow(convert(bare, *links, amounts=own.ids))
    basis = pa.concat_tables([
        one.basis.append_column("hs", pa.array([one.concordance.from_revision] * len(one.basis)))
        for one in weighed
    ])  # fmt: skip
    told = pa.table([[*says], [*says.values()]], names=["hs", "says"])
    left = pa.table(
        [[row["classification"] for row in gone], [row["product"] for row in gone]],
        schema=pa.schema([("classification", "string"), ("product", "string")]),
    )
    bounds = ", ".join(
        f"if(is_gone, null, {name}_{side}) as {name}_{side}"
        for name in own.ids for side in ("low", "high")
    )  # fmt: skip
    return _links.query(
        f"""with marked as (
            select rows.*, left_over.product is not null as is_gone, basis.basis, told.says
            from rows left join left_over on rows.link is null
                and rows.from_classification = left_over.classification
                and rows.from_product = left_over.product
            left join basis on rows.link is not null and basis.source = rows.from_product
                and rows.from_classification = basis.hs
            left join told on rows.link is not null
                and rows.from_classification = told.hs
        ) select * replace (
            if(is_gone, null, product) as product,
            if(is_gone, null, if(link is null, 1.0, weight)) as weight,
            if(is_gone, 'not converted', if(link is null, 'as published', basis)) as basis,
            {bounds}
        ) from marked order by row, product""",
        rows=rows,
        left_over=left,
        basis=basis,
        told=told,
    )


def _check(path: Path, own: Own, made: pa.Table) -> None:
    """Refuse a result that lost or invented anything, row by row and in all.

    Raises:
        EntrepotError: A row's parts do not sum to it, one is missing, or a code's amount is not
            inside its bounds.
    """
    for key, name in zip(own.ids, own.amounts, strict=True):
        near = f"abs(a - b) <= {_links.TOLERANCE} * greatest(abs(a), abs(b))"
        wrong = _links.query(
            f"""with parts as (select row, sum({key}) as b from made group by row),
            pairs as (select row, given.{key} as a, b, parts.row is null as is_lost
                from given full join parts using (row))
            select row, a, b from pairs
            where is_lost or (a is null) <> (b is null) or not coalesce({near}, true)
            union all
            select null, a, b from (select (select fsum({key}) from given) as a,
                (select fsum({key}) from made) as b) where not coalesce({near}, true)
                and (select sum(abs({key})) from given) * {_links.TOLERANCE} < abs(a - b)
            union all
            select null, sum({key}), sum({key}_high) from made where {key}_low is not null
            group by product having sum({key}) + {_links.TOLERANCE} * sum(abs({key}))
                < sum({key}_low) or sum({key}) - {_links.TOLERANCE} * sum(abs({key}))
                > sum({key}_high)""",
            given=own.rows,
            made=made,
        ).to_pylist()
        if wrong:
            raise EntrepotError(
                f"convert: {path.name}: {name} is not conserved ({wrong[0]}); expected sums to "
                "stay what they were: report the case, nothing was written"
            )


def _named(path: Path, own: Own, made: pa.Table, after: str) -> pa.Table:
    """Return the result under the names that people see."""
    ids = own.ids
    columns = {
        **{f"l{at}": name for at, name in enumerate(own.labels)},
        "product": after.lower(), "link": "link", "weight": "weight", "basis": "basis",
        **{f"{key}{side}": f"{name}{side}"
           for key, name in zip(ids, own.amounts, strict=True) for side in ("", "_low", "_high")},
        "says": "concordance",
    }  # fmt: skip
    names = [name.lower() for name in columns.values()]
    if twice := [name for name in columns.values() if names.count(name.lower()) > 1]:
        raise SourceError(
            f"{path.name}: column {twice[0]!r} has a name that the result needs; rename it in the "
            "table"
        )
    return made.select([*columns]).rename_columns([*columns.values()])
