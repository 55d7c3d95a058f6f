"""Tables: a file of one's own as rows with a code and amounts, its columns found or asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from entrepot.contracts import RawFile
from entrepot.conversion.asked import revision
from entrepot.errors import SourceError
from entrepot.reference._files import near, shown
from entrepot.sources import _read
from entrepot.sources._guard import guard
from entrepot.sources.comtrade.codes import CLASSIFICATIONS
from entrepot.sources.generic import any_file, written_numbers
from entrepot.sources.generic.proposing import amounts
from entrepot.sources.generic.proposing import words as column_words
from entrepot.sources.generic.proposing.columns import AMOUNT, Columns, bare, numbers
from entrepot.sources.generic.proposing.opening import look

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from entrepot.conversion.asked import Conversion

FORMAT = (
    *("delimiter", "encoding", "decimal", "thousands", "sheet", "header_row", "header_rows"),
    *("missing", "pad_products"),
)
AGREE = 0.5
"""Share of a column's words that must be codes of the revision: wrong and old ones are others."""
NUMBERS = 0.6
"""Share of a column's words that make it a column of numbers: remarks are the others."""


@dataclass(frozen=True, slots=True)
class Own:
    """A table of one's own, as it was read.

    `rows` has row (counted from 1), classification, product (digits), and per column of the file
    l0, l1 and so on as it stands, or a0, a1 and so on for an amount as a number. `labels` and
    `amounts` are the names of those columns in the file, `code` is that of the codes; `notes` are
    what a reader should confirm, a line each.
    """

    rows: pa.Table
    labels: tuple[str, ...]
    amounts: tuple[str, ...]
    code: str
    notes: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """The columns of `rows` that hold amounts."""
        return [f"a{at}" for at in range(len(self.amounts))]


def read(asked: Conversion, codes: Collection[str]) -> Own:
    """Read a table: CSV, TSV, Parquet, XLSX or HTML, opened as `source ingest generic` opens it.

    Args:
        asked: The file, and what the user says of it.
        codes: The codes that can be converted; a column of them is the column of codes.

    Raises:
        SourceError: The file is no table, a column is not there or cannot be told from others,
            or an amount is no number.
    """
    path = asked.path
    if not path.is_file():
        raise SourceError(f"{path}: no such file; expected a table: CSV, TSV, Parquet or XLSX")
    told = _told(path, asked.told)
    with guard(path), duckdb.connect() as connection:
        how, _titles = look(path, {k: v for k, v in told.items() if k != "pad_products"})
        table = any_file.open_table(RawFile(path, locate=True), how, connection)
        columns = Columns(table, connection)
        return _Reader(asked, columns, how, told).own(codes)


def _told(path: Path, told: Mapping[str, str]) -> dict[str, Any]:
    for key, text in told.items():
        if key not in FORMAT:
            raise SourceError(f"{path.name}: --set {key}: {near(key, FORMAT)}")
        if key in ("header_row", "header_rows", "pad_products") and not text.isdigit():
            raise SourceError(f"{path.name}: --set {key}={text}: expected a number, such as 6")
    found: dict[str, Any] = {k: int(v) if k[-1] in "ws" and v.isdigit() else v
                             for k, v in told.items()}  # fmt: skip
    return found | ({"missing": told["missing"].split(",")} if "missing" in told else {})


