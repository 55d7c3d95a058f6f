"""What is left of a table: rows to leave out, columns that nothing reads, questions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from entrepot.errors import SourceError
from entrepot.sources.generic.mapping import NEEDED, column
from entrepot.sources.generic.proposing import words as known
from entrepot.sources.generic.proposing.amounts import kind
from entrepot.sources.generic.proposing.columns import bare
from entrepot.sources.generic.proposing.draft import ASKED, LISTS, WHOLE

if TYPE_CHECKING:
    from entrepot.sources.generic.proposing.draft import Draft


def filters(f: Draft) -> None:
    """Leave out sums among the products, and ask what is no code, such as secret trade."""
    product = f.given.get("product")
    if not product:
        return
    codes = re.compile(r"\d{1,14}|TOTAL|\d\d[0-9A-Z]{6}")
    odd = [word for word in f.columns.every(product) if not codes.fullmatch(bare(word))]
    if totals := [word for word in odd if known.is_total(word)]:
        f.leave_out(product, totals)
        f.made.guesses.append(
            f"rows of {', '.join(map(repr, totals))} in {product!r} are left out ([filter])"
        )
    if words := [word for word in odd if word not in totals]:
        f.made.asked["codes.product"] = (
            f"what {', '.join(map(repr, words[:5]))} in {product!r} is, no code of a product: "
            f'--set "leave_out.{product}={",".join(words[:5])}" leaves such rows out, and what '
            "they hold is missing from every sum"
        )


def rest(f: Draft) -> None:
    """Say what other columns do: what could split a figure is asked, never passed by."""
    told = {key: [column(w) for w in f.told.get(key, "").split(",") if w] for key in LISTS}
    named = {*told["parts"], *told["ignore"], *f.made.mapping.get("filter", {})}
    left = [name for name in f.columns.free if name not in named]
    asked = [name for name in left if _may_split(f, name, _keys(f))]
    for name in asked:
        shown = ", ".join(map(repr, f.columns.every(name)[:6]))
        f.made.asked[f"columns.{name}"] = (
            f'what {name!r} ({shown}) does: --set "filter.{name}=WORD" keeps some of its rows, '
            f'--set "parts={name}" adds them up, --set "ignore={name}" if it says nothing'
        )
    parts = [*told["parts"], *_units(f)]
    if parts:
        f.given["parts"] = parts
    ignore = [*f.given.get("ignore", []), *told["ignore"]]
    ignore += [name for name in left if name not in asked]
    if ignore:
        f.given["ignore"] = list(dict.fromkeys(ignore))
    keys = [*_keys(f), *parts]
    if not asked and keys and _is_small(f) and not f.format.get("sum"):
        several, _differ = f.columns.repeated(keys, [])
        if several:
            f.made.asked["sum"] = (
                f"why {several:,} cells stand in several rows that nothing tells apart: "
                "--set sum=true if they are parts to be added"
            )


def _keys(f: Draft) -> list[str]:
    """The columns that identify a cell."""
    names = [f.given[key] for key in ("reporter", "partner", "flow", "product") if key in f.given]
    period = f.given.get("period")
    year = f.made.mapping.get("wide", {}).get("year")
    names += list(period.values()) if isinstance(period, dict) else [period] * bool(period)
    return [*names, *([year] if isinstance(year, str) else [])]


def _is_small(f: Draft) -> bool:
    return f.made.path.stat().st_size <= WHOLE


def _units(f: Draft) -> list[str]:
    """The column of units, where it splits cells."""
    unit = f.given.get("quantity_unit")
    if not unit or not _keys(f) or not _is_small(f):
        return []
    _several, differ = f.columns.repeated(_keys(f), [unit])
    if differ:
        f.made.guesses.append(f"rows that differ in {unit!r} are parts of one figure")
    return differ


def _may_split(f: Draft, name: str, keys: list[str]) -> bool:
    """Whether a column could tell rows of one figure apart, or which rows are whose.

    What one of the columns that are read decides, such as the name of a product, cannot; nor can a
    further figure, or a number of the row.
    """
    if not f.columns.cells[name] or is_figure(f, name):
        return False
    if known.field(name)[0] == "source":
        return len(f.columns.every(name)) > 1
    return not any(f.columns.decides(key, name) for key in keys) and not (
        known.field(name)[0] == "text" and f.columns.is_number(name)
    )


def is_figure(f: Draft, name: str) -> bool:
    """Whether a column holds further figures, such as a value in another currency."""
    return kind(name) in ("value", "net_mass_kg", "quantity") and (
        f.columns.share("value", name) >= 0.6 or name in f.columns.table.numbers
    )


def needed(f: Draft) -> None:
    """Ask for what a mapping needs and the file does not show."""
    wide, flows = "wide" in f.made.mapping, "flows" in f.made.mapping
    for key in NEEDED:
        given = not f.missing(key) or (key in ("flow", "value") and flows)
        if not given and not (wide and key in ("period", "value")) and key != "freq":
            f.made.asked[key] = ASKED[key]
    if not {"product", "value"} - f.made.asked.keys() and f.missing("period"):
        raise SourceError(
            f"{f.made.path.name}: no column looks like products, values or periods; "
            f"expected a table of trade (columns: {', '.join(f.columns.table.header[:8])}); "
            "write a mapping yourself (docs: bring your own data)"
        )
