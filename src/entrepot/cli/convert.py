"""convert: a table of one's own in the codes of another HS revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from entrepot.cli._common import AsOf, Format, Shown, Sources, Store, kind, reading, say

if TYPE_CHECKING:
    from entrepot.conversion.run import Converted

ENDINGS = (".csv", ".parquet", ".xlsx", ".json")


def convert(
    file: Annotated[Path, typer.Argument(help="A table: CSV, TSV, Parquet or XLSX.")],
    before: Annotated[
        str,
        typer.Option("--from", help="Its HS revision, as HS2017; or the column that names it."),
    ],
    after: Annotated[str, typer.Option("--to", help="The HS revision wanted, as HS2022.")],
    code: Annotated[
        str, typer.Option(help="Column of codes.  [default: the only one that holds some]")
    ] = "",
    value: Annotated[
        list[str] | None,
        typer.Option(
            help="Column of values to divide; repeatable.  [default: all amounts by their names]"
        ),
    ] = None,
    quantity: Annotated[
        list[str] | None,
        typer.Option(help="Column of quantities or mass to divide; repeatable."),
    ] = None,
    weights: Annotated[
        str,
        typer.Option(
            help="recommended, equal, trade, estimated, or a CSV of source,target,weight."
        ),
    ] = "recommended",
    unconverted: Annotated[
        Literal["refuse", "keep"],
        typer.Option(help="What to do with codes that no table links: refuse, or keep apart."),
    ] = "refuse",
    tables: Annotated[
        list[Path] | None,
        typer.Option(help="UNSD's workbook in place of the store's; repeatable."),
    ] = None,
    told: Annotated[
        list[str] | None,
        typer.Option("--set", help="How the file is written: decimal=, sheet=, pad_products=6."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write: .csv, .parquet, .xlsx or .json.")
    ] = None,
    sources: Sources = None,
    store: Store = None,
    as_of: AsOf = None,
    chosen: Shown = None,
) -> None:
    """Convert a table of your own to another HS revision, with weights, bounds and nothing lost.

    A code that was divided gives a row per new code: the amount times a weight, and beside it what
    at least and at most can be of that code. Sums stay what they were, checked on every run.
    """
    from entrepot.cli._proposing import answers
    from entrepot.conversion.asked import Conversion, target
    from entrepot.conversion.run import converted
    from entrepot.errors import StudyError

    if out is not None and out.suffix.lower() not in ENDINGS:
        raise StudyError(f"convert: --out {out.name}: expected a name with {', '.join(ENDINGS)}")
    asked = Conversion(
        file, before, after, code, tuple(value or ()), tuple(quantity or ()), answers(told or [])
    )
    target(asked, is_given=bool(tables))  # a wrong revision is told before an absent store
    made = converted(
        asked, reading(store, as_of), weights=weights, left=unconverted,
        tables=tuple(tables or ()), sources=tuple(sources or ()),
    )  # fmt: skip
    for what, said in made.about:
        say(f"{what.lower()}: {said}")
    if out is not None:
        _write(made, out)
        say(f"written: {out}")
    if out is None or chosen is not None:
        _print(made, chosen)


def _print(made: Converted, chosen: Format | None) -> None:
    import sys

    from entrepot.publish.export import table

    rows = made.rows
    if kind(chosen) is Format.table:  # the file and its day stand above
        rows = rows.drop_columns(["concordance"])
    table(rows, None, kind(chosen).value, sys.stdout)


def _write(made: Converted, out: Path) -> None:
    from entrepot.errors import StudyError
    from entrepot.publish.export import table
    from entrepot.publish.workbook import MOST, workbook
    from entrepot.publish.writing import together

    ending = out.suffix.lower()
    if ending == ".xlsx" and made.rows.num_rows > MOST:
        raise StudyError(
            f"convert: --out {out.name}: {made.rows.num_rows:,} rows, and a sheet has {MOST:,}; "
            "write .parquet or .csv"
        )
    with together(out.parent, "the table") as fresh:
        path = fresh / out.name
        if ending == ".xlsx":
            columns = [made.rows.column(name).to_pylist() for name in made.rows.column_names]
            rows = [*zip(*columns, strict=True)]
            workbook(path, {"Converted": (made.rows.column_names, rows),
                            "About": (("What", "Said"), made.about)})  # fmt: skip
        elif ending == ".parquet":
            with path.open("wb") as stream:
                table(made.rows, None, "parquet", stream)
        else:
            with path.open("w", encoding="utf-8", newline="") as text:
                table(made.rows, None, ending[1:], text)