@dataclass(frozen=True, slots=True)
class _Reader:
    asked: Conversion
    columns: Columns
    how: dict[str, Any]
    told: dict[str, Any]

    def own(self, codes: Collection[str]) -> Own:
        code = self._code(codes)
        amounts, notes = self._amounts(code, codes)
        self._refuse_other_revision()
        table = self.columns.table
        how = self._signs(amounts)
        labels = [n for n in table.header if n not in amounts and n not in table.spare]
        native = _read.head(self.asked.path, parquet=True).startswith(_read.PARQUET)
        made = {
            "row": "row_number() over ()",
            "classification": self._classification(),
            "product": self._digits(code),
            **{f"l{at}": _read.name(name) if native else table.text(name)
               for at, name in enumerate(labels)},
            **{f"a{at}": self._number(name, how) for at, name in enumerate(amounts)},
        }  # fmt: skip
        select = ", ".join(f"{sql} as {name}" for name, sql in made.items())
        rows = self.columns.connection.sql(f"select {select} from {table.rows.sql}")
        notes = (*notes, *self._blanks(amounts, how))
        found = Own(rows.to_arrow_table(), tuple(labels), amounts, code, notes)
        _refuse_lengths(self.asked.path, found)
        return found

    def _named(self, name: str, option: str) -> str:
        header = self.columns.table.header
        if name not in header:
            raise SourceError(
                f"{self.asked.path.name}: --{option} {name}: no such column; {near(name, header)}"
            )
        return name

    def _code(self, codes: Collection[str]) -> str:
        """The column of codes: the one named, else the only one that holds them."""
        if self.asked.code:
            return self._named(self.asked.code, "code")
        found = [name for name in self.columns.free if self._share(name, codes) >= AGREE]
        named = [name for name in found if column_words.field(name)[0] == "product"]
        if len(found) > 1 and len(named) == 1:
            found = named
        if len(found) != 1:
            what = f"{len(found)} columns" if found else "no column"
            raise SourceError(
                f"{self.asked.path.name}: {what} with HS codes"
                f"{f' ({_read.some(found)})' if found else ''}; expected one; name it with --code "
                f"COLUMN, one of {_read.some(self.columns.free)}"
            )
        return found[0]

    def _share(self, name: str, codes: Collection[str]) -> float:
        words = [bare(word).lstrip("'") for word in dict.fromkeys(self.columns.cells[name])]
        fit = sum(word[:6] in codes or (len(word) % 2 == 1 and f"0{word[:5]}" in codes)
                  for word in words if word.isdigit())  # fmt: skip
        return fit / len(words) if words else 0.0

    def _amounts(
        self, code: str, codes: Collection[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns to divide: those named, else every one that is an amount by its name."""
        asked = self.asked
        rest = [n for n in self.columns.free if n not in (code, asked.before)]
        numeric = [n for n in rest if self._is_numeric(n)]
        numeric = [n for n in numeric if n in asked.values or self._share(n, codes) < AGREE]
        if named := [*(self._named(n, "value") for n in asked.values),
                     *(self._named(n, "quantity") for n in asked.quantities)]:  # fmt: skip
            _refuse_twice(asked.path, [code, *named])
            left = [n for n in numeric if n not in named and not _is_label(n)]
            carried = (f"{_read.some(left)}: carried along on every row as it is, not divided; "
                       "name it with --value or --quantity if it is an amount",)  # fmt: skip
            return tuple(named), carried if left else ()
        found = [n for n in numeric if amounts.kind(n) in _AMOUNTS]
        unclear = [n for n in numeric if n not in found and not _is_label(n)]
        if unclear or not found:
            what = (f"whether {_read.some(map(shown, unclear))} is an amount is unclear"
                    if unclear else "no column is an amount by its name")  # fmt: skip
            raise SourceError(
                f"{asked.path.name}: {what}; name every column to divide with --value COLUMN and "
                f"--quantity COLUMN; the table has {_read.some(rest)}"
            )
        return tuple(found), (f"amounts by their names: {', '.join(found)}",)

    def _is_numeric(self, name: str) -> bool:
        """Whether most words of a column are numbers, those for no data left aside."""
        missing = {*column_words.MISSING, *self.told.get("missing", ())}
        words = {*self.columns.cells[name]} - missing
        fit = sum(bool(AMOUNT.fullmatch(word)) for word in words)
        return name in self.columns.table.numbers or (bool(words) and fit >= NUMBERS * len(words))

    def _signs(self, amounts: Sequence[str]) -> dict[str, Any]:
        """How numbers are written; a comma that could mean two things is asked about."""
        texts = [text for name in amounts for text in self.columns.cells[name]
                 if name not in self.columns.table.numbers]  # fmt: skip
        how, doubt = numbers([text for text in texts if re.search(r"\d", text)])
        if doubt and not {"decimal", "thousands"} & self.told.keys():
            raise SourceError(f"{self.asked.path.name}: it is unclear {doubt}")
        return how | self.told

    def _number(self, name: str, how: dict[str, Any]) -> str:
        table = self.columns.table
        text, number = table.text(name), table.numbers.get(name, "cast(null as double)")
        missing = ", ".join(map(_read.quote, how.get("missing", column_words.MISSING)))
        value = f"coalesce({number}, {written_numbers.plain(text, how)})"
        stop = table.rows.problem(
            "Source",
            "{column} is {text!r}; expected a number; if it means no data, say so with --set "
            "missing=WORD; else correct it, or give --set decimal and thousands",
            column=_read.quote(name),
            text=text,
        )
        return (f"case when {text} in ({missing}) then null when isfinite({value}) then {value} "
                f"when {text} is not null then {stop} end")  # fmt: skip

    def _blanks(self, amounts: Sequence[str], how: dict[str, Any]) -> list[str]:
        """Say which words were taken for no data."""
        every = {text for name in amounts for text in self.columns.every(name)}
        words = [repr(word) for word in how.get("missing", column_words.MISSING) if word in every]
        return [f"no data is written as {', '.join(words)}: empty in the result"] if words else []

    def _digits(self, name: str) -> str:
        text = f"""regexp_replace({self.columns.table.text(name)}, '[. ''\u00a0\u202f]', '', 'g')"""
        if width := self.told.get("pad_products"):
            text = f"lpad({text}, greatest({width}, length({text}))::integer, '0')"
        return f"coalesce({text}, '')"

    def _classification(self) -> str:
        if self.asked.revision:
            return _read.quote(self.asked.revision)
        named = self.columns.table.text(self._named(self.asked.before, "from"))
        text = f"upper(replace({named}, ' ', ''))"
        whens = " ".join(f"when '{code}' then '{name}'" for code, name in CLASSIFICATIONS.items())
        return f"coalesce(case {text} {whens} else {text} end, '')"

    def _refuse_other_revision(self) -> None:
        """Refuse a table that names another revision than the user, in a column of its own."""
        asked = self.asked
        for name in self.columns.free if asked.revision else ():
            words = self.columns.cells[name]
            found = {revision(word) for word in dict.fromkeys(words)}
            if words and "" not in found and found != {asked.revision}:
                raise SourceError(
                    f"{asked.path.name}: column {name!r} says {', '.join(sorted(found))}, and "
                    f"--from says {asked.revision}; give --from {shown(name)[1:-1]} to read each "
                    "row by its own, or correct the table"
                )


_AMOUNTS = ("value", "net_mass_kg", "quantity")


def _is_label(name: str) -> bool:
    """Whether a column of numbers counts or names something: a year, a country, the row."""
    kind = amounts.kind(name)
    return (bool(kind) and kind not in _AMOUNTS) or name.startswith("column ")


def _refuse_twice(path: Path, names: Sequence[str]) -> None:
    if twice := [name for name in names if names.count(name) > 1]:
        raise SourceError(
            f"{path.name}: column {twice[0]!r} is named twice in --code, --value and --quantity; "
            "expected each once"
        )


def _refuse_lengths(path: Path, own: Own) -> None:
    """Refuse codes that lost a zero, and codes of several lengths: they count goods twice."""
    codes = [code for code in own.rows["product"].unique().to_pylist() if code.isdigit()]
    lost = sorted(code for code in codes if len(code) in (3, 5, 7, 11))
    if lost:
        raise SourceError(
            f"{path.name}: code {lost[0]} has {len(lost[0])} digits ({len(lost)} such codes); "
            "expected an even number, so a leading zero was lost; give --set pad_products=6 (or 8)"
        )
    sizes = sorted({len(code) for code in codes if len(code) >= 6})
    if len(sizes) > 1:
        raise SourceError(
            f"{path.name}: codes of {' and '.join(map(str, sizes))} digits; expected one length, "
            "since a code and those under it count the same goods twice; keep one of them, or give "
            f"--set pad_products={sizes[-1]} if zeros were lost"
        )
