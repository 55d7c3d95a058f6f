"""Checks: what must hold for staged rows before they may become a vintage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import DuplicateError, ScopeError, SourceError
from entrepot.schema import FLOW, FLOWS, FREQ, STATUS, VALUATION
from entrepot.store.known import SLICE
from entrepot.store.snapshot import relation
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from entrepot.store.vintages import Scope, Vintage

CELL = ", ".join(FLOWS.keys)
_ALLOWED = " and ".join(
    f"{column.name} in {column.allowed}" for column in (FREQ, FLOW, VALUATION, STATUS)
)
_WHOLE = " and ".join(f"{name} is not null" for name in [*FLOWS.keys, "currency"])


def check_rows(con: DuckDBPyConnection, names: dict[str, str]) -> None:
    """Refuse staged rows that are empty, outside the schema, negative or doubled.

    Args:
        con: Connection with the relation `staged`, in the columns of `schema.FLOWS`.
        names: The raw files' names by the digits in the `file` column.

    Raises:
        SourceError: No rows at all, or a value that the schema does not allow.
        DuplicateError: One cell has two rows, in one file or in two.
    """
    counts = dict(con.execute("select file, count(*) from staged group by file").fetchall())
    for file, name in names.items():
        if not counts.get(file):
            raise SourceError(
                f"{name}: holds no trade value; check that it is the table you meant to download"
            )
    odd = con.execute(f"""select file, {CELL}, value_local from staged
        where not ({_WHOLE} and {_ALLOWED} and value_local >= 0) limit 1""").fetchone()
    if odd:
        raise SourceError(
            f"{names[odd[0]]}: {_cell(odd[1:9])} has the value {odd[9]}; expected a value of zero "
            "or more in a known flow, valuation and status: correct the file or its mapping"
        )
    twice = con.execute(f"""select min(file), max(file), {CELL}, count(*),
        (select count(*) from (select 1 from staged group by {CELL} having count(*) > 1))
        from staged group by {CELL} having count(*) > 1 order by {CELL} limit 1""").fetchone()
    if twice:
        first, last, *cell, rows, cells = twice
        if first == last:
            raise DuplicateError(
                f"{names[first]}: {_cell(cell)} appears {rows} times (cells repeated: {cells:,}); "
                "remove the repeated rows, or map the column that tells them apart"
            )
        raise DuplicateError(
            f"{' and '.join(sorted((names[first], names[last])))} overlap: both give "
            f"{_cell(cell)} (cells in both: {cells:,}); ingest them one after the other if one "
            "revises the other, or drop one"
        )


def check_scope(
    con: DuckDBPyConnection, name: str, scope: Scope, published: str, stored_vintages: list[Vintage]
) -> None:
    """Refuse a vintage of undeclared scope that could hide rows without replacing them.

    Args:
        con: Connection with the relations `staged_slices` and, per stored vintage, its slices.
        name: Id of the staged vintage.
        scope: What it speaks for.
        published: Its day, ISO.
        stored_vintages: Stored vintages of the same source.

    Raises:
        ScopeError: The newer of two vintages with common slices lacks products or partners of the
            older, and nobody said whether they were withdrawn or left out of the file.
    """
    for stored in stored_vintages:
        is_newer = published >= stored.published.isoformat()
        old, new = (stored.scope, scope) if is_newer else (scope, stored.scope)
        if scope.declared or relation(old, new) == "covers":
            continue
        shared = con.execute(
            f"""select count(*), min(reporter || ' ' || flow || ' ' || strftime(period, '%Y-%m'))
            from staged_slices join read_parquet($1) using ({", ".join(SLICE)})""",
            [str(stored.folder / SLICES)],
        ).fetchone()
        if shared and shared[0]:
            raise ScopeError(
                f"{name}: {shared[0]:,} slices (first: {shared[1]}) are in {stored.id} too, "
                f"which {'is older and has' if is_newer else 'is newer and lacks'} "
                f"{_lacking(old, new)}; say --scope part if the files at hand hold only some "
                "products or partners, --scope whole if they are all that was published"
            )


def _lacking(old: Scope, new: Scope) -> str:
    for what, had, has in (
        ("products", old.products, new.products),
        ("partners", old.partners, new.partners),
    ):
        if has is not None:
            gone = sorted(set(had or ()) - set(has))
            if had is None or gone:
                some = f" ({', '.join(gone[:3])}{', ...' if len(gone) > 3 else ''})"
                return f"{len(gone) or 'other'} more {what}{some if gone else ''}"
    return "other rows"


def _cell(cell: tuple[object, ...] | list[object]) -> str:
    source, freq, period, reporter, partner, flow, classification, product = cell
    day = str(period)[: 4 if freq == "A" else 7]
    return f"{reporter} {flow} {partner} {classification} {product} {day} ({source})"
