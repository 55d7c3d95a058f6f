"""Checks: what must hold for staged rows before they may become a vintage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from entrepot.errors import DuplicateError, ScopeError, SourceError, StoreError
from entrepot.schema import FLOW, FLOWS, FREQ, STATUS, VALUATION
from entrepot.store.known import SLICE
from entrepot.store.paths import parquet
from entrepot.store.snapshot import relation
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from entrepot.store.vintages import Scope, Vintage

CELL = ", ".join(FLOWS.keys)
AMOUNTS = ("value_local", "value_usd", "net_mass_kg", "quantity")
NO_CHAPTER = "00"
"""The Harmonized System begins with chapter 01: a code below 00 has a zero before it too many."""
_ALLOWED = " and ".join(
    f"{column.name} in {column.allowed}" for column in (FREQ, FLOW, VALUATION, STATUS)
)
_WHOLE = " and ".join(f"{name} is not null" for name in [*FLOWS.keys, "currency"])
# NaN is above every number to DuckDB, so no comparison finds it.
_SOUND = " and ".join(
    [
        "coalesce(status = 'confidential' or value_usd is not null, false)",
        "(coalesce(value_local < 0, false) = (status = 'correction'))",
        *(f"coalesce(isfinite({name}), true)" for name in AMOUNTS),
        *(f"coalesce({name} >= 0, true)" for name in AMOUNTS[2:]),
        f"not starts_with(product, '{NO_CHAPTER}')",
    ]
)
_HS = "regexp_full_match(classification, 'HS[0-9]{4}')"


def check_rows(con: DuckDBPyConnection, names: dict[str, str]) -> None:
    """Refuse staged rows that are empty, outside the schema, not finite or doubled.

    Args:
        con: Connection with the relation `staged`, in the columns of `schema.FLOWS`.
        names: The raw files' names by the digits in the `file` column.

    Raises:
        SourceError: No rows at all, or a value that the schema does not allow.
        DuplicateError: One cell has two rows, in one file or in two, or differs between two
            revisions of the HS.
    """
    counts = dict(con.execute("select file, count(*) from staged group by file").fetchall())
    for file, name in names.items():
        if not counts.get(file):
            raise SourceError(
                f"{name}: holds no trade value; check that it is the table you meant to download"
            )
    odd = con.execute(f"""select file, {CELL}, status, {", ".join(AMOUNTS)} from staged
        where not ({_WHOLE} and {_ALLOWED}) or not ({_SOUND}) limit 1""").fetchone()
    if odd:
        raise SourceError(f"{names[odd[0]]}: {_cell(odd[1:9])} {_oddity(*odd[8:])}")
    _refuse_twice(con, names)
    _refuse_two_revisions(con, names)


def _oddity(product: str, status: str | None, value: float | None, *others: float | None) -> str:
    """What is wrong with a row, what was expected and what to do."""
    mend = "correct the file or its mapping, or ask the publisher"
    if product.startswith(NO_CHAPTER):
        return f"has a code of chapter {NO_CHAPTER}, which the HS does not have: {mend}"
    for name, amount in zip(AMOUNTS, (value, *others), strict=True):
        if amount is None:
            continue
        if not math.isfinite(amount):
            return f"has the {name} {amount}; expected a finite number: {mend}"
        if amount < 0 and name in AMOUNTS[2:]:
            return f"has the {name} {amount}; expected zero or more: {mend}"
    return (
        f"has the value {value} with status {status}; expected a value of zero or more in a known "
        "flow, valuation and status: correct the file or its mapping"
    )


def _refuse_twice(con: DuckDBPyConnection, names: dict[str, str]) -> None:
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


def _refuse_two_revisions(con: DuckDBPyConnection, names: dict[str, str]) -> None:
    """Refuse cells that two revisions of the HS give differently: a sum would count both."""
    cell = ", ".join(name for name in FLOWS.keys if name != "classification")
    found = con.execute(f"""
        with mixed as (
            select {", ".join(SLICE)} from staged where {_HS} group by all
            having count(distinct classification) > 1),
        differing as (
            select min(file) as one, max(file) as other, {cell},
                list_sort(list(classification || ' ' || format('{{:,.2f}}', value_local))) as given
            from (from staged where {_HS}) semi join mixed using ({", ".join(SLICE)})
            group by {cell} having count(*) > 1
            and count(distinct (value_local, net_mass_kg, quantity, status)) > 1)
        select one, other, reporter, flow, partner, product, freq, period, given,
            (select count(*) from differing)
        from differing order by {cell} limit 1""").fetchone()
    if found is None:
        return
    one, other, reporter, flow, partner, product, freq, period, given, cells = found
    day = str(period)[: 4 if freq == "A" else 7]
    raise DuplicateError(
        f"{' and '.join(sorted({names[one], names[other]}))}: {reporter} {flow} {partner} "
        f"{product} {day} stands in two revisions of the HS ({'; '.join(given)}; cells so: "
        f"{cells:,}); expected one, because a sum would count both; keep the revision in which it "
        "was reported"
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
        slices = parquet([stored.folder / SLICES])
        shared = con.execute(
            f"""select count(*), min(reporter || ' ' || flow || ' ' || strftime(period, '%Y-%m'))
            from staged_slices join {slices} using ({", ".join(SLICE)})"""
        ).fetchone()
        if shared and shared[0]:
            raise ScopeError(
                f"{name}: {shared[0]:,} slices (first: {shared[1]}) are in {stored.id} too, "
                f"which {'is older and has' if is_newer else 'is newer and lacks'} "
                f"{_lacking(old, new)}; say --scope part if the files at hand hold only some "
                "products or partners, --scope whole if they are all that was published"
            )


def check_days(con: DuckDBPyConnection, name: str, stored_vintages: list[Vintage]) -> None:
    """Refuse a vintage whose day nobody said where it contradicts another of that kind.

    Which of them is newer is then only the order in which they were taken in.

    Args:
        con: Connection with the relation `staged`.
        name: Id of the staged vintage, whose day is that of this run for want of another.
        stored_vintages: Stored vintages of the same source.

    Raises:
        StoreError: A cell has another value in a stored vintage whose day is not known either.
    """
    for stored in stored_vintages:
        if stored.dated:
            continue
        slices = con.execute(
            f"""select count(*) from (select distinct {", ".join(SLICE)} from staged)
            semi join {parquet([stored.folder / SLICES])} using ({", ".join(SLICE)})"""
        ).fetchone()
        if slices == (0,):
            continue
        found = con.execute(f"""select {CELL}, n.value_local, o.value_local, count(*) over ()
            from staged n join {parquet(stored.flows)} o using ({CELL})
            where n.value_local is distinct from o.value_local
            order by {CELL} limit 1""").fetchone()
        if found:
            *cell, here, there, cells = found
            raise StoreError(
                f"{name}: {_cell(cell)} is {_figure(here)} here and {_figure(there)} in "
                f"{stored.id} (cells that differ: {cells:,}), and neither says the day it was "
                "published; expected to know which is newer; say --published with the day these "
                f"files were published or downloaded, before {stored.published} if they are older"
            )


def _figure(value: float | None) -> str:
    return "hidden" if value is None else f"{value:,.2f}"


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
